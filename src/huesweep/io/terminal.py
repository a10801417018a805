"""Tables and remarks in the terminal, where every text is shown as it is: no markup, no control characters."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from rich.console import Console
from rich.table import Table
from rich.text import Text

from huesweep.errors import printable


def table_console() -> Console:
    """A console as wide as the terminal, or wide enough for every column where there is none."""
    return Console(highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else 1000)


def plain_table(
    columns: Mapping[str, bool], rows: Iterable[Sequence[str]], title: str = "", *, wraps_last: bool = False
) -> Table:
    """A table without lines. columns: by heading, whether they hold numbers, which stand at the right.

    wraps_last: the last column takes several lines where it finds no room; the others are cut off.
    """
    table = Table(title=Text(printable(title)) if title else None, title_justify="left", header_style="bold", box=None)
    table.pad_edge = False
    for heading, is_number in columns.items():
        table.add_column(Text(heading), justify="right" if is_number else "left", no_wrap=True)
    table.columns[-1].no_wrap = not wraps_last
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    return table


@cache
def remark(line: str) -> None:
    """Print a line on stderr about something that is passed over: each line once, however often it is met."""
    print(printable(line), file=sys.stderr)
