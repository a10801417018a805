"""Difference of pictures as a network trained on photographs sees it."""

from typing import Literal
from urllib.error import URLError

import torch
from torch import Tensor, nn
from torchmetrics.image.lpip import LearnedPerceptualImagePatchSimilarity

from huesweep.color.enlarging import large_enough
from huesweep.color.targets.base import Target
from huesweep.errors import UsageError
from huesweep.losses.base import Loss

Network = Literal["alex", "vgg", "squeeze"]

NETWORKS: dict[Network, str] = {"alex": "AlexNet", "vgg": "VGG-16", "squeeze": "SqueezeNet"}


class PerceptualLoss(Loss):
    """LPIPS (Zhang et al. 2018) between the decoded and the true picture, mean over pictures.

    network: `alex`, `vgg` or `squeeze`; torchvision's weights for it are downloaded at the first use. Pictures smaller
    than 64 pixels are enlarged. Of targets of values, and needs_lightness, since it compares whole pictures.
    """

    name = "perceptual"
    encoding = "values"
    needs_lightness = True

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        # In a tuple, so that it is no part of the loss's state: a checkpoint holds no foreign weights.
        self._judge: tuple[nn.Module, ...] = ()

    def prepare(self, target: Target) -> None:
        """Raises UsageError where the weights can't be downloaded."""
        super().prepare(target)
        try:
            metric = LearnedPerceptualImagePatchSimilarity(net_type=self.network)
        except (URLError, OSError) as error:
            reason = getattr(error, "reason", error)
            raise UsageError(
                f"loss=perceptual needs the weights of {NETWORKS[self.network]}, which can't be downloaded ({reason}): "
                f"put torchvision's file into {torch.hub.get_dir()}/checkpoints, or choose another loss"
            ) from None
        self._judge = (metric.net.requires_grad_(False),)

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        target, (judge,) = self.target, self._judge
        judge.to(outputs.device)
        pictures = target.decode(outputs, lightness), target.reconstruct(encoded, lightness)
        return judge(*map(large_enough, pictures), normalize=True).mean()
