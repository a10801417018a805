"""Sample strips: the same few test pictures as given, as a trial's best checkpoint colors them, and true."""

from pathlib import Path

from PIL import Image
from torch import Tensor

from huesweep.color.spaces import to_bytes
from huesweep.colorizer.colorizer import Colorizer
from huesweep.io.atomic import write_atomically
from huesweep.training.examples import evenly_spaced, example_columns
from huesweep.training.folder import STRIP_OF_INPUTS, STRIP_OF_PREDICTIONS, STRIP_OF_TRUTHS
from huesweep.training.plots import as_png

SHOWN = 16  # pictures in a strip: whoever shows it can choose


def write_strips(folder: Path, colorizer: Colorizer, pictures: Tensor) -> None:
    """Write three strips into a trial's pictures/: what the colorizer made, what it was given, the truth.

    pictures: uint8 (N, 3, H, W); the same are chosen for every trial on them. A strip has them side by side in their
    own size, without margins, so that whoever lays out a page can enlarge and cut as needed.
    """
    columns = example_columns(colorizer, evenly_spaced(pictures, SHOWN).to(colorizer.device))
    titles = {
        STRIP_OF_PREDICTIONS: "predicted",
        STRIP_OF_INPUTS: colorizer.task.shown_as,
        STRIP_OF_TRUTHS: "original",
    }
    for name, title in titles.items():
        png = draw_strip(columns[title])
        write_atomically(folder / "pictures" / name, lambda file, png=png: file.write(png))  # type: ignore[misc]


def draw_strip(pictures: Tensor) -> bytes:
    """A PNG of pictures (N, 3, H, W), float in [0, 1], side by side: H high and N · W wide."""
    strip = to_bytes(pictures).permute(2, 0, 3, 1).flatten(1, 2)
    return as_png(Image.fromarray(strip.cpu().numpy()))
