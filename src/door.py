"""How a command starts: its configuration is composed, and a person's mistake ends it with one line."""

import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

import hydra
from hydra.core.hydra_config import HydraConfig
from hydra.errors import HydraException
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from src.configuration import CONF, explain, register_resolvers
from src.errors import UsageError

TRUSTED = [
    "src.*",
    "hydra.*",
    "hydra_plugins.*",
    "logging.*",
    "optuna.samplers.*",
]  # what a configuration may have Hydra call


def run_door(
    function: Callable[..., object], config_name: str, literal: Sequence[str] = (), repeated: Sequence[str] = ()
) -> None:
    """Compose conf/`config_name`.yaml with the command line and call `function` with the result.

    literal: names whose values are taken from the command line as they stand, whatever characters they hold, and
    passed to `function` as keyword arguments instead; the last one counts, but all of those in `repeated`, as a list.
    Leaves with status 1 and one line after a mistake of the user's; HYDRA_FULL_ERROR=1 in the environment shows the
    traceback as well.
    """
    register_resolvers()
    arguments, values = _take_literal(sys.argv[1:], literal, repeated)
    sys.argv[1:] = arguments
    wants_traceback = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises its errors instead of printing them

    def task(config: DictConfig) -> object:
        try:
            return function(config, **values)
        except UsageError as error:
            if HydraConfig.get().mode == RunMode.MULTIRUN or wants_traceback:
                raise  # the other trials go on
            sys.exit(f"error: {error}")
        except BrokenPipeError:  # whoever read the output, `head` say, has had enough
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)

    try:
        hydra.main(config_path=str(CONF), config_name=config_name, execution_whitelist=TRUSTED)(task)()
    except (UsageError, HydraException, OmegaConfBaseException) as error:
        if wants_traceback:
            raise
        sys.exit(f"error: {explain(error)}")
    except KeyboardInterrupt:
        sys.exit(130)


def _take_literal(
    arguments: Sequence[str], names: Sequence[str], repeated: Sequence[str]
) -> tuple[list[str], dict[str, Any]]:
    left: list[str] = []
    given: dict[str, list[str]] = {}
    for argument in arguments:
        name, separator, value = argument.partition("=")
        if separator and name in names:
            given.setdefault(name, []).append(value)
        else:
            left.append(argument)
    return left, {name: values if name in repeated else values[-1] for name, values in given.items()}
