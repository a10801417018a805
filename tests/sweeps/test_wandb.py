"""Weights & Biases: the saved workspace, the sweep file for its agent, and its offline runs read back."""

import csv
import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import yaml
from omegaconf import OmegaConf
from PIL import Image
from pytorch_lightning.loggers import TensorBoardLogger, WandbLogger

from huesweep.commands.dashboard import main
from huesweep.commands.study import main as study_main
from huesweep.errors import UsageError
from huesweep.inference.evaluation import log_evaluation
from huesweep.metrics.catalog import CATALOG
from huesweep.studies.writing import BEGIN, END
from huesweep.sweeps.report.page import read_sweep
from huesweep.sweeps.report.runs import log_report, trials_with_runs
from huesweep.sweeps.workspace import compose_workspace
from huesweep.training import finished_run, wandb_run
from huesweep.training.assembly import assemble
from huesweep.training.finished_run import LaterOptions
from huesweep.training.folder import TrialFolder
from huesweep.training.loggers import log_pictures, log_summary
from huesweep.training.metrics_file import read_history
from tests.conftest import SMALL, compose_trial, train
from tests.sweeps.launched import ROOT
from tests.sweeps.trials import write_trial
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
    for name in ("WANDB_SWEEP_ID", "WANDB_RUN_ID"):
        monkeypatch.delenv(name)
    assert finished_run.run_id(tmp_path / "trial") == "named-by-agent"  # for the page, and what joins it later


def test_a_workspace_shows_quality_color_pictures_speed_and_what_matters() -> None:
    workspace = compose_workspace("somebody", "huesweep", "quick", "Colorization")
    titles = [section.name for section in workspace.sections]
    assert titles == ["Quality", "Color", "Classes", "Pictures", "Speed", "What matters"]
    sent = json.loads(workspace._to_model().model_dump_json())  # what would go to the service
    text = json.dumps(sent)
    assert (sent["entity"], sent["project"], sent["display_name"]) == ("somebody", "huesweep", "Colorization")
    for shown in ("val/psnr", "val/cf", "examples", "test/psnr", "target.value.colors", '"quick"'):
        assert shown in text


def records(run: Path, kind: str) -> list[dict[str, Any]]:
    """The records of a kind in the file of an offline run, as wandb's own reader gives them."""
    command = [str(Path(sys.executable).with_name("wandb")), "leet", "inspect", "--json", str(run)]
    printed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout
    found = [json.loads(line) for line in printed.splitlines()]
    return [record[kind] for record in found if record["type"] == kind]


def summary(run: Path) -> dict[str, Any]:
    """What a run's page shows of it, as wandb's own reader gives it."""
    command = [str(Path(sys.executable).with_name("wandb")), "leet", "inspect", "--summary", "--json", str(run)]
    return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)["summary"]


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> tuple[Path, dict[str, Any]]:
    """The file of the run of a trial with an epoch of 60 steps, and the trial's result."""
    folder = tmp_path_factory.mktemp("logged")
    long = ("data.train=480", "batch.size=8", "callbacks=gradient_norm", "logger.wandb.log_model=true")
    config = compose_trial(folder, cache, *SMALL, *long, "logger.wandb.mode=offline", "logger.wandb.tags=[a]")
    result = train(config, TrialFolder(folder / "trial"))
    (run,) = (folder / "wandb").glob("offline-run-*/run-*.wandb")
    return run, result


@pytest.mark.slow
def test_a_run_keeps_what_a_workspace_and_people_look_for(logged: tuple[Path, dict[str, Any]]) -> None:
    run, result = logged
    kept = summary(run)
    scores = result["test"]
    assert kept["test/psnr"] == pytest.approx(scores["psnr"])
    assert kept["gray/psnr"] == pytest.approx(result["baselines"]["test"]["gray"]["psnr"])
    history = [record["item"] for record in records(run, "history")]
    curve = [item["val/psnr"] for item in history if "val/psnr" in item]
    assert (len(curve), kept["val/psnr"]) == (2, {"max": max(curve), "last": curve[-1]})
    assert kept["best/psnr"] == max(curve)
    assert [item["epoch"] for item in history if "val/psnr" in item] == [1, 2]
    assert [item["trainer/global_step"] for item in history if "train/loss" in item] == [59, 119]
    assert [item["trainer/global_step"] for item in history if "train/loss_step" in item] == [49, 99]
    assert [item["trainer/global_step"] for item in history if "train/gradient_norm" in item] == [0, 50, 100]
    assert all(item["train/pictures_per_second"] > 0 for item in history if "best/psnr" in item)
    metrics = {record.get("name") or record["glob_name"]: record for record in records(run, "metric")}
    assert metrics["*"]["step_metric"] == metrics["val/psnr"]["step_metric"] == "trainer/global_step"
    (begun,) = records(run, "run")
    assert (begun["job_type"], begun["tags"]) == ("train", ["a", "4 colors"])
    assert begun["config"]["update"]["command"] == "huesweep.train(…)"  # by code, not by a command
    (model,) = [record for record in records(run, "artifact") if record["type"] == "model"]
    assert json.loads(model["metadata"])["data"] == "photos"


@pytest.mark.slow
def test_pictures_come_as_a_captioned_list_and_as_a_table(logged: tuple[Path, dict[str, Any]]) -> None:
    run, _ = logged
    shown = [record["item"] for record in records(run, "history") if "examples._type" in record["item"]]
    assert [item["examples.count"] for item in shown] == [2, 2]
    assert all(caption.endswith(" dB") for item in shown for caption in item["examples.captions"])
    with Image.open(run.parent / "files" / shown[-1]["examples.filenames"][0]) as picture:
        assert picture.width > 3.9 * picture.height  # gray, predicted, palette truth, original
    (table,) = (run.parent / "files" / "media" / "table").rglob("examples_table*.json")
    content = json.loads(table.read_text())
    assert content["columns"] == ["gray", "predicted", "palette truth", "original", "psnr"]
    assert len(content["data"]) == 2
    assert [f"{row[-1]:.2f} dB" in shown[-1]["examples.captions"][number] for number, row in enumerate(content["data"])]


@pytest.mark.slow
def test_a_workspace_shows_what_runs_log(logged: tuple[Path, dict[str, Any]]) -> None:
    run, _ = logged
    sent = json.dumps(json.loads(compose_workspace("a", "b", None, "c")._to_model().model_dump_json()))
    wanted = set(re.findall(r"\b(?:val|train|test|best)/\w+", sent)) | {
        "examples",
        "palette",
        "parameters",
        "seconds",
    }
    assert {"val/psnr", "test/psnr", "test/cf", "train/loss"} <= wanted
    of_classifiers = {f"val/{name}" for name, metric in CATALOG.items() if metric.topic == "classes"}  # by src.transfer
    assert wanted - of_classifiers <= summary(run).keys()


@pytest.mark.slow
def test_the_summary_reaches_other_loggers(configure: Configure, tmp_path: Path) -> None:
    result = train(configure("logger=[wandb,csv]", "trainer.max_epochs=1"), TrialFolder(tmp_path / "trial"))
    with next((tmp_path / "trial" / "csv").rglob("metrics.csv")).open() as file:
        rows = list(csv.DictReader(file))
    assert float(rows[-1]["test/psnr"]) == pytest.approx(result["test"]["psnr"], rel=1e-5)


def test_tensorboard_gets_pictures_and_the_summary() -> None:
    """Its library doesn't come along: what Lightning's logger would hand it is noted instead."""
    told: dict[str, Any] = {}

    class Writer:
        def add_image(self, name: str, picture: np.ndarray, step: int, dataformats: str) -> None:
            told[name] = (picture.shape, step, dataformats)

        def add_scalar(self, name: str, value: float, step: int) -> None:
            told[name] = (value, step)

    logger = object.__new__(TensorBoardLogger)
    logger._experiment, logger._prefix = Writer(), ""  # type: ignore[assignment]
    logger._root_dir, logger._name, logger._sub_dir, logger._version = "", "", None, 0
    log_pictures([logger], "examples", [Image.new("RGB", (8, 4)), Image.new("L", (8, 4))], ["a", "b"], 7)
    log_summary([logger], {"test/psnr": 20.5}, 9)
    shape = ((4, 8, 3), 7, "HWC")
    assert told == {"examples/1": shape, "examples/2": shape, "test/psnr": (20.5, 9)}


@pytest.mark.slow
def test_an_evaluation_joins_the_run_on_request(logged: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    run, _ = logged
    trial = run.parent.parent.parent / "trial"
    options = LaterOptions("offline", "huesweep", None)
    found = {"data": "photos", "split": "test", "scores": {"psnr": 12.5}}
    log_evaluation(trial, found, {"best": (trial / "pictures" / "palette.png").read_bytes()}, options)
    later = max(run.parent.parent.glob("offline-run-*/run-*.wandb"), key=lambda path: path.stat().st_mtime)
    assert later.name == run.name
    assert later != run
    assert summary(later)["photos-test/psnr"] == 12.5
    assert "photos-test/best" in summary(later)
    with pytest.raises(UsageError, match="had no run in wandb"):
        log_evaluation(tmp_path, found, {}, options)


@pytest.mark.slow
def test_a_report_joins_the_runs_on_request(logged: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    run, _ = logged
    sweep = tmp_path / "sweep"
    for name, psnr in (("first", 23.0), ("second", 22.0)):
        write_trial(sweep, name, psnr, seed=int(psnr == 22.0))
    with pytest.raises(UsageError, match="no finished trial of sweep has a run in wandb"):
        trials_with_runs(read_sweep(sweep, None))
    shutil.copy(run.parent.parent.parent / "trial" / "wandb-id.txt", sweep / "second")
    assert log_report(read_sweep(sweep, None), LaterOptions("offline", "huesweep", None)) == 1
    (later,) = (sweep / "wandb").glob("offline-run-*/run-*.wandb")
    assert later.name == run.name
    told = {name.removeprefix("report/"): value for name, value in summary(later).items() if name.startswith("report/")}
    spread = {"seeds": 2, "mean": 22.5, "deviation": pytest.approx(0.5**0.5), "standing": "best"}
    assert told == {"rank": 2, "trials": 2, "metric": "psnr", **spread}


@pytest.mark.slow
def test_a_studys_figures_join_the_runs_on_request(
    logged: tuple[Path, dict[str, Any]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run, _ = logged
    study = tmp_path / "experiments" / "yeung"
    study.mkdir(parents=True)
    (study / "README.md").write_text(f"{BEGIN}{END}")
    monkeypatch.chdir(tmp_path)
    sweep = tmp_path / "outputs" / "sweeps" / "yeung"
    for seed in (0, 1):
        write_trial(sweep, f"trial{seed}", 22.0 + seed, seed=seed)
    with pytest.raises(UsageError, match="no finished trial of study yeung below outputs/sweeps has a run in wandb"):
        study_main(["yeung", "--collect", "--wandb", "offline"])
    shutil.copy(run.parent.parent.parent / "trial" / "wandb-id.txt", sweep / "trial1")
    study_main(["yeung", "--tables", "--wandb", "offline"])
    assert "logged study/* into the runs of 1 trials" in capsys.readouterr().out
    (later,) = (sweep / "wandb").glob("offline-run-*/run-*.wandb")
    assert later.name == run.name
    drawn = {f"study/{path.stem}" for path in study.glob("*.png")}
    assert drawn
    assert {name for name in summary(later) if name.startswith("study/")} == drawn


def test_the_agents_sweep_is_one_that_wandb_takes() -> None:
    """By the rules of the schema in wandb's package `sweeps`, 0.3.0, under which its server checks."""
    sweep = yaml.safe_load((ROOT / "experiments" / "wandb_sweep.yaml").read_text())
    assert sweep.keys() <= {"program", "method", "metric", "early_terminate", "command", "parameters"}
    assert sweep["method"] in ("bayes", "random", "grid")
    # The best epoch so far: the last that a run logs is what val/psnr.max is in its summary, and Hyperband compares it.
    assert sweep["metric"] == {"name": "best/psnr", "goal": "maximize"}
    assert sweep["early_terminate"] == {"type": "hyperband", "min_iter": 3}
    names = re.compile("[A-Za-z_][A-Za-z0-9_.-]*")
    kinds = [{"values"}, {"min", "max", "distribution"}]
    for name, options in sweep["parameters"].items():
        assert names.fullmatch(name)
        assert options.keys() in kinds
        assert options.get("values", True)
        assert options.get("distribution") in (None, "log_uniform_values", "uniform")
        assert options.get("min", 1) > 0  # a logarithm is taken


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
    assert [(row["epoch"], row["step"]) for row in told] == [(1, 1), (2, 3), (3, 5)]
    assert [row["val/loss"] for row in told] == pytest.approx([row["val/loss"] for row in rows])
    (run,) = (tmp_path / "wandb").glob("offline-run-*/run-*.wandb")
    deadline = time.monotonic() + 60  # a process of wandb's own writes it
    while run.stat().st_size < 1000:
        assert time.monotonic() < deadline
        time.sleep(0.1)


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


def test_a_run_has_the_command_that_was_typed_without_its_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    hydra = SimpleNamespace(
        job=SimpleNamespace(config_name="train"),
        overrides=SimpleNamespace(task=["data.root=a b", "data.url=https://me:secret@host/x"]),
    )
    monkeypatch.setattr(wandb_run.HydraConfig, "initialized", lambda: True)
    monkeypatch.setattr(wandb_run.HydraConfig, "get", lambda: hydra)
    told = wandb_run._command()
    assert told.startswith("python -m src.train 'data.root=a b' ")
    assert "secret" not in told
