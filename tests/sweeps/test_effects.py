"""What decided a sweep: effects worked out by hand, and intervals that agree with SciPy."""

from itertools import product
from typing import Any

import numpy as np
import pytest
from scipy.stats import t as student

from huesweep.sweeps.report.effects import interactions, main_effects, student_t
from huesweep.sweeps.report.figures_of_factors import compose_effects


def result(model: str, loss: str, psnr: float, seed: int = 0) -> dict[str, Any]:
    words = {"data": "photos", "task": "colorize", "target": "ab", "model": model, "loss": loss}
    return {**words, "seed": seed, "validation": {"psnr": psnr}, "test": None, "config": {}}


GRID = [result("a", "x", 1.0), result("a", "y", 2.0), result("b", "x", 3.0), result("b", "y", 5.0)]


def test_effects_in_a_whole_grid_are_plain_means() -> None:
    (model, loss), left_out = main_effects(GRID, "psnr")
    assert (model.name, loss.name, left_out) == ("model", "loss", {})
    found = {level.name: (level.mean, level.trials) for factor in (model, loss) for level in factor.levels}
    assert found == {name: (pytest.approx(mean), 2) for name, mean in (("a", 1.5), ("b", 4.0), ("x", 2.0), ("y", 3.5))}
    # Each trial is 0.25 from what the effects say: 4 · 0.25² over one degree of freedom is 0.25; halved for two trials.
    assert [level.margin for level in model.levels] == [pytest.approx(12.7062 * 0.125**0.5, rel=1e-4)] * 2


def test_a_trial_that_is_missing_does_not_favor_what_it_was_of() -> None:
    (model, _), _ = main_effects(GRID[:3], "psnr")  # y is 1 better than x with a, so b would have 3 and 4
    assert [(level.mean, level.margin) for level in model.levels] == [
        (pytest.approx(1.5), None),
        (pytest.approx(3.5), None),
    ]


def test_what_always_comes_together_has_no_interval() -> None:
    results = [result("a", "x", 1.0), result("a", "x", 2.0, 1), result("b", "y", 3.0), result("b", "y", 5.0, 1)]
    (model, _, seed), _ = main_effects(results, "psnr")
    assert [(level.mean, level.margin) for level in model.levels] == [(1.5, None), (4.0, None)]
    assert [level.mean for level in seed.levels] == [pytest.approx(2.0), pytest.approx(3.5)]
    assert (model.is_apart, seed.is_apart) == (False, True)
    (figure,) = compose_effects(results, "psnr")
    assert "Not so for model, loss, which change together: plain means" in figure.caption
    assert "too few" not in figure.caption


def test_a_factor_of_too_many_values_is_told() -> None:
    results = [result("a" if seed % 2 else "b", "x", float(seed), seed) for seed in range(20)]
    factors, left_out = main_effects(results, "psnr")
    assert ([factor.name for factor in factors], left_out) == (["model"], {"seed": 20})
    assert main_effects(results[:1], "psnr") == ([], {})


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 9, 30, 500, 5000])
def test_intervals_are_students(freedom: int) -> None:
    assert student_t(freedom) == pytest.approx(student.ppf(0.975, freedom), rel=5e-4)


@pytest.mark.parametrize("sizes", [(3, 3), (2, 3), (2, 2)])
def test_noise_alone_is_rarely_told_as_an_interaction(sizes: tuple[int, int]) -> None:
    cells = [cell for cell in product(*map(range, sizes)) for _ in range(3)]
    found = {name: [str(cell[place]) for cell in cells] for place, name in enumerate(("model", "loss"))}
    random, told = np.random.default_rng(0), 0
    for _ in range(500):
        (together,) = interactions(found, random.standard_normal(len(cells)))
        assert together.margin is not None
        told += abs(together.deviation) > together.margin
    assert 0.02 * 500 <= told <= 0.06 * 500  # of 95 % intervals; fewer would be too wide


def test_the_interval_of_the_largest_cell_is_bonferronis() -> None:
    cells = [cell for cell in product("ab", "xyz") for _ in range(2)]
    found = {"model": [model for model, _ in cells], "loss": [loss for _, loss in cells]}
    (together,) = interactions(found, np.array([0.0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 6, 7]))
    # Scores are 0.5 from their cells' means: 12 · 0.5² over 6 degrees of freedom is 0.5; a deviation has 2/12 of it.
    # Of two models one deviates as the other does, negated: three of the six cells are apart.
    assert together.cells == 6
    assert together.margin == pytest.approx(student.ppf(1 - 0.05 / (2 * 3), 6) * (0.5 * 2 / 12) ** 0.5)
