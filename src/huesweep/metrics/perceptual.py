"""Scores by networks trained on photographs, whose weights are downloaded: LPIPS and FID."""

from urllib.error import URLError

import torch
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

from huesweep.color.enlarging import large_enough
from huesweep.color.spaces import to_float
from huesweep.errors import UsageError
from huesweep.metrics.scoring import Prediction


class PerceptualScores:
    """`lpips` (AlexNet; Zhang et al. 2018) and `fid` (Heusel et al. 2017).

    Raises UsageError where the weights can't be downloaded. FID of few pictures is biased upwards.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self.count = 0
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
    def __call__(self, batch: Prediction) -> None:
        """Take a batch in."""
        pair = [pictures.to(self.device) for pictures in (batch.predicted, batch.truth)]
        self.lpips.update(*(large_enough(to_float(pictures)) for pictures in pair))
        self.fid.update(pair[0], real=False)
        self.fid.update(pair[1], real=True)
        self.count += len(batch.truth)

    def compute(self) -> dict[str, float]:
        """Scores of all pictures taken in. Raises UsageError for fewer than two."""
        if self.count < 2:
            raise UsageError("metrics=full needs at least two pictures: FID compares distributions")
        return {"lpips": float(self.lpips.compute()), "fid": float(self.fid.compute())}
