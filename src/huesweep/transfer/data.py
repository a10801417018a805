"""Pictures with labels: those of the budget to learn from, all of the others to be judged on."""

from typing import NamedTuple

import numpy as np
import torch

from huesweep.data.module import PairDataModule
from huesweep.errors import UsageError
from huesweep.transfer.budget import labeled_part


class Budget(NamedTuple):
    """share: of the training pictures whose labels are used. seed: chooses them. epoch_steps: see LabeledData."""

    share: float
    seed: int
    epoch_steps: int


class LabeledData(PairDataModule):
    """Serves (input, label). `budget` is to be set before `setup`.

    An epoch has epoch_steps batches at least: where there are few labeled pictures, they come several times. After
    `setup`, `labeled` tells how many there are.
    """

    is_labeled = True
    budget: Budget
    labeled: int

    def setup(self, stage: str | None = None) -> None:
        if self.splits:
            return
        super().setup(stage)
        train = self.splits["train"]
        try:
            chosen = labeled_part(train.labels.numpy(), train.classes, self.budget.share, self.budget.seed)
            if not self.has_validation:
                raise UsageError("it has no validation pictures, by which stage, penalty or epoch are chosen")
        except UsageError as error:
            self.splits = {}
            raise UsageError(f"data={self.source.name}: {error}") from None
        self.labeled = len(chosen)
        kept = torch.from_numpy(chosen)
        self.splits["train"] = train._replace(pictures=train.pictures[kept], labels=train.labels[kept], pack=None)

    def repeat(self) -> None:
        """Let the labeled pictures come as often as an epoch's least steps want."""
        train = self.splits["train"]
        least = (self.budget.epoch_steps - 1) * self.size + 1  # pictures, of which the last batch may be the only one
        times = torch.from_numpy(np.tile(np.arange(len(train.labels)), -(-least // len(train.labels))))
        self.splits["train"] = train._replace(pictures=train.pictures[times], labels=train.labels[times], pack=None)
