"""What the default sweep answers: a word on its best trial, and what each of its choices is worth."""

from collections.abc import Sequence
from pathlib import Path

from huesweep.metrics.catalog import as_text
from huesweep.studies.effects import effects_table, named
from huesweep.studies.study import Row
from huesweep.studies.tables import mean_of
from huesweep.sweeps.ranking import rank
from huesweep.sweeps.results import Result

CHOICES = ("model", "target", "loss")
SCORE = "psnr"
GRID = "best.png"


def answer(rows: Sequence[Row]) -> str:
    """The best row by its validation pictures (test without them), and what each value of each choice is worth."""
    trials = [row for row in rows if "seed" in row]
    kinds = [{name: row[name] for name in CHOICES} for row in trials]
    seen, ranking = ("validation", f"val_{SCORE}") if mean_of(trials, f"val_{SCORE}") else ("test", SCORE)
    best = max(kinds, key=lambda kind: mean_of(trials, ranking, **kind) or 0)
    found, gray = mean_of(trials, SCORE, **best), mean_of(rows, SCORE, model="gray")
    words = " ".join(f"`{value}`" for value in best.values())
    scores = f"psnr {as_text(SCORE, found or 0)} on the test pictures, gray {as_text(SCORE, gray or 0)}"
    table = effects_table(trials, {name: named(name) for name in CHOICES}, [SCORE, "auc"])
    return f"The best by its {seen} pictures is {words}: {scores}.\n\n{table}"


def further(folder: Path) -> str:
    """The picture that is kept of the best trial."""
    shown = "gray, predicted, palette truth, original"
    return f"![{shown}]({GRID})\n\nOf the best trial: {shown}.\n" if (folder / GRID).exists() else ""


def pictures(results: Sequence[Result]) -> dict[str, Path]:
    """The last grid of the best trial."""
    best = rank(results, SCORE)[0]
    grids = sorted((Path(best["folder"]) / "pictures").glob("epoch-*.png"))
    return {GRID: grids[-1]} if grids else {}
