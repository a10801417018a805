"""How much memory a process took, and what lies in it."""

import resource
from pathlib import Path

from torch import Tensor


def peak_memory() -> float:
    """The most memory this process had at a time, in MiB."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would count the process that started this one
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def mapped_file(tensor: Tensor) -> str:
    """The file that a tensor's memory is mapped from, or nothing; see proc(5)."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        bounds, *_, name = line.split(maxsplit=5)
        first, last = (int(bound, 16) for bound in bounds.split("-"))
        if first <= tensor.data_ptr() < last:
            return name if name.startswith("/") else ""
    return ""
