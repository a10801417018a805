"""What the study of the Toronto assignment shows: pictures that move, and its answer."""

from pathlib import Path

import pytest
import torch
from torch import nn

from huesweep.models.assembly import build_network
from huesweep.models.network import count_parameters
from huesweep.studies import toronto as study
from tests.models.composed import model_description


@pytest.fixture
def gray(generator: torch.Generator) -> torch.Tensor:
    return torch.rand(1, 1, 32, 32, generator=generator, dtype=torch.float64)


@pytest.fixture
def cnn() -> nn.Module:
    """The assignment's, with drawn weights."""
    return build_network(model_description("model=toronto_cnn", "target.colors=24"), 1, 24).double().eval()


def test_a_cnn_follows_a_picture_by_multiples_of_4_and_a_dense_network_does_not(
    cnn: nn.Module, gray: torch.Tensor
) -> None:
    at_its_place, *moved = study.translate(cnn, gray)
    assert (at_its_place.cnn_error, at_its_place.dense_error) == (0, 0)
    assert all(one.cnn_error < 1e-12 for one in moved)
    assert all(one.dense_error > 0.1 for one in moved)
    sizes = [count_parameters(network) for network in (cnn, study.dense_network(study.CANVAS))]
    assert 0.8 < sizes[0] / sizes[1] < 1.25
    assert len(study.draw_translation([at_its_place, *moved]).axes) == 12


def test_a_move_by_other_than_multiples_of_4_is_not_followed(
    cnn: nn.Module, gray: torch.Tensor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(study, "MOVES", (2,))
    _, moved = study.translate(cnn, gray)
    assert moved.cnn_error > 1e-5


def test_the_error_is_in_standard_deviations() -> None:
    before = torch.zeros(1, 1, study.CANVAS, study.CANVAS)
    before[..., ::2] = 2.0  # of standard deviation 1
    after = before.roll(4, dims=-1) + 0.5
    assert study.error_of(before, after, 4) == pytest.approx(0.5, rel=1e-3)
    assert study.error_of(before, nn.functional.pad(before, (1, 0))[..., :-1], 0) == pytest.approx(2.0, rel=1e-3)


def test_the_answer_compares_with_theirs_and_with_bicubic(tmp_path: Path) -> None:
    rows = [
        {"sweep": "toronto", "model": "toronto_cnn", "cross_entropy": 1.5},
        {"sweep": "toronto", "model": "toronto_unet", "cross_entropy": 1.4},
        {"model": "bicubic", "psnr": 20.3},
        {"sweep": "toronto_ours", "model": "unet_s", "cross_entropy": 0.9},
        {"sweep": "toronto_enlarging_ours", "model": "unet_fast-residual_True", "psnr": 21.5},
    ]
    told = study.answer(rows)
    assert "cross-entropy of 0.900 after ten epochs, the better of the assignment's networks 1.400" in told
    assert "`unet_fast` has 21.50 dB, +1.20 dB from bicubic interpolation's 20.30" in told
    assert study.answer(rows[:2]) == ""
    assert study.further(tmp_path) == ""
