"""What the figures of a page have in common: SVG that takes the page's own text color and font."""

import io
import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from markupsafe import Markup, escape
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

# After Okabe & Ito 2008, who chose for the color-blind; and markers, since some remain alike on paper.
COLORS = ("#0079c1", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#56b4e9", "#8a7400", "#7f7f7f")
MARKERS = "os^Dv<>P"
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
    labels = [_in_lines(label) for label in labels]
    width, height = figure.get_size_inches()
    longest = max((len(line) for label in labels for line in label.split("\n")), default=1)
    columns = max(1, min(4, int(width / (LETTER * longest + HANDLE))))
    lines = -(-sum(label.count("\n") + 1 for label in labels) // columns) + (title is not None)
    figure.set_size_inches(width, height + LINE * max(0, lines - 2))
    figure.legend(handles, labels, loc="outside lower left", ncols=columns, title=title)


def _in_lines(label: str) -> str:
    """A label in as many lines as it takes."""
    return "\n".join(textwrap.wrap(label, LONGEST, drop_whitespace=False)) or label


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
    with rc_context({"svg.hashsalt": alt}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # the page's own fonts may have it
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


def on_pictures(about: str) -> str:
    return f" on {about}" if about else ""


def label_of(text: str) -> str:
    """A label that matplotlib shows in a legend, whatever it starts with."""
    return f" {text}" if text.startswith("_") else text
