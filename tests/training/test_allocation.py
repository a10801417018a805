"""Memory that a training frees stays with its process: pages are cleared once, not in every step."""

import platform
import subprocess
import sys

import pytest

COUNTS = """
import resource, sys
import torch
from huesweep.training.allocation import keep_freed_memory

if sys.argv[1] == "keep":
    assert keep_freed_memory()
def step():
    return torch.ones(2**24).add(1).sum()  # maps of 64 MiB
for _ in range(10):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left as they are")
def test_pages_are_taken_from_the_system_once() -> None:
    def faults(mode: str) -> int:
        done = subprocess.run([sys.executable, "-c", COUNTS, mode], capture_output=True, text=True, check=True)
        return int(done.stdout)

    assert faults("keep") < faults("as usual") / 3
