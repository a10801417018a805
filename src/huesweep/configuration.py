"""What Hydra composes, as plain values and, where it can't, in plain words."""

from typing import Any

from hydra.errors import MissingConfigException
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import ConfigAttributeError, ConfigKeyError

from huesweep.build import KEY
from huesweep.errors import unknown
from huesweep.sweeps.devices import trial_cpus, trial_gpus, whole_gpus
from huesweep.sweeps.search import trials_left
from huesweep.training.trial import folder_name


def register_resolvers() -> None:
    """Make available in configurations what they say in `${…:}`.

    `trial_folder`: the name of the folder of the trial that they describe; `trial_cpus`, `trial_gpus` and `whole_gpus`:
    see huesweep/sweeps/devices.py; `trials_left`: see huesweep/sweeps/search.py.
    """

    def trial_folder(*, _root_: DictConfig) -> str:
        return folder_name(plain(_root_))

    OmegaConf.register_resolver("trial_folder", trial_folder, replace=True)
    for resolver in (trial_cpus, trial_gpus, whole_gpus, trials_left):
        OmegaConf.register_resolver(resolver.__name__, resolver, replace=True)


def plain(config: DictConfig) -> dict[str, Any]:
    """A composed configuration as plain values, resolved, without Hydra's own part."""
    kept = {key: config._get_node(key) for key in config if key != "hydra"}
    container = OmegaConf.to_container(OmegaConf.create(kept), resolve=True)
    assert isinstance(container, dict)
    return {str(key): value for key, value in container.items()}


def explain(error: Exception) -> str:
    """One line for a mistake: what was wrong, and the valid choices."""
    if isinstance(error, MissingConfigException) and error.options is not None:
        group, _, name = str(error.missing_cfg_file).rpartition("/")
        return str(unknown(group, name, error.options))
    cause = error.__cause__
    if isinstance(cause, ConfigKeyError | ConfigAttributeError) and isinstance(cause.parent_node, DictConfig):
        choices = [key for key in cause.parent_node if key not in ("hydra", KEY)]
        return str(unknown("option", cause.full_key or cause.key, choices, short=cause.key))
    return " ".join(line.strip() for line in str(error).splitlines() if line.strip())
