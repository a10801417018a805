"""Scoring pictures, a network's or others, on a whole split."""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from huesweep.color.spaces import to_bytes, to_float
from huesweep.color.targets.base import Target
from huesweep.data.tasks.base import Task
from huesweep.metrics.scores import PictureScores, Scores


def score_network(
    network: nn.Module, task: Task, target: Target, pictures: Tensor, batch_size: int, device: torch.device
) -> dict[str, float]:
    """All metrics of a network's pictures against uint8 pictures (N, 3, H, W), in evaluation mode."""
    was_training = network.training
    network.eval().to(device)
    target.to(device)
    scores = Scores(has_classes=target.encoding == "classes").to(device)
    with torch.inference_mode():
        for truth, rgb in _batches(pictures, batch_size, device):
            inputs = task.input(rgb)
            outputs = network(inputs)
            predicted = to_bytes(target.decode(outputs, task.kept_lightness(inputs)))
            scores.update(predicted, truth, outputs, target.encode(rgb))
    network.train(was_training)
    return scores.compute()


def score_pictures(
    make: Callable[[Tensor], Mapping[str, Tensor]], pictures: Tensor, batch_size: int
) -> dict[str, dict[str, float]]:
    """Scores of pictures made without a network, by name, on the CPU.

    make: from (n, 3, H, W) float in [0, 1] to a name and pictures alike. pictures: uint8 (N, 3, H, W).
    """
    rows: dict[str, PictureScores] = {}
    with torch.inference_mode():
        for truth, rgb in _batches(pictures, batch_size, torch.device("cpu")):
            for name, predicted in make(rgb).items():
                rows.setdefault(name, PictureScores()).update(to_bytes(predicted), truth)
    return {name: scores.compute() for name, scores in rows.items()}


class Batch(NamedTuple):
    """Pictures of one batch on the device, as uint8 and as float in [0, 1]."""

    truth: Tensor
    rgb: Tensor


def _batches(pictures: Tensor, batch_size: int, device: torch.device) -> Iterator[Batch]:
    for chunk in pictures.split(batch_size):
        truth = chunk.to(device)
        yield Batch(truth, to_float(truth))
