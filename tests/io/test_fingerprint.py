"""A folder's name by what it holds: the same for copies, another for other pictures."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from huesweep.io.cache import FINGERPRINTS
from huesweep.io.fingerprint import fingerprint

SUFFIXES = (".png", ".jpg")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "pictures"
    for name, content in {"cat/1.png": b"one", "cat/2.JPG": b"two", "dog/deep/3.png": b"three"}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def test_a_copy_elsewhere_has_the_same_name(folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(folder, tmp_path / "elsewhere" / "copied")
    (copy / "Thumbs.db").write_bytes(b"no picture")
    (copy / "empty").mkdir()
    os.utime(copy / "cat/1.png", (1, 1))
    found = fingerprint(folder, SUFFIXES, tmp_path / "cache")
    assert found is not None
    assert len(found) == 16
    assert fingerprint(copy, SUFFIXES, tmp_path / "cache") == found
    assert fingerprint(copy, SUFFIXES, tmp_path / "other") == found


def other_bytes(root: Path) -> None:
    (root / "cat/1.png").write_bytes(b"eno")


def moved(root: Path) -> None:
    (root / "cat/1.png").rename(root / "dog/1.png")


def removed(root: Path) -> None:
    (root / "dog/deep/3.png").unlink()


def linked(root: Path) -> None:
    (root / "dog/4.png").symlink_to(root / "cat/1.png")


@pytest.mark.parametrize("change", [other_bytes, moved, removed, linked])
def test_other_pictures_have_another_name(folder: Path, tmp_path: Path, change: Callable[[Path], None]) -> None:
    before = fingerprint(folder, SUFFIXES, tmp_path / "cache")
    change(folder)
    assert fingerprint(folder, SUFFIXES, tmp_path / "cache") != before


def test_pictures_are_read_once(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = fingerprint(folder, SUFFIXES, tmp_path)
    (note,) = (tmp_path / FINGERPRINTS).iterdir()
    assert note.read_text() == f"{found}\n"
    monkeypatch.setattr("huesweep.io.fingerprint._known", {})
    monkeypatch.setattr("huesweep.io.fingerprint._content", lambda path: pytest.fail(f"{path} is read again"))
    assert fingerprint(folder, SUFFIXES, tmp_path) == found


def test_a_cache_that_cannot_be_written_is_done_without(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    assert fingerprint(folder, SUFFIXES, tmp_path / "file") is not None


def test_what_is_no_folder_has_no_name(tmp_path: Path) -> None:
    assert fingerprint(tmp_path / "absent", SUFFIXES, tmp_path) is None
