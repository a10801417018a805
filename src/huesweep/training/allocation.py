"""How a process that trains on the CPU gets its memory."""

import ctypes
import sys

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # of mallopt(3)
MOST = 2**31 - 1  # bytes that stay free at the end of the heap


def keep_freed_memory() -> bool:
    """Let this process keep what it frees, for what it takes next. Gives whether the C library does so.

    PyTorch gives a step's maps back to the C library, and glibc gives large ones back to the system, which clears
    each page anew in the next step: up to a fifth of a training's time. Other systems' libraries are left as they are.
    """
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    return bool(library.mallopt(MMAP_MAX, 0)) and bool(library.mallopt(TRIM_THRESHOLD, MOST))
