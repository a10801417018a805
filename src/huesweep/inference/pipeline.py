"""Many photos from file to file: read, colored or enlarged those of the same working size together, and written."""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
import torch
from pydantic.dataclasses import dataclass
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from huesweep.colorizer.coloring import ColorizeOptions, colorize, grayscale, working_size
from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.inference.enlarge import enlarge
from huesweep.inference.photo_file import Photo, read_photo, write_photo
from huesweep.inference.photo_formats import check_sides, check_transparency, format_of
from huesweep.inference.photo_pixels import count_pages, tell_first
from huesweep.inference.photos import OURS, Found, identities, missing_results, result_paths
from huesweep.io.leftovers import remove_leftovers
from huesweep.ranges import Count, Positive
from huesweep.registry import CHECKS

PENDING = 30e6  # pixels of photos that wait for others of their size
OUTPUTS = 2**26  # numbers that the network may give at once


@dataclass(frozen=True, config=CHECKS)
class Files:
    """How photos are read and results written.

    format: of results, one of photo_formats.FORMATS, or None for each photo's own. overwrite: replace results that
    exist. compare: also write gray, colored and original side by side. pages: of files with several, the first, or all,
    each with its own results. max_megapixels: larger photos are refused. batch_size: photos of the same working size
    that are colored at once.
    """

    format: str | None = None
    overwrite: bool = False
    compare: bool = False
    pages: Literal["first", "all"] = "first"
    max_megapixels: Positive = 120.0
    batch_size: Count = 16


class _Work(NamedTuple):
    """A photo that has been read, where its results go, and which of them are not there yet."""

    path: Path
    photo: Photo
    results: list[Path]
    missing: list[Path]


class _Goal(NamedTuple):
    """A photo, or one of its pages, and where its results go."""

    path: Path
    page: int | None
    results: list[Path]
    remark: str


class PhotoPipeline:
    """Colors photos with a colorizer, or enlarges them with one that does that.

    Raises UsageError for options that the colorizer can't follow.
    """

    def __init__(self, colorizer: Colorizer, options: ColorizeOptions, files: Files, device: torch.device) -> None:
        self.colorizer = colorizer
        self.options = options
        self.files = files
        self.device = device
        self.tell: Callable[[str], object] = print  # what a person should know of a photo
        self.enlarges = colorizer.task.enlarges > 1
        if self.enlarges:
            check_enlarging(options, files)
            self.words = ["enlarged"]
            return
        options.check(colorizer)
        self.words = [f"colored-{number}" for number in range(1, options.samples + 1)] or ["colored"]
        self.words += ["compared"] * files.compare

    def process(
        self, photos: Sequence[Path], out: str, is_one: bool, below: Mapping[Path, Path] | None = None
    ) -> Iterator[list[Path] | str]:
        """For each photo or page, in some order, the paths written or why there are none; see result_paths.

        below: folders between `out` and a photo's results. Of several photos or pages, those are passed over whose
        results are there: no path. What an earlier start left that was killed while it wrote a result is removed.
        """
        originals = identities(photos)
        cleaned: set[Path] = set()
        groups: dict[tuple[int, int], list[_Work]] = {}
        taken: set[Path] = set()
        for goal in self._goals(photos, out, is_one, below or {}):
            try:
                if isinstance(goal, str):
                    yield goal
                    continue
                is_asked_for = is_one and goal.page is None
                missing = missing_results(goal.results, originals, taken, self.files.overwrite, keep=not is_asked_for)
                taken |= set(goal.results)
                _clean(goal.results, cleaned, is_named=is_one)
                if not missing:
                    yield []
                    continue
                work = self._read(goal, missing)
            except (UsageError, OSError) as error:  # a name may be too long, a folder closed
                yield str(error)
                continue
            if self.enlarges:
                yield self._enlarge(work)
                continue
            size = working_size(self.colorizer, work.photo.pixels, self.options)
            groups.setdefault(size, []).append(work)
            most = max(1, OUTPUTS // (size[0] * size[1] * self.colorizer.target.channels))
            waiting = sum(other.photo.pixels[..., 0].size for group in groups.values() for other in group)
            if waiting > PENDING:
                for group in groups.values():
                    yield from self._color(group)
                groups.clear()
            elif len(groups[size]) >= min(self.files.batch_size, most):
                yield from self._color(groups.pop(size))
        for group in groups.values():
            yield from self._color(group)

    def _goals(
        self, photos: Sequence[Path], out: str, is_one: bool, below: Mapping[Path, Path]
    ) -> Iterator[_Goal | str]:
        for path in photos:
            count = count_pages(path, self.files.max_megapixels)
            is_each = count > 1 and self.files.pages == "all"
            remark = f"{tell_first(count)} (pages=all takes all)" if count > 1 and not is_each else ""
            for page in range(count) if is_each else [None]:
                try:
                    folder = below.get(path, Path())
                    results = result_paths(
                        path, out, is_one, self.words, self.files.format, self.files.max_megapixels, folder, page
                    )
                    yield _Goal(path, page, results, remark)
                except (UsageError, OSError) as error:
                    yield str(error)

    def _read(self, goal: _Goal, missing: list[Path]) -> _Work:
        for result in goal.results:
            format_of(result, self.files.format)
        photo = read_photo(goal.path, self.files.max_megapixels, goal.page)
        for result, width, height in zip(goal.results, *self._sizes(photo), strict=True):
            check_sides(result, format_of(result, self.files.format), width, height)
        if photo.alpha is not None and not self.enlarges:
            check_transparency(goal.results[0], format_of(goal.results[0], self.files.format))
        for remark in (*photo.remarks, *([goal.remark] if goal.remark else [])):
            self.tell(f"{goal.path}: {remark}")
        return _Work(goal.path, photo, goal.results, missing)

    def _sizes(self, photo: Photo) -> tuple[list[int], list[int]]:
        """Widths and heights of a photo's results."""
        height, width = photo.pixels.shape[:2]
        if self.enlarges:
            factor = self.colorizer.task.enlarges
            return [factor * width], [factor * height]
        count = len(self.words) - self.files.compare
        beside = (count + (1 if photo.is_gray else 2)) * width
        return [width] * count + [beside] * self.files.compare, [height] * len(self.words)

    def _color(self, group: list[_Work]) -> Iterator[list[Path] | str]:
        pixels = [work.photo.pixels for work in group]
        done = 0
        try:
            for work, colorings in zip(group, colorize(self.colorizer, pixels, self.options, self.device), strict=True):
                if self.files.compare:
                    colorings = list(colorings)
                    gray = grayscale(self.colorizer, work.photo.pixels)
                    original = [] if work.photo.is_gray else [work.photo.pixels]
                    colorings = [*colorings, np.concatenate([gray, *colorings, *original], axis=1)]
                outcome = self._write(work, colorings)
                done += 1
                yield outcome
        except UsageError as error:  # of a network that is a stranger's file
            for work in group[done:]:
                yield f"img={work.path}: {error}"

    def _write(self, work: _Work, pictures: Iterable[np.ndarray]) -> list[Path] | str:
        try:
            for path, pixels in zip(work.results, pictures, strict=True):
                if path not in work.missing:
                    continue
                alpha = work.photo.alpha if pixels.shape[:2] == work.photo.pixels.shape[:2] else None
                format = format_of(path, self.files.format)
                for lost in write_photo(path, work.photo._replace(pixels=pixels, alpha=alpha), format):
                    self.tell(f"{path}: {format} does not take {lost} of the photo")
        except UsageError as error:
            return str(error)
        return work.missing

    def _enlarge(self, work: _Work) -> list[Path] | str:
        if work.photo.alpha is not None:
            return f"img={work.path} has transparency, which enlarging can't keep: flatten it first"
        if work.photo.pixels.dtype != np.uint8:
            return f"img={work.path} has 16 bits a value, and enlarging gives 8: convert it first"
        picture = torch.tensor(work.photo.pixels).movedim(-1, 0)
        try:
            enlarged = enlarge(self.colorizer, picture, self.device).movedim(0, -1).contiguous().numpy()
        except UsageError as error:
            return f"img={work.path}: {error}"
        return self._write(work, [enlarged])


def _clean(results: Sequence[Path], cleaned: set[Path], is_named: bool) -> None:
    """Remove leftovers of the results of photos, looking into each folder once.

    is_named: their names may be any that a person has chosen.
    """
    chosen = {result.name for result in results} if is_named else set()
    for folder in {result.parent for result in results} - cleaned:
        remove_leftovers(folder, is_meant=lambda name: name in chosen or OURS.search(Path(name).stem) is not None)
        cleaned.add(folder)


def check_enlarging(options: ColorizeOptions, files: Files) -> None:
    """Raise UsageError for options of coloring, which have no meaning where a photo is enlarged."""
    usual = ColorizeOptions()
    names = [field.name for field in fields(usual) if field.name != "seed"]
    given = [name for name in names if getattr(options, name) != getattr(usual, name)]
    given += ["compare"] * files.compare
    if given:
        raise UsageError(f"{given[0]}= is of coloring; this checkpoint enlarges photos")


def run_pipeline(pipeline: PhotoPipeline, found: Found, out: str, is_one: bool) -> list[Path]:
    """Process photos under a progress bar, and give the paths written. Raises UsageError with all that failed."""
    written, failed, kept, count, photos = [], [], 0, 0, found.photos
    columns = (TextColumn("photos"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(file=sys.stdout)
    are_many = len(photos) > 1 or pipeline.files.pages == "all"
    is_shown = console.is_terminal and are_many
    with Progress(*columns, console=console, disable=not is_shown, transient=True) as progress:
        task = progress.add_task("photos", total=len(photos))

        def tell(text: str) -> None:
            shown = text.encode(errors="replace").decode()  # a name may be in no encoding
            progress.console.print(shown, soft_wrap=True, markup=False, highlight=False)

        pipeline.tell = tell
        for count, outcome in enumerate(pipeline.process(photos, out, is_one, found.below), start=1):
            if isinstance(outcome, str):
                failed.append(outcome)
                if are_many:
                    tell(f"failed: {outcome}")
            else:
                for path in outcome:
                    tell(f"wrote {path}")
                written += outcome
                kept += not outcome
            progress.update(task, completed=count, total=max(count, len(photos)))
    what = f"{count} {'photos' if count == len(photos) else 'pages'}"
    if kept:
        doubt = "exist already, perhaps of other photos or options (overwrite=true colors them again)"
        print(f"kept the results of {kept} of {what}, which {doubt}")
    if len(failed) > 1:
        raise UsageError(f"{len(failed)} of {what} failed, as told above")
    if failed:
        raise UsageError(failed[0])
    return written
