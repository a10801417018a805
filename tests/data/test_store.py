"""Packs: made once, mapped afterwards, made again when damaged."""

from pathlib import Path

import pytest
import torch

from src.data.pictures import PictureSet
from src.data.store import PackStore

ORIGIN = {"source": "test", "seed": 0}


class Maker:
    """Makes the same three pictures and counts how often it was asked."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> PictureSet:
        self.calls += 1
        pictures = torch.arange(3 * 3 * 4 * 5, dtype=torch.uint8).view(3, 3, 4, 5)
        return PictureSet(pictures, torch.tensor([0, 1, 0]), ["cat", "dog"])


def same(one: PictureSet, other: PictureSet) -> bool:
    return (
        torch.equal(one.pictures, other.pictures)
        and torch.equal(one.labels, other.labels)
        and one.classes == other.classes
    )


def test_a_pack_is_made_once(tmp_path: Path) -> None:
    make = Maker()
    first = PackStore(tmp_path).load(ORIGIN, make)
    assert same(first, Maker()())
    assert same(PackStore(tmp_path).load(ORIGIN, make), first)
    assert make.calls == 1


def test_another_origin_is_another_pack(tmp_path: Path) -> None:
    make = Maker()
    store = PackStore(tmp_path)
    store.load(ORIGIN, make)
    store.load({**ORIGIN, "seed": 1}, make)
    assert make.calls == 2


@pytest.mark.parametrize("suffix", [".npy", ".json"])
@pytest.mark.parametrize("left", [0, 20, 150])
def test_a_pack_that_is_cut_off_is_made_again(tmp_path: Path, suffix: str, left: int) -> None:
    make = Maker()
    whole = PackStore(tmp_path).load(ORIGIN, make)
    whole = PictureSet(whole.pictures.clone(), whole.labels, whole.classes)
    path = next(tmp_path.glob(f"*{suffix}"))
    content = path.read_bytes()
    path.write_bytes(content[:left])
    assert same(PackStore(tmp_path).load(ORIGIN, make), whole)
    assert path.read_bytes() == content
