"""Chance on several devices: each drops activations of its own, and goes on with the same ones after a stop."""

from types import SimpleNamespace
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor, nn

from huesweep.training.continuing import ContinueExactly


def dropped(device: int, *, batch: int, devices: int = 2, drawn_before: int = 0) -> Tensor:
    """What dropout leaves of ones on a device in its so-manieth batch."""
    pl.seed_everything(7, verbose=False)
    trainer: Any = SimpleNamespace(
        world_size=devices, global_rank=device, fit_loop=SimpleNamespace(total_batch_idx=batch)
    )
    module: Any = None
    callback = ContinueExactly()
    callback.setup(trainer, module, "fit")
    torch.rand(drawn_before)
    callback.on_train_batch_start(trainer, module, None, batch)
    return nn.Dropout(0.5)(torch.ones(1000))


def test_devices_drop_different_places() -> None:
    agreeing = (dropped(0, batch=3) == dropped(1, batch=3)).float().mean().item()
    assert 0.4 < agreeing < 0.6


def test_batches_drop_different_places() -> None:
    assert not torch.equal(dropped(1, batch=3), dropped(1, batch=4))


def test_what_a_device_drops_does_not_depend_on_what_it_drew_before() -> None:
    assert torch.equal(dropped(1, batch=3), dropped(1, batch=3, drawn_before=17))


def test_one_device_goes_on_with_its_own_chance() -> None:
    pl.seed_everything(7, verbose=False)
    usual = nn.Dropout(0.5)(torch.ones(1000))
    assert torch.equal(dropped(0, batch=3, devices=1), usual)
