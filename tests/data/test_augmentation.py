"""Changes to training pictures: parts cut out, detail taken away, and the same draws for the same seed."""

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from huesweep.data.augmentation import COARSER, Augmentation, Draws, to_side
from huesweep.data.batches import PairBatches
from huesweep.data.order import BatchOrder
from huesweep.data.tasks.colorize import Colorize

CPU = torch.device("cpu")
GRAY = Colorize(gray="lab", luminance="keep")


def waves(count: int, side: int) -> torch.Tensor:
    """Smooth pictures that differ, uint8 (count, 3, side, side)."""
    y, x = torch.meshgrid(torch.linspace(0, 4, side), torch.linspace(0, 5, side), indexing="ij")
    pictures = [
        torch.stack([(x * (1 + 0.1 * n) + c).sin() * (y + 0.3 * c - n).cos() for c in range(3)]) for n in range(count)
    ]
    return ((torch.stack(pictures) + 1) * 127.5).round().to(torch.uint8)


def boxed(boxes: torch.Tensor) -> Draws:
    return Draws(mirrored=None, moves=None, factor=None, boxes=boxes, coarser=None)


def test_crops_are_what_pillow_cuts_out(generator: torch.Generator) -> None:
    pictures = waves(6, 48)
    augmentation = Augmentation(crop=0.3, side=40)
    draws = augmentation.draw(6, generator)
    found = augmentation.apply(pictures, draws)
    assert draws.boxes is not None
    for picture, box, cropped in zip(pictures, draws.boxes.T.tolist(), found, strict=True):
        width, height, left, top = (48 * share for share in box)
        image = Image.fromarray(picture.movedim(0, -1).numpy())
        box_of = (left, top, left + width, top + height)
        expected = image.resize((40, 40), Image.Resampling.BICUBIC, box=box_of)
        difference = np.abs(np.asarray(expected).astype(int) - cropped.movedim(0, -1).numpy())
        # Pillow's cubic is another one, and it does not look beyond the box.
        assert difference.mean() < 1.5
        assert np.percentile(difference, 99) < 12


def test_crops_keep_their_least_area_and_aspect_and_stay_inside(generator: torch.Generator) -> None:
    boxes = Augmentation(crop=0.35, side=8).draw(4000, generator).boxes
    assert boxes is not None
    width, height, left, top = boxes
    assert (width * height).min() > 0.35 - 0.03  # a side that is cut off at the picture's takes some area
    assert (width / height).max() <= 4 / 3 + 1e-5
    assert (height / width).max() <= 4 / 3 + 1e-5
    assert (left >= 0).all()
    assert (top >= 0).all()
    assert (left + width <= 1 + 1e-6).all()
    assert (top + height <= 1 + 1e-6).all()
    assert 0.6 < (width * height).mean() < 0.72  # areas are drawn evenly


@pytest.mark.parametrize("crop", [0.75, 0.76, 0.9, 0.99])
def test_large_crops_keep_their_least_area(crop: float, generator: torch.Generator) -> None:
    boxes = Augmentation(crop=crop, side=8).draw(4000, generator).boxes
    assert boxes is not None
    width, height, left, top = boxes
    assert (width * height).min() >= crop - 1e-6
    assert (left + width).max() <= 1 + 1e-6
    assert (top + height).max() <= 1 + 1e-6


def test_the_whole_picture_as_a_crop_is_the_picture() -> None:
    pictures = waves(3, 20)
    whole = torch.tensor([1.0, 1.0, 0.0, 0.0])[:, None].expand(4, 3)
    assert torch.equal(Augmentation(crop=0.5).apply(pictures, boxed(whole)), pictures)


def test_pictures_come_to_the_side() -> None:
    found = Augmentation(side=12)(waves(2, 48), torch.Generator())
    assert found.shape == (2, 3, 12, 12)
    image = Image.fromarray(waves(2, 48)[1].movedim(0, -1).numpy()).resize((12, 12), Image.Resampling.BICUBIC)
    assert np.abs(np.asarray(image).astype(int) - found[1].movedim(0, -1).numpy()).max() <= 1
    assert torch.equal(to_side(waves(2, 48), 48), waves(2, 48))


def test_a_share_loses_detail_and_keeps_its_colors(generator: torch.Generator) -> None:
    noise = torch.randint(0, 256, (300, 3, 24, 24), generator=generator, dtype=torch.uint8)
    found = Augmentation(coarsen=0.25)(noise, generator)
    changed = (found != noise).flatten(1).any(1)
    assert 50 < changed.sum() < 100
    detail = noise.float().std(dim=(2, 3)).mean()
    assert found[changed].float().std(dim=(2, 3)).mean() < 0.6 * detail
    torch.testing.assert_close(
        found[changed].float().mean(dim=(0, 2, 3)), noise[changed].float().mean(dim=(0, 2, 3)), rtol=0, atol=1.0
    )
    flat = torch.full((40, 3, 9, 9), 77, dtype=torch.uint8)
    assert torch.equal(Augmentation(coarsen=0.9)(flat, generator), flat)
    assert max(COARSER) == 4


@pytest.mark.parametrize(
    "options",
    [{"flip": True}, {"shift": 2}, {"exposure": 0.3}, {"crop": 0.4, "side": 10}, {"coarsen": 0.5}],
    ids=lambda options: next(iter(options)),
)
def test_what_was_drawn_for_a_picture_holds_in_any_batch(options: dict[str, Any], generator: torch.Generator) -> None:
    pictures = waves(12, 16)
    augmentation = Augmentation(**options)
    draws = augmentation.draw(12, generator)
    whole = augmentation.apply(pictures, draws)
    some = torch.tensor([7, 0, 3])
    assert torch.equal(augmentation.apply(pictures[some], draws.of(some)), whole[some])


def by_epoch(views: int | None, epochs: int) -> list[torch.Tensor]:
    """The color pictures of epochs, each in the order of the pictures."""
    pictures = waves(10, 16)
    order = BatchOrder(10, 4, True, seed=1)
    augmentation = Augmentation(flip=True, crop=0.4, side=16)
    batches = PairBatches(pictures, GRAY, order, augmentation, CPU, views=views)
    found = []
    for epoch in range(epochs):
        order.set_epoch(epoch)
        places = torch.cat(list(order))
        colors = torch.cat([color for _, color in batches])
        found.append(colors[places.argsort()])
    return found


def test_views_come_over_and_over() -> None:
    epochs = by_epoch(views=2, epochs=4)
    assert torch.equal(epochs[0], epochs[2])
    assert torch.equal(epochs[1], epochs[3])
    assert not torch.equal(epochs[0], epochs[1])


def test_without_views_every_epoch_is_new() -> None:
    epochs = by_epoch(views=None, epochs=3)
    assert not any(torch.equal(a, b) for a, b in zip(epochs, epochs[1:] + epochs[:1], strict=True))


def test_a_crop_that_shrinks_a_picture_is_as_smooth_as_a_picture_that_is_shrunk(generator: torch.Generator) -> None:
    pictures = torch.randint(256, (3, 3, 96, 96), generator=generator, dtype=torch.uint8)
    whole = torch.tensor([[1.0, 1.0, 0.0, 0.0]] * 3).T
    found = Augmentation(crop=0.5, side=24).apply(pictures, boxed(whole)).float()
    expected = to_side(pictures, 24).float()
    assert torch.equal(found, expected)
    half = torch.tensor([[1.0, 1.0, 0.0, 0.0], [0.25, 0.25, 0.5, 0.5], [0.5, 0.5, 0.0, 0.5]]).T
    found = Augmentation(crop=0.05, side=24).apply(pictures, boxed(half)).float()
    torch.testing.assert_close(found[0], expected[0])
    assert torch.equal(found[1], pictures[1, :, 48:72, 48:72].float())
    assert (found[2] - to_side(pictures[2:, :, 48:, :48], 24)[0]).abs().mean() < 2
