"""How well the bundled network colors photographs that it was not trained on, against leaving them gray.

PHOTO_ROOT names the folder of caltech101_160, imagenette_160 and bsds500; without it nothing is measured. EARLIER may
name another checkpoint, to be measured beside it.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import yaml
from PIL import Image
from torch import Tensor

from huesweep.benchmarks.report import Row
from huesweep.color.spaces import to_bytes, to_float
from huesweep.colorizer.coloring import Manner, grayscale
from huesweep.colorizer.colorizer import Colorizer
from huesweep.data.sources.folder import FolderSource
from huesweep.metrics.fidelity import psnr_per_picture
from huesweep.metrics.scoring import Prediction, score, score_pictures
from huesweep.resources import BUNDLED, CONF

SIDE = 128
BATCH = 50
DETAILS = (0.5, 0.75, 1.0, 1.25)  # of predict: working copies of 128, 192, 256 and 320 pixels
CPU = torch.device("cpu")


class Test(NamedTuple):
    """Photographs to score, and what must be reached: dB over gray, share of pictures better than gray."""

    folder: str
    over_gray: float
    better: float


TESTS = (
    Test("caltech101_160", 2.0, 0.83),
    Test("bsds500", 2.2, 0.85),
    Test("imagenette_160", 1.8, 0.80),
)
AUC_OVER_GRAY = 0.02
VIVID_COLORFULNESS, VIVID_OVER_GRAY = 34.0, 0.8  # on BSDS500, whose own is 41


def run() -> Iterator[Row]:
    """At 128 x 128 for each set, and at full size, through predict, for BSDS500."""
    root = os.environ.get("PHOTO_ROOT")
    if not root:
        print("PHOTO_ROOT names no folder of photographs: nothing to measure")
        return
    colorizer = Colorizer.load(BUNDLED)
    earlier = os.environ.get("EARLIER")
    before = Colorizer.load(Path(earlier)) if earlier else None
    with tempfile.TemporaryDirectory() as cache:
        for test in TESTS:
            pictures = _pictures(Path(root) / test.folder, cache)
            name = f"{test.folder}, {len(pictures)} photographs"
            scores, gray = _scores(colorizer, pictures, "accurate")
            yield Row(f"{name}: psnr over gray", scores["psnr"] - gray["psnr"], "dB", target=test.over_gray)
            yield Row(f"{name}: better than gray", scores["better"], "of them", target=test.better)
            yield Row(f"{name}: auc over gray", scores["auc"] - gray["auc"], "", target=AUC_OVER_GRAY)
            if before is not None:
                scores_before, gray_before = _scores(before, pictures, "accurate")
                yield Row(f"{name}: psnr over gray, before", scores_before["psnr"] - gray_before["psnr"], "dB")
                yield Row(f"{name}: better than gray, before", scores_before["better"], "of them")
            yield Row(f"{name}: colorfulness (truth {scores['cf_truth']:.1f})", scores["cf"], "")
            vivid, _ = _scores(colorizer, pictures, "vivid")
            is_bsds = test.folder == "bsds500"
            found = f"colorfulness (truth {vivid['cf_truth']:.1f})"
            yield Row(f"{name}: vivid {found}", vivid["cf"], "", target=VIVID_COLORFULNESS if is_bsds else None)
            least = VIVID_OVER_GRAY if is_bsds else None
            yield Row(f"{name}: vivid psnr over gray", vivid["psnr"] - gray["psnr"], "dB", target=least)
    yield from _full_size(colorizer, sorted((Path(root) / "bsds500" / "test").iterdir()))


def _pictures(root: Path, cache: str) -> Tensor:
    """The pictures of a folder that the preset keeps for testing: held-out classes, or a test folder."""
    parts = yaml.safe_load((CONF / "experiment" / "photographs.yaml").read_text())["data"]["parts"]
    held_out = next(part.get("held_out", ()) for part in parts if part["root"].endswith(f"/{root.name}"))
    source = FolderSource(
        root=str(root), size=SIDE, fit="crop", strict=False, validation=0, test=0, seed=0, cache=cache,
        held_out=held_out,
    )  # fmt: skip
    return source.load("test").pictures


def _scores(colorizer: Colorizer, pictures: Tensor, manner: Manner) -> tuple[dict[str, float], dict[str, float]]:
    """The scores of a colorizer in a manner, and those of gray; `better`: the share of pictures better than gray."""
    task = colorizer.task
    better: list[Tensor] = []

    def compare(batch: Prediction) -> None:
        gray = to_bytes(task.baselines(task.input(to_float(batch.truth)))["gray"])
        better.append(psnr_per_picture(batch.predicted, batch.truth) > psnr_per_picture(gray, batch.truth))

    scores = score(colorizer, pictures, BATCH, CPU, manner=manner, also=[compare])
    gray = score_pictures(lambda rgb: task.baselines(task.input(rgb)), pictures, BATCH)["gray"]
    return {**scores, "better": torch.cat(better).double().mean().item()}, gray


def _full_size(colorizer: Colorizer, paths: list[Path]) -> Iterator[Row]:
    photos = [np.asarray(Image.open(path).convert("RGB")) for path in paths]
    grays = [np.broadcast_to(grayscale(colorizer, photo), photo.shape) for photo in photos]
    for detail in DETAILS:
        colored = [colorizer.color(photo, manner="accurate", detail=detail) for photo in photos]
        gains = np.array([psnr(*pair) for pair in zip(colored, photos, strict=True)])
        gains -= [psnr(*pair) for pair in zip(grays, photos, strict=True)]
        name = f"bsds500 at full size, detail {detail:g}"
        yield Row(f"{name}: psnr over gray", float(gains.mean()), "dB")
        yield Row(f"{name}: better than gray", float((gains > 0).mean()), "of them")


def psnr(picture: np.ndarray, truth: np.ndarray) -> float:
    """In dB, of two photos, uint8 (H, W, 3)."""
    pair = (torch.from_numpy(levels.copy()).movedim(-1, 0)[None] for levels in (picture, truth))
    return float(psnr_per_picture(*pair))
