"""Whether a launcher can work here, found out before anything is started."""

import os
import shutil
import socket
from urllib.parse import urlsplit

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from huesweep.errors import UsageError

SECONDS = 5.0  # until a cluster has to answer


def check_launcher(launcher: DictConfig) -> None:
    """Raise UsageError for a launcher whose scheduler isn't here or whose cluster doesn't answer.

    launcher: as in conf/hydra/launcher; its values may be computed, and are looked at too.
    """
    try:
        options = OmegaConf.to_container(launcher, resolve=True)
    except OmegaConfBaseException as error:
        # OmegaConf tells what a resolver raised behind words of its own, and where it was on further lines.
        raise UsageError(str(error).partition("\n")[0].rpartition("resolving interpolation: ")[2]) from None
    assert isinstance(options, dict)
    kind = str(options["_target_"]).rpartition(".")[2]
    if kind == "SlurmLauncher" and shutil.which("srun") is None:
        raise UsageError("hydra/launcher=slurm: there is no Slurm on this machine (no srun); start it on a login node")
    if kind == "RayLauncher":
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere unasked
        check_address(options["ray"]["init"].get("address"))


def check_address(address: str | None) -> None:
    """Raise UsageError unless somebody answers at a Ray cluster's address; None and words such as `auto` are Ray's."""
    parts = urlsplit(address if address and "://" in address else f"ray://{address}")
    if not address or parts.port is None:
        return
    try:
        socket.create_connection((parts.hostname, parts.port), SECONDS).close()
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(
            f"hydra.launcher.ray.init.address={address}: no Ray cluster answers there ({reason})"
        ) from None
