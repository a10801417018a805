"""A colorizer by itself: decoding is an argument, and nothing it is asked for stays behind."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from skimage import data
from skimage.color import rgb2lab

from huesweep.color.targets.palette import PaletteTarget
from huesweep.colorizer.colorizer import Colorizer


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer.load(Path(__file__).parent / "version2" / "best.ckpt")


@torch.inference_mode()
def test_a_decoding_is_asked_for_and_leaves_nothing_behind(colorizer: Colorizer, generator: torch.Generator) -> None:
    inputs = torch.rand(1, 1, 8, 8, generator=generator)
    outputs = colorizer(inputs)
    usual = colorizer.decode(outputs, inputs)
    palette = colorizer.target.palette()
    assert palette is not None
    likeliest = colorizer.decode(outputs, inputs, decoding="argmax")
    expected = colorizer.target.decode(outputs, None, "argmax")
    assert torch.equal(expected[0, :, 2, 3], palette[outputs[0, :, 2, 3].argmax()])
    assert not torch.equal(likeliest, usual)
    assert torch.equal(colorizer.decode(outputs, inputs, temperature=0.38), usual)
    assert torch.equal(colorizer.decode(outputs, inputs), usual)


@pytest.mark.parametrize(
    ("decoding", "temperature", "named"),
    [("mode", None, "argmax"), ("argmax", 0.5, "annealed"), (None, 0.0, "0.0"), (None, 1.5, "1.5")],
)
def test_a_decoding_that_there_is_not_is_refused(
    colorizer: Colorizer, decoding: str | None, temperature: float | None, named: str
) -> None:
    with pytest.raises(ValueError, match=named):
        colorizer.target.check_decoding(decoding, temperature)


def test_a_palette_without_colors_is_refused_and_not_black() -> None:
    target = PaletteTarget(4)
    with pytest.raises(ValueError, match="no colors"):
        target.decode(torch.zeros(1, 4, 2, 2), None)
    with pytest.raises(ValueError, match="no colors"):
        target.encode(torch.zeros(1, 3, 2, 2))


@pytest.mark.parametrize("kind", ["uint8", "uint16", "float16", "float32", "float64"])
def test_colors_come_back_in_the_kind_of_the_picture(colorizer: Colorizer, kind: str) -> None:
    photo = data.astronaut()[:64, :80]
    scale = {"uint8": 1, "uint16": 257}.get(kind, 1 / 255)
    colored = colorizer.color((photo * np.float64(scale)).astype(kind))
    assert (colored.shape, colored.dtype) == ((64, 80, 3), np.dtype(kind))
    as_usual = colorizer.color(photo).astype(float)
    assert np.abs(colored / scale - as_usual).max() <= 1.01
    lightness = [rgb2lab(picture)[..., 0] for picture in (photo, as_usual / 255)]
    assert np.abs(lightness[0] - lightness[1]).mean() < 0.3


def test_coloring_leaves_a_network_in_training_as_it_was(colorizer: Colorizer) -> None:
    photo = data.astronaut()[:64, :80]
    expected = colorizer.color(photo)
    before = {name: value.clone() for name, value in colorizer.state_dict().items()}
    colorizer.train()
    assert (colorizer.color(photo) == expected).all()
    with pytest.raises(ValueError, match="samples"):
        colorizer.color(photo, samples=-1)
    assert colorizer.training
    torch.testing.assert_close(colorizer.state_dict(), before, rtol=0, atol=0)
    colorizer.eval()


def test_gray_pictures_lists_and_pillows_are_colored_too(colorizer: Colorizer) -> None:
    photo = data.astronaut()[:40, :60]
    gray = photo.mean(2).astype(np.uint8)
    one, other = colorizer.color([gray, Image.fromarray(photo)])
    assert one.shape == (40, 60, 3)
    assert isinstance(other, Image.Image)
    assert np.array_equal(np.asarray(other), colorizer.color(photo))
    drawn = colorizer.color(photo, samples=2)
    assert len(drawn) == 2
    assert not np.array_equal(*drawn)


@pytest.mark.parametrize("kind", ["I;16", "I;16B", "I", "F"])
def test_pillows_of_more_than_8_bits_keep_their_levels(colorizer: Colorizer, kind: str) -> None:
    levels = (data.astronaut()[:40, :60].mean(2) * 257).astype(np.uint16)
    pillows = {
        "I;16": Image.fromarray(levels),
        "I;16B": Image.frombytes("I;16B", (60, 40), levels.astype(">u2").tobytes()),
        "I": Image.fromarray(levels.astype(np.int32)),
        "F": Image.fromarray(levels.astype(np.float32) / 65535),
    }
    assert pillows[kind].mode == kind
    colored = np.asarray(colorizer.color(pillows[kind])).astype(float)
    assert np.abs(colored - colorizer.color(levels) / 257).max() <= 1


@pytest.mark.parametrize(
    ("picture", "named"),
    [
        (Image.fromarray(np.full((4, 4), 70_000, np.int32)), "int32"),
        (Image.fromarray(np.full((4, 4), 255, np.float32)), "255"),
        (np.zeros((4, 4, 2), np.uint8), r"\(4, 4, 2\)"),
        (np.zeros((4, 4, 4), np.uint8), r"\(4, 4, 4\)"),
        (np.zeros(4, np.uint8), r"\(4,\)"),
        (np.zeros((0, 4), np.uint8), r"\(0, 4\)"),
        (np.zeros((4, 4), np.int64), "int64"),
        (np.full((4, 4), 1.5), "1.5"),
        (np.full((4, 4), np.nan), "nan"),
        (np.array([["a"]]), "<U1"),
        ("photo.jpg", "str"),
    ],
)
def test_other_pictures_are_refused_with_what_is_expected(colorizer: Colorizer, picture: object, named: str) -> None:
    with pytest.raises(ValueError, match=rf"\(H, W\) or \(H, W, 3\).*{named}"):
        colorizer.color(picture)
