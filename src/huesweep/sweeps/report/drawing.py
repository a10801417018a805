"""Drawing the trials of a sweep: their curves, and their quality against something else."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.ticker import EngFormatter, LogLocator, MaxNLocator, NullFormatter

from huesweep.metrics.catalog import CEILING, LOWER_IS_BETTER, axis
from huesweep.sweeps.report.canvas import (
    COLORS,
    INK,
    MARKERS,
    as_svg,
    drawing,
    label_of,
    legend_below,
    name_dot,
    on_pictures,
)

MARKED = 8  # points of a curve that have its marker, about
POINTS = 20_000  # of all curves of a figure together
NAMED = 40  # points of a figure that carry their rank, at most; with more, only those on the front do
GRAY = "gray"
USUAL, TALL = 3.5, 4.3  # inches: lines of baselines take room from what is between them
DASHES: tuple[Any, ...] = ("-.", (0, (6, 2)), (0, (3, 1, 1, 1)), (0, (1, 1)))  # of ceilings
LABEL = (0.04, 0.05)  # of a figure's width and height, what a rank takes


class Baseline(NamedTuple):
    """A score that needs no network, and what it is called: gray, or the ceiling of a target. text: as it is shown."""

    label: str
    score: float
    text: str


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


def draw_curves(curves: Sequence[Curve], title: str, about: str = "", baselines: Sequence[Baseline] = ()) -> Markup:
    """SVG of curves over the epochs, best trial first; the first few are colored and named, the rest is gray.

    about: on which pictures, as below, for a page with figures of several.
    """
    with drawing(height=TALL if baselines else USUAL) as (figure, axes):
        kept = max(2, POINTS // max(1, len(curves)))
        for place, curve in enumerate(curves):
            stride = -(-len(curve.points) // kept)
            points = [*curve.points[:-1:stride], curve.points[-1]] if stride > 1 else curve.points
            is_named = place < len(COLORS)
            axes.plot(
                *zip(*points, strict=True),
                label=label_of(curve.label) if is_named else None,
                color=COLORS[place] if is_named else INK,
                alpha=1 if is_named else 0.25,
                linewidth=1.6 if is_named else 0.8,
                linestyle="-" if curve.is_done else "--",
                marker=MARKERS[place] if is_named else "",
                markevery=max(1, len(points) // MARKED),
                markersize=4,
                zorder=2 - place / len(curves),  # the best on top
            )
        _draw_baselines(axes, baselines)
        axes.set(xlabel="epoch", ylabel=title)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        rest = len(curves) - min(len(curves), len(COLORS))
        legend_below(figure, axes, f"and {rest} more, in gray" if rest else None)
        return as_svg(figure, f"Curves of {len(curves)} trials{on_pictures(about)}: {title} over the epochs")


def draw_front(
    dots: Sequence[Dot], cost: str, metric: str, about: str = "", baselines: Sequence[Baseline] = ()
) -> Markup:
    """SVG of quality against cost, with the Pareto front. dots: cost as x, the metric as y, labeled by rank."""
    sign = -1 if metric in LOWER_IS_BETTER else 1
    front = pareto_front([(dot.x, sign * dot.y) for dot in dots])
    with drawing(height=TALL if baselines else USUAL) as (figure, axes):
        on_front = [dots[index] for index in front]
        axes.plot(
            [dot.x for dot in on_front],
            [dot.y for dot in on_front],
            drawstyle="steps-post",
            color=COLORS[1],
            linewidth=1.4,
            label="Pareto front",
        )
        _draw_baselines(axes, baselines)
        _scatter(axes, dots, cost, {dot.label: COLORS[1] for dot in on_front})
        axes.set(xlabel=cost, ylabel=axis(metric))
        axes.margins(0.1, 0.12)
        _spread_out(axes, [dot.x for dot in dots], in_thousands=cost == "parameters")
        _name(axes, [*on_front, *dots] if len(dots) <= NAMED else on_front)
        legend_below(figure, axes)
        named = ", ".join(dot.label for dot in on_front)
        alt = f"{axis(metric)} against {cost} of {len(dots)} trials{on_pictures(about)}; on the Pareto front: {named}"
        return as_svg(figure, alt, [dot.title for dot in dots])


def draw_colorfulness(
    dots: Sequence[Dot], baselines: Sequence[Dot], truths: Mapping[str, float], about: str = ""
) -> Markup:
    """SVG of PSNR against colorfulness. truths: the true pictures' colorfulness, by the data they are from."""
    with drawing() as (figure, axes):
        for place, (data, colorfulness) in enumerate(truths.items()):
            label = "truth" if len(truths) == 1 else label_of(f"truth, {data}")
            axes.axvline(colorfulness, color=COLORS[2], linestyle=("--", ":", "-.")[place % 3], label=label)
        for place, name in enumerate(sorted({dot.label for dot in baselines}, key=lambda name: name == CEILING)):
            found = [dot for dot in baselines if dot.label == name]
            marker, color = "Ds^vP*"[place % 6], COLORS[4] if name == CEILING else INK
            axes.plot(
                *zip(*((dot.x, dot.y) for dot in found), strict=True),
                linestyle="",
                marker=marker,
                color=color,
                alpha=0.7,
                markersize=6,
                label=label_of(name),
            )
        _scatter(axes, dots, "colorfulness", {})
        axes.set(xlabel="colorfulness", ylabel=axis("psnr"))
        axes.margins(0.08, 0.12)
        _name(axes, dots if len(dots) <= NAMED else [])
        legend_below(figure, axes)
        alt = f"PSNR against colorfulness of {len(dots)} trials{on_pictures(about)}, their baselines and the truth"
        return as_svg(figure, alt, [dot.title for dot in dots])


def _draw_baselines(axes: Axes, baselines: Sequence[Baseline]) -> None:
    """Lines across, gray in the page's ink and ceilings in a color of their own."""
    for place, (label, score, text) in enumerate(baselines):
        is_gray = label == GRAY
        axes.axhline(
            score,
            color=INK if is_gray else COLORS[4],
            alpha=0.6 if is_gray else 0.9,
            linewidth=1.2,
            linestyle=":" if is_gray else DASHES[place % len(DASHES)],
            label=label_of(f"{label}, {text}"),
        )


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


def _spread_out(axes: Axes, values: Sequence[float], *, in_thousands: bool) -> None:
    """A logarithmic axis where values range widely. in_thousands: labels like 500k and 2M."""
    if min(values) > 0 and max(values) > 5 * min(values):
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if max(values) < 100 * min(values) else (1,)))
        axes.xaxis.set_minor_formatter(NullFormatter())
    else:
        axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(EngFormatter(sep="") if in_thousands else lambda value, _: f"{value:g}")


def pareto_front(points: Sequence[tuple[float, float]]) -> list[int]:
    """Which of (cost, quality) points are on the front, by rising cost.

    No other point costs as little and is better, or costs less and is as good. Of equal points the first is named.
    """
    front: list[int] = []
    for index in sorted(range(len(points)), key=lambda index: (points[index][0], -points[index][1])):
        if not front or points[index][1] > points[front[-1]][1]:
            front.append(index)
    return front
