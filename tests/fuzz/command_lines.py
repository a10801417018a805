"""Command lines drawn at random, and what a command makes of them, in this process and without training anything."""

import contextlib
import importlib
import io
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from huesweep.cli import main
from huesweep.command_table import COMMANDS
from huesweep.resources import CONF
from huesweep.sweeps.resolvers import register_with_hydra
from huesweep.training.assembly import assemble
from huesweep.training.colorization_trial import ColorizationTrial

NULLS = ("null", "", "[]", "{}")
WRONG = (
    "3",
    "-1",
    "0",
    "1.5",
    "true",
    "abc",
    "[1,2]",
    "[a,b]",
    "{a:1}",
    "1e400",
    "nan",
    "none",
    "default",
    "a=b",
    "a(b",
)
PATHS = ("/nowhere", "/tmp/it's (1)=#2~", "/写真/é", "~/nowhere", "'", "[", "a,b", "${nothing}", "${oc.env:NOTHING}")
WORK = {  # where each command begins to do what it is for
    "predict": ("find_photos",),
    "evaluate": ("find_checkpoint",),
    "export": ("find_checkpoint",),
    "app": ("find_checkpoints",),
    "report": ("read_sweep",),
    "models": ("survey_model",),
    "data": ("remove_unfinished",),
    "dashboard": ("compose_workspace",),
    "sweeps": ("Manifest",),
    "benchmarks": ("publish",),
}


class Started(BaseException):
    """A command has begun its work."""


def stop_at_work(patch: pytest.MonkeyPatch) -> None:
    """Have trials end with Started once they are assembled, and the other commands where their work begins."""

    def start(*_: Any, **__: Any) -> None:
        raise Started

    def run(trial: ColorizationTrial) -> None:
        assemble(trial.config, device="meta")
        raise Started

    patch.setattr(ColorizationTrial, "run", run)
    for command, names in WORK.items():
        for name in names:
            patch.setattr(importlib.import_module(f"huesweep.commands.{command}"), name, start)


def outcome(words: Sequence[str], patch: pytest.MonkeyPatch) -> str:
    """What a command line comes to: "started", or the line that it ends with.

    Raises AssertionError where it ends otherwise, or prints more, and lets what else is raised escape.
    """
    patch.setattr(sys, "argv", ["huesweep", *words[1:]])
    printed = io.StringIO()
    try:
        with contextlib.redirect_stderr(printed), warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)
            main(words[0])
    except Started:
        found = "started"
    except SystemExit as end:
        found = str(end.code)
        assert found.startswith("error: "), found
        assert len(found.splitlines()) == 1, found
        assert len(found) > len("error: ") + 3, found
    else:
        found = "ended"
    for word in ("Traceback", "HYDRA_FULL_ERROR", "Error executing job", "Warning"):
        assert word not in printed.getvalue() + found, printed.getvalue() + found
    return found


class CommandLines:
    """Draws command lines of a command: its options and choices deleted, without a value, with a wrong one, misspelled.

    command: its name. also: words that each of its lines begins with.
    """

    def __init__(self, command: str, *also: str) -> None:
        self.begin = [command, *also]
        config = COMMANDS[command].config
        assert config is not None
        register_with_hydra()
        with initialize_config_dir(str(CONF)):
            composed = OmegaConf.to_container(compose(config))
        self.keys = list(_paths(composed))
        main_file = yaml.safe_load((CONF / f"{config}.yaml").read_text())
        groups = [name for entry in main_file["defaults"] if isinstance(entry, dict) for name in entry]
        self.groups = [name for name in groups if " " not in name]
        if command == "train":
            self.groups += ["model/encoder", "model/decoder", "+experiment"]

    def draw(self, random: Random) -> list[str]:
        """One line, of one or two overrides."""
        return [*self.begin, *(self._override(random) for _ in range(random.choice((1, 1, 2))))]

    def _override(self, random: Random) -> str:
        key = random.choice(self.keys)
        group = random.choice(self.groups) if self.groups else key
        choices = [path.stem for path in (CONF / group.lstrip("+")).glob("*.yaml")] or ["x"]
        kinds = (
            lambda: f"~{random.choice((key, group))}",
            lambda: f"{key}={random.choice(NULLS)}",
            lambda: f"{key}={random.choice(WRONG)}",
            lambda: f"{key}={random.choice(PATHS)}",
            lambda: f"{group}={random.choice((*NULLS, *WRONG))}",
            lambda: f"{group}={random.choice(choices)}",
            lambda: f"{group}=[{','.join(random.choices(choices, k=2))}]",
            lambda: f"{random.choice(('', '+', '++'))}{_misspelled(key, random)}={random.choice(WRONG)}",
            lambda: f"+{key.rpartition('.')[0] or key}.{random.choice(('x', 'lr', 'name'))}={random.choice(WRONG)}",
            lambda: f"{key}={','.join(random.choices(WRONG, k=2))}",
            lambda: random.choice((key, f"+{key}=1", f"={key}", f"--{key}", f"{key}==", f"{key}=range(3)")),
        )
        return random.choice(kinds)()


def _paths(config: Any, above: str = "") -> Iterator[str]:
    """The dotted paths of all options and of what holds them."""
    for name, value in config.items():
        yield f"{above}{name}"
        if isinstance(value, dict):
            yield from _paths(value, f"{above}{name}.")


def _misspelled(key: str, random: Random) -> str:
    place = random.randrange(len(key))
    return key[:place] + random.choice(("", "x", key[place] * 2)) + key[place + 1 :]


def isolated(words: list[str], folder: Path) -> list[str]:
    """A line that writes below a folder, unless it says otherwise itself."""
    if words[0] not in ("train", "evaluate", "data") or any("paths" in word for word in words):
        return words
    return [*words, f"paths.outputs={folder}/outputs", f"paths.cache={folder}/cache"]
