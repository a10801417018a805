"""Which photos are meant, and where their results go."""

import re
from collections.abc import Container, Iterable, Sequence
from glob import glob
from pathlib import Path

from huesweep.errors import UsageError
from huesweep.inference.photo_formats import SUFFIXES, format_of

OURS = re.compile(r"-(colored|enlarged|compared)(-\d+)?$")  # how the names of results end


def find_photos(wanted: Iterable[str]) -> list[Path]:
    """The photos that paths mean: a file itself, those in a folder and those that fit a glob, less earlier results.

    A folder is not searched below; `**` in a glob does that. Each photo comes once. Raises UsageError for a path that
    means none.
    """
    found: dict[Path, None] = {}
    for path in wanted:
        found |= dict.fromkeys(_photos_of(path))
    return list(found)


def _photos_of(path: str) -> list[Path]:
    if Path(path).is_dir():
        photos = _photos_among(Path(path).iterdir())
        if not photos:
            raise UsageError(f"img={path} holds no photos ({', '.join(SUFFIXES)})")
        return photos
    if Path(path).exists():
        return [Path(path)]
    if not any(sign in path for sign in "*?["):
        raise UsageError(f"img={path} does not exist: give a photo, a folder of photos or a pattern such as 'in/*.jpg'")
    # pathlib's own glob takes no absolute patterns.
    photos = _photos_among(Path(name) for name in glob(path, recursive=True))  # noqa: PTH207
    if not photos:
        raise UsageError(f"img={path}: no photo fits this pattern")
    return photos


def _photos_among(files: Iterable[Path]) -> list[Path]:
    photos = sorted(file for file in files if file.suffix.lower() in SUFFIXES)
    there = {(photo.parent, photo.stem) for photo in photos}
    return [photo for photo in photos if not _is_result(photo, there)]


def _is_result(photo: Path, there: Container[tuple[Path, str]]) -> bool:
    """Whether a name says that it is made from another photo, which is there."""
    source = OURS.sub("", photo.stem)
    return source != photo.stem and (photo.parent, source) in there


def result_paths(photo: Path, out: str, is_one: bool, words: Sequence[str], format: str | None) -> list[Path]:
    """Where the results for a photo go, one for each word of what was done: colored, colored-1, compared.

    out: nothing for beside the photo; a folder; or, where `is_one` and it ends as a photo's name or in another ending,
    the file itself, whose name then gets the further words. format: as in FORMATS, for the ending; None keeps the
    photo's, or that of `out`. Raises UsageError where that contradicts the format.
    """
    is_file = bool(out) and is_one and not Path(out).is_dir() and Path(out).suffix != ""
    if is_file:
        if format is not None and format_of(Path(out)) != format_of(Path(out), format):
            raise UsageError(f"out={out} and format={format} contradict each other")
        base = Path(out)
        names = [base.name if word == words[0] else f"{base.stem}-{word}{base.suffix}" for word in words]
        folder = base.parent
    else:
        folder = Path(out) if out else photo.parent
        names = [f"{photo.stem}-{word}{photo.suffix}" for word in words]
    if format is not None and not is_file:
        names = [str(Path(name).with_suffix(f".{format.lower()}")) for name in names]
    return [folder / name for name in names]


def missing_results(
    paths: Sequence[Path], photos: Iterable[Path], taken: Container[Path], overwrite: bool, keep: bool
) -> list[Path]:
    """The results that are to be written: all of them, or those that don't exist where `keep` lets the others stay.

    Raises UsageError for a result that would replace a photo, another photo's result, or an existing file.
    """
    missing = []
    for path in paths:
        if path in taken:
            raise UsageError(f"{path} is the result for another photo of the same name: color them one by one")
        if not path.exists():
            missing.append(path)
            continue
        if any(photo.exists() and path.samefile(photo) for photo in photos):
            raise UsageError(f"out={path} is the photo itself")
        if overwrite:
            missing.append(path)
        elif not keep:
            raise UsageError(f"{path} exists: add overwrite=true, or name another place with out=")
    return missing
