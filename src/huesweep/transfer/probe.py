"""A linear probe (Alain & Bengio 2017): how well a linear classifier does on frozen features."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from huesweep.metrics.classification import score_logits
from huesweep.models.encoders.base import FeatureSpec
from huesweep.transfer.logistic import Fit, Logistic, standardized

PENALTIES = tuple(10.0**-power for power in range(1, 7))  # that are tried, the strongest first
PATIENCE = 2  # weaker penalties that do worse before the rest is left out


class Labeled(NamedTuple):
    """Features of a split's pictures, (N, channels) a stage, and their labels, int64 (N,)."""

    stages: Sequence[Tensor]
    labels: Tensor


class Probed(NamedTuple):
    """What a probe came to. stages: plain values on each, fine to coarse. best: the number of the one that is reported.

    validation, test: its scores. confusion: int64 (K, K), of the test pictures.
    """

    stages: list[dict[str, Any]]
    best: int
    validation: dict[str, float]
    test: dict[str, float]
    confusion: Tensor


class _Choice(NamedTuple):
    penalty: float
    fit: Fit
    validation: dict[str, float]


def probe(
    train: Labeled, validation: Labeled, test: Labeled, specs: Sequence[FeatureSpec], classes: int, device: torch.device
) -> Probed:
    """Fit a logistic regression to each stage; penalty and stage are chosen by accuracy on the validation pictures."""
    stages: list[dict[str, Any]] = []
    found: list[tuple[dict[str, float], dict[str, float], Tensor]] = []
    for spec, *splits in zip(specs, train.stages, validation.stages, test.stages, strict=True):
        learned, chosen_by, judged = (part.to(device) for part in standardized(*splits))
        choice = _choose(Logistic(learned, train.labels.to(device), classes), chosen_by, validation.labels.to(device))
        scores, confusion = score_logits(choice.fit.logits(judged), test.labels.to(device))
        about = {"stride": spec.stride, "channels": spec.channels, "penalty": choice.penalty}
        fitted = {"steps": choice.fit.steps, "gradient": choice.fit.gradient, "converged": choice.fit.has_converged}
        stages.append({**about, **fitted, "validation": choice.validation, "test": scores})
        found.append((choice.validation, scores, confusion))
        print(
            f"stage {len(stages)} of {len(specs)}, stride {spec.stride}, {spec.channels} channels  "
            f"val/accuracy {choice.validation['accuracy']:.4f}  penalty {choice.penalty:g}",
            flush=True,
        )
    best = max(range(len(stages)), key=lambda place: found[place][0]["accuracy"])
    return Probed(stages, best, *found[best])


def _choose(problem: Logistic, features: Tensor, labels: Tensor) -> _Choice:
    """The fit under the penalty that does best on validation features; of those that do as well, the strongest."""
    best: _Choice | None = None
    fit: Fit | None = None
    worse = 0
    for penalty in PENALTIES:
        fit = problem.fit(penalty, fit)
        scores, _ = score_logits(fit.logits(features), labels)
        if best is None or scores["accuracy"] > best.validation["accuracy"]:
            best, worse = _Choice(penalty, fit, scores), 0
        else:
            worse += 1
        if worse == PATIENCE:
            break
    assert best is not None
    return best
