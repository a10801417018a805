"""The pictures of one source, ready for Lightning."""

import pytorch_lightning as pl
import torch

from src.data.batches import DeviceBatches
from src.data.order import BatchOrder
from src.data.pictures import SPLITS, PictureSet, Split
from src.data.sources.base import Source
from src.errors import UsageError


class PictureDataModule(pl.LightningDataModule):
    """Serves a source's training and validation pictures as batches on the trainer's device.

    seed: of order and flips. size: of a training batch. score_size: of a batch that is only scored, where no gradient
    takes memory. flip: mirror training pictures at random. Raises UsageError for sizes below 1.
    """

    def __init__(self, source: Source, seed: int, size: int, score_size: int, flip: bool) -> None:
        super().__init__()
        for name, value in (("size", size), ("score_size", score_size)):
            if value < 1:
                raise UsageError(f"batch.{name} must be at least 1, not {value}")
        self.source = source
        self.seed = seed
        self.size = size
        self.score_size = score_size
        self.flip = flip
        self.splits: dict[Split, PictureSet] = {}

    def setup(self, stage: str | None = None) -> None:
        if not self.splits:
            self.splits = {split: self.source.load(split) for split in SPLITS}
            if len(self.splits["train"].pictures) == 0:
                raise UsageError(f"data={self.source.name} has no training pictures")

    @property
    def has_validation(self) -> bool:
        return len(self.splits["validation"].pictures) > 0

    def train_dataloader(self) -> DeviceBatches:
        pictures = self.splits["train"].pictures.to(self._device())
        return DeviceBatches(pictures, BatchOrder(len(pictures), self.size, True, self.seed), self.flip)

    def val_dataloader(self) -> DeviceBatches:
        pictures = self.splits["validation"].pictures.to(self._device())
        return DeviceBatches(pictures, BatchOrder(len(pictures), self.score_size, False, self.seed), False)

    def _device(self) -> torch.device:
        return self.trainer.strategy.root_device if self.trainer else torch.device("cpu")
