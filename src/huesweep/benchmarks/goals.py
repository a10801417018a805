"""How soon networks reach a goal: horses as well as Yeung 2019 after 200 epochs; CIFAR-10 beside the usual recipe.

DATA_ROOT names the folder with a copy of CIFAR-10.
"""

import io
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stderr
from pathlib import Path
from typing import NamedTuple

import torch

from huesweep.benchmarks.report import Row
from huesweep.benchmarks.turns import QUIET, TRAINING, Loop, MakeLoops, Turns, composed, ratio
from huesweep.benchmarks.yeung import author_loop
from huesweep.data.module import PairDataModule
from huesweep.metrics.scoring import score
from huesweep.training.assembly import assemble
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from huesweep.training.module import ColorizationModule

CROSS_ENTROPY, EPOCHS, LEAST = 1.261, 200, 250  # of the published U-Net for horses in 16 colors; times as fast
POOLED, MOST = 23.1, 0.25  # dB of CIFAR-10's test pictures; share of the usual recipe's time
FAST_HORSES = "+experiment=fast_horses"
RECIPES = {  # that are compared on all of CIFAR-10: ours, and the usual one
    "fast_cifar10": ("+experiment=fast_cifar10",),
    "unet_s": ("data=cifar10", "model=unet_s", "trainer.max_epochs=4"),
}


class Run(NamedTuple):
    """One trial. seconds: of training alone. others: of an epoch of the loops beside it, by name."""

    seconds: float
    scores: Mapping[str, float]
    others: Mapping[str, float]


def run(data: Sequence[str] | None = None, repetitions: int = 3) -> Iterator[Row]:
    """Both goals. data: overrides of data=cifar10; None is the copy that DATA_ROOT names."""
    if data is None:
        if not os.environ.get("DATA_ROOT"):
            print("DATA_ROOT names no copy of CIFAR-10: nothing to measure", file=sys.stderr)
            return
        data = ("data.verify=false",)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield from _horses(folder, data, repetitions)
        yield from _all(folder, data, repetitions)


def _horses(folder: Path, data: Sequence[str], repetitions: int) -> Iterator[Row]:
    theirs, ours = [], []
    for number in range(repetitions):
        recipe = ("+experiment=yeung", "trainer.max_epochs=1", *data)
        theirs.append(trained(folder / f"yeung{number}", *recipe, beside=author_loop).others["theirs"] * EPOCHS)
        ours.append(trained(folder / f"horses{number}", FAST_HORSES, *data, f"seed={number}"))
    worst = max(run.scores["cross_entropy"] for run in ours)
    yield Row("fast_horses: cross-entropy, highest of its seeds", worst, "", 0.0, CROSS_ENTROPY, "lower")
    yield _seconds("fast_horses", [run.seconds for run in ours])
    times, spread = ratio(theirs, [run.seconds for run in ours])
    yield Row(f"{EPOCHS} epochs of Yeung's way against fast_horses", times, "times the time", spread, LEAST)


def _all(folder: Path, data: Sequence[str], repetitions: int) -> Iterator[Row]:
    found: dict[str, list[Run]] = {name: [] for name in RECIPES}
    for number in range(repetitions):
        for name, recipe in RECIPES.items():
            found[name].append(trained(folder / f"{name}{number}", *recipe, *data, f"seed={number}"))
    for name, runs in found.items():
        yield Row(f"{name}: pooled PSNR, lowest", min(run.scores["psnr_pooled"] for run in runs), "dB", 0.0, POOLED)
        yield _seconds(name, [run.seconds for run in runs])
    share, spread = ratio(*([run.seconds for run in runs] for runs in found.values()))
    yield Row(" against ".join(found), share, "times the time", spread, MOST, "lower")


def _seconds(name: str, seconds: Sequence[float]) -> Row:
    middle = statistics.median(seconds)
    return Row(f"{name}: training", middle, "s", (max(seconds) - min(seconds)) / 2)


def nothing_beside(_: ColorizationModule, __: PairDataModule) -> Mapping[str, Loop]:
    """No loops: a trial alone."""
    return {}


def trained(folder: Path, *overrides: str, beside: MakeLoops = nothing_beside) -> Run:
    """Train a trial, with an epoch of the loops beside it after each of its own, and score its test pictures."""
    config = composed(folder.parent, *QUIET, *overrides)
    parts = assemble(config)
    turns = Turns(beside, parts.data)
    parts.callbacks.append(turns)
    with redirect_stderr(io.StringIO()):
        ColorizationTrial(config, TrialFolder(folder)).fit(parts, [])
    module, data, _ = parts
    scores = score(module.colorizer, data.splits["test"].pictures, data.score_size, torch.device("cpu"))
    seconds = {name: sum(each) for name, each in turns.seconds.items()}
    return Run(seconds.pop(TRAINING), scores, seconds)
