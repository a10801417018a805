"""Which photos are meant, and where their results go."""

import os
import re
import shlex
from collections import Counter
from collections.abc import Container, Iterable, Sequence
from contextlib import suppress
from glob import escape, glob
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from huesweep.errors import UsageError
from huesweep.inference.photo_file import result_ending
from huesweep.inference.photo_formats import format_of, is_photo, readable
from huesweep.io.atomic import try_folder

OURS = re.compile(r"(-page\d+)?-(colored|enlarged|compared)(-\d+)?$")  # how the names of results end
SIGNS = "*?["  # of patterns
LONGEST_NAME = 239  # bytes: 255, less what the name of a file that is being written has around it
LONGEST_WORDS = 40  # bytes of what a result's name has after the photo's, and a digest


class Found(NamedTuple):
    """The photos that were meant.

    below: for each, the folders between what was named and the photo, which its results get too. others: how many files
    beside them are none, by the endings of their names. folders: those that lie in one that was named.
    """

    photos: list[Path]
    below: dict[Path, Path]
    others: Counter[str]
    folders: list[Path]

    def tell_others(self) -> str:
        """As `7 other files: 4 heic, 3 txt`, or nothing."""
        count = sum(self.others.values())
        kinds = ", ".join(f"{number} {kind}" for kind, number in self.others.most_common())
        return f"{count} other file{'s' * (count > 1)}: {kinds}" if count else ""

    def tell_folders(self) -> str:
        """As `2 folders in album are not searched: img='album/**' does that`, or nothing."""
        if not self.folders:
            return ""
        told = []
        for above, count in Counter(folder.parent for folder in self.folders).items():
            pattern = shlex.quote(f"img={escape(str(above))}/**")
            told.append(f"{count} folder{'s' * (count > 1)} in {above} not searched: {pattern} does that")
        return "; ".join(told)


def find_photos(wanted: Iterable[str], out: str = "") -> Found:
    """The photos that paths mean: a file itself, those in a folder and those that fit a glob, less earlier results.

    A folder is not searched below; `**` in a glob does that. Each photo comes once. out: where results go. Raises
    UsageError for a path that means none, and where several photos would go into one file.
    """
    found = Found([], {}, Counter(), [])
    wanted = list(wanted)
    for path in wanted:
        _add(found, path, out)
    if out and not (len(wanted) == 1 and Path(wanted[0]).is_file()):
        _check_folder(out, len(found.photos))
    return found


def _check_folder(out: str, count: int) -> None:
    is_name = _may_be_file(out) and Path(out).suffix.lower() in readable()
    if is_name or Path(out).is_file():
        raise UsageError(f"out={out} is the name of one file, for {count} photos: name a folder")


def _may_be_file(out: str) -> bool:
    return not out.endswith(("/", os.sep)) and not Path(out).is_dir() and Path(out).suffix != ""


def check_place(photos: Iterable[Path], out: str, is_one: bool) -> None:
    """Raise UsageError where no result could be written at all. See result_paths for `out` and `is_one`."""
    if out:
        folders = [Path(out).parent if is_one and _may_be_file(out) else Path(out)]
    else:
        folders = sorted({photo.parent for photo in photos})
    reasons = []
    for folder in folders:
        try:
            try_folder(folder)
        except OSError as error:
            reasons.append(error.strerror or str(error))
        else:
            return
    what = f"out={out}" if out else f"{folders[0]}{', …' * (len(folders) > 1)}"
    raise UsageError(f"{what} can't be written to: {reasons[0]}; name another place with out=")


def _add(found: Found, path: str, out: str) -> None:
    files, base = _files_of(path)
    if not base:
        photos = files
    else:
        visible = [file for file in files if not file.name.startswith(".")]
        photos = [file for file in visible if is_photo(file)]
        found.others.update(_kind(file) for file in set(visible) - set(photos))
        photos = _without_results(sorted(photos), base, out)
        folders = _folders_in(base, out) if Path(path).is_dir() else []
        found.folders.extend(folders)
        if not photos:
            what = "holds no photos" if Path(path).is_dir() else "no photo fits this pattern"
            below = f"; {found.tell_folders()}" if folders else ""
            raise UsageError(f"img={path}: {what} ({', '.join(readable())}){below}")
    for photo in photos:
        if photo not in found.below:
            found.photos.append(photo)
            found.below[photo] = photo.parent.relative_to(base) if base else Path()


def _folders_in(folder: Path, out: str) -> list[Path]:
    """The folders in a folder that somebody may have meant too: not hidden ones, nor that of the results."""
    goal = _plain(Path(out)) if out else None
    below = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    return [path for path in below if _plain(path) != goal]


def _kind(file: Path) -> str:
    return file.suffix.lower().removeprefix(".") or "without an ending"


def _files_of(path: str) -> tuple[list[Path], Path | None]:
    """The files that a path means, and the folder where they were looked for, None for a file that was named."""
    if Path(path).is_dir():
        return [file for file in Path(path).iterdir() if file.is_file()], Path(path)
    if Path(path).exists():
        if not Path(path).is_file():
            raise UsageError(f"img={path} is neither a file nor a folder")
        return [Path(path)], None
    if not any(sign in path for sign in SIGNS):
        raise UsageError(f"img={path} does not exist: give a photo, a folder of photos or a pattern such as 'in/*.jpg'")
    parts = Path(path).parts
    fixed = next(place for place, part in enumerate(parts) if any(sign in part for sign in SIGNS))
    # pathlib's own glob takes no absolute patterns.
    names = glob(path, recursive=True)  # noqa: PTH207
    return [file for file in map(Path, names) if file.is_file()], Path(*parts[:fixed])


def _without_results(photos: list[Path], base: Path, out: str) -> list[Path]:
    """The photos that are not made from others, which lie beside them or whose results go where they are."""
    goal = Path(out).absolute() if out else None
    sources = [(photo, _short(name)) for photo in photos for name in (photo.stem, photo.name)]
    there = {(_plain(photo.parent), name) for photo, name in sources}
    if goal:
        there |= {(_plain(goal / photo.parent.relative_to(base)), name) for photo, name in sources}
    is_within = goal is not None and _plain(goal) != _plain(base) and _plain(goal).is_relative_to(_plain(base))
    return [photo for photo in photos if not _is_result(photo, there, goal if is_within else None)]


def _is_result(photo: Path, there: Container[tuple[Path, str]], goal: Path | None) -> bool:
    source = OURS.sub("", photo.stem)
    if source == photo.stem:
        return False
    return (_plain(photo.parent), source) in there or bool(goal and _plain(photo).is_relative_to(_plain(goal)))


def _plain(path: Path) -> Path:
    return Path(os.path.abspath(path))  # noqa: PTH100 - less `..`, and links as they are


def _short(stem: str) -> str:
    """A photo's name, shortened where its results' would be too long for a disk."""
    name = os.fsencode(stem)
    most = LONGEST_NAME - LONGEST_WORDS
    if len(name) <= most:
        return stem
    return f"{name[:most].decode(errors='ignore')}~{sha256(name).hexdigest()[:8]}"


def result_paths(
    photo: Path,
    out: str,
    is_one: bool,
    words: Sequence[str],
    format: str | None,
    megapixels: float,
    below: Path | str = "",
    page: int | None = None,
) -> list[Path]:
    """Where the results for a photo go, one for each word of what was done: colored, colored-1, compared.

    out: nothing for beside the photo; a folder; or, where `is_one` and it ends in an ending and not in a slash, the
    file itself, whose name then gets the further words. format: as in FORMATS, for the ending; None keeps the
    photo's, or that of `out`. megapixels: of the largest photo. below: folders between `out` and the results. page: of
    a photo of several, from 0. Raises UsageError where `out` contradicts the format, and for an unreadable photo.
    """
    which = "" if page is None else f"-page{page + 1}"
    if out and is_one and _may_be_file(out):
        if format is not None and format_of(Path(out)) != format_of(Path(out), format):
            raise UsageError(f"out={out} and format={format} contradict each other")
        base = Path(out)
        ends = [f"{which}{'' if word == words[0] else f'-{word}'}" for word in words]
        return [base.parent / f"{_short(base.stem) if end else base.stem}{end}{base.suffix}" for end in ends]
    folder = Path(out) / below if out else photo.parent
    ending = f".{format.lower()}" if format is not None else result_ending(photo, megapixels)
    has_own = photo.suffix.lower() in (*readable(), "") and not _has_rival(photo, ending)
    stem = _short(photo.stem if has_own else photo.name)
    return [folder / f"{stem}{which}-{word}{ending}" for word in words]


def _has_rival(photo: Path, ending: str) -> bool:
    """Whether a photo beside this one has the same name but for its ending, which the result has no longer."""
    if photo.suffix.lower() == ending.lower():
        return False
    endings = {case for known in readable() for case in (known, known.upper())} - {photo.suffix}
    return any(photo.with_suffix(other).is_file() for other in endings)


Identity = tuple[int, int]  # of a file, whatever it is called: its disk and its number there


def identities(photos: Iterable[Path]) -> set[Identity]:
    """Which files photos are, as far as they are there."""
    found = set()
    for photo in photos:
        with suppress(OSError):
            found.add(_identity(photo))
    return found


def _identity(path: Path) -> Identity:
    details = path.stat()
    return details.st_dev, details.st_ino


def missing_results(
    paths: Sequence[Path], photos: Container[Identity], taken: Container[Path], overwrite: bool, keep: bool
) -> list[Path]:
    """The results that are to be written: all of them, or those that don't exist where `keep` lets the others stay.

    photos: see identities. Raises UsageError for a result that would replace a photo, another photo's result, or an
    existing file.
    """
    missing = []
    for path in paths:
        if path in taken:
            raise UsageError(f"{path} is the result for another photo of the same name: color them one by one")
        if not path.exists():
            missing.append(path)
            continue
        if _identity(path) in photos:
            raise UsageError(f"out={path} is the photo itself")
        if overwrite:
            missing.append(path)
        elif not keep:
            raise UsageError(f"{path} exists: add overwrite=true, or name another place with out=")
    return missing
