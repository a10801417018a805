"""Where to compute."""

from typing import Literal

import torch

from huesweep.errors import UsageError

Device = Literal["auto", "cpu", "gpu", "cuda", "mps"]  # gpu is cuda, as trainer.accelerator has it


def choose_device(name: Device) -> torch.device:
    """The device of that name; `auto` is a GPU where there is one. Raises UsageError for one that isn't here."""
    there = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    if name == "gpu":
        name = "cuda"
    if name == "auto":
        return torch.device("cuda" if there["cuda"] else "cpu")
    if not there[name]:
        raise UsageError(f"device={name}: there is none here; choices: auto, cpu")
    return torch.device(name)
