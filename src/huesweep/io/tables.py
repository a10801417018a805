"""Rows of values as text that spreadsheets and Markdown viewers show and do not interpret."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from huesweep.errors import printable

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the start of one


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a CSV file with a header: all their names, in the order of first use; what a row lacks stays empty.

    A text that a spreadsheet would compute gets an apostrophe before it, as OWASP advises, and one of several lines has
    its line feeds written out; numbers stay as they are.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)), lineterminator="\n")
    writer.writeheader()
    writer.writerows({name: _inert(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _inert(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return f"'{printable(value)}" if value.startswith(FORMULA) else printable(value)


def as_markdown_table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table in which every text is shown as it is."""
    lines = [f"| {' | '.join(map(as_markdown_text, cells))} |\n" for cells in (headings, *rows)]
    return "".join([lines[0], "|" + " --- |" * len(headings) + "\n", *lines[1:]])


def as_markdown_text(text: str) -> str:
    """A text that Markdown shows as it is."""
    is_number = re.fullmatch(r"[-\d.,]*( ± [\d.,]+)?", text)
    return text if is_number else re.sub(r"([!-+./:-@\[-`{-~])", r"\\\1", printable(text))
