"""Rows over seeds: their means, and which of them are too close to call, in the terminal, the file and the page."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from scipy.stats import tukey_hsd

from huesweep.sweeps.repetitions import Standing, but_for_the_seed, chance_of, compared, standings
from huesweep.sweeps.report.page import report
from huesweep.sweeps.report.times import Times, times_of
from huesweep.sweeps.results import read_results
from huesweep.sweeps.swept import swept_options
from huesweep.training.naming import model_word_of
from tests.sweeps.page_reader import Page
from tests.sweeps.trials import write_trial

# Best, 0.4 behind, 0.6 behind, and a single one; chance explains 0.501: by tables 4.339 * sqrt(0.04 / 3).
PSNR = {"unet_m": (22.0, 22.2, 22.4), "unet_s": (21.6, 21.8, 22.0), "unet_l": (21.4, 21.6, 21.8), "alone": (21.5,)}
STANDING = {"unet_m": "leads", "unet_s": "too close to call", "unet_l": "behind", "alone": "one seed"}


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    for model, scores in PSNR.items():
        for seed, psnr in enumerate(scores):
            write_trial(tmp_path, f"{model}-{seed}", psnr, model=model, seed=seed)
    return tmp_path


def test_ties_are_told_in_the_terminal_the_file_and_the_page(sweep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(sweep, "psnr", Console(width=200))
    lines = capsys.readouterr().out.splitlines()
    assert "means over seeds ± standard deviation" in lines[0]
    place = lines[1].index("standing")
    assert {line[place:].startswith(STANDING[line.split()[1]]) for line in lines[2:6]} == {True}
    assert " 22.20 ± 0.20 " in lines[2]
    with (sweep / "results.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["rank"]]
    assert len(rows) == 10
    assert all(row["standing"] == STANDING[row["model"]] for row in rows)
    assert float(rows[0]["mean"]) == pytest.approx(22.2)
    assert float(rows[0]["deviation"]) == pytest.approx(0.2)
    shown = Page((sweep / "report.html").read_text()).table("Means over seeds")
    assert {row["model"]: row["standing"] for row in shown[:4]} == STANDING
    assert "standing" not in Page((sweep / "report.html").read_text()).table("Ranked trials")[0]


def test_a_trial_in_two_folders_is_one_seed(sweep: Path) -> None:
    write_trial(sweep, "alone-again", 21.5, model="alone", seed=0)
    report(sweep, "psnr", Console(file=io.StringIO(), width=200))
    with (sweep / "results.csv").open() as file:
        rows = [row for row in csv.DictReader(file) if row["model"] == "alone"]
    assert [(row["seeds"], row["standing"], row["deviation"]) for row in rows] == [("1", "one seed", "")] * 2
    shutil.copytree(sweep / "unet_m-0", sweep / "unet_m-again")
    assert [len(standing.scores) for standing in standings(read_results(sweep), "psnr")] == [3, 3, 3, 1]


def test_a_lead_over_all_others_is_the_best() -> None:
    best, far, none = Standing([0, 1], [5.0, 5.1]), Standing([2, 3], [1.0, 1.1]), Standing([4, 5], [])
    assert compared([best, far, none]) == ["best", "behind", "no score"]


def test_chance_is_that_of_tukeys_test() -> None:
    """Against scipy's own, whose interval ends at zero where the p-value is 0.05."""
    scores = [[5.0, 5.2, 5.7], [4.1, 4.9, 4.4], [3.0, 3.3, 3.9], [4.6, 4.4, 4.8]]
    test = tukey_hsd(*scores).confidence_interval(0.95)
    found = [Standing([], values) for values in scores]
    chance = chance_of(found)
    for one in range(4):
        for other in range(4):
            half = (test.high[one, other] - test.low[one, other]) / 2
            assert chance(found[one], found[other]) == pytest.approx(half, rel=1e-3)


def test_of_equals_few_are_called_behind() -> None:
    generator = np.random.default_rng(0)
    wrong = 0
    for _ in range(400):
        found = [Standing([], generator.normal(size=2).tolist()) for _ in range(12)]
        wrong += "behind" in compared(sorted(found, key=lambda standing: standing.mean, reverse=True))
    assert wrong / 400 < 0.09


def test_a_word_stands_for_the_checkpoints_that_seeds_start_from(configure: Callable[..., dict[str, Any]]) -> None:
    def trial(start: str, seed: int, **also: str) -> dict[str, Any]:
        return {**configure(f"model.encoder.weights={start}", f"seed={seed}"), **also}

    named = [trial(f"pretexts/ab-{seed}", seed, pretext="ab") for seed in (0, 1)]
    assert len({but_for_the_seed({"config": config}) for config in named}) == 1
    assert {model_word_of(config) for config in named} == {"unet_s-widths_4_8"}
    assert "model.encoder.weights" not in swept_options(named)
    other = trial("pretexts/palette-0", 0, pretext="palette")
    assert len({but_for_the_seed({"config": config}) for config in (named[0], other)}) == 2
    unnamed = [trial(f"pretexts/ab-{seed}", seed) for seed in (0, 1)]
    assert len({but_for_the_seed({"config": config}) for config in unnamed}) == 2
    assert "model.encoder.weights" in swept_options(unnamed)


def test_times_are_summed_and_taken_from_the_clock() -> None:
    one_by_one = [{"seconds": 60.0, "ended": 1060.0}, {"seconds": 30.0, "ended": 1100.0}]  # 10 seconds between them
    assert times_of(one_by_one) == Times(90.0, 100.0, 1)
    beside = [*one_by_one, {"seconds": 50.0, "ended": 1080.0}]
    assert times_of(beside) == Times(140.0, 100.0, 2)
    later = [*one_by_one, {"seconds": 20.0, "ended": 9020.0}]  # the sweep was stopped, and went on
    assert times_of(later) == Times(110.0, 120.0, 1)
    assert times_of([*one_by_one, {"seconds": 20.0}]) == Times(110.0, None, None)


def test_seconds_under_load_are_called_so(sweep: Path) -> None:
    for seed in (0, 1):
        write_trial(sweep, f"beside-{seed}", 20.0, model="beside", seed=seed, ended=1000.0)
    for result in sweep.glob("[ua]*/result.json"):
        result.write_text(result.read_text().replace('"seconds": 60.0', '"seconds": 60.0, "ended": 3000.0'))
    report(sweep, "psnr", Console(width=200))
    page = Page((sweep / "report.html").read_text())
    told = "seconds of training, with the scoring after each epoch, without that at the end, measured under load: "
    assert any(f"{told}up to 10 trials" in button.get("title", "") for button in page.named("button"))
    assert "12.0 min of training, finished trials" in page.text
    assert "2.0 min on the clock, up to 10 at a time" in page.text
