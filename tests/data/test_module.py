"""Which part of a source's pictures a trial uses."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huesweep.data.module import PairDataModule
from huesweep.data.pictures import Split
from huesweep.data.splitting import subset
from huesweep.training.assembly import assemble
from huesweep.training.identity import config_hash
from tests.conftest import compose_trial, once
from tests.data.copies import write_copy
from tests.memory import mapped_file

Configure = Callable[..., dict[str, Any]]


@pytest.fixture
def part(tmp_path: Path, cache: Path) -> Callable[..., PairDataModule]:
    """The pictures of a trial on a small copy of CIFAR-10."""
    write_copy(tmp_path / "root")
    usual = ("data=cifar10", f"data.root={tmp_path}/root", "data.verify=false")

    def made(*overrides: str) -> PairDataModule:
        data = assemble(compose_trial(tmp_path / "outputs", cache, *once(*usual, *overrides))).data
        data.setup()
        return data

    return made


def test_a_part_of_the_test_pictures_lies_within_every_larger_one(part: Callable[..., PairDataModule]) -> None:
    whole, half, fifth = (part(f"data.test_fraction={fraction}").splits for fraction in (1.0, 0.5, 0.2))
    shown = [{picture.numpy().tobytes() for picture in splits["test"].pictures} for splits in (whole, half, fifth)]
    assert shown[2] < shown[1] < shown[0]
    assert len(fifth["test"].pictures) == len(fifth["test"].labels) == round(0.2 * len(whole["test"].pictures))
    for split in ("train", "validation"):
        assert fifth[split].pictures.equal(whole[split].pictures)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="the kernel doesn't tell what is mapped")
@pytest.mark.parametrize("override", ["data.fraction=0.5", "data.per_class=3", "data.test_fraction=0.5"])
def test_a_part_is_mapped_from_a_pack_of_its_own(part: Callable[..., PairDataModule], override: str) -> None:
    whole, found = part().splits, part(override).splits
    split: Split = "test" if "test" in override else "train"
    fraction, per_class = (1.0, 3) if "per_class" in override else (0.5, None)
    kept = subset(whole[split].labels.numpy(), fraction, per_class, seed=0)
    assert found[split].pictures.equal(whole[split].pictures[kept])
    assert found[split].labels.equal(whole[split].labels[kept])
    assert mapped_file(found[split].pictures) not in ("", mapped_file(whole[split].pictures))


def test_scores_on_a_part_of_the_test_pictures_are_another_trial(configure: Configure) -> None:
    config = configure("data.test_fraction=0.5")
    whole, none = ({**config, "data": {**config["data"], "test_fraction": 1.0}}, {**config, "data": {**config["data"]}})
    del none["data"]["test_fraction"]
    assert config_hash(whole) == config_hash(none) != config_hash(config)
