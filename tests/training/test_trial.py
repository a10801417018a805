"""Trial folders: names that can be pasted into an override, and digests that change with what shapes a result."""

import platform
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml
from PIL import Image

from huesweep.resources import CONF
from huesweep.sweeps.swept import leaves
from huesweep.training import machine
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import REAL, config_hash
from huesweep.training.machine import describe_machine
from huesweep.training.naming import folder_name, model_word

Configure = Callable[..., dict[str, Any]]


def test_a_folders_name_tells_what_it_is_and_can_be_pasted_anywhere(configure: Configure) -> None:
    config = configure("data=cifar10", "data.classes=[horse,cat]", "loss=rebalanced", small=False)
    name = folder_name(config)
    assert name.startswith("cifar10_horse_cat-unet_s-palette32ab-rebalanced-")
    config["data"]["classes"] = ["hörse, cat=1/[2]"]
    assert re.fullmatch(r"[A-Za-z0-9._-]+", folder_name(config))


@pytest.mark.parametrize(
    "override",
    ["seed=1", "trainer.max_epochs=3", "optimizer.lr=0.1", "target.colors=5", "data.margin=5", "loss.uniform=0.6"],
)
def test_whatever_shapes_a_result_makes_another_trial(configure: Configure, override: str) -> None:
    assert config_hash(configure("loss=rebalanced", override)) != config_hash(configure("loss=rebalanced"))


@pytest.mark.parametrize(
    "override",
    [
        *("paths.outputs=elsewhere", "paths.cache=elsewhere", "logger.wandb.mode=offline"),
        *("examples.every=3", "sweep.name=other", "trainer.accelerator=auto", "trainer.log_every_n_steps=5"),
    ],
)
def test_where_things_are_kept_and_shown_does_not(configure: Configure, override: str) -> None:
    assert config_hash(configure(override)) == config_hash(configure())


@pytest.mark.parametrize(
    ("whole", "real"),
    [
        (["data.fraction=1"], ["data.fraction=1.0"]),
        (["loss=focal", "loss.gamma=2"], ["loss=focal", "loss.gamma=2.0"]),
        (["optimizer.weight_decay=0", "batch.crop=1"], ["optimizer.weight_decay=0.0", "batch.crop=1.0"]),
    ],
)
def test_a_real_number_is_the_same_without_a_point(configure: Configure, whole: list[str], real: list[str]) -> None:
    assert config_hash(configure(*whole)) == config_hash(configure(*real))


def test_one_picture_is_not_all_pictures(configure: Configure) -> None:
    one, whole = (configure("data=caltech101", f"data.validation={value}", small=False) for value in ("1", "1.0"))
    assert config_hash(one) != config_hash(whole)


def test_real_numbers_in_conf_have_a_point_so_that_trials_stay_what_they_are() -> None:
    for path in CONF.rglob("*.yaml"):
        above = ".".join(path.parent.relative_to(CONF).parts)
        for name, value in leaves(yaml.safe_load(path.read_text()) or {}).items():
            if f".{above}.{name}".endswith(tuple(f".{real}" for real in REAL)):
                assert not any(re.fullmatch(r"-?\d+", part.strip()) for part in str(value).split(",")), (path, name)


def test_an_encoder_of_timm_is_named(configure: Configure) -> None:
    timm = configure("model/encoder=timm", "model.encoder.name=convnext_atto", small=False)["model"]
    assert model_word(timm) == "unet_s-convnext_atto"
    assert model_word(configure("model=resnet18_unet", small=False)["model"]) == "resnet18_unet"
    assert model_word(configure(small=False)["model"]) == "unet_s"


@pytest.mark.parametrize(
    ("overrides", "word"),
    [
        (["model/encoder=dilated", "model/decoder=transpose"], "unet_s-dilated-transpose"),
        (["model/decoder=pixel_shuffle"], "unet_s-pixel_shuffle"),
        (["model.encoder.widths=[8,16]"], "unet_s-widths_8_16"),
        (["model=unet_attention", "model.attention=[8]"], "unet_attention-attention_8"),
        (["model=rutgers_fc1", "data.size=16"], "rutgers_fc1"),
        (["model.views=[{scale: 0.8, mirrored: true}]"], "unet_s-views_scale_0.8_mirrored_True"),
        (["model=unet_fast", "model.encoder.of.widths=[8,16]"], "unet_fast-widths_8_16"),
        (["model=unet_fast", "model/encoder@model.encoder.of=dilated"], "unet_fast-dilated"),
        (["model/encoder=dilated", "model.encoder.widths=[8,16]"], "unet_s-dilated-widths_8_16"),
    ],
)
def test_a_models_word_says_what_was_changed(configure: Configure, overrides: list[str], word: str) -> None:
    assert model_word(configure(*overrides, small=False)["model"]) == word


def test_one_network_under_two_names_is_one_trial(configure: Configure) -> None:
    unet, unet_s, unet_m = (configure(f"model={name}", small=False) for name in ("unet", "unet_s", "unet_m"))
    assert folder_name(unet) == folder_name(unet_s)
    assert config_hash(unet_m) != config_hash(unet_s)


def test_devices_that_share_a_trials_batches_make_another_trial(configure: Configure) -> None:
    def of_devices(*overrides: str) -> str:
        return config_hash(configure(*overrides, small=False))

    assert of_devices("trainer=ddp", "trainer.devices=2") != of_devices("trainer=ddp", "trainer.devices=4")
    assert of_devices("trainer.devices=1") == of_devices()


def test_the_same_published_pictures_elsewhere_are_the_same_trial(configure: Configure, tmp_path: Path) -> None:
    def hash_of(*overrides: str) -> str:
        return config_hash(configure(*overrides, small=False))

    for data in ("cifar10", "cifar100", "caltech101"):
        elsewhere = [f"data={data}", f"data.root={tmp_path}", "data.download=false", "trainer.log_every_n_steps=7"]
        assert hash_of(*elsewhere) == hash_of(f"data={data}")
    assert hash_of("data=folder", "data.root=a") != hash_of("data=folder", "data.root=b")


def test_a_file_of_pictures_is_known_by_what_it_holds(configure: Configure, tmp_path: Path) -> None:
    def of_file(name: str) -> str:
        return config_hash(configure("data=arrays", f"data.path={tmp_path / name}", small=False))

    def of_part(name: str) -> str:
        part = f"data.parts=[{{data: arrays, path: {tmp_path / name}}}]"
        return config_hash(configure("data=mixture", part, small=False))

    for name, level in (("one.npy", 10), ("copy.npy", 10), ("other.npy", 20)):
        np.save(tmp_path / name, np.full((10, 8, 8, 3), level, np.uint8))
    assert of_file("one.npy") == of_file("copy.npy") != of_file("other.npy")
    assert of_file("absent.npy") != of_file("missing.npy")
    np.save(tmp_path / "copy.npy", np.full((10, 8, 8, 3), 30, np.uint8))
    assert of_file("copy.npy") != of_file("one.npy")
    assert of_part("copy.npy") != of_part("one.npy")
    np.save(tmp_path / "copy.npy", np.full((10, 8, 8, 3), 10, np.uint8))
    assert of_part("copy.npy") == of_part("one.npy")


def test_copies_of_a_folder_are_the_same_trial_and_other_pictures_are_not(configure: Configure, tmp_path: Path) -> None:
    def hash_of(*overrides: str) -> str:
        return config_hash(configure(*overrides, small=False))

    def of_folder(name: str) -> str:
        return hash_of("data=folder", f"data.root={tmp_path / name}")

    def of_mixture(name: str, *more: str) -> str:
        parts = ",".join([f"{{data: folder, root: {tmp_path / name}}}", *more])
        return hash_of("data=mixture", f"data.parts=[{parts}]")

    for name, level in (("one", 10), ("other", 20)):
        (tmp_path / name).mkdir()
        for number in range(10):
            Image.new("L", (8, 8), level + number).save(tmp_path / name / f"{number}.png")
    shutil.copytree(tmp_path / "one", tmp_path / "copy")
    for hash_in in (of_folder, of_mixture):
        assert hash_in("one") == hash_in("copy")
        assert hash_in("one") != hash_in("other")
        assert hash_in("one") != hash_in("absent")
        assert hash_in("absent") != hash_in("missing")
    assert of_mixture("one", "{data: cifar10}") == of_mixture("copy", "{data: cifar10, root: /elsewhere}")
    assert of_mixture("one", "{data: cifar10}") != of_mixture("one", "{data: cifar100}")
    of_cifar = ("data=mixture", "data.parts=[{data: cifar100}]")
    assert hash_of(*of_cifar, "data.sources.cifar100.validation=0.5") != hash_of(*of_cifar)
    elsewhere = ("data.sources.cifar10.validation=0.5", "data.sources.cifar100.root=/x")
    assert hash_of(*of_cifar, *elsewhere) == hash_of(*of_cifar)
    of_folders = ("data=mixture", "data.parts=[{data: folder}]")
    hashes = [hash_of(*of_folders, f"data.sources.folder.root={tmp_path / name}") for name in ("one", "copy", "other")]
    assert hashes[0] == hashes[1] != hashes[2]
    kept = configure("data=folder", f"data.root={tmp_path / 'one'}", small=False)
    shutil.rmtree(tmp_path / "one")
    assert config_hash(kept) == of_folder("copy")  # a trial stays what it is when its pictures are gone


def test_a_result_is_read_back_and_half_of_one_is_none(tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path)
    assert folder.read_result() is None
    folder.write_result({"name": "a"})
    assert folder.read_result() == {"name": "a"}
    folder.result.write_text('{"name":')
    assert folder.read_result() is None


def test_a_failure_is_kept_without_what_is_secret_in_addresses(tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path)
    folder.write_error(RuntimeError("no answer from https://me:s3cret@host/x?token=s3cret"))
    assert "https://...@host/x" in folder.error.read_text()
    assert "s3cret" not in folder.error.read_text()
    assert folder.read_error() == folder.error.read_text().strip()
    folder.forget_error()
    assert folder.read_error() == ""


@pytest.mark.parametrize("damaged", [{}, {"data": []}, {"data": "x", "trainer": None}])
def test_a_configuration_of_another_shape_has_another_hash(configure: Configure, damaged: dict[str, Any]) -> None:
    assert config_hash(damaged) != config_hash(configure())


def test_a_processor_is_told_by_its_makers_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "CPUINFO", tmp_path / "cpuinfo")
    assert machine.processor_name() == (platform.processor() or platform.machine())
    (tmp_path / "cpuinfo").write_text("processor\t: 0\nmodel name\t: AMD EPYC 7763 64-Core Processor\ncache\t: 1\n")
    assert describe_machine(torch.device("cpu"))["device"] == "cpu: AMD EPYC 7763 64-Core Processor"


@pytest.mark.parametrize(("seen", "told"), [(None, "all"), ("", "none"), ("1", "1")])
def test_which_devices_a_trial_could_see_is_told_in_a_word(
    monkeypatch: pytest.MonkeyPatch, seen: str | None, told: str
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if seen is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", seen)
    assert describe_machine(torch.device("cpu"))["visible_devices"] == told
