"""What the default sweep answers: a word on its best trial, and what each of its choices is worth."""

from collections.abc import Sequence
from pathlib import Path

from huesweep.metrics.catalog import as_text
from huesweep.studies.study import Row
from huesweep.studies.tables import mean_of
from huesweep.sweeps.results import Result

CHOICES = {"model": "Network", "target": "Palette", "loss": "Loss"}
SCORE = "psnr"
GRID = "best.png"


def answer(rows: Sequence[Row]) -> str:
    """The best row by its validation pictures, and the mean score of the trials with each value of each choice."""
    trials = [row for row in rows if "seed" in row]
    kinds = [{name: row[name] for name in CHOICES} for row in trials]
    best = max(kinds, key=lambda kind: mean_of(trials, f"val_{SCORE}", **kind) or 0)
    found = mean_of(trials, SCORE, **best) or 0
    gray = mean_of(rows, SCORE, model="gray")
    parts = [
        f"The best by its validation pictures is {' '.join(f'`{best[name]}`' for name in CHOICES)}: "
        f"psnr {as_text(SCORE, found)} on the test pictures" + (f", gray {as_text(SCORE, gray)}." if gray else ".")
    ]
    for name, title in CHOICES.items():
        means = {value: mean_of(trials, SCORE, **{name: value}) for value in dict.fromkeys(row[name] for row in trials)}
        ranked = sorted(means.items(), key=lambda pair: -(pair[1] or 0))
        parts.append(f"{title}: {', '.join(f'`{value}` {as_text(SCORE, share or 0)}' for value, share in ranked)}.")
    return f"{' '.join(parts)}\n"


def further(folder: Path) -> str:
    """The picture that is kept of the best trial."""
    shown = "gray, predicted, palette truth, original"
    return f"![{shown}]({GRID})\n\nOf the best trial: {shown}.\n" if (folder / GRID).exists() else ""


def pictures(results: Sequence[Result]) -> dict[str, Path]:
    """The last grid of the trial that is best on its validation pictures."""
    best = max(results, key=lambda result: result["validation"][SCORE])
    grids = sorted((Path(best["folder"]) / "pictures").glob("epoch-*.png"))
    return {GRID: grids[-1]} if grids else {}
