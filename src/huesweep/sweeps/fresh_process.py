"""A process for a trial that starts at once: it is forked from one that has read all libraries already."""

import math
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from multiprocessing.connection import Connection, wait
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import setup_globals
from omegaconf import DictConfig

from huesweep.configuration import plain
from huesweep.sweeps.running import run_in_sweep
from huesweep.sweeps.tries import Tries
from huesweep.training.finished import finished_result
from huesweep.training.folder import TrialFolder

PRELOADED = ("ray", "huesweep.sweeps.running", "huesweep.training.colorization_trial")
# Each takes a second, and not every trial needs it: what a run in wandb reads at its start, and the fit of a palette.
OF_WANDB = ("wandb", "wandb.sdk.launch.inputs.internal", "opentelemetry.exporter.otlp.proto.http.metric_exporter")
OF_PALETTES = ("sklearn.cluster",)
PATIENCE = 60.0  # seconds in which a trial may save before it ends


def in_fresh_process(config: DictConfig) -> float:
    """Train the trial that Hydra has set up in this process in a new one, and give its score.

    For the long-lived processes of a launcher: the first trial of such a process reads the libraries, which takes
    seconds, the next ones find them read. If the new process dies, this one does: the launcher notices, and starts the
    trial again. If this one dies, the new one saves and ends. A trial that dies in every try fails, and gives no
    number. One that has finished before needs no process.
    """
    hydra = HydraConfig.get()
    trial, retries = TrialFolder(Path(hydra.runtime.output_dir)), int(hydra.launcher.ray.remote.max_retries)
    tries = Tries(trial, Path(hydra.sweep.dir), retries)
    if finished_result(plain(config), trial) is not None:
        tries.end()
        return run_in_sweep(config, isolated=True)
    if not tries.begin():
        return math.nan
    if sys.platform == "linux":
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(preloaded(config))
    else:  # libraries of macOS start threads by being imported, which forking breaks
        context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    state = pickle.dumps((config, HydraConfig.instance().cfg))
    environment = dict(os.environ)
    if not hydra.launcher.ray.remote.num_gpus:  # Ray hides nothing from a trial that has asked for none
        environment["CUDA_VISIBLE_DEVICES"] = ""
    process = context.Process(target=_train, args=(state, environment, Path.cwd(), sender))
    process.start()
    sender.close()
    try:
        score = receiver.recv()
    except (EOFError, OSError):
        process.join(1)
        if tries.has_died(process.exitcode):
            return math.nan
        os._exit(1)
    tries.end()
    process.join(PATIENCE)
    process.kill()  # where something hangs at its exit
    return score


def preloaded(config: DictConfig) -> list[str]:
    """The libraries that trials like one are going to need."""
    wandb = config.logger.get("wandb") or {}
    in_wandb = bool(wandb) and wandb.get("mode") != "disabled"
    fits = "target" in config and config.target.get("name") == "palette" and config.target.get("palette") is None
    return [*PRELOADED, *(OF_WANDB if in_wandb else ()), *(OF_PALETTES if fits else ())]


def _train(state: bytes, environment: dict[str, str], folder: Path, sender: Connection) -> None:
    # The environment names the trial's devices; the process that this one was forked from has another's.
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    threading.Thread(target=_end_with_parent, daemon=True).start()

    from huesweep.sweeps.resolvers import register_with_hydra

    setup_globals()
    register_with_hydra()
    config, hydra_config = pickle.loads(state)
    HydraConfig.instance().set_config(hydra_config)
    sender.send(run_in_sweep(config, isolated=True))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(PATIENCE)
    os._exit(1)
