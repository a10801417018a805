"""A trial whose epochs take turns with loops of a benchmark's own, in one process, each timed."""

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr
from copy import deepcopy
from pathlib import Path
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch
from torch import Tensor

from huesweep.color.spaces import to_float
from huesweep.data.module import PairDataModule
from huesweep.sweeps.composition import compose_trial
from huesweep.training.assembly import assemble
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from huesweep.training.module import ColorizationModule

Loop = Callable[[], None]
MakeLoops = Callable[[ColorizationModule, PairDataModule], Mapping[str, Loop]]
TRAINING, VALIDATION = "training", "validation"  # what is timed of the trial itself
QUIET = ("logger.wandb.mode=disabled", "trainer.accelerator=cpu", "examples.count=1")


def composed(folder: Path, *overrides: str) -> dict[str, Any]:
    """A trial's configuration, as plain values, that writes below `folder` alone."""
    return compose_trial([f"paths.outputs={folder}", f"paths.cache={folder}/cache", *overrides])


def write_pictures(folder: Path, count: int, side: int = 32) -> Path:
    """A file for data=arrays with so many smooth pictures of random colors: speed does not depend on what they show."""
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (count, side // 8, side // 8, 3), dtype=np.uint8)
    pictures = coarse.repeat(8, axis=1).repeat(8, axis=2)
    pictures += random.integers(0, 16, pictures.shape, dtype=np.uint8)
    path = folder / f"{count}x{side}.npy"
    np.save(path, pictures)
    return path


def seconds_in_turn(
    make: MakeLoops, pictures: int, epochs: int, *overrides: str, side: int = 32, validation: int | None = None
) -> dict[str, list[float]]:
    """Seconds of each epoch of a trial, of its validation and of each loop, in the order in which they took turns.

    pictures: for training, of `side` x `side`. validation: so many more; None is as many. The first epoch and turn warm
    up and don't count.
    """
    scored = pictures if validation is None else validation
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = write_pictures(folder, pictures + scored + 1, side)
        data = ("data=arrays", f"data.path={path}", f"data.validation={scored}", "data.test=1")
        config = composed(folder, *QUIET, *data, f"trainer.max_epochs={epochs + 1}", *overrides)
        parts = assemble(config)
        turns = Turns(make, parts.data)
        parts.callbacks.append(turns)
        with redirect_stderr(io.StringIO()):
            ColorizationTrial(config, TrialFolder(folder / "trial")).fit(parts, [])
    return {name: seconds[1:] for name, seconds in turns.seconds.items()}


def ratio(above: Sequence[float], below: Sequence[float]) -> tuple[float, float]:
    """The median of the ratios turn by turn, and half of their range."""
    each = [a / b for a, b in zip(above, below, strict=True)]
    return statistics.median(each), (max(each) - min(each)) / 2


class Turns(pl.Callback):
    """Times a trial's epochs, its validations, and after each epoch the loops that take turns with it.

    seconds: of each, by name, in their order. make: gives the loops, once training begins.
    """

    def __init__(self, make: MakeLoops, data: PairDataModule) -> None:
        self.make = make
        self.data = data
        self.loops: Mapping[str, Loop] = {}
        self.seconds: dict[str, list[float]] = {TRAINING: [], VALIDATION: []}
        self._began = 0.0

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        assert isinstance(module, ColorizationModule)
        self.loops = self.make(module, self.data)

    def on_train_epoch_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._began = time.perf_counter()

    def on_validation_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._note(TRAINING)

    def on_validation_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._note(VALIDATION)

    def on_train_epoch_end(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        for name, loop in self.loops.items():
            self._began = time.perf_counter()
            loop()
            self._note(name)

    def _note(self, name: str) -> None:
        self.seconds.setdefault(name, []).append(time.perf_counter() - self._began)
        self._began = time.perf_counter()


def bare_loop(module: ColorizationModule, data: PairDataModule) -> Loop:
    """An epoch of the same network with everything computed before that can be, and nothing beside training."""
    colorizer = deepcopy(module.colorizer).train()
    inputs, encoded = precomputed(module, data.splits["train"].pictures)
    recipe = module.make_recipe(list(colorizer.network.parameters()), 10**6)

    def loop() -> None:
        for indices in torch.randperm(len(inputs)).split(data.size):
            recipe.optimizer.zero_grad()
            module.loss(colorizer(inputs[indices]), encoded[indices]).backward()
            recipe.optimizer.step()
            if recipe.schedule is not None:
                recipe.schedule.step()

    return loop


@torch.no_grad()
def precomputed(module: ColorizationModule, pictures: Tensor) -> tuple[Tensor, Tensor]:
    """The network's inputs and the encoded truth of uint8 pictures (N, 3, H, W)."""
    parts = [to_float(part) for part in pictures.split(500)]
    task, target = module.colorizer.task, module.colorizer.target
    return torch.cat([task.input(part) for part in parts]), torch.cat([target.encode(part) for part in parts])
