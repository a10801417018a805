"""The models that conf/ offers: published sizes, first steps of training, pictures of any size."""

import json

import pytest
import torch
from torch.nn import functional as F

from huesweep.errors import UsageError
from huesweep.models.assembly import build_network
from huesweep.models.network import count_parameters
from tests.models.composed import choices, model_description
from tests.models.presets import GOLDEN, first_losses, make_preset, outputs, side

MODELS = choices("model")
PARAMETERS = {  # by hand, or published: weights and biases of convolutions and normalizations
    "csc413_pool": 49_728,
    "csc413_transpose": 49_728,
    "csc413_unet": 56_856,
    # Convolutions with biases and their normalizations, then one without: 86,784 and 112,344.
    "toronto_cnn": 384 + 18_624 + 37_056 + 18_528 + 6_984 + 5_208,
    "toronto_unet": 384 + 18_624 + 37_056 + 36_960 + 13_896 + 5_424,
    "yeung_cnn": 75_913,
    "yeung_unet": 95_353,
    # Ten strided, dilated and transposed convolutions, three skips, normalizations after all but the last: 3,643,514.
    "kamtziridis": (
        (16 * (32 + 32 * 64 + 64 * 128 + 128 * 256 + 2 * 256 * 256) + 3 * (32 + 64 + 128 + 256 + 2 * 256))
        + (16 * (256 * 128 + 256 * 64 + 128 * 32 + 64 * 2) + 3 * (128 + 64 + 32) + 2)
        + (3 * 2 * 9 + 2)
    ),
    "rutgers_fc1": 256 * 3840 + 3840 * 768,
    "rutgers_fc2": 256 * 3840 + 3840 * 3840 + 3840 * 768,
}


def unet_parameters(widths: list[int], colors: int) -> int:
    """Two 3x3 convolutions a level, each followed by a scale and a shift a channel, and a 1x1 head."""

    def level(a: int, b: int) -> int:
        return 9 * a * b + 9 * b * b + 4 * b

    down = sum(level(a, b) for a, b in zip([1, *widths[:-1]], widths, strict=True))
    up = sum(level(a + b, b) for a, b in zip(widths[1:], widths[:-1], strict=True))
    return down + up + widths[0] * colors + colors


def pair_parameters(a: int, b: int, between: int) -> int:
    """Two 3x3 convolutions without biases, each followed by a scale and a shift a channel."""
    return 9 * a * between + 2 * between + 9 * between * b + 2 * b


PARAMETERS |= {
    "unet": unet_parameters([16, 32, 64, 128], 16),
    "unet_s": unet_parameters([16, 32, 64, 128], 16),
    # Three more channels come in and three times as many more go out.
    "unet_fast": unet_parameters([16, 32, 64, 128], 16) + 9 * 3 * 16 + 3 * (16 * 16 + 16),
    "unet_m": unet_parameters([32, 64, 128, 256], 16),
    "unet_l": unet_parameters([48, 96, 192, 384], 16),
    # Transposed convolutions of 2x2 halve the width: less comes into each level, and they have weights of their own.
    "unet_transpose": unet_parameters([32, 64, 128, 256], 16)
    - sum(9 * b * (2 * b - b) for b in (32, 64, 128))
    + sum(4 * 2 * b * b + b for b in (32, 64, 128)),
    # A pair, three levels down of two pairs each, three pairs at the bottom, three levels up, a head: 6,404,163.
    "cifar100_unet": pair_parameters(1, 32, 32)
    + sum(pair_parameters(a, a, a) + pair_parameters(a, b, b) for a, b in [(32, 64), (64, 128), (128, 256)])
    + 2 * pair_parameters(256, 256, 256)
    + pair_parameters(256, 128, 128)
    + sum(pair_parameters(a, a, a) + pair_parameters(a, b, a // 2) for a, b in [(256, 64), (128, 32), (64, 32)])
    + (32 * 3 + 3),
    # Shortcuts of 1x1 with a normalization where widths change; attention: four 1x1 convolutions and a normalization.
    "unet_attention": unet_parameters([32, 64, 128, 256], 16)
    + sum(a * b + 2 * b for a, b in [(1, 32), (32, 64), (64, 128), (128, 256), (384, 128), (192, 64), (96, 32)])
    + sum(4 * c * c + 4 * c + 2 * c for c in (128, 256)),
    # ResNet-18 without its last stage and its classes, on one channel, and then three levels.
    "resnet18_unet": (11_689_512 - 8_393_728 - 513_000 - 6_272)
    + sum(9 * a * b + 2 * b for a, b in [(384, 128), (192, 64), (128, 64)])
    + (64 * 16 + 16),
    # Three levels over maps of 24, 40, 112 and 320 channels; the encoder is frozen.
    "efficientnet_unet": sum(9 * a * b + 2 * b for a, b in [(432, 112), (152, 40), (64, 24)]) + (24 * 16 + 16),
}


@pytest.mark.parametrize("model", MODELS)
def test_a_preset_has_its_published_size(model: str) -> None:
    assert count_parameters(make_preset(model)) == PARAMETERS[model]


@pytest.mark.parametrize(
    ("model", "more"),
    [  # each further color is a filter of the last 3x3 convolution and its bias: 3 or 4 channels come in
        ("yeung_cnn", 16 * (3 * 9 + 1)),
        ("yeung_unet", 16 * (4 * 9 + 1)),
    ],
)
def test_more_colors_are_more_filters_of_the_head(model: str, more: int) -> None:
    network = build_network(model_description(f"model={model}"), 1, 32)
    assert count_parameters(network) == PARAMETERS[model] + more


@pytest.mark.slow
@pytest.mark.parametrize("model", MODELS)
def test_the_first_steps_of_training_are_as_they_were(model: str) -> None:
    # The file is made by `python -m tests.models.presets`: a change of it is a change of the preset.
    assert first_losses(model) == pytest.approx(json.loads(GOLDEN.read_text())[model], rel=5e-3)


@pytest.mark.parametrize("model", [model for model in MODELS if not model.startswith("rutgers")])
@pytest.mark.parametrize("size", [(32, 32), (33, 35), (1, 1), (2, 7)])
def test_a_network_gives_as_many_pixels_as_it_gets(model: str, size: tuple[int, int]) -> None:
    network = make_preset(model).eval()
    assert network(torch.rand(2, 1, *size)).shape == (2, outputs(model), *size)


def test_a_network_of_one_size_says_so() -> None:
    network = make_preset("rutgers_fc1")
    assert network.side == side("rutgers_fc1") == 16
    with pytest.raises(UsageError, match=r"16x16.*8x16"):
        network(torch.rand(1, 1, 16, 8))


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "tanh"])
def test_the_rutgers_networks_start_uniformly_and_take_their_three_activations(activation: str) -> None:
    description = model_description("model=rutgers_fc2", "data.size=16", f"model.decoder.activation={activation}")
    network = build_network(description, 1, 3)
    kinds = [type(layer).__name__.lower() for layer in network.decoder.layers]  # type: ignore[union-attr]
    assert kinds == ["linear", activation, "linear", activation, "linear"]
    for weights in network.decoder.parameters():
        assert -0.2001 < weights.min().item() < -0.199
        assert 0.199 < weights.max().item() < 0.2001
        assert weights.var().item() == pytest.approx(0.4**2 / 12, rel=0.01)


def test_the_head_is_left_out_only_where_it_is_not_needed() -> None:
    description = model_description("model=rutgers_fc1", "data.size=16")
    assert count_parameters(build_network(description, 1, 3).head) == 0
    assert count_parameters(build_network(description, 1, 16).head) == 3 * 16 + 16


@torch.inference_mode()
def test_the_unet_of_the_cifar100_study_computes_what_its_code_says(generator: torch.Generator) -> None:
    network = make_preset("cifar100_unet").eval()
    weights = iter(network.parameters())  # in the order in which they are used

    def body(x: torch.Tensor) -> torch.Tensor:
        x = F.silu(F.group_norm(F.conv2d(x, next(weights), padding=1), 1, next(weights), next(weights)))
        return F.group_norm(F.conv2d(x, next(weights), padding=1), 1, next(weights), next(weights))

    def down(x: torch.Tensor) -> torch.Tensor:
        x = F.max_pool2d(x, 2)
        return F.mish(body(F.gelu(x + body(x))))

    x = gray = torch.rand(2, 1, 32, 32, generator=generator)
    skips = [F.mish(body(x))]
    for _ in range(3):
        skips.append(down(skips[-1]))
    x = skips.pop()
    for _ in range(3):
        x = F.mish(body(x))
    for skip in reversed(skips):
        x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
        x = F.mish(body(F.mish(body(torch.cat([x, skip], 1)))))
    expected = F.conv2d(x, next(weights), next(weights))
    torch.testing.assert_close(network(gray), expected, rtol=1e-4, atol=1e-5)
