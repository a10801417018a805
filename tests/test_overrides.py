"""What is typed and what Hydra makes of it: paths in any characters, and the one line for what can't be read."""

import shlex
from pathlib import Path

import pytest
from hydra.core.override_parser.overrides_parser import OverridesParser

from huesweep import overrides
from huesweep.errors import UsageError
from huesweep.overrides import readable


def value(text: str, *flags: str) -> object:
    """What Hydra takes an override for."""
    (read,) = readable([text, *flags], "train")[:1]
    return OverridesParser.create().parse_override(read).value()


@pytest.mark.parametrize(
    "path",
    [
        "/pics/plain_1.0-a",
        "/pics/a(b",
        "/pics/a(b)",
        "/pics/epoch=3-step=100",
        "/pics/it's",
        "/pics/#1",
        "/pics/~old",
        "/写真/é",
        "/pics/[old]",
        "/pics/{a}",
        "/pics/a&b;c!",
        '/pics/"a"',
        "/pics/50%",
        "写真",
        "/pics/'a'\\'b'",
        "/pics/(a\\",
        "${oc.env:HOME}/(a)",
    ],
)
def test_a_path_is_taken_as_it_stands(path: str) -> None:
    assert value(f"data.root={path}") == path
    assert value(f"data.root={path}", "-m") == path
    assert value(f"+data.root={path}") == path


def test_what_hydra_can_read_is_left_as_it_is() -> None:
    words = [
        "-m",
        "+hydra.job.env_set.A=b",
        "hydra.run.dir=x",
        "model=unet,yeung_cnn",
        "data.classes=[horse,'a b']",
        "seed=range(3)",
        "~logger.wandb",
        "a.b={c:1}",
    ]
    assert readable(words, "train") == words
    assert readable(["--cfg", "job", "a=1"], "train") == ["--cfg", "job", "a=1"]


def test_home_is_where_a_shell_does_not_say_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "写真"))
    assert value("data.root=~/a") == str(tmp_path / "写真" / "a")


@pytest.mark.parametrize("text", ["paths.outputs=/a,b", "seed=a(b", "model.encoder.widths=[4,8", "loss='a"])
def test_the_quoted_form_is_shown_where_text_may_be_meant(text: str) -> None:
    with pytest.raises(UsageError) as told:
        readable([text], "train")
    assert "\n" not in str(told.value)
    # What is shown, pasted into a shell, is read as that text.
    name, _, given = text.partition("=")
    shown = str(told.value)
    start = min(place for quote in "\"'" if (place := shown.find(f"{quote}{name}=")) >= 0)
    (word,) = shlex.split(shown[start:])
    parsed = OverridesParser.create().parse_override(word)
    assert (parsed.key_or_group, parsed.value()) == (name, given)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["logger=null"], r"^logger null does not exist; choices: .*none.*wandb"),
        (["target=null"], r"^target null does not exist; choices: ab, "),
        (["model=1"], r"^model 1 does not exist; choices: "),
        (["-m", "model=unet,null"], r"^model null does not exist; choices: "),
        (["model/encoder={}"], r"^model/encoder \{\} does not exist; choices: "),
        (["loss=[mse,l1]"], r"^loss=\[mse,l1\]: there can be one loss; -m loss=mse,l1 .*loss=mix"),
        (["-m", "loss=[mse,l1],mse"], r"^loss=\[mse,l1\]: there can be one loss"),
        (["data=[photos,cifar10]"], r"there can be one data"),
        (["loss=mse,l1"], r"^loss=mse,l1 stands for several values: -m "),
        (["hydra=null"], r"^hydra=null .*hydra\.run\.dir"),
        (["hydra.sweeper=null"], r"^hydra\.sweeper=null can't be: .*hydra\.sweeper\.NAME"),
        (["hydra.callbacks.monitor=3"], r"^hydra\.callbacks\.monitor=3 can't be"),
        (["+hydra.runn.dir=x"], r"^option hydra\.runn .*did you mean run\?"),
        (["+hydra.run.dri=x"], r"^option hydra\.run\.dri .*did you mean dir\?"),
        (["seed"], r"^seed is no option: .*seed=VALUE"),
        (["=3"], r"^=3 sets no option"),
        (["--sede=3"], r"--sede=3"),
        (["--cfg", "x"], r"--cfg.*invalid choice"),
    ],
)
def test_what_can_not_be_chosen_is_told_with_what_can(words: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message) as told:
        readable(words, "train")
    assert "\n" not in str(told.value)


def test_several_may_be_chosen_where_they_go_together() -> None:
    words = ["logger=[wandb,csv]", "callbacks=[ema,early_stopping]", "+experiment=[toronto,yeung]", "loss=[mse]"]
    assert readable(words, "train") == words


def test_choices_are_those_of_the_command() -> None:
    assert readable(["data=cifar10", "data.root=x"], "evaluate") == ["data=cifar10", "data.root=x"]
    with pytest.raises(UsageError, match=r"^option data .*choices: .*\bimg\b"):
        readable(["data=cifar10"], "predict", ("img",))
    with pytest.raises(UsageError, match="img=VALUE"):
        readable(["~img"], "predict", ("img",))


def test_an_option_of_a_group_that_is_swept_over_may_be_lacking_in_its_usual_choice() -> None:
    typed = ["-m", "data=cifar10,cifar100", "data.root=/pics", "model/encoder=plain,dilated", "model.encoder.kernel=5"]
    read = ["-m", "data=cifar10,cifar100", "++data.root=/pics", typed[3], "++model.encoder.kernel=5"]
    assert readable([*typed, "optimizer.lr=0.1"], "train") == [*read, "optimizer.lr=0.1"]
    assert readable(["data=cifar10", "data.root=/pics"], "train") == ["data=cifar10", "data.root=/pics"]


def test_a_preset_whose_options_would_be_elsewhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sweep").mkdir()
    (tmp_path / "sweep" / "mine.yaml").write_text("hydra:\n  sweeper:\n    params:\n      seed: 0,1\n")
    (tmp_path / "sweep" / "whole.yaml").write_text("# @package _global_\nseed: 1\n")
    (tmp_path / "train.yaml").write_text("defaults: []\nseed: 0\n")
    monkeypatch.setattr(overrides, "CONF", tmp_path)
    with pytest.raises(UsageError, match=r"mine\.yaml must begin with the line: # @package _global_$"):
        readable(["-m", "+sweep=mine"], "train")
    assert readable(["-m", "+sweep=whole"], "train") == ["-m", "+sweep=whole"]
