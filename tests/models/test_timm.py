"""Encoders of timm: by any name, at full resolution, without code."""

from pathlib import Path

import pytest
import timm
import torch

from huesweep.errors import UsageError
from tests.models.composed import make_encoder


@pytest.mark.parametrize(
    ("name", "small", "original"),
    [
        ("resnet18", [1, 1, 2, 4, 8], [2, 4, 8, 16, 32]),
        ("convnext_atto", [1, 2, 4, 8], [4, 8, 16, 32]),
        ("mobilenetv3_small_100", [1, 2, 4, 8, 16], [2, 4, 8, 16, 32]),
        ("test_efficientnet", [1, 2, 4, 8, 16], [2, 4, 8, 16, 32]),
    ],
)
def test_a_small_stem_keeps_the_resolution_of_small_pictures(name: str, small: list[int], original: list[int]) -> None:
    for stem, strides in (("small", small), ("original", original)):
        encoder = make_encoder("timm", 1, f"model.encoder.name={name}", f"model.encoder.stem={stem}").eval()
        assert [spec.stride for spec in encoder.specs] == strides
        maps = encoder(torch.rand(1, 1, 33, 35))
        assert [tuple(m.shape[-2:]) for m in maps] == [(-(-33 // s), -(-35 // s)) for s in strides]


def test_an_original_stem_gives_timms_own_maps(generator: torch.Generator) -> None:
    encoder = make_encoder("timm", 3, "model.encoder.name=test_resnet", "model.encoder.stem=original").eval()
    theirs = timm.create_model("test_resnet", features_only=True).eval()
    theirs.load_state_dict(encoder.network.state_dict())  # type: ignore[union-attr]
    picture = torch.rand(1, 3, 64, 96, generator=generator)
    for ours, expected in zip(encoder(picture), theirs(picture), strict=True):
        torch.testing.assert_close(ours, expected)


def test_maps_with_channels_last_are_turned_whatever_their_size(generator: torch.Generator) -> None:
    """Of 192 pixels a side the first map has as many rows as channels."""
    name = "mambaout_femto"
    encoder = make_encoder("timm", 1, f"model.encoder.name={name}", "model.encoder.stem=original").eval()
    theirs = timm.create_model(name, features_only=True, in_chans=1).eval()
    theirs.load_state_dict(encoder.network.state_dict())  # type: ignore[union-attr]
    picture = torch.rand(1, 1, 192, 192, generator=generator)
    with torch.no_grad():
        for ours, expected in zip(encoder(picture), theirs(picture), strict=True):
            torch.testing.assert_close(ours, expected.permute(0, 3, 1, 2))


def test_fewer_maps_leave_out_the_layers_behind_them() -> None:
    whole = make_encoder("timm", 1, "model.encoder.name=test_efficientnet")
    part = make_encoder("timm", 1, "model.encoder.name=test_efficientnet", "model.encoder.maps=2")
    assert part.specs == whole.specs[:2]
    assert sum(p.numel() for p in part.parameters()) < 0.3 * sum(p.numel() for p in whole.parameters())


def test_building_a_network_does_not_move_its_normalizations() -> None:
    encoder = make_encoder("timm", 1, "model.encoder.name=test_resnet")
    buffers = {name: buffer for name, buffer in encoder.named_buffers() if name.endswith("running_mean")}
    assert buffers
    assert all(not buffer.any() for buffer in buffers.values())
    assert encoder.training


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["name=convnext_atom"], "convnext_atom.*convnext_atto"),
        (["name=resnet-18"], "resnet-18.*resnet18"),
        (["name=qqqq"], r"qqqq.*timm\.list_models"),
        (["name=vit_tiny_patch16_224"], "name=vit_tiny_patch16_224.*64x64.*224"),
        (["name=dla34"], "name=dla34.*model.encoder.stem=original"),
        (["stem=tiny"], "stem=tiny.*small.*original"),
        (["maps=9"], "timm.*resnet18"),
        (["maps=0"], "maps=0"),
        (["options={nonsense:1}"], "resnet18.*nonsense"),
    ],
)
def test_what_can_not_be_had_is_said(overrides: list[str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        make_encoder("timm", 1, *(f"{'+' if '{' in o else ''}model.encoder.{o}" for o in overrides))


def test_weights_that_can_not_be_downloaded_are_no_riddle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(UsageError, match=r"resnet18.*pretrained=false"):
        make_encoder("timm", 1, "model.encoder.pretrained=true")
