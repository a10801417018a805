"""The Toronto assignment's networks beside ours, and what convolution is for: a picture moves, the maps move along."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from matplotlib.figure import Figure
from torch import Tensor, nn

from huesweep.color.spaces import to_float
from huesweep.colorizer.colorizer import Colorizer
from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.io.tables import as_csv, as_markdown_table
from huesweep.metrics.catalog import as_text
from huesweep.models.network import count_parameters
from huesweep.studies.study import Row
from huesweep.studies.tables import mean_of, read_rows
from huesweep.studies.writing import as_png
from huesweep.sweeps.results import Result
from huesweep.training.assembly import make_source
from huesweep.training.folder import TrialFolder

MOVES = (4, 8, 12)  # pixels: the network halves sides twice, so that only multiples of 4 move its coarsest map whole
CANVAS = 96  # side of the gray canvas on which the picture moves
BACKGROUND = 0.5
MARGIN = 20  # pixels along the borders that are left out: more than half of the CNN's receptive field, 34
INSIDE = slice(MARGIN, CANVAS - MARGIN)
HIDDEN = 4  # units of the dense network, which has about as many weights as the CNN
SHOWN = (1, 25)  # epochs of which pictures are kept
ORIGINALS = ("toronto_cnn", "toronto_unet")
TRANSLATION = "translation"


class Moved(NamedTuple):
    """What networks give for a picture that has moved by some pixels. error: see error_of; outputs: (H, W) each."""

    pixels: int
    input: Tensor
    cnn: Tensor
    dense: Tensor
    cnn_error: float
    dense_error: float


def dense_network(side: int) -> nn.Module:
    """Fully connected, one hidden layer, from (N, 1, side, side) to alike, with drawn weights."""
    size = side * side
    generator = torch.Generator().manual_seed(0)
    layers = nn.Linear(size, HIDDEN), nn.Linear(HIDDEN, size)
    with torch.no_grad():
        for layer in layers:
            layer.weight.normal_(0, layer.in_features**-0.5, generator=generator)
            layer.bias.zero_()
    return nn.Sequential(nn.Flatten(), layers[0], nn.Tanh(), layers[1], nn.Unflatten(1, (1, side, side)))


def on_canvas(gray: Tensor, moved: int) -> Tensor:
    """A picture, (1, 1, h, w) in [0, 1], on a canvas, so many pixels to the right of its middle. Gives (1, 1, H, W)."""
    canvas = torch.full((1, 1, CANVAS, CANVAS), BACKGROUND, dtype=gray.dtype)
    height, width = gray.shape[-2:]
    top, left = (CANVAS - height) // 2, (CANVAS - width) // 2 + moved
    canvas[..., top : top + height, left : left + width] = gray
    return canvas


def error_of(before: Tensor, after: Tensor, moved: int) -> float:
    """How far what a network gives for a moved picture is from what it gave before, moved along; away from borders.

    Both: (1, C, H, W). The mean absolute difference, over the standard deviation of what it gave before.
    """
    across = slice(MARGIN + moved, CANVAS - MARGIN)
    expected, found = before.roll(moved, dims=-1)[..., INSIDE, across], after[..., INSIDE, across]
    return float((found - expected).abs().mean() / expected.std())


@torch.inference_mode()
def translate(network: Callable[[Tensor], Tensor], gray: Tensor) -> list[Moved]:
    """What a network and a dense one of like size give for a picture, (1, 1, h, w), at its place and moved.

    network: in evaluation mode. The map that is shown is the output that varies most over the canvas.
    """
    dense = dense_network(CANVAS).to(gray.dtype).eval()
    start = on_canvas(gray, 0)
    before, dense_before = network(start), dense(start)
    channel = int(before.flatten(2).std(2).argmax())
    found = []
    for pixels in (0, *MOVES):
        moved = on_canvas(gray, pixels)
        after, dense_after = network(moved), dense(moved)
        errors = error_of(before, after, pixels), error_of(dense_before, dense_after, pixels)
        found.append(Moved(pixels, moved[0, 0], after[0, channel], dense_after[0, 0], *errors))
    return found


def draw_translation(moved: Sequence[Moved]) -> Figure:
    """A column a move: the picture, what the CNN gives, what the dense network gives."""
    figure = Figure(figsize=(1.9 * len(moved) + 1.4, 6.2), layout="constrained")
    figure.suptitle("Moved by multiples of 4: a CNN's map moves along, a dense network's does not", fontsize=11)
    rows = ("picture", "CNN", "dense")
    for row, axes_of_row in enumerate(figure.subplots(len(rows), len(moved), squeeze=False)):
        for one, axes in zip(moved, axes_of_row, strict=True):
            axes.imshow((one.input, one.cnn, one.dense)[row][INSIDE, INSIDE], cmap="gray" if row == 0 else "viridis")
            axes.set(xticks=[], yticks=[])
            error = ("", f"error {one.cnn_error:.1e}", f"error {one.dense_error:.2f}")[row]
            title = f"moved by {one.pixels}" if row == 0 else error
            axes.set_title(title if one.pixels else "at its place", fontsize=9)
        axes_of_row[0].set_ylabel(rows[row], fontsize=10)
    return figure


def gather(results: Sequence[Result], folder: Path) -> None:
    """Keep how a CNN of kernels of 3, with the first seed, and a dense network follow a picture that moves."""
    main = next((result for result in results if _is_main(result, "toronto_cnn")), None)
    if main is None:
        return
    colorizer = Colorizer.load(TrialFolder(Path(main["folder"])).best).double()
    picture = make_source(main["config"]["data"]).load("test").pictures[:1]
    moved = translate(colorizer, colorizer.task.input(to_float(picture).double()))
    sizes = {"cnn": count_parameters(colorizer.network), "dense": count_parameters(dense_network(CANVAS))}
    rows = [
        {"network": name, "parameters": sizes[name], "pixels": one.pixels, "error": float(f"{error:.3g}")}
        for one in moved[1:]
        for name, error in (("cnn", one.cnn_error), ("dense", one.dense_error))
    ]
    write_text_atomically(folder / f"{TRANSLATION}.csv", as_csv(rows))
    png = as_png(draw_translation(moved))
    write_atomically(folder / f"{TRANSLATION}.png", lambda file: file.write(png))


def further(folder: Path) -> str:
    """The table and the figure of pictures that move, and pictures of the first and the last epoch."""
    parts = []
    rows = read_rows(folder / f"{TRANSLATION}.csv")
    if rows:
        headings = ["network", "parameters", *(f"moved by {pixels}" for pixels in MOVES)]
        cells = [
            [name, f"{of_name[0]['parameters']:,}", *(f"{row['error']:.2g}" for row in of_name)]
            for name, of_name in ((name, [row for row in rows if row["network"] == name]) for name in ("cnn", "dense"))
        ]
        about = "What is given for a picture that has moved, against what was given before, moved along"
        parts.append(f"{about}: mean difference in standard deviations, away from borders.\n")
        parts.append(as_markdown_table(headings, cells))
        parts.append(f"![A picture moves; the CNN's map moves along]({TRANSLATION}.png)\n")
    for model in ORIGINALS:
        names = {epoch: f"{model}-{epoch:03d}.png" for epoch in SHOWN}
        if all((folder / name).exists() for name in names.values()):
            parts.append(f"`{model}` after epochs {SHOWN[0]} and {SHOWN[1]}:\n")
            grids = "gray, predicted, palette truth and original"
            shown = [f"![{model}, epoch {epoch}: {grids}]({name})" for epoch, name in names.items()]
            parts.append(" ".join(shown) + "\n")
    return "\n".join(parts)


def pictures(results: Sequence[Result]) -> dict[str, Path]:
    """Grids of both networks, kernels of 3 and the first seed, after the first and the last epoch."""
    return {
        f"{model}-{epoch:03d}.png": Path(result["folder"]) / "pictures" / f"epoch-{epoch:04d}.png"
        for model in ORIGINALS
        for result in results
        if _is_main(result, model)
        for epoch in SHOWN
    }


def _is_main(result: Result, model: str) -> bool:
    encoder = result["config"].get("model", {}).get("encoder", {})
    is_it = (result["sweep"], result["seed"], encoder.get("kernel")) == ("toronto", 0, 3)
    return is_it and str(result["config"]["model"].get("name")) == model


def answer(rows: Sequence[Row]) -> str:
    """Ours beside the better of theirs in coloring, and beside interpolation in enlarging."""
    parts = []
    theirs = [value for model in ORIGINALS if (value := mean_of(rows, "cross_entropy", sweep="toronto", model=model))]
    ours = mean_of(rows, "cross_entropy", sweep="toronto_ours")
    if theirs and ours:
        best = as_text("cross_entropy", min(theirs))
        parts.append(
            f"Coloring: `unet_s` has a cross-entropy of {as_text('cross_entropy', ours)} after ten epochs, the better "
            f"of the assignment's networks {best} after 25."
        )
    bicubic = mean_of(rows, "psnr", model="bicubic")
    enlarged = mean_of(rows, "psnr", sweep="toronto_enlarging_ours")
    if bicubic and enlarged:
        name = next(row["model"] for row in rows if row.get("sweep") == "toronto_enlarging_ours").partition("-")[0]
        parts.append(
            f"Enlarging by 4: `{name}` has {as_text('psnr', enlarged)} dB, {enlarged - bicubic:+.2f} dB from bicubic "
            f"interpolation's {as_text('psnr', bicubic)}."
        )
    return " ".join(parts) + "\n" if parts else ""
