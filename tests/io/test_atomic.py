"""Files that are written whole or not at all."""

import os
from pathlib import Path
from typing import BinaryIO

import pytest
import torch

from huesweep.io.atomic import write_atomically, write_text_atomically
from tests.disks import full


def test_an_exception_leaves_nothing_and_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "deeper" / "file.txt"

    def fail(file: BinaryIO) -> None:
        file.write(b"half")
        raise RuntimeError("the power went out")

    for there in ([], ["file.txt"]):
        with pytest.raises(RuntimeError, match="the power went out"):
            write_atomically(path, fail)
        assert [file.name for file in path.parent.iterdir()] == there
        write_text_atomically(path, "whole")
    assert path.read_text() == "whole"


@pytest.mark.parametrize("umask", [0o022, 0o077, 0o002])
def test_permissions_follow_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        write_text_atomically(tmp_path / "file.txt", "text")
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert (tmp_path / "file.txt").stat().st_mode & 0o777 == 0o666 & ~umask


def test_a_reader_sees_the_old_content_or_the_new(tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    write_text_atomically(path, "old")
    seen = []

    def write(file: BinaryIO) -> None:
        for part in (b"new", b" content"):
            file.write(part)
            file.flush()
            seen.append(path.read_text())

    with path.open() as opened:
        write_atomically(path, write)
        assert opened.read() == "old"  # another file has taken the name
    assert seen == ["old", "old"]
    assert path.read_text() == "new content"
    assert [file.name for file in tmp_path.iterdir()] == ["file.txt"]


def test_text_is_utf_8(tmp_path: Path) -> None:
    write_text_atomically(tmp_path / "file.txt", "Фото λ\n")
    assert (tmp_path / "file.txt").read_bytes() == "Фото λ\n".encode()


@pytest.mark.parametrize("by_torch", [False, True])
def test_a_full_disk_is_told_with_the_files_name_and_leaves_nothing(tmp_path: Path, by_torch: bool) -> None:
    path = tmp_path / "last.ckpt"
    write_text_atomically(path, "old")
    weights = torch.zeros(100_000)

    def write(file: BinaryIO) -> None:
        if by_torch:
            torch.save({"a": weights, "b": weights.clone()}, file)
        else:
            file.write(weights.numpy().data)

    with full(50_000), pytest.raises(OSError, match="File too large") as told:
        write_atomically(path, write)
    assert told.value.filename == str(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
