"""Which picture files are opened, and how large."""

import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import EpsImagePlugin, Image

from huesweep.data.decoding import UnreadableError, read_rgb
from huesweep.errors import UsageError
from huesweep.inference.photo_file import read_photo
from huesweep.sweeps.report.pictures import read_picture

ROOT = Path(__file__).parents[2]
EPS = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 20 20\n%%EndComments\n0 0 20 20 rectfill\nshowpage\n%%EOF\n"
FITS_CARDS = ("SIMPLE  = T", "BITPIX  = 8", "NAXIS   = 2", "NAXIS1  = 4", "NAXIS2  = 4", "END")
FITS = "".join(card.ljust(80) for card in FITS_CARDS).ljust(2880).encode() + bytes(2880)


def saved(format: str) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (16, 16), "red").save(file, format)
    return file.getvalue()


FOREIGN: dict[str, Callable[[], bytes]] = {
    "eps": lambda: EPS,
    "fits": lambda: FITS,
    "psd": lambda: b"8BPS\0\1" + bytes(6) + struct.pack(">HIIHH", 3, 4, 4, 8, 3) + bytes(12) + bytes(2 + 48),
    "ppm": lambda: saved("PPM"),
    "tga": lambda: saved("TGA"),
    "ico": lambda: saved("ICO"),
    "pcx": lambda: saved("PCX"),
    "icns": lambda: saved("ICNS"),
    "dds": lambda: saved("DDS"),
    "jp2": lambda: saved("JPEG2000"),
}


@pytest.fixture
def mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that a program named gs leaves when it runs."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "gs").write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\necho 10.0\n")
    (tmp_path / "bin" / "gs").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin", prepend=os.pathsep)
    monkeypatch.setattr(EpsImagePlugin, "gs_binary", None)  # not looked for yet
    return tmp_path / "ran"


def test_pillow_alone_would_run_a_program_for_an_eps(tmp_path: Path, mark: Path) -> None:
    (tmp_path / "picture.png").write_bytes(EPS)
    with Image.open(tmp_path / "picture.png") as picture, pytest.raises(OSError, match=r".*"):
        picture.load()
    assert mark.exists()


@pytest.mark.parametrize("kind", FOREIGN)
def test_other_formats_are_no_pictures_and_start_no_program(tmp_path: Path, mark: Path, kind: str) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(FOREIGN[kind]())
    with Image.open(path) as picture:
        assert picture.format  # which Pillow knows
    with pytest.raises(UnreadableError, match=r"^not a picture$"):
        read_rgb(path)
    with pytest.raises(UsageError, match=r"picture\.png can't be read: not a picture"):
        read_photo(path)
    assert read_picture(path) is None
    assert not mark.exists()


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "MPO", "GIF"])
def test_formats_of_photos_are_read_under_any_name(tmp_path: Path, format: str) -> None:
    path = tmp_path / "picture.dat"
    content = saved(format)
    path.write_bytes(content)
    assert np.abs(np.asarray(read_rgb(path)).astype(int) - [255, 0, 0]).max() <= 2
    assert read_photo(path).pixels.shape == (16, 16, 3)


def png(width: int, height: int, bits: int, kind: int, rows: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, bits, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zeros(count: int) -> bytes:
    """So many zeros, compressed."""
    packer = zlib.compressobj(1)
    block = bytes(2**20)
    parts = [packer.compress(block[: min(2**20, count - start)]) for start in range(0, count, 2**20)]
    return b"".join([*parts, packer.flush()])


def outcome_and_memory(code: str, path: Path) -> tuple[str, float]:
    """What a program that is given a path prints, and the most memory it took in MiB."""
    code += "\nfrom tests.memory import peak_memory; print(peak_memory())"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}
    done = subprocess.run([sys.executable, "-c", code, str(path)], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "Warning" not in done.stderr
    *lines, memory = done.stdout.splitlines()
    return "\n".join(lines), float(memory)


@pytest.mark.slow
@pytest.mark.parametrize(("side", "there"), [(13_000, 1.0), (30_000, 0.01)], ids=["whole", "declared"])
def test_a_bomb_in_a_folder_is_left_out_before_it_is_decoded(tmp_path: Path, side: int, there: float) -> None:
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "bomb.png").write_bytes(png(side, side, 8, 2, zeros(round(there * side * (3 * side + 1)))))
    Image.new("RGB", (20, 20), "red").save(tmp_path / "root" / "picture.png")
    code = f"""
import sys
from huesweep.data.sources.folder import FolderSource
source = FolderSource(sys.argv[1], 16, "crop", False, 0, 0, 0, {str(tmp_path / "cache")!r})
print(len(source.load("train").pictures), file=sys.stdout)
"""
    count, memory = outcome_and_memory(code, tmp_path / "root")
    assert count == "1"
    assert memory < 1024


@pytest.mark.slow
@pytest.mark.parametrize(("bits", "kind"), [(8, 6), (16, 0)], ids=["transparent", "deep"])
def test_the_largest_picture_that_is_read_takes_less_than_a_gigabyte(tmp_path: Path, bits: int, kind: int) -> None:
    size = {6: 4, 0: 2}[kind]
    path = tmp_path / "large.png"
    path.write_bytes(png(8000, 8000, bits, kind, zeros(8000 * (8000 * size + 1))))
    code = "import sys; from huesweep.data.decoding import read_rgb; print(read_rgb(sys.argv[1]).size)"
    size_read, memory = outcome_and_memory(code, path)
    assert size_read == "(8000, 8000)"
    assert memory < 700


def test_a_large_picture_is_converted_as_a_small_one_is(tmp_path: Path) -> None:
    # Strips must not show: the parts of a large picture are what small pictures of them are.
    levels = np.random.default_rng(0).integers(0, 256, (1300, 4000, 4), np.uint8)
    Image.fromarray(levels).save(tmp_path / "large.png", compress_level=0)
    whole = np.asarray(read_rgb(tmp_path / "large.png"))
    for top in range(0, 1300, 100):
        Image.fromarray(levels[top : top + 100]).save(tmp_path / "part.png", compress_level=0)
        np.testing.assert_array_equal(whole[top : top + 100], read_rgb(tmp_path / "part.png"))


def test_a_photo_with_a_chunk_longer_than_its_file_takes_no_memory_for_it(tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    whole = png(20, 12, 16, 0, zlib.compress(bytes(12 * 41)))
    place = whole.index(b"IDAT") - 4
    path.write_bytes(whole)
    assert read_photo(path).pixels.shape == (12, 20, 3)
    path.write_bytes(whole[:place] + b"\x64" + whole[place + 1 :])  # 1.6 GB
    code = """
import sys
from pathlib import Path
from huesweep.errors import UsageError
from huesweep.inference.photo_file import read_photo
try: read_photo(Path(sys.argv[1]))
except UsageError as error: print(error)
"""
    told, memory = outcome_and_memory(code, path)
    assert "truncated" in told
    assert memory < 700
