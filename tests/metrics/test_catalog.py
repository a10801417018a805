"""The catalog of metrics: it holds what is computed, and what docs, progress, plots and wandb show is held to it."""

import math
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from huesweep.errors import UsageError
from huesweep.metrics.catalog import CATALOG, RANKING, as_text, axis, check_exists, check_metric, objective
from huesweep.metrics.scores import Scores
from huesweep.sweeps.workspace import CURVES
from huesweep.training.plots import PANELS
from huesweep.training.progress import SHOWN

SCORES = (Path(__file__).parent.parent.parent / "docs" / "scores.md").read_text()
BETTER = {"higher": "higher", "lower": "lower", "neither": "—"}
NEEDS = {"": "", "palette": "; of palettes", "download": "; `metrics=full`", "labels": "; of classifiers"}


def test_it_holds_every_score_that_is_computed() -> None:
    pictures = torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8)
    scores = Scores(has_palette=True)
    scores.update(pictures, pictures, torch.zeros(2, 4, 16, 16), torch.zeros(2, 16, 16, dtype=torch.int64))
    assert set(scores.compute()) == {name for name, metric in CATALOG.items() if metric.needs in ("", "palette")}


def test_its_page_lists_it() -> None:
    rows = [
        f"| `{name}` | {BETTER[metric.better]} | {metric.about}{f', {metric.unit}' if metric.unit else ''}; {metric.of}"
        f"{NEEDS[metric.needs]} |"
        for name, metric in CATALOG.items()
    ]
    _, _, table = SCORES.partition("| score | better | what it is |\n| --- | --- | --- |\n")
    assert table.partition("\n\n")[0].splitlines() == rows


def test_it_needs_no_torch() -> None:
    code = "import sys, huesweep.metrics.catalog; sys.exit('torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [("psnr", 22.345, "22.34"), ("cf", 20.25, "20.2"), ("auc", 0.12345, "0.123"), ("loss", 1.0, "1.000")],
)
def test_a_value_has_as_many_digits_as_people_compare(name: str, value: float, text: str) -> None:
    assert as_text(name, value) == text


def test_an_axis_tells_the_unit() -> None:
    assert axis("psnr") == "PSNR, dB"
    assert axis("loss") == "loss"


def test_what_ranks_is_higher_where_it_is_better() -> None:
    result = {"validation": {"psnr": 20.0, "cf_gap": 3.0, "ssim": None, "auc": float("nan")}, "test": {"psnr": 30.0}}
    assert (objective(result, "psnr"), objective(result, "cf_gap")) == (20.0, -3.0)
    assert objective({**result, "validation": None}, "psnr") == 30.0
    assert all(math.isnan(objective(result, name)) for name in ("ssim", "auc", "top1"))
    assert math.isnan(objective({"validation": None, "test": None}, "psnr"))


@pytest.mark.parametrize("name", ["pnsr", "lpips", "cf", "cf_truth", "seconds"])
def test_what_no_trial_is_scored_by_does_not_rank(name: str) -> None:
    with pytest.raises(UsageError, match=f"{name} does not exist.*choices: .*cross_entropy"):
        check_metric(name)


@pytest.mark.parametrize(
    ("name", "has_palette", "side"), [("cross_entropy", False, 32), ("top5", False, None), ("ssim", True, 10)]
)
def test_a_score_that_trials_can_not_have_does_not_rank(name: str, has_palette: bool, side: int | None) -> None:
    with pytest.raises(UsageError, match=f"{name}.*psnr") as told:
        check_exists(name, has_palette=has_palette, side=side)
    assert name not in str(told.value).partition("one of")[2]
    check_exists(name, has_palette=True, side=11)


def test_progress_plots_and_workspaces_show_what_trials_log() -> None:
    scores = ("loss", "psnr", "cf", "auc", "accuracy")
    assert ("train/loss", *(f"{split}/{name}" for split in ("val", "test") for name in scores)) == SHOWN
    assert list(PANELS) == ["loss", "PSNR, dB", "colorfulness", "AuC", "accuracy"]
    assert PANELS["colorfulness"] == ("val/cf", "val/cf_truth", "test/cf", "test/cf_truth")
    shown = {key.removeprefix("val/") for keys in CURVES.values() for key in keys}
    assert shown == {*RANKING, "cf", "loss", "train/loss"}
