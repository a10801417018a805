"""What went wrong in the Rutgers study's pictures, counted: in its network, and in how it saved what that gave."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from huesweep.color.spaces import to_float
from huesweep.colorizer.colorizer import Colorizer
from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.io.tables import as_csv, as_markdown_table
from huesweep.studies.collecting import RESULTS
from huesweep.studies.study import Row
from huesweep.studies.tables import grouped, mean_of, read_rows
from huesweep.studies.writing import as_png
from huesweep.sweeps.results import Result
from huesweep.sweeps.table import cell_text
from huesweep.training.assembly import make_source
from huesweep.training.folder import TrialFolder

LUMINANCE = np.array([0.21, 0.72, 0.07])  # the study's
DARK = 10  # levels
GAUGES = {6.0e5: "gray pictures", 3.65e6: "the mean training picture", 1.41e7: "all black"}  # sums of squares a picture
WISHED = {  # what the wishes change, and the columns that may tell it: a name is as short as a sweep's others let it be
    "pictures": ("train", "data.train"),
    "rate": ("lr", "optimizer.lr"),
    "decay": ("decay", "optimizer.decay"),
    "side": ("data.size", "size"),
    "hidden layers": ("hidden", "decoder.hidden"),
    "start": ("decoder.start", "start"),
}
ROWS = ("truth, saved right", "truth, saved their way", "network, saved right", "network, saved their way")


class Failures(NamedTuple):
    """The failures that the study names, in pictures beside the true ones.

    correlation: of luminance with the truth's, mean over pictures: lost shapes make it 0. columns: the share of the
    variance of luminance that lies between columns, mean over pictures: 1 for nothing but vertical stripes. dark: share
    of pixels whose mean level is below 10: blackness.
    """

    correlation: float
    columns: float
    dark: float


def saved_right(levels: np.ndarray) -> np.ndarray:
    """Levels, (N, H, W, 3) of any type, rounded to bytes."""
    return np.clip(np.round(levels), 0, 255).astype(np.uint8)


def saved_their_way(levels: np.ndarray) -> np.ndarray:
    """What the study's picture files show of levels: the first bytes of them as 64-bit floats, as bytes (N, H, W, 3).

    It gave arrays of floats to Pillow, `Image.fromarray(levels, "RGB")`, which takes memory as it lies there. levels:
    (N, H, W, 3) of any type, from 0 to 255; of a network that computed in 64 bits, as theirs did: fewer leave bytes 0.
    """
    whole = np.ascontiguousarray(levels, dtype="<f8").reshape(len(levels), -1)
    return whole.view(np.uint8)[:, : whole.shape[1]].reshape(levels.shape)


def count_failures(pictures: np.ndarray, truth: np.ndarray) -> Failures:
    """Both: levels from 0 to 255, (N, H, W, 3). A picture of one luminance counts as no correlation and no columns."""
    seen, true = pictures @ LUMINANCE, truth @ LUMINANCE
    correlations = [_correlation(a, b) for a, b in zip(seen, true, strict=True)]
    between, whole = seen.mean(1).var(1), seen.var((1, 2))
    columns = np.divide(between, whole, out=np.zeros_like(whole), where=whole > 0)
    dark = pictures.mean(-1) < DARK
    return Failures(float(np.mean(correlations)), float(columns.mean()), float(dark.mean()))


def failures_by_saving(truth: np.ndarray, predicted: np.ndarray) -> dict[str, Failures]:
    """The failures of true pictures and of a network's, by ROWS. Both: as saved_their_way takes them."""
    shown = _in_rows(truth, predicted)
    return {name: count_failures(pictures, saved_right(truth)) for name, pictures in shown.items()}


def draw_saving(truth: np.ndarray, predicted: np.ndarray, count: int = 5) -> Figure:
    """The first `count` pictures by four ways: even true pictures get the stripes when they are saved their way.

    Both: as saved_their_way takes them; the numbers under the figure are of all of them.
    """
    shown, counted = _in_rows(truth, predicted), failures_by_saving(truth, predicted)
    figure = Figure(figsize=(1.15 * count + 2.6, 5.9), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    figure.suptitle("The stripes come from saving: true pictures get them too", fontsize=13, fontweight="bold")
    grid = figure.subplots(len(ROWS), count, squeeze=False)
    for row, name in enumerate(ROWS):
        for place, axes in enumerate(grid[row]):
            axes.imshow(shown[name][place], interpolation="nearest")
            axes.set(xticks=[], yticks=[])
        title = f"{name.replace(', ', chr(10))}\n{counted[name].columns:.0%} of variance\nbetween columns"
        grid[row, 0].set_ylabel(title, rotation=0, ha="right", va="center", fontsize=9)
    return figure


def _in_rows(truth: np.ndarray, predicted: np.ndarray) -> dict[str, np.ndarray]:
    ways = [save(levels) for levels in (truth, predicted) for save in (saved_right, saved_their_way)]
    return dict(zip(ROWS, ways, strict=True))


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1]) if a.std() > 0 and b.std() > 0 else 0.0


def gather(results: Sequence[Result], folder: Path) -> None:
    """Write failures.csv and saving.png, of the main network with the first seed, on the test pictures."""
    main = next((result for result in results if result["sweep"] == "rutgers" and result["seed"] == 0), None)
    if main is None:
        return
    colorizer = Colorizer.load(TrialFolder(Path(main["folder"])).best).double()
    pictures = make_source(main["config"]["data"]).load("test").pictures
    with torch.inference_mode():
        predicted = 255 * colorizer.predict(to_float(pictures).double())
    truth, levels = (values.permute(0, 2, 3, 1).double().numpy() for values in (pictures, predicted))
    rows = [{"picture": name, **found._asdict()} for name, found in failures_by_saving(truth, levels).items()]
    write_text_atomically(folder / "failures.csv", as_csv(rows))
    png = as_png(draw_saving(truth, levels))
    write_atomically(folder / "saving.png", lambda file: file.write(png))


def further(folder: Path) -> str:
    """The tables of failures and of wishes, in Markdown."""
    return "\n".join(part for part in (_failures(folder), wishes(read_rows(folder / RESULTS))) if part)


def wishes(rows: Sequence[Row]) -> str:
    """A table of what each of the study's wishes buys its main network: psnr, beside that and gray of its pictures."""
    kinds = [row for row in grouped(rows) if row.get("sweep") == "rutgers_wishes"]
    if not kinds:
        return ""
    values = {name: [_first(row, columns) for row in kinds] for name, columns in WISHED.items()}
    usual = {name: max(found, key=found.count) for name, found in values.items()}
    cells = []
    for row in sorted(kinds, key=lambda row: -(row.get("psnr") or 0)):
        found = {name: _first(row, columns) for name, columns in WISHED.items()}
        wished = [f"{name} {value}" for name, value in found.items() if value != usual[name]]
        told = ", ".join(wished) or "none, the network as it was"
        gray = _gray_beside(rows, row)
        cells.append([told, f"{row['n']}", cell_text("psnr", row.get("psnr")), "" if gray is None else f"{gray:.2f}"])
    return f"**What the wishes buy**\n\n{as_markdown_table(['wish', 'n', 'psnr', 'gray'], cells)}"


def _gray_beside(rows: Sequence[Row], row: Row) -> float | None:
    """The psnr of gray on the pictures that a row is of."""
    return mean_of(rows, "psnr", model="gray", **({"pictures": row["pictures"]} if "pictures" in row else {}))


def _first(row: Row, columns: Sequence[str]) -> str:
    """What a row has in the first of some columns that it has; `all` for no limit."""
    value = next((row[name] for name in columns if name in row), "")
    return "all" if value == "null" else str(value)


def _failures(folder: Path) -> str:
    path = folder / "failures.csv"
    if not path.exists():
        return ""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            [row["picture"], *(f"{float(row[name]):.3f}" for name in Failures._fields)] for row in csv.DictReader(file)
        ]
    headings = ["", "correlation of luminance", "variance between columns", "pixels under 10"]
    return f"**What the study calls failures, counted**\n\n{as_markdown_table(headings, rows)}"


def answer(rows: Sequence[Row]) -> str:
    """What the convolutional network has beside gray, with as many pictures and with all."""
    main = next((row for row in rows if row.get("sweep") == "rutgers"), {})
    gray = _gray_beside(rows, main)
    ours = {train: mean_of(rows, "psnr", sweep="rutgers_ours", train=train) for train in (100, "null")}
    theirs = mean_of(rows, "psnr", sweep="rutgers")
    if gray is None or theirs is None or None in ours.values():
        return ""
    return (
        f"Leaving the pictures gray scores {gray:.2f} dB, the main network {theirs:.2f}; `unet_s` has "
        f"{ours[100]:.2f} dB from the same 100 pictures and {ours['null']:.2f} from all.\n"
    )


def figures(_: Sequence[Row], curves: Sequence[Row]) -> dict[str, tuple[Figure, str]]:
    """The main network's loss per picture over the passes, as the study shows it."""
    figure = Figure(figsize=(7, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for name, color in (("train/loss", "tab:blue"), ("test/loss", "tab:orange")):
        for seed in sorted({row["seed"] for row in curves if row["sweep"] == "rutgers"}):
            points = [row for row in curves if (row["sweep"], row["seed"]) == ("rutgers", seed)]
            label = name.replace("/", " ") if seed == 0 else None
            axes.plot([row["epoch"] for row in points], [row[name] for row in points], color=color, lw=1, label=label)
    for loss, about in GAUGES.items():
        axes.axhline(loss, color="gray", lw=1, linestyle=":")
        axes.annotate(about, (110, loss), va="bottom", fontsize=8)  # where no curve is near
    axes.set(xlabel="pass", ylabel="sum of squares a picture", yscale="log", title="Main network, three seeds")
    axes.legend(fontsize=8)
    caption = "Loss of the main network over its 300 passes, and what pictures score that nobody had to train."
    return {"loss.png": (figure, caption)}
