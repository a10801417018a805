"""One trial on two processes: the same as on one with batches twice as large."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from huesweep.training.folder import TrialFolder
from huesweep.training.metrics_file import read_history
from tests.conftest import SMALL, compose_trial, train

ROOT = Path(__file__).parent.parent.parent
# Normalizations would see each process's pictures alone, and flips are drawn in each.
SAME = ("model.encoder.norm=none", "model.decoder.norm=none", "batch.flip=false", "target=ab", "loss=mse")


@pytest.mark.slow
def test_two_processes_train_as_one_does(tmp_path: Path, cache: Path) -> None:
    small = [override for override in SMALL if not override.startswith(("batch.size", "target.", "trainer.max_epochs"))]
    places = [f"paths.outputs={tmp_path}", f"paths.cache={cache}", "logger.wandb.mode=disabled"]
    arguments = [*small, *SAME, "optimizer.lr=1e-3"]
    command = [sys.executable, "-m", "src.train", *places, *arguments, "batch.size=16", "trainer=ddp"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    options = {"cwd": ROOT, "env": environment, "capture_output": True, "text": True, "timeout": 200}
    found = subprocess.run([*command, "trainer.devices=2", "trainer.max_epochs=2"], check=False, **options)  # type: ignore[call-overload]
    assert found.returncode == 0, found.stderr
    (trial,) = (tmp_path / "trials").glob("*/result.json")
    two = json.loads(trial.read_text())

    one = train(
        compose_trial(tmp_path, cache, *arguments, "batch.size=32", "trainer.max_epochs=2"),
        TrialFolder(tmp_path / "one"),
    )
    assert two["steps"] == one["steps"]
    pairs = zip(read_history(trial.parent), read_history(tmp_path / "one"), strict=True)
    for together, alone in pairs:
        for name in ("train/loss", "val/loss", "val/psnr", "val/auc", "val/ssim"):
            assert together[name] == pytest.approx(alone[name], rel=1e-3), name
    for name in ("psnr", "ssim", "cf", "auc"):
        assert two["test"][name] == pytest.approx(one["test"][name], rel=1e-3), name
    assert found.stdout.count("wrote ") == 3  # by one process alone
