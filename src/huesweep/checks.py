"""Checking what was given for an option."""

from collections.abc import Mapping
from typing import Any

from huesweep.errors import UsageError


def check_switches(config: Mapping[str, Any], *names: str) -> None:
    """Raise UsageError unless these are true or false: `no` is a word to Hydra, and would count as true."""
    for name in names:
        if not isinstance(config[name], bool):
            raise UsageError(f"{name} must be true or false, not {config[name]}")


def check_whole(config: Mapping[str, Any], name: str, least: int, most: int | None = None) -> None:
    """Raise UsageError unless this is a whole number in a range."""
    value = config[name]
    in_range = isinstance(value, int) and not isinstance(value, bool) and value >= least
    if not in_range or (most is not None and value > most):
        raise UsageError(f"{name} must be a whole number from {least}{f' to {most}' if most else ''}, not {value}")


def check_number(config: Mapping[str, Any], name: str, most: float = 1e9, may_be_zero: bool = False) -> None:
    """Raise UsageError unless this is a number above 0 (or from 0), and not above `most`."""
    value = config[name]
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not (0 < value <= most or (value == 0 and may_be_zero)):
        start = "from 0" if may_be_zero else "above 0"
        raise UsageError(
            f"{name} must be a number {start}{f' and at most {most:g}' if most < 1e9 else ''}, not {value}"
        )
