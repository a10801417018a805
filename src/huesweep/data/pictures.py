"""What a source gives."""

from typing import Literal, NamedTuple

from torch import Tensor

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class PictureSet(NamedTuple):
    """Color pictures and labels. pictures: uint8 (N, 3, H, W), sRGB; labels: int64 (N,), indices into classes."""

    pictures: Tensor
    labels: Tensor
    classes: list[str]
