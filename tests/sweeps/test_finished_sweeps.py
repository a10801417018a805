"""Sweeps that are started again: what has finished is left alone, and nothing is read or started for it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from huesweep.cli import main
from huesweep.sweeps import running
from huesweep.training.trial import Trial
from tests.conftest import SMALL, once

RATES = "optimizer.lr=1e-3,2e-3"


def sweep(monkeypatch: pytest.MonkeyPatch, outputs: Path, cache: Path, *also: str) -> None:
    places = (f"paths.outputs={outputs}", f"paths.cache={cache}", "sweep.name=s", "logger.wandb.mode=disabled")
    monkeypatch.setattr(sys, "argv", ["train", "-m", *once(*SMALL, *places, *also)])
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
