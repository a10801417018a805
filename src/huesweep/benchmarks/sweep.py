"""How many trials a minute a sweep does side by side, and what starting a trial costs."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import yaml

from huesweep.benchmarks.report import Row
from huesweep.sweeps.composition import compose_trial
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import config_hash
from huesweep.training.naming import folder_name

COMMON = ("+sweep=quick", "logger.wandb.mode=disabled", "trainer.accelerator=cpu", "gpus_per_trial=0")
LOCAL = ("hydra/launcher=local",)
RAY = ("hydra/launcher=ray", "hydra.launcher.ray.init.num_cpus=2", "cpus_per_trial=1")
SHARE = 0.95
IDLE = (10, 50, 200)  # trials of which all but one have nothing to do
ONE = ("model=unet", "loss=cross_entropy", "target.colors=4", "data.train=32", "data.validation=16", "data.test=16")


def run() -> Iterator[Row]:
    """The default sweep, one trial after the other and two at a time; then sweeps of which one trial is left."""
    with tempfile.TemporaryDirectory() as folder:
        pack = (*COMMON, *ONE[:3], *LOCAL, "trainer.max_epochs=1", "trainer.limit_train_batches=1")
        sweep(Path(folder), *pack, "sweep.name=first")  # cuts the pictures, which either way happens once
        rates, seconds_a_trial = {}, {}
        for name, launcher in (("one at a time", LOCAL), ("two at a time", RAY)):
            wanted = f"sweep.name={name.replace(' ', '_')}"
            seconds = sweep(Path(folder), *COMMON, *launcher, wanted)
            results = list(Path(folder).glob(f"sweeps/{wanted.partition('=')[2]}/*/result.json"))
            rates[name] = len(results) / seconds * 60
            seconds_a_trial[name] = sum(json.loads(path.read_text())["seconds"] for path in results) / len(results)
            yield Row(f"default sweep, {name}", rates[name], "trials/min")
        ratio = rates["two at a time"] / rates["one at a time"]
        yield Row("ratio", ratio, "times")
        slower = seconds_a_trial["two at a time"] / seconds_a_trial["one at a time"]
        yield Row("training of a trial beside another, each on half of the cores", slower, "times the time")
        yield Row("ratio that this leaves, were all else free", 2 / slower, "times")
        yield Row("share of it that is reached", ratio * slower / 2, "", target=SHARE)
        trained = next(Path(folder).glob("sweeps/first/*/result.json"))
        for count in IDLE:
            name = f"idle{count}"
            pretend_finished(trained, Path(folder) / "sweeps" / name, count)
            seeds = f"seed=range({count})"
            seconds = sweep(Path(folder), *COMMON, *ONE, *RAY, seeds, f"sweep.name={name}")
            yield Row(f"{count} trials, all but one with nothing to do, two at a time", seconds / count, "s a trial")


def sweep(outputs: Path, *overrides: str, limit: float | None = None) -> float:
    """Run a sweep below `outputs` and give the seconds from the command to its end, of which there are `limit`."""
    places = (f"paths.outputs={outputs}", f"paths.cache={outputs}/cache")
    started = time.perf_counter()
    command = [sys.executable, "-m", "src.train", "-m", *places, *overrides]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=limit)
    return time.perf_counter() - started


def pretend_finished(trained: Path, sweep_folder: Path, count: int) -> None:
    """Put into place what trials leave that have finished: copies of one that has, each with a seed of its own.

    All but the first of them: a sweep without anything to do would schedule none. trained: result.json of that trial.
    """
    result = json.loads(trained.read_text())
    composed = compose_trial([*COMMON, *ONE])
    for seed in range(1, count):
        config = {**composed, "seed": seed}
        folder = TrialFolder(sweep_folder / folder_name(config))
        shutil.copytree(trained.parent, folder.path, ignore=shutil.ignore_patterns("*.ckpt", "epoch-*"))
        folder.config.write_text(yaml.safe_dump(config))
        folder.write_result({**result, "name": folder.path.name, "seed": seed, "config_hash": config_hash(config)})
