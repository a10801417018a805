"""Pictures large enough for the networks that judge them."""

from torch import Tensor, nn

SMALLEST = 64  # pixels: smaller pictures leave the networks of LPIPS' last maps without any


def large_enough(pictures: Tensor) -> Tensor:
    """Pictures that LPIPS can compare: (N, 3, H, W), enlarged where they are smaller than 64 pixels."""
    shorter = min(pictures.shape[-2:])
    if shorter >= SMALLEST:
        return pictures
    height, width = (round(side * SMALLEST / shorter) for side in pictures.shape[-2:])
    return nn.functional.interpolate(pictures, (height, width), mode="bilinear", align_corners=False)
