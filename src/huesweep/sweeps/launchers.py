"""Whether a launcher can work here, found out before anything is started."""

import os
import shutil
import signal
import socket
from typing import Any
from urllib.parse import urlsplit

from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from huesweep.errors import UsageError
from huesweep.explanation import explain
from huesweep.sweeps.devices import available_cores, gpus_here
from huesweep.sweeps.launcher_kind import launcher_kind

SECONDS = 5.0  # until a cluster has to answer


def check_launcher(launcher: DictConfig, gpus: object = 0, cpus: object = 1, accelerator: object = "auto") -> None:
    """Raise UsageError for a launcher whose scheduler isn't here, whose cluster doesn't answer, or where trials would
    wait for ever.

    launcher: as in conf/hydra/launcher; its values may be computed, and are looked at too. gpus, cpus: a trial's, as
    they are asked for: `auto` tells nothing of machines elsewhere. accelerator: that trials compute on.
    """
    if launcher is None:
        raise UsageError("hydra.launcher=null can't be: choose with hydra/launcher=, such as local or ray")
    try:
        options = OmegaConf.to_container(launcher, resolve=True)
    except OmegaConfBaseException as error:
        raise UsageError(explain(error)) from None
    assert isinstance(options, dict)
    kind = launcher_kind(launcher)
    if kind == "slurm" and shutil.which("srun") is None:
        raise UsageError("hydra/launcher=slurm: there is no Slurm on this machine (no srun); start it on a login node")
    is_elsewhere = kind == "slurm" or (kind == "ray" and options["ray"]["init"].get("address"))
    if is_elsewhere and not gpus_here():
        _check_automatic(gpus, cpus, accelerator)
    if kind == "ray":
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # nothing is sent anywhere unasked
        check_address(options["ray"]["init"].get("address"))
        for name in ("num_cpus", "num_gpus"):
            number = options["ray"]["init"].get(name)
            if number is None and not is_elsewhere:
                number = available_cores() if name == "num_cpus" else gpus_here()
            if number is not None and (isinstance(number, bool) or not isinstance(number, int) or number < 0):
                raise UsageError(f"hydra.launcher.ray.init.{name}={number} must be a whole number, or null for all")
            wanted = options["ray"]["remote"].get(name) or 0
            if number is not None and wanted > number:
                there = f"hydra.launcher.ray.init.{name}={number}"
                if options["ray"]["init"].get(name) is None:
                    there = f"the {number} of this machine"
                raise UsageError(
                    f"a trial wants {wanted:g} {name[4:]}, more than {there}: it would wait for ever; "
                    f"set {name[4:]}_per_trial"
                )


def _check_automatic(gpus: object, cpus: object, accelerator: object) -> None:
    """Raise UsageError for what can't be worked out where trials run on other machines than this one without GPUs."""
    if gpus == "auto" and accelerator != "cpu":
        raise UsageError(
            "gpus_per_trial=auto goes by the GPUs of this machine, which has none, and trials run on others: "
            "set gpus_per_trial=1 and cpus_per_trial, or gpus_per_trial=0 for none"
        )
    if gpus not in ("auto", 0) and cpus == "auto":
        raise UsageError(
            "cpus_per_trial=auto divides the cores of a machine among its GPUs, and this one, which has none, can't "
            "tell those of others: set cpus_per_trial"
        )


def start_ray(launcher: DictConfig) -> None:
    """Start Ray, or join it, before the launcher, one of Ray's, would.

    SIGTERM then ends a sweep as Ctrl-C does: Ray's own handler prints a stack in C++ and aborts.
    """
    import ray

    options: Any = OmegaConf.to_container(launcher.ray.init, resolve=True)
    ray.init(**options)
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def check_address(address: str | None) -> None:
    """Raise UsageError unless somebody answers at a Ray cluster's address; None and words such as `auto` are Ray's."""
    parts = urlsplit(address if address and "://" in address else f"ray://{address}")
    try:
        port = parts.port
    except ValueError:
        raise UsageError(f"hydra.launcher.ray.init.address={address} names no port: HOST:6379") from None
    if not address or port is None:
        return
    try:
        socket.create_connection((parts.hostname, port), SECONDS).close()
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(
            f"hydra.launcher.ray.init.address={address}: no Ray cluster answers there ({reason})"
        ) from None
