"""What --help prints of a command: what it does, its options with their defaults, and examples."""

import re
import shutil
import textwrap
from collections.abc import Iterator

import yaml

from huesweep.command_table import COMMANDS
from huesweep.resources import ADDED, CONF

WIDEST, NARROWEST, COLUMN = 100, 60, 26
OPTION = re.compile(r"(\w+):(?: ([^#]*?))? *(?:# (.*))?")


def usage(name: str) -> str:
    """The text of a command's --help, of one that has a file in conf/."""
    given = COMMANDS[name]
    config_name = given.config
    assert config_name is not None
    command = f"python -m src.{given.module or name}"
    lines = [f"{command}: {given.about}", ""]
    groups = list(_groups(config_name)) if given.has_choices else []
    options = [*given.literal.items(), *_options(config_name)]
    if options:
        lines += ["options, written NAME=VALUE:", *(line for pair in options for line in _row(*pair))]
    if groups:
        lines += ["", "choices, each with options of its own (--cfg job prints them all):"]
        lines += [line for pair in groups for line in _row(*pair)]
    lines += ["", "examples:", *(f"  {command} {example}".rstrip() for example in given.examples)]
    return "\n".join([*lines, "", "--hydra-help tells what Hydra takes beside these.", ""])


def _row(name: str, about: str) -> list[str]:
    text = textwrap.wrap(about, _width() - COLUMN) or [""]
    first = f"  {name:<{COLUMN - 3}} {text[0]}".rstrip()
    if len(name) > COLUMN - 3:
        return [f"  {name}", *(" " * COLUMN + line for line in text if line)]
    return [first, *(" " * COLUMN + line for line in text[1:])]


def _width() -> int:
    """The terminal's, within bounds; the widest where there is none."""
    return max(NARROWEST, min(WIDEST, shutil.get_terminal_size((WIDEST, 24)).columns))


def _options(config_name: str) -> Iterator[tuple[str, str]]:
    """The options of a file in conf/ with their defaults, and what its comments say of them."""
    text = (CONF / f"{config_name}.yaml").read_text(encoding="utf-8")
    place, name, about, above = "", "", "", ""
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        found = OPTION.fullmatch(line.strip())
        if found is None or found[1] == "defaults" or line.strip().startswith("- "):
            comment = line.strip().removeprefix("# ") if line.strip().startswith("# ") else ""
            if name and indent:
                about = f"{about} {comment}"
            above = f"{above} {comment}" if comment and not indent else ""
            continue
        if name:
            yield name, about.strip()
        name, about = "", ""
        if not indent:
            place = "" if found[2] else f"{found[1]}."
        if found[2]:
            name = f"{place if indent else ''}{found[1]}={found[2].strip()}"
            about = found[3] or above
        above = ""
    if name:
        yield name, about.strip()


def is_of_transfers(sweep: str) -> bool:
    """Whether a file of conf/sweep is for src.transfer, which it gives a checkpoint, and not for src.train."""
    preset = yaml.safe_load((CONF / "sweep" / f"{sweep}.yaml").read_text(encoding="utf-8"))
    grid = preset.get("hydra", {}).get("sweeper", {}).get("params") or {}
    return "ckpt" in preset or "ckpt" in grid


def _groups(config_name: str) -> Iterator[tuple[str, str]]:
    """The groups of conf/ that a command chooses from, with the default and the names there are."""
    composed = yaml.safe_load((CONF / f"{config_name}.yaml").read_text(encoding="utf-8"))
    chosen = {group: name for entry in composed["defaults"] if isinstance(entry, dict) for group, name in entry.items()}
    chosen = {group: name for group, name in chosen.items() if not group.startswith("override ")}
    more = [f"+{group}" for group in ADDED.get(config_name, ())]
    for group, name in {**chosen, **dict.fromkeys(more)}.items():
        folder = CONF / group.lstrip("+")
        files = folder.glob("**/*.yaml" if group == "+sweep" else "*.yaml")
        names = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in files)
        if group == "+sweep":
            names = [name for name in names if is_of_transfers(name) == (config_name == "transfer")]
        yield f"{group}={name}" if name else f"{group}=NAME", ", ".join(names)
