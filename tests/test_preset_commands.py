"""The command at the head of every preset, typed as it stands where no data are: it trains, or says what is missing."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig

from huesweep.configuration import plain
from huesweep.errors import UsageError
from huesweep.overrides import readable
from huesweep.resources import CONF
from huesweep.sweeps.resolvers import register_with_hydra
from huesweep.training.assembly import assemble

ROOT = Path(__file__).parent.parent
PRESETS = sorted(CONF.glob("experiment/**/*.yaml")) + sorted(CONF.glob("sweep/**/*.yaml"))
ABSENT = {  # what can't be fetched or is to be trained first, by the preset that needs it
    "photographs": "photographs/caltech101_160",
    "photographs_tuned": "start_from=outputs/photographs does not exist",
    "pretext_start": "sweeps/pretext/pretext_[a-z]+-cifar100?-[012] does not exist",
    "pretext_start_classes": "sweeps/pretext_transfer/none-scratch-1.0-cifar100?-[012] does not exist",
}


def commands() -> Iterator[Any]:
    """Every command of a preset's head, once, without the remark in brackets behind it."""
    seen = set()
    for path in PRESETS:
        found = re.findall(r"^# Command: +(.*?)(?:  +\(.*\))?$", path.read_text(), flags=re.MULTILINE)
        assert found, f"{path} has no command"
        for command in found:
            if command not in seen and "src.transfer" not in command:  # those are typed in tests/transfer
                seen.add(command)
                yield pytest.param(command, id=command)


def arguments_of(command: str) -> list[str]:
    """What a command gives to src.train."""
    if command.startswith("make "):
        shown = subprocess.run(["make", "-n", *shlex.split(command)[1:]], cwd=ROOT, capture_output=True, text=True)
        (command,) = (line for line in shown.stdout.splitlines() if "-m src.train" in line)
    words = shlex.split(command)
    assert words[0].endswith("python")  # and no assignments
    assert words[1:3] == ["-m", "src.train"]
    return words[3:]


def axes(swept: list[Override]) -> dict[str, list[str]]:
    """The values of each option that is swept over; of an interval its ends."""
    found = {}
    for override in swept:
        interval: Any = override.value()
        if override.is_interval_sweep():
            found[override.get_key_element()] = [str(interval.start), str(interval.end)]
        else:
            found[override.get_key_element()] = list(override.sweep_string_iterator())
    return found


def composed(overrides: list[str]) -> DictConfig:
    with initialize_config_dir(str(CONF)):
        return compose("train", overrides, return_hydra_config=True)


def trials(arguments: list[str]) -> Iterator[DictConfig]:
    """Of a grid as few cells as hold every value of every option but the seed."""
    overrides = [word for word in readable(arguments, "train") if word != "-m"]
    parser = OverridesParser.create()
    given = parser.parse_overrides(overrides)
    fixed = [str(override.input_line) for override in given if not override.is_sweep_override()]
    params = composed(fixed).hydra.sweeper.get("params") or {}
    typed = [override.key_or_group for override in given]
    swept = parser.parse_overrides([f"{name}={values}" for name, values in params.items() if name not in typed])
    values = axes([override for override in (*swept, *given) if override.is_sweep_override()])
    values.pop("seed", None)
    for turn in range(max(map(len, values.values()), default=1)):
        yield composed([*fixed, *(f"{name}={listed[turn % len(listed)]}" for name, listed in values.items())])


@pytest.mark.parametrize("command", commands())
def test_a_command_of_a_preset_runs_as_it_stands(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATA_ROOT", "PHOTO_ROOT"):
        monkeypatch.delenv(name, raising=False)
    register_with_hydra()
    for config in trials(arguments_of(command)):
        absent = ABSENT.get(command.rpartition("=")[2])
        if absent:
            with pytest.raises(UsageError, match=absent) as told:
                assemble(plain(config), device="meta")
            assert "\n" not in str(told.value)
        else:
            assemble(plain(config), device="meta")
