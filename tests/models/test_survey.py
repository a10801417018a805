"""What networks cost and how far they see, against sums by hand."""

import pytest
import torch
from hydra import initialize_config_dir
from omegaconf import OmegaConf
from torch import nn

from huesweep.commands.models import as_table, main
from huesweep.errors import UsageError
from huesweep.models.survey import count_multiply_adds, in_64_bits, receptive_field
from huesweep.resources import CONF
from huesweep.sweeps.resolvers import register_with_hydra
from huesweep.training import model_survey
from huesweep.training.model_survey import survey_decoder, survey_encoder, survey_model
from tests.models.composed import make_encoder
from tests.models.presets import make_preset


@pytest.mark.parametrize(
    ("network", "field"),
    [
        (nn.Conv2d(1, 2, 3, padding=1), 3),
        (nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.ReLU(), nn.Conv2d(2, 2, 5, padding=4, dilation=2)), 3 + 8),
        (nn.Sequential(nn.Conv2d(1, 2, 3, padding=1), nn.MaxPool2d(2), nn.Conv2d(2, 2, 3, padding=1)), 3 + 1 + 4),
        (nn.Sequential(nn.MaxPool2d(4), nn.Upsample(scale_factor=4)), 4),
    ],
)
def test_a_receptive_field_is_what_arithmetic_says(network: nn.Module, field: int) -> None:
    assert receptive_field(in_64_bits(network), 1, coarsest=4) == field


@pytest.mark.slow
def test_receptive_fields_of_networks() -> None:
    # Two 3x3 convolutions at each of the strides 1, 2, 4, 8, and three poolings.
    plain = in_64_bits(make_encoder("plain", 1))
    assert receptive_field(lambda x: plain(x)[-1], 1, coarsest=8) == 1 + 4 * (1 + 2 + 4 + 8) + (1 + 2 + 4)
    # 4x4 convolutions of stride 2, two of dilation 2, transposed 4x4 (two steps of the coarser map each), a 3x3 head.
    strided, dilated = 3 * (1 + 2 + 4 + 8), 2 * 3 * 2 * 16
    assert (
        receptive_field(in_64_bits(make_preset("kamtziridis")), 1, 16) == 1 + strided + dilated + (16 + 8 + 4 + 2) + 2
    )


def test_what_sees_everything_has_no_field() -> None:
    assert receptive_field(in_64_bits(nn.Sequential(nn.Conv2d(1, 4, 1), nn.GroupNorm(1, 4))), 1, 1) is None


def test_multiply_adds_are_counted() -> None:
    network = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 2, 1))
    assert count_multiply_adds(network, torch.zeros(1, 1, 8, 6)) == 8 * 6 * (9 * 4 + 4 * 2)
    # Of unet_fast: all that unet_s does, at a quarter of the places, and three more channels in and times as many out.
    fast, small = (count_multiply_adds(make_preset(name), torch.zeros(1, 1, 16, 16)) for name in ("unet_fast", "unet"))
    assert fast == small // 4 + 8 * 8 * (9 * 3 * 16 + 3 * 16 * 16)
    with torch.device("meta"):
        linear = nn.Linear(10**6, 10**6, bias=False)
    assert count_multiply_adds(linear, torch.zeros(1, 10**6, device="meta")) == 10**12


def test_a_listing_shows_costs_fields_and_sources() -> None:
    register_with_hydra()
    with initialize_config_dir(str(CONF)):
        toronto = survey_model("toronto_unet", 16, 1, 24)
        rutgers = survey_model("rutgers_fc1", 16, 1, 3)
        identity = survey_encoder("identity", 16, 1)
        transpose = survey_decoder("transpose", 16, 1)
    assert toronto[:2] == ("toronto_unet", 112_344)
    assert toronto.field == 34  # by hand, from the head's 3 pixels inwards: 2, 4, 3, 5, 7 steps, then 14, 16, 32, 34
    assert "CSC421" in toronto.about
    assert rutgers[1:4] == (3_932_160, 3_932_160, None)
    assert identity[1:4] == (0, 0, 1)
    assert toronto.trained == toronto.parameters
    # 4x4 transposed convolutions from 128 to 64, 32 and 16 channels, each at the size of what comes in, and scales.
    weights = [16 * a * b for a, b in [(128, 64), (64, 32), (32, 16)]]
    assert transpose.parameters == sum(weights) + 2 * (64 + 32 + 16)
    assert transpose.multiply_adds == sum(count * side**2 for count, side in zip(weights, (2, 4, 8), strict=True))


def test_a_listing_tells_frozen_parameters_and_those_that_are_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_survey, "receptive_field", lambda *_: None)  # which takes a while
    register_with_hydra()
    with initialize_config_dir(str(CONF)):
        frozen = survey_model("efficientnet_unet", 16, 1, 24)
    # EfficientNet-Lite0 has 4,652,008 with its classifier, of 1,280 to 1,000, and the 1x1 convolution before that, of
    # 320; of gray pictures its first 32 kernels of 3x3 have one channel instead of three.
    features = 4_652_008 - (1280 * 1000 + 1000) - (320 * 1280 + 2 * 1280) - 32 * 9 * 2
    assert frozen.parameters - frozen.trained == features
    assert [str(column.header) for column in as_table("", [frozen]).columns][1:3] == ["parameters", "trained"]


def test_a_size_that_can_not_be_is_refused() -> None:
    with pytest.raises(UsageError, match="size=0"):
        main(OmegaConf.create({"size": 0, "inputs": 1, "outputs": 2}))
