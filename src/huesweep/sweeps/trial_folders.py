"""Where the trials of a sweep are: found by what their folders hold, whatever these are called."""

import os
from pathlib import Path

from huesweep.errors import is_text
from huesweep.io.terminal import remark
from huesweep.training.folder import CONFIG, ERROR, RESULT

MARKS = (RESULT, CONFIG, ERROR)  # one of them is in each trial's folder
SWEEP = "sweep.json"  # in a sweep's own folder
NOT_SEARCHED = ("wandb",)  # whose runs hold a config.yaml too
DEEPEST = 5  # folders below a sweep's


def trial_folders(folder: Path) -> list[Path]:
    """The folders of trials below a sweep's, in the order of their paths: not those within trials or other sweeps."""
    found: list[Path] = []
    _search(folder, found, DEEPEST)
    return sorted(found)


def is_named(path: Path) -> bool:
    """Whether a file's name is text; where it is not, that is told, and the file can only be passed over."""
    if is_text(path.name):
        return True
    remark(f"passed over, {path}: its name is not in UTF-8: rename it")
    return False


def _search(folder: Path, found: list[Path], deeper: int) -> None:
    try:
        with os.scandir(folder) as entries:
            below = [entry for entry in entries if not entry.name.startswith(".") and entry.is_dir()]
    except OSError:  # of a folder that has gone meanwhile, or is somebody else's
        return
    for entry in below:
        path = folder / entry.name
        if any((path / mark).exists() for mark in MARKS):
            found += [path] if is_named(path) else []
        elif deeper > 1 and not entry.is_symlink() and entry.name not in NOT_SEARCHED and not (path / SWEEP).exists():
            _search(path, found, deeper - 1)
