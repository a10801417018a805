"""A configuration composed for code: by the overrides that a command line would hold."""

from collections.abc import Sequence
from typing import Any

from hydra import compose, initialize_config_dir
from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from huesweep.configuration import plain
from huesweep.errors import UsageError
from huesweep.explanation import explain
from huesweep.resources import CONF
from huesweep.sweeps.resolvers import register_with_hydra
from huesweep.training.naming import check_model_name


def compose_trial(overrides: Sequence[str]) -> dict[str, Any]:
    """conf/train.yaml with overrides, as plain values: what a trial is made of.

    Raises UsageError for what `python -m src.train` would refuse to compose.
    """
    register_with_hydra()
    try:
        with initialize_config_dir(str(CONF)):
            config = compose("train", list(overrides), return_hydra_config=True)
            check_model_name(config.model, config.hydra.runtime.choices.get("model"))
            return plain(config)
    except (HydraException, OmegaConfBaseException) as error:
        raise UsageError(explain(error)) from None
