"""A folder for what a long-lived process keeps only while it runs; gone when that ends, in whatever way."""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from huesweep.io.leftovers import claim, is_claimed

PREFIX = "huesweep-page-"
MARK = "in-use"  # the file by which the folder of a living process is told from one that was left


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder below the one for temporary files, into which those of this process go from now on.

    Folders that killed processes have left there are removed first. This one is removed at the end, and once more when
    the process ends: a thread that was at work may have written into it again.
    """
    parent = tempfile.gettempdir()
    remove_abandoned(Path(parent))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with (folder / MARK).open("wb") as mark:
        claim(mark.fileno())
        (folder / "rest").mkdir()
        tempfile.tempdir = str(folder / "rest")
        try:
            yield folder
        finally:
            tempfile.tempdir = parent
            shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned(parent: Path) -> None:
    """Remove the scratch folders of this user's processes that are no more."""
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):
            is_own = not folder.is_symlink() and folder.stat().st_uid == os.getuid()
            if is_own and (folder / MARK).exists() and not is_claimed(folder / MARK):
                shutil.rmtree(folder, ignore_errors=True)
