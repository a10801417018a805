"""Which network colors best after so many seconds: scores over the time that trainings of several lengths took."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure

from huesweep.io.tables import as_markdown_table
from huesweep.metrics.catalog import as_text
from huesweep.studies.study import Row
from huesweep.studies.tables import grouped, mean_of

SCORE = "psnr_pooled"
BUDGETS = (15, 30, 60, 120)  # seconds
SHOWN = (8, *BUDGETS, 240)  # seconds at the axis
Line = list[tuple[float, float]]  # seconds and score, by seconds


def lines(rows: Sequence[Row]) -> dict[str, Line]:
    """For each network the mean seconds and score of its trainings, from the shortest to the longest."""
    found: dict[str, Line] = {}
    for row in grouped([row for row in rows if "seed" in row]):
        score = row.get(SCORE)
        if score is not None:
            found.setdefault(row["model"], []).append((row["seconds"], score))
    return {model: sorted(line) for model, line in found.items()}


def score_after(line: Line, seconds: float) -> float | None:
    """The score after so many seconds, straight between trainings in the logarithm of time; None outside of them."""
    times, scores = zip(*line, strict=True)
    if not times[0] <= seconds <= times[-1]:
        return None
    return float(np.interp(np.log(seconds), np.log(times), scores))


def leaders(found: Mapping[str, Line]) -> dict[int, str]:
    """The best network after each of the budgets that any has trained for; one that was done before keeps its score."""
    best = {}
    for seconds in BUDGETS:
        scores = {model: _by_then(line, seconds) for model, line in found.items()}
        known = {model: score for model, score in scores.items() if score is not None}
        if known:
            best[seconds] = max(known, key=lambda model: known[model])
    return best


def _by_then(line: Line, seconds: float) -> float | None:
    return line[-1][1] if seconds > line[-1][0] else score_after(line, seconds)


def answer(rows: Sequence[Row]) -> str:
    """Who leads after each budget, and every network's score then."""
    found = lines(rows)
    if not found:
        return ""
    gray = mean_of(rows, SCORE, model="gray")
    told = ", ".join(f"`{model}` after {seconds} s" for seconds, model in leaders(found).items())
    beside = "" if gray is None else f" Gray has {as_text(SCORE, gray)}."
    cells = [
        [model, *("" if score is None else as_text(SCORE, score) for score in scores)]
        for model, scores in (
            (model, [score_after(line, seconds) for seconds in BUDGETS]) for model, line in found.items()
        )
    ]
    table = as_markdown_table(["model", *(f"after {seconds} s" for seconds in BUDGETS)], cells)
    return f"The best psnr over all pixels: {told}.{beside}\n\n{table}"


def figures(rows: Sequence[Row], _: Sequence[Row]) -> dict[str, tuple[Figure, str]]:
    """Score over seconds, a line a network, a point a number of epochs."""
    found = lines(rows)
    if not found:
        return {}
    figure = Figure(figsize=(8, 4.4), layout="constrained")
    axes = figure.add_subplot()
    for model, line in sorted(found.items()):
        axes.plot(*zip(*line, strict=True), "o-", markersize=4, label=model)
    gray = mean_of(rows, SCORE, model="gray")
    if gray is not None:
        axes.axhline(gray, color="gray", linestyle="--", lw=1, label="gray")
    axes.set(xscale="log", xlabel="seconds of training", ylabel="psnr over all pixels, in dB")
    axes.set_xticks(SHOWN, [f"{seconds}" for seconds in SHOWN])
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    caption = (
        "Score over the time that trainings of one, two, four and eight epochs took; up and to the left is better."
    )
    return {"seconds.png": (figure, caption)}
