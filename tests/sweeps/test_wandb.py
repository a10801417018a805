"""Weights & Biases: the saved workspace, the sweep file for its agent, and its offline runs read back."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from omegaconf import OmegaConf
from pytorch_lightning.loggers import WandbLogger

from huesweep.commands.dashboard import main
from huesweep.errors import UsageError
from huesweep.sweeps.workspace import compose_workspace
from huesweep.training.assembly import assemble
from huesweep.training.folder import TrialFolder
from huesweep.training.metrics_file import read_history
from tests.conftest import SMALL, train
from tests.sweeps.launched import ROOT
from tests.training.steps import Steps

Configure = Callable[..., dict[str, Any]]


@pytest.mark.slow
def test_every_value_that_the_agent_may_hand_out_is_a_trial(configure: Configure) -> None:
    sweep = yaml.safe_load((ROOT / "experiments" / "wandb_sweep.yaml").read_text())
    assert sweep["command"][2:4] == ["-m", "src.train"]
    for name, options in sweep["parameters"].items():
        for value in options.get("values") or [options["min"], options["max"]]:
            assemble(configure(f"{name}={value}", small=False))


@pytest.mark.slow
def test_a_run_that_the_agent_has_named_keeps_its_name(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WANDB_SWEEP_ID", "abc")
    monkeypatch.setenv("WANDB_RUN_ID", "named-by-agent")
    train(configure("logger.wandb.mode=offline", "trainer.max_epochs=1"), TrialFolder(tmp_path / "trial"))
    assert len(list((tmp_path / "wandb").glob("offline-run-*-named-by-agent"))) == 1


def test_a_workspace_shows_quality_color_pictures_speed_and_what_matters() -> None:
    workspace = compose_workspace("somebody", "huesweep", "quick", "Colorization")
    assert [section.name for section in workspace.sections] == ["Quality", "Color", "Pictures", "Speed", "What matters"]
    sent = json.loads(workspace._to_model().model_dump_json())  # what would go to the service
    text = json.dumps(sent)
    assert (sent["entity"], sent["project"], sent["display_name"]) == ("somebody", "huesweep", "Colorization")
    for shown in ("val/psnr", "val/cf", "examples", "test.psnr", "target.value.colors", '"quick"'):
        assert shown in text


@pytest.mark.slow
def test_what_a_workspace_shows_is_what_runs_log(configure: Configure, tmp_path: Path) -> None:
    small = [override for override in SMALL if "max_epochs" not in override]
    config = configure(*small, "logger.wandb.mode=offline", "trainer.max_epochs=1", small=False)
    train(config, TrialFolder(tmp_path / "trial"))
    (run,) = (tmp_path / "wandb").glob("offline-run-*/run-*.wandb")
    command = [str(Path(sys.executable).with_name("wandb")), "leet", "inspect", "--summary", str(run)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    for key in ("val/psnr", "val/cf", "val/auc", "examples", "palette", "epoch", "parameters", "seconds"):
        assert key in found, key


@pytest.mark.slow
def test_a_trial_that_goes_on_logs_the_epochs_that_a_killed_process_kept_to_itself(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = configure("logger.wandb.mode=offline", "trainer.max_epochs=3")
    folder = TrialFolder(tmp_path / "trial")
    with monkeypatch.context() as patch:
        steps = Steps(patch)
        steps.at = {5: steps.power_goes_out}
        with pytest.raises(RuntimeError, match="the power went out"):
            train(config, folder)
    shutil.rmtree(tmp_path / "wandb")  # at worst, nothing was written
    logged: list[dict[str, float]] = []
    log = WandbLogger.log_metrics

    def noted(logger: WandbLogger, metrics: dict[str, float], step: int | None = None) -> None:
        logged.append({**metrics, "step": step or 0})
        log(logger, metrics, step)

    monkeypatch.setattr(WandbLogger, "log_metrics", noted)
    train(config, folder)
    rows = read_history(folder.path)
    told = [row for row in logged if "val/loss" in row]
    assert [(row["epoch"], row["step"]) for row in told] == [(0, 1), (1, 3), (2, 5)]
    assert [row["val/loss"] for row in told] == pytest.approx([row["val/loss"] for row in rows])
    (run,) = (tmp_path / "wandb").glob("offline-run-*/run-*.wandb")
    assert run.stat().st_size > 1000


@pytest.mark.parametrize(
    ("entity", "message"), [(None, "entity= is missing"), ("somebody", "wandb knows no account here: `wandb login`")]
)
def test_without_a_name_or_an_account_it_says_what_to_do(
    entity: str | None, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    config = OmegaConf.create({"entity": entity, "project": "huesweep", "group": None, "name": "Colorization"})
    with pytest.raises(UsageError, match=message):
        main(config)
