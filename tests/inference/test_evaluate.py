"""Judging a checkpoint: the scores that training gave, by class, and the pictures at both ends."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hydra import compose, initialize_config_dir
from scipy.linalg import sqrtm
from skimage.metrics import peak_signal_noise_ratio
from torchmetrics.image.fid import FrechetInceptionDistance

from huesweep.commands.evaluate import main
from huesweep.errors import UsageError
from huesweep.metrics import perceptual as module
from huesweep.metrics.scoring import Prediction
from huesweep.resources import CONF


def evaluate(ckpt: Path, out: Path, cache: Path, *overrides: str) -> dict[str, Any]:
    with initialize_config_dir(str(CONF)):
        config = compose("evaluate", [f"paths.cache={cache}", "device=cpu", *overrides])
    return main(config, ckpt=str(ckpt), out=str(out))


@pytest.mark.parametrize("split", ["test", "validation"])
def test_the_scores_are_those_of_the_training_to_the_last_digit(
    trial: Path, tmp_path: Path, cache: Path, split: str
) -> None:
    result = evaluate(trial, tmp_path, cache, f"split={split}")
    trained = json.loads((trial / "result.json").read_text())
    assert result["scores"] == trained[split]
    assert result["baselines"] == trained["baselines"][split]
    assert json.loads((tmp_path / "scores.json").read_text())["scores"] == trained[split]


def test_another_decoding_can_be_judged(trial: Path, tmp_path: Path, cache: Path) -> None:
    usual = evaluate(trial, tmp_path, cache)["scores"]
    other = evaluate(trial, tmp_path, cache, "decoding=argmax")["scores"]
    assert other["cross_entropy"] == usual["cross_entropy"]
    assert other["psnr"] != usual["psnr"]


def test_classes_are_scored_one_by_one(data_root: Path, trial: Path, tmp_path: Path, cache: Path) -> None:
    of_cifar = ("data=cifar10", f"data.root={data_root}", "data.verify=false", "data.classes=[cat,ship]")
    result = evaluate(trial, tmp_path, cache, *of_cifar, "data.validation=0.02", "split=validation")
    parts = result["classes"]
    assert set(parts) == {"cat", "ship"}
    sizes = [part["pictures"] for part in parts.values()]
    assert sum(sizes) == 200
    for name in ("psnr", "ssim"):
        for scores in (lambda part: part["scores"], lambda part: part["baselines"]["gray"]):
            mean = np.average([scores(part)[name] for part in parts.values()], weights=sizes)
            assert mean == pytest.approx(scores(result)[name], rel=1e-6)


def test_the_pictures_at_both_ends_are_drawn(
    trial: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[dict[str, torch.Tensor]] = []

    def keep(columns: dict[str, torch.Tensor], _: int) -> bytes:
        drawn.append(columns)
        return b""

    monkeypatch.setattr("huesweep.inference.evaluation.draw_grid", keep)
    evaluate(trial, tmp_path, cache, "pictures=3")
    assert {path.name for path in tmp_path.iterdir()} == {"best.png", "median.png", "worst.png", "scores.json"}
    scores = [
        [
            peak_signal_noise_ratio(truth.numpy(), predicted.numpy(), data_range=1)
            for truth, predicted in zip(columns["original"], columns["predicted"], strict=True)
        ]
        for columns in drawn
    ]
    assert [len(part) for part in scores] == [3, 3, 3]
    assert min(scores[0]) >= max(scores[1]) >= max(scores[2])


class Colors(torch.nn.Module):
    """Stands for Inception: a picture's features are its mean color."""

    num_features = 3

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return pictures.double().mean((2, 3))


def perceptual(predicted: torch.Tensor, truth: torch.Tensor) -> dict[str, float]:
    scores = module.PerceptualScores(torch.device("cpu"))
    nothing = torch.zeros(0)
    for start in range(0, len(truth), 7):
        end = start + 7
        scores(Prediction(predicted[start:end], truth[start:end], nothing, nothing, start))
    return scores.compute()


@pytest.mark.usefixtures("drawn_weights")
def test_lpips_and_fid_are_of_prediction_and_truth(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FrechetInceptionDistance", partial(FrechetInceptionDistance, feature=Colors()))
    generator = torch.Generator().manual_seed(0)
    truth = torch.randint(0, 256, (40, 3, 16, 16), generator=generator, dtype=torch.uint8)
    predicted = (truth // 2 + torch.randint(0, 60, (40, 3, 1, 1), generator=generator)).to(torch.uint8)
    found = perceptual(predicted, truth)
    # Heusel et al. 2017, equation 6, with the covariances of the two sets.
    features = [Colors()(pictures).numpy() for pictures in (predicted, truth)]
    means = [values.mean(0) for values in features]
    covariances = [np.cov(values.T) for values in features]
    root = sqrtm(covariances[0] @ covariances[1]).real
    expected = np.square(means[0] - means[1]).sum() + np.trace(covariances[0] + covariances[1] - 2 * root)
    assert found["fid"] == pytest.approx(expected, rel=1e-3)
    assert found["lpips"] > 0
    same = perceptual(truth, truth)
    assert same["lpips"] == pytest.approx(0, abs=1e-6)
    assert same["fid"] == pytest.approx(0, abs=1e-3)


def test_weights_that_cannot_be_had_are_told(
    trial: Path, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(**_: object) -> None:
        raise OSError("no network")

    monkeypatch.setattr(module, "LearnedPerceptualImagePatchSimilarity", unreachable)
    with pytest.raises(UsageError, match=r"metrics=full .*no network"):
        evaluate(trial, tmp_path, cache, "metrics=full")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("split=tset", r"split=tset.*did you mean test\?"),
        ("temperature=2", "temperature=2"),
        ("+temprature=1", r"temprature .*did you mean temperature\?"),
        ("metrics=all", "metrics=all.*usual.*full"),
        ("pictures=-1", "pictures=-1"),
        ("decoding=mode", "decoding=mode.*argmax.*mean.*annealed"),
        ("device=tpu", "device=tpu.*auto.*cpu.*cuda.*mps"),
    ],
)
def test_a_wrong_value_is_told(trial: Path, tmp_path: Path, cache: Path, override: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        evaluate(trial, tmp_path, cache, override)


def test_a_checkpoint_without_its_trial_needs_a_data_set(trial: Path, tmp_path: Path, cache: Path) -> None:
    alone = tmp_path / "alone.ckpt"
    alone.write_bytes((trial / "checkpoints" / "best.ckpt").read_bytes())
    with pytest.raises(UsageError, match=r"alone\.ckpt .*data="):
        evaluate(alone, tmp_path, cache)
    few = ("data=photos", "data.train=64", "data.validation=16", "data.test=16")
    result = evaluate(alone, tmp_path, cache, *few)
    assert result["scores"] == json.loads((trial / "result.json").read_text())["test"]
