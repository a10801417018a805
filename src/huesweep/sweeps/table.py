"""The result table of a sweep: trials ranked, with the rows that need no network."""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from huesweep.errors import UsageError, unknown
from huesweep.training.folder import TrialFolder

Result = dict[str, Any]
METRICS = ("psnr", "psnr_pooled", "ssim", "cf", "cf_gap", "auc", "auc_balanced", "hue_distance")
CLASS_METRICS = ("cross_entropy", "top1", "top5")
HEADINGS = {  # columns of the printed table, from left to right
    "rank": "#",
    "data": "data",
    "task": "task",
    "model": "model",
    "target": "target",
    "loss": "loss",
    "seed": "seed",
    "parameters": "parameters",
    "seconds": "seconds",
    "val_psnr": "val psnr",
    "psnr": "psnr",
    "psnr_pooled": "pooled",
    "ssim": "ssim",
    "cf": "cf",
    "auc": "auc",
    "auc_balanced": "auc bal.",
    "hue_distance": "hue dist.",
    "cross_entropy": "cross-ent.",
    "top1": "top-1",
    "top5": "top-5",
}
TEXT = ("data", "task", "model", "target", "loss")
KEPT = ("rank", "data", "task", "model", "target", "loss", "psnr", "cf", "auc")  # however narrow the terminal
BY_IMPORTANCE = (
    *KEPT,
    *("ssim", "val_psnr", "seconds", "auc_balanced", "cross_entropy", "parameters", "top1", "psnr_pooled"),
    *("hue_distance", "top5", "seed"),
)
GAP = 2  # spaces between columns
LOWER_IS_BETTER = {"cf_gap", "hue_distance", "cross_entropy"}


def read_results(folder: Path) -> list[Result]:
    """The results of all finished trials directly below `folder`, or of `folder` itself, in the order of their names.

    Raises UsageError where there are none.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    folders = (
        [folder] if TrialFolder(folder).result.exists() else sorted(path for path in folder.iterdir() if path.is_dir())
    )
    found = [(path, TrialFolder(path).read_result()) for path in folders]
    results = [{**result, "folder": str(path)} for path, result in found if result is not None]
    if not results:
        raise UsageError(f"{folder} holds no finished trial (no result.json): point at a trial's or a sweep's folder")
    return results


def rank(results: Iterable[Result], metric: str) -> list[Result]:
    """Results, best first, by a metric on the validation pictures (on the test pictures where there are none of those).

    The test score takes no part: whoever picks the best trial by it, would report a score that it was picked for.
    Raises UsageError for another metric.
    """
    check_metric(metric)

    def score(result: Result) -> float:
        value = objective(result, metric)
        return value if value == value else float("-inf")  # NaN has no place in an order

    return sorted(results, key=score, reverse=True)


def objective(result: Result, metric: str) -> float:
    """The score by which `rank` orders, as a number that is better the higher it is; NaN where there is none."""
    score = ranking_scores(result).get(metric)
    if score is None:
        return float("nan")
    return -score if metric in LOWER_IS_BETTER else score


def ranking_scores(result: Result) -> dict[str, float | None]:
    """The scores by which a trial is ranked: on the validation pictures, or else on the test pictures."""
    return result["validation"] or result["test"]


def check_metric(metric: str) -> None:
    """Raise UsageError, with the metrics there are, unless trials can be ranked by `metric`."""
    if metric not in (*METRICS, *CLASS_METRICS):
        raise unknown("metric to rank by:", metric, (*METRICS, *CLASS_METRICS))


def table_rows(ranked: Sequence[Result]) -> list[dict[str, Any]]:
    """One flat row a trial, then one for each baseline: the task's once a data set, `ceiling` once a target."""
    rows = [_trial_row(place, result) for place, result in enumerate(ranked, start=1)]
    baselines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for result in ranked:
        for name, scores in result["baselines"]["test"].items():
            of_target = name == "ceiling"
            about = {
                "rank": "",
                "data": result["data"],
                "task": result["task"],
                "model": name,
                "target": result["target"] if of_target else "",
                **{metric: scores[metric] for metric in METRICS},
            }
            baselines.setdefault((result["data"], result["task"], name, about["target"]), about)
    return rows + sorted(
        baselines.values(), key=lambda row: (row["data"], row["task"], row["model"] == "ceiling", row["target"])
    )


def _trial_row(place: int, result: Result) -> dict[str, Any]:
    row: dict[str, Any] = {"rank": place}
    row |= {name: result[name] for name in ("data", "task", "model", "target", "loss", "seed", "parameters", "epochs")}
    row["seconds"] = result["seconds"]
    row["val_psnr"] = result["validation"].get("psnr", "") if result["validation"] else ""
    row |= {name: result["test"][name] for name in (*METRICS, *CLASS_METRICS) if name in result["test"]}
    row["folder"] = result["folder"]
    return row


def print_table(rows: Sequence[dict[str, Any]], title: str, console: Console) -> None:
    """Print rows as people read them: test scores, to a few digits; the columns that fit, the important ones first."""
    table = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    names = [name for name in HEADINGS if any(row.get(name, "") != "" for row in rows)]
    names = [name for name in names if name not in ("data", "task") or len({row[name] for row in rows}) > 1]
    widths = {
        name: max(len(HEADINGS[name]), *(len(cell_text(name, row.get(name, ""))) for row in rows)) for name in names
    }
    for name in reversed(BY_IMPORTANCE):
        if sum(widths[kept] + GAP for kept in names) > console.width and name in names and name not in KEPT:
            names.remove(name)
    for name in names:
        table.add_column(HEADINGS[name], justify="left" if name in TEXT else "right", no_wrap=True)
    for row in rows:
        style = "dim" if row["rank"] == "" else ""
        table.add_row(*(cell_text(name, row.get(name, "")) for name in names), style=style)
    console.print(table)


def table_console() -> Console:
    """A console as wide as the terminal, or wide enough for every column where there is none."""
    return Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=200)


def cell_text(name: str, value: Any) -> str:
    """A value of the column `name`, to as many digits as people compare."""
    if isinstance(value, int) and name == "parameters":
        return f"{value:,}"
    if not isinstance(value, float):
        return "" if value is None else str(value)
    digits = {"seconds": 0, "psnr": 2, "psnr_pooled": 2, "cf": 1, "cf_gap": 1}.get(name.removeprefix("val_"), 3)
    return f"{value:.{digits}f}"


def as_markdown(rows: Sequence[dict[str, Any]]) -> str:
    """Rows as a Markdown table, rounded as in the terminal."""
    columns = [name for name in dict.fromkeys(name for row in rows for name in row) if name != "folder"]
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    lines += ["| " + " | ".join(cell_text(name, row.get(name, "")) for name in columns) + " |" for row in rows]
    return "\n".join(lines) + "\n"
