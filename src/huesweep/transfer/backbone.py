"""An encoder as a classifier uses it: pictures in gray, as it knows them, to pooled features of each stage."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from huesweep.color.grayscale import to_gray
from huesweep.data.tasks.base import Task
from huesweep.models.encoders.base import Encoder, FeatureSpec
from huesweep.models.views import enlarged


class Backbone(nn.Module):
    """An encoder whose maps are averaged over the picture.

    centered, smallest: as the encoder's network has them, see Network.
    """

    def __init__(self, encoder: Encoder, centered: bool, smallest: int) -> None:
        super().__init__()
        self.encoder = encoder.to(memory_format=torch.channels_last)
        self.centered = centered
        self.smallest = smallest

    @property
    def specs(self) -> tuple[FeatureSpec, ...]:
        """The channels and strides of the stages, fine to coarse."""
        return self.encoder.specs

    def forward(self, inputs: Tensor) -> list[Tensor]:
        """inputs: (N, channels, H, W) in [0, 1]. Gives (N, channels of the stage) a stage."""
        inputs = enlarged(inputs, self.smallest)
        return [maps.mean(dim=(2, 3)) for maps in self.encoder(2 * inputs - 1 if self.centered else inputs)]


class Classifier(nn.Module):
    """A linear layer on what the coarsest stage makes of a picture."""

    def __init__(self, backbone: Backbone, classes: int) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(backbone.specs[-1].channels, classes)

    def forward(self, inputs: Tensor) -> Tensor:
        """inputs: (N, channels, H, W) in [0, 1]. Gives logits, (N, classes)."""
        return self.head(self.backbone(inputs)[-1])


class InGray(Task):
    """What an encoder of color pictures, of another task, is shown: the picture in gray in all of its channels."""

    def __init__(self, channels: int) -> None:
        self.channels = channels

    def input(self, rgb: Tensor) -> Tensor:
        return to_gray(rgb, "mean").repeat(1, self.channels, 1, 1)


class Pretext(NamedTuple):
    """An encoder, what it is shown of a picture, and what it has learned.

    side: of the pictures that it was trained on. described: by the checkpoint. model, target, loss: in a word each, for
    tables.
    """

    backbone: Backbone
    task: Task
    side: int
    described: dict[str, object]
    model: str
    target: str
    loss: str
