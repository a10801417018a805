"""The confusion matrix, as a picture and as a table."""

import io
from collections.abc import Sequence

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from torch import Tensor

NAMED = 40  # classes that are called by their names
NUMBERED = 12  # whose cells hold their numbers


def draw_confusion(confusion: Tensor, classes: Sequence[str]) -> bytes:
    """A PNG of how the pictures of each class, a row, are shared out among the classes that they were taken for.

    confusion: int64 (K, K). Shares are colored; with few classes percents stand in the cells.
    """
    count = len(classes)
    shares = (confusion / confusion.sum(1, keepdim=True).clamp(min=1)).numpy()
    side = 2.4 + (0.46 * count if count <= NUMBERED else min(0.24 * count, 7.5))
    figure = Figure(figsize=(side + 0.6, side), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    highest = float(shares.max()) or 1.0
    image = axes.imshow(shares, cmap="viridis", vmin=0, vmax=highest)
    if count <= NUMBERED:
        for row in range(count):
            for column in range(count):
                share = shares[row, column]
                color = "black" if share > 0.6 * highest else "white"
                axes.text(column, row, f"{100 * share:.0f}", color=color, ha="center", va="center", fontsize=8)
    if count <= NAMED:
        axes.set_xticks(range(count), classes, rotation=90, fontsize=8, parse_math=False)
        axes.set_yticks(range(count), classes, fontsize=8, parse_math=False)
    axes.set(xlabel="taken for", ylabel="class")
    figure.colorbar(image, ax=axes, shrink=0.8, label="share of the class's pictures")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
