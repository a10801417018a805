"""Transfers: what a classifier makes of an encoder, how it goes on after a stop, and what is refused."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hydra.errors import HydraException

from huesweep.color.grayscale import to_gray
from huesweep.color.spaces import to_float
from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.sweeps.ranking import own_metric, rank
from huesweep.sweeps.results import read_results
from huesweep.sweeps.table import table_rows
from huesweep.training.assembly import assemble
from huesweep.training.folder import TrialFolder
from huesweep.transfer.assembly import assemble_transfer
from huesweep.transfer.module import ClassificationModule
from huesweep.transfer.naming import transfer_name
from huesweep.transfer.options import check_transfer
from huesweep.transfer.pretext import load_pretext
from huesweep.transfer.trial import TransferTrial
from huesweep.usage import is_of_transfers
from tests.conftest import compose_trial
from tests.models.composed import make_encoder
from tests.transfer.conftest import NETWORK

Compose = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def super_resolver(tmp_path_factory: pytest.TempPathFactory, cache: Path) -> Path:
    """A checkpoint of an encoder of color pictures."""
    home = tmp_path_factory.mktemp("super")
    options = ["task=super_resolution", "target=rgb", "loss=mse", "model.encoder.widths=[4,8]", "data.train=64"]
    assemble(compose_trial(home, cache, *options)).module.colorizer.save(home / "super.ckpt")
    return home / "super.ckpt"


@pytest.mark.parametrize("mode", ["linear", "random", "finetune", "scratch"])
def test_classes_that_differ_in_brightness_are_told_apart(transfer: Compose, tmp_path: Path, mode: str) -> None:
    folder = TrialFolder(tmp_path / mode)
    more = ["trainer.max_epochs=3", "batch.shift=0"] if mode in ("finetune", "scratch") else []
    config = transfer(f"mode={mode}", "labels=0.5", "optimizer.lr=0.02", *more)
    result = TransferTrial(config, folder).run()
    assert result["test"]["accuracy"] == 1.0
    assert result["pictures"] == {"train": 20, "validation": 14, "test": 6}
    assert result["classes"]["dark"] == {"pictures": 3, "accuracy": 1.0}
    assert result["baselines"]["test"]["majority"]["accuracy"] == 0.5
    assert folder.best.exists() == (mode in ("finetune", "scratch"))
    if mode in ("linear", "random"):  # a weight for each channel and class, and a class's bias; widths are 4 and 8
        assert result["parameters"] == {1: 4 * 2 + 2, 2: 8 * 2 + 2}[result["stage"]]
    else:
        assert result["parameters"] > 9 * (4 * 4 + 4 * 8 + 8 * 8)
    assert (folder.path / "pictures" / "confusion.png").exists()
    with (folder.path / "confusion.csv").open() as file:
        assert [row["light"] for row in csv.DictReader(file)] == ["0", "3"]
    assert TransferTrial(config, folder).run() == result
    with pytest.raises(UsageError, match="another configuration"):
        TransferTrial(transfer(f"mode={mode}", "seed=5"), folder).run()


def test_transfers_are_ranked_as_trials_are(transfer: Compose, tmp_path: Path) -> None:
    for place, labels in enumerate((0.2, 1.0)):
        TransferTrial(transfer(f"labels={labels}"), TrialFolder(tmp_path / "sweep" / str(place))).run()
    results = read_results(tmp_path / "sweep")
    assert own_metric(tmp_path / "sweep", results) == "accuracy"
    rows = table_rows(rank(results, "accuracy"), "accuracy")
    assert [row["model"] for row in rows] == ["unet_s", "unet_s", "majority"]
    assert {row["labels"] for row in rows[:2]} == {0.2, 1.0}
    assert {"val_accuracy", "accuracy", "accuracy_top5", "calibration_error"} <= set(rows[0])


def test_the_encoder_sees_what_its_colorizer_sees(ckpt: Path, super_resolver: Path) -> None:
    picture = torch.randint(0, 256, (2, 3, 8, 8), dtype=torch.uint8)
    colorizer, pretext = Colorizer.load(ckpt), load_pretext(ckpt, "linear")
    inputs = colorizer.task.input(to_float(picture))
    torch.testing.assert_close(pretext.task.input(to_float(picture)), inputs)
    maps = colorizer.network.encode(inputs)  # type: ignore[operator]
    for ours, theirs in zip(pretext.backbone(inputs), maps, strict=True):
        torch.testing.assert_close(ours, theirs.mean((2, 3)))
    assert (pretext.target, pretext.loss, pretext.side) == ("palette4ab", "cross_entropy", 32)

    of_colors = load_pretext(super_resolver, "linear")
    gray = to_gray(to_float(picture), "mean")
    torch.testing.assert_close(of_colors.task.input(to_float(picture)), gray.expand(-1, 3, -1, -1))
    assert of_colors.target == "super_resolution-rgb"


def test_modes_differ_in_the_weights_that_they_begin_with(ckpt: Path) -> None:
    def first(mode: Any) -> torch.Tensor:
        torch.manual_seed(1)
        return next(iter(load_pretext(ckpt, mode).backbone.parameters()))

    own = next(iter(Colorizer.load(ckpt).network.encoder.parameters()))  # type: ignore[union-attr]
    assert torch.equal(first("linear"), own)
    assert torch.equal(first("finetune"), own)
    assert not torch.equal(first("random"), own)
    assert torch.equal(first("random"), first("scratch"))
    assert [first(mode).requires_grad for mode in ("linear", "random", "finetune", "scratch")] == [False] * 2 + [
        True
    ] * 2
    with pytest.raises(UsageError, match=r"mode=pretrained: .* encoder plain, but for efficientnet_lite"):
        load_pretext(ckpt, "pretrained")


def test_weights_of_imagenet_replace_the_checkpoints(tmp_path: Path, cache: Path) -> None:
    options = ["model=efficientnet_unet", "model.encoder.weights=null", "target=ab", "loss=mse"]
    assemble(compose_trial(tmp_path, cache, *options)).module.colorizer.save(tmp_path / "lite.ckpt")
    pretext = load_pretext(tmp_path / "lite.ckpt", "pretrained")
    expected = make_encoder("efficientnet_lite", 1, "model.encoder.weights=package").state_dict()
    for name, value in pretext.backbone.encoder.state_dict().items():
        assert torch.equal(value, expected[name]), name
    assert (pretext.target, pretext.backbone.smallest, pretext.backbone.centered) == ("imagenet", 128, False)


def test_a_training_that_was_cut_off_goes_on_to_the_same_weights(
    transfer: Compose, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = transfer("mode=finetune", "labels=0.5")
    whole, cut = TrialFolder(tmp_path / "whole"), TrialFolder(tmp_path / "cut")
    expected = TransferTrial(config, whole).run()
    step, count = ClassificationModule.training_step, 0

    def dies(module: ClassificationModule, batch: Any, index: int) -> torch.Tensor:
        nonlocal count
        count += 1
        if count == 5:  # in the second epoch
            raise RuntimeError("the power went out")
        return step(module, batch, index)

    monkeypatch.setattr(ClassificationModule, "training_step", dies)
    with pytest.raises(RuntimeError, match="the power"):
        TransferTrial(config, cut).run()
    assert cut.read_result() is None
    assert cut.last.exists()
    found = TransferTrial(config, cut).run()
    assert count == 5 + 4  # of 4 steps an epoch, the second one again
    assert (found["test"], found["epochs"]) == (expected["test"], 2)
    for name, value in torch.load(whole.last, weights_only=True)["state_dict"].items():
        assert torch.equal(torch.load(cut.last, weights_only=True)["state_dict"][name], value), name


def test_a_classifiers_encoder_starts_a_colorizer_and_is_no_colorizer(
    transfer: Compose, tmp_path: Path, cache: Path
) -> None:
    folder = TrialFolder(tmp_path / "classifier")
    TransferTrial(transfer("mode=scratch"), folder).run()
    with pytest.raises(UsageError, match=r"is a classifier's, of src\.transfer"):
        Colorizer.load(folder.best)
    pretext = load_pretext(folder.best, "linear")
    assert (pretext.target, pretext.loss) == ("classes", "cross_entropy")
    encoder = pretext.backbone.encoder.state_dict()
    started = assemble(compose_trial(tmp_path, cache, *NETWORK, f"model.encoder.weights={folder.path}"))
    for name, value in started.module.colorizer.network.encoder.state_dict().items():  # type: ignore[union-attr]
        assert torch.equal(value, encoder[name]), name


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["ckpt=null"], "ckpt= is missing: python -m src.transfer ckpt=TRIAL"),
        (["ckpt=nowhere"], "ckpt=nowhere does not exist"),
        (["ckpt=conf"], r"ckpt=conf holds no checkpoint \(no checkpoints/best.ckpt\)"),
        (["mode=linera"], r"mode=linera .*did you mean linear\?"),
        (["labels=0"], "labels=0 must be greater than 0"),
        (["labels=0.01"], r"data=folder: labels=0.01 is less than a picture of each class"),
        (["data.validation=0"], "data=folder: it has no validation pictures"),
        (["+trainer.strategy=ddp"], "a transfer trains on one device"),
        (["trainer.watch=test"], "validation pictures choose a transfer's stage"),
        (["sweep.rank=acuracy"], "acuracy does not exist"),
    ],
)
def test_mistakes_are_told_in_a_line_and_leave_nothing(
    transfer: Compose, tmp_path: Path, overrides: list[str], message: str
) -> None:
    with pytest.raises(UsageError, match=message) as error:
        TransferTrial(transfer(*overrides), TrialFolder(tmp_path / "outputs" / "trial")).run()
    assert "\n" not in str(error.value)
    assert not (tmp_path / "outputs" / "trial").exists()


@pytest.mark.parametrize("sweep", ["pretext_transfer", "pretext_transfer_none"])
def test_the_sweeps_of_the_study_find_the_encoders_of_its_pretexts(transfer: Compose, sweep: str) -> None:
    assert is_of_transfers(sweep)
    found = transfer(f"+sweep={sweep}", "data=cifar100", "~ckpt", "~data.root", "~data.size", "seed=2")
    assert Path(found["ckpt"]).name == "pretext_ab-cifar100-2"
    assert check_transfer(found).pretext == ("ab" if sweep == "pretext_transfer" else "none")


@pytest.mark.parametrize(("labels", "size", "steps"), [(1.0, 64, 7), (0.5, 10, 7), (0.2, 16, 1), (1.0, 10, 2)])
def test_an_epoch_has_the_steps_at_least(transfer: Compose, labels: float, size: int, steps: int) -> None:
    data = assemble_transfer(
        transfer("mode=scratch", f"labels={labels}", f"batch.size={size}", f"epoch_steps={steps}")
    ).data
    batches, pictures = len(data.train_dataloader()), len(data.splits["train"].labels)
    assert batches >= steps
    assert pictures == data.labeled or -(-(pictures - data.labeled) // size) < steps  # no more turns than that takes


def test_one_class_is_too_few(transfer: Compose, pictures: Path) -> None:
    with pytest.raises(UsageError, match=r"needs pictures of two classes at least, and these are of one"):
        assemble_transfer(transfer(f"data.root={pictures}/dark"))


def test_an_encoder_without_stages_is_refused(transfer: Compose, tmp_path: Path, cache: Path) -> None:
    options = ["model=rutgers_fc1", "target=rgb", "loss=sum_of_squares", "data.size=8", "model.decoder.size=8"]
    assemble(compose_trial(tmp_path, cache, *options)).module.colorizer.save(tmp_path / "fc.ckpt")
    with pytest.raises(UsageError, match=r"fc\.ckpt: its encoder identity has no stages that learn anything"):
        assemble_transfer(transfer(f"ckpt={tmp_path}/fc.ckpt"))


def test_a_folder_is_named_by_its_checkpoint_and_words(transfer: Compose) -> None:
    assert transfer_name(transfer("labels=0.1")).startswith("folder-linear-0.1-unet-")
    assert transfer_name(transfer("labels=0.1")) != transfer_name(transfer("labels=0.1", "seed=1"))
    with pytest.raises(HydraException):
        transfer("nonsense=1")
