"""What is wrong with a disk that is full or can't be written to, in words."""

import errno

from huesweep.errors import UsageError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
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
    if error.errno in IN_THE_WAY:
        return UsageError(f"{where}: {error.strerror}: {advice}")
    return None
