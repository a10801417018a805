"""Picture files of every kind, good and bad."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from PIL import Image

from huesweep.data.decoding import Fit, UnreadableError, fit_to, read_rgb

GRADIENT = np.linspace(0, 255, 24 * 32 * 3).reshape(24, 32, 3).astype(np.uint8)


def save(path: Path, image: Image.Image, **options: Any) -> Path:
    image.save(path, **options)
    return path


def pixels(path: Path) -> np.ndarray:
    picture = read_rgb(path)
    assert picture.mode == "RGB"
    return np.asarray(picture)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tiff", "webp", "jpg"])
def test_every_format_is_read(tmp_path: Path, suffix: str) -> None:
    options = {"lossless": True} if suffix == "webp" else {"quality": 100, "subsampling": 0} if suffix == "jpg" else {}
    path = save(tmp_path / f"picture.{suffix}", Image.fromarray(GRADIENT), **options)
    np.testing.assert_allclose(pixels(path).astype(int), GRADIENT, atol=3 if suffix == "jpg" else 0)


def test_sixteen_bits_are_scaled_to_eight(tmp_path: Path) -> None:
    levels = np.linspace(0, 65535, 64).reshape(8, 8).astype(np.uint16)
    path = save(tmp_path / "deep.png", Image.fromarray(levels))
    np.testing.assert_array_equal(pixels(path)[..., 0], np.round(levels / 257))


def test_four_printing_inks_become_three_colors(tmp_path: Path) -> None:
    path = save(tmp_path / "print.jpg", Image.new("CMYK", (8, 8), (0, 255, 255, 0)), quality=100)
    red, green, blue = pixels(path)[4, 4].astype(int)
    assert red > 240
    assert green < 15
    assert blue < 15


def test_transparency_shows_white(tmp_path: Path) -> None:
    indexed = Image.new("P", (8, 8), 0)
    indexed.putpalette([255, 0, 0, 0, 0, 255])
    indexed.putpixel((0, 0), 1)
    path = save(tmp_path / "indexed.png", indexed, transparency=0)
    assert pixels(path)[0, 0].tolist() == [0, 0, 255]
    assert pixels(path)[4, 4].tolist() == [255, 255, 255]
    path = save(tmp_path / "half.png", Image.new("RGBA", (8, 8), (0, 0, 0, 51)))
    assert pixels(path)[0, 0].tolist() == [204, 204, 204]


def test_of_an_animation_the_first_picture_is_read(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), color) for color in ((200, 0, 0), (0, 200, 0))]
    path = save(tmp_path / "moving.gif", frames[0], save_all=True, append_images=frames[1:])
    assert pixels(path)[0, 0].tolist() == [200, 0, 0]


def test_a_picture_that_was_turned_is_read_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it to the right by a quarter
    path = save(tmp_path / "turned.png", Image.fromarray(GRADIENT), exif=exif)
    np.testing.assert_array_equal(pixels(path), np.rot90(GRADIENT, -1))


@pytest.mark.parametrize("fit", get_args(Fit))
@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (33, 57), (64, 64)])
def test_a_picture_of_any_shape_fits(size: tuple[int, int], fit: Fit) -> None:
    assert fit_to(Image.new("RGB", size, (9, 8, 7)), 16, fit).shape == (3, 16, 16)
    assert (fit_to(Image.new("RGB", size, (9, 8, 7)), 16, fit) == np.array([9, 8, 7])[:, None, None]).all()


def test_ways_to_fit_differ_in_what_they_show() -> None:
    wide = Image.new("RGB", (90, 30), "black")
    wide.paste("white", (30, 0, 60, 30))
    assert (fit_to(wide, 30, "crop") == 255).all()
    padded = fit_to(wide, 90, "pad")
    assert (padded[:, :, 45] == 255).all()
    assert (padded[:, :, 5] == 0).all()
    stretched = fit_to(wide, 30, "stretch")
    assert max(stretched[0, 15].tolist()[:5]) == 0
    assert stretched[0, 15, 15] == 255


def test_shrinking_averages_and_does_not_pick() -> None:
    checkers = np.indices((64, 64)).sum(0) % 2 * 255
    small = fit_to(Image.fromarray(np.repeat(checkers[..., None], 3, 2).astype(np.uint8)), 8, "crop")
    assert np.abs(small.astype(int) - 127).max() <= 8


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)).save(buffer, "jpeg")
    return buffer.getvalue()


def png() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(GRADIENT).save(buffer, "png")
    return buffer.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty.jpg": (lambda: b"", "empty"),
    "text.jpg": (lambda: b"this is text", "not a picture"),
    "truncated.jpg": (lambda: jpeg()[: len(jpeg()) // 2], "truncated"),
    "header.jpg": (lambda: jpeg()[:20], "not a picture|truncated"),
    "truncated.png": (lambda: png()[:-40], "truncated|unrecognized|broken"),
    "damaged.png": (lambda: png()[:60] + b"\x00" * 30 + png()[90:], "broken|unrecognized|truncated|not a picture"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_broken_file_is_told_from_a_picture(tmp_path: Path, name: str) -> None:
    content, message = BAD[name]
    (tmp_path / name).write_bytes(content())
    with pytest.raises(UnreadableError, match=message):
        read_rgb(tmp_path / name)


def test_what_can_not_be_opened_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableError, match="No such file"):
        read_rgb(tmp_path / "nowhere.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(UnreadableError, match="directory"):
        read_rgb(tmp_path / "folder.png")


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = save(tmp_path / "bomb.png", Image.new("L", (400, 400)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(UnreadableError, match="too large"):
        read_rgb(path)
