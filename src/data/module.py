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

    batch_size: of training. score_size: of scoring, where no gradient takes memory. flip: mirror training pictures at
    random. seed: of order and flips. Raises UsageError for sizes below 1.
    """

    def __init__(self, source: Source, batch_size: int, score_size: int, flip: bool, seed: int) -> None:
        super().__init__()
        for name, size in (("batch.size", batch_size), ("batch.score_size", score_size)):
            if size < 1:
                raise UsageError(f"{name} must be at least 1, not {size}")
        self.source = source
        self.batch_size = batch_size
        self.score_size = score_size
        self.flip = flip
        self.seed = seed
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
        return DeviceBatches(pictures, BatchOrder(len(pictures), self.batch_size, True, self.seed), self.flip)

    def val_dataloader(self) -> DeviceBatches:
        pictures = self.splits["validation"].pictures.to(self._device())
        return DeviceBatches(pictures, BatchOrder(len(pictures), self.score_size, False, self.seed), False)

    def _device(self) -> torch.device:
        return self.trainer.strategy.root_device if self.trainer else torch.device("cpu")
