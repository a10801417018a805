"""What a notebook uses: `import huesweep`, then load, train and results."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas

from huesweep.color.targets.base import Encoding, Target
from huesweep.colorizer.arrays import as_pictures
from huesweep.colorizer.colorizer import Colorizer
from huesweep.io.atomic import write_atomically
from huesweep.io.digest import digest_of
from huesweep.overrides import quoted
from huesweep.registry import kind_of
from huesweep.sweeps.checkpoints import find_checkpoint
from huesweep.sweeps.composition import compose_trial
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.ranking import own_metric, rank
from huesweep.sweeps.results import read_results
from huesweep.sweeps.table import table_rows
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from huesweep.training.naming import folder_name

USUAL_LOSS: dict[Encoding, str] = {"values": "mse", "classes": "cross_entropy"}


class Trained(NamedTuple):
    """What training came to. scores: of the test pictures, by name. folder: of the trial, with everything in it."""

    colorizer: Colorizer
    scores: dict[str, float]
    folder: Path


def load(path: str | Path = "") -> Colorizer:
    """The colorizer of a checkpoint, an exported network, a trial's folder or a sweep's (its best); see Colorizer.load.

    path: nothing for the bundled one. Raises UsageError, a ValueError, where there is none.
    """
    return Colorizer.load(find_checkpoint(str(path)))


def train(
    arrays: Sequence[Any] | np.ndarray,
    model: str = "unet_s",
    target: str = "ab",
    max_epochs: int = 10,
    loss: str | None = None,
    seed: int = 0,
    outputs: str | Path = "outputs",
    overrides: Sequence[str] = (),
) -> Trained:
    """Train a network to color pictures like these, and score it on a part of them that is held back.

    arrays: color pictures of one size, as Colorizer.color takes them; (N, H, W, 3), or a list. model, target, loss: as
    in conf/; the loss that suits the target where none is named. outputs: the folder that gets trials/…; the same call
    again goes on, or gives what has finished. overrides: further ones, as typed on the command line:
    ["batch.size=50"]. Raises UsageError, a ValueError, for what can't be trained.
    """
    pictures = np.stack(as_pictures(arrays, same_size=True))
    path = Path(outputs) / "arrays" / f"{digest_of(list(pictures.shape), pictures.tobytes())}.npy"
    if not path.exists():
        write_atomically(path, lambda file: np.save(file, pictures))
    chosen = [f"model={model}", f"target={target}", f"loss={loss or usual_loss(target)}"]
    options = [f"trainer.max_epochs={max_epochs}", f"seed={seed}", "logger.wandb.mode=disabled"]
    places = ["data=arrays", quoted("data.path", str(path.resolve())), quoted("paths.outputs", str(outputs))]
    config = compose_trial([*chosen, *options, *places, *overrides])
    trial = ColorizationTrial(config, TrialFolder(Path(outputs) / "trials" / folder_name(config)))
    result = trial.run()
    return Trained(Colorizer.load(trial.folder.best), result["test"], trial.folder.path)


@cache
def usual_loss(target: str) -> str:
    """The loss for a target of conf/target where none is named. Raises UsageError for another target."""
    name = compose_trial([f"target={target}"])["target"]["name"]
    return USUAL_LOSS[kind_of(Target, name, "target").encoding]


def results(folder: str | Path, metric: str | None = None) -> pandas.DataFrame:
    """The result table of a sweep's folder, best trial first, and below them the rows that need no network.

    Trials that were scored on different pictures come one after the other, with ranks and baselines of their own.

    metric: by which it is ranked; None is the sweep's own. Raises UsageError, a ValueError, where no trial has
    finished.
    """
    found = read_results(Path(folder))
    wanted = metric or own_metric(Path(folder), found)
    return pandas.DataFrame(table_rows(rank(found, wanted), wanted, Manifest(Path(folder)).swept()))
