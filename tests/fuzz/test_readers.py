"""Thousands of damaged files a reader: each is read or refused in words, within bounds of memory, and nothing else."""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from tests.fuzz.mutations import mutate
from tests.fuzz.readers import READERS

SEED = 0
COUNT = 1000
MOST_MEMORY = 1024  # MiB
ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("name", READERS)
def test_a_damaged_file_is_read_or_refused_and_nothing_else_happens(name: str, tmp_path: Path) -> None:
    # In a process of its own, which may crash, and whose memory is that of this reader alone.
    path = os.pathsep.join([str(ROOT), *sys.path])
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", name, str(SEED), str(COUNT)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, f"status {done.returncode}, file left in {tmp_path}\n{done.stderr[-4000:]}"
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["read"] + found["refused"] == COUNT
    assert found["refused"] > 0
    assert found["peak_mib"] < MOST_MEMORY


def test_mutations_repeat_with_their_seed_and_change_nearly_every_file() -> None:
    seed, other = bytes(range(256)) * 3, b"other" * 50
    files = [mutate(seed, [other], Random(index)) for index in range(200)]
    assert files == [mutate(seed, [other], Random(index)) for index in range(200)]
    assert len({*files, seed}) > 190
    assert any(len(file) < len(seed) for file in files)
    assert any(len(file) > len(seed) for file in files)
    assert any(b"otherother" in file for file in files)


@pytest.mark.parametrize("content", [b"", b"\0"])
def test_the_shortest_files_can_be_mutated(content: bytes) -> None:
    assert len({mutate(content, [], Random(index)) for index in range(50)}) > 5
