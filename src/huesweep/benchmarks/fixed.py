"""What a trial of the default sweep costs beside its training: start, scoring, pictures, files, logging."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from huesweep.benchmarks.report import Row
from huesweep.benchmarks.sweep import LOCAL, RAY, sweep

MOST = 3.0
STEPS = "trainer.limit_train_batches=1"  # an epoch: what is left is fixed


def run(*overrides: str) -> Iterator[Row]:
    """The default sweep with one step an epoch, by launcher: its whole time over the number of its trials."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        common = ("+sweep=quick", "trainer.accelerator=cpu", "gpus_per_trial=0", STEPS, *overrides)
        sweep(folder, *common, *LOCAL, "sweep.name=first", "model=yeung_cnn", "loss=cross_entropy")  # packs, palettes
        for launcher, options, target in (("one at a time", LOCAL, None), ("two at a time, Ray", RAY, MOST)):
            name = launcher.partition(",")[0].replace(" ", "_")
            seconds = sweep(folder, *common, *options, f"sweep.name={name}")
            results = [json.loads(path.read_text()) for path in folder.glob(f"sweeps/{name}/*/result.json")]
            yield Row(f"{launcher}: a trial", seconds / len(results), "s", 0.0, target, "lower")
            validated = sum(result["seconds"] for result in results) / len(results)
            yield Row(f"{launcher}: of it, two epochs of one step with their validation", validated, "s")
