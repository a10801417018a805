"""Scores by networks trained on photographs, whose weights are downloaded: LPIPS and FID."""

from urllib.error import URLError

import torch
from torch import Tensor
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

from huesweep.color.enlarging import large_enough
from huesweep.color.spaces import to_float
from huesweep.errors import UsageError


class PerceptualScores:
    """`lpips` (AlexNet; Zhang et al. 2018) and `fid` (Heusel et al. 2017).

    Raises UsageError where the weights can't be downloaded. FID of few pictures is biased upwards.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        try:
            self.lpips = LearnedPerceptualImagePatchSimilarity(net_type="alex", normalize=True).to(device)
            self.fid = FrechetInceptionDistance(normalize=False).to(device)
        except (URLError, OSError, ModuleNotFoundError) as error:
            reason = getattr(error, "reason", None) or str(error).splitlines()[0]
            raise UsageError(
                f"metrics=full needs the weights of AlexNet and Inception, which can't be downloaded ({reason}): "
                f"put them into {torch.hub.get_dir()}/checkpoints, or leave metrics=full out"
            ) from None

    @torch.inference_mode()
    def scores(self, predicted: Tensor, truth: Tensor, batch_size: int) -> dict[str, float]:
        """Of uint8 pictures (N, 3, H, W), at least two."""
        if len(truth) < 2:
            raise UsageError("metrics=full needs at least two pictures: FID compares distributions")
        for start in range(0, len(truth), batch_size):
            pair = [pictures[start : start + batch_size].to(self.device) for pictures in (predicted, truth)]
            self.lpips.update(*(large_enough(to_float(pictures)) for pictures in pair))
            self.fid.update(pair[0], real=False)
            self.fid.update(pair[1], real=True)
        return {"lpips": float(self.lpips.compute()), "fid": float(self.fid.compute())}
