"""The command, as a person types it: one transfer, a sweep of them, and what goes wrong."""

import json
import sys
from pathlib import Path

import pytest
import yaml

from huesweep.cli import main
from huesweep.sweeps.repetitions import standings
from huesweep.sweeps.report.transfer_figure import lines_of
from huesweep.sweeps.report.trials import read_trials
from huesweep.sweeps.results import read_results
from tests.sweeps.trials import write_trial


def typed(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr(sys, "argv", ["transfer", *arguments])
    main("transfer")


def test_a_sweep_is_run_told_and_reported(
    ckpt: Path,
    pictures: Path,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    usual = [
        f"ckpt={ckpt}",
        "data=folder",
        f"data.root={pictures}",
        "data.size=8",
        "data.validation=0.25",
        "logger=none",
    ]
    places = [f"paths.outputs={tmp_path}", f"paths.cache={cache}", "trainer.accelerator=cpu", "sweep.name=s"]
    typed(monkeypatch, "-m", *usual, *places, "labels=0.5,1.0")
    printed = capsys.readouterr().out
    assert "ranked by accuracy on the validation pictures" in " ".join(printed.split())
    assert "color a photo" not in printed
    sweep = tmp_path / "sweeps" / "s"
    results = [json.loads(path.read_text()) for path in sweep.glob("*/result.json")]
    assert sorted((result["mode"], result["labels"]) for result in results) == [("linear", 0.5), ("linear", 1.0)]
    assert {stage["stride"] for result in results for stage in result["stages"]} == {1, 2}
    page = (sweep / "report.html").read_text()
    assert "over the share of labels" in page
    with pytest.raises(SystemExit, match="error: ckpt= is missing"):
        typed(monkeypatch, *places)
    with pytest.raises(SystemExit, match=r"error: mode=line .*did you mean linear\?"):
        typed(monkeypatch, *usual, *places, "mode=line")


def test_seeds_of_a_pretext_are_repetitions_whichever_checkpoints_they_have(tmp_path: Path) -> None:
    for seed in (0, 1):
        for labels, accuracy in ((0.1, 0.3), (1.0, 0.5)):
            scores = {"accuracy": accuracy + 0.1 * seed}
            trial = write_trial(
                tmp_path, f"{labels}-{seed}", seed=seed, task="classify", validation=scores, test=scores, baselines={}
            )
            config = {
                "ckpt": f"sweeps/pretext/ab-{seed}",
                "pretext": "ab",
                "mode": "linear",
                "labels": labels,
                "seed": seed,
            }
            (trial / "config.yaml").write_text(yaml.safe_dump(config))
    results = read_results(tmp_path)
    trials = read_trials(tmp_path, results)
    found = standings(results, "accuracy")
    assert [standing.scores for standing in found] == [pytest.approx([0.5, 0.6]), pytest.approx([0.3, 0.4])]
    (line,) = lines_of(trials, "accuracy")
    assert (line.pretext, line.mode, line.name) == ("ab", "linear", "ab linear")
    assert line.scores == {0.1: [0.3, pytest.approx(0.4)], 1.0: [0.5, 0.6]}


def test_other_options_are_no_repetitions(tmp_path: Path) -> None:
    for rate, accuracy in ((1e-3, 0.5), (1e-1, 0.2)):
        for labels in (0.1, 1.0):
            scores = {"accuracy": accuracy, "calibration_error": 1 - accuracy}
            trial = write_trial(
                tmp_path, f"{labels}-{rate}", task="classify", validation=scores, test=scores, baselines={}
            )
            config = {"ckpt": "a", "pretext": "ab", "mode": "finetune", "labels": labels, "optimizer": {"lr": rate}}
            (trial / "config.yaml").write_text(yaml.safe_dump({**config, "seed": 0}))
    trials = read_trials(tmp_path, read_results(tmp_path))
    for metric in ("accuracy", "calibration_error"):  # of which less is better
        lines = lines_of(trials, metric)
        assert [line.name for line in lines] == ["ab finetune lr=0.001", "ab finetune lr=0.1"]
    assert lines[0].scores == {0.1: [0.5], 1.0: [0.5]}
