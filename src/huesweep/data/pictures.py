"""What a source gives."""

from pathlib import Path
from typing import Any, Literal, NamedTuple

from torch import Tensor

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = ("train", "validation", "test")


class Pack(NamedTuple):
    """A file of pictures in a folder of packs. origin: plain values, all that shape them; see PackStore."""

    folder: Path
    origin: dict[str, Any]


class PictureSet(NamedTuple):
    """Color pictures and labels. pictures: uint8 (N, 3, H, W), sRGB; labels: int64 (N,), indices into classes.

    pack: from which they are mapped, all of them and in its order, if they are.
    """

    pictures: Tensor
    labels: Tensor
    classes: list[str]
    pack: Pack | None = None
