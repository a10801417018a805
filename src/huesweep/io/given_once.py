"""What is typed twice: the last one would count, and nobody would notice."""

from collections.abc import Collection, Sequence

from huesweep.errors import UsageError
from huesweep.io.redacted import redact


def check_given_once(arguments: Sequence[str], repeated: Collection[str] = ()) -> None:
    """Raise UsageError where a command line sets the same option twice. repeated: those that may be.

    Options that begin with a dash, those that are taken away (~NAME), and what names none are not looked at.
    """
    given: dict[str, str] = {}
    for argument in arguments:
        written, is_set, value = argument.partition("=")
        name = written.strip().lstrip("+")
        shown = f"{written}={redact(value, name.rpartition('.')[2])}"
        if not is_set or not name or name.startswith(("-", "~")) or name in repeated:
            continue
        if name in given:
            raise UsageError(f"{name} is given twice, {given[name]} and {shown}: leave one of them out")
        given[name] = shown
