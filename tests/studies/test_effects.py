"""What a study's factors are worth, checked against effects worked by hand, and told by the study of all three."""

from itertools import product
from typing import Any

import numpy as np
import pytest

from huesweep.metrics.catalog import margin_as_text
from huesweep.studies import architecture_palette_loss as study
from huesweep.studies.effects import effects_table, interactions_table
from huesweep.sweeps.report.effects import interactions

FACTORS = study.FACTORS


def trial(model: str, target: str, loss: str, seed: int) -> dict[str, Any]:
    """auc_balanced: a U-Net 0.1 above a CNN, ab 0.02 above rgb, focal alike; the U-Net in ab another 0.04."""
    score = 0.6 + 0.1 * (model == "unet") + 0.02 * target.endswith("ab")
    score += 0.04 * (model == "unet" and target.endswith("ab")) + 0.001 * (seed - 0.5)
    scores = {"auc_balanced": score, "psnr_pooled": 20 + 10 * score, "cf_gap": 9.0}
    sweep = {"sweep": "architecture_palette_loss", "data": "cifar10", "seed": seed}
    return {**sweep, "model": model, "target": target, "loss": loss, **scores}


ROWS = [
    trial(model, f"palette{colors}{space}", loss, seed)
    for model, colors, space, loss, seed in product(
        ("cnn", "unet"), (8, 16), ("", "ab"), ("cross_entropy", "focal"), (0, 1)
    )
]


def test_what_factors_do_together_is_what_cells_add_to_their_effects() -> None:
    found = {"model": [row["model"] for row in ROWS], "space": [row["target"][-2:] for row in ROWS]}
    found["space"] = [{"ab": "ab"}.get(space, "rgb") for space in found["space"]]
    scores = np.array([row["auc_balanced"] for row in ROWS])
    (together,) = interactions(found, scores)
    assert together.factors == ("model", "space")
    # Of 0.04 in one of four cells, half of half is beyond the sum of both effects: 0.01, in each cell.
    assert abs(together.deviation) == pytest.approx(0.01)
    assert together.share == pytest.approx(0.01**2 / scores.var())
    assert together.margin is not None
    assert 0 < together.margin < 0.001  # of what seeds do, 0.0005 to either side


def test_tables_tell_means_of_all_values_and_the_pairs_that_matter() -> None:
    lines = effects_table(ROWS, FACTORS, ["auc_balanced"]).splitlines()
    assert lines[2] == "| factor | value | trials | auc bal\\. |"
    assert [line.split(" | ")[1:3] for line in lines[4:]] == [
        *(["cnn", "16"], ["unet", "16"], ["8", "16"], ["16", "16"]),
        *(["ab", "16"], ["rgb", "16"], ["cross\\_entropy", "16"], ["focal", "16"]),
    ]
    assert lines[4].startswith("| model | cnn | 16 | 0.610 ± 0.00")
    assert lines[5].startswith("| model | unet | 16 | 0.730 ± 0.00")
    rows = interactions_table(ROWS, FACTORS, "auc_balanced").splitlines()[4:]
    assert [row.split(" | ")[0] for row in rows] == ["| model × space"]
    assert [row.split(" | ")[2] for row in rows] == ["4"]


def test_no_margin_is_told_as_zero() -> None:
    assert margin_as_text("auc_balanced", 0.0004) == "0.0004"
    assert margin_as_text("auc_balanced", 0.0016) == "0.002"
    assert margin_as_text("cf_gap", 0.04) == "0.04"
    (row,) = interactions_table(ROWS, FACTORS, "auc_balanced").splitlines()[4:]
    assert row.endswith("0.010 ± 0.0002 |")


def test_a_grid_with_a_hole_has_effects_but_no_interactions() -> None:
    assert "| model | unet | 15 |" in effects_table(ROWS[:-1], FACTORS, ["auc_balanced"])
    assert "once every trial" in interactions_table(ROWS[:-1], FACTORS, "auc_balanced")


def test_the_study_says_what_to_take() -> None:
    others = [
        {"data": "cifar10", "model": "gray", "auc_balanced": 0.5},
        {**trial("unet", "ab", "mse", 0), "sweep": "architecture_ab", "auc_balanced": 0.55},
    ]
    told = study.answer([*ROWS, *others])
    assert "model `unet`" in told
    assert "space `ab`" in told
    assert "gray has 0.500 and regression of ab, the mean of its networks, has 0.550" in told
    assert list(study.figures(ROWS, [])) == ["colors.png"]
    assert study.answer(others) == ""
    assert study.figures(others, []) == {}
