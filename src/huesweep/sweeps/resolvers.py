"""What configurations say in `${…:}`."""

from omegaconf import DictConfig, OmegaConf

from huesweep.configuration import plain
from huesweep.sweeps.devices import trial_cpus, trial_gpus, whole_gpus
from huesweep.sweeps.search import trials_left
from huesweep.training.identity import folder_name


def register_resolvers() -> None:
    """Make the resolvers available in configurations.

    `trial_folder`: the name of the folder of the trial that they describe; `trial_cpus`, `trial_gpus` and `whole_gpus`:
    see devices.py; `trials_left`: see search.py.
    """

    def trial_folder(*, _root_: DictConfig) -> str:
        return folder_name(plain(_root_))

    OmegaConf.register_resolver("trial_folder", trial_folder, replace=True)
    for resolver in (trial_cpus, trial_gpus, whole_gpus, trials_left):
        OmegaConf.register_resolver(resolver.__name__, resolver, replace=True)
