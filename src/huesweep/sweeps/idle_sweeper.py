"""A sweeper for a multirun whose trials have all finished: it starts nothing."""

from typing import Any

from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from omegaconf import DictConfig, open_dict, read_write


class IdleSweeper(Sweeper):
    """Leaves every trial as it is."""

    def setup(self, **_: Any) -> None:
        pass

    def sweep(self, arguments: list[str]) -> None:
        pass


def sweep_nothing(config: DictConfig) -> None:
    """Give a multirun this sweeper, before Hydra makes its own.

    That one's launcher would start processes, read what trains, or queue jobs, for trials that have nothing to do.
    """
    Plugins.instance().register(IdleSweeper)
    with read_write(config.hydra), open_dict(config.hydra):
        config.hydra.sweeper = {"_target_": f"{IdleSweeper.__module__}.{IdleSweeper.__name__}"}
