"""What coloring photos costs: starting, each size of photo in time and memory, and many small ones together."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from huesweep.benchmarks.processes import Cost, cost_of
from huesweep.benchmarks.report import Row, alternate

MEGAPIXELS = (0.3, 3, 12, 50)
SMALL, MANY = (160, 120), 100  # photos of a folder
REPETITIONS = 3


def run() -> Iterator[Row]:
    """With the checkpoint that predict brings along, on the CPU."""
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        tiny = save(work / "tiny.png", 16, 16)
        ((start, spread),) = alternate(REPETITIONS, lambda: predict(tiny, work / "out.png").seconds)
        yield Row("start, one photo of 16x16", start, "s", spread)
        base = predict(tiny, work / "out.png").gibibytes
        yield Row("its peak memory", base, "GiB")
        peaks = []
        for megapixels in MEGAPIXELS:
            width = round((megapixels * 1e6 * 4 / 3) ** 0.5)
            photo = save(work / "photo.jpg", width, round(width * 3 / 4))
            cost = predict(photo, work / "out.jpg")
            peaks.append(cost.gibibytes)
            yield Row(f"{megapixels:g} megapixels", cost.seconds, "s")
            yield Row(f"{megapixels:g} megapixels, peak memory", cost.gibibytes, "GiB")
        sizes = MEGAPIXELS[-1] / MEGAPIXELS[-2]
        yield Row("growth of memory over that of the photo, 12 to 50", peaks[-1] / peaks[-2] / sizes, "", 0, 1, "lower")
        yield Row("memory beyond the start, 50 megapixels", (peaks[-1] - base) * 1e3 / MEGAPIXELS[-1], "bytes a pixel")

        many = work / "many"
        many.mkdir()
        for number in range(MANY):
            save(many / f"{number}.jpg", *SMALL)
        one = many / "0.jpg"
        (alone, _), (together, _) = alternate(
            REPETITIONS,
            lambda: predict(one, work / "out.jpg").seconds,
            lambda: predict(many, work / "results").seconds / MANY,
        )
        yield Row(f"a photo of {SMALL[0]}x{SMALL[1]}, one by one", alone, "s")
        yield Row(f"the same among {MANY} in a folder", together, "s")
        yield Row("ratio", alone / together, "times", target=5)


def save(path: Path, width: int, height: int) -> Path:
    """Write a photograph of a size."""
    Image.fromarray(np.ascontiguousarray(data.astronaut())).resize((width, height)).save(path)
    return path


def predict(photos: Path, out: Path) -> Cost:
    """Color photos in a process of its own."""
    return cost_of(["-m", "src.predict", f"img={photos}", f"out={out}", "overwrite=true", "device=cpu"])
