"""How the bundled network colors twelve photographs: a figure to look at, and how near the truth they come.

The photographs are those that installed packages bring along. EARLIER may name another checkpoint, to stand beside it.
"""

import importlib.util
import io
import os
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from huesweep.benchmarks.photographs import psnr
from huesweep.benchmarks.report import Row
from huesweep.color.spaces import to_float
from huesweep.colorizer.coloring import grayscale
from huesweep.colorizer.colorizer import Colorizer
from huesweep.io.atomic import write_atomically
from huesweep.resources import BUNDLED
from huesweep.training.plots import draw_grid

PHOTOGRAPHS = (  # a package, and where in it; the last one is gray, and nobody knows its colors
    ("skimage", "data/astronaut.png"),
    ("matplotlib", "mpl-data/sample_data/grace_hopper.jpg"),
    ("sklearn", "datasets/images/china.jpg"),
    ("gradio", "media_assets/images/tower.jpg"),
    ("skimage", "data/rocket.jpg"),
    ("skimage", "data/coffee.png"),
    ("skimage", "data/motorcycle_left.png"),
    ("sklearn", "datasets/images/flower.jpg"),
    ("skimage", "data/chelsea.png"),
    ("gradio", "media_assets/images/cheetah1.jpg"),
    ("gradio", "media_assets/images/lion.jpg"),
    ("skimage", "data/camera.png"),
)
SIDE = 200  # of a cell, in pixels
FIGURE = Path("outputs/bench/look.jpg")


def photographs() -> list[Path]:
    """The photographs, in the order of the figure."""
    found = []
    for package, name in PHOTOGRAPHS:
        spec = importlib.util.find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        found.append(Path(spec.origin).parent / name)
    return found


def run() -> Iterator[Row]:
    """Colors the photographs at their own size and writes FIGURE."""
    colorizers = {"before": Colorizer.load(Path(earlier))} if (earlier := os.environ.get("EARLIER")) else {}
    ours = Colorizer.load(BUNDLED)
    cells: dict[str, list[torch.Tensor]] = {}
    for path in photographs():
        photo = np.asarray(Image.open(path).convert("RGB"))
        gray = np.broadcast_to(grayscale(ours, photo), photo.shape)
        accurate = ours.color(photo, manner="accurate")
        shown = {
            "gray": gray,
            **{name: colorizer.color(photo) for name, colorizer in colorizers.items()},
            "accurate": accurate,
            "vivid": ours.color(photo, manner="vivid"),
            "original": photo,
        }
        for name, picture in shown.items():
            cells.setdefault(name, []).append(_cell(picture))
        if np.ptp(photo, axis=-1).any():
            over = psnr(accurate, photo) - psnr(gray, photo)
            yield Row(f"{path.stem}: psnr over gray", over, "dB")
    sheet = Image.open(io.BytesIO(draw_grid({name: torch.stack(pictures) for name, pictures in cells.items()})))
    FIGURE.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(FIGURE, lambda file: sheet.save(file, format="jpeg", quality=85))
    print(f"wrote {FIGURE}")


def _cell(picture: np.ndarray) -> torch.Tensor:
    """The middle square, SIDE pixels wide, (3, SIDE, SIDE) float in [0, 1]."""
    height, width = picture.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = np.ascontiguousarray(picture[top : top + side, left : left + side])
    small = cv2.resize(square, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return to_float(torch.from_numpy(small).movedim(-1, 0))
