"""What a command line says of many trials, refused where -m is missing and only one would be trained."""

from hydra.conf import HydraConf

from huesweep.errors import UsageError

OF_SWEEPS = ("hydra/launcher", "hydra.launcher", "hydra/sweeper", "hydra.sweeper")  # where overrides begin


def check_alone(hydra: HydraConf) -> None:
    """Raise UsageError where options only mean something to a sweep. hydra: Hydra's own part of a configuration."""
    sweep = hydra.runtime.choices.get("sweep")
    given = [f"+sweep={sweep}"] if sweep else []
    given += [override for override in hydra.overrides.hydra if override.lstrip("+~").startswith(OF_SWEEPS)]
    given += [f"hydra.sweeper.params.{name}" for name in hydra.sweeper.get("params") or {}]
    if given:
        raise UsageError(
            f"{given[0]} is of a sweep, and without -m one trial alone would be trained: add -m to train all"
        )
