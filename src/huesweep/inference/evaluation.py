"""Judging a checkpoint on a data set: all scores, also of each class, and which pictures it colors best and worst."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from huesweep.build import build
from huesweep.color.spaces import to_bytes, to_float
from huesweep.color.targets.palette import PaletteTarget
from huesweep.colorizer.checkpoint import Colorizer
from huesweep.data.pictures import SPLITS, PictureSet
from huesweep.data.sources.base import Source
from huesweep.errors import UsageError, pick
from huesweep.metrics.psnr import psnr_per_picture
from huesweep.metrics.scoring import score_network
from huesweep.training.assembly import OF_TRAINING_PICTURES
from huesweep.training.plots import draw_grid
from huesweep.training.preparation import score_baselines

SIDE = 96  # pixels of the screen that a picture's longer side takes at least


def load_split(description: Mapping[str, Any], split: str, colorizer: Colorizer) -> PictureSet:
    """The pictures of a split of the data set that conf/data describes.

    Raises UsageError for another split, one without pictures, and pictures that the network can't take.
    """
    of_source = {name: value for name, value in description.items() if name not in OF_TRAINING_PICTURES}
    source = build(of_source, Source, "data")
    source.check()
    side = colorizer.network.side
    if side not in (None, source.side):
        raise UsageError(f"this checkpoint serves pictures of {side}x{side} alone: set data.size={side}")
    pictures = source.load(pick("split", split, {name: name for name in SPLITS}))
    if not len(pictures.pictures):
        raise UsageError(f"data={source.name} as configured has no {split} pictures")
    return pictures


def evaluate(
    colorizer: Colorizer, pictures: PictureSet, batch_size: int, device: torch.device, cache: Path
) -> dict[str, Any]:
    """Scores of a checkpoint and of the rows that need no network, on all pictures and on those of each class.

    cache: folder that keeps the scores of the baselines. Gives `scores`, `baselines` by name, and `classes` by name,
    each with its number of `pictures`, `scores` and `baselines`.
    """

    def score(part: Tensor) -> dict[str, Any]:
        network, task, target = colorizer.network, colorizer.task, colorizer.target
        scores = score_network(network, task, target, part, batch_size, device)
        described = colorizer.description["task"], target.to("cpu"), _described(colorizer)
        baselines = score_baselines(task, *described, part, batch_size, cache)
        return {"pictures": len(part), "scores": scores, "baselines": baselines}

    whole = score(pictures.pictures)
    present = [index for index in range(len(pictures.classes)) if (pictures.labels == index).any()]
    if len(present) < 2:
        return {**whole, "classes": {}}
    of_classes = {pictures.classes[index]: score(pictures.pictures[pictures.labels == index]) for index in present}
    return {**whole, "classes": of_classes}


def _described(colorizer: Colorizer) -> dict[str, Any]:
    """The target as conf/target describes it, as it decodes now: its ceiling is kept under this name."""
    described = dict(colorizer.description["target"])
    if isinstance(colorizer.target, PaletteTarget):
        described |= {"decoding": colorizer.target.decoding, "temperature": colorizer.target.temperature}
    return described


def set_decoding(colorizer: Colorizer, decoding: str | None, temperature: float | None) -> None:
    """Let a palette decode in another way than it was trained with. Raises UsageError where there is no palette."""
    if decoding is None and temperature is None:
        return
    if not isinstance(colorizer.target, PaletteTarget):
        raise UsageError("decoding= and temperature= are for checkpoints with a palette")
    usual = colorizer.target
    if temperature is None:
        temperature = usual.temperature
    elif (decoding or usual.decoding) != "annealed":
        raise UsageError("temperature= is of decoding=annealed")
    usual.set_decoding(decoding or usual.decoding, temperature)


@torch.inference_mode()
def predict(colorizer: Colorizer, pictures: Tensor, batch_size: int, device: torch.device) -> Tensor:
    """The network's pictures of uint8 pictures (N, 3, H, W), on the CPU, alike."""
    colorizer.to(device)
    results = []
    for batch in pictures.split(batch_size):
        inputs = colorizer.task.input(to_float(batch.to(device)))
        predicted = colorizer.target.decode(colorizer.network(inputs), colorizer.task.kept_lightness(inputs))
        results.append(to_bytes(predicted).cpu())
    return torch.cat(results)


def draw_extremes(colorizer: Colorizer, pictures: Tensor, predicted: Tensor, count: int) -> dict[str, bytes]:
    """Grids, as PNG, of the `best`, `median` and `worst` pictures by their PSNR: seen, predicted, original."""
    scores = psnr_per_picture(predicted, pictures)
    order = scores.argsort(descending=True)
    count = min(count, len(order))
    middle = (len(order) - count) // 2
    chosen = {"best": order[:count], "median": order[middle : middle + count], "worst": order[len(order) - count :]}
    grids = {}
    for name, indices in chosen.items():
        rgb = to_float(pictures[indices])
        seen = colorizer.task.view(colorizer.task.input(rgb))
        columns = {colorizer.task.shown_as: seen, "predicted": to_float(predicted[indices]), "original": rgb}
        grids[name] = draw_grid(columns, SIDE)
    return grids
