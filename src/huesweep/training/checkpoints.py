"""Checkpoints under fixed names, written whole or not at all."""

from pathlib import Path
from typing import Any, Literal

import torch
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.plugins.io import TorchCheckpointIO

from huesweep.colorizer.format import DESCRIPTION
from huesweep.io.atomic import write_atomically


class AtomicCheckpointIO(TorchCheckpointIO):
    """Lightning's checkpoint files, put in place in one step: a kill leaves the old file or the new one."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        write_atomically(Path(path), lambda file: torch.save(checkpoint, file))


class _Movable(ModelCheckpoint):
    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Know the best score also where the folder has been moved: Lightning forgets those of files elsewhere."""

        def here(path: str) -> str:
            return str(Path(str(self.dirpath)) / Path(path).name)

        paths = {name: here(path) for name, path in state_dict.items() if name.endswith("_path") and path}
        best = {here(path): score for path, score in state_dict.get("best_k_models", {}).items()}
        super().load_state_dict({**state_dict, **paths, "best_k_models": best, "dirpath": self.dirpath})


class BestCheckpoint(_Movable):
    """best.ckpt: the weights, where the monitored score was best."""


class LastCheckpoint(_Movable):
    """last.ckpt: everything that training needs to go on."""


def best_and_last(
    folder: Path, monitor: str | None, averaged: bool, mode: Literal["min", "max"] = "min"
) -> list[ModelCheckpoint]:
    """Callbacks that keep folder/best.ckpt, where `monitor` was lowest, and folder/last.ckpt, after every epoch.

    monitor: None keeps the latest as the best. mode: `max` keeps the highest. averaged: weights are averaged by a
    callback, which Lightning asks only for whole checkpoints: then the best is one too. The best is written first, so
    that the last knows its score.
    """
    fixed: dict[str, Any] = {"dirpath": folder, "enable_version_counter": False, "save_on_train_epoch_end": True}
    best = BestCheckpoint(filename="best", monitor=monitor, mode=mode, save_weights_only=not averaged, **fixed)
    last = LastCheckpoint(filename="last", monitor=None, **fixed)
    return [best, last]


def describe_further(path: Path, **more: float) -> None:
    """Add plain values to the description in a checkpoint."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    checkpoint[DESCRIPTION] = {**checkpoint[DESCRIPTION], **more}
    write_atomically(path, lambda file: torch.save(checkpoint, file))
