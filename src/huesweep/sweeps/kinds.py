"""The kinds of trials that a sweep may have: those that train a colorizer, and transfers of an encoder."""

from collections.abc import Mapping
from typing import Any

from omegaconf import DictConfig

from huesweep.training.folder import TrialFolder
from huesweep.training.naming import check_model_name, folder_name
from huesweep.training.options import check_shape
from huesweep.transfer.naming import transfer_name
from huesweep.transfer.options import check_transfer, is_transfer

# What computes is imported where it is needed, as processes that only pass trials on read this file too.


def make_trial(config: Mapping[str, Any], folder: TrialFolder) -> Any:
    """The trial that a configuration, as plain values, describes, in its folder: what `run` trains and scores."""
    if is_transfer(config):
        from huesweep.transfer.trial import TransferTrial

        return TransferTrial(config, folder)
    from huesweep.training.colorization_trial import ColorizationTrial

    return ColorizationTrial(config, folder)


def check_trial(config: Mapping[str, Any]) -> None:
    """Raise UsageError for what is known to be wrong with a trial before pictures are read and weights are drawn."""
    if is_transfer(config):
        from huesweep.transfer.assembly import assemble_transfer

        assemble_transfer(config, reads_pictures=False)
    else:
        from huesweep.training.assembly import assemble

        assemble(config, device="meta")


def check_parts(config: Mapping[str, Any]) -> None:
    """Raise UsageError where a configuration lacks a part. config: with what is computed as it is written."""
    if is_transfer(config):
        check_transfer(config)
    else:
        check_shape(config)


def check_named(config: DictConfig, choice: object) -> None:
    """Raise UsageError where a trial's model is called otherwise than `choice`, the file that it is made of."""
    if not is_transfer(config):
        check_model_name(config.model, choice)


def name_of(config: Mapping[str, Any]) -> str:
    """The name of a trial's folder."""
    return transfer_name(config) if is_transfer(config) else folder_name(config)


def words_of(config: Mapping[str, Any]) -> list[str]:
    """A trial in a few words, for tags."""
    if is_transfer(config):
        return ["transfer", str(config["data"]["name"]), str(config["mode"])]
    return [str(config[part]["name"]) for part in ("data", "model", "target", "loss")]
