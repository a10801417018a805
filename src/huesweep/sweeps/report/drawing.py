"""Drawing the figures of a sweep as SVG that takes the page's own text color and font."""

import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from markupsafe import Markup, escape
from matplotlib import colormaps, rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullFormatter

from huesweep.metrics.catalog import LOWER_IS_BETTER, as_text, axis

COLORS = ("#3b82c4", "#e07b22", "#2f9e62", "#d1495b", "#8a63c9", "#12a0a8", "#a8763e", "#c2559d")
POINTS = 20_000  # of all curves of a figure together
NAMED = 40  # points of a figure that carry their rank, at most; with more, only those on the front do
LABEL = (0.04, 0.05)  # of a figure's width and height, what a rank takes
INK = "#010203"  # stands for the page's text color, which differs between light and dark: nothing else is drawn in it
LETTER = 0.085  # inches that one takes at most
HANDLE, LINE = 0.6, 0.18  # inches that a legend takes beside a label and for a line
LONGEST = 54  # letters of a label in a legend
STYLE: dict[Any, Any] = {
    **dict.fromkeys(("text.color", "axes.edgecolor", "axes.labelcolor", "xtick.color", "ytick.color"), INK),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": INK,
    "grid.alpha": 0.15,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "font.size": 9.5,
    "svg.fonttype": "none",
    "text.parse_math": False,  # names are no formulas
}


class Curve(NamedTuple):
    """A trial's course: (epoch, value) points; whether the trial finished."""

    label: str
    points: list[tuple[float, float]]
    is_done: bool


class Dot(NamedTuple):
    """A trial, or a baseline, in a plane.

    label: of a trial, its rank. title: what it shows when it is pointed at. trial: its number on the page, if not rank.
    """

    label: str
    x: float
    y: float
    title: str = ""
    trial: str = ""


def draw_curves(curves: Sequence[Curve], title: str, about: str = "") -> Markup:
    """SVG of curves over the epochs, best trial first; the first few are colored and named, the rest is gray.

    about: on which pictures, as below, for a page with figures of several.
    """
    with drawing() as (figure, axes):
        kept = max(2, POINTS // max(1, len(curves)))
        for place, curve in enumerate(curves):
            stride = -(-len(curve.points) // kept)
            points = [*curve.points[:-1:stride], curve.points[-1]] if stride > 1 else curve.points
            is_named = place < len(COLORS)
            axes.plot(
                *zip(*points, strict=True),
                label=_shown(curve.label) if is_named else None,
                color=COLORS[place] if is_named else INK,
                alpha=1 if is_named else 0.25,
                linewidth=1.6 if is_named else 0.8,
                linestyle="-" if curve.is_done else "--",
                marker="o" if len(points) < 3 else "",
                markersize=3.5,
                zorder=2 - place / len(curves),  # the best on top
            )
        axes.set(xlabel="epoch", ylabel=title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        rest = len(curves) - min(len(curves), len(COLORS))
        legend_below(figure, axes, f"and {rest} more, in gray" if rest else None)
        return as_svg(figure, f"Curves of {len(curves)} trials{_on(about)}: {title} over the epochs")


def draw_front(dots: Sequence[Dot], cost: str, metric: str, about: str = "") -> Markup:
    """SVG of quality against cost, with the Pareto front. dots: cost as x, the metric as y, labeled by rank."""
    sign = -1 if metric in LOWER_IS_BETTER else 1
    front = pareto_front([(dot.x, sign * dot.y) for dot in dots])
    with drawing() as (figure, axes):
        on_front = [dots[index] for index in front]
        axes.plot(
            [dot.x for dot in on_front],
            [dot.y for dot in on_front],
            drawstyle="steps-post",
            color=COLORS[1],
            linewidth=1.4,
            label="Pareto front",
        )
        _scatter(axes, dots, cost, {dot.label: COLORS[1] for dot in on_front})
        axes.set(xlabel=cost, ylabel=axis(metric))
        axes.margins(0.1, 0.12)
        _spread_out(axes, [dot.x for dot in dots])
        _name(axes, [*on_front, *dots] if len(dots) <= NAMED else on_front)
        axes.legend(loc="best")
        named = ", ".join(dot.label for dot in on_front)
        alt = f"{axis(metric)} against {cost} of {len(dots)} trials{_on(about)}; on the Pareto front: {named}"
        return as_svg(figure, alt, [dot.title for dot in dots])


def draw_heat(means: Mapping[tuple[str, str], float], metric: str, about: str = "") -> Markup:
    """SVG of a metric by (model, target): a row a model, a column a target, colored from worst to best."""
    models = list(dict.fromkeys(model for model, _ in means))
    targets = sorted({target for _, target in means}, key=_by_number)
    low, high = min(means.values()), max(means.values())
    beside, below = (LETTER * max(len(name) for name in names) for names in (models, targets))
    with drawing(0.5 + beside + max(0.7, below) * len(targets), 0.6 + 0.3 * len(models)) as (figure, axes):
        cells = [[means.get((model, target), math.nan) for target in targets] for model in models]
        colors = colormaps["viridis_r" if metric in LOWER_IS_BETTER else "viridis"]
        axes.pcolormesh(cells, cmap=colors, vmin=low, vmax=high, edgecolor="none")
        for row, model in enumerate(models):
            for column, target in enumerate(targets):
                value = means.get((model, target))
                if value is not None:
                    red, green, blue, _ = colors((value - low) / (high - low or 1))
                    color = "black" if 0.299 * red + 0.587 * green + 0.114 * blue > 0.5 else "white"
                    text = as_text(metric, value)
                    axes.text(column + 0.5, row + 0.5, text, color=color, ha="center", va="center", fontsize=8.5)
        axes.set_xticks([column + 0.5 for column in range(len(targets))], targets)
        axes.set_yticks([row + 0.5 for row in range(len(models))], models)
        axes.tick_params(length=0)
        axes.grid(False)
        axes.spines[:].set_visible(False)
        axes.invert_yaxis()
        return as_svg(figure, f"{axis(metric)} of {len(models)} models with {len(targets)} targets{_on(about)}")


def draw_colorfulness(
    dots: Sequence[Dot], baselines: Sequence[Dot], truths: Mapping[str, float], about: str = ""
) -> Markup:
    """SVG of PSNR against colorfulness. truths: the true pictures' colorfulness, by the data they are from."""
    with drawing() as (figure, axes):
        for place, (data, colorfulness) in enumerate(truths.items()):
            label = "truth" if len(truths) == 1 else _shown(f"truth, {data}")
            axes.axvline(colorfulness, color=COLORS[2], linestyle=("--", ":", "-.")[place % 3], label=label)
        for place, name in enumerate(sorted({dot.label for dot in baselines}, key=lambda name: name == "ceiling")):
            found = [dot for dot in baselines if dot.label == name]
            marker, color = "Ds^vP*"[place % 6], COLORS[4] if name == "ceiling" else INK
            axes.plot(
                *zip(*((dot.x, dot.y) for dot in found), strict=True),
                linestyle="",
                marker=marker,
                color=color,
                alpha=0.7,
                markersize=6,
                label=_shown(name),
            )
        _scatter(axes, dots, "colorfulness", {})
        axes.set(xlabel="colorfulness", ylabel=axis("psnr"))
        axes.margins(0.08, 0.12)
        _name(axes, dots if len(dots) <= NAMED else [])
        legend_below(figure, axes)
        alt = f"PSNR against colorfulness of {len(dots)} trials{_on(about)}, their baselines and the truth"
        return as_svg(figure, alt, [dot.title for dot in dots])


def _scatter(axes: Axes, dots: Sequence[Dot], against: str, colors: Mapping[str, str]) -> None:
    """Draw trials one by one, so that each can light up. colors: of those that don't have the usual one, by label."""
    style: dict[str, Any] = {"markersize": 6.5, "markeredgewidth": 0, "alpha": 0.85}  # an edge is for what is lit
    for dot in dots:
        (drawn,) = axes.plot(dot.x, dot.y, "o", color=colors.get(dot.label, COLORS[0]), **style)
        drawn.set_gid(name_dot(against, dot.trial or dot.label))


def _name(axes: Axes, dots: Sequence[Dot]) -> None:
    """Write labels beside dots, the first ones first; those that would cover another are left out."""
    axes.autoscale_view()
    in_axes = axes.transData - axes.transAxes
    taken: list[tuple[float, float]] = []
    for dot in dict.fromkeys(dots):
        left, low = in_axes.transform((dot.x, dot.y))
        if all(abs(left - x) > LABEL[0] or abs(low - y) > LABEL[1] for x, y in taken):
            taken.append((left, low))
            axes.annotate(dot.label, (dot.x, dot.y), (4, 4), textcoords="offset points", fontsize=8)


def _spread_out(axes: Axes, values: Sequence[float]) -> None:
    """A logarithmic axis where values range widely; in either case with labels like 500k and 2M."""
    if min(values) > 0 and max(values) > 5 * min(values):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if max(values) < 100 * min(values) else (1,)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))


def _by_number(word: str) -> list[tuple[int, str]]:
    """Orders palette4 before palette16."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", word)]


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Which of (cost, quality) points are on the front, by rising cost.

    No other point costs as little and is better, or costs less and is as good. Of equal points the first is named.
    """
    front: list[int] = []
    for index in sorted(range(len(points)), key=lambda index: (points[index][0], -points[index][1])):
        if not front or points[index][1] > points[front[-1]][1]:
            front.append(index)
    return front


@contextmanager
def drawing(width: float = 5.2, height: float = 3.5) -> Iterator[tuple[Figure, Axes]]:
    """A figure of so many inches and its axes, in the style of the page; everything is to be drawn inside."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.add_subplot()


def legend_below(figure: Figure, axes: Axes, title: str | None = None) -> None:
    """A legend in as many columns as its labels leave room for, below the axes, which keep their size."""
    handles, labels = axes.get_legend_handles_labels()
    labels = [label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…" for label in labels]
    width, height = figure.get_size_inches()
    columns = max(1, min(4, int(width / (LETTER * max(map(len, labels), default=1) + HANDLE))))
    lines = -(-len(labels) // columns) + (title is not None)
    figure.set_size_inches(width, height + LINE * max(0, lines - 2))
    figure.legend(handles, labels, loc="outside lower left", ncols=columns, title=title)


def name_dot(figure: str, trial: str) -> str:
    """What a trial's dot is to be called in matplotlib, so that as_svg knows it. trial: its number on the page."""
    return f"dot-{re.sub('[^a-z]+', '-', figure)}-{trial}"


def as_svg(figure: Figure, alt: str, titles: Sequence[str] = ()) -> Markup:
    """The figure as an <svg> to put into a page; `alt` says what it shows to those who don't see it.

    titles: of the dots that are named, in the order in which they were drawn; the page's script lights them up, and
    moves the focus among them.
    """
    text = io.StringIO()
    # The salt keeps what is named inside one figure apart from the others of a page, and the same in every run.
    with rc_context({"svg.hashsalt": alt}):
        figure.savefig(
            text, format="svg", transparent=True, metadata=dict.fromkeys(("Date", "Creator", "Format", "Type"))
        )
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].replace(INK, "currentColor")
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)  # would hold for the whole page
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r'<g id="(?!dot-)[^"]*"', "<g", svg)  # the same in every figure, and nothing refers to them
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    rest = iter(titles)

    def named(found: re.Match[str]) -> str:
        title, order = escape(next(rest)), "0" if found.start() == first else "-1"
        about = f'class="dot" data-trial="{found[2]}" tabindex="{order}" role="img" aria-labelledby="{found[1]}-title"'
        return f'<g id="{found[1]}" {about}><title id="{found[1]}-title">{title}</title>'

    first = svg.find('<g id="dot-')
    svg = re.sub(r'<g id="(dot-[a-z-]+-(\d+))">', named, svg)
    role = "group" if titles else "img"
    return Markup(svg.replace("<svg", f'<svg role="{role}" aria-label="{escape(alt)}"', 1))


def _on(about: str) -> str:
    return f" on {about}" if about else ""


def _shown(text: str) -> str:
    """A label that matplotlib shows in a legend, whatever it starts with."""
    return f" {text}" if text.startswith("_") else text
