"""Searches go on where they stopped, and try again what failed or was cut off."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest

from huesweep.cli import main
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.search import claim_search, study_in, trials_left, try_again
from huesweep.training.colorization_trial import ColorizationTrial
from tests.conftest import SMALL
from tests.sweeps.launched import finish, start, sweep_command
from tests.sweeps.trials import scores

Ending = Callable[[int], object]


def test_trials_with_a_score_count_and_those_that_failed_or_were_cut_off_do_not(tmp_path: Path) -> None:
    storage = f"sqlite:///{tmp_path}/study.db"
    assert trials_left(5, str(tmp_path), storage, "s") == 5
    study = optuna.create_study(study_name="s", storage=storage)
    for state, value in (("COMPLETE", 1.0), ("FAIL", None)):
        study.tell(study.ask(), value, state=optuna.trial.TrialState[state])
    study.ask()
    assert trials_left(5, str(tmp_path), storage, "s") == 4  # what failed is tried again
    assert trials_left(1, str(tmp_path), storage, "s") == 0
    assert trials_left(5, str(tmp_path), storage, "another") == 5
    assert trials_left(5, str(tmp_path), None, "s") == 5


@pytest.mark.slow
def test_a_search_adds_to_its_study_until_it_has_what_was_asked_for(tmp_path: Path, cache: Path) -> None:
    space = ("trainer.max_epochs=1", "target.colors=choice(3,4)", "optimizer.lr=tag(log,interval(1e-4,1e-2))")
    trials = []
    for total in (2, 3):
        process = start(sweep_command(tmp_path, cache, "hydra/sweeper=optuna", *space, f"sweep.trials={total}"))
        printed = finish(process)
        assert process.returncode == 0, printed
        study = optuna.load_study(study_name="s", storage=f"sqlite:///{tmp_path}/sweeps/s/study.db")
        trials.append(len(study.trials))
    assert trials == [2, 3]
    assert all(trial.values and 0 < trial.values[0] < 60 for trial in study.trials)  # decibels
    assert (tmp_path / "sweeps" / "s" / "optimization_results.yaml").exists()
    assert Manifest(tmp_path / "sweeps" / "s").swept() == ["target.colors", "optimizer.lr"]
    rows = list(csv.DictReader((tmp_path / "sweeps" / "s" / "results.csv").open()))
    assert len({row["lr"] for row in rows if row["rank"]}) == 3


class Killed(BaseException):
    """What a process that is killed raises here."""


@pytest.fixture
def search(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a search of trials that train nothing: each ends as a function of its number says. Gives the last line."""

    def begun(ending: Ending, *arguments: str, name: str = "s") -> str:
        count = iter(range(100))

        def run(trial: ColorizationTrial) -> dict[str, Any]:
            trial.folder.path.mkdir(parents=True, exist_ok=True)
            trial.folder.forget_error()
            (trial.folder.path / "config.yaml").write_text("trainer: {max_epochs: 1}\n")
            ending(next(count))
            result = {"validation": scores(20.0), "test": None}
            trial.folder.result.write_text(json.dumps(result))
            return result

        monkeypatch.setattr(ColorizationTrial, "run", run)
        places = [f"paths.outputs={tmp_path}", f"paths.cache={tmp_path}/cache", f"sweep.name={name}"]
        space = ["hydra/sweeper=optuna", "optimizer.lr=interval(1e-4,1e-2)", "hydra.sweeper.n_jobs=1"]
        monkeypatch.setattr(sys, "argv", ["train", "-m", *SMALL, *places, *space, *arguments])
        try:
            main("train")
        except SystemExit as end:
            return str(end.code)
        except Killed:
            return "killed"
        return ""

    return begun


def fail(number: int) -> None:
    raise ValueError(f"trial {number} fails")


def killed_at(place: int) -> Ending:
    def end(number: int) -> None:
        if number == place:
            raise Killed

    return end


def states(sweep: Path) -> dict[str, str]:
    return {trial.name: trial.state for trial in Manifest(sweep).progress()}


def test_a_search_whose_trials_all_fail_says_so_and_tries_them_again(
    tmp_path: Path, search: Callable[..., str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert search(fail, "sweep.trials=2") == "error: 2 of 2 trials failed; the same command tries them again"
    printed = capfd.readouterr().err
    assert printed.count("\nfailed: ") >= 2
    assert "Traceback" not in printed
    first = states(tmp_path / "sweeps" / "s")
    assert list(first.values()) == ["failed"] * 2
    assert search(fail, "sweep.trials=2") == "error: 2 of 2 trials failed; the same command tries them again"
    assert states(tmp_path / "sweeps" / "s") == first  # the same choices
    assert search(lambda _: None, "sweep.trials=2") == ""
    assert "sweep of 2 trials into " in (printed := capfd.readouterr().err)
    assert "; 2 that failed or were cut off are tried again" in printed
    assert states(tmp_path / "sweeps" / "s") == dict.fromkeys(first, "done")
    assert search(fail, "sweep.trials=2") == ""
    assert "sweep of 2 trials into " in (printed := capfd.readouterr().err)
    assert "; 2 have finished before" in printed


def test_a_trial_that_was_cut_off_is_tried_again(tmp_path: Path, search: Callable[..., str]) -> None:
    assert search(killed_at(1), "sweep.trials=3") == "killed"
    cut_off = states(tmp_path / "sweeps" / "s")
    assert sorted(cut_off.values()) == ["done", "interrupted"]
    assert search(lambda _: None, "sweep.trials=3") == ""
    assert set(cut_off) <= set(after := states(tmp_path / "sweeps" / "s"))
    assert list(after.values()) == ["done"] * 3


def test_trials_of_another_search_are_never_taken_for_this_ones(tmp_path: Path, search: Callable[..., str]) -> None:
    assert search(lambda _: None, "sweep.trials=1") == ""
    for other in ("sweep.rank=auc", "data.seed=5"):
        told = search(lambda _: None, "sweep.trials=2", other)
        assert told.startswith(f"error: {tmp_path}/sweeps/s holds a search with {other.partition('=')[0]}="), told
        assert told.endswith("sweep.name=NAME keeps them apart")
    assert list(states(tmp_path / "sweeps" / "s").values()) == ["done"]
    assert search(lambda _: None, "sweep.trials=2", "batch.workers=1") == ""  # shapes no score


def test_a_search_whose_study_is_kept_elsewhere_goes_on_with_the_same_options_alone(
    tmp_path: Path, search: Callable[..., str]
) -> None:
    elsewhere = f"hydra.sweeper.storage=sqlite:///{tmp_path}/elsewhere.db"
    assert search(lambda _: None, "sweep.trials=1", elsewhere) == ""
    told = search(lambda _: None, "sweep.trials=2", elsewhere, "data.seed=5")
    assert told.startswith(f"error: {tmp_path}/sweeps/s holds a search with data.seed=0"), told
    assert search(lambda _: None, "sweep.trials=2", elsewhere) == ""
    assert list(states(tmp_path / "sweeps" / "s").values()) == ["done"] * 2


def test_one_process_at_a_time_is_at_work_on_a_search(tmp_path: Path, search: Callable[..., str]) -> None:
    with claim_search(tmp_path / "sweeps" / "s"):
        told = search(lambda _: None, "sweep.trials=1")
        assert told == f"error: another process is at work on the search in {tmp_path}/sweeps/s"
    assert search(lambda _: None, "sweep.trials=1") == ""


def test_a_search_is_kept_in_a_folder_of_any_name(tmp_path: Path, search: Callable[..., str]) -> None:
    name = "50%20 what?"
    for trials in (1, 2):
        assert search(lambda _: None, f"sweep.trials={trials}", name=name) == ""
    assert list(states(tmp_path / "sweeps" / name).values()) == ["done"] * 2


def test_a_search_whose_study_is_kept_elsewhere_goes_on_there(tmp_path: Path, search: Callable[..., str]) -> None:
    storage = f"sqlite:///{tmp_path}/elsewhere.db"
    for trials in (2, 3):
        assert search(lambda _: None, f"sweep.trials={trials}", f"hydra.sweeper.storage={storage}") == ""
    assert len(optuna.load_study(study_name="s", storage=storage).trials) == 3
    assert not (tmp_path / "sweeps" / "s" / "study.db").exists()


def test_what_is_at_work_or_was_done_since_is_not_tried_again(tmp_path: Path) -> None:
    study = optuna.create_study(study_name="s", storage=study_in(str(tmp_path)))
    state = optuna.trial.TrialState
    for lr, ended in ((0.1, state.FAIL), (0.2, state.COMPLETE), (0.2, state.FAIL), (0.3, None), (0.4, None)):
        study.enqueue_trial({"lr": lr})
        trial = study.ask({"lr": optuna.distributions.FloatDistribution(0, 1)})
        if ended is not None:
            study.tell(trial, 1.0 if ended == state.COMPLETE else None, state=ended)
    assert try_again(study, lambda choices: choices == {"lr": 0.4}) == 2
    assert try_again(study, lambda choices: choices == {"lr": 0.4}) == 2  # they wait already
    queued = study.get_trials(states=(state.WAITING,))
    assert [trial.system_attrs["fixed_params"] for trial in queued] == [{"lr": 0.1}, {"lr": 0.3}]
    assert [trial.number for trial in study.get_trials(states=(state.RUNNING,))] == [4]
