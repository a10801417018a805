"""What is wrong with a disk that is full or can't be written to, in words."""

import errno
import os
from pathlib import Path

from huesweep.errors import UsageError
from huesweep.io.atomic import try_folder

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
NO_FOLDER = (errno.ENOTDIR, errno.EEXIST)  # what is raised where a file stands in a folder's place
IN_THE_WAY = (errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.ENOTEMPTY, errno.ENAMETOOLONG, errno.ELOOP, errno.EIO)


def disk_error(error: BaseException | None, advice: str = "write elsewhere") -> UsageError | None:
    """A UsageError for a file that can't be written; None where an error is of another kind.

    advice: what to do where the disk can't be written to.
    """
    if not isinstance(error, OSError):
        return None
    where = str(error.filename or "the disk")
    if error.errno in FULL:
        return UsageError(f"no space left for {where} ({error.strerror}): free some, or {advice}")
    if error.errno in CLOSED:
        return UsageError(f"{where} can't be written or read ({error.strerror}): {advice}")
    if error.errno in NO_FOLDER and error.filename and (file := file_in_place(Path(os.fsdecode(error.filename)))):
        return UsageError(f"{file} is a file: name a folder")
    if error.errno == errno.ENOENT and error.filename and not _takes_files(Path(os.fsdecode(error.filename))):
        return UsageError(f"{where} can't be made ({error.strerror}): {advice}")
    if error.errno in IN_THE_WAY:
        return UsageError(f"{where}: {error.strerror}: {advice}")
    return None


def file_in_place(folder: Path) -> Path | None:
    """The file that stands where a folder is wanted, or one of those above it; None where there is none."""
    try:
        return next((place for place in (folder, *folder.parents) if place.exists() and not place.is_dir()), None)
    except OSError:  # of a folder that can't be looked into
        return None


def _takes_files(path: Path) -> bool:
    """Whether files can be made where a path leads, as they can't in /proc: else what is missing is no disk's doing."""
    try:
        try_folder(path)
    except OSError:
        return False
    return True
