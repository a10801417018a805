"""Judging a checkpoint on a data set: all scores, also of each class, and which pictures it colors best and worst."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from huesweep.color.spaces import to_float
from huesweep.colorizer.coloring import Manner
from huesweep.colorizer.colorizer import Colorizer
from huesweep.data.module import at_side, part_of
from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.errors import UsageError
from huesweep.io.atomic import write_atomically
from huesweep.io.disk import file_in_place
from huesweep.io.plain_json import as_json
from huesweep.metrics.baselines import score_baselines
from huesweep.metrics.fidelity import psnr_per_picture
from huesweep.metrics.perceptual import PerceptualScores
from huesweep.metrics.scoring import Prediction, ScoresByClass, score
from huesweep.training.finished_run import LaterOptions, log_later
from huesweep.training.options import PartOptions
from huesweep.training.plots import draw_grid


def load_split(
    source: Source, split: Split, colorizer: Colorizer, part: PartOptions, side: int | None = None
) -> PictureSet:
    """The pictures of a split of a source.

    part: which of them to use. side: to bring them to; None leaves them as they are. Raises UsageError for a split
    without pictures, and pictures that the network can't take.
    """
    source.check()
    served = colorizer.side
    if served not in (None, side or source.side):
        raise UsageError(f"this checkpoint serves pictures of {served}x{served} alone: set data.size={served}")
    pictures = source.load(split)
    if not len(pictures.pictures):
        raise UsageError(f"data={source.name} as configured has no {split} pictures")
    if split == "train":
        pictures = part_of(pictures, part.fraction, part.per_class)
    elif split == "test":
        pictures = part_of(pictures, part.test_fraction)
    return pictures._replace(pictures=at_side(pictures.pictures, side), pack=None) if side else pictures


class Evaluation:
    """Scores a checkpoint and the rows that need no network, each picture going through the network once.

    cache: folder that keeps the scores of the baselines. decoding, temperature, manner: see Colorizer.decode; raises
    UsageError for what the colorizer can't follow.
    """

    def __init__(
        self,
        colorizer: Colorizer,
        batch_size: int,
        device: torch.device,
        cache: Path,
        decoding: str | None = None,
        temperature: float | None = None,
        manner: Manner = "accurate",
    ) -> None:
        colorizer.target.check_decoding(decoding, temperature)
        colorizer.strength(manner)
        self.colorizer = colorizer
        self.batch_size = batch_size
        self.device = device
        self.cache = cache
        self.decoding: dict[str, Any] = {"decoding": decoding, "temperature": temperature}
        self.manner = manner

    def run(self, pictures: PictureSet, judge: PerceptualScores | None = None, extremes: int = 0) -> dict[str, Any]:
        """Gives `scores`, `baselines` by name, `classes` by name, each with its number of `pictures`, `scores` and
        `baselines`, and `grids`, of so many of the best, median and worst pictures, as PNG by name.

        judge: adds its scores.
        """
        has_palette = self.colorizer.target.encoding == "classes"
        by_class = ScoresByClass(pictures.labels, has_palette, self.device)
        kept: list[Tensor] = []
        also: list[Callable[[Prediction], None]] = [by_class]
        if judge:
            also.append(judge)
        if extremes:
            also.append(lambda batch: kept.append(batch.predicted.cpu()))
        options = {**self.decoding, "manner": self.manner, "also": also}
        scores = score(self.colorizer, pictures.pictures, self.batch_size, self.device, **options)
        result = self._beside(scores | (judge.compute() if judge else {}), pictures.pictures)
        of_classes = by_class.compute()
        result["classes"] = {
            pictures.classes[label]: self._beside(found, pictures.pictures[pictures.labels == label])
            for label, found in (of_classes if len(of_classes) > 1 else {}).items()
        }
        result["grids"] = self._extremes(pictures.pictures, torch.cat(kept), extremes) if extremes else {}
        return result

    def _beside(self, scores: dict[str, float], pictures: Tensor) -> dict[str, Any]:
        baselines = score_baselines(self.colorizer, pictures, self.batch_size, self.cache, **self.decoding)
        return {"pictures": len(pictures), "scores": scores, "baselines": baselines}

    def _extremes(self, pictures: Tensor, predicted: Tensor, count: int) -> dict[str, bytes]:
        """Grids of the `best`, `median` and `worst` pictures by their PSNR: seen, predicted, original."""
        task = self.colorizer.task
        order = psnr_per_picture(predicted, pictures).argsort(descending=True)
        count = min(count, len(order))
        middle = (len(order) - count) // 2
        chosen = {"best": order[:count], "median": order[middle : middle + count], "worst": order[len(order) - count :]}
        grids = {}
        for name, indices in chosen.items():
            rgb = to_float(pictures[indices])
            seen = task.view(task.input(rgb))
            columns = {task.shown_as: seen, "predicted": to_float(predicted[indices]), "original": rgb}
            grids[name] = draw_grid(columns)
        return grids


def make_folder(folder: Path) -> None:
    """Make the folder that scores go to. Raises UsageError where that can't be."""
    if file := file_in_place(folder):
        raise UsageError(f"out={file} is a file: name a folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"out={folder} can't be written: {error.strerror or error}") from None


def log_evaluation(trial: Path, result: Mapping[str, Any], grids: Mapping[str, bytes], options: LaterOptions) -> None:
    """Log scores and grids, as DATA-SPLIT/NAME, into a trial's run in wandb; raises as log_later does."""
    place = f"{result['data']}-{result['split']}"
    summary = {f"{place}/{name}": value for name, value in result["scores"].items()}
    log_later(trial, options, summary, {f"{place}/{name}": png for name, png in grids.items()})


def write_evaluation(folder: Path, result: Mapping[str, Any], grids: Mapping[str, bytes]) -> list[Path]:
    """Write scores.json and the grids, PNG by name, and give their paths."""
    contents = {f"{name}.png": png for name, png in grids.items()} | {"scores.json": as_json(result).encode()}
    for name, content in contents.items():
        write_atomically(folder / name, lambda file, content=content: file.write(content))  # type: ignore[misc]
    return [folder / name for name in contents]
