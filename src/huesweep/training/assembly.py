"""Everything a trial consists of, built from its configuration."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytorch_lightning as pl

from huesweep.build import build, build_function, check_options
from huesweep.color.targets.base import Target
from huesweep.colorizer.format import CHECKPOINT_VERSION
from huesweep.data.module import PictureDataModule
from huesweep.data.sources.base import Source
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError, unknown
from huesweep.losses.base import Loss
from huesweep.models.assembly import build_network
from huesweep.training import optimizers
from huesweep.training.examples import ExampleGrids
from huesweep.training.module import ColorizationModule
from huesweep.training.trainer import make_trainer
from huesweep.training.wandb_runs import check_mode, make_logger

OF_TRAINING_PICTURES = ("fraction", "per_class")  # options of every source, which none has to know
PLACES = (  # what a trial's configuration consists of
    *("data", "task", "model", "target", "loss", "optimizer", "trainer", "callbacks", "batch", "seed"),
    *("examples", "logger", "paths", "sweep", "gpus_per_trial", "cpus_per_trial"),
)


class Parts(NamedTuple):
    """What trains, and on what."""

    module: ColorizationModule
    data: PictureDataModule
    callbacks: list[pl.Callback]


def assemble(config: Mapping[str, Any]) -> Parts:
    """Build a trial's parts, reading no pictures. config: conf/train.yaml, composed and resolved, as plain values.

    Weights are drawn from config["seed"]. Raises UsageError for everything that is known to be wrong before training.
    """
    for name in config:
        if name not in PLACES:
            raise unknown("option", name, PLACES)
    seed = config["seed"]
    if not isinstance(seed, int) or not 0 <= seed < 2**32:
        raise UsageError(f"seed must be a whole number from 0 to 4294967295, not {seed}")
    make_trainer(config["trainer"], logger=False, enable_checkpointing=False)  # only to learn what it would refuse
    check_options(ExampleGrids, config["examples"], "examples", given=2)
    check_options(make_logger, config["logger"]["wandb"], "logger.wandb", given=2)
    check_mode(config["logger"]["wandb"]["mode"])
    pl.seed_everything(seed, verbose=False)
    of_source = {name: value for name, value in config["data"].items() if name not in OF_TRAINING_PICTURES}
    source = build(of_source, Source, "data")
    source.check()
    task = build(config["task"], Task, "task")
    target = build(config["target"], Target, "target")
    if not (target.has_lightness or task.keeps_lightness):
        raise UsageError(f"target={target.name} as configured predicts no brightness: set task.luminance=keep")
    network = build_network(config["model"], task.channels, target.channels)
    if network.side not in (None, source.side):
        raise UsageError(
            f"model={config['model']['name']} serves pictures of {network.side}x{network.side} alone, "
            f"and data={source.name} gives {source.side}x{source.side}: set model.decoder.size={source.side}"
        )
    module = ColorizationModule(
        network=network,
        task=task,
        target=target,
        loss=build(config["loss"], Loss, "loss"),
        make_recipe=build_function(config["optimizer"], optimizers.__name__, "optimizer", missing=2),
        description=describe(config, source.side),
    )
    part = {name: config["data"][name] for name in OF_TRAINING_PICTURES}
    check_options(PictureDataModule, {**config["batch"], **part}, "batch", given=2)
    callbacks = [build(chosen, pl.Callback, f"callbacks.{name}") for name, chosen in config["callbacks"].items()]
    return Parts(module, PictureDataModule(source, seed, **part, **config["batch"]), callbacks)


def describe(config: Mapping[str, Any], side: int) -> dict[str, Any]:
    """What a checkpoint says of itself, as plain values: how to build network, task and target, and where it is from.

    side: of the pictures it is trained on. A palette's colors and an encoder's weights travel in the checkpoint: it
    names no file and no download.
    """
    target = {key: value for key, value in config["target"].items() if key != "palette"}
    model = dict(config["model"])
    if "pretrained" in model["encoder"]:
        model["encoder"] = {**model["encoder"], "pretrained": False}
    return {
        "version": CHECKPOINT_VERSION,
        "model": model,
        "task": dict(config["task"]),
        "target": target,
        "loss": config["loss"]["name"],
        "data": config["data"]["name"],
        "side": side,
        "seed": config["seed"],
    }
