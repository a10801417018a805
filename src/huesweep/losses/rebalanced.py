"""Cross-entropy in which rare colors count more."""

from torch import Tensor, nn

from huesweep.color.rows import as_rows
from huesweep.color.targets.base import Target
from huesweep.losses.base import Loss
from huesweep.ranges import Fraction


def rebalancing_weights(frequencies: Tensor, uniform: float) -> Tensor:
    """Class weights that favor rare colors (Zhang, Isola & Efros 2016, equation 4).

    frequencies: (K,), share of training pixels of each color, summing to 1. uniform: λ, the share of the uniform
    distribution mixed in. Gives (K,) weights proportional to 1 / ((1 - λ) p + λ / K), of mean 1 under `frequencies`.
    """
    weights = 1 / ((1 - uniform) * frequencies + uniform / len(frequencies))
    return weights / (weights * frequencies).sum()


class RebalancedLoss(Loss):
    """Mean over pixels of the cross-entropy times the weight of the true color; see rebalancing_weights.

    Of a soft encoding, the likeliest color's weight counts, as in the paper, and frequencies are those of the soft
    encodings, which smooths them over neighboring colors. uniform: λ in (0, 1]; 0.5 in the paper, 1 is plain
    cross-entropy.
    """

    name = "rebalanced"
    encoding = "classes"

    def __init__(self, uniform: Fraction) -> None:
        super().__init__()
        self.uniform = uniform
        self.weights: Tensor | None
        self.register_buffer("weights", None)

    def prepare(self, target: Target) -> None:
        frequencies = target.class_frequencies()
        if frequencies is None:
            raise TypeError(f"{type(target).__name__} counts no colors")
        self.weights = rebalancing_weights(frequencies, self.uniform)

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        if self.weights is None:
            raise RuntimeError("prepare(target) comes before the first use")
        encoded = as_rows(encoded)
        costs = nn.functional.cross_entropy(as_rows(outputs), encoded, reduction="none")
        # Divided by the pixels, not by the sum of their weights: a batch of common colors shall weigh little.
        return (costs * self.weights[encoded.argmax(1) if encoded.is_floating_point() else encoded]).mean()
