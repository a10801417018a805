"""How much stronger the colors of a trained colorizer may become before they cost too much."""

import torch
from torch import Tensor

from huesweep.color.colorfulness import colorfulness
from huesweep.color.spaces import to_bytes, to_float
from huesweep.colorizer.colorizer import STRONGEST, Colorizer, strengthened
from huesweep.metrics.fidelity import psnr_per_picture

PICTURES = 128  # looked at, spread over all
STEP = 0.1
ENOUGH = 0.83  # of the colorfulness of the true pictures
COST = 1.25  # dB of PSNR that it may take at most


@torch.inference_mode()
def find_vividness(colorizer: Colorizer, pictures: Tensor, batch_size: int) -> float:
    """The factor of chroma at which a colorizer's pictures look vivid; at least 1.

    It is the smallest with 83 % of the true pictures' colorfulness, or else the largest that costs no more than 1.25 dB
    of PSNR: regression hedges, and its pictures are duller than any that there are. pictures: uint8 (N, 3, H, W), that
    the colorizer was not trained on. The colorizer is in evaluation mode.
    """
    truth = pictures[:: -(-len(pictures) // PICTURES)].to(colorizer.device)
    predicted = torch.cat([colorizer.predict(to_float(part)) for part in truth.split(batch_size)])
    wanted = ENOUGH * colorfulness(truth).mean()

    def psnr(shown: Tensor) -> float:
        return psnr_per_picture(to_bytes(shown), truth).mean().item()

    least = psnr(predicted) - COST
    factor, shown = 1.0, predicted
    while colorfulness(to_bytes(shown)).mean() < wanted and factor + STEP < STRONGEST:
        shown = torch.cat([strengthened(part, factor + STEP) for part in predicted.split(batch_size)])
        if psnr(shown) < least:
            break
        factor += STEP
    return round(factor, 1)
