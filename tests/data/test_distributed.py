"""Training in one process and in two: every picture once an epoch, in an order of its own each time."""

from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from huesweep.data.module import PairDataModule
from huesweep.data.pictures import PictureSet, Split
from huesweep.data.sources.base import Source
from huesweep.data.tasks.colorize import Colorize
from huesweep.training.module import Pair

COUNTS: dict[Split, int] = {"train": 103, "validation": 31, "test": 1}


class NumberedSource(Source):
    """Pictures whose first level is their number."""

    name = "numbered"
    side = 4

    def load(self, split: Split) -> PictureSet:
        pictures = torch.zeros(COUNTS[split], 3, 4, 4, dtype=torch.uint8)
        pictures[:, 0, 0, 0] = torch.arange(COUNTS[split])
        return PictureSet(pictures, torch.zeros(COUNTS[split], dtype=torch.int64), ["all"])


class Recorder(pl.LightningModule):
    """Writes down which pictures it is given."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def _record(self, kind: str, batch: Pair) -> None:
        path = self.folder / f"{kind}-{self.current_epoch}-{self.global_rank}"
        with path.open("a") as file:
            file.write(" ".join(str(number) for number in batch[1][:, 0, 0, 0].tolist()) + "\n")

    def training_step(self, batch: Pair, index: int) -> torch.Tensor:
        self._record("train", batch)
        return self.weight.sum()

    def validation_step(self, batch: Pair, index: int) -> None:
        self._record("validation", batch)

    def configure_optimizers(self) -> Any:
        return torch.optim.SGD(self.parameters(), lr=0.1)


@pytest.mark.slow
@pytest.mark.parametrize(("processes", "device_gib"), [(1, 1.0), (2, 1.0), (2, 0.0)])
def test_processes_that_train_together_see_every_picture_once(
    tmp_path: Path, processes: int, device_gib: float
) -> None:
    options: dict[str, Any] = {
        "fraction": 1.0,
        "per_class": None,
        "test_fraction": 1.0,
        "size": 10,
        "score_size": 10,
        "flip": False,
    }
    options |= {"shift": 0, "exposure": 0.0, "crop": 1.0, "coarsen": 0.0, "side": None, "views": None}
    options |= {"maps_gib": 0.0, "device_gib": device_gib, "workers": 1}
    data = PairDataModule(NumberedSource(), Colorize(gray="mean", luminance="keep"), 0, **options)
    of_trainer: dict[str, Any] = {"accelerator": "cpu", "devices": processes, "max_epochs": 2}
    of_trainer |= {"strategy": "ddp_spawn" if processes > 1 else "auto", "default_root_dir": tmp_path}
    of_trainer |= {"logger": False, "enable_checkpointing": False, "num_sanity_val_steps": 0}
    pl.Trainer(**of_trainer, enable_progress_bar=False, enable_model_summary=False).fit(Recorder(tmp_path), data)
    orders = []
    for kind, epoch in (("train", 0), ("train", 1), ("validation", 0)):
        lines = [(tmp_path / f"{kind}-{epoch}-{rank}").read_text().splitlines() for rank in range(processes)]
        assert len({len(of_rank) for of_rank in lines}) == 1
        seen = [int(number) for of_rank in lines for line in of_rank for number in line.split()]
        assert sorted(seen) == list(range(COUNTS[kind]))  # type: ignore[index]
        orders.append(seen)
    assert orders[0] != orders[1]
