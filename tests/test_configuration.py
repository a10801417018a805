"""From a composed configuration to descriptions and objects, and what a configuration may not have called."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep import configuration
from huesweep.configuration import describe, describe_model, make, make_call
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.losses.base import Loss
from huesweep.losses.focal import FocalLoss
from huesweep.losses.mix import MixLoss
from huesweep.models import encoders
from huesweep.models.encoders.base import Encoder
from huesweep.sweeps import resolvers
from huesweep.training.assembly import assemble
from huesweep.training.optimizers import Recipe

Configure = Callable[..., dict[str, Any]]
FOCAL = "huesweep.losses.focal.FocalLoss"


def test_a_part_is_described_by_its_name_and_its_options() -> None:
    expected = {"kind": "focal", "options": {"gamma": 2.0}}
    assert describe({"_target_": FOCAL, "name": "focal", "gamma": 2.0}, Loss, "loss") == expected
    assert describe({"_target_": FOCAL, "gamma": 2.0}, Loss, "loss") == expected


def test_a_name_that_is_an_option_stays_one() -> None:
    configured = {"_target_": "huesweep.models.encoders.timm.TimmEncoder", "name": "resnet18"}
    assert describe(configured, Encoder, "model.encoder") == {"kind": "timm", "options": {"name": "resnet18"}}


def test_a_name_that_contradicts_is_refused(configure: Configure) -> None:
    with pytest.raises(UsageError, match=r"loss\.name=focal .*cross_entropy.*loss="):
        assemble(configure("loss.name=focal"))


def test_a_preset_under_another_name_than_its_class_is_told_where_to_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "sharper.yaml").write_text(f"_target_: {FOCAL}\nname: sharper\ngamma: 5.0\n")
    monkeypatch.setattr(configuration, "CONF", tmp_path)
    with pytest.raises(UsageError, match=r"sharper\.yaml: its name must be focal, as its class is called"):
        describe({"_target_": FOCAL, "name": "sharper", "gamma": 5.0}, Loss, "loss")


def test_a_file_of_losses_that_is_no_yaml_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "loss").mkdir()
    (tmp_path / "loss" / "mine.yaml").write_text("name: mine\n  gamma: 1\n")
    monkeypatch.setattr(resolvers, "CONF", tmp_path)
    with pytest.raises(UsageError, match=r"loss/mine\.yaml.*line 2") as told:
        resolvers.register_with_hydra()
    assert "\n" not in str(told.value)


def test_parts_within_a_part_are_described_too(configure: Configure) -> None:
    configured = configure("loss=mix", "loss.weights.l1=2", "loss.parts.huber.delta=0.3", small=False)["loss"]
    options = describe(configured, Loss, "loss")["options"]
    assert options["weights"]["l1"] == 2
    assert options["parts"]["huber"] == {"kind": "huber", "options": {"delta": 0.3, "saturation": 0.0}}
    assert set(options["parts"]) == set(options["weights"])
    mix = make(configured, Loss, "loss")
    assert isinstance(mix, MixLoss)
    assert list(mix.parts) == ["l1"]


def test_a_model_is_described_by_its_parts_and_what_joins_them(configure: Configure) -> None:
    described = describe_model(configure("model.attention=[2]")["model"])
    assert described.keys() == {"name", "encoder", "decoder", "options"}
    assert (described["encoder"]["kind"], described["encoder"]["options"]["widths"]) == ("plain", [4, 8])
    assert described["options"]["attention"] == [2]


def test_a_part_is_made() -> None:
    loss = make({"_target_": FOCAL, "gamma": 1.5}, Loss, "loss")
    assert isinstance(loss, FocalLoss)
    assert loss.gamma == 1.5


@pytest.mark.parametrize(
    "path",
    [
        "os.system",
        "builtins.eval",
        "subprocess.run",
        "torch.load",
        "torch.hub.load",
        "pathlib.Path.unlink",
        "huesweep.losses.perceptual.torch.hub.load",
        "huesweep.io.atomic.os.system",
        "pytorch_lightning.callbacks.os.system",
        "huesweep.nowhere.Loss",
        "focal",
        "",
        "huesweep",
    ],
)
def test_what_is_foreign_or_no_such_part_is_refused_and_not_called(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[Any] = []
    monkeypatch.setattr("os.system", called.append)
    for refuse in (
        lambda: make({"_target_": path, "command": "true"}, Loss, "loss"),
        lambda: make_call({"_target_": path}, "loss")("true"),
    ):
        with pytest.raises(UsageError, match=r"loss") as told:
            refuse()
        assert "\n" not in str(told.value)
    assert called == []


@pytest.mark.parametrize(
    "path",
    [
        "huesweep.losses.base.Loss",  # has no name of its own
        "huesweep.losses.difference.DifferenceLoss",
        "huesweep.data.tasks.colorize.Colorize",
        "huesweep.losses.rebalanced.rebalancing_weights",
        "torch.optim.SGD",
    ],
)
def test_what_is_no_loss_is_refused_as_one(path: str) -> None:
    with pytest.raises(UsageError, match=rf"loss\._target_={path} "):
        describe({"_target_": path}, Loss, "loss")
    assert describe({"_target_": "huesweep.data.tasks.colorize.Colorize"}, Task, "task")["kind"] == "colorize"


def test_a_part_without_a_target_is_refused() -> None:
    for configured in ({}, {"_target_": None}, {"_target_": 3}):
        with pytest.raises(UsageError, match=r"loss\._target_"):
            describe(configured, Loss, "loss")


def test_a_call_waits_for_its_first_arguments() -> None:
    begin = make_call({"_target_": "torch.optim.SGD", "lr": 0.5, "momentum": 0.9}, "optimizer")
    (group,) = begin([torch.nn.Parameter(torch.zeros(1))]).param_groups
    assert (group["lr"], group["momentum"]) == (0.5, 0.9)
    ours = make_call({"_target_": "huesweep.training.optimizers.adam", "lr": 0.5}, "optimizer")
    assert isinstance(ours([torch.nn.Parameter(torch.zeros(1))], 10), Recipe)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lr": 0.1, "momentun": 0.9}, r"optimizer\.momentun .*did you mean momentum\?"),
        ({"lr": -1}, r"optimizer.*-1"),
        ({"lr": "fast"}, r"optimizer\.lr=.*fast"),
        ({"lr": 0.1, "momentum": 0.9, "params": []}, r"optimizer\.params "),
    ],
)
def test_options_that_a_library_refuses_are_told_in_one_line(options: dict[str, Any], message: str) -> None:
    begin = make_call({"_target_": "torch.optim.SGD", **options}, "optimizer")
    with pytest.raises(UsageError, match=message) as told:
        begin([torch.nn.Parameter(torch.zeros(1))])
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("+model.atention=[4]", r"model\.atention .*did you mean attention\?"),
        ("+model.encodr.widths=[1]", r"model\.encodr .*did you mean encoder\?"),
        ("+model.encoder.width=[1]", r"model\.encoder\.width .*did you mean widths\?"),
        ("+model.decoder.kernels=3", r"model\.decoder\.kernels .*did you mean kernel\?"),
        ("+examples.counts=1", r"examples\.counts .*did you mean count\?"),
        ("+logger.wandb.tag=1", r"logger\.wandb\.tag .*did you mean tags\?"),
        ("logger=[wandb,csv] +logger.csv.nam=x", r"logger\.csv\.nam .*did you mean name\?"),
        ("+logger.x=1", r"logger\.x=1 "),
        ("+paths.output=x", r"paths\.output .*did you mean outputs\?"),
        ("+sweep.rnk=x", r"sweep\.rnk .*did you mean rank\?"),
        ("+batch.siz=1", r"batch\.siz .*did you mean size\?"),
        ("+batch.seed=1", r"batch\.seed .*: coarsen, crop, device_gib, "),  # an argument, but no option
        ("+data.sz=3", r"data\.sz .*did you mean size\?"),
        ("+task.grey=lab", r"task\.grey .*did you mean gray\?"),
        ("+target.color=1", r"target\.color .*did you mean colors\?"),
        ("+loss.smooth=1", r"loss\.smooth .*did you mean smoothing\?"),
        ("loss=mix loss.weights.l1=1 +loss.parts.l1.satration=1", r"satration .*did you mean saturation\?"),
        ("+optimizer.warm_up=1", r"optimizer\.warm_up .*did you mean warmup\?"),
        ("optimizer=torch +optimizer.momentun=0.9", r"optimizer\.momentun .*did you mean momentum\?"),
        ("+scheduler.T_max=1", r"scheduler\.T_max .*scheduler=torch"),
        (
            "optimizer=adam scheduler=torch scheduler._target_=torch.optim.lr_scheduler.CosineAnnealingLR"
            " +scheduler.T_max=2 +scheduler.eta_mn=0",
            r"scheduler\.eta_mn .*did you mean eta_min\?",
        ),
        ("+callbacks.x=1", r"callbacks\.x=1 "),
        ("callbacks=ema +callbacks.average.dekay=1", r"callbacks\.average\.dekay .*did you mean decay\?"),
        ("callbacks=early_stopping +callbacks.early_stopping.patienc=1", r"patienc .*did you mean patience\?"),
        ("+trainer.max_epoch=1", r"trainer\.max_epoch .*did you mean max_epochs\?"),
        ("+sed=1", r"sed .*did you mean seed\?"),
        ("seed=-1", r"^seed=-1 "),
        ("sweep.trials=0", r"^sweep\.trials=0 "),
        ("data.fraction=0", r"^data\.fraction=0 "),
    ],
)
def test_unknown_options_are_refused_anywhere(configure: Configure, override: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as told:
        assemble(configure(*override.split(" ")))
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("import torchvisoin\n", r"ModuleNotFoundError: No module named 'torchvisoin' \(.*broken_part\.py, line 1\)"),
        ("def f(:\n", r"SyntaxError: invalid syntax \(.*broken_part\.py, line 1\)"),
        ("\n\nx = 1 / 0\n", r"ZeroDivisionError: division by zero \(.*broken_part\.py, line 3\)"),
    ],
)
def test_a_file_that_can_not_be_imported_says_why(
    source: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken_part.py").write_text(source)
    monkeypatch.setattr(encoders, "__path__", [*encoders.__path__, str(tmp_path)])
    target = {"_target_": "huesweep.models.encoders.broken_part.Broken"}
    with pytest.raises(UsageError, match=rf"Broken can't be imported: {told}$"):
        describe(target, Encoder, "model.encoder")


def test_what_a_part_of_ones_own_leaves_out_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "forgetful.py").write_text(
        "from huesweep.models.encoders.base import Encoder\n"
        "class Nameless(Encoder):\n    pass\n"
        "class Forgetful(Encoder):\n    name = 'forgetful'\n    def __init__(self, channels: int) -> None:\n"
        "        super().__init__()\n"
    )
    monkeypatch.setattr(encoders, "__path__", [*encoders.__path__, str(tmp_path)])
    monkeypatch.setattr(Encoder, "kinds", dict(Encoder.kinds))
    place = "huesweep.models.encoders.forgetful"
    with pytest.raises(UsageError, match="Nameless sets no name, by which"):
        describe({"_target_": f"{place}.Nameless"}, Encoder, "model.encoder")
    with pytest.raises(UsageError, match=r"^model\.encoder: Forgetful sets no specs; see Encoder$"):
        make({"_target_": f"{place}.Forgetful"}, Encoder, "model.encoder", 1)
    sys.modules.pop(place)
