"""Mistakes in a configuration, which Hydra and OmegaConf tell in their own words, in one line for who made them."""

import inspect
import re
from collections.abc import Sequence
from pathlib import Path

from hydra.errors import MissingConfigException
from omegaconf import DictConfig
from omegaconf.errors import ConfigAttributeError, ConfigKeyError, InterpolationResolutionError, OmegaConfBaseException

from huesweep.configuration import TARGET
from huesweep.errors import unknown
from huesweep.resources import CONF

RESOLVING = "raised while resolving interpolation: "  # what OmegaConf writes before
UNLISTED = ("hydra", "paths")  # sections that no command's --help lists
PRESETS = ("experiment", "sweep")  # groups of conf/ whose folders are no groups of their own


def explain(error: Exception, literal: Sequence[str] = ()) -> str:
    """One line for a mistake: what was wrong, and the valid choices.

    literal: options of the command that are no part of its configuration.
    """
    if isinstance(error, MissingConfigException):
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        return str(unknown(group or "configuration", name, _presets(group) or error.options or _names_in(CONF / group)))
    cause = error.__cause__
    if isinstance(error, InterpolationResolutionError) and RESOLVING in str(error):  # what a resolver raised
        return str(error).partition("\n")[0].rpartition(RESOLVING)[2]
    if absent := re.match("Interpolation key '(.*)' not found", str(error)):
        return f"{absent[1]} needs a value"
    if isinstance(cause, ConfigKeyError | ConfigAttributeError) and isinstance(cause.parent_node, DictConfig):
        return _unknown_option(cause, cause.parent_node, literal)
    if kept := re.match("Could not delete from config. The value of '(.*)' is .* and not None", str(error)):
        return f"~{kept[1]} can't be in a sweep, where Hydra takes only choices of conf/ away: set the option"
    if there := re.match(r"Could not append to config\. An item is already at '(.*)'\.\n.*: '(.*)'\n", str(error)):
        return f"{there[1]} is there already: set it without the +, as {there[2]}"
    if there := re.match(r"Multiple values for (\S+)\. [\s\S]*: '(.*)' from 'command line'", str(error)):
        return f"{there[1]} is chosen already: choose without the +, as {there[1]}={there[2]}"
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if isinstance(cause, OmegaConfBaseException) and lines[0].startswith("Error merging override "):
        return f"{lines[0].removeprefix('Error merging override ')} can't be: {str(cause).splitlines()[0]}"
    return " ".join(lines) or type(error).__name__


def _presets(group: str) -> list[str]:
    """All presets of a kind, those in folders too, or of such a folder; none where the group is of something else."""
    return _names_in(CONF / group, "**/") if group.partition("/")[0] in PRESETS else []


def _names_in(folder: Path, below: str = "") -> list[str]:
    return sorted(path.relative_to(folder).with_suffix("").as_posix() for path in folder.glob(f"{below}*.yaml"))


def _unknown_option(error: ConfigKeyError | ConfigAttributeError, node: DictConfig, literal: Sequence[str]) -> str:
    """An option that isn't there, those beside which it would stand, and where there is one of its name."""
    full_key, key = str(error.full_key or error.key), str(error.key)
    root = node._get_root()
    if full_key == "data" and "split" in root:  # of evaluate, which has a data set of its own only where one is named
        return "data is the checkpoint's own unless data=NAME is typed: set its options as +data.OPTION=VALUE"
    for section in root if full_key == key else ():
        options = root._get_node(section)
        if isinstance(options, DictConfig) and not options._is_none() and section not in UNLISTED and key in options:
            return f"option {key} does not exist (did you mean {section}.{key}?)"
    if "trainer" in root and full_key in (key, f"trainer.{key}"):
        from pytorch_lightning import Trainer

        if key in inspect.signature(Trainer).parameters:
            return f"option {full_key} is not in conf/trainer (did you mean +trainer.{key}, Lightning's own?)"
    choices = [str(name) for name in node if name not in (*UNLISTED, TARGET)]
    if node is not root:
        return str(unknown("option", full_key, choices, short=key))
    return str(unknown("option", full_key, [*choices, *literal], short=key, unlisted=["paths"]))
