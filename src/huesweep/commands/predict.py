"""Color photos with a checkpoint, or enlarge them: python -m src.predict img=PATH [ckpt=PATH] [out=PATH]."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from omegaconf import DictConfig
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from huesweep.colorizer.checkpoint import Colorizer, find_checkpoint, load_colorizer
from huesweep.data.tasks.super_resolution import SuperResolution
from huesweep.errors import UsageError
from huesweep.inference.colorize import Manner, colorize, grayscale, working_size
from huesweep.inference.device import choose_device
from huesweep.inference.enlarge import enlarge
from huesweep.inference.options import check_number, check_switches, check_whole
from huesweep.inference.photo_file import Photo, format_of, read_photo, write_photo
from huesweep.inference.photos import check_results, find_photos, result_paths
from huesweep.metrics.catalog import check_metric

PENDING = 30e6  # pixels of photos that wait for others of their size
OUTPUTS = 2**26  # numbers that the network may give at once
MANNER = ("scale", "max_side", "luminance", "temperature", "saturation", "samples", "seed", "palette")


class Work(NamedTuple):
    """A photo that has been read, and where its results go."""

    path: Path
    photo: Photo
    results: list[Path]


@torch.no_grad()
def main(config: DictConfig, ckpt: str = "", img: str | Sequence[str] = "", out: str = "") -> list[Path]:
    """color (or enlarge) photos, and give the paths written."""
    if not img:
        raise UsageError("img= is missing: python -m src.predict img=PHOTO_OR_FOLDER [ckpt=CHECKPOINT_OR_FOLDER]")
    manner = Manner(**{name: config[name] for name in MANNER})
    check_metric(config.rank)
    check_whole(config, "batch_size", 1)
    check_number(config, "max_megapixels")
    check_switches(config, "overwrite", "compare")
    device = choose_device(config.device)
    if config.format is not None:
        format_of(Path(out), str(config.format))
    wanted = [img] if isinstance(img, str) else img
    photos = find_photos(wanted)
    checkpoint = find_checkpoint(ckpt, config.rank)
    colorizer = load_colorizer(checkpoint).to(device)
    print(f"checkpoint {checkpoint}")
    is_one = len(wanted) == 1 and Path(wanted[0]).is_file()
    worker = Worker(config, colorizer, manner, device)
    written, failed = [], []
    with progress_of(len(photos)) as progress:
        task = progress.add_task("photos", total=len(photos))
        for outcome in worker.process(photos, out, is_one):
            if isinstance(outcome, str):
                failed.append(outcome)
            else:
                for path in outcome:
                    shown = str(path).encode(errors="replace").decode()  # a name may be in no encoding
                    progress.console.print(f"wrote {shown}", soft_wrap=True, markup=False, highlight=False)
                written += outcome
            progress.advance(task)
    if len(failed) > 1:
        raise UsageError(f"{len(failed)} of {len(photos)} photos failed:\n  " + "\n  ".join(failed))
    if failed:
        raise UsageError(failed[0])
    return written


class Worker:
    """Reads, colors and writes photos, those of the same working size together."""

    def __init__(self, config: DictConfig, colorizer: Colorizer, manner: Manner, device: torch.device) -> None:
        self.config = config
        self.colorizer = colorizer
        self.manner = manner
        self.device = device
        self.enlarges = isinstance(colorizer.task, SuperResolution)
        if not self.enlarges:
            manner.check(colorizer)
        if self.enlarges:
            self.words = ["enlarged"]
        else:
            self.words = [f"colored-{number}" for number in range(1, manner.samples + 1)] or ["colored"]
            self.words += ["compared"] * bool(config.compare)

    def process(self, photos: Sequence[Path], out: str, is_one: bool) -> Iterator[list[Path] | str]:
        """For each photo, in some order, the paths written or why there are none; see result_paths."""
        groups: dict[tuple[int, int], list[Work]] = {}
        taken: set[Path] = set()
        for path in photos:
            try:
                results = result_paths(path, out, is_one, self.words, self.config.format)
                check_results(results, photos, taken, self.config.overwrite)
                for result in results:
                    format_of(result, self.config.format)
                work = Work(path, read_photo(path, self.config.max_megapixels), results)
            except (UsageError, OSError) as error:  # a name may be too long, a folder closed
                yield str(error)
                continue
            taken |= set(results)
            if self.enlarges:
                yield self._write(work, [self._enlarge(work.photo)])
                continue
            size = working_size(self.colorizer, work.photo.pixels, self.manner)
            groups.setdefault(size, []).append(work)
            most = max(1, OUTPUTS // (size[0] * size[1] * self.colorizer.target.channels))
            waiting = sum(other.photo.pixels[..., 0].size for group in groups.values() for other in group)
            if waiting > PENDING:
                for group in groups.values():
                    yield from self._color(group)
                groups.clear()
            elif len(groups[size]) >= min(self.config.batch_size, most):
                yield from self._color(groups.pop(size))
        for group in groups.values():
            yield from self._color(group)

    def _color(self, group: list[Work]) -> Iterator[list[Path] | str]:
        pixels = [work.photo.pixels for work in group]
        for work, colorings in zip(group, colorize(self.colorizer, pixels, self.manner, self.device), strict=True):
            if self.config.compare:
                colorings = list(colorings)
                gray = grayscale(self.colorizer, work.photo.pixels)
                original = [] if work.photo.is_gray else [work.photo.pixels]
                colorings = [*colorings, np.concatenate([gray, *colorings, *original], axis=1)]
            yield self._write(work, colorings)

    def _write(self, work: Work, pictures: Iterable[np.ndarray]) -> list[Path] | str:
        try:
            for path, pixels in zip(work.results, pictures, strict=True):
                alpha = work.photo.alpha if pixels.shape[:2] == work.photo.pixels.shape[:2] else None
                write_photo(path, work.photo._replace(pixels=pixels, alpha=alpha), format_of(path, self.config.format))
        except UsageError as error:
            return str(error)
        return work.results

    def _enlarge(self, photo: Photo) -> np.ndarray:
        pixels = photo.pixels if photo.pixels.dtype == np.uint8 else (photo.pixels >> 8).astype(np.uint8)
        picture = torch.from_numpy(np.ascontiguousarray(pixels)).movedim(-1, 0)
        return enlarge(self.colorizer, picture, self.device).movedim(0, -1).contiguous().numpy()


def progress_of(photos: int) -> Progress:
    """A bar on the terminal, for more than one photo."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(file=sys.stdout), disable=photos < 2, transient=True)
