"""How many trials an hour a GPU does when several share it: python -m src.benchmarks gpu, with DATA_ROOT set."""

import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import torch

from huesweep.benchmarks.report import Row
from huesweep.benchmarks.sweep import sweep

TOGETHER = (1, 2, 4, 8)  # trials on the card at once
COMMON = ("+sweep=quick", "data=cifar10", "data.verify=false", "logger.wandb.mode=disabled", "hydra/launcher=ray")


def run() -> Iterator[Row]:
    """The default sweep on CIFAR-10, on the first GPU; nothing where there is none."""
    if not torch.cuda.is_available():
        print("there is no GPU here: nothing to measure", file=sys.stderr)
        return
    with tempfile.TemporaryDirectory() as folder:
        outputs = Path(folder)
        sweep(outputs, *COMMON, "sweep.name=first", "trainer.max_epochs=1", "model=yeung_cnn", "target.colors=16")
        rates = []
        for count in TOGETHER:
            name = f"share{count}"
            devices = ("hydra.launcher.ray.init.num_gpus=1", f"gpus_per_trial={1 / count}")
            started = time.perf_counter()
            sweep(outputs, *COMMON, *devices, f"sweep.name={name}")
            done = len(list(outputs.glob(f"sweeps/{name}/*/result.json")))
            rates.append(done / (time.perf_counter() - started) * 3600)
            yield Row(f"{torch.cuda.get_device_name(0)}, {count} at once", rates[-1], "trials/h")
        yield Row("best against one at a time", max(rates) / rates[0], "times")
