"""What the last layer's values become so that they are those of pictures, within the network and so in training."""

from typing import Literal

from torch import Tensor

from huesweep.models.derivatives import with_derivative_of

Output = Literal["linear", "clamp", "sigmoid", "tanh", "zero"]
Derivatives = Literal["exact", "as_written"]


def bounded(x: Tensor, output: Output, scale: float, derivatives: Derivatives) -> Tensor:
    """A last layer's values as an output has them, from 0 to scale, but for `linear`.

    output: `linear` leaves them, `clamp` cuts them off, `sigmoid` and `tanh` bend them; `zero` cuts them off at 0 from
    both sides, as one network of the Rutgers study. derivatives: `exact`, or `as_written` in that study.
    """
    y = _bent(x, output, scale)
    return y if derivatives == "exact" else with_derivative_of(y, _slope_as_written(y, output, scale) * x)


def _bent(x: Tensor, output: Output, scale: float) -> Tensor:
    if output == "clamp":
        return x.clamp(0, scale)
    if output == "sigmoid":
        return scale * x.sigmoid()
    if output == "tanh":
        return scale / 2 * (x.tanh() + 1)
    return x.clamp(0, 0) if output == "zero" else x


def _slope_as_written(y: Tensor, output: Output, scale: float) -> Tensor | float:
    """What the Rutgers study multiplies an output's gradient by.

    A sigmoid's derivative is y (1 - y / scale): without the division it has the wrong sign wherever y is above 1. A
    tangent's is scale / 2 times as much.
    """
    y = y.detach()
    if output == "sigmoid":
        return y * (1 - y) / scale
    return 1 - (2 / scale * y - 1).square() if output == "tanh" else 1.0
