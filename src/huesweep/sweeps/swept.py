"""What was swept over: the options whose values differ between trials, and what their columns are called."""

import json
import math
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from huesweep.configuration import TARGET
from huesweep.metrics.catalog import CATALOG
from huesweep.training.identity import but_for_starts, identity

ABSENT = "—"
WORDS = ("data", "task", "model", "target", "loss")  # columns that every trial has, each in a word of its own
PARTS = (*WORDS, "model.encoder", "model.decoder")  # whose names stand in those words
IN_WORDS = {"seed", "target.colors", "target.space", *(f"{part}.{key}" for part in PARTS for key in ("name", TARGET))}
OF_TABLES = {"rank", "sweep", "pictures", "trial", *WORDS, "seed", "parameters", "epochs", "seconds", "folder"}
OF_TABLES |= {"seeds", "mean", "deviation", "standing"}
TAKEN = OF_TABLES | set(CATALOG) | {f"val_{name}" for name in CATALOG}  # names of other columns
MOST = 40  # columns of swept options, if a stranger's configurations differ in more
LONGEST = 300  # characters of a value
OF_PICTURES = ("data.", "task.", "batch.side")  # where options begin that say which pictures are scored
OF_CEILINGS = ("target.", "task.")  # and those on which a target's ceiling depends

Config = Mapping[str, Any]


def swept_options(configs: Sequence[Config], also: Collection[str] = ()) -> dict[str, str]:
    """The options that were swept over, by dotted name, and the short name of each one's column.

    Those whose values differ, but for what has a column already, and for what only follows from the choice of a part,
    as a network's widths do. configs: of trials, as plain values; an empty one is unknown and tells nothing. also:
    dotted names of what is known to have been swept, whatever it seems to follow from, and if one trial alone is there.
    """
    configs = [but_for_starts(config) for config in configs if config]
    flat = [leaves(config) for config in configs]
    names = dict.fromkeys(name for config in configs for name in leaves(identity(config)) if name not in IN_WORDS)
    swept = [name for name in names if name in also or (_differs(name, flat) and not _follows(name, flat))][:MOST]
    return dict(zip(swept, _short_names([_readable(name.removesuffix(f".{TARGET}")) for name in swept]), strict=True))


def _readable(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_.]", "_", name)[:100]


def _differs(name: str, flat: Sequence[Mapping[str, Any]]) -> bool:
    return len({as_typed(options.get(name, ABSENT)) for options in flat}) > 1


def _follows(name: str, flat: Sequence[Mapping[str, Any]]) -> bool:
    """Whether an option has one value wherever the part that it is of is the same one."""
    places = name.split(".")
    above = [".".join(places[:depth]) for depth in range(1, len(places))]
    choosers = [f"{part}.{key}" for part in above for key in ("name", TARGET)]
    choosers += ["target.colors", "target.space"] if places[0] == "target" else []
    values: dict[tuple[str, ...], set[str]] = {}
    for options in flat:
        chosen = tuple(as_typed(options.get(chooser, ABSENT)) for chooser in choosers if chooser != name)
        values.setdefault(chosen, set()).add(as_typed(options.get(name, ABSENT)))
    return len(values) > 1 and all(len(found) == 1 for found in values.values())


def _short_names(names: Sequence[str]) -> list[str]:
    """The last words of dotted names, as few as tell them apart from each other and from other columns."""
    shortened = []
    for name in names:
        places = name.split(".")
        short = [".".join(places[place:]) for place in reversed(range(len(places)))]
        others = [other for other in names if other != name]
        free = (word for word in short if word not in TAKEN and not any(f".{o}".endswith(f".{word}") for o in others))
        shortened.append(next(free, name))
    return shortened


def option_values(config: Config, swept: Mapping[str, str]) -> dict[str, Any]:
    """A trial's values of swept options by short name: numbers as they are, others as typed; nothing where absent."""
    options = leaves(config)
    found = {short: options.get(name, ABSENT) for name, short in swept.items()}
    kinds = {short for name, short in swept.items() if name.endswith(TARGET)}
    return {short: _value(value, is_kind=short in kinds) for short, value in found.items() if value != ABSENT}


def _value(value: Any, *, is_kind: bool) -> Any:
    if is_kind and isinstance(value, str):
        return value.rpartition(".")[2]
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    text = as_typed(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def leaves(config: Config, above: str = "") -> dict[str, Any]:
    """Options by dotted name; lists stay whole, and what is empty is left out."""
    options: dict[str, Any] = {}
    for name, value in config.items():
        if isinstance(value, Mapping):
            options |= leaves(value, f"{above}{name}.")
        else:
            options[f"{above}{name}"] = value
    return options


def as_typed(value: Any) -> str:
    """A value as it is typed in an override, without quotation marks: [horse,cat], null, 0.01."""
    if isinstance(value, list):
        return f"[{','.join(map(as_typed, value))}]"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{name}:{as_typed(item)}" for name, item in value.items()) + "}"
    return value if isinstance(value, str) else json.dumps(value)
