"""Everything a trial consists of, built from its configuration."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from typing import Any, NamedTuple

import pytorch_lightning as pl
import torch
from torch import nn

from huesweep.color.targets.base import Target
from huesweep.colorizer.colorizer import Colorizer
from huesweep.colorizer.format import CHECKPOINT_VERSION
from huesweep.configuration import OF_EVERY_SOURCE, TARGET, describe, describe_model, make, make_call
from huesweep.data.module import PairDataModule
from huesweep.data.sources.base import Source
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError, unknown
from huesweep.losses.base import Loss
from huesweep.metrics.catalog import CATALOG, check_exists
from huesweep.models.assembly import build_network, weightless
from huesweep.registry import build, call, check_arguments
from huesweep.training.examples import ExampleGrids
from huesweep.training.folder import checkpoint_at
from huesweep.training.loggers import check_loggers
from huesweep.training.module import ColorizationModule
from huesweep.training.optimizers import Recipe
from huesweep.training.options import check_shape, part_options
from huesweep.training.starting import START, split_start, start_encoder
from huesweep.training.trainer import make_trainer


class TrialParts(NamedTuple):
    """What trains, and on what."""

    module: ColorizationModule
    data: PairDataModule
    callbacks: list[pl.Callback]


def assemble(config: Mapping[str, Any], device: str = "cpu") -> TrialParts:
    """Build a trial's parts, reading no pictures. config: conf/train.yaml, composed and resolved, as plain values.

    Weights are drawn from config["seed"]. device: `meta` draws none, where parts are only looked at. Raises UsageError
    for everything that is known to be wrong before training.
    """
    check_shape(config)
    part = part_options(config["data"])
    seed = config["seed"]
    here = {"accelerator": "cpu"} if device == "meta" else {}  # a sweep's trials may find a GPU elsewhere
    make_trainer({**config["trainer"], **here}, logger=False, enable_checkpointing=False)  # to learn what it refuses
    check_arguments(ExampleGrids, config["examples"], "examples", given=2)
    check_loggers(config["logger"])
    pl.seed_everything(seed, verbose=False)
    if config["start_from"] is not None:
        checkpoint_at(config["start_from"], START)
    source = make_source(config["data"])
    source.check()
    side = config["batch"].get("side") or source.side
    description = describe_trial(config, side)
    colorizer = make_colorizer(description, config["target"], config["model"], device)
    if config["model"].get("output", "linear") != "linear" and colorizer.target.encoding == "classes":
        raise UsageError(
            f"model.output={config['model']['output']} is for values: a palette's need model.output=linear"
        )
    if colorizer.side not in (None, side):
        raise UsageError(
            f"model={description['model']['name']} serves pictures of {colorizer.side}x{colorizer.side} alone, "
            f"and data={source.name} gives {side}x{side}: set model.decoder.size={side}"
        )
    check_exists(config["sweep"]["rank"], has_palette=colorizer.target.encoding == "classes", side=side)
    loss = make(config["loss"], Loss, "loss")
    watched = config["trainer"].get("watch", "validation")
    module = ColorizationModule(colorizer, loss, recipe_of(config["optimizer"], config["scheduler"]), watched)
    use = (part.fraction, part.per_class, part.test_fraction)
    data = call(PairDataModule, config["batch"], "batch", source, colorizer.task, seed, *use)
    data.watch = watched
    return TrialParts(module, data, make_callbacks(config["callbacks"], module))


def make_callbacks(configured: Mapping[str, Any], module: ColorizationModule) -> list[pl.Callback]:
    """What is called back in training beside what every trial has. Raises UsageError for what can't be."""
    for name, options in configured.items():
        if TARGET not in options:
            raise UsageError(
                f"callbacks.{name} has no {TARGET}: conf/callbacks is chosen with callbacks=, others need it"
            )
    made = {name: make_call(chosen, f"callbacks.{name}")() for name, chosen in configured.items()}
    has_palette = module.colorizer.target.encoding == "classes"
    scores = [
        name for name, metric in CATALOG.items() if metric.needs == "" or (metric.needs == "palette" and has_palette)
    ]
    known = ["train/loss", *(f"{module.watched}/{name}" for name in ("loss", *scores))]
    for name, callback in made.items():
        if not isinstance(callback, pl.Callback):
            raise UsageError(f"callbacks.{name}.{TARGET}={configured[name][TARGET]} is no callback")
        monitored = getattr(callback, "monitor", None)
        if monitored is not None and monitored not in known:
            raise unknown(f"callbacks.{name}.monitor", monitored, known)
    return list(made.values())


def check_monitored(callbacks: Sequence[pl.Callback], split: str | None) -> None:
    """Raise UsageError for a callback that waits for a score of pictures that there are none of. split: watched."""
    for callback in callbacks:
        monitored = getattr(callback, "monitor", None)
        if split is None and monitored not in (None, "train/loss"):
            raise UsageError(
                f"{type(callback).__name__} waits for {monitored}, and no pictures are kept to score: data.validation=0"
            )


def make_source(configured: Mapping[str, Any]) -> Source:
    """The source that conf/data describes."""
    return make({name: value for name, value in configured.items() if name not in OF_EVERY_SOURCE}, Source, "data")


def make_colorizer(
    description: Mapping[str, Any], target: Mapping[str, Any], model: Mapping[str, Any], device: str
) -> Colorizer:
    """A colorizer with weights drawn at random.

    target, model: as configured, with the palette and the weights to start from, which a description doesn't name.
    device: of the network alone.
    """
    task = build(Task, description["task"], "task")
    made = make(target, Target, "target")
    is_real = device != "meta"
    model, start = split_start(model)
    with nullcontext() if is_real else torch.device("meta"):
        described = describe_model(model) if is_real else description["model"]
        network = build_network(described, task.channels, made.channels)
    if start is not None:
        start_encoder(network.encoder, start)
    return Colorizer(network, task, made, description)


def describe_trial(config: Mapping[str, Any], side: int) -> dict[str, Any]:
    """What a checkpoint says of itself, as plain values: how to build network, task and target, and where it is from.

    side: of the pictures it is trained on. A palette's colors and an encoder's weights travel in the checkpoint: it
    names no file and no download.
    """
    model = describe_model(config["model"])
    model["encoder"] = weightless(model["encoder"])
    target = {name: value for name, value in config["target"].items() if name != "palette"}
    return {
        "version": CHECKPOINT_VERSION,
        "model": model,
        "task": describe(config["task"], Task, "task"),
        "target": describe(target, Target, "target"),
        "loss": config["loss"]["name"],
        "data": config["data"]["name"],
        "side": side,
        "seed": config["seed"],
    }


def recipe_of(optimizer: Mapping[str, Any], scheduler: Mapping[str, Any]) -> Callable[[Any, int], Recipe]:
    """Gives the Recipe for parameters and a number of steps.

    optimizer: one of huesweep.training.optimizers, or of torch or timm. scheduler: of torch, to which `interval` is
    added, or nothing. Raises UsageError now for what can't be made.
    """
    begin = make_call(optimizer, "optimizer")
    if scheduler and TARGET not in scheduler:
        raise UsageError(
            f"option scheduler.{next(iter(scheduler))} does not exist here: choose a schedule, scheduler=torch"
        )
    options = {name: value for name, value in scheduler.items() if name != "interval"}
    interval = scheduler.get("interval", "step")
    if interval not in ("step", "epoch"):
        raise unknown("scheduler.interval", interval, ("step", "epoch"))

    def recipe(parameters: Any, steps: int) -> Recipe:
        is_ours = optimizer[TARGET].startswith("huesweep.")
        made = begin(parameters, steps) if is_ours else begin(parameters)
        if not isinstance(made, Recipe):
            made = Recipe(made)
        if isinstance(made.optimizer, torch.optim.LBFGS):
            raise UsageError("optimizer: LBFGS wants all pictures in every step: take one that steps batch by batch")
        if not isinstance(made.optimizer, torch.optim.Optimizer):
            raise UsageError(f"optimizer.{TARGET}={optimizer[TARGET]} is no optimizer")
        if not options:
            return made
        if made.schedule is not None:
            raise UsageError(f"optimizer={optimizer[TARGET].rpartition('.')[2]} has a schedule: set scheduler=none")
        return Recipe(made.optimizer, make_call(options, "scheduler")(made.optimizer), interval)

    _try(draft(recipe), scheduler)
    return recipe


def draft(recipe: Callable[[Any, int], Recipe]) -> Recipe:
    """What a recipe makes of a parameter that nobody needs, to learn what it refuses and whether it has a schedule."""
    return recipe([nn.Parameter(torch.zeros(1))], 2)


def _try(made: Recipe, scheduler: Mapping[str, Any]) -> None:
    """Take a step, only to learn what would be refused."""
    if made.schedule is None:
        return
    made.optimizer.step()
    try:
        made.schedule.step()
    except Exception as error:  # of a library, in its own words
        raise UsageError(f"scheduler: {scheduler.get(TARGET)} can't be stepped: {error}") from None
