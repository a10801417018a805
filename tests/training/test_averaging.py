"""Averaged weights: they follow their formula, are what checkpoints hold, and survive an interruption."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.training.assembly import assemble
from huesweep.training.examples import example_columns
from huesweep.training.folder import TrialFolder
from huesweep.training.module import ColorizationModule
from tests.conftest import train
from tests.training.steps import Steps

Configure = Callable[..., dict[str, Any]]
WEIGHT = "colorizer.network.head.weight"


def state(path: Path) -> dict[str, torch.Tensor]:
    return torch.load(path, weights_only=True)["state_dict"]


def test_checkpoints_hold_the_average_of_all_steps(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[torch.Tensor] = []
    encode = ColorizationModule._encode

    def noting(self: ColorizationModule, pictures: torch.Tensor) -> Any:
        if self.training:  # the weights before this step are those after the last one
            seen.append(self.colorizer.network.head.weight.detach().clone())  # type: ignore[operator, union-attr]
        return encode(self, pictures)

    monkeypatch.setattr(ColorizationModule, "_encode", noting)
    folder = TrialFolder(tmp_path / "trial")
    train(configure("callbacks=ema", "callbacks.average.decay=0.5", "data.validation=0"), folder)
    last = torch.load(folder.last, weights_only=True)
    after = [*seen[1:], last["current_model_state"][WEIGHT]]
    average = after[0]
    for weights in after[1:]:
        average = 0.5 * average + 0.5 * weights
    torch.testing.assert_close(state(folder.last)[WEIGHT], average)
    torch.testing.assert_close(state(folder.best)[WEIGHT], average)
    colorizer = Colorizer.load(folder.best)
    torch.testing.assert_close(colorizer.network.state_dict()["head.weight"], average)


def test_what_does_not_change_is_its_own_average(configure: Configure, tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path / "trial")
    train(configure("callbacks=ema", "callbacks.average.decay=0.99", "trainer.max_epochs=3"), folder)
    averaged, plain = (
        torch.load(folder.last, weights_only=True)[name] for name in ("state_dict", "current_model_state")
    )
    palette = "colorizer.target.centers"
    assert torch.equal(averaged[palette], plain[palette])
    assert not torch.equal(averaged[WEIGHT], plain[WEIGHT])


@pytest.mark.slow
def test_an_interrupted_average_goes_on(configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = configure("callbacks=ema", "trainer.max_epochs=3")
    whole, broken = TrialFolder(tmp_path / "whole"), TrialFolder(tmp_path / "broken")
    expected = train(config, whole)
    with monkeypatch.context() as patch:
        steps = Steps(patch)
        steps.at = {4: steps.power_goes_out}
        with pytest.raises(RuntimeError, match="the power went out"):
            train(config, broken)
    assert train(config, broken)["test"] == expected["test"]
    for name, value in state(whole.last).items():
        assert torch.equal(value, state(broken.last)[name]), name


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("callbacks.average.decay=1", r"callbacks\.average\.decay=1"),
        ("callbacks.average.start=-1", r"callbacks\.average\.start=-1"),
        ("callbacks.average.decay=x", r"callbacks\.average\.decay='x'"),
    ],
)
def test_an_average_that_can_not_be_is_refused(configure: Configure, override: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        assemble(configure("callbacks=ema", override))


def test_grids_show_the_average_that_is_validated_and_kept(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[torch.Tensor] = []

    def noting(colorizer: Colorizer, pictures: torch.Tensor) -> dict[str, torch.Tensor]:
        shown.append(colorizer.network.head.weight.detach().clone())  # type: ignore[operator, union-attr]
        return example_columns(colorizer, pictures)

    monkeypatch.setattr("huesweep.training.examples.example_columns", noting)
    folder = TrialFolder(tmp_path / "trial")
    train(configure("callbacks=ema", "callbacks.average.decay=0.9", "data.validation=0"), folder)
    last = torch.load(folder.last, weights_only=True)
    assert torch.equal(shown[-1], last["state_dict"][WEIGHT])
    assert not torch.equal(shown[-1], last["current_model_state"][WEIGHT])


def test_until_the_average_begins_the_weights_are_kept_as_they_are(configure: Configure, tmp_path: Path) -> None:
    plain, averaged = TrialFolder(tmp_path / "plain"), TrialFolder(tmp_path / "averaged")
    expected = train(configure("trainer.max_epochs=3"), plain)
    found = train(configure("callbacks=ema", "callbacks.average.start=1000", "trainer.max_epochs=3"), averaged)
    assert torch.equal(state(averaged.best)[WEIGHT], state(plain.best)[WEIGHT])
    assert found["test"] == expected["test"]
