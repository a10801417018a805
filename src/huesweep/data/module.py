"""The pictures of one source, ready for Lightning."""

from typing import Literal

import pytorch_lightning as pl
import torch
from pydantic import validate_call
from torch import Tensor

from huesweep.data.augmentation import Augmentation, to_side
from huesweep.data.batches import Encode, PairBatches
from huesweep.data.order import BatchOrder
from huesweep.data.picture_checks import check_colors, tell_few
from huesweep.data.pictures import SPLITS, PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.splitting import subset
from huesweep.data.store import part_of_set
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.ranges import Count, Fraction, NonNegative, Seed, Share, Whole
from huesweep.registry import CHECKS

GIB = 2**30
RESIZED = 64  # pictures at a time


class PairDataModule(pl.LightningDataModule):
    """Serves a source's pictures as batches of (input, color) on the trainer's device; see PairBatches.

    task: makes the inputs. seed: of order and augmentation. fraction, per_class: the part of the training pictures to
    use, see subset; test_fraction: of the test pictures; chosen by a seed of its own. size: of a training batch, in
    each process. score_size: of a batch that is only scored, where no gradient takes memory. flip, shift, exposure,
    crop, coarsen: see Augmentation. side: of pictures as they are trained on and scored; None is the source's. views:
    see PairBatches. maps_gib: of disk at most for what a frozen encoder makes of the pictures, see FrozenMaps.
    device_gib: a split up to this size is held on the device; a larger one is read from its pack by `workers`
    processes. order: of training pictures, `new` in every epoch, or `fixed`, shuffled once.

    watch: the split that the validation loader serves, to be set before `setup`: the test pictures for recipes without
    validation pictures. encode_train, encode_validation: see PairBatches; to be set after `setup`.
    is_labeled: labels in place of color.
    """

    is_labeled = False

    @validate_call(config=CHECKS)
    def __init__(
        self,
        source: Source,
        task: Task,
        seed: Seed,
        fraction: Fraction,
        per_class: Count | None,
        test_fraction: Fraction,
        size: Count,
        score_size: Count,
        flip: bool,
        shift: Whole,
        exposure: Share,
        crop: Fraction,
        coarsen: Share,
        side: Count | None,
        views: Count | None,
        maps_gib: NonNegative,
        device_gib: NonNegative,
        workers: Count,
        order: Literal["new", "fixed"] = "new",
    ) -> None:
        super().__init__()
        self.source = source
        self.task = task
        self.seed = seed
        self.fraction = fraction
        self.per_class = per_class
        self.test_fraction = test_fraction
        self.size = size
        self.score_size = score_size
        self.is_order_fixed = order == "fixed"
        self.side = side or source.side
        self.augmentation = Augmentation(flip, shift, exposure, crop, self.side, coarsen)
        self.views = views
        self.maps_gib = maps_gib
        self.watch: Split = "validation"
        self.encode_train: Encode | None = None
        self.encode_validation: Encode | None = None
        self.device_gib = device_gib
        self.workers = workers
        self.splits: dict[Split, PictureSet] = {}
        self._served: list[PairBatches] = []

    def setup(self, stage: str | None = None) -> None:
        if self.splits:
            return
        splits = {split: self.source.load(split) for split in SPLITS}
        for split in ("train", "test"):
            if len(splits[split].pictures) == 0:
                share = f": there are too few for data.{split}, give it more" if split == "test" else ""
                raise UsageError(f"data={self.source.name} as configured has no {split} pictures{share}")
        splits["train"] = part_of(splits["train"], self.fraction, self.per_class)
        splits["test"] = part_of(splits["test"], self.test_fraction)
        scored_splits: tuple[Split, ...] = ("validation", "test")
        for split in scored_splits:
            if self.side != self.source.side:
                scored = splits[split]
                splits[split] = scored._replace(pictures=at_side(scored.pictures, self.side), pack=None)
        if self.watch == "test" and len(splits["validation"].pictures) > 0:
            raise UsageError("trainer.watch=test is for recipes without validation pictures: set data.validation=0")
        if not (self.is_labeled or self.task.enlarges > 1):
            check_colors(splits["train"].pictures, self.source.name)
        if self.watch == "validation":
            tell_few(len(splits["validation"].labels), len(splits["test"].labels), self.source.name)
        self.splits = splits

    @property
    def has_validation(self) -> bool:
        return len(self.splits["validation"].pictures) > 0

    @property
    def watched(self) -> Split | None:
        """The split that is scored after each epoch, if it has pictures."""
        return self.watch if len(self.splits[self.watch].pictures) > 0 else None

    def train_dataloader(self) -> PairBatches:
        return self._batches("train", self.size, True, self.augmentation, self.views, self.encode_train)

    def val_dataloader(self) -> PairBatches:
        return self._batches(self.watch, self.score_size, False, Augmentation(), 1, self.encode_validation)

    def test_dataloader(self) -> PairBatches:
        return self._batches("test", self.score_size, False, Augmentation())

    def _batches(
        self,
        split: Split,
        size: int,
        shuffle: bool,
        augmentation: Augmentation,
        views: int | None = None,
        encode: Encode | None = None,
    ) -> PairBatches:
        pictures = self.splits[split].pictures
        device, rank, world = torch.device("cpu"), 0, 1
        if self.trainer is not None:
            device = self.trainer.strategy.root_device
            rank, world = self.trainer.global_rank, self.trainer.world_size
        order = BatchOrder(len(pictures), size, shuffle, self.seed, rank, world, self.is_order_fixed)
        fits = pictures.numel() <= self.device_gib * GIB
        workers = 0 if fits else self.workers
        held = pictures.to(device) if fits else pictures
        labels = self.splits[split].labels if self.is_labeled else None
        batches = PairBatches(held, self.task, order, augmentation, device, workers, views, encode, labels)
        self._served.append(batches)
        return batches

    def end_workers(self) -> None:
        """End the processes that read for what was served."""
        while self._served:
            self._served.pop().end_workers()


def part_of(of: PictureSet, fraction: float, per_class: int | None = None) -> PictureSet:
    """A share of pictures, at most so many of each class; see subset."""
    if fraction == 1 and per_class is None:
        return of
    return part_of_set(of, subset(of.labels.numpy(), fraction, per_class, seed=0))


def at_side(pictures: Tensor, side: int) -> Tensor:
    """Square pictures, uint8 (N, 3, H, H), brought to a side, a few at a time."""
    if pictures.shape[-1] == side:
        return pictures
    brought = [to_side(part, side) for part in pictures.split(RESIZED) if len(part)]
    return torch.cat(brought) if brought else pictures.new_empty(0, 3, side, side)
