"""What a GPU does, in under ten minutes: python -m src.benchmarks gpu, with DATA_ROOT set to a copy of CIFAR-10.

Speed by number format, layout and compilation; seconds until CIFAR-10 is colored well; how many trials should share it.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import torch

from huesweep.benchmarks.report import Row
from huesweep.benchmarks.settings import SETTINGS, Workload, pictures_a_second
from huesweep.benchmarks.sweep import sweep
from huesweep.benchmarks.turns import composed
from huesweep.color.targets.palette import PaletteTarget
from huesweep.configuration import describe, describe_model
from huesweep.data.tasks.base import Task
from huesweep.models.assembly import build_network
from huesweep.registry import build
from huesweep.sweeps.devices import available_cores

LIMIT = 540.0  # seconds after which nothing new is begun
COLORS, BATCH = 16, 500
TOGETHER = (1, 2, 4, 8)  # trials on the card at once
GRID = ("model=yeung_cnn,unet_fast", "target.colors=16,32", "loss=cross_entropy,rebalanced", "trainer.max_epochs=1")
FIRST = ("model=yeung_cnn", "target.colors=16,32", "loss=cross_entropy", "seed=0", "trainer.max_epochs=1")
QUIET = ("logger.wandb.mode=disabled", "examples.count=1")
GOAL = 23.1  # pooled PSNR of CIFAR-10's validation pictures, at their own brightness
FAST = ("model=unet_fast", "trainer.precision=bf16-mixed", f"batch.size={BATCH}")
FAILED = 3  # lines of what a command printed that are shown


def run(
    device: torch.device | None = None,
    pictures: int = 50_000,
    steps: int = 300,
    models: Sequence[str] = ("unet_s", "unet_fast"),
    epochs: Sequence[int] = (1, 2, 4, 8),
    together: Sequence[int] = TOGETHER,
    more: Sequence[str] = (),
) -> Iterator[Row]:
    """On the first GPU; nothing where there is none. What fails is told, and the rest goes on.

    device: another one. more: overrides of the trials.
    """
    if device is None and not torch.cuda.is_available():
        print("there is no GPU here: nothing to measure", file=sys.stderr)
        return
    device = device or torch.device("cuda", 0)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
    ends = time.monotonic() + LIMIT
    data = ("data=cifar10", "data.verify=false") if os.environ.get("DATA_ROOT") else ()
    if not data:
        print("DATA_ROOT names no copy of CIFAR-10: trials train on data=photos", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        parts = (
            _speeds(device, pictures, steps, models, Path(folder)),
            _until_goal(Path(folder), epochs, device, (*data, *more), ends),
            _shared(Path(folder), together, device, (*data, *more), ends),
        )
        for part in parts:
            try:
                for row in part:
                    yield row._replace(name=f"{name}: {row.name}")
                    if time.monotonic() > ends:
                        print("time is up: the rest is left out", file=sys.stderr)
                        return
            except Exception as error:  # of whatever takes part: the other parts still tell something
                print(f"left out: {_reason(error)}", file=sys.stderr)


def _speeds(device: torch.device, count: int, steps: int, models: Sequence[str], folder: Path) -> Iterator[Row]:
    generator = torch.Generator().manual_seed(0)
    levels = torch.randint(0, 256, (count, 3, 32, 32), dtype=torch.uint8, generator=generator).to(device)
    target = PaletteTarget(COLORS)
    target.centers.copy_(torch.rand(COLORS, 3, generator=generator))
    for model in models:
        config = composed(folder, f"model={model}")
        task = build(Task, describe(config["task"], Task, "task"), "task")
        work = Workload(levels, task, target.to(device), min(BATCH, count))
        for name, setting in SETTINGS.items():
            if setting.graph and device.type != "cuda":
                continue
            network = build_network(describe_model(config["model"]), task.channels, COLORS)
            try:
                speed = pictures_a_second(network, work, setting, steps)
            except Exception as error:  # of compilers and drivers, each with classes of its own
                print(f"left out: {model}, {name}: {_reason(error)}", file=sys.stderr)
                continue
            yield Row(f"{model}, {name}", speed, "pictures/s")
    if device.type == "cuda":
        torch.cuda.empty_cache()  # trials of other processes are about to share the card


def _until_goal(
    folder: Path, epochs: Sequence[int], device: torch.device, more: Sequence[str], ends: float
) -> Iterator[Row]:
    """Training time until the goal, of the shortest of some schedules that reaches it."""
    for count in epochs:
        trial = folder / f"goal{count}"
        places = (f"paths.outputs={folder}", f"paths.cache={folder}/cache", f"hydra.run.dir={trial}")
        options = (*FAST, *QUIET, f"trainer.accelerator={_accelerator(device)}", f"trainer.max_epochs={count}")
        command = [sys.executable, "-m", "src.train", *places, *options, *more]
        quiet = subprocess.DEVNULL
        subprocess.run(command, check=True, stdout=quiet, stderr=subprocess.PIPE, text=True, timeout=_left(ends))
        with (trial / "metrics.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        score = float(rows[-1]["val/psnr_pooled"])
        yield Row(f"pooled psnr after {count} epochs", score, "dB")
        if score >= GOAL:
            yield Row(f"to pooled psnr {GOAL}", float(rows[-1]["seconds"]), "s", target=30, better="lower")
            return


def _shared(
    folder: Path, together: Sequence[int], device: torch.device, more: Sequence[str], ends: float
) -> Iterator[Row]:
    """Trials an hour with so many at once, after a sweep that fits the palettes and scores what needs no network."""
    rates = []
    cores = available_cores()
    common = ("+sweep=quick", *QUIET, f"trainer.accelerator={_accelerator(device)}", "hydra/launcher=ray", *more)
    for count in (0, *together):
        name = f"share{count}"
        share = 1 / max(1, count) if device.type == "cuda" else 0
        devices = (
            f"hydra.launcher.ray.init.num_cpus={max(cores, count)}",
            f"cpus_per_trial={max(1, cores // max(1, count))}",
            *(["hydra.launcher.ray.init.num_gpus=1"] if share else []),
            f"gpus_per_trial={share}",
        )
        grid = GRID if count else FIRST
        seconds = sweep(folder, *common, *grid, *devices, f"sweep.name={name}", limit=_left(ends))
        if not count:
            continue
        results = list(folder.glob(f"sweeps/{name}/*/result.json"))
        trained = sum(json.loads(path.read_text())["seconds"] for path in results)
        rates.append(len(results) / seconds * 3600)
        yield Row(f"{count} at once", rates[-1], "trials/h")
        yield Row(f"{count} at once: time in training", trained / count / seconds, "of all")
    yield Row("best against one at a time", max(rates) / rates[0], "times")


def _left(ends: float) -> float:
    """The seconds until a moment, and at least one."""
    return max(1.0, ends - time.monotonic())


def _accelerator(device: torch.device) -> str:
    return "cuda" if device.type == "cuda" else "cpu"


def _reason(error: Exception) -> str:
    told = getattr(error, "stderr", None) or str(error) or type(error).__name__
    return " / ".join(str(told).strip().splitlines()[-FAILED:])
