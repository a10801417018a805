"""What a network does beside encoding and decoding: outputs at a part of the side or bounded, small inputs enlarged."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.nn.functional import interpolate

from huesweep.errors import UsageError
from huesweep.models.assembly import build_network
from huesweep.models.network import Encoded, Network
from huesweep.training.assembly import assemble
from tests.models.composed import model_description

CHOICES = ("model=unet", "model/encoder=timm", "model.encoder.name=test_efficientnet", "model.encoder.stem=original")
COARSE = ("model.stride=2", "+model.encoder.options.out_indices=[0,1,2,3]")


def network(*overrides: str) -> Network:
    torch.manual_seed(0)
    return build_network(model_description(*CHOICES, *overrides), 1, 2).eval()


def test_outputs_at_a_part_of_the_side_are_enlarged_evenly() -> None:
    whole = network(*COARSE)
    x = torch.rand(2, 1, 64, 96)
    with torch.no_grad():
        found = whole(x)
        maps = whole.encode(x)
        coarse = whole.head(whole.decoder(maps, (32, 48)))
    assert found.shape == (2, 2, 64, 96)
    expected = interpolate(coarse, (64, 96), mode="bilinear", align_corners=False)
    torch.testing.assert_close(found, expected)
    # Half as many pixels each way come out of the decoder as of that of a network with outputs of full size.
    assert whole.decoder(maps, (32, 48)).shape[-2:] == (32, 48)


def test_the_only_side_is_that_of_the_outputs() -> None:
    dense = ("model=rutgers_fc1", "model.decoder.size=16", "model.decoder.hidden=[0.1]", "model.stride=2")
    on_blocks = ("model/encoder=patch", "model/encoder@model.encoder.of=identity", "model.enlarging=bilinear")
    served = build_network(model_description(*dense, *on_blocks), 1, 3)
    assert served.side == 32
    assert served(torch.rand(2, 1, 32, 32)).shape == (2, 3, 32, 32)


@pytest.mark.parametrize("size", [(64, 64), (63, 33), (1, 1), (2, 7), (130, 5)])
def test_every_size_comes_back(size: tuple[int, int]) -> None:
    for more in (COARSE, (*COARSE, "model.smallest=48")):
        with torch.no_grad():
            assert network(*more)(torch.rand(1, 1, *size)).shape[-2:] == size


def test_small_inputs_are_enlarged_for_the_network_and_answers_brought_back() -> None:
    small, plain = network(*COARSE, "model.smallest=64"), network(*COARSE)
    x = torch.rand(2, 1, 32, 48)
    with torch.no_grad():
        larger = interpolate(x, (64, 96), mode="bicubic", align_corners=False)
        expected = plain(larger).unflatten(3, (48, 2)).unflatten(2, (32, 2)).mean(dim=(3, 5))  # each 2x2's mean
        torch.testing.assert_close(small(x), expected, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(small(larger), plain(larger))


def test_maps_known_already_give_what_the_input_gives() -> None:
    whole = network(*COARSE)
    x = torch.rand(2, 1, 64, 64)
    with torch.no_grad():
        torch.testing.assert_close(whole(Encoded(x, whole.encode(x))), whole(x))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model.stride=0"], r"model\.stride=0"),
        (["model.stride=two"], r"model\.stride='two'"),
        (["model.stride=4"], r"model\.stride=4 must divide"),
        (["model.stride=2", "+model.encoder.options.out_indices=[0,1]", "model.input_skip=true"], "input_skip"),
        (["model.smallest=0"], r"model\.smallest=0"),
        (["model.smallest=100000"], r"model\.smallest=100000"),
    ],
)
def test_what_can_not_be_is_refused(overrides: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        network(*overrides)


@pytest.mark.parametrize(("output", "bound"), [("sigmoid", torch.sigmoid), ("tanh", torch.tanh)])
def test_an_output_bounds_what_the_head_gives(output: str, bound: Callable[..., torch.Tensor]) -> None:
    x = torch.rand(2, 1, 8, 8)
    torch.testing.assert_close(network(f"model.output={output}")(x), bound(network()(x)))


def test_scores_of_a_palette_are_not_bounded(configure: Callable[..., dict[str, Any]]) -> None:
    with pytest.raises(UsageError, match=r"model\.output=tanh .*palette.*linear"):
        assemble(configure("model.output=tanh"))
