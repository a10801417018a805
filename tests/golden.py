"""Whether a change of the code leaves training as it was, to the last bit: python -m tests.golden record|compare FILE.

`record` trains six small trials and writes digests of their weights, their curves and their scores; `compare`, with the
changed code on the same machine, trains them again and says what differs (status 1). Bits depend on the processor and
on torch's version, so the file is not kept in the repository.
"""

import csv
import hashlib
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parent.parent
SMALL = (
    *("data.train=96", "data.validation=32", "data.test=32", "batch.size=32", "batch.shift=2", "batch.exposure=0.1"),
    *("trainer.max_epochs=2", "trainer.accelerator=cpu", "examples.count=2", "logger.wandb.mode=disabled"),
)
TRIALS = {
    "palette": ("model=yeung_unet", "target.colors=8"),
    "ab": ("model=unet", "target=ab", "loss=huber", "model.attention=[8]"),
    "super_resolution": ("task=super_resolution", "task.factor=2", "model=csc413_unet", "target.colors=6"),
    "average": ("model=unet", "callbacks=ema", "target.colors=5", "loss=rebalanced"),
    "soft": ("model=kamtziridis", "target=palette_grid", "data.size=16", "optimizer=adam", "optimizer.lr=1e-3"),
    "dense": ("model=rutgers_fc1", "data.size=8", "target=rgb", "loss=sum_of_squares", "task.luminance=predicted"),
}
SCORED = ("validation", "test", "baselines", "parameters", "epochs", "steps", "pictures", "seed")


def train(name: str, folder: Path) -> dict[str, Any]:
    """Train one of the trials in `folder` as a person would, and give what is compared."""
    places = [f"paths.outputs={folder}", f"paths.cache={folder.parent}/cache", f"hydra.run.dir={folder}/trial"]
    command = [sys.executable, "-m", "src.train", *SMALL, *places, *TRIALS[name]]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, check=True, stdout=subprocess.DEVNULL)
    trial = folder / "trial"
    result = json.loads((trial / "result.json").read_text())
    with (trial / "metrics.csv").open(newline="") as file:
        curves = [{key: value for key, value in row.items() if key != "seconds"} for row in csv.DictReader(file)]
    weights = {kind: digests(trial / "checkpoints" / f"{kind}.ckpt") for kind in ("best", "last")}
    return {"weights": weights, "curves": curves, "scores": {key: result[key] for key in SCORED}}


def digests(checkpoint: Path) -> list[str]:
    """Of each tensor, in order: what they are called may change."""
    state = torch.load(checkpoint, weights_only=True)["state_dict"]
    return [hashlib.sha256(value.contiguous().numpy().tobytes()).hexdigest()[:12] for value in state.values()]


def main(action: str, file: Path) -> None:
    """Record, or compare with what was recorded."""
    with tempfile.TemporaryDirectory() as folder:
        found = {name: train(name, Path(folder) / name) for name in TRIALS}
    if action == "record":
        file.write_text(json.dumps(found, indent=1) + "\n")
        print(f"wrote {file}")
        return
    expected = json.loads(file.read_text())
    differing = [
        f"{name}: {part}" for name in TRIALS for part in expected[name] if expected[name][part] != found[name][part]
    ]
    print("\n".join(f"differs: {what}" for what in differing) or f"{len(TRIALS)} trials are the same to the last bit")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("record", "compare"):
        sys.exit("usage: python -m tests.golden record|compare FILE")
    main(sys.argv[1], Path(sys.argv[2]))
