"""One trial of a sweep, in the process that suits the launcher which began it."""

from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from huesweep.sweeps.fresh_process import in_fresh_process
from huesweep.sweeps.launcher_kind import launcher_kind
from huesweep.sweeps.running import run_in_sweep


def is_in_sweep() -> bool:
    """Whether Hydra runs a command for a trial of a sweep."""
    return bool(HydraConfig.get().mode == RunMode.MULTIRUN)


def run_of_sweep(config: DictConfig) -> dict[str, Any] | float:
    """Run a trial of a sweep, and give the score to be searched for: in a process of its own where it shares one."""
    kind = launcher_kind(HydraConfig.get().launcher)
    if kind == "ray":
        return in_fresh_process(config)
    return run_in_sweep(config, isolated=kind != "hydra")
