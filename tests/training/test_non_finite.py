"""A network of NaNs fails, whenever it became one: it must not pass for a trained one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.errors import UsageError
from huesweep.metrics.scoring import score
from huesweep.training.assembly import assemble
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from huesweep.training.module import ColorizationModule

Configure = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("validation", "told"), [("16", "the validation loss became nan"), ("0", "weights became infinite or no numbers")]
)
def test_weights_that_overflow_in_the_very_last_step_are_a_failure(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, validation: str, told: str
) -> None:
    zero_grad = ColorizationModule.optimizer_zero_grad
    steps = 0

    def overflowing(module: ColorizationModule, *arguments: Any) -> None:
        nonlocal steps
        zero_grad(module, *arguments)
        steps += 1
        if steps == 4:  # of four; the loss of this one has been computed
            next(iter(module.colorizer.network.parameters())).data.fill_(torch.inf)

    monkeypatch.setattr(ColorizationModule, "optimizer_zero_grad", overflowing)
    folder = TrialFolder(tmp_path / "trial")
    with pytest.raises(UsageError, match=rf"{told} in epoch 2, by step 4"):
        ColorizationTrial(configure(f"data.validation={validation}"), folder).run()
    assert not folder.result.exists()
    assert told in folder.error.read_text()


def test_outputs_that_are_no_numbers_are_not_scored(configure: Configure) -> None:
    colorizer = assemble(configure("target=ab", "loss=mse", small=False)).module.colorizer
    next(iter(colorizer.network.parameters())).data.fill_(torch.nan)
    pictures = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8)
    with pytest.raises(UsageError, match="no numbers: there is nothing to score"):
        score(colorizer, pictures, 2, torch.device("cpu"))
