"""What a frozen encoder makes of pictures, computed once and kept."""

import io
from pathlib import Path

import torch
from torch import Tensor

from huesweep.color.spaces import to_float
from huesweep.data.tasks.base import Task
from huesweep.io.cache import FEATURES
from huesweep.io.digest import code_digest, digest_of
from huesweep.io.sealed import read_sealed, write_sealed
from huesweep.transfer.backbone import Backbone


class Features:
    """Gives the pooled features of pictures, in each stage; trials that are alike share them, in a folder `cache`.

    task: what the encoder is shown. about: plain values that tell which encoder it is, beside its weights.
    """

    def __init__(
        self, backbone: Backbone, task: Task, about: object, cache: Path, batch_size: int, device: torch.device
    ) -> None:
        self.backbone = backbone.to(device).eval()
        self.task = task
        self.folder = cache / FEATURES
        self.batch_size = batch_size
        self.device = device
        facts = [about, backbone.centered, backbone.smallest, type(task).__name__, vars(task)]
        self.key = digest_of(
            code_digest("color", "data/tasks", "models", "transfer"), facts, *backbone.state_dict().values()
        )

    def of(self, pictures: Tensor) -> list[Tensor]:
        """pictures: uint8 (N, 3, H, W). Gives float32 (N, channels) a stage, on the CPU."""
        path = self.folder / f"{digest_of(self.key, list(pictures.shape), pictures)}.pt"
        kept = read_sealed(path)
        if kept is not None:
            return list(torch.load(io.BytesIO(kept), weights_only=True))
        found = self._compute(pictures)
        content = io.BytesIO()
        torch.save(found, content)
        write_sealed(path, content.getvalue())
        return found

    @torch.inference_mode()
    def _compute(self, pictures: Tensor) -> list[Tensor]:
        parts = []
        for batch in pictures.split(self.batch_size):
            inputs = self.task.input(to_float(batch.to(self.device)))
            parts.append([stage.float().cpu() for stage in self.backbone(inputs)])
        return [torch.cat(stage) for stage in zip(*parts, strict=True)]
