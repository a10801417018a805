"""Which values a trial's configuration may have that no part of it checks when it is made."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator
from pydantic.dataclasses import dataclass

from huesweep.configuration import OF_EVERY_SOURCE, OF_TRAINING_PICTURES, TARGET, check_paths
from huesweep.errors import UsageError
from huesweep.ranges import Amount, Count, Fraction, Seed, Whole
from huesweep.registry import CHECKS, call

Options = Mapping[str, Any]


def _name_of_folder(name: str) -> str:
    if not name.isprintable() or "\\" in name or not all(part.strip(". ") for part in name.split("/")):
        raise ValueError("must be the name of a folder, such as quick")
    return name


@dataclass(frozen=True, config=CHECKS)
class TrialOptions:
    """What a trial's configuration consists of, conf/train.yaml; what is made of a part checks its options.

    pretext: a word for what a checkpoint that it starts from has learned, for tables; trials of one word, and several
    seeds, are repetitions.
    """

    data: Options
    task: Options
    model: Options
    target: Options
    loss: Options
    optimizer: Options
    scheduler: Options
    trainer: Options
    callbacks: Mapping[str, Options]
    logger: Mapping[str, Options]
    batch: Options
    examples: Options
    paths: Options
    sweep: Options
    seed: Seed
    start_from: str | None
    gpus_per_trial: Literal["auto"] | Amount
    cpus_per_trial: Literal["auto"] | Count
    pretext: str | None = None


@dataclass(frozen=True, config=CHECKS)
class SweepOptions:
    """Options of a sweep, which its trials only carry along."""

    name: Annotated[str, AfterValidator(_name_of_folder)]
    rank: str
    trials: Count


@dataclass(frozen=True, config=CHECKS)
class PartOptions:
    """Which part of a source's pictures to use, OF_EVERY_SOURCE."""

    fraction: Fraction
    per_class: Count | None
    test_fraction: Fraction = 1.0


Precision = Literal["32-true", "16-mixed", "bf16-mixed"]  # what the network computes in; colors are always 32 bits
Accelerator = Literal["auto", "cpu", "cuda", "gpu"]
Watched = Literal["validation", "test"]  # the split that is scored after each epoch
LOGGED_AS: dict[Watched, str] = {"validation": "val", "test": "test"}  # what its scores' names begin with


def _some_batches(wanted: float) -> float:
    if not (0 < wanted <= 1 if isinstance(wanted, float) else wanted >= 1):
        raise ValueError("must be a share of an epoch, above 0.0 up to 1.0, or a number of batches from 1")
    return wanted


Batches = Annotated[int | float, AfterValidator(_some_batches)]
DECIDED = {  # options of Lightning's Trainer that a trial decides itself, and what is asked for with them
    "callbacks": "callbacks are chosen with callbacks=",
    "logger": "loggers are chosen with logger=",
    "default_root_dir": "a trial's folder is hydra.run.dir",
    "limit_val_batches": "all validation pictures are scored, of which there are data.validation",
    "limit_test_batches": "data.test_fraction scores a part of the test pictures",
    "limit_predict_batches": "python -m src.predict colors photos",
    "num_sanity_val_steps": "there are none",
    "overfit_batches": "data.per_class and data.fraction train on few pictures",
    "fast_dev_run": "it leaves nothing to score; try max_epochs=1",
    "barebones": "it leaves nothing to score; try max_epochs=1",
    "enable_progress_bar": "a line is printed for each epoch",
    "enable_model_summary": "python -m src.models lists the networks",
    "enable_checkpointing": "the best and the last are kept",
    "sync_batchnorm": "trainer=ddp does where it can",
    "plugins": "there is one for checkpoints",
    "model_registry": "there is none",
    "reload_dataloaders_every_n_epochs": "the pictures stay the same",
}


@dataclass(frozen=True, config=CHECKS)
class TrainerOptions:
    """Those of Lightning's options of which a trial can't have every value; the defaults are Lightning's."""

    max_epochs: Count
    check_val_every_n_epoch: Count
    precision: Precision
    accelerator: Accelerator
    devices: Literal["auto"] | Count
    strategy: Literal["auto", "ddp"] = "auto"
    watch: Watched = "validation"  # not Lightning's
    max_steps: Literal[-1] | Count = -1
    min_epochs: Whole | None = None
    min_steps: Whole | None = None
    limit_train_batches: Batches | None = None
    val_check_interval: Batches | None = None
    accumulate_grad_batches: Count = 1
    gradient_clip_val: Amount | None = None
    log_every_n_steps: Whole | None = None
    num_nodes: Literal[1] = 1


def check_trainer(options: Options) -> TrainerOptions:
    """conf/trainer with what Lightning takes otherwise than it reads, or too late refuses, told in a UsageError."""
    for name, instead in DECIDED.items():
        if options.get(name):
            raise UsageError(f"trainer.{name} is decided for every trial: {instead}")
    narrowed = {name: value for name, value in options.items() if name in TrainerOptions.__annotations__}
    chosen: TrainerOptions = call(TrainerOptions, narrowed, "trainer")
    for name in ("check_val_every_n_epoch", "min_epochs"):
        if (getattr(chosen, name) or 0) > chosen.max_epochs:
            raise UsageError(f"trainer.{name}={getattr(chosen, name)} must be at most max_epochs={chosen.max_epochs}")
    if 0 < chosen.max_steps < (chosen.min_steps or 0):
        raise UsageError(f"trainer.min_steps={chosen.min_steps} must be at most max_steps={chosen.max_steps}")
    for name, usual in (("min_epochs", 0), ("check_val_every_n_epoch", 1)):
        if chosen.max_steps > 0 and (getattr(chosen, name) or 0) > usual:
            raise UsageError(
                f"trainer.{name}={getattr(chosen, name)} can't go with max_steps={chosen.max_steps}: training ends at "
                "that step, with a validation there"
            )
    if chosen.strategy != "ddp" and chosen.devices not in (1, "auto"):
        raise UsageError(f"trainer.devices={chosen.devices}: several devices for one trial need trainer=ddp")
    return chosen


def check_batches(options: Options, batches: int) -> None:
    """Raise UsageError for parts of an epoch that it doesn't have. batches: of training pictures, in an epoch.

    Processes that share an epoch, as far as their number is told, have a part of its batches each.
    """
    devices = options.get("devices")
    if options.get("strategy") == "ddp" and isinstance(devices, int) and devices > 0:
        batches = -(-batches // devices)
    for name in ("limit_train_batches", "val_check_interval"):
        wanted = options.get(name)
        if isinstance(wanted, float):
            if int(batches * wanted) == 0:
                raise UsageError(f"trainer.{name}={wanted} is less than a batch: an epoch has {batches}")
            wanted = int(batches * wanted)
        if wanted is not None and name == "val_check_interval" and wanted > batches:
            raise UsageError(
                f"trainer.{name}={wanted} is more batches than the {batches} of an epoch: epochs between validations "
                "are trainer.check_val_every_n_epoch"
            )
        batches = min(batches, wanted or batches)


def check_shape(config: Mapping[str, Any]) -> None:
    """Raise UsageError where a trial's configuration lacks a part, or has something else in its place.

    config: conf/train.yaml as plain values, with what is computed as it is written: `${…}`.
    """
    call(TrialOptions, config, "")
    check_shared(config)
    for name in ("task", "target", "loss"):
        check_part(config[name], name, has_name=True)
    model = config["model"]
    if "name" not in model:
        raise UsageError("model.name needs a value")
    for name in ("encoder", "decoder"):
        check_part(model.get(name), f"model.{name}", has_name=False)


def check_shared(config: Mapping[str, Any]) -> None:
    """What every kind of trial has: paths, a sweep that it may be of, and data. Raises UsageError as check_shape."""
    check_paths(config["paths"])
    call(SweepOptions, config["sweep"], "sweep")
    check_part(config["data"], "data", has_name=True)
    for name in OF_TRAINING_PICTURES:
        if name not in config["data"]:
            raise UsageError(f"data.{name} needs a value")


def part_options(data: Options) -> PartOptions:
    """Which part of a source's pictures conf/data asks for. Raises UsageError for what can't be."""
    return call(PartOptions, {name: data[name] for name in OF_EVERY_SOURCE if name in data}, "data")


def check_part(part: Any, where: str, *, has_name: bool) -> None:
    """Raise UsageError where a part of a configuration is none, or doesn't say what it is.

    where: its place. has_name: whether, beside its class, it needs a name.
    """
    if not isinstance(part, Mapping):
        given = "null" if part is None else part
        choice = where.replace(".", "/")
        raise UsageError(f"{where}={given} can't be: it is chosen with {choice}=NAME, its options are {where}.OPTION")
    for name in (TARGET, *(("name",) if has_name else ())):
        if name not in part:
            raise UsageError(f"{where}.{name} needs a value")
