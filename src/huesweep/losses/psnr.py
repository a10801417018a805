"""What PSNR counts: the logarithm of each decoded picture's squared error."""

from torch import Tensor, nn

from huesweep.losses.base import Loss
from huesweep.ranges import Count, Fraction, Positive, Share

USUAL = 0.008  # mean squared error of a photograph that is left gray, 21 dB
# Share of the outputs' own squared error in a picture's: beyond the colors there are, only it has a gradient.
PULL = 0.01


class PsnrLoss(Loss):
    """The mean over pictures of log(1 + MSE / floor), of decoded RGB in [0, 1] with the brightness that is kept.

    A decibel is worth the same in every picture, where a plain mean is decided by those that can't be guessed. floor:
    a mean squared error below which little is gained; 1e-4 is 40 dB. plain: share of the mean squared error itself in
    the loss, in units of a gray photograph's. shrink: pictures are compared so many times as small, which is faster.
    """

    name = "psnr"
    encoding = "values"
    needs_lightness = True

    def __init__(self, floor: Positive, plain: Share | Fraction, shrink: Count) -> None:
        super().__init__()
        self.floor = floor
        self.plain = plain
        self.shrink = shrink

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        target = self.target
        outputs, encoded = self._small(outputs), self._small(encoded)
        kept = None if lightness is None else self._small(lightness)
        difference = target.decode(outputs, kept) - target.reconstruct(encoded, kept)
        errors = difference.square().mean(dim=(1, 2, 3)) + PULL * (outputs - encoded).square().mean(dim=(1, 2, 3))
        logarithms = (errors / self.floor).log1p()
        return (self.plain * errors / USUAL + (1 - self.plain) * logarithms).mean()

    def _small(self, values: Tensor) -> Tensor:
        if self.shrink == 1:
            return values
        return nn.functional.avg_pool2d(values, self.shrink, ceil_mode=True, count_include_pad=False)
