"""Values of photos are shown as their profile says, judged by LittleCMS through Pillow."""

import io
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest
import pyvips
import tifffile
from PIL import Image, ImageCms
from skimage.color import rgb2lab

from huesweep.inference.photo_file import read_photo
from tests.inference.photographs import PROFILE, photograph
from tests.inference.test_predict import predict

WHITE, ADAPTED = (0.9642, 1.0, 0.8249), b"mntr"
DOT_GAIN = [min(1.0, (level / 255) ** 1.75 * 0.95 + 0.05 * level / 255) for level in range(256)]
SPACES = {  # primaries x, y, already adapted to D50, and gamma
    "adobe": ([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]], 2.19921875),
    "prophoto": ([[0.79767, 0.13519, 0.03134], [0.28804, 0.71188, 0.00009], [0.0, 0.0, 0.8251]], 1.8),
}


def profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    """An ICC profile of version 2 (ICC.1:2001-04, section 6)."""
    texts = {
        b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78),
        b"cprt": b"text" + bytes(4) + b"none\0",
    }
    tags = {**texts, b"wtpt": xyz(WHITE), **tags}
    place, table, content = 132 + 12 * len(tags), b"", b""
    for name, tag in tags.items():
        table += name + struct.pack(">II", place + len(content), len(tag))
        content += tag + bytes(-len(tag) % 4)
    header = struct.pack(">I4sI4s4s4s", place + len(content), b"lcms", 0x02400000, ADAPTED, space, b"XYZ ")
    header += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + xyz(WHITE)[8:] + bytes(48)
    return header + struct.pack(">I", len(tags)) + table + content


def xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(value * 65536) for value in values))


def curve(values: list[float] | float) -> bytes:
    if isinstance(values, float):
        return b"curv" + bytes(4) + struct.pack(">IH", 1, round(values * 256))
    return (
        b"curv" + bytes(4) + struct.pack(f">I{len(values)}H", len(values), *(round(value * 65535) for value in values))
    )


def gray(values: list[float] | float) -> bytes:
    return profile(b"GRAY", {b"kTRC": curve(values)})


def rgb(name: str) -> bytes:
    columns, gamma = SPACES[name]
    tags = {f"{color}XYZ".encode(): xyz(tuple(row[place] for row in columns)) for place, color in enumerate("rgb")}
    return profile(b"RGB ", {**tags, **{f"{color}TRC".encode(): curve(gamma) for color in "rgb"}})


PROFILES = {"gamma 1.8": gray(1.8), "dot gain": gray(DOT_GAIN), "adobe": rgb("adobe"), "prophoto": rgb("prophoto")}
IS_GRAY = ("gamma 1.8", "dot gain")


def shown(levels: np.ndarray, icc: bytes) -> np.ndarray:
    """What LittleCMS shows of 8-bit values, as sRGB."""
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
    intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
    to = ImageCms.createProfile("sRGB")
    found = ImageCms.profileToProfile(Image.fromarray(levels), source, to, intent, "RGB", flags=flags)
    assert found is not None
    return np.asarray(found)


def save(path: Path, levels: np.ndarray, icc: bytes, depth: int) -> Path:
    if depth == 8:
        Image.fromarray(levels).save(path, icc_profile=icc, quality=100)
    elif path.suffix == ".tiff":
        kind = "rgb" if levels.ndim == 3 else "minisblack"
        tifffile.imwrite(path, levels.astype(np.uint16) * 257, photometric=kind, iccprofile=icc)
    else:
        values = np.ascontiguousarray(levels if levels.ndim == 2 else levels[..., ::-1]).astype(np.uint16) * 257
        done, content = cv2.imencodeWithMetadata(
            ".png", values, [cv2.IMAGE_METADATA_ICCP], [np.frombuffer(icc, np.uint8)]
        )
        assert done
        path.write_bytes(content.tobytes())
    return path


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize(("ending", "depth"), [("jpg", 8), ("png", 8), ("png", 16), ("tiff", 8), ("tiff", 16)])
def test_values_go_through_the_profile(tmp_path: Path, name: str, ending: str, depth: int) -> None:
    levels = photograph(60, 40)
    if name in IS_GRAY:
        levels = np.asarray(Image.fromarray(levels).convert("L"))
    path = save(tmp_path / f"a.{ending}", levels, PROFILES[name], depth)
    if ending == "jpg":
        levels = np.asarray(Image.open(path))
    photo = read_photo(path)
    expected = shown(levels, PROFILES[name])
    assert np.abs(expected.astype(int) - (levels if levels.ndim == 3 else levels[..., None])).max() > 10
    difference = np.abs(photo.pixels / (257 if depth == 16 else 1) - expected)
    assert difference.mean() < 0.6
    assert np.percentile(difference, 99) <= 3
    assert photo.remarks == ()


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize(("ending", "depth"), [("png", 8), ("png", 16), ("tiff", 16)])
def test_brightness_stays_as_it_is_shown(
    by_lightness: Path, tmp_path: Path, name: str, ending: str, depth: int
) -> None:
    levels = photograph(60, 40)
    if name in IS_GRAY:
        levels = np.asarray(Image.fromarray(levels).convert("L"))
    path = save(tmp_path / f"a.{ending}", levels, PROFILES[name], depth)
    (colored,) = predict(by_lightness, path)
    result = pyvips.Image.new_from_file(str(colored)).icc_transform("srgb", embedded=True, depth=8).numpy()
    before, after = rgb2lab(shown(levels, PROFILES[name]))[..., 0], rgb2lab(result)[..., 0]
    assert np.abs(before - after).mean() < 0.6
    assert np.percentile(np.abs(before - after), 99) < 2


@pytest.mark.parametrize("depth", [8, 16])
def test_srgb_stays_to_the_bit(tmp_path: Path, depth: int) -> None:
    photo = read_photo(save(tmp_path / "a.png", photograph(60, 40), PROFILE, depth))
    assert (photo.pixels // (257 if depth == 16 else 1) == photograph(60, 40)).all()
    assert photo.metadata.icc_profile == PROFILE


@pytest.mark.parametrize(("gamma", "depth", "most"), [(1.0, 16, 0.2), (1 / 1.8, 8, 1), (1 / 1.8, 16, 0.2)])
@pytest.mark.parametrize("is_gray", [False, True])
def test_a_png_of_another_gamma_is_read_as_browsers_show_it(
    tmp_path: Path, gamma: float, depth: int, most: float, is_gray: bool
) -> None:
    levels = np.tile(np.arange(20, 256, dtype=np.uint8), (4, 1))
    levels = levels if is_gray else np.stack([levels, levels[:, ::-1], levels // 2 + 20], axis=2)
    shown = levels / 255
    light = np.where(shown > 0.04045, ((shown + 0.055) / 1.055) ** 2.4, shown / 12.92)
    stored = (light**gamma * (2**depth - 1)).round().astype(np.uint16 if depth == 16 else np.uint8)
    kind = ("grey16" if is_gray else "rgb16") if depth == 16 else "b-w" if is_gray else "srgb"
    content = bytes(pyvips.Image.new_from_array(stored).copy(interpretation=kind).pngsave_buffer())
    told = b"gAMA" + round(gamma * 100_000).to_bytes(4, "big")
    chunk = (4).to_bytes(4, "big") + told + zlib.crc32(told).to_bytes(4, "big")
    for extra, is_told in ((chunk, True), (b"", False)):
        (tmp_path / "a.png").write_bytes(content[:33] + extra + content[33:])
        found = read_photo(tmp_path / "a.png").pixels / (257 if depth == 16 else 1)
        expected = np.repeat(levels[..., None], 3, axis=2) if is_gray else levels
        assert (np.abs(found - expected).max() <= most) == is_told


@pytest.mark.parametrize(("ending", "depth"), [("jpg", 8), ("png", 8), ("tiff", 16)])
def test_a_damaged_profile_is_told_and_left_aside(tmp_path: Path, ending: str, depth: int) -> None:
    for icc in (PROFILES["adobe"][:200], b"none at all" * 30, PROFILES["dot gain"]):
        path = save(tmp_path / f"a.{ending}", photograph(60, 40), icc, depth)
        photo = read_photo(path)
        expected = np.asarray(Image.open(path).convert("RGB")) if depth == 8 else photograph(60, 40)
        assert (photo.pixels // (257 if depth == 16 else 1) == expected).all()
        (remark,) = photo.remarks
        assert "profile" in remark
        assert photo.metadata.icc_profile == b""


def test_gray_values_with_a_profile_of_colors_are_those_of_its_grays(tmp_path: Path) -> None:
    levels = np.asarray(Image.fromarray(photograph(60, 40)).convert("L"))
    photo = read_photo(save(tmp_path / "a.png", levels, PROFILES["prophoto"], 8))
    expected = shown(np.repeat(levels[..., None], 3, 2), PROFILES["prophoto"])
    assert np.abs(photo.pixels.astype(int) - expected).max() <= 2
    assert photo.is_gray
