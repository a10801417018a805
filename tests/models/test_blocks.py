"""The layers that networks are made of, each against PyTorch's own or a formula."""

from collections.abc import Mapping
from typing import Any, get_args

import pytest
import torch
from torch import nn

from huesweep.errors import UsageError
from huesweep.models.attention import SelfAttention
from huesweep.models.blocks import (
    ACTIVATIONS,
    NORMS,
    PADDINGS,
    Activation,
    ConvStyle,
    Norm,
    Padding,
    SameConv2d,
)
from huesweep.models.decoders.pixel_shuffle import repeat_starting_weights
from huesweep.models.decoders.unet import UPSAMPLINGS, Upsampling
from huesweep.models.decoders.upsample import INTERPOLATIONS, Interpolation
from huesweep.models.encoders.plain import POOLINGS, Pooling
from huesweep.models.network import Network, count_parameters
from tests.models.composed import make_decoder, make_encoder


@pytest.mark.parametrize(
    ("kernel", "stride", "dilation", "padding"),
    [(3, 1, 1, 1), (3, 2, 1, 1), (5, 1, 2, 4), (4, 2, 1, 1), (4, 1, 2, 3), (1, 2, 1, 0), (7, 2, 1, 3)],
)
def test_a_convolution_pads_as_pytorch_does_where_that_keeps_the_size(
    kernel: int, stride: int, dilation: int, padding: int, generator: torch.Generator
) -> None:
    ours = SameConv2d(2, 3, kernel, stride, dilation)
    theirs = nn.Conv2d(2, 3, kernel, stride, padding, dilation)
    theirs.load_state_dict(ours.state_dict())
    x = torch.rand(2, 2, 16, 18, generator=generator)
    torch.testing.assert_close(ours(x), theirs(x))


@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5, 6])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("padding", ["zeros", "reflect", "replicate", 0, 1, 7])
def test_a_convolution_rounds_sizes_up(kernel: int, stride: int, dilation: int, padding: Padding | int) -> None:
    convolution = SameConv2d(1, 1, kernel, stride, dilation, padding)
    for height, width in [(16, 17), (1, 1), (2, 9)]:
        expected = (1, 1, -(-height // stride), -(-width // stride))
        assert convolution(torch.rand(1, 1, height, width)).shape == expected


def test_an_amount_of_padding_is_pytorchs_within_the_border(generator: torch.Generator) -> None:
    x = torch.rand(2, 2, 9, 8, generator=generator)
    for kernel, dilation, amount in [(5, 1, 0), (3, 2, 1), (5, 1, 2), (3, 1, 4)]:
        ours = SameConv2d(2, 3, kernel, 1, dilation, amount)
        theirs = nn.Conv2d(2, 3, kernel, 1, amount, dilation)
        theirs.load_state_dict(ours.state_dict())
        lost = dilation * (kernel - 1) // 2 - amount
        expected = theirs(x)
        if lost < 0:
            expected = expected[..., -lost:lost, -lost:lost]
        torch.testing.assert_close(ours(x), nn.functional.pad(expected, [max(0, lost)] * 4, mode="replicate"))


def test_reflected_and_repeated_borders_are_pytorchs(generator: torch.Generator) -> None:
    x = torch.rand(2, 2, 9, 8, generator=generator)
    for padding in ("reflect", "replicate"):
        ours = SameConv2d(2, 3, 3, padding=padding)
        theirs = nn.Conv2d(2, 3, 3, padding=1, padding_mode=padding)
        theirs.load_state_dict(ours.state_dict())
        torch.testing.assert_close(ours(x), theirs(x))


def test_attention_starts_as_the_identity_and_then_is_pytorchs(generator: torch.Generator) -> None:
    attend, x = SelfAttention(8, heads=2), torch.rand(2, 8, 3, 5, generator=generator)
    assert torch.equal(attend(x), x)
    nn.init.normal_(attend.projection.weight)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    with torch.no_grad():
        theirs.in_proj_weight.copy_(attend.queries_keys_values.weight.flatten(1))
        theirs.in_proj_bias.copy_(attend.queries_keys_values.bias)  # type: ignore[arg-type]
        theirs.out_proj.weight.copy_(attend.projection.weight.flatten(1))
        theirs.out_proj.bias.zero_()
    tokens = attend.norm(x).flatten(2).transpose(1, 2)
    expected = x + theirs(tokens, tokens, tokens)[0].transpose(1, 2).reshape(x.shape)
    torch.testing.assert_close(attend(x), expected)


def test_residual_levels_add_their_input(generator: torch.Generator) -> None:
    stack = ConvStyle(norm="none", residual=True).stack(4, 4, 2)
    for parameter in stack.parameters():
        nn.init.zeros_(parameter)
    x = torch.randn(2, 4, 6, 6, generator=generator)
    assert torch.equal(stack(x), x.relu())


def test_dropout_leaves_out_whole_channels_in_training_alone() -> None:
    stack = ConvStyle(dropout=0.5).stack(1, 64, 1)
    x = torch.rand(1, 1, 8, 8) + 1
    assert torch.equal(stack.eval()(x), stack(x))
    stack.train()
    dropped = (stack(x) == 0).all(-1).all(-1).float().mean().item()
    assert 0.2 < dropped < 0.95


@pytest.mark.parametrize("norm", ["batch", "group", "none"])
@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "gelu", "sigmoid", "tanh"])
@pytest.mark.parametrize("downsampling", ["max_pool", "avg_pool", "stride"])
def test_every_option_of_the_plain_encoder_works(norm: str, activation: str, downsampling: str) -> None:
    options = [f"{name}={value}" for name, value in {"norm": norm, "activation": activation}.items()]
    options += [f"downsampling={downsampling}", "widths=[4,6]", "residual=true", "dropout=0.1"]
    encoder = make_encoder("plain", 1, *(f"model.encoder.{option}" for option in options))
    maps = encoder(torch.rand(2, 1, 9, 7))
    assert [tuple(features.shape) for features in maps] == [(2, 4, 9, 7), (2, 6, 5, 4)]
    assert all(torch.isfinite(features).all() for features in maps)


def test_levels_of_the_plain_encoder_have_sizes_of_their_own() -> None:
    options = ("widths=[4,6,8]", "kernel=[3,5,1]", "stride=[2,2,1]", "padding=[0,2,0]", "convolutions=[1,2,1]")
    encoder = make_encoder(
        "plain", 1, *(f"model.encoder.{option}" for option in options), "model.encoder.dilation=[2,1,1]"
    )
    assert encoder.specs == ((4, 2), (6, 4), (8, 4))
    assert [features.shape[1:] for features in encoder(torch.rand(2, 1, 9, 7))] == [(4, 5, 4), (6, 3, 2), (8, 3, 2)]
    weights = [4 * 9, 4 * 6 * 25, 6 * 6 * 25, 6 * 8]
    assert count_parameters(encoder) == sum(weights) + 2 * (4 + 6 + 6 + 8)  # and scales and shifts


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ("kernel=[3,5]", r"model\.encoder\.kernel=\[3, 5\] must be one value, or 3: one for each level"),
        ("stride=[2]", r"model\.encoder\.stride=\[2\] must be one value, or 3"),
        ("padding=refelct", r"model\.encoder\.padding=refelct .*did you mean reflect\?"),
        ("padding=-1", r"model\.encoder\.padding=-1 "),
        ("padding=[0,1,65]", r"model\.encoder\.padding"),
    ],
)
def test_what_fits_no_levels_is_refused(option: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_encoder("plain", 1, "model.encoder.widths=[4,6,8]", f"model.encoder.{option}")


@pytest.mark.parametrize(
    ("decoder", "option", "weights"),  # from 8 to 4 and to 2 channels
    [
        ("upsample", "kernel=[5,3]", 25 * 8 * 4 + 9 * 4 * 2),
        ("transpose", "kernel=[4,2]", 16 * 8 * 4 + 4 * 4 * 2),
        ("pixel_shuffle", "kernel=[1,3]", 4 * (8 * 4 + 9 * 4 * 2)),
    ],
)
def test_steps_of_a_decoder_have_sizes_of_their_own(decoder: str, option: str, weights: int) -> None:
    encoder = make_encoder("plain", 1, "model.encoder.widths=[4,6,8]")
    made = make_decoder(decoder, encoder, "model.decoder.widths=[4,2]", f"model.decoder.{option}")
    assert count_parameters(made) == weights + 2 * (4 + 2)
    with pytest.raises(UsageError, match=r"model\.decoder\.kernel=\[3\] must be one value, or 2"):
        make_decoder(decoder, encoder, "model.decoder.widths=[4,2]", "model.decoder.kernel=[3]")


def test_average_pooling_counts_no_pixels_beyond_the_border() -> None:
    encoder = make_encoder("plain", 1, "model.encoder.downsampling=avg_pool", "model.encoder.widths=[2,2]")
    ones = torch.ones(1, 2, 5, 5)
    torch.testing.assert_close(encoder.pools[1](ones), torch.ones(1, 2, 3, 3))  # type: ignore[index, operator]


def test_pixel_shuffling_starts_without_a_checkerboard(generator: torch.Generator) -> None:
    convolution = nn.Conv2d(3, 8, 3, padding=1)
    repeat_starting_weights(convolution)
    squares = nn.PixelShuffle(2)(convolution(torch.rand(1, 3, 4, 4, generator=generator)))
    torch.testing.assert_close(squares[..., ::2, ::2], squares[..., 1::2, 1::2])
    torch.testing.assert_close(squares[..., ::2, ::2], squares[..., ::2, 1::2])


@pytest.mark.parametrize(
    ("names", "table"),
    [
        *((Activation, ACTIVATIONS), (Norm, NORMS), (Padding, PADDINGS)),
        *((Pooling, POOLINGS), (Upsampling, UPSAMPLINGS), (Interpolation, INTERPOLATIONS)),
    ],
)
def test_every_name_that_is_allowed_stands_for_something(names: Any, table: Mapping[str, Any]) -> None:
    assert set(get_args(names)) == set(table)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model.encoder.widths=[]"], r"encoder\.widths=\[\]"),
        (["model.encoder.widths=[4,0]"], r"encoder\.widths\[1\]=0"),
        (["model.encoder.convolutions=0"], r"encoder\.convolutions=0"),
        (["model.encoder.norm=batchnorm"], r"encoder\.norm=batchnorm.*did you mean batch\?"),
        (["model.encoder.activation=rely"], r"encoder\.activation=rely.*did you mean relu\?"),
        (["model.encoder.padding=same"], r"encoder\.padding=same.*zeros.*reflect.*replicate"),
        (["model.encoder.downsampling=pool"], r"encoder\.downsampling=pool.*max_pool"),
        (["model.encoder.kernel=0"], r"encoder\.kernel=0"),
        (["model.encoder.dropout=1"], r"encoder\.dropout=1"),
    ],
)
def test_a_value_that_can_not_be_is_named(overrides: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_encoder("plain", 1, *overrides)


@pytest.mark.parametrize(
    ("decoder", "overrides", "message"),
    [
        ("upsample", ["widths=[8,8,8,8]"], r"decoder\.widths=\[8, 8, 8, 8\].* 3 .*stride is 8"),
        ("transpose", ["kernel=1"], r"decoder\.kernel=1"),
        ("unet", ["convolutions=0"], r"decoder\.convolutions=0"),
        ("fully_connected", ["hidden=[0]"], r"decoder\.hidden\[0\]=0"),
        ("fully_connected", ["start=0"], r"decoder\.start=0"),
        ("fully_connected", ["start=wide"], r"decoder\.start=wide .*'glorot' or 'fan_out'"),
        ("fully_connected", ["start=[1,1,1]"], r"decoder\.start=\[1\.0, 1\.0, 1\.0\] .*each of 2 layers"),
        ("fully_connected", ["output=clip"], r"decoder\.output=clip .*'clamp'"),
        ("fully_connected", ["activation=swish"], r"decoder\.activation=swish.*gelu"),
    ],
)
def test_a_decoder_that_does_not_fit_is_refused(decoder: str, overrides: list[str], message: str) -> None:
    encoder = make_encoder("plain", 1)
    with pytest.raises(UsageError, match=message):
        make_decoder(decoder, encoder, *(f"model.decoder.{override}" for override in overrides))


def test_attention_needs_a_map_of_its_stride_and_heads_that_divide_it() -> None:
    encoder = make_encoder("plain", 1, "model.encoder.widths=[4,6]")
    decoder = make_decoder("unet", encoder)
    rest = {"centered": True, "head_kernel": 1, "input_skip": False}
    with pytest.raises(UsageError, match=r"attention=\[4\].*\[1, 2\]"):
        Network(encoder, decoder, 1, 2, **rest, attention=[4], heads=2)  # type: ignore[arg-type]
    with pytest.raises(UsageError, match=r"heads=4.* 6 "):
        Network(encoder, decoder, 1, 2, **rest, attention=[2], heads=4)  # type: ignore[arg-type]


def test_the_penalty_is_the_sum_of_squared_weights() -> None:
    encoder = make_encoder("identity", 1)
    options = ["size=4", "hidden=[1]", "l2=0.5"]
    decoder = make_decoder("fully_connected", encoder, *(f"model.decoder.{option}" for option in options))
    expected = 0.5 * sum((weights**2).sum().item() for weights in decoder.parameters())
    penalty = decoder.penalty()
    assert penalty is not None
    assert penalty.item() == pytest.approx(expected)
    assert make_decoder("fully_connected", encoder, "model.decoder.size=4").penalty() is None
