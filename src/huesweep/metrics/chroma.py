"""How near predicted chroma comes to the true one, pixel by pixel and as a distribution."""

import torch
from torch import Tensor
from torchmetrics import Metric

from huesweep.color.spaces import rgb_to_lab, to_float

SIDE = 10  # of a bin of the ab plane
BINS = 23  # along a and along b: centered on the multiples of 10 from -110 to 110, so that gray has one of its own
FARTHEST = 150  # the largest ab distance that counts


def chroma(pictures: Tensor) -> Tensor:
    """CIELAB a and b of uint8 pictures (N, 3, H, W). Gives (N * H * W, 2) float32."""
    return rgb_to_lab(to_float(pictures))[:, 1:].movedim(1, -1).flatten(0, -2)


def ab_bins(ab: Tensor) -> Tensor:
    """The bin of the ab plane that each pixel falls into. ab: (M, 2). Gives (M,) int64 in [0, BINS²)."""
    cell = ((ab + BINS * SIDE / 2) / SIDE).floor().clamp(0, BINS - 1).to(torch.int64)
    return cell[:, 0] * BINS + cell[:, 1]


def area_under_curve(counts: Tensor) -> Tensor:
    """Area under the share of pixels with ab distance <= t, over t = 0..150, by the trapezoid rule, over 150.

    After Zhang, Isola & Efros 2016, section 3.1. counts: (152,) weight of pixels whose distance, rounded up to a whole
    number, is the index; the last holds all beyond 150. Gives a scalar in [0, 1].
    """
    share = counts[: FARTHEST + 1].cumsum(0) / counts.sum()
    return torch.trapezoid(share) / FARTHEST


def jensen_shannon_distance(p: Tensor, q: Tensor) -> Tensor:
    """Square root of the Jensen-Shannon divergence to base 2 of two histograms: 0 is alike, 1 disjoint."""
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    divergence = (torch.special.entr(middle) - (torch.special.entr(p) + torch.special.entr(q)) / 2).sum()
    return (divergence.clamp(min=0) / torch.log(torch.tensor(2.0, dtype=p.dtype))).sqrt()


class ChromaScores(Metric):
    """`auc`, `auc_balanced` (pixels weighted by 1 / frequency of their true bin) and `hue_distance` over all pixels.

    hue_distance is the Jensen-Shannon distance of the ab histograms of prediction and truth.
    """

    distances: Tensor
    predicted: Tensor

    def __init__(self) -> None:
        super().__init__()
        counts = torch.zeros(BINS**2, FARTHEST + 2, dtype=torch.float64)
        self.add_state("distances", counts, "sum")  # by true bin and distance, rounded up
        self.add_state("predicted", torch.zeros(BINS**2, dtype=torch.float64), "sum")

    def update(self, predicted: Tensor, truth: Tensor) -> None:
        predicted_ab, truth_ab = chroma(predicted), chroma(truth)
        distance = (predicted_ab - truth_ab).square().sum(1).sqrt()
        steps = distance.ceil().clamp(max=FARTHEST + 1).to(torch.int64)
        cells = ab_bins(truth_ab) * (FARTHEST + 2) + steps
        self.distances += torch.bincount(cells, minlength=self.distances.numel()).view_as(self.distances)
        self.predicted += torch.bincount(ab_bins(predicted_ab), minlength=BINS**2)

    def compute(self) -> dict[str, Tensor]:
        truth = self.distances.sum(1)
        used = truth > 0
        balanced = (self.distances[used] / truth[used, None]).sum(0)
        return {
            "auc": area_under_curve(self.distances.sum(0)),
            "auc_balanced": area_under_curve(balanced),
            "hue_distance": jensen_shannon_distance(self.predicted, truth),
        }
