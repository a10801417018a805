"""Sweeps that are started again: what has finished is left alone, and nothing is read or started for it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from huesweep.cli import main
from huesweep.sweeps import running
from huesweep.sweeps.ranking import own_metric
from huesweep.sweeps.results import read_results
from huesweep.training.trial import Trial
from tests.conftest import SMALL, once
from tests.data.copies import WANTED
from tests.data.test_cifar10 import write_copy

RATES = "optimizer.lr=1e-3,2e-3"


def sweep(
    monkeypatch: pytest.MonkeyPatch, outputs: Path, cache: Path, *also: str, without: tuple[str, ...] = ()
) -> None:
    """A sweep of small trials. without: beginnings of usual options that are left out."""
    places = (f"paths.outputs={outputs}", f"paths.cache={cache}", "sweep.name=s", "logger.wandb.mode=disabled")
    small = [option for option in SMALL if not (without and option.startswith(without))]
    monkeypatch.setattr(sys, "argv", ["train", "-m", *once(*small, *places, *also)])
    main("train")


def results(outputs: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in outputs.glob("sweeps/s/*/result.json")}


@pytest.mark.slow
def test_a_sweep_trains_what_is_missing_and_starts_nothing_where_nothing_is(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(monkeypatch, tmp_path, cache, "hydra/launcher=local", RATES)
    first = results(tmp_path)
    assert len(first) == 2
    capsys.readouterr()

    with monkeypatch.context() as patch:
        patch.setattr("ray.init", lambda **_: pytest.fail("Ray is started"))
        patch.setattr(Trial, "run", lambda _: pytest.fail("a trial is run"))
        (tmp_path / "sweeps" / "s" / "report.html").unlink()
        sweep(patch, tmp_path, cache, "hydra/launcher=ray", RATES)
    told = capsys.readouterr()
    assert "sweep of 2 trials" in told.err
    assert "; 2 have finished before" in told.err
    assert f"wrote {tmp_path}/sweeps/s/report.html" in told.out
    assert results(tmp_path) == first

    removed, kept = (path.parent for path in first)
    shutil.rmtree(removed)
    trained: list[str] = []

    def make_trial(config: dict[str, Any], folder: Any) -> Any:
        trained.append(folder.path.name)
        return made(config, folder)

    made = running.make_trial
    monkeypatch.setattr(running, "make_trial", make_trial)
    sweep(monkeypatch, tmp_path, cache, "hydra/launcher=local", RATES)
    told = capsys.readouterr()
    assert "; 1 has finished before" in told.err
    assert f"{kept} has finished before: nothing to do" in told.out
    assert trained == [removed.name]
    assert results(tmp_path)[kept / "result.json"] == first[kept / "result.json"]


@pytest.mark.slow
def test_a_finished_sweep_is_ranked_by_scores_that_its_trials_have(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("hydra/launcher=local", "target=ab", "loss=mse", "trainer.max_epochs=1", RATES)
    sweep(monkeypatch, tmp_path, cache, *arguments, without=("target.",))
    manifest = tmp_path / "sweeps" / "s" / "sweep.json"
    before = manifest.read_bytes()
    with pytest.raises(SystemExit, match=r"^error: sweep\.rank=top1: there is no such score without a palette"):
        sweep(monkeypatch, tmp_path, cache, *arguments, "sweep.rank=top1", without=("target.",))
    assert manifest.read_bytes() == before

    told = json.loads(before)
    manifest.write_text(json.dumps({**told, "rank": "top1"}))  # as an earlier version left it
    assert own_metric(manifest.parent, read_results(manifest.parent)) == told["rank"] == "psnr"


@pytest.mark.slow
def test_another_copy_of_a_set_is_told_where_all_trials_have_finished(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "ab":
        write_copy(tmp_path / name)
    (tmp_path / "b" / WANTED / "more").write_bytes(b"more")
    arguments = ("data=cifar10", "data.verify=false", "trainer.max_epochs=1", RATES, "hydra/launcher=local")
    kept = ("data.train", "data.validation", "data.test")
    sweep(monkeypatch, tmp_path, cache, *arguments, f"data.root={tmp_path}/a", without=kept)
    assert "the copy of" not in capsys.readouterr().err
    sweep(monkeypatch, tmp_path, cache, *arguments, f"data.root={tmp_path}/b", without=kept)
    assert "since some of these finished, the copy of data=cifar10 changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("module", "spared"),
    [
        ("huesweep.sweeps.callback", "torch"),
        ("huesweep.commands.train", "torch"),
        ("huesweep.commands.transfer", "torch"),
        ("huesweep.sweeps.report.page", "pytorch_lightning"),
    ],
)
def test_what_passes_trials_on_and_reports_them_reads_nothing_that_trains(module: str, spared: str) -> None:
    code = f"import sys, {module}; sys.exit({spared!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ, check=False).returncode == 0
