"""Drawing with matplotlib for a page: SVG that takes the page's own text color and font."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

INK = "#010203"  # stands for the page's text color, which differs between light and dark: nothing else is drawn in it
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


@contextmanager
def drawing(width: float = 5.2, height: float = 3.5) -> Iterator[tuple[Figure, Axes]]:
    """A figure of so many inches and its axes, in the style of the page; everything is to be drawn inside."""
    with rc_context(STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        yield figure, figure.add_subplot()


def as_svg(figure: Figure, alt: str) -> str:
    """The figure as an <svg> to put into a page; `alt` says what it shows to those who don't see it."""
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
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)  # the same in every figure, and nothing refers to them
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    return svg.replace("<svg", f'<svg role="img" aria-label="{escape(alt)}"', 1)


def shown(text: str) -> str:
    """A label that matplotlib shows in a legend, whatever it starts with."""
    return f" {text}" if text.startswith("_") else text
