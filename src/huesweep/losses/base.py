"""What every loss can do, and which target it fits."""

from torch import Tensor, nn

from huesweep.color.targets.base import Encoding, Target
from huesweep.errors import UsageError
from huesweep.registry import Registered, all_kinds


class Loss(Registered, nn.Module):
    """Compares a network's outputs with an encoded picture: loss(outputs, encoded) gives a scalar.

    A subclass sets `name` (as in conf/loss) and `encoding`, the kind of target it can compare with; a class that
    leaves it out fits both kinds, and its objects say which.
    """

    encoding: Encoding
    needs_lightness: bool = False  # whether it compares pictures, which the brightness to keep is part of
    _target: tuple[Target, ...] = ()

    def prepare(self, target: Target) -> None:
        """Take the fitted target; a subclass may take more of it."""
        self._target = (target,)  # in a tuple, so that its buffers are not the loss's as well

    @property
    def target(self) -> Target:
        """The target that it was prepared for. Raises RuntimeError where it was for none."""
        if not self._target:
            raise RuntimeError(f"loss {self.name}: prepare(target) comes before the first use")
        return self._target[0]

    def forward(self, outputs: Tensor, encoded: Tensor, lightness: Tensor | None = None) -> Tensor:
        """The mean over all pixels.

        outputs: (N, channels, H, W). encoded: as Target.encode gives it. lightness: (N, 1, H, W), the CIELAB L that
        decoding keeps, where needs_lightness, or None where the network's own brightness is shown.
        """
        raise NotImplementedError


def check_fit(loss: Loss, target: Target) -> None:
    """Raise UsageError, naming the losses that fit, where a loss can't compare what a target encodes."""
    if loss.encoding != target.encoding:
        fitting = ", ".join(losses_for(target.encoding))
        parts = getattr(loss, "parts", None)
        mixed = f" of {', '.join(parts)}" if isinstance(parts, nn.ModuleDict) else ""
        raise UsageError(f"loss={loss.name}{mixed} does not fit target={target.name}; losses that fit: {fitting}")


def losses_for(encoding: Encoding) -> list[str]:
    """The names of the losses that can compare what a kind of target encodes."""
    return sorted(loss.name for loss in all_kinds(Loss).values() if getattr(loss, "encoding", encoding) == encoding)
