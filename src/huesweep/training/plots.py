"""Pictures about a run, as PNG bytes: its curves, its grid of pictures, its palette."""

import io
import math
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from huesweep.color.spaces import to_bytes
from huesweep.metrics.catalog import CATALOG, HEADLINES, axis

GAP, HEADER = 6, 26  # of a grid, in pixels
PANEL = 3.4, 2.8  # of curves, in inches
SIDE = 96  # pixels that a cell's longer side takes at least, so that titles have room
PANELS = {  # by title, the columns of the history that belong into it
    "loss": ("train/loss", "val/loss", "test/loss"),
    **{
        axis(name): tuple(
            f"{split}/{other.name}"
            for split in ("val", "test")
            for other in CATALOG.values()
            if name in (other.name, other.beside)
        )
        for name in HEADLINES
    },
}


def draw_curves(rows: Sequence[dict[str, float]]) -> bytes:
    """A PNG with a panel each for the losses and the metrics that are always shown, over the epochs."""
    panels = [(title, [name for name in names if any(name in row for row in rows)]) for title, names in PANELS.items()]
    panels = [(title, names) for title, names in panels if names]
    width = PANEL[0] * max(1, len(panels))
    figure = Figure(figsize=(width, PANEL[1]), dpi=110)
    FigureCanvasAgg(figure)
    # Margins in inches: having them found takes as long again as drawing.
    figure.subplots_adjust(0.75 / width, 0.17, 1 - 0.1 / width, 0.89, wspace=0.28)
    for index, (title, names) in enumerate(panels):
        axes = figure.add_subplot(1, len(panels), index + 1)
        for name in names:
            points = [(row["epoch"], row[name]) for row in rows if name in row]
            axes.plot(*zip(*points, strict=True), marker="." if len(points) < 30 else "", label=name)
        axes.set(title=title, xlabel="epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:.5g}")  # never an offset, which nobody adds
        axes.grid(alpha=0.3)
        axes.legend(fontsize=8)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def draw_grid(columns: dict[str, Tensor]) -> bytes:
    """A PNG with a picture a cell, a column a title, a row an example.

    columns: title to pictures (N, 3, H, W), float in [0, 1]; those smaller than SIDE are enlarged by a whole factor,
    without smoothing.
    """
    count, _, height, width = next(iter(columns.values())).shape
    cell = _cell(height, width)
    sheet = Image.new("RGB", ((cell[0] + GAP) * len(columns) + GAP, HEADER + (cell[1] + GAP) * count), "white")
    pen = ImageDraw.Draw(sheet)
    for column, (title, pictures) in enumerate(columns.items()):
        left = GAP + column * (cell[0] + GAP)
        pen.text((left + cell[0] / 2, HEADER / 2), title, "black", ImageFont.load_default(13), anchor="mm")
        for row, picture in enumerate(pictures):
            sheet.paste(as_picture(picture), (left, HEADER + row * (cell[1] + GAP)))
    return as_png(sheet)


def draw_rows(kinds: dict[str, Tensor]) -> bytes:
    """As draw_grid, with a row a title and a column an example: titles stand at the left."""
    count, _, height, width = next(iter(kinds.values())).shape
    cell = _cell(height, width)
    font = ImageFont.load_default(13)
    margin = GAP + max(math.ceil(font.getlength(title)) for title in kinds) + GAP
    size = margin + (cell[0] + GAP) * count, (cell[1] + GAP) * len(kinds) + GAP
    sheet = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(sheet)
    for row, (title, pictures) in enumerate(kinds.items()):
        top = GAP + row * (cell[1] + GAP)
        pen.text((margin - GAP, top + cell[1] / 2), title, "black", font, anchor="rm")
        for column, picture in enumerate(pictures):
            sheet.paste(as_picture(picture), (margin + column * (cell[0] + GAP), top))
    return as_png(sheet)


def as_picture(picture: Tensor) -> Image.Image:
    """A picture, (3, H, W) float in [0, 1], enlarged by a whole factor to SIDE at least, without smoothing."""
    pixels = Image.fromarray(to_bytes(picture).permute(1, 2, 0).cpu().numpy())
    return pixels.resize(_cell(*picture.shape[1:]), Image.Resampling.NEAREST)


def _cell(height: int, width: int) -> tuple[int, int]:
    factor = -(-SIDE // max(height, width))
    return width * factor, height * factor


def beside(pictures: Sequence[Image.Image]) -> Image.Image:
    """Pictures of one size beside each other."""
    width, height = pictures[0].size
    row = Image.new("RGB", ((width + GAP) * len(pictures) - GAP, height), "white")
    for number, picture in enumerate(pictures):
        row.paste(picture, (number * (width + GAP), 0))
    return row


def as_png(picture: Image.Image) -> bytes:
    """A picture as the content of a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, format="png")
    return buffer.getvalue()


def draw_palette(colors: Tensor, side: int = 24) -> bytes:
    """A PNG strip of a palette's colors, (K, 3) RGB in [0, 1], at most 32 a row."""
    levels = to_bytes(colors).cpu().numpy()
    columns = min(32, len(levels))
    rows = -(-len(levels) // columns)
    cells = np.full((rows * columns, 3), 255, np.uint8)
    cells[: len(levels)] = levels
    strip = cells.reshape(rows, columns, 3).repeat(side, axis=0).repeat(side, axis=1)
    return as_png(Image.fromarray(strip))
