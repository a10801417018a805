"""The one exception that speaks to the person at the keyboard."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TypeVar

T = TypeVar("T")


class UsageError(ValueError):
    """A mistake in what was asked for: its message says what was wrong, with what, and what to do.

    The commands print it as one line and exit with status 1; what else escapes is a defect, with its traceback.
    What a stranger's file says in it can't move the cursor or clear the screen: signs that don't print are shown as
    Python writes them.
    """

    def __init__(self, message: object) -> None:
        shown = "".join(sign if sign.isprintable() or sign == "\n" else ascii(sign)[1:-1] for sign in str(message))
        super().__init__(shown)


def unknown(what: str, name: object, choices: Iterable[object], short: object = None) -> UsageError:
    """A UsageError for a name that is not among the choices: lists them, and tells the nearest.

    what: the kind of thing that is named. short: the part of the name that the choices stand for, if not all of it.
    """
    names = sorted(str(choice) for choice in choices)
    near = get_close_matches(str(name if short is None else short), names, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    return UsageError(f"{what} {name} does not exist{hint}; choices: {', '.join(names)}")


def pick(what: str, name: str, choices: Mapping[str, T]) -> T:
    """What `name` stands for among the choices. Raises UsageError, with those there are, for another name."""
    if name not in choices:
        raise unknown(what, name, choices)
    return choices[name]
