"""sRGB and CIELAB against scikit-image."""

import numpy as np
import pytest
import torch
from skimage.color import lab2rgb, rgb2lab

from huesweep.color.spaces import (
    lab_to_rgb,
    lightness_to_gray,
    rgb_to_lab,
    rgb_to_lightness,
    to_bytes,
    to_float,
    with_lightness,
)


def as_pixels(batch: torch.Tensor) -> np.ndarray:
    return batch.movedim(1, -1).numpy()


def test_lab_agrees_with_scikit_image(generator: torch.Generator) -> None:
    rgb = torch.rand(2, 3, 16, 16, generator=generator)
    np.testing.assert_allclose(as_pixels(rgb_to_lab(rgb)), rgb2lab(as_pixels(rgb)), atol=2e-3)


def test_lightness_alone_agrees_with_scikit_image(generator: torch.Generator) -> None:
    rgb = torch.rand(2, 3, 16, 16, generator=generator)
    for pictures in (rgb, rgb[:, :1]):
        expected = rgb2lab(as_pixels(pictures.expand(-1, 3, -1, -1)))[..., :1]
        np.testing.assert_allclose(as_pixels(rgb_to_lightness(pictures)), expected, atol=2e-3)


def test_rgb_agrees_with_scikit_image(generator: torch.Generator) -> None:
    lab = rgb_to_lab(torch.rand(2, 3, 16, 16, generator=generator))
    np.testing.assert_allclose(as_pixels(lab_to_rgb(lab)), lab2rgb(as_pixels(lab)), atol=2e-4)


def test_every_byte_survives_the_way_to_lab_and_back() -> None:
    levels = torch.arange(256, dtype=torch.uint8)
    red, green = torch.meshgrid(levels, levels, indexing="ij")
    pictures = torch.stack([red, green, green.flip(0)])[None]
    assert torch.equal(to_bytes(lab_to_rgb(rgb_to_lab(to_float(pictures)))), pictures)


def test_gray_levels_survive_the_way_to_lightness_and_back() -> None:
    levels = torch.arange(256, dtype=torch.uint8).view(1, 1, 1, 256)
    lightness = rgb_to_lab(to_float(levels.repeat(1, 3, 1, 1)))[:, :1]
    assert torch.equal(to_bytes(lightness_to_gray(lightness)), levels)


def test_lightness_is_replaced_and_chroma_kept_within_the_gamut() -> None:
    rgb = torch.tensor([0.5, 0.45, 0.4]).view(1, 3, 1, 1)
    lighter = rgb_to_lab(with_lightness(rgb, torch.full((1, 1, 1, 1), 60.0)))
    assert lighter[0, 0].item() == pytest.approx(60, abs=0.01)
    assert torch.allclose(lighter[0, 1:], rgb_to_lab(rgb)[0, 1:], atol=0.02)


@pytest.mark.parametrize("value", [0.0, 1.0, 0.0031308, 0.04045, 0.5])
def test_gradients_to_lab_are_finite(value: float) -> None:
    rgb = torch.full((1, 3, 1, 1), value, requires_grad=True)
    rgb_to_lab(rgb).sum().backward()
    assert rgb.grad is not None
    assert torch.isfinite(rgb.grad).all()


@pytest.mark.parametrize("color", [(0, 0, 0), (100, 0, 0), (50, 150, -150), (0, 80, 80), (100, -120, 120)])
def test_gradients_from_lab_are_finite_even_out_of_gamut(color: tuple[int, int, int]) -> None:
    lab = torch.tensor(color, dtype=torch.float32).view(1, 3, 1, 1).requires_grad_()
    lab_to_rgb(lab).sum().backward()
    assert lab.grad is not None
    assert torch.isfinite(lab.grad).all()
