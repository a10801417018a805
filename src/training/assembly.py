"""Everything a trial consists of, built from its configuration."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytorch_lightning as pl

from src.build import build, build_function
from src.color.targets.base import Target
from src.data.module import PictureDataModule
from src.data.sources.base import Source
from src.data.tasks.base import Task
from src.models.assembly import build_network
from src.training import optimizers
from src.training.losses.base import Loss
from src.training.module import ColorizationModule

CHECKPOINT_VERSION = 1


class Parts(NamedTuple):
    """What trains, and on what."""

    module: ColorizationModule
    data: PictureDataModule


def assemble(config: Mapping[str, Any]) -> Parts:
    """Build a trial's parts, reading no pictures. config: conf/train.yaml, composed and resolved, as plain values.

    Weights are drawn from config["seed"]. Raises UsageError for everything that is known to be wrong before training.
    """
    pl.seed_everything(config["seed"], verbose=False)
    source = build(config["data"], Source)
    source.check()
    task = build(config["task"], Task)
    target = build(config["target"], Target)
    module = ColorizationModule(
        network=build_network(config["model"], task.channels, target.channels),
        task=task,
        target=target,
        loss=build(config["loss"], Loss),
        make_recipe=build_function(config["optimizer"], optimizers.__name__, missing=2),
        description=describe(config),
    )
    batch = config["batch"]
    data = PictureDataModule(source, batch["size"], batch["score_size"], batch["flip"], config["seed"])
    return Parts(module, data)


def describe(config: Mapping[str, Any]) -> dict[str, Any]:
    """What a checkpoint says of itself, as plain values: how to build network, task and target, and where it is from.

    A palette's colors travel in the weights: no file is named.
    """
    target = {key: value for key, value in config["target"].items() if key != "palette"}
    return {
        "version": CHECKPOINT_VERSION,
        "model": dict(config["model"]),
        "task": dict(config["task"]),
        "target": target,
        "loss": config["loss"]["name"],
        "data": config["data"]["name"],
        "seed": config["seed"],
    }
