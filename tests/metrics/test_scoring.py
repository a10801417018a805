"""Scoring a colorizer: each picture goes through the network once, whatever is asked for."""

from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.metrics.baselines import score_baselines
from huesweep.metrics.scoring import ScoresByClass, score, scoring_device

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def colorizer() -> Colorizer:
    return Colorizer.load(Path(__file__).parents[1] / "colorizer" / "version2" / "best.ckpt")


@pytest.fixture
def pictures(generator: torch.Generator) -> torch.Tensor:
    return torch.randint(0, 256, (23, 3, 16, 16), generator=generator, dtype=torch.uint8)


def test_every_picture_goes_through_the_network_once(colorizer: Colorizer, pictures: torch.Tensor) -> None:
    seen: list[int] = []
    hook = colorizer.network.register_forward_hook(lambda _module, inputs, _output: seen.append(len(inputs[0])))
    labels = torch.arange(23) % 3
    by_class = ScoresByClass(labels, True, CPU)
    kept: list[torch.Tensor] = []
    score(colorizer, pictures, 5, CPU, also=[by_class, lambda batch: kept.append(batch.predicted)])
    hook.remove()
    assert sum(seen) == 23
    assert torch.cat(kept).shape == pictures.shape
    assert set(by_class.compute()) == {0, 1, 2}


def test_a_classs_scores_are_those_of_its_pictures_alone(colorizer: Colorizer, pictures: torch.Tensor) -> None:
    labels = torch.arange(23) % 2
    by_class = ScoresByClass(labels, True, CPU)
    score(colorizer, pictures, 4, CPU, also=[by_class])
    for label, found in by_class.compute().items():
        assert found == pytest.approx(score(colorizer, pictures[labels == label], 100, CPU), rel=1e-5)


def test_what_was_training_goes_on_training(colorizer: Colorizer, pictures: torch.Tensor) -> None:
    colorizer.train()
    score(colorizer, pictures, 9, CPU)
    assert colorizer.training
    colorizer.eval()


def test_apples_gpus_which_have_no_64_bit_numbers_leave_scoring_to_the_processor() -> None:
    assert scoring_device(torch.device("mps")) == CPU
    assert scoring_device(torch.device("cuda", 0)) == torch.device("cuda", 0)


def test_baselines_leave_the_colorizer_where_it_computes(
    colorizer: Colorizer, pictures: torch.Tensor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its target is on a GPU, say, and what is scored next needs it there."""
    moved: list[torch.nn.Module] = []
    move = torch.nn.Module._apply

    def noting(self: torch.nn.Module, *arguments: Any, **options: Any) -> torch.nn.Module:
        moved.append(self)
        return move(self, *arguments, **options)

    monkeypatch.setattr(torch.nn.Module, "_apply", noting)
    score_baselines(colorizer, pictures, 5, tmp_path)
    assert moved
    assert not any(module is part for module in moved for part in colorizer.modules())
