"""What the last layer's values become, and what gradient they pass on."""

import math

import pytest
import torch

from huesweep.models.assembly import build_network
from huesweep.models.outputs import Derivatives, Output, bounded
from tests.models.composed import model_description

X = (-300.0, -1.0, 0.5, 300.0)
SIGMOID = [255 / (1 + math.exp(-x)) for x in X]
TANH = [127.5 * (math.tanh(x) + 1) for x in X]


@pytest.mark.parametrize(
    ("output", "values", "exact", "as_written"),
    [
        ("linear", X, [1, 1, 1, 1], [1, 1, 1, 1]),
        ("clamp", [0, 0, 0.5, 255], [0, 0, 1, 0], [1, 1, 1, 1]),
        ("zero", [0, 0, 0, 0], None, [1, 1, 1, 1]),
        ("sigmoid", SIGMOID, [y * (255 - y) / 255 for y in SIGMOID], [y * (1 - y) / 255 for y in SIGMOID]),
        ("tanh", TANH, [127.5 * (1 - math.tanh(x) ** 2) for x in X], [1 - math.tanh(x) ** 2 for x in X]),
    ],
)
@pytest.mark.parametrize("derivatives", ["exact", "as_written"])
def test_an_output_has_its_values_and_its_slopes(
    output: Output, values: list[float], exact: list[float] | None, as_written: list[float], derivatives: Derivatives
) -> None:
    x = torch.tensor(X, requires_grad=True)
    y = bounded(x, output, 255.0, derivatives)
    assert y.tolist() == pytest.approx(values, abs=1e-4)
    slopes = exact if derivatives == "exact" else as_written
    if slopes is not None:  # at the two ends of nothing there is none
        (gradient,) = torch.autograd.grad(y.sum(), x)
        assert gradient.tolist() == pytest.approx(slopes, rel=1e-4, abs=1e-4)


def test_layers_start_within_the_roots_that_are_named() -> None:
    description = model_description("model=rutgers_fc1", "data.size=16", "model.decoder.start=[glorot,fan_out]")
    first, second = build_network(description, 1, 3).decoder.parameters()
    for weights, reach in ((first, math.sqrt(6 / (256 + 3840))), (second, math.sqrt(6 / 768))):
        assert reach * 0.99 < weights.abs().max().item() <= reach


def test_levels_within_are_fractions_outside() -> None:
    description = model_description("model=rutgers_fc1", "data.size=4", "model.decoder.scale=255")
    network = build_network(description, 1, 3)
    gray = torch.rand(2, 1, 4, 4)
    first, second = network.decoder.parameters()
    by_hand = ((255 * gray.flatten(1)) @ first.T).clamp(min=0) @ second.T / 255
    assert torch.allclose(network(gray).flatten(1), by_hand, rtol=1e-4, atol=1e-5)
