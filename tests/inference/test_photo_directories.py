"""Directories of TIFF files and of EXIF: read as another library reads them, and within bounds."""

import io
import struct
import tracemalloc
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from huesweep.errors import UsageError
from huesweep.inference.photo_bigtiff import as_tiff
from huesweep.inference.photo_directories import OverfullError, read_directories
from huesweep.inference.photo_file import read_photo

PICTURE = {256: (3, 8), 257: (3, 8), 258: (3, 8), 259: (3, 1), 262: (3, 1), 277: (3, 1), 278: (3, 8), 279: (4, 64)}


def overfull(entries: int, size: int) -> bytes:
    """A TIFF file, or a block of EXIF, with so many tags that all tell of the same bytes."""
    content = 8 + 2 + 12 * entries + 4
    table = b"".join(
        struct.pack("<HHII", tag, kind, 1, value) for tag, (kind, value) in {**PICTURE, 273: (4, content)}.items()
    )
    for tag in range(40_000, 40_000 + entries - len(PICTURE) - 1):
        table += struct.pack("<HHII", tag, 7, size, content)
    return b"II*\0" + struct.pack("<IH", 8, entries) + table + bytes(4) + b"x" * size


def test_tags_are_those_that_another_library_reads(tmp_path: Path) -> None:
    for order in "<>":
        for is_big in (False, True):
            path = tmp_path / "a.tif"
            with tifffile.TiffWriter(path, bigtiff=is_big, byteorder=order) as file:  # type: ignore[arg-type]
                file.write(np.zeros((4, 6, 3), np.uint8), photometric="rgb", resolution=(300, 150), subfiletype=1)
                file.write(np.zeros((9, 5), np.uint16), photometric="minisblack")
            with path.open("rb") as content:
                found = [directory.tags for directory in read_directories(content)]
            with tifffile.TiffFile(path) as pages:
                for tags, page in zip(found, map(pages.pages.get, range(2)), strict=True):
                    assert isinstance(page, tifffile.TiffPage)
                    known = {tag: page.tags[tag].value for tag in (254, 256, 257, 258, 262, 277) if tag in page.tags}
                    assert len(known) >= 5
                    assert {tag: tags[tag] for tag in known} == known
            assert (found[0][282], found[0][283]) == (300, 150)


def test_a_loop_and_a_place_beyond_the_file_end_the_reading() -> None:
    for following in (8, 10**9):
        content = (
            b"II*\0" + struct.pack("<IH", 8, 1) + struct.pack("<HHII", 256, 3, 1, 7) + struct.pack("<I", following)
        )
        (directory,) = read_directories(io.BytesIO(content))
        assert directory.tags == {256: 7}


def repeated(tags: Mapping[int, tuple[int, int]], *several: int) -> bytes:
    """A gray picture's TIFF file whose tags, {tag: (type, value)}, tell their value twice where that is said."""
    table, values = b"", b""
    pixels = 8 + 2 + 12 * (len(tags) + 1) + 4
    beside = pixels + 64 * 8
    for tag, (kind, value) in sorted({**tags, 273: (4, pixels)}.items()):
        code, count = {3: "H", 4: "I", 5: "II"}[kind], 2 if tag in several else 1
        content = struct.pack(f"<{code}", *[value, 1][: len(code)]) * count
        if len(content) > 4:
            values, content = values + content, struct.pack("<I", beside + len(values))
        table += struct.pack("<HHI", tag, kind, count) + content.ljust(4, b"\0")
    return b"II*\0" + struct.pack("<IH", 8, len(tags) + 1) + table + bytes(4) + np.full(64, 0.5).tobytes() + values


WIDE = {**PICTURE, 258: (3, 64), 279: (4, 512), 339: (3, 3), 282: (5, 300), 283: (5, 150), 296: (3, 2)}


def test_of_values_where_one_is_meant_the_first_counts() -> None:
    tags = {**WIDE, 254: (4, 1), 255: (3, 1), 284: (3, 1)}
    (directory,) = read_directories(io.BytesIO(repeated(tags, *tags)))
    expected = {tag: value for tag, (_, value) in tags.items() if tag not in (259, 278, 279)}
    assert directory.tags == {**expected, 258: (64, 64), 339: (3, 3)}


@pytest.mark.parametrize(("tags", "several"), [({**PICTURE, 254: (4, 0)}, (254,)), (WIDE, (282, 283, 296))])
def test_a_photo_whose_tags_tell_a_value_twice_is_read(
    tmp_path: Path, tags: dict[int, tuple[int, int]], several: tuple[int, ...]
) -> None:
    (tmp_path / "a.tif").write_bytes(repeated(tags, *several))
    photo = read_photo(tmp_path / "a.tif")
    assert photo.pixels.shape == (8, 8, 3)
    if tags is WIDE:
        assert photo.metadata.dpi == (300, 150)
        assert (photo.pixels == 32768).all()


def test_a_photo_that_tells_its_size_twice_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(repeated({**WIDE, 339: (3, 1)}, 256))
    with pytest.raises(UsageError, match=r"have 64 bits, which are read only as floating-point gray or RGB$"):
        read_photo(tmp_path / "a.tif")


def test_another_kind_of_file_has_none() -> None:
    assert read_directories(io.BytesIO(b"GIF89a" + bytes(40))) == []
    assert read_directories(io.BytesIO(b"II")) == []
    with pytest.raises(ValueError, match="truncated"):
        read_directories(io.BytesIO(overfull(12, 4)[:60]))


def test_a_small_file_takes_no_memory_to_refuse(tmp_path: Path) -> None:
    exif = overfull(5000, 60_001)
    plain = io.BytesIO()
    Image.new("RGB", (8, 8)).save(plain, "JPEG")
    segments = b""
    for start in range(0, len(exif), 65_000):
        part = b"Exif\0\0" + exif[start : start + 65_000]
        segments += b"\xff\xe1" + struct.pack(">H", len(part) + 2) + part
    (tmp_path / "a.tif").write_bytes(overfull(3000, 100_000))
    (tmp_path / "a.jpg").write_bytes(plain.getvalue()[:2] + segments + plain.getvalue()[2:])
    Image.new("RGB", (64, 64)).save(tmp_path / "a.avif", exif=overfull(2000, 200_000))
    for path in tmp_path.iterdir():
        tracemalloc.start()
        with pytest.raises(UsageError, match="its metadata are too large"):
            read_photo(path)
        assert tracemalloc.get_traced_memory()[1] < 20e6, path
        tracemalloc.stop()


def test_a_big_tiff_that_tells_of_the_same_bytes_again_and_again_is_refused(tmp_path: Path) -> None:
    entries = 100
    place = 16 + 8 + 20 * entries + 8
    table = b"".join(struct.pack("<HHQQ", 40_000 + tag, 7, 2**20, place) for tag in range(entries))
    content = b"II+\0" + struct.pack("<HHQQ", 8, 0, 16, entries) + table + bytes(8) + bytes(2**20)
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(OverfullError):
        as_tiff(tmp_path / "a.tif")
