"""The command line before Hydra reads it: paths get the quotes that it wants, and mistakes are told in one line."""

import argparse
import re
import shlex
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, NoReturn

import yaml
from hydra._internal.utils import get_args_parser
from hydra.conf import HydraConf, RunDir, SweepDir
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override
from hydra.errors import HydraException

from huesweep.errors import UsageError, unknown
from huesweep.resources import ADDED, CONF

SEVERAL = ("logger", "callbacks", "experiment", "sweep")  # groups of conf/ of which more than one may be chosen
PARTS = ("hydra.launcher", "hydra.sweeper", "hydra.run", "hydra.sweep")  # of Hydra, which have options
OF_ALL = re.compile(r"^#\s*@package\s+_global_\s*$", re.MULTILINE)  # to Hydra this comment is no remark
BACKSLASHES = re.compile(r"(\\*)('|$)")


def readable(arguments: Sequence[str], config_name: str, literal: Sequence[str] = ()) -> list[str]:
    """A command line, flags and overrides, as Hydra can read it.

    `~/` at the start of a value is the home. A path with characters that mean something else to Hydra is quoted. Raises
    UsageError for unknown flags, for what can't be read, and for a choice of conf/ that is no name, or several at once.
    config_name: of the file in conf/ that is composed. literal: options of the command that were taken out before.
    """
    given = refusing(get_args_parser()).parse_intermixed_args(list(arguments))
    parser = OverridesParser.create()
    read = {text: _read(text, parser, given.multirun) for text in given.overrides}
    choices = _choices(config_name)
    overrides = parser.parse_overrides(list(read.values()))
    for override in overrides:
        _check(override, *choices, literal)
    swept = [f"{override.key_or_group.replace('/', '.')}." for override in overrides if override.is_sweep_override()]
    return [_of_swept(read[text], swept) if text in read else text for text in arguments]


def _of_swept(text: str, swept: Sequence[str]) -> str:
    """An option of a group that is swept over, which the group's usual choice may lack, for Hydra to take all the same.

    A choice that lacks it refuses it when its trial is put together.
    """
    return f"++{text}" if text.startswith(tuple(swept)) else text


def _choices(config_name: str) -> tuple[set[str], list[str]]:
    """What can be chosen for a command among the folders of conf/, and its options beside those."""
    path = CONF / f"{config_name}.yaml"
    main = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    chosen = (str(name) for entry in main.get("defaults", []) if isinstance(entry, dict) for name in entry)
    groups = {name for name in chosen if not name.startswith("override ")}
    return groups | set(ADDED.get(config_name, ())), [name for name in main if name != "defaults"]


def refusing(parser: argparse.ArgumentParser) -> argparse.ArgumentParser:
    """The parser, which raises UsageError for what it doesn't take instead of ending the process."""

    def refuse(message: str) -> NoReturn:
        raise UsageError(message)

    parser.error = refuse  # type: ignore[method-assign]
    return parser


def at_home(value: str) -> str:
    """A path that may begin with `~/`, which shells leave alone behind a name with a dot."""
    return str(Path(value).expanduser()) if value.startswith("~/") else value


def _read(text: str, parser: OverridesParser, is_multirun: bool) -> str:
    key, equals, value = text.partition("=")
    text = f"{key}{equals}{at_home(value)}"
    override = _parse(text, parser)
    if override is None:
        return _readably(text, parser, is_multirun)
    if not override.key_or_group:
        raise UsageError(f"{text} sets no option: one is written NAME=VALUE")
    if not is_multirun and override.is_sweep_override():
        raise UsageError(
            f"{text} stands for several values: -m tries one after the other, a list is written [a,b], "
            f"and the text itself {_typed(key, value)}"
        )
    return text


def _parse(text: str, parser: OverridesParser) -> Override | None:
    try:
        return parser.parse_override(text)
    except HydraException:
        return None


def _readably(text: str, parser: OverridesParser, is_multirun: bool) -> str:
    """An override that Hydra can't read with its value in quotes, if it is a path. Raises UsageError where it isn't."""
    key, equals, value = text.partition("=")
    if not equals or _parse(f"{key}=x", parser) is None:
        hint = "" if equals else f", as {text}=VALUE" if _parse(f"{text}=x", parser) else ""
        raise UsageError(f"{text} is no option: one is written NAME=VALUE{hint}")
    if _parse(quoted(key, value), parser) is None:
        raise UsageError(f"{text} can't be read: text is quoted, {_typed(key, 'value')}, and a list is [a,b]")
    is_path = "/" in value or not value.isascii()
    if not is_path or (is_multirun and "," in value):
        raise UsageError(f"{text} can't be read as it stands; if it is text, type {_typed(key, value)}")
    return quoted(key, value)


def quoted(key: str, value: str) -> str:
    """An override whose value Hydra takes as text, whatever it holds."""
    escaped = BACKSLASHES.sub(lambda found: found[1] * 2 + ("\\'" if found[2] else ""), value)
    return f"{key}='{escaped}'"


def _typed(key: str, value: str) -> str:
    """How an override is typed in a shell so that its value is taken as it stands."""
    typed = quoted(key, value)
    return shlex.quote(typed) if re.search(r'["$`\\!]', typed) else f'"{typed}"'


def _values(override: Override) -> list[Any]:
    value = override._value
    if isinstance(value, ChoiceSweep):
        return [Override._convert_value(item) for item in value.list]
    return [value if override.is_sweep_override() else override.value()]


def _check(override: Override, groups: set[str], options: Sequence[str], literal: Sequence[str]) -> None:
    """Raise UsageError for a choice of a group of conf/ that is no name, or several where there can be one."""
    group = override.key_or_group
    names = [path.stem for path in (CONF / group).glob("*.yaml")] if re.fullmatch(r"[\w/]+", group) else []
    if group == "hydra":
        raise UsageError(f"{override.input_line} can't be: set one of its options, as hydra.run.dir=FOLDER")
    if group.startswith("hydra."):
        _check_hydra(override)
    if group in literal:
        raise UsageError(f"{override.input_line} can't be: it is written {group}=VALUE")
    if names and group.partition("/")[0] not in {"hydra", *groups}:
        raise unknown("option", group, [*options, *literal, *groups])
    if override.is_delete() and override._value is None:
        return
    for chosen in _values(override) if names else ():
        if isinstance(chosen, list) and all(isinstance(name, str) for name in chosen):
            if len(chosen) > 1 and group not in SEVERAL:
                also = "; loss=mix adds several up" if group == "loss" else ""
                raise UsageError(
                    f"{group}={_shown(chosen)}: there can be one {group}; -m {group}={','.join(chosen)} tries one "
                    f"after the other{also}"
                )
        elif chosen is None or isinstance(chosen, list | dict | int | float):
            raise unknown(group, _shown(chosen), names)
    for chosen in _values(override) if group in ADDED["train"] else ():
        for name in chosen if isinstance(chosen, list) else [chosen]:
            _check_preset(CONF / group / f"{name}.yaml")


def _check_preset(path: Path) -> None:
    """Raise UsageError for a preset whose options would be options of a group of its own."""
    if path.is_file() and not OF_ALL.search(path.read_text(encoding="utf-8", errors="replace")):
        raise UsageError(f"{path} must begin with the line: # @package _global_")


def _check_hydra(override: Override) -> None:
    """Raise UsageError for an option of Hydra's that it would never look at, and for a part of it that is none."""
    key = override.key_or_group
    path = key.split(".")
    is_part = key in PARTS or (path[1] == "callbacks" and len(path) < 4)
    if is_part and not override.is_delete() and not isinstance(override.value(), dict):
        raise UsageError(f"{override.input_line} can't be: set one of its options, as {key}.NAME=VALUE")
    places: dict[str, type] = {"hydra": HydraConf, "hydra.run": RunDir, "hydra.sweep": SweepDir}
    for depth in range(1, len(path)):
        above = ".".join(path[:depth])
        names = [field.name for field in fields(places[above])] if above in places else [path[depth]]
        if path[depth] not in names:
            raise unknown("option", f"{above}.{path[depth]}", names, short=path[depth])


def _shown(value: Any) -> str:
    if value is None:
        return "null"
    return f"[{','.join(map(_shown, value))}]" if isinstance(value, list) else str(value)
