"""What conf/transfer.yaml may say."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from huesweep.errors import UsageError
from huesweep.ranges import Amount, Count, Fraction, Seed
from huesweep.registry import CHECKS, call
from huesweep.training.options import check_shared

Mode = Literal["linear", "finetune", "scratch", "random", "pretrained"]
TRAINED: tuple[Mode, ...] = ("finetune", "scratch")  # in which the encoder learns; in the others it is frozen
OWN: tuple[Mode, ...] = ("linear", "finetune")  # which begin with the checkpoint's weights
Options = Mapping[str, Any]


@dataclass(frozen=True, config=CHECKS)
class TransferOptions:
    """What a transfer's configuration consists of."""

    ckpt: str | None
    pretext: str | None
    mode: Mode
    labels: Fraction
    epoch_steps: Count
    seed: Seed
    data: Options
    optimizer: Options
    scheduler: Options
    trainer: Options
    logger: Mapping[str, Options]
    batch: Options
    paths: Options
    sweep: Options
    gpus_per_trial: Literal["auto"] | Amount
    cpus_per_trial: Literal["auto"] | Count


def check_transfer(config: Mapping[str, Any]) -> TransferOptions:
    """The options of a configuration, with what is computed as it is written. Raises UsageError for what can't be."""
    options: TransferOptions = call(TransferOptions, config, "")
    if not options.ckpt:
        raise UsageError("ckpt= is missing: python -m src.transfer ckpt=TRIAL, a checkpoint or a trial's folder")
    check_shared(config)
    if config["trainer"].get("strategy", "auto") != "auto":
        raise UsageError("trainer=ddp: a transfer trains on one device; -m gives each of several its own")
    if config["trainer"].get("watch", "validation") != "validation":
        raise UsageError("trainer.watch: validation pictures choose a transfer's stage, penalty or epoch")
    return options


def is_transfer(config: Mapping[str, Any]) -> bool:
    """Whether a configuration is of conf/transfer.yaml, and not of conf/train.yaml."""
    return "ckpt" in config
