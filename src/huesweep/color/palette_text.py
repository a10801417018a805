"""Palettes as text that a person writes: one color a line."""

import re

import numpy as np

from huesweep.errors import UsageError

_COMMENT = re.compile(r"#(?:\s|$)")  # where one starts; # with six digits is a color
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_NEARLY_HEX = re.compile(r"#[0-9a-fA-F]+")
_LEVEL = re.compile(r"[0-9]{1,3}")
_SHOWN = 40  # characters of a wrong line


def parse_palette(text: str, most: int, what: str) -> np.ndarray:
    """Colors from lines of `R G B`, 0 to 255 between blanks or commas, or `#RRGGBB`. Gives (K, 3) float64 in [0, 1].

    What follows `# ` is a comment, and so is a line that starts with # and is no color. most: colors. what: named in
    errors. Raises UsageError with the number of the first wrong line, and for no colors or more than `most`.
    """
    colors: list[list[int]] = []
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        written = _COMMENT.split(line, maxsplit=1)[0].strip()
        if not written or _is_comment(written):
            continue
        levels = _levels(written)
        if levels is None:
            raise UsageError(
                f"{what}, line {number}: {written[:_SHOWN]!r} is not a color: "
                "write R G B from 0 to 255, or #RRGGBB; a comment starts with # and a blank"
            )
        if len(colors) == most:
            raise UsageError(f"{what}, line {number}: more than {most} colors")
        colors.append(levels)
    if not colors:
        raise UsageError(f"{what} holds no colors: write R G B from 0 to 255, or #RRGGBB, on each line")
    return np.array(colors, dtype=np.float64) / 255


def _is_comment(written: str) -> bool:
    first = written.split()[0]
    return first.startswith("#") and not _HEX.fullmatch(first) and not _NEARLY_HEX.fullmatch(written)


def _levels(written: str) -> list[int] | None:
    if _HEX.fullmatch(written):
        return list(bytes.fromhex(written[1:]))
    values = re.split(r"\s*,\s*|\s+", written)
    if len(values) != 3 or not all(_LEVEL.fullmatch(value) and int(value) <= 255 for value in values):
        return None
    return [int(value) for value in values]
