"""Networks: their published sizes, the contracts of encoders and decoders, and pictures of any size."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from src.errors import UsageError
from src.models.assembly import build_network
from src.models.decoders.unet import UnetDecoder
from src.models.decoders.yeung import YeungDecoder
from src.models.encoders.base import Encoder, FeatureSpec
from src.models.encoders.plain import PlainEncoder
from src.models.encoders.yeung import YeungEncoder
from src.models.network import count_parameters

MODELS = ("yeung_cnn", "yeung_unet", "unet")
ENCODERS = [lambda inputs: PlainEncoder(inputs, [4, 6, 8], 2), lambda inputs: YeungEncoder(inputs, 4, 3)]
SIZES = [(32, 32), (33, 35), (16, 16), (1, 1), (2, 7)]


@pytest.mark.parametrize(
    ("model", "colors", "parameters"),
    [
        ("yeung_cnn", 16, 75_913),
        ("yeung_unet", 16, 95_353),
        # Each further color is a filter of the last 3x3 convolution and its bias: 3 or 4 channels come in.
        ("yeung_cnn", 32, 75_913 + 16 * (3 * 9 + 1)),
        ("yeung_unet", 32, 95_353 + 16 * (4 * 9 + 1)),
    ],
)
def test_a_network_of_the_literature_has_its_published_size(
    configure: Callable[..., dict[str, Any]], model: str, colors: int, parameters: int
) -> None:
    description = configure(f"model={model}", small=False)["model"]
    assert count_parameters(build_network(description, 1, colors)) == parameters


@pytest.mark.parametrize("make", ENCODERS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("inputs", [1, 3])
def test_an_encoder_gives_the_maps_it_declares(
    make: Callable[[int], Encoder], size: tuple[int, int], inputs: int
) -> None:
    encoder = make(inputs).eval()
    shapes = [tuple(features.shape) for features in encoder(torch.rand(2, inputs, *size))]
    assert shapes == [
        (2, spec.channels, -(-size[0] // spec.stride), -(-size[1] // spec.stride)) for spec in encoder.specs
    ]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("size", SIZES)
def test_a_network_gives_as_many_pixels_as_it_gets(
    configure: Callable[..., dict[str, Any]], model: str, size: tuple[int, int]
) -> None:
    description = configure(f"model={model}", small=False)["model"]
    network = build_network(description, 1, 5).eval()
    assert network(torch.rand(2, 1, *size)).shape == (2, 5, *size)


@pytest.mark.parametrize("model", MODELS)
def test_every_parameter_takes_part(configure: Callable[..., dict[str, Any]], model: str) -> None:
    network = build_network(configure(f"model={model}", small=False)["model"], 1, 5)
    network(torch.rand(4, 1, 17, 16)).square().sum().backward()
    idle = [name for name, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    # A bias in front of batch normalization is subtracted again: Yeung's networks have them all the same.
    assert [name for name in idle if not name.endswith(".0.bias")] == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: YeungDecoder([FeatureSpec(8, 1), FeatureSpec(8, 2)], True, 3), "strides 2, 4, 4; .* gives 1, 2"),
        (lambda: UnetDecoder([FeatureSpec(8, 1)], 2), "joins feature maps of several strides"),
        (lambda: PlainEncoder(1, [], 2), "widths must be a list"),
        (lambda: PlainEncoder(1, [8], 0), "convolutions must be at least 1"),
    ],
)
def test_what_can_not_work_is_refused_in_words(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make()


def test_an_option_that_a_class_does_not_take_is_named(configure: Callable[..., dict[str, Any]]) -> None:
    description = configure(small=False)["model"]
    description["encoder"]["width"] = 8
    with pytest.raises(UsageError, match=r"model\.encoder\.width does not exist \(did you mean widths\?\)"):
        build_network(description, 1, 5)


@pytest.mark.parametrize("path", ["os.system", "subprocess.Popen", "src.models.encoders.base.nn.Sequential"])
def test_a_description_can_not_name_foreign_classes(configure: Callable[..., dict[str, Any]], path: str) -> None:
    description = configure(small=False)["model"]
    description["encoder"]["_target_"] = path
    with pytest.raises(UsageError):
        build_network(description, 1, 5)
