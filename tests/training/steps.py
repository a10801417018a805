"""The steps of a training that runs in this process, counted and disturbed."""

from collections.abc import Callable

import pytest
import torch

from huesweep.training.module import ColorizationModule, Pair


class Steps:
    """Counts training steps, and does something at one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self.at: dict[int, Callable[[], None]] = {}
        step = ColorizationModule.training_step

        def counted(module: ColorizationModule, batch: Pair, index: int) -> torch.Tensor:
            self.count += 1
            self.at.get(self.count, lambda: None)()
            return step(module, batch, index)

        monkeypatch.setattr(ColorizationModule, "training_step", counted)

    def power_goes_out(self) -> None:
        """What to do at a step that shall not be survived."""
        raise RuntimeError("the power went out")
