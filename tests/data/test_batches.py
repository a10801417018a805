"""Batches: every picture once an epoch, in an order that seed and epoch decide, mirrored exactly."""

import pytest
import torch

from src.data.batches import DeviceBatches
from src.data.order import BatchOrder


@pytest.fixture
def pictures(generator: torch.Generator) -> torch.Tensor:
    return torch.randint(0, 256, (25, 3, 4, 6), generator=generator, dtype=torch.uint8)


def indices(order: BatchOrder, epoch: int) -> list[int]:
    order.set_epoch(epoch)
    return [index for batch in order for index in batch.tolist()]


def test_every_picture_comes_once_an_epoch() -> None:
    order = BatchOrder(25, 10, shuffle=True, seed=0)
    assert [len(batch) for batch in order] == [10, 10, 5]
    assert len(order) == 3
    assert sorted(indices(order, 0)) == list(range(25))


def test_the_order_depends_on_seed_and_epoch_alone() -> None:
    orders = {(seed, epoch): indices(BatchOrder(25, 10, True, seed), epoch) for seed in (0, 1) for epoch in (0, 1)}
    assert len({tuple(order) for order in orders.values()}) == 4
    assert indices(BatchOrder(25, 7, True, 1), 1) == orders[1, 1]


def test_without_shuffling_pictures_come_as_they_stand(pictures: torch.Tensor) -> None:
    batches = DeviceBatches(pictures, BatchOrder(25, 10, False, 0), flip=False)
    assert torch.equal(torch.cat(list(batches)), pictures)


def test_about_half_of_the_pictures_are_mirrored_and_none_otherwise_changed(generator: torch.Generator) -> None:
    pictures = torch.randint(0, 256, (400, 3, 4, 6), generator=generator, dtype=torch.uint8)
    order = BatchOrder(400, 50, False, seed=0)
    found = torch.cat(list(DeviceBatches(pictures, order, flip=True)))
    mirrored = (found == pictures.flip(-1)).flatten(1).all(1)
    untouched = (found == pictures).flatten(1).all(1)
    assert (mirrored ^ untouched).all()
    assert 150 < mirrored.sum() < 250


def test_two_passes_over_the_same_epoch_agree(pictures: torch.Tensor) -> None:
    first, second = (list(DeviceBatches(pictures, BatchOrder(25, 10, True, 3), flip=True)) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))
