"""Searches go on where they stopped."""

import csv
from pathlib import Path

import optuna
import pytest

from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.search import trials_left
from tests.sweeps.launched import finish, start, sweep_command


def test_trials_that_ended_count_and_those_that_were_cut_off_do_not(tmp_path: Path) -> None:
    assert trials_left(5, str(tmp_path), "s") == 5
    study = optuna.create_study(study_name="s", storage=f"sqlite:///{tmp_path}/study.db")
    for state, value in (("COMPLETE", 1.0), ("FAIL", None)):
        study.tell(study.ask(), value, state=optuna.trial.TrialState[state])
    study.ask()
    assert trials_left(5, str(tmp_path), "s") == 3
    assert trials_left(1, str(tmp_path), "s") == 0
    assert trials_left(5, str(tmp_path), "another") == 5


@pytest.mark.slow
def test_a_search_adds_to_its_study_until_it_has_what_was_asked_for(tmp_path: Path, cache: Path) -> None:
    space = ("trainer.max_epochs=1", "target.colors=choice(3,4)", "optimizer.lr=tag(log,interval(1e-4,1e-2))")
    trials = []
    for total in (2, 3, 3):
        process = start(sweep_command(tmp_path, cache, "hydra/sweeper=optuna", *space, f"sweep.trials={total}"))
        printed = finish(process)
        assert process.returncode == 0, printed
        study = optuna.load_study(study_name="s", storage=f"sqlite:///{tmp_path}/sweeps/s/study.db")
        trials.append(len(study.trials))
    assert trials == [2, 3, 3]
    assert all(trial.values and 0 < trial.values[0] < 60 for trial in study.trials)  # decibels
    assert (tmp_path / "sweeps" / "s" / "optimization_results.yaml").exists()
    assert Manifest(tmp_path / "sweeps" / "s").swept() == ["target.colors", "optimizer.lr"]
    rows = list(csv.DictReader((tmp_path / "sweeps" / "s" / "results.csv").open()))
    assert len({row["lr"] for row in rows if row["rank"]}) == 3
