"""Palette files, the Toronto assignment's and others."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from huesweep.color.palette_file import read_palette
from huesweep.errors import UsageError
from tests import hostile_pickles, python2

COLORS = np.array([[0.1, 0.2, 0.3], [0.9, 0.5, 0.0]])


def test_the_assignments_format_is_read(tmp_path: Path) -> None:
    content = np.empty(2, dtype=object)
    content[:] = [COLORS, np.float64(0.07)]
    (tmp_path / "palette.npy").write_bytes(python2.npy_of_objects(content))
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
    (tmp_path / "palette.npy").write_bytes(python2.npy_of_objects(Hostile(tmp_path / "ran")))
    with pytest.raises(UsageError, match="mkdir, which is not an array"):
        read_palette(tmp_path / "palette.npy")
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is not a palette file"),
        (b"not an array", "is not a palette file"),
        (np.zeros((2, 4)), r"holds float64 \(2, 4\)"),
        (np.zeros((0, 3)), r"holds float64 \(0, 3\)"),
        (np.full((2, 3), -1.0), "colors outside"),
        (np.full((2, 3), np.nan), "colors outside"),
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


@pytest.mark.parametrize("name", hostile_pickles.HOSTILE)
def test_a_hostile_pickle_is_refused_and_ends_no_process(tmp_path: Path, name: str) -> None:
    header = python2.npy_of_objects(None).removesuffix(python2.dumps(None))
    (tmp_path / "palette.npy").write_bytes(header + hostile_pickles.HOSTILE[name])
    code = (
        "import sys; from huesweep.color.palette_file import read_palette; from huesweep.errors import UsageError\n"
        "try: print(read_palette(sys.argv[1]))\n"
        "except UsageError as error: print('refused', error)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "palette.npy")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    (line,) = done.stdout.splitlines()
    assert line.startswith("refused target.palette")


def test_arrays_of_an_object_array_are_colors_themselves(tmp_path: Path) -> None:
    for content in ([1, 2], [b"text", 2], [np.float64(3), COLORS]):
        objects = np.empty(2, dtype=object)
        objects[:] = content
        (tmp_path / "palette.npy").write_bytes(python2.npy_of_objects(objects))
        with pytest.raises(UsageError, match="not an array of colors"):
            read_palette(tmp_path / "palette.npy")


def test_several_arrays_in_one_file_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "palette.npz", COLORS)
    with pytest.raises(UsageError, match=r"\.npz.*numpy\.save"):
        read_palette(tmp_path / "palette.npz")


def test_more_colors_than_any_palette_has_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "palette.npy", np.zeros((65537, 3), np.uint8))
    with pytest.raises(UsageError, match="65536"):
        read_palette(tmp_path / "palette.npy")
    np.save(tmp_path / "palette.npy", np.zeros((65536, 3)))
    assert len(read_palette(tmp_path / "palette.npy")) == 65536


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "palette.npy").open("wb") as file:
        file.truncate(2**40)
    with pytest.raises(UsageError, match="larger than"):
        read_palette(tmp_path / "palette.npy")


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "palette.npy")
    with pytest.raises(UsageError, match="not a file"):
        read_palette(tmp_path / "palette.npy")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no file .*nowhere\.npy"):
        read_palette(tmp_path / "nowhere.npy")
