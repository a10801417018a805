"""Any tree of picture files: with or without train/val/test folders, with or without class folders."""

import os
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from pydantic.dataclasses import dataclass

from huesweep.data.decoding import SUFFIXES, Fit
from huesweep.data.packing import decode_files
from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.splitting import drawn_splits, stratified_order
from huesweep.data.store import Chunk, Contents, PackStore
from huesweep.errors import UsageError, unknown
from huesweep.io.digest import digest_of
from huesweep.io.terminal import remark
from huesweep.ranges import Amount, Count, Whole
from huesweep.registry import CHECKS

SPLIT_FOLDERS: dict[Split, tuple[str, ...]] = {
    "train": ("train", "training"),
    "validation": ("val", "valid", "validation"),
    "test": ("test", "testing"),
}
UNREAD = (".heic", ".heif", ".avif")
NO_CLASS = "pictures"  # of pictures that lie in no class folder
Files = list[tuple[Path, int]]


@dataclass(config=CHECKS)
class FolderSource(Source):
    """Pictures of a folder, brought to one size. The first folder below the root, or below a split's, is the class.

    root: the folder. With a train folder in it, there must be a test folder; validation pictures come from a val folder
    or else are drawn from the training pictures. Without one, all three splits are drawn by `seed`, with each class's
    share. validation, test: pictures to draw, as a share up to 1.0 or a number. held_out: classes that are not trained
    on; without a test folder their pictures are the test pictures, and none is drawn. size, fit: see fit_to. strict:
    refuse files that can't be read, links out of the root and empty class folders, instead of leaving them out. cache:
    folder of packs. Raises UsageError for a root without pictures, and class folders whose names differ in case alone.
    """

    name = "folder"
    beside = ("pictures",)

    root: str | None
    size: Count
    fit: Fit
    strict: bool
    validation: Amount
    test: Amount
    seed: Whole
    cache: str
    held_out: Sequence[str] = ()

    def __post_init__(self) -> None:
        self.side = self.size
        self.store = PackStore(Path(self.cache))

    @cached_property
    def folder(self) -> Path:
        if not self.root:
            raise UsageError("data=folder needs data.root: the folder that holds the pictures")
        folder = Path(self.root).expanduser()
        if not folder.is_dir():
            raise UsageError(f"data.root={folder} is not a folder")
        return folder

    def check(self) -> None:
        _ = self._files

    def load(self, split: Split) -> PictureSet:
        classes, files, left_out = self._files
        chosen = files[split]
        facts = [(str(path), label, path.stat().st_size, path.stat().st_mtime_ns) for path, label in chosen]
        origin = {
            "source": self.name,
            "split": split,
            "size": self.side,
            "fit": self.fit,
            "strict": self.strict,
            "files": digest_of(classes, facts),
        }
        pictures = self.store.load(origin, lambda: self._read(split, classes, chosen, left_out[split]))
        if chosen and split != "validation" and len(pictures.pictures) == 0:
            raise UsageError(
                f"data.root={self.folder}: none of the {len(chosen)} {split} files can be read as a picture"
            )
        return pictures

    def _read(self, split: Split, classes: list[str], files: Files, left_out: list[Path]) -> Contents:
        notes = [f"skipped {path.relative_to(self.folder)}: a link out of {self.folder}" for path in left_out]

        def note(path: Path, reason: str) -> None:
            if self.strict:
                raise UsageError(f"{path} can't be read: {reason} (data.strict=false leaves such files out)")
            notes.append(f"skipped {path.relative_to(self.folder)}: {reason}")

        def chunks() -> Iterator[Chunk]:
            yield from decode_files(files, self.side, self.fit, f"{self.folder.name}, {split}", note)

        return Contents(classes, chunks(), notes)

    @cached_property
    def _files(self) -> tuple[list[str], dict[Split, Files], dict[Split, list[Path]]]:
        """The class names, the files of each split with their labels, and the links that were not followed there."""
        there = {path.name.lower(): path for path in sorted(self.folder.iterdir()) if path.is_dir()}
        folders = {
            split: there[name]
            for split, names in SPLIT_FOLDERS.items()
            for name in reversed(names)  # the first name counts
            if name in there
        }
        if "train" not in folders:
            folders = {"train": self.folder}
        elif "test" not in folders:
            raise UsageError(
                f"data.root={self.folder} has {folders['train'].name}/ but no test/: add one, or drop both"
            )
        left_out: dict[Split, list[Path]] = {split: [] for split in SPLIT_FOLDERS}
        self._tell_unread(folders.values())
        found = {split: scan(folder, self.folder, left_out[split]) for split, folder in folders.items()}
        for path in (path for paths in left_out.values() for path in paths):
            if self.strict:
                raise UsageError(f"{path} is a link out of data.root={self.folder} (data.strict=false leaves it out)")
        classes = sorted({name for pictures in found.values() for name in pictures})
        self._check_classes(classes, found)
        classes = [name for name in classes if any(pictures.get(name) for pictures in found.values())]
        files: dict[Split, Files] = {
            split: [(path, label) for label, name in enumerate(classes) for path in pictures.get(name, [])]
            for split, pictures in found.items()
        }
        if not files["train"]:
            links = f"; {len(left_out['train'])} links out of it are not followed" if left_out["train"] else ""
            raise UsageError(f"data.root={self.folder} holds no pictures ({', '.join(SUFFIXES)}){links}")
        self._hold_out(files, classes)
        return classes, self._draw(files), left_out

    def _tell_unread(self, folders: Iterable[Path]) -> None:
        """Tell of photos in formats that predict colors and training leaves out."""
        names = [Path(name).suffix.lower() for folder in folders for _, _, files in os.walk(folder) for name in files]
        if found := {suffix: names.count(suffix) for suffix in UNREAD if suffix in names}:
            kinds = ", ".join(f"{count} {suffix.removeprefix('.')}" for suffix, count in found.items())
            remark(f"data.root={self.folder}: {kinds} are left out; training reads {', '.join(SUFFIXES)}")

    def _check_classes(self, classes: list[str], found: dict[Split, dict[str, list[Path]]]) -> None:
        by_case: dict[str, str] = {}
        for name in classes:
            other = by_case.setdefault(name.casefold(), name)
            if other != name:
                raise UsageError(f"data.root={self.folder}: class folders {other} and {name} differ in case alone")
            if self.strict and not any(pictures.get(name) for pictures in found.values()):
                raise UsageError(f"data.root={self.folder}: class folder {name} is empty (data.strict=false drops it)")

    def _hold_out(self, files: dict[Split, Files], classes: list[str]) -> None:
        """Take the pictures of classes that are held out from the training and validation files."""
        for name in self.held_out:
            if name not in classes:
                raise unknown("class", f"data.held_out={name}", classes, short=name)
        out = {classes.index(name) for name in self.held_out}
        if out and "test" not in files:
            files["test"] = [(path, label) for path, label in files["train"] if label in out]
        for split in ("train", "validation"):
            if split in files:
                files[split] = [(path, label) for path, label in files[split] if label not in out]
        if not files["train"]:
            raise UsageError(f"data.held_out={list(self.held_out)} leaves no class to train on")

    def _draw(self, files: dict[Split, Files]) -> dict[Split, Files]:
        """Draw the splits that no folder gives from the training files."""
        train = files["train"]
        order = stratified_order(np.array([label for _, label in train]), self.seed)
        amounts = (0 if "validation" in files else self.validation, 0 if "test" in files else self.test)
        splits = drawn_splits(order, *amounts)
        drawn: dict[Split, Files] = {split: [train[index] for index in sorted(part)] for split, part in splits.items()}
        if not drawn["train"]:
            raise UsageError(f"data.root={self.folder}: no pictures are left for training of {len(train)}")
        return {**drawn, **files, "train": drawn["train"]}


def scan(folder: Path, root: Path, left_out: list[Path]) -> dict[str, list[Path]]:
    """The picture files below a folder by class, the first folder on the way to them; sorted. Follows a link once.

    Links to somewhere outside the root are not followed, and added to `left_out`.
    """
    inside = os.path.realpath(root)

    def leads_out(path: Path) -> bool:
        return path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(inside)

    def is_taken(path: Path) -> bool:
        if leads_out(path):
            left_out.append(path)
            return False
        return path.is_file()

    if leads_out(folder) and folder != root:
        left_out.append(folder)
        return {}
    found: dict[str, list[Path]] = {
        path.name: [] for path in sorted(folder.iterdir()) if path.is_dir() and not leads_out(path)
    }
    seen: set[str] = set()
    for directory, below, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(directory)
        if real in seen:  # a link that leads back
            below.clear()
            continue
        seen.add(real)
        left_out += [Path(directory) / name for name in sorted(below) if leads_out(Path(directory) / name)]
        below[:] = sorted(name for name in below if not leads_out(Path(directory) / name))
        parts = Path(directory).relative_to(folder).parts
        pictures = [Path(directory) / name for name in sorted(names) if Path(name).suffix.lower() in SUFFIXES]
        if pictures:
            taken = [path for path in pictures if is_taken(path)]
            found.setdefault(parts[0] if parts else NO_CLASS, []).extend(taken)
    return found
