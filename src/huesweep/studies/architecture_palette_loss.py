"""Which network, palette and loss color best, and what of it is only true of some together."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from huesweep.metrics.catalog import as_text
from huesweep.studies.effects import (
    best_value,
    colors_of,
    effects,
    effects_table,
    interactions_table,
    named,
    space_of,
)
from huesweep.studies.study import Row
from huesweep.studies.tables import grouped, mean_of
from huesweep.sweeps.report.effects import Factor
from huesweep.sweeps.table import cell_text

RANK = "auc_balanced"
SCORES = (RANK, "psnr_pooled", "cf_gap")
FACTORS = {"model": named("model"), "colors": colors_of, "space": space_of, "loss": named("loss")}
SPACES = ("rgb", "ab")


def answer(rows: Sequence[Row]) -> str:
    """The best value of each factor and the best of all rows, beside gray and regression; effects and interactions."""
    trials = _grid(rows)
    if len(trials) < 2:
        return ""
    ranked = effects(trials, FACTORS, RANK)
    pooled = effects(trials, FACTORS, SCORES[1])
    gray, regression = mean_of(rows, RANK, model="gray"), mean_of(rows, RANK, sweep="architecture_ab")
    beside = [
        f"{name} has {as_text(RANK, value)}"
        for name, value in (("gray", gray), ("regression of ab, the mean of its networks,", regression))
        if value is not None
    ]
    advice = " ".join(
        [
            f"Value by value, the best for colors as varied as the truth's ({RANK}) are {_words(ranked)};",
            f"for the least error (psnr over all pixels) {_words(pooled)}.",
            _first(trials),
            f"On the first score {' and '.join(beside)}." if beside else "",
        ]
    )
    tables = [effects_table(trials, FACTORS, SCORES), interactions_table(trials, FACTORS, RANK)]
    return "\n".join([advice, "", *tables])


def figures(rows: Sequence[Row], _: Sequence[Row]) -> dict[str, tuple[Figure, str]]:
    """Network by colors, a panel a space; mean over losses and seeds."""
    trials = _grid(rows)
    models, colors = sorted({row["model"] for row in trials}), sorted({int(colors_of(row)) for row in trials})
    if len(models) < 2 or len(colors) < 2:
        return {}
    figure = Figure(figsize=(10, 3.4), layout="constrained")
    cells = {cell: fmean(row[RANK] for row in trials if _cell(row) == cell) for cell in map(_cell, trials)}
    for place, space in enumerate(SPACES, start=1):
        _draw_heat(figure.add_subplot(1, 2, place), cells, models, colors, space)
    caption = f"{RANK} by network and number of colors, in RGB and in ab, mean over losses and seeds. Yellow is best."
    return {"colors.png": (figure, caption)}


def _draw_heat(
    axes: Axes, cells: Mapping[tuple[str, str, str], float], models: list[str], colors: list[int], space: str
) -> None:
    least, most = min(cells.values()), max(cells.values())
    for y, model in enumerate(models):
        for x, count in enumerate(colors):
            value = cells.get((model, str(count), space))
            if value is not None:
                axes.pcolormesh([x, x + 1], [y, y + 1], [[value]], vmin=least, vmax=most)
                ink = "black" if value > (least + most) / 2 else "white"
                axes.text(x + 0.5, y + 0.5, as_text(RANK, value), ha="center", va="center", fontsize=9, color=ink)
    axes.set_xticks([place + 0.5 for place in range(len(colors))], [str(count) for count in colors])
    axes.set_yticks([place + 0.5 for place in range(len(models))], models)
    axes.set(title=f"palettes in {space}", xlabel="colors")
    axes.invert_yaxis()


def _cell(row: Row) -> tuple[str, str, str]:
    return row["model"], colors_of(row), space_of(row)


def _grid(rows: Sequence[Row]) -> list[Row]:
    """The trials of the grid; those of regression stand beside it."""
    return [row for row in rows if row.get("sweep") == "architecture_palette_loss" and "seed" in row]


def _first(trials: Sequence[Row]) -> str:
    """The configuration that is first on the validation pictures, and its scores on the test pictures."""
    rows = [row for row in grouped(trials) if f"val_{RANK}" in row]
    if not rows:
        return ""
    first = max(rows, key=lambda row: row[f"val_{RANK}"])
    words = " ".join(f"`{first[word]}`" for word in ("model", "target", "loss"))
    scores = ", ".join(f"{score} {cell_text(score, first.get(score))}" for score in SCORES)
    return f"Of whole configurations {words} is first on the validation pictures: {scores}."


def _words(factors: Sequence[Factor]) -> str:
    return ", ".join(f"{factor.name} `{best_value(factor)}`" for factor in factors)
