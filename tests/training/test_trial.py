"""Trial folders: names that can be pasted into an override, and digests that change with what shapes a result."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huesweep.training.trial import TrialFolder, digest, folder_name, model_word

Configure = Callable[..., dict[str, Any]]


def test_a_folders_name_tells_what_it_is_and_can_be_pasted_anywhere(configure: Configure) -> None:
    config = configure("data=cifar10", "data.classes=[horse,cat]", "loss=rebalanced", small=False)
    name = folder_name(config)
    assert name.startswith("cifar10_horse_cat-unet-palette16-rebalanced-")
    config["data"]["classes"] = ["hörse, cat=1/[2]"]
    assert re.fullmatch(r"[A-Za-z0-9._-]+", folder_name(config))


@pytest.mark.parametrize(
    "override",
    ["seed=1", "trainer.max_epochs=3", "optimizer.lr=0.1", "target.colors=5", "data.margin=5", "loss.uniform=0.6"],
)
def test_whatever_shapes_a_result_makes_another_trial(configure: Configure, override: str) -> None:
    assert digest(configure("loss=rebalanced", override)) != digest(configure("loss=rebalanced"))


@pytest.mark.parametrize(
    "override",
    [
        *("paths.outputs=elsewhere", "paths.cache=elsewhere", "logger.wandb.mode=offline"),
        *("examples.every=3", "sweep.name=other", "trainer.accelerator=auto"),
    ],
)
def test_where_things_are_kept_and_shown_does_not(configure: Configure, override: str) -> None:
    assert digest(configure(override)) == digest(configure())


def test_an_encoder_of_timm_is_named(configure: Configure) -> None:
    timm = configure("model/encoder=timm", "model.encoder.name=convnext_atto", small=False)["model"]
    assert model_word(timm) == "unet-convnext_atto"
    assert model_word(configure("model=resnet18_unet", small=False)["model"]) == "resnet18_unet"
    assert model_word(configure(small=False)["model"]) == "unet"


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


@pytest.mark.parametrize("damaged", [{}, {"data": []}, {"data": "x", "trainer": None}])
def test_a_configuration_of_another_shape_has_another_digest(configure: Configure, damaged: dict[str, Any]) -> None:
    assert digest(damaged) != digest(configure())
