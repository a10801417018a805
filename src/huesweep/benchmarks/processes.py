"""What a command costs in a process of its own, to its end."""

import subprocess
import sys
import time
from collections.abc import Sequence
from typing import NamedTuple

# A process's peak counts what it was forked from: between a benchmark, which holds much, and a command stands this one.
SMALL = """
import os, sys
process = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[1:]], os.environ)
_, status, usage = os.wait4(process, 0)
print(f"\\n{usage.ru_maxrss}")
sys.exit(os.waitstatus_to_exitcode(status) and 1)
"""


class Cost(NamedTuple):
    """What one command took. gibibytes: of memory, at its peak."""

    seconds: float
    gibibytes: float


def cost_of(arguments: Sequence[str]) -> Cost:
    """Run Python with arguments. Raises RuntimeError, with the last of what it printed, where it fails."""
    began = time.perf_counter()
    command = [sys.executable, "-S", "-c", SMALL, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    seconds = time.perf_counter() - began
    printed, _, peak = done.stdout.rstrip().rpartition("\n")
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed: {printed[-2000:]}")
    unit = 1 if sys.platform == "darwin" else 1024
    return Cost(seconds, int(peak) * unit / 2**30)
