"""Changes to training pictures that leave their colors true, for whole batches on the device."""

import torch
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.ranges import Share, Whole
from huesweep.registry import CHECKS


@dataclass(frozen=True, config=CHECKS)
class Augmentation:
    """flip: mirror left to right with probability one half. shift: move by up to so many pixels each way, mirroring in
    at the edges. exposure: multiply all levels by up to 1 ± so much, the same for all channels, so that hues stay.
    """

    flip: bool = False
    shift: Whole = 0
    exposure: Share = 0.0

    def __call__(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        """batch: uint8 (n, 3, H, W). generator: on the CPU, decides. Gives the same shape and type.

        Raises UsageError for a shift that is not smaller than the pictures.
        """
        if self.flip:
            mirrored = torch.rand(len(batch), generator=generator) < 0.5
            # Choosing whole rows of both versions is three times as fast as torch.where on bytes.
            both = torch.cat([batch, batch.flip(-1)]).flatten(1)
            rows = torch.arange(len(batch)) + len(batch) * mirrored
            batch = both.index_select(0, rows.to(batch.device)).view_as(batch)
        if self.shift:
            batch = self._shifted(batch, generator)
        if self.exposure:
            factor = 1 + self.exposure * (2 * torch.rand(len(batch), 1, 1, 1, generator=generator) - 1)
            # Never beyond white: a channel that is cut off there would change the hue.
            brightest = batch.amax(dim=(1, 2, 3), keepdim=True).clamp(min=1)
            factor = torch.minimum(factor.to(batch.device), 255 / brightest)
            batch = (batch * factor).round().to(torch.uint8)
        return batch

    def _shifted(self, batch: Tensor, generator: torch.Generator) -> Tensor:
        height, width = batch.shape[-2:]
        if self.shift >= min(height, width):
            raise UsageError(f"batch.shift={self.shift} must be smaller than the pictures, {width}x{height}")
        padded = nn.functional.pad(batch.float(), [self.shift] * 4, mode="reflect").to(torch.uint8)
        top, left = torch.randint(0, 2 * self.shift + 1, (2, len(batch)), generator=generator).to(batch.device)
        rows = (top[:, None] + torch.arange(height, device=batch.device))[:, None, :, None]
        columns = (left[:, None] + torch.arange(width, device=batch.device))[:, None, None, :]
        which = torch.arange(len(batch), device=batch.device).view(-1, 1, 1, 1)
        channels = torch.arange(3, device=batch.device).view(1, 3, 1, 1)
        return padded[which, channels, rows, columns]
