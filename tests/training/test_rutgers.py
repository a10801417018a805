"""The Rutgers study's networks and steps against its formulas, written down in NumPy."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from huesweep.color.spaces import to_float
from huesweep.models.network import count_parameters
from huesweep.training.assembly import assemble
from huesweep.training.optimizers import rutgers

Configure = Callable[..., dict[str, Any]]
Array = np.ndarray
STEPS = 3


def steps_of(config: dict[str, Any], pictures: Array) -> tuple[list[Array], list[Array]]:
    """The weights before and after a few steps of a trial, each on all pictures, uint8 (N, 3, H, W)."""
    module = assemble(config).module
    module.colorizer.train()
    weights = list(module.colorizer.network.parameters())
    before = [value.detach().numpy().copy() for value in weights]
    optimizer = module.make_recipe(weights, STEPS).optimizer
    rgb = to_float(torch.from_numpy(pictures))
    for _ in range(STEPS):
        optimizer.zero_grad()
        module.loss(module.colorizer(module.colorizer.task.input(rgb)), module.colorizer.target.encode(rgb)).backward()
        optimizer.step()
    return before, [value.detach().numpy() for value in weights]


def as_columns(pictures: Array) -> tuple[Array, Array]:
    """Gray levels, cut off, and true levels, one picture a column."""
    levels = pictures.astype(int)
    gray = (21 * levels[:, 0] + 72 * levels[:, 1] + 7 * levels[:, 2]) // 100
    return gray.reshape(len(gray), -1).T.astype(float), levels.reshape(len(levels), -1).T.astype(float)


def main_network(weights: list[Array], x: Array, y: Array) -> list[Array]:
    w1, w2 = weights
    rate, reach, batch = 2.5e-6, 0.2, x.shape[1]
    for _ in range(STEPS):
        hidden = np.maximum(w1 @ x, 0)
        delta = 2 * (np.clip(w2 @ hidden, 0, 255) - y)
        g2, g1 = delta @ hidden.T, w2.T @ delta @ x.T
        w2 = w2 - np.clip(rate * g2 * reach, -0.01 * batch * reach, 0.01 * batch * reach)
        w1 = w1 - np.clip(rate**2 * g1 * reach, -0.01 * batch * reach, 0.01 * batch * reach)
    return [w1, w2]


def two_rectified_layers(weights: list[Array], x: Array, y: Array) -> list[Array]:
    w1, w2, w3 = weights
    rate, most = 2.5e-7, 0.1 * x.shape[1] * 0.1
    for _ in range(STEPS):
        first = np.maximum(w1 @ x, 0)
        second = np.maximum(w2 @ first, 0)
        delta = 2 * (np.minimum(np.maximum(w3 @ second, 0), 0) - y)
        of_second = w3.T @ delta
        g3, g2, g1 = delta @ second.T, of_second @ first.T, w2.T @ of_second @ x.T
        w3, w2, w1 = (w - np.clip(rate * g, -most, most) for w, g in ((w3, g3), (w2, g2), (w1, g1)))
    return [w1, w2, w3]


def sigmoid_over_relu(weights: list[Array], x: Array, y: Array) -> list[Array]:
    w1, w2 = weights
    rate = 2.5e-5
    for _ in range(STEPS):
        hidden = np.maximum(w1 @ x, 0)
        output = 255 / (1 + np.exp(-w2 @ hidden))
        delta = 2 * (output - y) * output * (1 - output) / 255
        g2, g1 = delta @ hidden.T, w2.T @ delta @ x.T
        w2, w1 = w2 - rate * g2, w1 - rate**2 * g1
    return [w1, w2]


def two_layers_of_tanh(weights: list[Array], x: Array, y: Array) -> list[Array]:
    w1, w2, w3 = weights
    s1, s2, s3 = (np.zeros_like(w) for w in weights)
    for _ in range(STEPS):
        first = np.tanh(w1 @ x)
        second = np.tanh(w2 @ first)
        output = 127.5 * (np.tanh(w3 @ second) + 1)
        of_third = 2 * (output - y) * (1 - (output / 127.5 - 1) ** 2)
        of_second = w3.T @ of_third * (1 - second**2)
        of_first = w2.T @ of_second * (1 - first**2)
        s3, s2, s1 = s3 + of_third @ second.T, s2 + of_second @ first.T, s1 + of_first @ x.T  # never set back to 0
        w3, w2, w1 = w3 - 2.5e-3 * s3, w2 - 2.5e-3 * s2, w1 - 2.5e-3 * s1
    return [w1, w2, w3]


def trial_of(configure: Configure, preset: str, batch: int, *overrides: str) -> dict[str, Any]:
    return configure(f"+experiment={preset}", "data.size=4", f"batch.size={batch}", *overrides, small=False)


@pytest.mark.parametrize(
    ("preset", "formulas", "brightest"),
    [
        ("rutgers", main_network, 255),
        ("rutgers_relu2_as_written", two_rectified_layers, 255),
        ("rutgers_sigmoid_as_written", sigmoid_over_relu, 3),
        ("rutgers_tanh_as_written", two_layers_of_tanh, 1),
    ],
)
def test_steps_are_those_of_the_formulas(
    configure: Configure, preset: str, formulas: Callable[..., list[Array]], brightest: int
) -> None:
    batch = 6  # of pictures so dark that bent values keep a slope
    pictures = np.random.default_rng(0).integers(0, brightest + 1, (batch, 3, 4, 4), np.uint8)
    before, after = steps_of(trial_of(configure, preset, batch), pictures)
    expected = formulas([weights.astype(float) for weights in before], *as_columns(pictures))
    for old, new, wanted in zip(before, after, expected, strict=True):
        moved = np.abs(wanted - old)
        assert moved.max() > 1e-6
        assert np.abs(new - wanted).max() < 1e-3 * moved.max() + 1e-6
    if formulas is main_network:  # some steps were clipped, and others not
        moved, most = np.abs(after[1] - before[1]), STEPS * 0.01 * batch * 0.2
        assert moved.max() == pytest.approx(most, rel=1e-4)
        assert 0 < moved[moved > 0].min() < 0.9 * most


def test_the_main_network_has_a_weight_for_each_pair_of_values(configure: Configure) -> None:
    network = assemble(configure("+experiment=rutgers", small=False), device="meta").module.colorizer.network
    assert count_parameters(network) == 16 * 16 * (5 * 3 * 16 * 16) + (5 * 3 * 16 * 16) * (3 * 16 * 16) == 3_932_160


def test_weights_decay_outside_of_what_is_clipped() -> None:
    weights = nn.Parameter(torch.tensor([10.0, 10.0, -4.0]))
    optimizer = rutgers([weights], 1, 0.5, True, 0.2, True, clip=0.01, batch=50, decay=0.01, adds_up=False).optimizer
    weights.grad = torch.tensor([1000.0, 1.0, -1.0])  # of which 0.5 ** 2 * 0.2 are too much, and 0.05; the most is 0.1
    optimizer.step()
    assert weights.tolist() == pytest.approx([10 - 0.1 - 0.1, 10 - 0.1 - 0.05, -4 + 0.04 + 0.05])


def test_gradients_that_add_up_go_on_adding_up_after_a_stop() -> None:
    def made(weights: nn.Parameter) -> torch.optim.Optimizer:
        return rutgers([weights], 1, 1.0, False, 1.0, False, clip=None, batch=1, decay=0.0, adds_up=True).optimizer

    weights = nn.Parameter(torch.zeros(1))
    optimizer = made(weights)
    for gradient in (1.0, 10.0):
        weights.grad = torch.tensor([gradient])
        optimizer.step()
    assert weights.item() == -(1 + 11)
    again = made(weights)
    again.load_state_dict(optimizer.state_dict())
    weights.grad = torch.tensor([100.0])
    again.step()
    assert weights.item() == -(1 + 11 + 111)
