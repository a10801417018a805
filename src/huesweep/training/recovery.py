"""What comes first where an earlier start may have been killed: leftovers go, damaged checkpoints are told of."""

import zipfile
from pathlib import Path

from huesweep.errors import UsageError
from huesweep.io.cache import BESIDE_PACKS
from huesweep.io.leftovers import remove_leftovers
from huesweep.io.terminal import remark
from huesweep.training.folder import TrialFolder


def recover(folder: TrialFolder, cache: Path) -> None:
    """Make a trial's folder one that training can start or go on in; the caller holds its lock.

    What killed processes have left there and in the cache is removed. A damaged last.ckpt is removed
    as well: the trial starts anew. Raises UsageError for a damaged best.ckpt, whose epoch can't be trained again alone.
    """
    remove_leftovers(folder.path, below=True)
    for kept in BESIDE_PACKS:
        remove_leftovers(cache / kept)
    if not folder.last.exists():
        return
    if damage := damage_of(folder.last):
        remark(f"{folder.last} is damaged ({damage}): {folder.path} starts anew")
        folder.last.unlink()
    elif folder.best.exists() and (damage := damage_of(folder.best)):
        raise UsageError(
            f"{folder.best} is damaged ({damage}): remove {folder.checkpoints} to train from the start, "
            "or put a copy of the file there"
        )


def damage_of(path: Path) -> str:
    """What is wrong with a checkpoint file, by the checksums in it; empty for a whole one."""
    try:
        with zipfile.ZipFile(path) as archive:
            broken = archive.testzip()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        return str(error) or type(error).__name__
    return f"bytes of its {broken.partition('/')[2]} have changed" if broken else ""
