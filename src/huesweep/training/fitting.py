"""Fitting a target to the training pictures, once for all trials on them."""

import io
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from huesweep.color.targets.base import Target
from huesweep.io.cache import FITS
from huesweep.io.digest import code_digest, digest_of
from huesweep.io.sealed import read_sealed, write_sealed


def fit_target(target: Target, description: Mapping[str, Any], pictures: Tensor, seed: int, cache: Path) -> None:
    """Fit `target` to uint8 training pictures (N, 3, H, W), or take an earlier fit from the folder `cache`.

    description: of the target, as in a checkpoint. The key of a fit is made of it, the seed, the pixels, the palette
    that a file may have given, and the code.
    """
    key = digest_of(code_digest("color"), version("scikit-learn"), description, seed, pictures, *target.buffers())
    path = cache / FITS / f"{target.name}-{key}.pt"
    kept = read_sealed(path)
    if kept is not None:
        target.load_state_dict(torch.load(io.BytesIO(kept), weights_only=True))
        return
    target.fit(pictures, seed)
    if target.state_dict():
        content = io.BytesIO()
        torch.save(target.state_dict(), content)
        write_sealed(path, content.getvalue())
