"""Maps of a frozen encoder: computed once, kept within bounds, and the training that they serve."""

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
import timm
import torch

from huesweep.errors import UsageError
from huesweep.models.assembly import build_network
from huesweep.models.network import Network
from huesweep.training import frozen_maps
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from huesweep.training.frozen_maps import FrozenMaps
from tests.models.composed import model_description

Configure = Callable[..., dict[str, Any]]
NAME = "test_efficientnet"


@pytest.fixture
def frozen(configure: Configure, tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Composes a trial whose encoder starts from a file of weights and is frozen."""
    torch.manual_seed(5)
    torch.save(timm.create_model(NAME).state_dict(), tmp_path / "weights.pth")

    def composed(*overrides: str) -> dict[str, Any]:
        return configure(
            "data.train=64", "data.validation=16", "data.test=16", "batch.size=32", "trainer.max_epochs=3",
            "trainer.accelerator=cpu", "target=ab", "loss=mse", "model=unet", "model/encoder=timm", "batch.views=2",
            f"model.encoder.name={NAME}", "model.encoder.stem=original", "model.encoder.frozen=true",
            f"model.encoder.weights={tmp_path / 'weights.pth'}", f"paths.cache={tmp_path / 'cache'}", *overrides,
            small=False,
        )  # fmt: skip

    return composed


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures were shown to the encoder, call by call."""
    counts: list[int] = []
    encode = Network.encode

    def counted(self: Network, x: torch.Tensor) -> list[torch.Tensor]:
        counts.append(len(x))
        return encode(self, x)

    monkeypatch.setattr(Network, "encode", counted)
    return counts


def train(config: dict[str, Any], folder: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    result = ColorizationTrial(config, TrialFolder(folder)).train()
    state = torch.load(folder / "checkpoints" / "last.ckpt", weights_only=False)["state_dict"]
    return result, state


def test_kept_maps_train_what_computed_ones_train(frozen: Callable[..., dict[str, Any]], tmp_path: Path) -> None:
    scores, kept = train(frozen(), tmp_path / "kept")
    exact, _ = train(frozen("batch.maps_gib=0"), tmp_path / "computed")
    assert scores["test"]["psnr"] == pytest.approx(exact["test"]["psnr"], abs=0.2)  # half precision sets them apart
    torch.manual_seed(5)
    donor = timm.create_model(NAME)
    frozen_weights = [name for name in kept if name.startswith("colorizer.network.encoder.network.blocks")]
    assert frozen_weights
    for name in frozen_weights:
        assert torch.equal(kept[name], donor.state_dict()[name.removeprefix("colorizer.network.encoder.network.")])
    head = next(name for name in kept if name.endswith("head.weight"))
    assert not torch.equal(kept[head], train(frozen("trainer.max_epochs=1"), tmp_path / "one")[1][head])


def test_maps_are_the_encoders_in_half_precision(tmp_path: Path) -> None:
    torch.manual_seed(0)
    network = build_network(model_description("model=unet", "model.encoder.widths=[4,8]"), 1, 2).eval()
    inputs = torch.rand(10, 1, 16, 16)
    pictures = (inputs * 255).to(torch.uint8)
    maps = FrozenMaps(network, pictures, {}, tmp_path, most=2**20, views=1)
    places = torch.tensor([7, 2, 5])
    for _ in range(2):  # computed, then read
        found = maps(inputs[places], places, 0)
        with torch.no_grad():
            expected = network.encode(inputs[places])
        assert torch.equal(found.input, inputs[places])
        for ours, theirs in zip(found.maps, expected, strict=True):
            torch.testing.assert_close(ours, theirs.half().float(), rtol=2e-3, atol=2e-4)
    with torch.no_grad():
        torch.testing.assert_close(network(found), network(inputs[places]), rtol=0, atol=1e-2)


def test_maps_are_of_inputs_that_the_network_enlarges(tmp_path: Path) -> None:
    torch.manual_seed(0)
    described = model_description("model=unet", "model.encoder.widths=[4,8]", "model.smallest=32")
    network = build_network(described, 1, 2).eval()
    inputs = torch.rand(3, 1, 16, 16)
    maps = FrozenMaps(network, (inputs * 255).to(torch.uint8), {}, tmp_path, most=2**20, views=1)
    found = maps(inputs, torch.arange(3), 0)
    assert [features.shape[-1] for features in found.maps] == [32, 16]
    with torch.no_grad():
        torch.testing.assert_close(network(found), network(inputs), rtol=0, atol=1e-2)


def test_of_two_that_begin_at_once_none_loses_the_others_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second opens the file while the first is making it: it waits, and finds what the first has put there."""
    making, opened = threading.Event(), threading.Event()
    take_room = frozen_maps._take_room

    def slowly(file: BinaryIO, size: int) -> None:
        making.set()
        opened.wait(0.5)  # in vain: the other one waits
        take_room(file, size)

    def second() -> None:
        making.wait()
        frozen_maps._View(tmp_path / "maps", 4, 2)
        opened.set()

    monkeypatch.setattr(frozen_maps, "_take_room", slowly)
    other = threading.Thread(target=second)
    other.start()
    first = frozen_maps._View(tmp_path / "maps", 4, 2)
    first.put(np.arange(4), np.ones((4, 2), np.float16))
    other.join()
    kept = frozen_maps._View(tmp_path / "maps", 4, 2)
    assert kept.done.all()
    assert (kept.maps == 1).all()


def test_what_a_training_notes_of_files_that_were_removed_is_not_believed_of_new_ones(tmp_path: Path) -> None:
    def opened() -> frozen_maps._View:
        return frozen_maps._View(tmp_path / "maps", 4, 2)

    first = opened()
    first.put(np.arange(2), np.ones((2, 2), np.float16))
    for path in tmp_path.glob("maps.*"):
        path.unlink()
    opened().put(np.arange(1), np.ones((1, 2), np.float16))
    first.put(np.arange(2, 4), np.ones((2, 2), np.float16))  # with which it has all, and notes so
    last = opened()
    assert not last.done[1:].any()
    assert (last.maps[last.done] == 1).all()


def test_every_view_is_computed_once_and_shared_by_trainings(
    frozen: Callable[..., dict[str, Any]], tmp_path: Path, encoded: list[int]
) -> None:
    train(frozen(), tmp_path / "first")
    of_first = sum(encoded)
    # Two views of 64 training pictures and one of 16, a look at the shapes of both, and the scoring of the best.
    assert 2 * 64 + 16 <= of_first <= 2 * 64 + 16 + 100
    encoded.clear()
    train(frozen("optimizer.lr=0.005"), tmp_path / "second")
    assert sum(encoded) <= of_first - 2 * 64 - 16
    encoded.clear()
    train(frozen("batch.flip=false"), tmp_path / "other")
    assert sum(encoded) >= 2 * 64


def test_an_unfinished_view_is_gone_on_with(
    frozen: Callable[..., dict[str, Any]], tmp_path: Path, encoded: list[int]
) -> None:
    whole, _ = train(frozen(), tmp_path / "first")
    for path in (tmp_path / "cache" / "maps").glob("*.done"):
        done = bytearray(path.read_bytes())
        half = (len(done) - frozen_maps.NAME) // 2
        done[:half] = bytes(half)  # as a killed process leaves it
        path.write_bytes(done)
    of_first = sum(encoded)
    encoded.clear()
    again, _ = train(frozen(), tmp_path / "again")
    # Convolutions of a batch of another size may differ in their last bit, and so the halves that are kept.
    assert again["test"]["psnr"] == pytest.approx(whole["test"]["psnr"], abs=0.2)
    assert of_first - 72 - 2 <= sum(encoded) <= of_first - 72 + 2


def test_maps_stay_within_their_bound(
    frozen: Callable[..., dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(frozen(), tmp_path / "whole")
    a_view = max(path.stat().st_size for path in (tmp_path / "cache" / "maps").glob("*.f16"))
    capsys.readouterr()
    cache = tmp_path / "small"
    bound = 1.5 * a_view / 2**30
    _, bounded = train(frozen(f"batch.maps_gib={bound}", f"paths.cache={cache}"), tmp_path / "bounded")
    assert sum(path.stat().st_size for path in (cache / "maps").glob("*.f16")) <= 1.5 * a_view + a_view / 2
    assert "maps of 1 of 2 views are not kept: batch.maps_gib is too small" in capsys.readouterr().out
    assert bounded


def test_no_room_for_maps_is_said_in_one_line(
    frozen: Callable[..., dict[str, Any]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("huesweep.training.frozen_maps._take_room", full)
    with pytest.raises(UsageError, match=r"no room for the encoder's maps .*batch\.maps_gib=0"):
        train(frozen(), tmp_path / "full")


def test_crops_of_larger_pictures_are_trained_on_and_scored_at_their_side(
    frozen: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    result, _ = train(
        frozen("data.size=32", "batch.side=24", "batch.crop=0.4", "trainer.max_epochs=1"), tmp_path / "crops"
    )
    assert result["test"]["psnr"] > 0
