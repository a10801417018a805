"""Each benchmark on hardly anything: that it runs, what it compares, and that what it measures against is right."""

import csv
import json
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from huesweep.benchmarks import cost, encode, fixed, goals, gpu, guard, start, step, validation, yeung
from huesweep.benchmarks.report import Row
from huesweep.benchmarks.settings import SETTINGS
from huesweep.benchmarks.turns import ratio
from tests.data.test_cifar10 import write_copy

TINY = 24  # pictures


def values(rows: list[Row]) -> dict[str, float]:
    assert all(np.isfinite(row.value) for row in rows)
    return {row.name: row.value for row in rows}


def test_the_suites_epochs_take_turns_with_a_bare_loop() -> None:
    found = values(list(step.run(("yeung_cnn",), TINY, 2)))
    assert list(found) == ["yeung_cnn: speed against a bare loop", "yeung_cnn: pictures a second"]
    assert min(found.values()) > 0


def test_validation_is_measured_with_and_without_the_forward_pass() -> None:
    whole, forward, scoring = values(list(validation.run(("yeung_cnn",), TINY, 1))).values()
    assert whole == pytest.approx(forward + scoring)
    assert forward > 0


def test_yeungs_way_is_measured_beside_ours() -> None:
    (times,) = values(list(yeung.run(TINY, 1))).values()
    assert times > 0


def test_both_goals_are_run_to(tmp_path: Path) -> None:
    write_copy(tmp_path)
    found = values(list(goals.run((f"data.root={tmp_path}", "data.verify=false"), 1)))
    assert list(found) == [
        "fast_horses: cross-entropy, highest of its seeds",
        "fast_horses: training",
        "200 epochs of Yeung's way against fast_horses",
        "fast_cifar10: pooled PSNR, lowest",
        "fast_cifar10: training",
        "unet_s: pooled PSNR, lowest",
        "unet_s: training",
        "fast_cifar10 against unet_s",
    ]
    assert found["fast_cifar10 against unet_s"] == found["fast_cifar10: training"] / found["unet_s: training"]


def test_both_goals_need_real_pictures(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("DATA_ROOT", raising=False)
    assert list(goals.run()) == []
    assert "DATA_ROOT names no copy of CIFAR-10" in capsys.readouterr().err


def test_both_ways_to_the_nearest_color_find_it(generator: torch.Generator) -> None:
    levels = torch.randint(0, 256, (2, 3, 4, 5), generator=generator, dtype=torch.uint8).numpy()
    palette = torch.rand(7, 3, generator=generator).numpy()
    pictures = levels / 255
    expected = [
        [[min(range(7), key=lambda k: ((p[:, y, x] - palette[k]) ** 2).sum()) for x in range(5)] for y in range(4)]
        for p in pictures
    ]
    assert yeung.nearest(pictures, palette).tolist() == expected
    assert encode.nearest(levels, palette).reshape(2, 4, 5).tolist() == expected


def test_encoding_is_exact() -> None:
    found = values(list(encode.run(4, (5,), 1)))
    assert found["0.0 million pixels to 5 colors: pixels with another color than the nearest"] == 0


def test_costs_are_compared_over_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    def seconds(_: object, pictures: int, epochs: int, *overrides: str, side: int, **__: object) -> dict[str, object]:
        options = dict(override.split("=", 1) for override in overrides)
        steps = min(int(options["trainer.limit_train_batches"]), pictures / int(options["batch.size"]))
        pixels = steps * int(options["batch.size"]) * side**2
        return {"training": [9.0, 1e-6 * pixels * (1 + int(options.get("target.colors", 16)) / 16)][-epochs:]}

    monkeypatch.setattr(cost, "seconds_in_turn", seconds)
    rows = list(cost.run((1000, 50_000), (16, 32), ((32, 100), (64, 25)), 1))
    found = {row.name: row.value for row in rows if row.target is not None}
    assert found == {
        "a pixel's time among 50,000 against 1,000": pytest.approx(1),
        "growth from 16 to 32 colors over theirs": pytest.approx(1.5 / 2),
        "a pixel's time at 64 against 32": pytest.approx(1),
    }
    assert rows[0].value == pytest.approx(3)


def test_the_first_step_is_marked_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer: Any = SimpleNamespace(default_root_dir=tmp_path)
    monkeypatch.setattr(start.time, "time", lambda: 12.5)
    start.MarkFirstStep().on_train_batch_end(trainer, None)  # type: ignore[arg-type]
    monkeypatch.setattr(start.time, "time", lambda: 20.0)
    start.MarkFirstStep().on_train_batch_end(trainer, None)  # type: ignore[arg-type]
    assert (tmp_path / start.MARK).read_text() == "12.5"
    monkeypatch.setattr(start, "first_step", lambda *_: 6.0)
    monkeypatch.setattr(start, "seconds_of", lambda *_: 5.0)
    found = values(list(start.run(2)))
    assert found["ratio"] == 1.2
    assert len(found) == 5


def pretend_sweep(outputs: Path, *overrides: str, **_: object) -> float:
    """Leave what a sweep of two trials leaves, which took twelve seconds."""
    options = dict(override.lstrip("+").split("=", 1) for override in overrides)
    for number in (1, 2):
        trial = outputs / "sweeps" / options["sweep.name"] / str(number)
        trial.mkdir(parents=True)
        (trial / "result.json").write_text(json.dumps({"seconds": 4.0}))
    return 12.0


def test_a_trials_fixed_cost_is_the_sweeps_time_by_its_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fixed, "sweep", pretend_sweep)
    rows = list(fixed.run())
    assert [row.value for row in rows] == [6.0, 4.0, 6.0, 4.0]
    assert [row.met for row in rows] == [True, True, False, True]


def pretend_training(command: list[str], **_: object) -> None:
    """Leave the curves of a trial that reaches the goal in its second epoch."""
    options = dict(part.split("=", 1) for part in command[3:])
    trial, epochs = Path(options["hydra.run.dir"]), int(options["trainer.max_epochs"])
    trial.mkdir()
    with (trial / "metrics.csv").open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerows([("seconds", "val/psnr_pooled"), *((10 * n, 22.5 + 0.5 * n) for n in range(1, epochs + 1))])


def test_the_gpus_benchmark_goes_through_on_the_cpu(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(torch, "compile", lambda network: network)
    monkeypatch.setattr(gpu, "sweep", pretend_sweep)
    monkeypatch.setattr(subprocess, "run", pretend_training)
    rows = list(gpu.run(torch.device("cpu"), 4, 1, ("yeung_cnn",), (1, 2, 4), (1, 2)))
    found = values(rows)
    speeds = [f"CPU: yeung_cnn, {name}" for name, setting in SETTINGS.items() if not setting.graph]
    assert list(found)[: len(speeds)] == speeds
    assert found["CPU: to pooled psnr 23.1"] == 20.0
    assert "CPU: pooled psnr after 4 epochs" not in found
    assert found["CPU: 2 at once"] == 2 / 12 * 3600
    assert found["CPU: 2 at once: time in training"] == pytest.approx(8 / 2 / 12)
    assert "left out" not in capsys.readouterr().err


def test_what_fails_on_a_gpu_is_told_and_the_rest_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_compiler(_: nn.Module) -> nn.Module:
        raise RuntimeError("no C compiler")

    def no_training(*_: object, **__: object) -> None:
        raise subprocess.CalledProcessError(1, "train", stderr="error: data.root is empty\n")

    monkeypatch.setattr(torch, "compile", no_compiler)
    monkeypatch.setattr(subprocess, "run", no_training)
    monkeypatch.setattr(gpu, "sweep", pretend_sweep)
    found = values(list(gpu.run(torch.device("cpu"), 2, 1, ("yeung_cnn",), (1,), (1,))))
    assert len(found) == 4 + 3
    told = capsys.readouterr().err
    assert "left out: yeung_cnn, bf16, channels-last, compiled: no C compiler" in told
    assert "left out: error: data.root is empty" in told


def test_the_guard_allows_a_tenth(monkeypatch: pytest.MonkeyPatch) -> None:
    assert guard.loosened(Row("speed", 0.9, "times", target=1.0)).met
    assert not guard.loosened(Row("speed", 0.89, "times", target=1.0)).met
    assert guard.loosened(Row("share", 1.1, "times", target=1.0, better="lower")).met
    assert not guard.loosened(Row("share", 1.11, "times", target=1.0, better="lower")).met
    assert guard.loosened(Row("32 colors: NumPy's time against ours", 9.1, "times", target=20)).met
    assert not guard.loosened(Row("32 colors: NumPy's time against ours", 8.9, "times", target=20)).met
    for name in ("step", "validation", "yeung", "encode", "start"):
        rows = [Row(name, 1.0, "times", target=1.05), Row("seconds", 9.0, "s", target=1.0), Row("more", 1.0, "times")]
        monkeypatch.setattr(getattr(guard, name), "run", lambda *_, rows=rows: iter(rows))
    assert [(row.name, row.met) for row in guard.run()] == [
        (name, True) for name in ("step", "validation", "yeung", "encode", "start")
    ]


def test_ratios_are_of_each_turn() -> None:
    assert ratio([2.0, 9.0, 4.0], [1.0, 3.0, 4.0]) == (2.0, 1.0)
