"""Enlarging a photo of any size with a network trained for super-resolution."""

import torch
from torch import Tensor

from huesweep.color.spaces import to_bytes, to_float
from huesweep.colorizer.colorizer import Colorizer

TILE, OVERLAP = 192, 32  # in pixels of the photo: what is worked on at once, and how far beyond it the network looks


@torch.inference_mode()
def enlarge(colorizer: Colorizer, photo: Tensor, device: torch.device) -> Tensor:
    """Enlarge a photo by the factor that the network was trained for, tile by tile.

    photo: uint8 (3, H, W). Gives uint8 (3, factor * H, factor * W).
    """
    task = colorizer.task
    factor = task.enlarges
    height, width = photo.shape[-2:]
    result = torch.empty(3, height * factor, width * factor, dtype=torch.uint8)
    for top in range(0, height, TILE):
        for left in range(0, width, TILE):
            above, before = min(top, OVERLAP), min(left, OVERLAP)
            bottom, right = min(top + TILE, height), min(left + TILE, width)
            tile = photo[:, top - above : bottom + OVERLAP, left - before : right + OVERLAP]
            inputs = task.enlarge(to_float(tile[None]).to(device))
            enlarged = to_bytes(colorizer.decode(colorizer(inputs), inputs))[0]
            rows = slice(above * factor, (above + bottom - top) * factor)
            columns = slice(before * factor, (before + right - left) * factor)
            result[:, top * factor : bottom * factor, left * factor : right * factor] = enlarged[:, rows, columns]
    return result
