"""What every loss can do, and which target it fits."""

import importlib
import pkgutil
from typing import ClassVar

from torch import Tensor, nn

import src.training.losses
from src.color.targets.base import Encoding, Target
from src.errors import UsageError


class Loss(nn.Module):
    """Compares a network's outputs with an encoded picture: loss(outputs, encoded) gives a scalar.

    A subclass sets `name` (as in conf/loss) and `encoding`, the kind of target it can compare with.
    """

    name: ClassVar[str]
    encoding: ClassVar[Encoding]

    def prepare(self, target: Target) -> None:
        """Take what the loss needs to know from the fitted target. Most need nothing."""

    def forward(self, outputs: Tensor, encoded: Tensor) -> Tensor:
        """outputs: (N, channels, H, W); encoded: as Target.encode gives it. Gives the mean over all pixels."""
        raise NotImplementedError


def check_fit(loss: Loss, target: Target) -> None:
    """Raise UsageError, naming the losses that fit, where a loss can't compare what a target encodes."""
    if loss.encoding != target.encoding:
        fitting = sorted(other.name for other in all_losses() if other.encoding == target.encoding)
        raise UsageError(f"loss={loss.name} does not fit target={target.name}; losses that fit: {', '.join(fitting)}")


def all_losses() -> list[type[Loss]]:
    """Every loss there is: the subclasses of Loss in this package's files."""
    for module in pkgutil.iter_modules(src.training.losses.__path__):
        importlib.import_module(f"{src.training.losses.__name__}.{module.name}")
    return list(Loss.__subclasses__())
