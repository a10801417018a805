"""Where a report's files go, or why there are none."""

from collections.abc import Mapping
from pathlib import Path

from huesweep.io.atomic import write_text_atomically
from huesweep.io.disk import CLOSED, disk_error
from huesweep.io.leftovers import remove_leftovers
from huesweep.io.terminal import remark


def write_texts(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write texts by the names of their files, and give the paths.

    A folder that can't be written to, as that of somebody else, gets none, which is told. Raises UsageError where the
    disk is full.
    """
    remove_leftovers(folder, is_meant=lambda name: name in texts)
    written = []
    for name, text in texts.items():
        try:
            write_text_atomically(folder / name, text)
        except OSError as error:
            told = disk_error(error)
            if told is None or error.errno not in CLOSED:
                raise told or error from None
            remark(f"shown here alone: {folder} can't be written ({error.strerror})")
            break
        written.append(folder / name)
    return written
