"""What a checkpoint needs beyond Lightning's own state so that a trial goes on from it to the same bits."""

from typing import Any

import pytorch_lightning as pl
import torch

from huesweep.data.batches import PairBatches
from huesweep.errors import UsageError
from huesweep.training.learning import LearningModule


class ContinueExactly(pl.Callback):
    """Keeps the place in the epoch, chance, the loss so far, and whether training was over, in every whole checkpoint.

    Without it, a trial that goes on would see an epoch's first pictures again, draw other dropout, report the loss of
    the rest of an epoch alone, and train on after an early stop. Each of several devices has a chance of its own, which
    seed, batch and device decide: all would drop the same places otherwise, and one checkpoint holds one chance.
    """

    def __init__(self) -> None:
        self._trainer: pl.Trainer | None = None
        self._loaded: dict[str, Any] | None = None
        self._seed = 0

    def setup(self, trainer: pl.Trainer, module: pl.LightningModule, stage: str) -> None:
        self._trainer = trainer
        self._seed = torch.initial_seed()

    def state_dict(self) -> dict[str, Any]:
        """given: batches of the epoch that were trained on, 0 at its end. loss: mean and weight of those."""
        trainer = self._trainer
        assert trainer is not None
        epochs: Any = trainer.fit_loop.epoch_progress.current
        is_within = epochs.processed < epochs.started
        state: dict[str, Any] = {
            "given": trainer.fit_loop.epoch_loop.batch_progress.current.ready if is_within else 0,
            "should_stop": trainer.should_stop,
            "chance": torch.get_rng_state(),
            "devices": trainer.world_size,
        }
        if is_within:
            state["loss"] = self._module().loss_so_far()
        if trainer.strategy.root_device.type == "cuda":
            state["chance_of_gpu"] = torch.cuda.get_rng_state(trainer.strategy.root_device)
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._loaded = state

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        state, self._loaded = self._loaded, None
        if state is None:
            return
        if (devices := state.get("devices", trainer.world_size)) != trainer.world_size:
            raise UsageError(
                f"this trial began on {devices} devices, not {trainer.world_size}: set trainer.devices={devices}"
            )
        batches = trainer.train_dataloader
        assert isinstance(batches, PairBatches)
        batches.skip(state["given"])
        trainer.should_stop = state["should_stop"]
        torch.set_rng_state(state["chance"].cpu())
        if "chance_of_gpu" in state and trainer.strategy.root_device.type == "cuda":
            torch.cuda.set_rng_state(state["chance_of_gpu"].cpu(), trainer.strategy.root_device)
        if "loss" in state:
            self._module().go_on_with_loss(*state["loss"])

    def on_train_batch_start(self, trainer: pl.Trainer, module: pl.LightningModule, batch: object, index: int) -> None:
        if trainer.world_size > 1:
            batches = trainer.fit_loop.total_batch_idx
            torch.manual_seed((self._seed * 1_000_003 + batches) * 1009 + trainer.global_rank)

    def _module(self) -> LearningModule:
        assert self._trainer is not None
        module = self._trainer.lightning_module
        assert isinstance(module, LearningModule)
        return module
