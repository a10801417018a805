"""Where training ends before its last epoch does."""

import pytorch_lightning as pl


class StepLimit(pl.Callback):
    """Ends training after so many optimizer steps, with a validation there; see check_trainer for what goes with it.

    Lightning's own max_steps ends without one, and a trial that goes on under it begins with an empty epoch.
    """

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def on_train_start(self, trainer: pl.Trainer, module: pl.LightningModule) -> None:
        self._look(trainer)

    def on_train_batch_end(self, trainer: pl.Trainer, module: pl.LightningModule, *_: object) -> None:
        self._look(trainer)

    def _look(self, trainer: pl.Trainer) -> None:
        if trainer.global_step >= self.steps:
            trainer.should_stop = True


def planned_steps(trainer: pl.Trainer) -> int:
    """Optimizer steps of the whole training, unless something ends it early."""
    limits = [callback.steps for callback in trainer.callbacks if isinstance(callback, StepLimit)]  # type: ignore[attr-defined]
    return min([int(trainer.estimated_stepping_batches), *limits])
