"""One trial from its configuration to its result: trained, scored, and everything kept in its folder."""

import math
import os
import platform
import sys
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
import wandb
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig, OmegaConf
from pytorch_lightning.callbacks import WeightAveraging
from pytorch_lightning.loggers import WandbLogger

from huesweep.colorizer.checkpoint import load_weights
from huesweep.configuration import plain
from huesweep.data.module import PictureDataModule
from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.redirect import output_to
from huesweep.metrics.catalog import objective
from huesweep.metrics.scoring import score_network
from huesweep.models.network import count_parameters
from huesweep.training.assembly import Parts, assemble
from huesweep.training.checkpoints import best_and_last
from huesweep.training.divergence import StopOnNonFiniteLoss
from huesweep.training.examples import ExampleGrids
from huesweep.training.history import History
from huesweep.training.module import ColorizationModule
from huesweep.training.preemption import SaveOnSignal
from huesweep.training.preparation import fit_target, score_baselines
from huesweep.training.progress import TrialProgress
from huesweep.training.strips import write_strips
from huesweep.training.trainer import make_trainer
from huesweep.training.trial import TrialFolder, digest, model_word, target_word
from huesweep.training.wandb_runs import make_logger


def run_in_sweep(config: DictConfig, *, apart: bool) -> float:
    """Train a trial of a multirun and give the score that is searched for; not a number where the trial failed.

    apart: whether the trial has a process of its own; what it prints then goes into its log. A failure is written into
    the trial's folder, and the other trials go on.
    """
    folder = TrialFolder(Path(HydraConfig.get().runtime.output_dir))
    with output_to(folder.log) if apart else nullcontext():
        try:
            return objective(run(plain(config), folder), config.sweep.rank)
        except Exception as error:
            folder.write_error(error)
            print(f"failed: {folder.path}: {error}", file=sys.stderr)
            return math.nan


def run(config: Mapping[str, Any], folder: TrialFolder) -> dict[str, Any]:
    """Train the trial unless it has finished before. Gives what result.json holds; raises as train does."""
    with folder.locked():
        result = folder.read_result()
        if result is None:
            folder.error.unlink(missing_ok=True)
            try:
                return train(config, folder)
            except UsageError:
                folder.remove_if_empty()
                raise
    if result.get("digest") != digest(config):
        raise UsageError(f"{folder.path} holds a trial of another configuration: name another folder, or remove it")
    print(f"{folder.path} has finished before: nothing to do (remove the folder to train it again)")
    return result


def train(config: Mapping[str, Any], folder: TrialFolder) -> dict[str, Any]:
    """Train, or go on training, the trial that a composed and resolved configuration describes.

    Gives what result.json holds. Raises UsageError for a mistake in the configuration and for a loss that is no number.
    """
    parts = assemble(config)
    check_resumable(config, folder)
    write_text_atomically(folder.config, OmegaConf.to_yaml(OmegaConf.create(dict(config))))
    print(f"{'going on with' if folder.last.exists() else 'training'} {folder.path}")
    logger = make_logger(folder.path, dict(config), **config["logger"]["wandb"])
    try:
        result = _train(config, folder, parts, logger)
    except BaseException as error:
        if isinstance(error, Exception):
            folder.write_error(error)
        else:
            print(f"stopped: the same command goes on with {folder.path}")
        if logger:
            wandb.finish(exit_code=1)
        raise
    if logger:
        wandb.finish()
    folder.write_result(result)
    return folder.read_result() or result


def check_resumable(config: Mapping[str, Any], folder: TrialFolder) -> None:
    """Raise UsageError where a folder holds a checkpoint of another configuration."""
    if folder.last.exists() and folder.config.exists():
        earlier = OmegaConf.to_container(OmegaConf.load(folder.config))
        if not isinstance(earlier, dict) or digest(earlier) != digest(config):  # type: ignore[arg-type]
            raise UsageError(f"{folder.path} holds a trial of another configuration: name another folder, or remove it")


def fit(
    config: Mapping[str, Any], folder: TrialFolder, parts: Parts, logger: WandbLogger | None
) -> tuple[pl.Trainer, History]:
    """Train, or go on training, what `assemble` built; every process of a trial on several devices calls this."""
    module, data, chosen = parts
    data.setup()
    train_pictures = data.splits["train"].pictures
    fit_target(module.target, config["target"], train_pictures, config["seed"], Path(config["paths"]["cache"]))
    module.loss.prepare(module.target)

    history = History(folder.path)
    shown = data.splits["validation" if data.has_validation else "train"].pictures
    trainer = make_trainer(
        config["trainer"],
        callbacks=[
            StopOnNonFiniteLoss(),
            SaveOnSignal(folder.last),
            history,
            ExampleGrids(folder.path, shown, **config["examples"]),
            TrialProgress(),
            *chosen,
            *best_and_last(
                folder.checkpoints,
                "val/loss" if data.has_validation else None,
                averaged=any(isinstance(callback, WeightAveraging) for callback in chosen),
            ),
        ],
        logger=logger or False,
        default_root_dir=folder.path,
        limit_val_batches=1.0 if data.has_validation else 0,
    )
    resumed = folder.last if folder.last.exists() else None
    trainer.fit(module, datamodule=data, ckpt_path=resumed, weights_only=True)
    if torch.distributed.is_initialized():  # what follows is done by one process alone
        torch.distributed.destroy_process_group()
    return trainer, history


def _train(config: Mapping[str, Any], folder: TrialFolder, parts: Parts, logger: WandbLogger | None) -> dict[str, Any]:
    trainer, history = fit(config, folder, parts, logger)
    module, data, _ = parts
    load_weights(module, folder.best)
    write_strips(folder.path, module, data.splits["test"].pictures)
    result = {
        "name": folder.path.name,
        "digest": digest(config),
        "data": config["data"]["name"],
        "task": config["task"]["name"],
        "model": model_word(config["model"]),
        "target": target_word(config["target"]),
        "loss": config["loss"]["name"],
        "seed": config["seed"],
        "parameters": count_parameters(module.network),
        "epochs": trainer.current_epoch,
        "steps": trainer.global_step,
        "seconds": round(history.seconds, 1),
        "pictures": {split: len(pictures.pictures) for split, pictures in data.splits.items()},
        **score(config, module, data, trainer.strategy.root_device),
        "checkpoint": str(folder.best.relative_to(folder.path)),
        "machine": describe_machine(trainer.strategy.root_device),
    }
    if logger:
        logger.experiment.summary.update({key: result[key] for key in ("test", "baselines", "parameters", "seconds")})
    return result


def score(
    config: Mapping[str, Any], module: ColorizationModule, data: PictureDataModule, device: torch.device
) -> dict[str, Any]:
    """The scores of a trained module and of the baselines, on the validation and on the test pictures."""
    scores: dict[str, Any] = {"validation": None, "test": None, "baselines": {}}
    size, cache = config["batch"]["score_size"], Path(config["paths"]["cache"])
    for split in ("validation", "test"):
        pictures = data.splits[split].pictures
        if len(pictures):
            scores[split] = score_network(module.network, module.task, module.target, pictures, size, device)
            described = config["task"], module.target.to("cpu"), config["target"]
            scores["baselines"][split] = score_baselines(module.task, *described, pictures, size, cache)
    return scores


def describe_machine(device: torch.device) -> dict[str, str]:
    """What a result was computed with."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor() or platform.machine()
    return {
        "device": f"{device.type}: {name}",
        "threads": str(torch.get_num_threads()),
        "visible_devices": os.environ.get("CUDA_VISIBLE_DEVICES", "all"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "pytorch_lightning": pl.__version__,
    }
