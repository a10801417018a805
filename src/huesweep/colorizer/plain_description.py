"""The plain values that a stranger's file may say of itself: which kinds, how many, how large."""

import math
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from huesweep.colorizer.format import LARGEST_SIDE
from huesweep.errors import shortened

DEPTH = 12
VALUES = 20_000
ITEMS = 1024  # of a list or a mapping
WHOLE = 2**20  # the largest whole number, but for those in SEEDS
SEEDS = ("seed",)
LARGEST_SEED = 2**64
TEXT = 4096  # characters


def check_description(description: Mapping[str, Any]) -> None:
    """Raise ValueError unless a description holds plain values in plain numbers, and sizes that are sizes.

    Plain are None, booleans, finite numbers, text, lists, and mappings by text. Sides and multiples of pixels are whole
    numbers that a picture can have.
    """
    _check_plain(description)
    _check_side("side", description.get("side"), may_be_none=True)
    if "export" in description:
        export = description["export"]
        if not isinstance(export, Mapping):
            raise ValueError(f"export is a {type(export).__name__}")
        _check_side("export.side", export.get("side"), may_be_none=True)
        _check_side("export.multiple", export.get("multiple"), may_be_none=False)


def _check_side(name: str, value: Any, may_be_none: bool) -> None:
    if value is None and may_be_none:
        return
    if type(value) is not int or not 1 <= value <= LARGEST_SIDE:
        raise ValueError(f"{name} must be a whole number from 1 to {LARGEST_SIDE}, not {shortened(value)}")


def _check_plain(description: Any) -> None:
    waiting: list[tuple[str, Any, int]] = [("", description, 0)]
    seen = 0
    while waiting:
        where, value, depth = waiting.pop()
        seen += 1
        if depth > DEPTH or seen > VALUES:
            raise ValueError(f"it holds too much{f' at {where}' if where else ''}")
        if isinstance(value, Mapping):
            _check_count(where, value)
            for key, item in value.items():
                if not isinstance(key, str):
                    raise ValueError(f"{where or 'it'} has a key that is no text")
                _check_text(f"a name in {where}" if where else "a name", key)
                waiting.append((f"{where}.{key}" if where else key, item, depth + 1))
        elif isinstance(value, list):
            _check_count(where, value)
            waiting += [(where, item, depth + 1) for item in value]
        else:
            _check_value(where, value)


def _check_count(where: str, items: Any) -> None:
    if len(items) > ITEMS:
        raise ValueError(f"{where or 'it'} has {len(items)} items, more than {ITEMS}")


def _check_value(where: str, value: Any) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _check_text(where, value)
    elif type(value) is int:
        if abs(value) > (LARGEST_SEED if where.rpartition(".")[2] in SEEDS else WHOLE):
            raise ValueError(f"{where} is {shortened(value)}, more than {WHOLE}")
    elif type(value) is float:
        if not math.isfinite(value):
            raise ValueError(f"{where} is {value}, which is no number")
    else:
        raise ValueError(f"{where} is a {type(value).__name__}, and not a plain value")


def _check_text(where: str, text: str) -> None:
    if len(text) > TEXT:
        raise ValueError(f"{where[:100]} has {len(text)} characters, more than {TEXT}")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):  # would steer a terminal
        raise ValueError(f"{where} has characters that can't be shown")


def check_numbers(name: str, values: Any, most: int) -> None:
    """Raise ValueError unless these are finite numbers, or lists of such, or lists of lists, `most` at most."""
    rows: Iterable[Any] = values if isinstance(values, list) else [values]
    count = 0
    for row in rows:
        numbers = row if isinstance(row, list) else [row]
        count += max(1, len(numbers))
        if count > most:
            raise ValueError(f"{name} has more than {most} numbers")
        if not all(type(number) in (int, float) and abs(number) < WHOLE for number in numbers):
            raise ValueError(f"{name} has values that are no numbers")
