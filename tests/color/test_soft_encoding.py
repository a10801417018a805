"""Soft encoding, against its formula written out for one pixel."""

import math

import pytest
import torch

from huesweep.color.soft_encoding import soft_encode


def test_a_pixel_is_spread_as_the_formula_says() -> None:
    centers = torch.tensor([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0], [50.0, 50.0]])
    pixel = torch.tensor([3.0, 1.0]).view(1, 2, 1, 1)
    squares = [3**2 + 1, 7**2 + 1, 3**2 + 9**2]
    raw = [math.exp(-square / (2 * 5**2)) for square in squares]
    found = soft_encode(pixel, centers, neighbors=3, sigma=5.0).flatten().tolist()
    assert found == pytest.approx([value / sum(raw) for value in raw] + [0], rel=1e-5)


def test_every_pixel_sums_to_one_however_far_it_is(generator: torch.Generator) -> None:
    pixels = 1000 * torch.randn(2, 2, 7, 5, generator=generator)
    spread = soft_encode(pixels, torch.randn(20, 2, generator=generator), neighbors=5, sigma=5.0)
    assert spread.shape == (2, 20, 7, 5)
    torch.testing.assert_close(spread.sum(1), torch.ones(2, 7, 5))
    assert ((spread > 0).sum(1) <= 5).all()


def test_one_neighbor_is_the_nearest_color(generator: torch.Generator) -> None:
    pixels, centers = torch.randn(1, 3, 4, 4, generator=generator), torch.randn(6, 3, generator=generator)
    spread = soft_encode(pixels, centers, neighbors=1, sigma=5.0)
    flat = pixels.movedim(1, -1).reshape(-1, 3)
    expected = [min(range(6), key=lambda k: float((centers[k] - pixel).norm())) for pixel in flat]
    assert spread.argmax(1).flatten().tolist() == expected
    assert spread.amax(1).eq(1).all()
