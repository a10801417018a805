"""Kept files: damage makes them missing, and a disk that takes nothing does not stop the work."""

from pathlib import Path

import pytest

from huesweep.io.sealed import read_sealed, write_sealed
from tests.disks import full, read_only

CONTENT = bytes(range(256)) * 40


def test_what_is_whole_comes_back_and_what_is_damaged_does_not(tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "kept"
    assert read_sealed(path) is None
    write_sealed(path, CONTENT)
    assert read_sealed(path) == CONTENT
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[100] ^= 1
    for damaged in (b"", whole[:10], whole[:-1], whole + b"\n", bytes(flipped)):
        path.write_bytes(damaged)
        assert read_sealed(path) is None


def test_a_disk_that_takes_nothing_is_told_of_and_the_work_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with full(1000):
        write_sealed(tmp_path / "kept", CONTENT)
    with read_only(tmp_path):
        write_sealed(tmp_path / "other", CONTENT)
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 2
    assert "no space left" in told[0]
    assert str(tmp_path / "kept") in told[0]
    assert "Permission denied" in told[1]
    assert list(tmp_path.iterdir()) == []
