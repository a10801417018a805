"""Which launcher starts the trials of a sweep."""

from typing import Literal

from omegaconf import DictConfig

LauncherKind = Literal["hydra", "ray", "slurm", "submitit", "other"]
KINDS: dict[str, LauncherKind] = {  # by the names of their classes
    "BasicLauncher": "hydra",
    "RayLauncher": "ray",
    "SlurmLauncher": "slurm",
    "LocalLauncher": "submitit",
}
OF_SUBMITIT = ("slurm", "submitit")


def launcher_kind(launcher: DictConfig) -> LauncherKind:
    """What a launcher, as in conf/hydra/launcher, is: `other` for what is known to nobody here."""
    return KINDS.get(str(launcher["_target_"]).rpartition(".")[2], "other")
