"""Scoring pictures, a colorizer's or others, on a whole split."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from huesweep.color.spaces import to_bytes, to_float
from huesweep.colorizer.coloring import Manner
from huesweep.colorizer.colorizer import Colorizer, evaluating
from huesweep.errors import UsageError
from huesweep.metrics.scores import Scores


class Prediction(NamedTuple):
    """What a colorizer made of a batch. predicted, truth: uint8 (n, 3, H, W). start: place of the first in the split.

    outputs: of the network. encoded: of the truth, by the target.
    """

    predicted: Tensor
    truth: Tensor
    outputs: Tensor
    encoded: Tensor
    start: int


class ScoresByClass:
    """The scores of the pictures of each class apart, gathered in the one pass over all of them.

    labels: int64 (N,), of the whole split.
    """

    def __init__(self, labels: Tensor, has_palette: bool, device: torch.device) -> None:
        self.labels = labels
        present = labels.unique().tolist()
        self.scores = {label: Scores(has_palette).to(scoring_device(device)) for label in present}

    def __call__(self, batch: Prediction) -> None:
        labels = self.labels[batch.start : batch.start + len(batch.truth)]
        for label in labels.unique().tolist():
            chosen = (labels == label).nonzero()[:, 0].to(batch.truth.device)
            self.scores[label].update(*(part.index_select(0, chosen) for part in batch[:4]))

    def compute(self) -> dict[int, dict[str, float]]:
        """All scores, by label."""
        return {label: scores.compute() for label, scores in self.scores.items()}


def score(
    colorizer: Colorizer,
    pictures: Tensor,
    batch_size: int,
    device: torch.device,
    decoding: str | None = None,
    temperature: float | None = None,
    manner: Manner = "accurate",
    also: Sequence[Callable[[Prediction], None]] = (),
) -> dict[str, float]:
    """All metrics of a colorizer's pictures against uint8 pictures (N, 3, H, W), in evaluation mode.

    decoding, temperature, manner: see Colorizer.decode. also: shown each batch as well, so that whatever else is to be
    known takes no second pass through the network. Raises UsageError where the network gives NaN or infinite values,
    which would pass for the darkest color or the right class.
    """
    colorizer.to(device)
    colorizer.target.prepare(pictures[:, 0].numel())
    scores = Scores(has_palette=colorizer.target.encoding == "classes").to(scoring_device(device))
    are_numbers = torch.ones((), dtype=torch.bool, device=device)
    with evaluating(colorizer), torch.inference_mode():
        for start, chunk in zip(range(0, len(pictures), batch_size), pictures.split(batch_size), strict=True):
            truth = chunk.to(device)
            rgb = to_float(truth)
            inputs = colorizer.task.input(rgb)
            outputs = colorizer(inputs)
            # The ends are finite where all are, and NaN where one is: a tenth of the time of looking at each.
            are_numbers = are_numbers & torch.stack(outputs.aminmax()).isfinite().all()
            predicted = to_bytes(colorizer.decode(outputs, inputs, decoding, temperature, manner))
            parts = [predicted, truth, outputs, colorizer.target.encode_bytes(truth)]
            batch = Prediction(*[part.to(scoring_device(device)) for part in parts], start)  # type: ignore[call-arg]
            scores.update(*batch[:4])
            for look in also:
                look(batch)
    if not bool(are_numbers):
        raise UsageError("the network gives values that are infinite or no numbers: there is nothing to score")
    return scores.compute()


def scoring_device(device: torch.device) -> torch.device:
    """Where pictures made on a device are scored: there, but for Apple's GPUs, which have no 64-bit numbers to add."""
    return torch.device("cpu") if device.type == "mps" else device


def score_pictures(
    make: Callable[[Tensor], Mapping[str, Tensor]], pictures: Tensor, batch_size: int
) -> dict[str, dict[str, float]]:
    """Scores of pictures made without a network, by name, on the CPU.

    make: from (n, 3, H, W) float in [0, 1] to a name and pictures alike. pictures: uint8 (N, 3, H, W).
    """
    rows: dict[str, Scores] = {}
    with torch.inference_mode():
        for truth in pictures.split(batch_size):
            for name, predicted in make(to_float(truth)).items():
                rows.setdefault(name, Scores(has_palette=False)).update(to_bytes(predicted), truth)
    return {name: scores.compute() for name, scores in rows.items()}
