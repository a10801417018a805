"""Sweeps whose trials' folders are called as a person likes: all are found, and failures counted."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huesweep.cli import main
from huesweep.commands.sweeps import main as status
from huesweep.errors import UsageError
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.results import read_results
from huesweep.sweeps.trial_folders import trial_folders
from huesweep.training.colorization_trial import ColorizationTrial
from tests.conftest import SMALL
from tests.sweeps.trials import scores, write_trial


@pytest.fixture
def sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs a sweep over two seeds whose trials train nothing; that of seed 1 fails. Gives the last line."""

    def run(trial: ColorizationTrial) -> dict[str, Any]:
        trial.folder.path.mkdir(parents=True, exist_ok=True)
        (trial.folder.path / "config.yaml").write_text("trainer: {max_epochs: 1}\n")
        if trial.config["seed"] == 1:
            raise ValueError("seed 1 fails")
        result = {"validation": scores(20.0), "test": None}
        trial.folder.result.write_text(json.dumps(result))
        return result

    def begun(*arguments: str) -> str:
        monkeypatch.setattr(ColorizationTrial, "run", run)
        places = [f"paths.outputs={tmp_path}", f"paths.cache={tmp_path}/cache", "sweep.name=s"]
        monkeypatch.setattr(sys, "argv", ["train", "-m", *SMALL, *places, "seed=0,1", *arguments])
        with pytest.raises(SystemExit) as end:
            main("train")
        return str(end.value.code)

    return begun


@pytest.mark.parametrize(
    ("subdir", "names"),
    [
        ("${hydra.job.num}", ["0", "1"]),
        ("seed=${seed}", ["seed=0", "seed=1"]),
        ("${model.name}/seed_${seed}/trial", ["unet_s/seed_0/trial", "unet_s/seed_1/trial"]),
    ],
)
def test_a_failure_counts_whatever_its_folder_is_called(
    subdir: str,
    names: list[str],
    tmp_path: Path,
    sweep: Callable[..., str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    line = sweep(f"hydra.sweep.subdir='{subdir}'")
    assert line == "error: 1 of 2 trials failed; the same command tries them again"
    failed = tmp_path / "sweeps" / "s" / names[1]
    assert f"failed: {failed}: ValueError: seed 1 fails" in capfd.readouterr().err
    found = {trial.name: trial.state for trial in Manifest(tmp_path / "sweeps" / "s").progress()}
    assert found == {names[0]: "done", names[1]: "failed"}
    status(["status", str(tmp_path / "sweeps" / "s")])
    assert "2 trials: 1 failed, 1 done" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("subdir", "message"),
    [
        ("x", r"subdir=x: several trials would share this folder$"),
        ("", r"subdir= must be a folder below the sweep's"),
        ("../${seed}", r"subdir=\.\./0 must be a folder below the sweep's"),
        ("/tmp/${seed}", r"subdir=/tmp/0 must be a folder below the sweep's"),
    ],
)
def test_a_folder_that_is_no_trials_own_is_refused_before_training(
    subdir: str, message: str, tmp_path: Path, sweep: Callable[..., str]
) -> None:
    line = sweep(f"hydra.sweep.subdir={subdir}")
    assert line.startswith("error: hydra.sweep.")
    with pytest.raises(UsageError, match=message):
        raise UsageError(line)
    assert not list(tmp_path.rglob("config.yaml"))


def test_a_finished_trial_that_is_refused_fails_and_an_error_of_long_ago_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def train(trial: ColorizationTrial) -> dict[str, Any]:
        trial.folder.path.mkdir(parents=True, exist_ok=True)
        result = {"config_hash": trial.hash, "validation": scores(20.0), "test": None}
        trial.folder.write_result(result)
        return result

    def run(*arguments: str) -> None:
        places = [f"paths.outputs={tmp_path}", f"paths.cache={tmp_path}/cache", "sweep.name=s"]
        monkeypatch.setattr(sys, "argv", ["train", "-m", *SMALL, *places, "hydra.sweep.subdir='${seed}'", *arguments])
        main("train")

    monkeypatch.setattr(ColorizationTrial, "train", train)
    run("seed=0")
    run("seed=1", "batch.flip=false")
    stale = tmp_path / "sweeps" / "s" / "0" / "error.txt"
    stale.write_text("ValueError: x")
    os.utime(stale, (1e9, 1e9))
    with pytest.raises(SystemExit, match=r"^error: 1 of 2 trials failed"):
        run("seed=0,1")
    assert "s/1: UsageError: " in capfd.readouterr().err
    assert not stale.exists()


def test_a_sweep_for_debugging_leaves_nothing_among_outputs(
    tmp_path: Path, sweep: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "elsewhere"))
    assert sweep("trainer=debug").startswith("error: 1 of 2 trials failed")
    (folder,) = (tmp_path / "elsewhere" / "huesweep-debug").iterdir()
    assert sorted(trial.state for trial in Manifest(folder).progress()) == ["done", "failed"]
    assert not (tmp_path / "sweeps").exists()


def test_trials_are_found_by_what_their_folders_hold(tmp_path: Path) -> None:
    for name in ("b", "a/x", "a/y/z"):
        write_trial(tmp_path, name)
    (tmp_path / "failed").mkdir()
    (tmp_path / "failed" / "error.txt").write_text("ValueError: x")
    elsewhere = write_trial(tmp_path / "elsewhere", "linked")
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "link").symlink_to(elsewhere)
    # What is no trial of this sweep: another sweep's, within a trial, hidden, wandb's.
    write_trial(tmp_path / "other", "x")
    Manifest(tmp_path / "other").begin(["x"], 1)
    write_trial(tmp_path / "b", "within")
    write_trial(tmp_path, ".hidden")
    for run in ("wandb/offline-run-1/files", "a/wandb/run-2/files"):
        (tmp_path / run).mkdir(parents=True)
        (tmp_path / run / "config.yaml").write_text("x: 1")
    found = [str(path.relative_to(tmp_path)) for path in trial_folders(tmp_path)]
    assert found == ["a/x", "a/y/z", "b", "elsewhere/linked", "failed", "sweep/link"]
    assert [Path(result["folder"]).name for result in read_results(tmp_path)] == ["x", "z", "b", "linked", "link"]
    assert trial_folders(tmp_path / "nowhere") == []
