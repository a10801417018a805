"""Scores by networks trained on photographs, whose weights are downloaded: LPIPS and FID."""

from urllib.error import URLError

import torch
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

from src.errors import UsageError

SMALLEST = 64  # pixels: smaller pictures leave AlexNet's last maps without any


def perceptual_scores(predicted: Tensor, truth: Tensor, batch_size: int, device: torch.device) -> dict[str, float]:
    """`lpips` (AlexNet; Zhang et al. 2018) and `fid` (Heusel et al. 2017) of uint8 pictures (N, 3, H, W).

    Raises UsageError where the weights can't be downloaded. FID of few pictures is biased upwards.
    """
    try:
        lpips = LearnedPerceptualImagePatchSimilarity(net_type="alex", normalize=True).to(device)
        fid = FrechetInceptionDistance(normalize=False).to(device)
    except (URLError, OSError, ModuleNotFoundError) as error:
        reason = getattr(error, "reason", None) or str(error).splitlines()[0]
        raise UsageError(
            f"metrics=full needs the weights of AlexNet and Inception, which can't be downloaded ({reason}): "
            f"put them into {torch.hub.get_dir()}/checkpoints, or leave metrics=full out"
        ) from None
    with torch.inference_mode():
        for start in range(0, len(truth), batch_size):
            pair = [pictures[start : start + batch_size].to(device) for pictures in (predicted, truth)]
            lpips.update(*(_large_enough(pictures) for pictures in pair))
            fid.update(pair[0], real=False)
            fid.update(pair[1], real=True)
    return {"lpips": float(lpips.compute()), "fid": float(fid.compute())}


def _large_enough(pictures: Tensor) -> Tensor:
    scaled = pictures.float() / 255
    factor = SMALLEST / min(scaled.shape[-2:])
    if factor <= 1:
        return scaled
    return nn.functional.interpolate(scaled, scale_factor=factor, mode="bilinear", align_corners=False).clamp(0, 1)
