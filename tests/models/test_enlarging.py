"""Networks on blocks of pixels, and the ways back to every pixel."""

from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn.functional import interpolate

from huesweep.errors import UsageError
from huesweep.models.assembly import build_network, weightless
from huesweep.models.encoders.base import FeatureSpec
from huesweep.models.encoders.patch import PatchEncoder
from huesweep.models.enlarging import enlarge, slopes
from huesweep.models.network import Network
from tests.models.composed import make_encoder, model_description


def fast(*overrides: str) -> Network:
    torch.manual_seed(0)
    return build_network(model_description("model=unet_fast", *overrides), 1, 3).eval()


@pytest.mark.parametrize("size", [2, 4])
def test_blocks_come_in_as_channels_and_strides_are_those_of_pixels(size: int) -> None:
    encoder = make_encoder("patch", 1, "model.encoder.of.widths=[4,6]", f"model.encoder.size={size}").eval()
    assert isinstance(encoder, PatchEncoder)
    assert encoder.specs == (FeatureSpec(4, size), FeatureSpec(6, 2 * size))
    x = torch.rand(1, 1, 4 * size, 8 * size)
    blocks = torch.stack(
        [x[:, 0, row::size, column::size] for row in range(size) for column in range(size)], dim=1
    )  # each pixel of a block, in reading order
    for found, expected in zip(encoder(x), encoder.of(blocks), strict=True):
        assert torch.equal(found, expected)


def test_the_way_back_puts_channels_where_the_pixels_were() -> None:
    network = fast()
    x = torch.rand(2, 1, 32, 48)
    with torch.no_grad():
        found = network(x)
        small = network.head(network.decoder(network.encode(x), (16, 24)))
    for channel, row, column in np.ndindex(3, 2, 2):
        assert torch.equal(found[:, channel, row::2, column::2], small[:, channel * 4 + row * 2 + column])


@pytest.mark.parametrize("how", ["bilinear", "shuffle", "guided"])
@pytest.mark.parametrize("size", [(33, 35), (1, 1), (2, 7), (16, 5)])
def test_every_size_comes_back(size: tuple[int, int], how: str) -> None:
    for more in ((), ("model.encoder.size=4", "model.stride=4")):
        found = fast(f"model.enlarging={how}", *more)(torch.rand(1, 1, *size))
        assert found.shape == (1, 3, *size)
        assert found.isfinite().all()


def edge(side: int) -> tuple[Tensor, Tensor]:
    """A bright half beside a dark one, (1, 1, side, side), and values that change there, at half the side."""
    picture = torch.zeros(1, 1, side, side)
    picture[..., side // 2 :] = 1.0
    values = torch.full((1, 2, side // 2, side // 2), 10.0)
    values[..., side // 4 :] = -30.0
    return picture, values


def test_guided_values_change_where_the_picture_does() -> None:
    picture, values = edge(16)
    sharp = values.repeat_interleave(2, 2).repeat_interleave(2, 3)
    guided = enlarge(values, picture, 2, "guided")
    even = interpolate(values, (16, 16), mode="bilinear", align_corners=False)
    assert (even - sharp).abs().max() == 10.0
    assert (guided - sharp).abs().max() < 4.0  # slopes are means of a window, too
    flat = enlarge(values, torch.full_like(picture, 0.5), 2, "guided")
    torch.testing.assert_close(flat, even)


def test_slopes_are_those_of_the_guided_filter() -> None:
    guide, values = np.random.default_rng(0).random((2, 12, 15), dtype=np.float32)

    def mean(x: np.ndarray) -> np.ndarray:
        summed = cv2.boxFilter(x, -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
        return summed / cv2.boxFilter(np.ones_like(x), -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)

    ratio = (mean(guide * values) - mean(guide) * mean(values)) / (mean(guide * guide) - mean(guide) ** 2 + 1e-3)
    found = slopes(torch.from_numpy(values)[None], torch.from_numpy(guide)[None])
    np.testing.assert_allclose(found[0], mean(ratio), rtol=1e-3, atol=1e-4)


def test_an_encoder_within_one_starts_from_nothing_when_it_is_read_again() -> None:
    of: dict[str, Any] = {"kind": "timm", "options": {"name": "resnet18", "pretrained": True, "weights": "a/file"}}
    described: dict[str, Any] = {"kind": "patch", "options": {"size": 2, "of": of}}
    expected = {**of, "options": {"name": "resnet18", "pretrained": False, "weights": None}}
    assert weightless(described)["options"] == {"size": 2, "of": expected}
    assert of["options"]["pretrained"] is True


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model.encoder.size=3"], r"model\.encoder\.size=3 must be 2 or 4"),
        (["model.enlarging=guide"], r"model\.enlarging=guide .*did you mean guided"),
        (["model.stride=4"], r"model\.stride=4 must divide"),
    ],
)
def test_what_can_not_be_is_refused(overrides: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        fast(*overrides)
