"""How soon commands do their work: train's first step against importing torch and Lightning alone, --help, status."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytorch_lightning as pl

from huesweep.benchmarks.report import Row, alternate

IMPORTS = ("-c", "import torch, pytorch_lightning")
SMALL = ("data.train=200", "data.validation=50", "data.test=50", "trainer.max_epochs=1", "trainer.accelerator=cpu")
MARK = "first-step"  # a file in the trial's folder, written when its first step is done
MOST, MOST_SECONDS = 1.3, 1.5


class MarkFirstStep(pl.Callback):
    """Notes when the first step of training is done."""

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *_: object) -> None:
        path = Path(trainer.default_root_dir) / MARK
        if not path.exists():
            path.write_text(str(time.time()))


def run(repetitions: int = 3) -> Iterator[Row]:
    """With pictures packed and palette fitted, as at every start but the first."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first_step(folder, "warm")
        turns = iter(range(repetitions))
        (imports, spread), (train, train_spread) = alternate(
            repetitions, lambda: seconds_of(*IMPORTS), lambda: first_step(folder, str(next(turns)))
        )
        yield Row("importing torch and pytorch_lightning", imports, "s", spread)
        yield Row("train, to its first step", train, "s", train_spread)
        yield Row("ratio", train / imports, "times", target=MOST, better="lower")
        for what, command in (("train --help", ("src.train", "--help")), ("status", ("src.sweeps", "status", name))):
            ((seconds, spread),) = alternate(repetitions, partial(seconds_of, "-m", *command))
            yield Row(what, seconds, "s", spread, MOST_SECONDS, "lower")


def first_step(outputs: Path, name: str) -> float:
    """Seconds from the start of a trial to the end of its first step."""
    places = (f"paths.outputs={outputs}", f"paths.cache={outputs}/cache", f"hydra.run.dir={outputs}/{name}")
    mark = f"+callbacks.mark._target_={MarkFirstStep.__module__}.{MarkFirstStep.__qualname__}"
    began = time.time()
    seconds_of("-m", "src.train", *places, *SMALL, mark)
    return float((outputs / name / MARK).read_text()) - began


def seconds_of(*arguments: str) -> float:
    """Seconds of a Python process to its end."""
    began = time.perf_counter()
    command = [sys.executable, *arguments]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began
