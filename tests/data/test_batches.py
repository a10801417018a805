"""Batches: every picture once an epoch, in an order that seed and epoch decide, mirrored exactly."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.data.augmentation import Augmentation
from huesweep.data.batches import PairBatches
from huesweep.data.order import BatchOrder
from huesweep.data.tasks.colorize import Colorize
from huesweep.errors import UsageError

CPU = torch.device("cpu")
GRAY = Colorize(gray="luma601", luminance="keep")


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


def test_a_fixed_order_is_shuffled_once() -> None:
    fixed = BatchOrder(25, 10, True, 1, fixed=True)
    assert indices(fixed, 0) == indices(fixed, 1) == indices(BatchOrder(25, 10, True, 1), 0) != list(range(25))


def test_without_shuffling_pictures_come_as_they_stand(pictures: torch.Tensor) -> None:
    batches = PairBatches(pictures, GRAY, BatchOrder(25, 10, False, 0), Augmentation(flip=False), CPU)
    assert torch.equal(torch.cat([color for _, color in batches]), pictures)


def test_about_half_of_the_pictures_are_mirrored_and_none_otherwise_changed(generator: torch.Generator) -> None:
    pictures = torch.randint(0, 256, (400, 3, 4, 6), generator=generator, dtype=torch.uint8)
    order = BatchOrder(400, 50, False, seed=0)
    batches = PairBatches(pictures, GRAY, order, Augmentation(flip=True), CPU)
    found = torch.cat([color for _, color in batches])
    mirrored = (found == pictures.flip(-1)).flatten(1).all(1)
    untouched = (found == pictures).flatten(1).all(1)
    assert (mirrored ^ untouched).all()
    assert 150 < mirrored.sum() < 250


def test_a_batch_is_a_pair_of_the_tasks_input_and_the_color(pictures: torch.Tensor) -> None:
    for gray, color in PairBatches(pictures, GRAY, BatchOrder(25, 10, True, 0), Augmentation(flip=True), CPU):
        rgb = color.double() / 255
        expected = 0.299 * rgb[:, :1] + 0.587 * rgb[:, 1:2] + 0.114 * rgb[:, 2:]  # ITU-R BT.601
        torch.testing.assert_close(gray.double(), expected, rtol=0, atol=1e-6)


def test_two_passes_over_the_same_epoch_agree(pictures: torch.Tensor) -> None:
    first, second = (
        list(PairBatches(pictures, GRAY, BatchOrder(25, 10, True, 3), Augmentation(flip=True), CPU)) for _ in range(2)
    )
    assert all(
        torch.equal(a, b) for one, other in zip(first, second, strict=True) for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("epoch", [0, 3])
def test_workers_give_the_same_batches_as_the_device(generator: torch.Generator, epoch: int) -> None:
    pictures = torch.randint(0, 256, (50, 3, 8, 8), generator=generator, dtype=torch.uint8)
    augmentation = Augmentation(flip=True, shift=2, exposure=0.3)
    found = []
    for workers in (0, 2):
        batches = PairBatches(pictures, GRAY, BatchOrder(50, 12, True, 5), augmentation, CPU, workers)
        batches.sampler.set_epoch(epoch)
        found.append(list(batches))
    assert len(found[0]) == 5
    assert all(torch.equal(a[1], b[1]) for a, b in zip(*found, strict=True))


@pytest.mark.parametrize("count", [50, 51, 97, 3])
@pytest.mark.parametrize("world", [2, 3])
def test_processes_share_an_epoch_without_repeating_or_missing_a_picture(count: int, world: int) -> None:
    orders = [BatchOrder(count, 10, True, 0, rank, world) for rank in range(world)]
    batches = [list(order) for order in orders]
    assert len({len(order) for order in orders} | {len(found) for found in batches}) == 1
    assert sorted(index for found in batches for batch in found for index in batch.tolist()) == list(range(count))
    sizes = [len(batch) for found in batches for batch in found]
    assert max(sizes) - min(sizes) <= 1
    assert max(sizes) <= 10


def test_a_shift_moves_whole_pictures_and_mirrors_in_at_the_edges(generator: torch.Generator) -> None:
    pictures = torch.randint(0, 256, (200, 3, 6, 7), generator=generator, dtype=torch.uint8)
    shifted = Augmentation(shift=2)(pictures, torch.Generator().manual_seed(0))
    padded = torch.nn.functional.pad(pictures.float(), [2] * 4, mode="reflect").to(torch.uint8)
    places = set()
    for index, picture in enumerate(shifted):
        matches = [
            (top, left)
            for top in range(5)
            for left in range(5)
            if torch.equal(picture, padded[index, :, top : top + 6, left : left + 7])
        ]
        assert matches
        places.update(matches)
    assert len(places) == 25


def test_exposure_changes_brightness_and_no_hue() -> None:
    pictures = torch.tensor([[200, 100, 50], [90, 120, 30]], dtype=torch.uint8).view(2, 3, 1, 1).repeat(200, 1, 1, 1)
    changed = Augmentation(exposure=0.5)(pictures, torch.Generator().manual_seed(0)).float()
    factors = changed / pictures
    assert (factors.amax(1) - factors.amin(1)).max() < 0.04  # of rounding to whole levels
    assert factors.min() < 0.55
    assert factors.max() > 1.2
    assert changed.max() <= 255


@pytest.mark.parametrize("options", [{"shift": -1}, {"exposure": 1.0}, {"exposure": -0.1}])
def test_an_augmentation_outside_its_range_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=f"(?s){next(iter(options))}.*input_value={next(iter(options.values()))}"):
        Augmentation(**options)


def test_no_process_is_left_without_pictures() -> None:
    with pytest.raises(UsageError, match="3 pictures in batches of 8 leave one of 4 devices without any"):
        BatchOrder(3, 8, True, 0, rank=0, world=4)
    parts = [next(iter(BatchOrder(5, 8, True, 0, rank=rank, world=4))) for rank in range(4)]
    assert sorted(torch.cat(parts).tolist()) == list(range(5))


def test_workers_read_a_mapped_pack_whatever_way_processes_are_started(tmp_path: Path) -> None:
    script = (
        "import torch, numpy as np\n"
        "from huesweep.data.augmentation import Augmentation\n"
        "from huesweep.data.batches import PairBatches\n"
        "from huesweep.data.order import BatchOrder\n"
        "from huesweep.data.tasks.colorize import Colorize\n"
        "torch.multiprocessing.set_start_method('forkserver')\n"
        f"pictures = torch.from_file({str(tmp_path / 'pack')!r}, shared=False, size=8 * 3 * 4 * 4, dtype=torch.uint8)\n"
        "batches = PairBatches(pictures.view(8, 3, 4, 4), Colorize(gray='lab', luminance='keep'),\n"
        "    BatchOrder(8, 4, False, 0), Augmentation(), torch.device('cpu'), workers=1)\n"
        "print(sum(int(colors.sum()) for _, colors in batches))\n"
        "batches.end_workers()\n"
    )
    content = bytes(range(256)) + bytes(range(128))
    (tmp_path / "pack").write_bytes(content)
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120)
    assert ended.stdout.strip() == str(sum(content)), ended.stderr[-500:]
