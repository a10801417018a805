"""Palette files, the Toronto assignment's and others."""

import io
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from huesweep.color.palette_file import read_palette
from huesweep.errors import UsageError
from tests import python2

COLORS = np.array([[0.1, 0.2, 0.3], [0.9, 0.5, 0.0]])


def write_python2_file(path: Path, content: Any) -> None:
    """A .npy file of an object array as Python 2 and NumPy 1 wrote it."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|O", "fortran_order": False, "shape": (2,)})
    path.write_bytes(buffer.getvalue() + python2.dumps(content))


def test_the_assignments_format_is_read(tmp_path: Path) -> None:
    content = np.empty(2, dtype=object)
    content[:] = [COLORS, np.float64(0.07)]
    write_python2_file(tmp_path / "palette.npy", content)
    np.testing.assert_array_equal(read_palette(tmp_path / "palette.npy"), COLORS)


@pytest.mark.parametrize("scale", [1, 255])
def test_a_plain_array_of_colors_is_read_as_shares_or_levels(tmp_path: Path, scale: int) -> None:
    np.save(tmp_path / "palette.npy", COLORS * scale)
    np.testing.assert_allclose(read_palette(tmp_path / "palette.npy"), COLORS)


class Hostile:
    """Pickles into a call of os.mkdir."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_a_pickle_that_would_run_code_is_refused_and_not_run(tmp_path: Path) -> None:
    write_python2_file(tmp_path / "palette.npy", Hostile(tmp_path / "ran"))
    with pytest.raises(UsageError, match=r"target\.palette.*mkdir"):
        read_palette(tmp_path / "palette.npy")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"target\.palette: .*palette\.npy"),
        (b"not an array", r"target\.palette: .*palette\.npy"),
        (np.zeros((2, 4)), r"palette\.npy .*\(2, 4\)"),
        (np.zeros((0, 3)), r"palette\.npy .*\(0, 3\)"),
        (np.full((2, 3), -1.0), r"palette\.npy .*\[0, 1\]"),
        (np.full((2, 3), np.nan), r"palette\.npy .*\[0, 1\]"),
    ],
)
def test_anything_else_is_refused(tmp_path: Path, content: Any, message: str) -> None:
    path = tmp_path / "palette.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        np.save(path, content)
    with pytest.raises(UsageError, match=message):
        read_palette(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"target\.palette.*nowhere\.npy"):
        read_palette(tmp_path / "nowhere.npy")
