"""Drawing what decided: the effect of each swept factor, and the mean score by two of them."""

import math
import re
from collections.abc import Mapping, Sequence

from markupsafe import Markup
from matplotlib import colormaps

from huesweep.metrics.catalog import LOWER_IS_BETTER, as_text, axis
from huesweep.sweeps.report.canvas import COLORS, LETTER, as_svg, drawing, on_pictures
from huesweep.sweeps.report.effects import Factor

ROW = 0.21  # inches
GAP = 0.6  # rows between factors


def draw_effects(factors: Sequence[Factor], metric: str, about: str = "") -> Markup:
    """SVG of each factor's values as rows: the mean score as a dot, its interval as a line."""
    rows = sum(len(factor.levels) + 1 for factor in factors)
    names = [*(level.name for factor in factors for level in factor.levels), *(factor.name for factor in factors)]
    height = 0.7 + ROW * (rows + GAP * len(factors))
    with drawing(4.0 + LETTER * max(map(len, names)), height) as (figure, axes):
        ticks: list[tuple[float, str, bool]] = []
        y = 0.0
        for place, factor in enumerate(factors):
            ticks.append((y, factor.name, True))
            for level in sorted(factor.levels, key=lambda level: by_number(level.name)):
                y += 1
                ticks.append((y, level.name, False))
                error = None if level.margin is None else [level.margin]
                axes.errorbar([level.mean], [y], xerr=error, fmt="o", color=COLORS[place % len(COLORS)], markersize=5)
            y += 1 + GAP
        axes.set_yticks([tick for tick, *_ in ticks], [label for _, label, _ in ticks])
        for label, (*_, is_factor) in zip(axes.get_yticklabels(), ticks, strict=True):
            label.set_fontweight("bold" if is_factor else "normal")
        axes.tick_params(axis="y", length=0)
        axes.grid(False, axis="y")
        axes.set_ylim(y - GAP, -0.8)
        axes.set_xlabel(axis(metric))
        named = ", ".join(factor.name for factor in factors)
        return as_svg(figure, f"{axis(metric)} by each value of {named}{on_pictures(about)}")


def draw_heat(means: Mapping[tuple[str, str], float], metric: str, factors: tuple[str, str], about: str = "") -> Markup:
    """SVG of a metric by two factors: a row a value of the first, a column one of the second, from worst to best."""
    rows, columns = (sorted({cell[place] for cell in means}, key=by_number) for place in (0, 1))
    low, high = min(means.values()), max(means.values())
    beside, below = (LETTER * max(len(name) for name in names) for names in (rows, columns))
    with drawing(0.7 + beside + max(0.7, below) * len(columns), 0.8 + 0.3 * len(rows)) as (figure, axes):
        cells = [[means.get((row, column), math.nan) for column in columns] for row in rows]
        colors = colormaps["viridis_r" if metric in LOWER_IS_BETTER else "viridis"]
        axes.pcolormesh(cells, cmap=colors, vmin=low, vmax=high, edgecolor="none")
        for y, row in enumerate(rows):
            for x, column in enumerate(columns):
                value = means.get((row, column))
                if value is not None:
                    red, green, blue, _ = colors((value - low) / (high - low or 1))
                    color = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
                    text = as_text(metric, value)
                    axes.text(x + 0.5, y + 0.5, text, color=color, ha="center", va="center", fontsize=8.5)
        axes.set_xticks([place + 0.5 for place in range(len(columns))], columns)
        axes.set_yticks([place + 0.5 for place in range(len(rows))], rows)
        axes.set(xlabel=factors[1], ylabel=factors[0])
        axes.tick_params(length=0)
        axes.grid(False)
        axes.spines[:].set_visible(False)
        axes.invert_yaxis()
        named = f"{len(rows)} values of {factors[0]} and {len(columns)} of {factors[1]}"
        return as_svg(figure, f"{axis(metric)} by {named}{on_pictures(about)}")


def by_number(word: str) -> list[tuple[int, float, str]]:
    """Orders palette4 before palette16, and 0.5 before 1e3."""
    try:
        return [(0, float(word), "")]
    except ValueError:
        parts = re.split(r"(\d+)", word)
        return [(1, float(part), "") if part.isdecimal() else (2, 0.0, part) for part in parts]
