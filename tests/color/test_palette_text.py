"""Palettes that a person writes as text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from huesweep.color.palette_file import read_palette
from huesweep.color.targets.base import Target
from huesweep.color.targets.palette import PaletteTarget
from huesweep.configuration import make
from huesweep.errors import UsageError

TEXT = """\
# of a horse
#no color either

255 0 0
 0,128 , 7   # leaves
1, 2, 3 #
#00FF7f
#fff000 # sun
0\t0\t1
"""
COLORS = [[255, 0, 0], [0, 128, 7], [1, 2, 3], [0, 255, 127], [255, 240, 0], [0, 0, 1]]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_colors_are_read_from_lines(tmp_path: Path, newline: str, encoding: str) -> None:
    (tmp_path / "palette.TXT").write_bytes(TEXT.replace("\n", newline).encode(encoding))
    np.testing.assert_array_equal(read_palette(tmp_path / "palette.TXT") * 255, COLORS)


def test_dark_levels_are_not_taken_for_shares(tmp_path: Path) -> None:
    (tmp_path / "palette.txt").write_text("1 1 1\n0 0 1")
    np.testing.assert_array_equal(read_palette(tmp_path / "palette.txt") * 255, [[1, 1, 1], [0, 0, 1]])


def test_a_target_takes_its_colors_from_text(tmp_path: Path) -> None:
    (tmp_path / "palette.txt").write_text(TEXT)
    target = PaletteTarget(6, palette=str(tmp_path / "palette.txt"))
    np.testing.assert_allclose(target.centers.numpy() * 255, COLORS, atol=1e-4)
    with pytest.raises(UsageError, match=r"target\.colors=6"):
        PaletteTarget(5, palette=str(tmp_path / "palette.txt"))


@pytest.mark.parametrize(
    "line",
    [
        "256 0 0",
        "-1 0 0",
        "1 2",
        "1 2 3 4",
        "1,,2,3",
        "1 2 3,",
        "0.5 0.5 0.5",
        "1e2 0 0",
        "١ 2 3",
        "1 2 3 #red",
        "#ff00",
        "#ff00f",
        "#ff00ff00",
        "#ff00ff 1",
        "ff00ff",
        "red",
        "9999999999999999999 0 0",
        "1\0002 3",
    ],
)
def test_a_wrong_line_is_told_by_its_number_and_what_it_holds(tmp_path: Path, line: str) -> None:
    (tmp_path / "palette.txt").write_text(f"# one\n1 2 3\n{line}\n4 5 6\n", encoding="utf-8")
    with pytest.raises(UsageError) as told:
        read_palette(tmp_path / "palette.txt")
    assert f"palette.txt, line 3: {line!r}" in str(told.value)
    assert str(told.value).isprintable()


def test_a_long_line_is_not_shown_whole(tmp_path: Path) -> None:
    (tmp_path / "palette.txt").write_text("1 " * 100_000)
    with pytest.raises(UsageError, match="line 1: '1 1 ") as told:
        read_palette(tmp_path / "palette.txt")
    assert len(str(told.value)) < 300 + len(str(tmp_path))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no colors"),
        (b"# nothing\n\n", "no colors"),
        (b"1 2 3\n\xff", "byte 6"),
        (b"1 2 3\n" * 65537, "line 65537: more than 65536 colors"),
        (b"#\n" * 2**22, "larger than"),
        (b"\x93NUMPY\x01\x00", "byte 0"),
    ],
    ids=["empty", "comments", "not text", "many", "large", "npy"],
)
def test_what_is_no_palette_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    (tmp_path / "palette.txt").write_bytes(content)
    with pytest.raises(UsageError, match=message):
        read_palette(tmp_path / "palette.txt")


@pytest.mark.parametrize(
    ("name", "first", "last"),  # shares of the assignment's files times 255, by hand
    [
        ("toronto16", (113.318, 74.600, 47.098), (127.691, 128.391, 121.997)),
        ("toronto24", (221.672, 207.328, 181.326), (114.222, 118.262, 116.289)),
        ("toronto32", (224.610, 226.903, 226.221), (149.303, 188.381, 221.638)),
    ],
)
def test_the_palettes_of_the_assignment_come_along(
    configure: Callable[..., dict[str, Any]], name: str, first: tuple[float, ...], last: tuple[float, ...]
) -> None:
    colors = read_palette(name) * 255
    assert len(np.unique(colors, axis=0)) == int(name.removeprefix("toronto"))
    np.testing.assert_allclose(colors[[0, -1]], [first, last], atol=0.5)
    configured = configure(f"target.palette={name}", small=False)["target"]
    assert configured["colors"] == len(colors)
    taken = make(configured, Target, "target").palette()
    assert taken is not None
    np.testing.assert_allclose(taken.numpy() * 255, colors, atol=1e-4)


def test_the_number_of_colors_follows_a_file(configure: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    (tmp_path / "palette.txt").write_text(TEXT)
    assert configure(f"target.palette={tmp_path}/palette.txt", small=False)["target"]["colors"] == 6
    assert configure(small=False)["target"]["colors"] == 32
    assert configure("target.palette=toronto24", "target.colors=8", small=False)["target"]["colors"] == 8


@pytest.mark.parametrize(
    ("overrides", "space"),
    [
        ([], "ab"),
        (["target.palette=toronto16"], "rgb"),
        (["target.palette=toronto16", "target.space=ab"], "ab"),
        (["task.luminance=predicted"], "rgb"),
        (["task=super_resolution"], "rgb"),
        (["task=super_resolution", "task.luminance=keep"], "ab"),
    ],
)
def test_colors_are_chroma_unless_brightness_is_part_of_them(
    configure: Callable[..., dict[str, Any]], overrides: list[str], space: str
) -> None:
    assert configure(*overrides, small=False)["target"]["space"] == space


@pytest.mark.parametrize(("name", "near"), [("toronto20", "toronto32"), ("torronto16", "toronto16")])
def test_a_palette_that_does_not_come_along_gets_the_nearest(name: str, near: str) -> None:
    with pytest.raises(UsageError, match=rf"target\.palette {name} .*mean {near}\?.*toronto16, toronto24, toronto32"):
        read_palette(name)
