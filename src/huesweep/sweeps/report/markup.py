"""Tables of a page: every heading is a button that sorts, every text is escaped."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple


class Column(NamedTuple):
    """A heading, how its column is ordered, and by what a first click puts on top: the highest, or the lowest."""

    heading: str
    is_number: bool = False
    is_highest_first: bool = False


class Cell(NamedTuple):
    """What a cell shows, and for a number that it stands for, by what it is sorted."""

    text: str
    number: float | None = None


class Line(NamedTuple):
    """A row of a table. kind: its class in the style sheet."""

    cells: Sequence[Cell]
    kind: str = ""


def as_table(name: str, columns: Sequence[Column], lines: Sequence[Line], sorted_by: str = "") -> str:
    """A table that sorts by its headings and scrolls in its box. sorted_by: the heading by which the lines come."""
    headings = "".join(_heading(column, column.heading == sorted_by) for column in columns)
    body = "\n".join(_line(line, columns) for line in lines)
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(name)}">'
        f'<table class="sortable"><thead><tr>{headings}</tr></thead>\n<tbody>{body}</tbody></table></div>'
    )


def _heading(column: Column, is_sorted: bool) -> str:
    kind = "number" if column.is_number else "text"
    order = "descending" if column.is_highest_first else "ascending"
    state = order if is_sorted else "none"
    return (
        f'<th scope="col" class="{kind}" data-first="{order}" aria-sort="{state}">'
        f'<button type="button">{escape(column.heading)}</button></th>'
    )


def _line(line: Line, columns: Sequence[Column]) -> str:
    cells = []
    for cell, column in zip(line.cells, columns, strict=True):
        value = "" if cell.number is None else f' data-value="{cell.number!r}"'
        cells.append(f'<td class="{"number" if column.is_number else "text"}"{value}>{escape(cell.text)}</td>')
    kind = f' class="{escape(line.kind)}"' if line.kind else ""
    return f"<tr{kind}>{''.join(cells)}</tr>"
