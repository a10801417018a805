"""Whole trials, small ones: what they leave behind, that they repeat, and that nothing is lost when they die."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.training.assembly import assemble
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from huesweep.training.metrics_file import read_history
from huesweep.training.module import ColorizationModule, Pair
from tests.conftest import SMALL, once, train
from tests.data.test_cifar10 import write_copy
from tests.published import YEUNG_HORSES_16_PALETTE
from tests.sweeps.launched import finish, start, sweep_command

Configure = Callable[..., dict[str, Any]]


def weights(path: Path) -> dict[str, torch.Tensor]:
    return torch.load(path, weights_only=True)["state_dict"]


def assert_same_weights(one: Path, other: Path) -> None:
    first, second = weights(one), weights(other)
    assert first.keys() == second.keys()
    assert [name for name in first if not torch.equal(first[name], second[name])] == []


@pytest.mark.slow
def test_a_trial_leaves_what_the_design_says(configure: Configure, tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path / "trial")
    result = train(configure("logger.wandb.mode=offline"), folder)
    assert json.loads(folder.result.read_text()) == result
    assert (result["epochs"], result["steps"]) == (2, 4)
    assert result["test"].keys() >= {"psnr", "ssim", "cf", "auc", "auc_balanced", "hue_distance", "cross_entropy"}
    assert result["baselines"]["test"].keys() == {"gray", "ceiling"}
    with (folder.path / "metrics.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert {"train/loss", "val/loss", "val/psnr", "lr", "seconds"} <= rows[0].keys()
    for name in ("curves", "palette", "epoch-0001", "epoch-0002"):
        with Image.open(folder.path / "pictures" / f"{name}.png") as picture:
            picture.verify()
    assert len(list((tmp_path / "wandb").glob("offline-run-*/run-*.wandb"))) == 1
    assert not folder.error.exists()


def test_the_scores_of_a_result_are_those_of_the_best_checkpoint(configure: Configure, tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path / "trial")
    result = train(configure(), folder)
    logged = [row["val/loss"] for row in read_history(folder.path)]
    best = read_history(folder.path)[int(np.argmin(logged))]
    assert result["validation"]["psnr"] == pytest.approx(best["val/psnr"], abs=1e-4)
    assert result["validation"]["cross_entropy"] == pytest.approx(min(logged), abs=1e-5)


@pytest.mark.slow
def test_a_seed_repeats_a_trial_to_the_last_bit_and_another_does_not(configure: Configure, tmp_path: Path) -> None:
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(configure(f"seed={seed}"), TrialFolder(tmp_path / name))
    assert_same_weights(*(tmp_path / name / "checkpoints/last.ckpt" for name in "ab"))
    a, c = (weights(tmp_path / name / "checkpoints/last.ckpt")["colorizer.network.head.weight"] for name in "ac")
    assert not torch.equal(a, c)


@pytest.mark.slow
def test_an_interrupted_trial_goes_on_as_if_nothing_had_happened(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole, broken = TrialFolder(tmp_path / "whole"), TrialFolder(tmp_path / "broken")
    config = configure("trainer.max_epochs=3", "optimizer.lr=1e-3")
    train(config, whole)

    step, steps = ColorizationModule.training_step, 0

    def dying_step(self: ColorizationModule, batch: Pair, index: int) -> torch.Tensor:
        nonlocal steps
        steps += 1
        if steps == 4:
            raise RuntimeError("the power went out")
        return step(self, batch, index)

    with monkeypatch.context() as patch:
        patch.setattr(ColorizationModule, "training_step", dying_step)
        with pytest.raises(RuntimeError, match="the power went out"):
            train(config, broken)
    assert "the power went out" in broken.error.read_text()
    assert broken.read_result() is None

    capsys.readouterr()
    result = train(config, broken)
    assert f"going on with {broken.path}, after 1 of 3 epochs\n" in capsys.readouterr().out
    assert result["steps"] == 6
    assert_same_weights(whole.last, broken.last)
    assert_same_weights(whole.best, broken.best)
    assert [row["epoch"] for row in read_history(broken.path)] == [1, 2, 3]
    assert not broken.error.exists()
    assert result["test"] == json.loads(whole.result.read_text())["test"]


def test_a_trial_that_is_stopped_before_it_trains_says_so_and_leaves_nothing(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_: ColorizationTrial) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ColorizationTrial, "assemble", stopped)
    folder = TrialFolder(tmp_path / "trial")
    folder.path.mkdir()  # as Hydra does
    with pytest.raises(KeyboardInterrupt):
        ColorizationTrial(configure(), folder).run()
    assert f"stopped: the same command begins {folder.path}\n" in capsys.readouterr().out
    assert not folder.path.exists()


@pytest.mark.slow
def test_a_kill_at_any_moment_leaves_a_checkpoint_that_loads_or_none(tmp_path: Path, cache: Path) -> None:
    command = [sys.executable, "-m", "src.train", "logger.wandb.mode=disabled"]
    command += [f"paths.outputs={tmp_path}", f"paths.cache={cache}", *once(*SMALL, "trainer.max_epochs=100000")]
    for wait in (0.0, 0.13, 0.31, 0.57):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        folder = None
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and not (folder and folder.best.exists() and folder.last.exists()):
            folder = next((TrialFolder(path) for path in tmp_path.glob("trials/photos-*")), None)
            time.sleep(0.01)
        time.sleep(wait)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        assert folder is not None
        assert folder.best.exists()
        Colorizer.load(folder.best)
        assert torch.load(folder.last, weights_only=True)["epoch"] >= 0


def test_a_loss_that_is_no_number_stops_the_run_and_spares_the_checkpoint(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, steps = ColorizationModule.training_step, 0

    def diverging_step(self: ColorizationModule, batch: Pair, index: int) -> torch.Tensor:
        nonlocal steps
        steps += 1
        return step(self, batch, index) * (float("nan") if steps == 3 else 1)

    monkeypatch.setattr(ColorizationModule, "training_step", diverging_step)
    folder = TrialFolder(tmp_path / "trial")
    with pytest.raises(UsageError, match=r"nan in epoch 2.*optimizer\.lr"):
        train(configure(), folder)
    assert all(torch.isfinite(value).all() for value in weights(folder.last).values())


@pytest.mark.slow
@pytest.mark.parametrize("overrides", [["target=ab", "loss=mse"], ["target=rgb", "loss=l1"]])
def test_regression_targets_train(configure: Configure, tmp_path: Path, overrides: list[str]) -> None:
    small = [override for override in SMALL if not override.startswith("target.")]
    result = train(configure(*small, *overrides, small=False), TrialFolder(tmp_path / "trial"))
    assert result["test"]["psnr"] > 5


def test_without_validation_pictures_the_last_checkpoint_is_the_best(configure: Configure, tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path / "trial")
    result = train(configure("data.validation=0"), folder)
    assert result["validation"] is None
    assert_same_weights(folder.best, folder.last)


@pytest.mark.slow
def test_one_batch_can_be_learned_by_heart(configure: Configure, tmp_path: Path) -> None:
    config = configure(
        *("data.train=8", "data.validation=0", "batch.size=8", "batch.flip=false", "trainer.max_epochs=120"),
        *("optimizer=adam", "optimizer.lr=0.01", "model.encoder.widths=[16,32]"),
    )
    train(config, TrialFolder(tmp_path / "trial"))
    losses = [row["train/loss"] for row in read_history(tmp_path / "trial")]
    assert losses[-1] < 0.35 * losses[0]


@pytest.mark.slow
def test_yeungs_recipe_follows_its_published_curve(configure: Configure, data_root: Path, tmp_path: Path) -> None:
    np.save(tmp_path / "palette.npy", np.array(YEUNG_HORSES_16_PALETTE))
    config = configure(
        *("+experiment=yeung", f"data.root={data_root}", "data.verify=false", "data.classes=[horse]"),
        *(f"target.palette={tmp_path}/palette.npy", "trainer.max_epochs=1", "trainer.accelerator=cpu"),
        small=False,
    )
    result = train(config, TrialFolder(tmp_path / "trial"))
    assert read_history(tmp_path / "trial")[0]["train/loss"] == pytest.approx(2.727, rel=0.05)
    assert result["test"]["cross_entropy"] == pytest.approx(2.696, rel=0.05)
    # Published baselines and ceilings of this class, as scikit-image and a bare loop gave them.
    ceiling = result["baselines"]["test"]["ceiling"]
    assert ceiling["psnr"] == pytest.approx(25.78, abs=0.01)
    assert ceiling["psnr_pooled"] == pytest.approx(25.11, abs=0.01)
    assert ceiling["ssim"] == pytest.approx(0.907, abs=0.001)
    assert ceiling["cf"] == pytest.approx(27.4, abs=0.1)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("trainer.max_epochs=0", r"trainer\.max_epochs=0"),
        ("trainer.check_val_every_n_epoch=3", r"check_val_every_n_epoch=3.*max_epochs=2"),
        ("trainer.limit_train_batches=0", "limit_train_batches=0"),
        ("trainer.precision=64-true", r"trainer\.precision=64-true.*16-mixed"),
        ("trainer.accelerator=mps", r"trainer\.accelerator=mps.*auto.*cpu"),
        ("trainer.devices=2", r"trainer\.devices=2.*trainer=ddp"),
        ("trainer=ddp trainer.devices=0", r"trainer\.devices=0.*auto"),
        ("+trainer.strategy=fsdp", r"trainer\.strategy=fsdp.*auto.*ddp"),
    ],
)
def test_what_a_trial_can_not_be_done_with_is_refused(configure: Configure, override: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        assemble(configure(*override.split()))


def test_a_network_of_one_size_is_refused_where_pictures_have_another(configure: Configure) -> None:
    with pytest.raises(UsageError, match=r"model=rutgers_fc1 .*16x16.*data=photos .*32x32.*model\.decoder\.size=32"):
        assemble(configure("model=rutgers_fc1", "model.decoder.size=16", small=False))


def test_a_folder_of_another_configuration_is_left_alone(configure: Configure, tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path / "trial")
    train(configure(), folder)
    before = folder.config.read_text()
    with pytest.raises(UsageError, match=r"/trial "):
        train(configure("seed=1"), folder)
    assert folder.config.read_text() == before


@pytest.mark.slow
def test_lower_precision_changes_the_network_and_not_the_labels(configure: Configure, tmp_path: Path) -> None:
    # Labels of 16 similar colors differ in every second pixel when distances are rounded to 8 bits.
    exact, rounded = (
        train(
            configure("target.colors=16", f"trainer.precision={precision}", "trainer.max_epochs=1"),
            TrialFolder(tmp_path / precision),
        )
        for precision in ("32-true", "bf16-mixed")
    )
    assert rounded["validation"]["psnr"] == pytest.approx(exact["validation"]["psnr"], abs=1.0)
    logged = read_history(tmp_path / "bf16-mixed")[0]
    assert logged["val/loss"] == pytest.approx(logged["val/cross_entropy"], rel=1e-4)
    assert logged["val/loss"] == pytest.approx(rounded["validation"]["cross_entropy"], rel=0.02)


def test_scores_stand_only_in_epochs_that_validated(configure: Configure, tmp_path: Path) -> None:
    train(configure("trainer.check_val_every_n_epoch=2"), TrialFolder(tmp_path / "trial"))
    assert ["val/psnr" in row for row in read_history(tmp_path / "trial")] == [False, True]


def files_with(word: bytes, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and word in path.read_bytes()]


def secret_mirror(root: Path) -> list[str]:
    """Overrides of a small trial whose data set has a mirror with a password and a token."""
    if not root.exists():
        write_copy(root)
    small = [override for override in SMALL if not override.startswith("data.")]
    address = '"https://me:s3cret@mirror/x.tar.gz?token=s3cret"'
    return [*small, "data=cifar10", f"data.root={root}", "data.verify=false", f"data.url={address}"]


@pytest.mark.slow
def test_a_logger_that_fails_at_the_end_costs_no_result(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def finish(_: object, *, failed: bool) -> None:
        assert (tmp_path / "trial" / "result.json").exists() != failed
        raise ConnectionError("no network")

    monkeypatch.setattr("huesweep.training.trial.finish_loggers", finish)
    folder = TrialFolder(tmp_path / "trial")
    assert train(configure("trainer.max_epochs=1"), folder) == folder.read_result()
    assert "has finished, but a logger has not: no network" in capsys.readouterr().err
    assert not folder.error.exists()


def test_secrets_in_an_address_reach_no_file_and_the_trial_resumes(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    overrides = secret_mirror(tmp_path / "root")
    config = configure(*overrides, "logger.wandb.mode=offline", small=False)
    assert config["data"]["url"] == "https://me:s3cret@mirror/x.tar.gz?token=s3cret"
    monkeypatch.setattr("sys.argv", ["train.py", *overrides])
    folder = TrialFolder(tmp_path / "sweep" / "trial")
    train(config, folder)
    assert "url: https://...@mirror/x.tar.gz?..." in folder.config.read_text()
    assert files_with(b"max_epochs", tmp_path / "sweep" / "wandb")
    assert files_with(b"s3cret", tmp_path / "sweep") == []
    folder.result.unlink()
    assert train(config, folder)["epochs"] == 2
    config["seed"] = 1
    with pytest.raises(UsageError, match="a trial of another configuration"):
        train(config, folder)


@pytest.mark.slow
def test_secrets_in_an_address_stay_out_of_a_sweeps_files_and_of_what_it_prints(tmp_path: Path, cache: Path) -> None:
    more = (*secret_mirror(tmp_path / "root"), "trainer.max_epochs=1", "logger.wandb.mode=offline")
    command = sweep_command(tmp_path / "out", cache, *more)
    command = [part for part in command if not part.startswith(("data.train", "data.test", "data.validation"))]
    printed = finish(start(command))
    assert len(list((tmp_path / "out").rglob("result.json"))) == 1, printed
    assert "https://...@mirror/x.tar.gz" in (tmp_path / "out" / "sweeps" / "s" / "multirun.yaml").read_text()
    assert files_with(b"s3cret", tmp_path / "out") == []
    assert "s3cret" not in printed
    one_trial = [part for part in command[:3] + command[4:] if not part.startswith("data.url=")]
    printed = finish(start([*one_trial, "data.url=[https://me:s3cret@mirror]"]))
    assert "error: data.url" in printed
    assert "s3cret" not in printed


@pytest.mark.parametrize("content", ["a: &a [1]\nb: *a\n", "data: [1]\n", "x" * 2**20, "[" * 10_000, "\x00"])
def test_a_folder_with_a_strangers_configuration_is_not_gone_on_with(
    configure: Configure, tmp_path: Path, content: str
) -> None:
    folder = TrialFolder(tmp_path / "trial")
    folder.checkpoints.mkdir(parents=True)
    folder.last.write_bytes(b"")
    folder.config.write_text(content)
    with pytest.raises(UsageError, match=r"config\.yaml is no configuration|a trial of another configuration"):
        train(configure(), folder)
    assert folder.config.read_text() == content
