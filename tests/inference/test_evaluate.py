"""Judging a checkpoint: the scores that training gave, by class, and the pictures at both ends."""

import json
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from hydra import compose, initialize_config_dir
from PIL import Image
from scipy.linalg import sqrtm
from skimage.metrics import peak_signal_noise_ratio
from torchmetrics.image.fid import FrechetInceptionDistance

from huesweep.commands.evaluate import main
from huesweep.errors import UsageError
from huesweep.inference.evaluation import make_folder
from huesweep.inference.trial_data import data_of_trial
from huesweep.metrics import perceptual as module
from huesweep.metrics.scoring import Prediction
from huesweep.resources import CONF
from huesweep.training.folder import TrialFolder
from tests.conftest import train


def evaluate(ckpt: Path, out: Path, cache: Path, *overrides: str) -> dict[str, Any]:
    with initialize_config_dir(str(CONF)):
        config = compose("evaluate", [f"paths.cache={cache}", "device=cpu", *overrides])
    return main(config, ckpt=str(ckpt), out="" if out == Path() else str(out))


@pytest.mark.parametrize("place", ["", "below"])
def test_a_file_for_a_folder_of_scores_is_refused_as_a_file(tmp_path: Path, place: str) -> None:
    (tmp_path / "x.png").touch()
    with pytest.raises(UsageError, match=r"^out=.*/x\.png is a file: name a folder$"):
        make_folder(tmp_path / "x.png" / place)


@pytest.mark.parametrize("split", ["test", "validation"])
def test_the_scores_are_those_of_the_training_to_the_last_digit(
    trial: Path, tmp_path: Path, cache: Path, split: str
) -> None:
    result = evaluate(trial, tmp_path, cache, f"split={split}")
    trained = json.loads((trial / "result.json").read_text())
    assert result["scores"] == trained[split]
    assert result["baselines"] == trained["baselines"][split]
    assert json.loads((tmp_path / "scores.json").read_text())["scores"] == trained[split]


def test_a_part_of_the_pictures_at_a_side_of_their_own_is_what_training_scored(
    configure: Callable[..., dict[str, Any]], tmp_path: Path, cache: Path
) -> None:
    folder = TrialFolder(tmp_path / "trial")
    result = train(configure("batch.side=16", "data.test_fraction=0.5", "data.fraction=0.5"), folder)
    found = evaluate(folder.path, tmp_path / "out", cache)
    assert found["pictures"] == result["pictures"]["test"]
    assert found["scores"] == result["test"]
    assert evaluate(folder.path, tmp_path / "out", cache, "split=train")["pictures"] == result["pictures"]["train"]
    assert evaluate(folder.path, tmp_path / "out", cache, "+data.size=32")["scores"] != result["test"]


def test_scores_of_other_options_stay(trial: Path, tmp_path: Path, cache: Path) -> None:
    kinds: list[tuple[str, ...]] = [(), ("decoding=argmax",), ("+data.test_fraction=0.5",), ("split=validation",)]
    for kind in [*kinds, ()]:
        evaluate(trial, Path(), cache, f"paths.outputs={tmp_path}", *kind)
    folders = list((tmp_path / "evaluations").iterdir())
    assert len(folders) == len(kinds)
    assert all(folder.name.startswith(trial.name) for folder in folders)
    assert len({json.loads((folder / "scores.json").read_text())["pictures"] for folder in folders}) > 1


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

    def keep(columns: dict[str, torch.Tensor]) -> bytes:
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
        ("+data.name=cifar10", r"data\.name='cifar10' alone names no data set: type data="),
        ("device=tpu", "device=tpu.*auto.*cpu.*gpu.*cuda.*mps"),
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


def gift(trial: Path, folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """A copy of a trial whose config.yaml somebody has changed."""
    shutil.copytree(trial, folder)
    config = yaml.safe_load((trial / "config.yaml").read_text())
    change(config)
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    return folder


def test_paths_and_addresses_are_never_a_trials_to_say(trial: Path, tmp_path: Path) -> None:
    theirs = {"cache": str(tmp_path / "x"), "home": str(tmp_path / "x"), "root": str(tmp_path / "x"), "train": 32}
    theirs |= {"url": "http://127.0.0.1:9/x", "md5": "0", "download": True, "_target_": "os.system", "seed": 7}
    path = gift(trial, tmp_path / "gift", lambda config: config["data"].update(theirs))
    data = data_of_trial(path / "checkpoints" / "best.ckpt", {"cache": "ours", "data": "here", "outputs": "out"}, {})
    assert data["cache"] == "ours/packs"
    assert data["_target_"] == "huesweep.data.sources.photos.PhotosSource"
    assert (data["train"], data["seed"], data["test"]) == (32, 7, 16)
    assert not {"home", "root", "url", "md5", "download"} & data.keys()


def test_a_trial_on_a_published_data_set_reads_the_persons_own_copy(
    trial: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATA_ROOT", str(tmp_path / "mine"))
    monkeypatch.setenv("SECRET", "s3cret")
    theirs = {"name": "cifar10", "root": "/theirs", "url": "http://127.0.0.1:9/?${oc.env:SECRET}", "classes": ["cat"]}
    path = gift(trial, tmp_path / "gift", lambda config: config.update(data=theirs))
    paths = {"cache": "ours", "data": "here", "outputs": "out"}
    data = data_of_trial(path / "checkpoints" / "best.ckpt", paths, {})
    assert (data["root"], data["home"], data["url"], data["md5"]) == (str(tmp_path / "mine"), "here", None, None)
    assert (data["classes"], data["validation"]) == (["cat"], 0.1)
    assert "s3cret" not in str(data)
    assert data_of_trial(path / "checkpoints" / "best.ckpt", paths, {"root": "given"})["root"] == "given"


@pytest.mark.parametrize(
    ("theirs", "message"),
    [
        ({"name": "x/../.."}, r"data\.name='x/\.\./\.\.' may hold letters"),
        ({"name": "../data/photos"}, "data.name"),
        ({"name": "${oc.env:HOME}"}, "data.name"),
        ({"name": "photos\n"}, "data.name"),
        ({"name": ["photos"]}, "names no data set"),
        ({"name": "fotos"}, "data fotos does not exist.*did you mean photos"),
        ({"seed": "${oc.env:HOME}"}, r"data\.seed='\$\{oc\.env:HOME\}' is not taken from a trial"),
        ({"seed": ["a", "../x"]}, r"data\.seed='\.\./x' is not taken"),
        ({"seed": ".."}, r"data\.seed='\.\.' is not taken"),
        ({"seed": {"a": 1}}, "data.seed=.* is not taken"),
        ({"seed": "zero"}, r"data.seed=.zero."),
        ({"train": -1}, r"data\.train"),
        ({"sed": 1}, r"option .*data\.sed does not exist \(did you mean seed"),
    ],
)
def test_what_a_trial_may_not_say_is_refused(
    trial: Path, tmp_path: Path, cache: Path, theirs: dict[str, Any], message: str
) -> None:
    path = gift(trial, tmp_path / "gift", lambda config: config["data"].update(theirs))
    with pytest.raises(UsageError, match=message) as caught:
        evaluate(path, tmp_path / "out", cache)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("data", [None, [], "photos", {}])
def test_a_trial_that_names_no_data_set_is_told(trial: Path, tmp_path: Path, cache: Path, data: object) -> None:
    path = gift(trial, tmp_path / "gift", lambda config: config.update(data=data))
    with pytest.raises(UsageError, match="names no data set"):
        evaluate(path, tmp_path / "out", cache)


def test_a_trial_on_somebodys_own_pictures_asks_for_ones_own(trial: Path, tmp_path: Path, cache: Path) -> None:
    theirs = {"name": "folder", "root": str(tmp_path / "theirs"), "size": 32, "validation": 0}
    path = gift(trial, tmp_path / "gift", lambda config: config.update(data=theirs))
    with pytest.raises(UsageError, match=r"\+data\.root="):
        evaluate(path, tmp_path / "out", cache)
    (tmp_path / "mine").mkdir()
    for index in range(10):
        noise = np.random.default_rng(index).integers(0, 256, (40, 40, 3), np.uint8)
        Image.fromarray(noise).save(tmp_path / "mine" / f"{index}.png")
    assert evaluate(path, tmp_path / "out", cache, f"+data.root={tmp_path}/mine")["pictures"] == 1


def test_a_bomb_in_place_of_a_configuration_is_refused(trial: Path, tmp_path: Path, cache: Path) -> None:
    path = gift(trial, tmp_path / "gift", lambda _: None)
    for content in ("data: &a [x]\nb: [*a, *a]\n", "data: " + "[" * 100_000, "data: " + "x" * 2**20):
        (path / "config.yaml").write_text(content)
        with pytest.raises(UsageError, match=r"gift/config\.yaml is no configuration"):
            evaluate(path, tmp_path / "out", cache)


def test_a_name_that_could_lead_elsewhere_is_not_taken_from_the_command_line(
    trial: Path, tmp_path: Path, cache: Path
) -> None:
    with pytest.raises(UsageError, match=r"data\.name"):
        evaluate(trial, tmp_path / "out", cache, "data=photos", "data.name=x/../..")
