"""Maps as rows: what every pixel has, one pixel a row."""

from torch import Tensor


def as_rows(maps: Tensor) -> Tensor:
    """(N, C, H, W), or (N, H, W), to (N * H * W, C), or (N * H * W,).

    Of what a network gives, whose channels lie side by side in memory (channels last), it takes no copy, and what is
    computed over the channels of a row takes half the time of the same over maps.
    """
    return maps.flatten() if maps.ndim == 3 else maps.movedim(1, -1).flatten(0, -2)
