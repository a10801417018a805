"""The help of every command, and what a first try may look like."""

import subprocess
import sys
from pathlib import Path

import pytest

from huesweep.cli import _take_literal, main
from huesweep.command_table import COMMANDS
from huesweep.errors import UsageError
from huesweep.inference.photos import result_paths
from huesweep.usage import usage
from tests.sweeps.launched import ROOT

CONFIGURED = [name for name, command in COMMANDS.items() if command.config is not None]


@pytest.mark.parametrize("name", CONFIGURED)
def test_help_tells_the_options_and_examples_and_not_hydras_groups(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit) as end:
        main(name)
    assert end.value.code == 0
    printed = capsys.readouterr().out
    assert COMMANDS[name].about in printed
    assert all(f"  {option} " in printed for option in COMMANDS[name].literal)
    assert printed.count(f"\n  python -m src.{COMMANDS[name].module or name}") == len(COMMANDS[name].examples)
    assert "hydra/launcher:" not in printed
    assert max(map(len, printed.splitlines())) <= 100


@pytest.mark.parametrize("name", ["study", "benchmarks"])
def test_commands_that_read_their_own_arguments_are_told_alike(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr(sys, "argv", [name, "--help"])
    with pytest.raises(SystemExit):
        main(name)
    assert f"\n{COMMANDS[name].about}\n" in capsys.readouterr().out


def test_help_tells_defaults_and_choices(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(sys, "argv", ["train", "-h"])
    with pytest.raises(SystemExit):
        main("train")
    printed = capsys.readouterr().out
    assert "  seed=0                  draws the weights, the order of the pictures and the palette\n" in printed
    assert "  batch.size=100\n" in printed
    assert "  target=palette          ab, palette, palette_grid, rgb\n" in printed


def test_help_tells_what_several_results_for_one_file_are_called(tmp_path: Path) -> None:
    words = ["colored-1", "colored-2"]
    paths = result_paths(tmp_path / "a.png", str(tmp_path / "s.png"), True, words, None, 1)
    told = ", ".join(path.name for path in paths)
    assert told == "s.png, s-colored-2.png"
    assert told in " ".join(usage("predict").split())


def test_help_tells_a_comment_that_stands_above_its_option() -> None:
    found = " ".join(usage("transfer").split())
    assert " mode=linear linear: a linear classifier of what the encoder gives, which stays" in found
    assert "all of it learns, from random weights labels=1.0 share" in found


def test_help_fits_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = usage("train").splitlines()
    assert max(len(line) for line in lines if not line.startswith("  python")) <= 80


def test_help_ends_quietly_where_nobody_reads_on() -> None:
    command = f"{sys.executable} -m src.train --help | head -n 1"
    found = subprocess.run(command, shell=True, capture_output=True, text=True, cwd=ROOT, timeout=60, check=True)
    assert (found.stdout, found.stderr) == ("python -m src.train: train one trial, or with -m a sweep of them\n", "")


def test_a_path_alone_is_what_the_command_is_about(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "album").mkdir()
    predict = ("ckpt", "img", "out")
    left, values = _take_literal(["photo.jpg", "album", "in/**", "manner=vivid"], predict, ("img",))
    assert (left, values) == (["manner=vivid"], {"img": ["photo.jpg", "album", "in/**"]})
    assert _take_literal(["album"], ("ckpt", "out"), ()) == ([], {"ckpt": "album"})
    assert _take_literal(["album"], ("sweep", "out"), ("sweep",)) == ([], {"sweep": ["album"]})
    assert _take_literal(["-m", "album"], (), ()) == (["-m", "album"], {})
    assert _take_literal([], predict, ("img",)) == ([], {})


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["--img", "photo.jpg"], "--img photo.jpg is written img=photo.jpg"),
        (["--img=photo.jpg"], "--img=photo.jpg is written img=photo.jpg"),
        (["ckpt", "a.ckpt"], "ckpt a.ckpt is written ckpt=a.ckpt"),
        (["out"], "out is written out=VALUE"),
        (["img", "=", "/a b.png", "x=1"], "img = /a b.png is written img=/a b.png (no spaces around =)"),
        (["img", "=/a.png", "x"], "img =/a.png is written img=/a.png (no spaces around =)"),
        (["out=", "a.png", "x"], "out= a.png is written out=a.png (no spaces around =)"),
        (["--img", "=", "a.png"], "--img = a.png is written img=a.png (no spaces around =)"),
        (["img", "="], "img = is written img=VALUE (no spaces around =)"),
    ],
)
def test_other_ways_to_name_an_option_are_told_the_right_one(typed: list[str], told: str) -> None:
    with pytest.raises(UsageError) as error:
        _take_literal(typed, ("ckpt", "img", "out"), ("img",))
    assert str(error.value) == told
