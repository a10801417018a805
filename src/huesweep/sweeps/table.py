"""The result table of a sweep: ranked trials, then the rows that need no network."""

from collections.abc import Sequence
from typing import Any

from rich.console import Console

from huesweep.io.tables import as_markdown_table
from huesweep.io.terminal import plain_table, table_console
from huesweep.metrics.catalog import CATALOG, COLUMNS, as_text
from huesweep.sweeps.results import Result

Row = dict[str, Any]
WORDS = ("data", "task", "model", "target", "loss")
NUMBERS = ("seed", "parameters", "seconds")
GAP = 2  # spaces between columns


def table_rows(ranked: Sequence[Result], metric: str = "psnr") -> list[Row]:
    """One flat row a trial, then one for each baseline: the task's once a data set, `ceiling` once a target.

    metric: by which the trials are ranked.
    """
    rows = [_trial_row(place, result, metric) for place, result in enumerate(ranked, start=1)]
    baselines: dict[tuple[Any, ...], Row] = {}
    for result in ranked:
        for name, scores in result["baselines"].get("test", {}).items():
            about = {
                "rank": "",
                "data": result["data"],
                "task": result["task"],
                "model": name,
                "target": result["target"] if name == "ceiling" else "",
                **{column: scores[column] for column in COLUMNS if column in scores},
            }
            baselines.setdefault((result["data"], result["task"], name, about["target"]), about)
    return rows + sorted(
        baselines.values(), key=lambda row: (row["data"], row["task"], row["model"] == "ceiling", row["target"])
    )


def _trial_row(place: int, result: Result, metric: str) -> Row:
    names = (*WORDS, "seed", "parameters", "epochs", "seconds")
    row: Row = {"rank": place, **{name: result[name] for name in names}}
    for name in dict.fromkeys(("psnr", metric)):
        row[f"val_{name}"] = (result["validation"] or {}).get(name, "")
    row |= {name: result["test"][name] for name in COLUMNS if name in (result["test"] or {})}
    return {**row, "folder": result["folder"]}


def heading(name: str) -> str:
    """What a column of rows is called."""
    short = name.removeprefix("val_")
    called = CATALOG[short].heading if short in CATALOG else {"rank": "#"}.get(short, short)
    return f"val {called}" if short != name else called


def columns_of(rows: Sequence[Row]) -> list[str]:
    """The columns, from left to right, in which rows have something, and not all the same data or task."""
    names = ["rank", *WORDS, *NUMBERS, *(f"val_{name}" for name in COLUMNS), *COLUMNS]
    names = [name for name in names if any(row.get(name, "") not in ("", None) for row in rows)]
    return [name for name in names if name not in ("data", "task") or len({row.get(name) for row in rows}) > 1]


def print_table(rows: Sequence[Row], title: str, console: Console, metric: str = "psnr") -> None:
    """Print rows as people read them: test scores, to a few digits; the columns that fit, the important ones first.

    metric: by which the rows are ranked; its columns stay, however narrow the terminal.
    """
    names = columns_of(rows)
    cells = {name: [cell_text(name, row.get(name, "")) for row in rows] for name in names}
    widths = {name: max(map(len, (heading(name), *cells[name]))) + GAP for name in names}
    for name in _least_important_first(metric):
        if name in names and sum(widths[kept] for kept in names) > console.width + GAP:
            names.remove(name)
    columns = {heading(name): name not in WORDS for name in names}
    table = plain_table(columns, [[cells[name][place] for name in names] for place in range(len(rows))], title)
    for line, row in zip(table.rows, rows, strict=True):
        line.style = "dim" if row["rank"] == "" else None
    console.print(table)


def _least_important_first(metric: str) -> list[str]:
    kinds = ("with room", "usually", "always")
    of = {shown: [name for name in reversed(COLUMNS) if CATALOG[name].shown == shown] for shown in kinds}
    names = ["seed", *of["with room"], "parameters", *of["usually"], "seconds", "val_psnr", *of["always"]]
    return [name for name in names if name.removeprefix("val_") != metric]


def cell_text(name: str, value: Any) -> str:
    """A value of the column `name`, to as many digits as people compare."""
    if isinstance(value, int) and name == "parameters":
        return f"{value:,}"
    if not isinstance(value, float):
        return "" if value is None else str(value)
    return f"{value:.0f}" if name == "seconds" else as_text(name.removeprefix("val_"), value)


def as_markdown(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table, rounded as in the terminal."""
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name != "folder"]
    return as_markdown_table(names, [[cell_text(name, row.get(name, "")) for name in names] for row in rows])


def print_scores(result: dict[str, Any]) -> None:
    """The checkpoint's row over those that need no network, then a row a class."""
    rows = [{"rank": "", "model": "checkpoint", **result["scores"]}]
    rows += [{"rank": "", "model": name, **scores} for name, scores in result["baselines"].items()]
    title = f"{result['data']}, {result['split']}: {result['pictures']:,} pictures"
    print_table(rows, title, table_console())
    rows = []
    for name, of_class in result["classes"].items():
        rows.append({"rank": "", "model": name, **of_class["scores"]})
        rows += [
            {"rank": "", "model": f"{name}, {baseline}", **scores}
            for baseline, scores in of_class["baselines"].items()
            if baseline != "ceiling"
        ]
    if rows:
        print_table(rows, "by class", table_console())
