"""What went wrong in the Rutgers study's pictures, counted: in its network, and in how it saved what that gave."""

from typing import NamedTuple

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

LUMINANCE = np.array([0.21, 0.72, 0.07])  # the study's
DARK = 10  # levels
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
