"""What is computed on a GPU stays there: on the meta device, which has shapes alone, other devices' tensors raise."""

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
import torch

from huesweep.color.spaces import to_float
from huesweep.color.targets.palette import PaletteTarget
from huesweep.training.assembly import assemble
from huesweep.training.module import ColorizationModule

META = torch.device("meta")


@pytest.mark.parametrize(
    "overrides",
    [
        ["target=palette", "loss=cross_entropy"],
        ["target=palette", "target.space=rgb", "loss=focal"],
        ["target=palette", "target.space=ab", "target.neighbors=3", "loss=rebalanced"],
        ["target=palette", "target.space=ab", "target.method=grid", "target.colors=313", "loss=rebalanced"],
        ["target=palette", "target.decoding=mean", "task.gray=luma601"],
        ["target=ab", "loss=psnr", "task.gray=lab"],
        ["target=ab", "loss=huber", "model=unet_fast", "model.enlarging=guided"],
        ["target=rgb", "loss=mse", "task=super_resolution"],
        ["target=rgb", "loss=sum_of_squares"],
    ],
    ids=" ".join,
)
def test_a_step_and_a_prediction_bring_nothing_from_the_processor(
    overrides: list[str], configure: Callable[..., dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = assemble(configure(*overrides, small=False)).module
    monkeypatch.setattr(ColorizationModule, "_full_precision", lambda _: nullcontext())  # meta has no autocast
    colorizer = module.colorizer.eval()
    monkeypatch.setattr(PaletteTarget, "_check_fitted", lambda _: None)  # nor values to look at
    module.loss.prepare(colorizer.target)
    module.to(META)
    pictures = torch.empty(2, 3, 32, 32, dtype=torch.uint8, device=META)
    inputs = colorizer.task.input(to_float(pictures))
    assert module._loss(colorizer(inputs), module._encode(pictures), inputs).device == META
    for made in (colorizer.predict(to_float(pictures)), colorizer.ceiling(to_float(pictures))):
        assert made.device == META
        assert made.shape == pictures.shape
    assert all(row.device == META for row in colorizer.task.baselines(inputs).values())
