"""The pictures of one source, ready for Lightning."""

import pytorch_lightning as pl
import torch
from pydantic import validate_call

from huesweep.data.augmentation import Augmentation
from huesweep.data.batches import PairBatches
from huesweep.data.order import BatchOrder
from huesweep.data.pictures import SPLITS, PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.splitting import subset
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.ranges import Count, Fraction, NonNegative, Seed, Share, Whole
from huesweep.registry import CHECKS

GIB = 2**30


class PairDataModule(pl.LightningDataModule):
    """Serves a source's pictures as batches of (input, color) on the trainer's device; see PairBatches.

    task: makes the inputs. seed: of order and augmentation. fraction, per_class: the part of the training pictures to
    use, see subset; chosen by a seed of its own. size: of a training batch, in each process. score_size: of a batch
    that is only scored, where no gradient takes memory. flip, shift, exposure: see Augmentation. device_gib: a split up
    to this size is held on the device; a larger one is read from its pack by `workers` processes.
    """

    @validate_call(config=CHECKS)
    def __init__(
        self,
        source: Source,
        task: Task,
        seed: Seed,
        fraction: Fraction,
        per_class: Count | None,
        size: Count,
        score_size: Count,
        flip: bool,
        shift: Whole,
        exposure: Share,
        device_gib: NonNegative,
        workers: Count,
    ) -> None:
        super().__init__()
        self.source = source
        self.task = task
        self.seed = seed
        self.fraction = fraction
        self.per_class = per_class
        self.size = size
        self.score_size = score_size
        self.augmentation = Augmentation(flip, shift, exposure)
        self.device_gib = device_gib
        self.workers = workers
        self.splits: dict[Split, PictureSet] = {}

    def setup(self, stage: str | None = None) -> None:
        if self.splits:
            return
        splits = {split: self.source.load(split) for split in SPLITS}
        for split in ("train", "test"):
            if len(splits[split].pictures) == 0:
                raise UsageError(f"data={self.source.name} as configured has no {split} pictures")
        if self.fraction < 1 or self.per_class is not None:
            train = splits["train"]
            kept = torch.from_numpy(subset(train.labels.numpy(), self.fraction, self.per_class, seed=0))
            splits["train"] = PictureSet(train.pictures[kept], train.labels[kept], train.classes)
        self.splits = splits

    @property
    def has_validation(self) -> bool:
        return len(self.splits["validation"].pictures) > 0

    def train_dataloader(self) -> PairBatches:
        return self._batches("train", self.size, True, self.augmentation)

    def val_dataloader(self) -> PairBatches:
        return self._batches("validation", self.score_size, False, Augmentation())

    def test_dataloader(self) -> PairBatches:
        return self._batches("test", self.score_size, False, Augmentation())

    def _batches(self, split: Split, size: int, shuffle: bool, augmentation: Augmentation) -> PairBatches:
        pictures = self.splits[split].pictures
        device, rank, world = torch.device("cpu"), 0, 1
        if self.trainer is not None:
            device = self.trainer.strategy.root_device
            rank, world = self.trainer.global_rank, self.trainer.world_size
        order = BatchOrder(len(pictures), size, shuffle, self.seed, rank, world)
        if pictures.numel() <= self.device_gib * GIB:
            return PairBatches(pictures.to(device), self.task, order, augmentation, device)
        return PairBatches(pictures, self.task, order, augmentation, device, self.workers)
