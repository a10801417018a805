"""The decoders of Yeung's colorization networks (cnn-image-colorization, 2019), layer for layer."""

from collections.abc import Sequence

from huesweep.models.decoders.toronto import TorontoDecoder
from huesweep.models.encoders.base import FeatureSpec
from huesweep.ranges import OddCount


class YeungDecoder(TorontoDecoder):
    """The assignment's, whose last map Yeung narrowed to 3 channels. skips, kernel: see TorontoDecoder."""

    name = "yeung"

    def __init__(self, specs: Sequence[FeatureSpec], skips: bool, kernel: OddCount) -> None:
        super().__init__(specs, skips, kernel, width=3)
