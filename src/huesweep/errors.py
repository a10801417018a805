"""The one exception that speaks to the person at the keyboard, and how it quotes what a stranger wrote."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any


class UsageError(ValueError):
    """A mistake in what was asked for: its message says what was wrong, with what, and what to do.

    The commands print it as one line and exit with status 1; what else escapes is a defect, with its traceback.
    What a stranger's file says in it can't move the cursor or clear the screen: each of its lines is printable.
    """

    def __init__(self, message: object) -> None:
        super().__init__("\n".join(map(printable, str(message).split("\n"))))


def printable(text: str) -> str:
    """The text with what would move a cursor, change a color or break a line written out: a line feed as \\n."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)


def is_text(text: str) -> bool:
    """Whether a text can be written in UTF-8, which the name of a file in another encoding can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def shortened(value: Any, most: int = 60) -> str:
    """How a value looks in a message: its start, of so many characters, and none that would steer a terminal."""
    text = f"a number of {value.bit_length()} bits" if type(value) is int and abs(value) >= 2**64 else ascii(value)
    return text if len(text) <= most else f"{text[:most]}..."


def unknown(
    what: str, name: object, choices: Iterable[object], short: object = None, unlisted: Iterable[str] = ()
) -> UsageError:
    """A UsageError for a name that is not among the choices: lists them, and tells the nearest.

    what: the kind of thing that is named. short: the part of the name that the choices stand for, if not all of it.
    unlisted: choices that are told where they are the nearest, and otherwise left out.
    """
    names = sorted(str(choice) for choice in choices)
    near = get_close_matches(str(name if short is None else short), [*names, *unlisted], n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    listed = f"; choices: {', '.join(names)}" if names else ""
    return UsageError(f"{what} {name} does not exist{hint}{listed}")
