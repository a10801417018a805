"""Whether a described network is the one whose weights a file holds, found out without taking memory for it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode
from torch.utils._device import _device_constructors

from huesweep.errors import UsageError, shortened
from huesweep.models.network import Network
from huesweep.models.views import pixels_seen

# Of what is built and thrown away again, as the classifier of a network that is wanted for its feature maps.
SPARE_NUMBERS = 2**27
SPARE_STEPS = 20_000
STEPS = 100  # of building a layer, for each tensor that the file holds
SMALL = 2**20  # numbers that building may really compute at once
REACH = 256  # pixels that a layer may see to the sides, and so pads
CHANNELS = 2**14
LARGEST_MAP = 2**28  # numbers that a layer may give for a picture of SERVED x SERVED: 1 GB
SERVED = 512
TRIED = (32, 64)  # sides of the picture on which the layers' maps are counted; 64 for the coarsest


def check_weights(build: Callable[[], nn.Module], weights: Mapping[str, Tensor]) -> None:
    """Raise UsageError unless `build` gives a network, or a part, with these weights exactly and layers of sane sizes.

    It is built on PyTorch's meta device, where tensors have shapes and no content. weights: by name, as in the
    network's state_dict.
    """
    try:
        _check_weights(build, weights, torch.device("meta"))
    except UsageError as error:
        if "meta tensor" not in str(error):
            raise
        # A few networks of timm compute with numbers while they are built: those take memory, within the bounds.
        _check_weights(build, weights, torch.device("cpu"))


def _check_weights(build: Callable[[], nn.Module], weights: Mapping[str, Tensor], device: torch.device) -> None:
    numbers = 4 * sum(weight.numel() for weight in weights.values()) + SPARE_NUMBERS
    real = SMALL if device.type == "meta" else numbers
    with device, _Bounded(device, numbers, STEPS * len(weights) + SPARE_STEPS, real):
        network = build()
    described = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    found = {name: tuple(value.shape) for name, value in weights.items()}
    for name in sorted(described.keys() | found.keys()):
        if described.get(name) != found.get(name):
            shapes = " and ".join(str(shapes.get(name, "nothing")) for shapes in (found, described))
            raise UsageError(f"weights and description disagree (of {shortened(name)} they have {shapes})")
    side = network.side if isinstance(network, Network) else None
    widest = max((shape[0] for shape in found.values() if len(shape) == 4), default=0)
    if widest > CHANNELS or (side and widest * side**2 > LARGEST_MAP):
        raise UsageError(f"the network described has maps of {widest} channels, more than can be served")
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.ConvTranspose2d) and _reach(module) > REACH:
            raise UsageError(f"the network described has a layer that reaches over {_reach(module)} pixels")


def _reach(module: nn.Conv2d | nn.ConvTranspose2d) -> int:
    padding = (0,) if isinstance(module.padding, str) else module.padding
    reaches = (step * (side - 1) for step, side in zip(module.dilation, module.kernel_size, strict=True))
    return max(*reaches, *padding, *module.stride)


@torch.inference_mode()
def check_maps(network: Network, inputs: int) -> None:
    """Raise UsageError where a layer would give more than LARGEST_MAP for a picture of SERVED x SERVED.

    network: in evaluation mode, with its weights. inputs: channels of the picture that goes in.
    """
    if network.side is not None:
        return
    coarsest = network.multiple
    if network.views and coarsest > SERVED:  # to whose multiples views are padded
        raise UsageError(f"the network described pads its views to multiples of {coarsest} pixels")
    side = min(max(2 * coarsest, TRIED[0]), TRIED[1])
    seen = pixels_seen(side, side, network.smallest, network.views, coarsest)  # small pictures are enlarged first
    refuse = partial(_refuse_large, LARGEST_MAP * seen // SERVED**2)
    hooks = [module.register_forward_hook(refuse) for module in network.modules()]
    try:
        network(torch.zeros(1, inputs, side, side))
    finally:
        for hook in hooks:
            hook.remove()


def _refuse_large(most: int, _module: nn.Module, _inputs: Any, output: Any) -> None:
    if isinstance(output, Tensor) and output.numel() > most:
        raise UsageError(f"the network described gives {output.shape[1]} channels where it is too fine to be served")


class _Bounded(TorchFunctionMode):
    """Counts what is computed, and raises UsageError beyond the bounds.

    usual: the device of tensors that name none. numbers: in all tensors that are made. steps: computations. real:
    numbers in one tensor that takes memory.
    """

    def __init__(self, usual: torch.device, numbers: int, steps: int, real: int) -> None:
        super().__init__()
        self.usual = usual
        self.numbers = numbers
        self.steps = steps
        self.real = real

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        self.steps -= 1
        is_maker = func in _device_constructors()
        if is_maker:
            # What asks for real memory has to show its size first.
            outlined = func(*args, **{**kwargs, "device": "meta"})
            self.numbers -= outlined.numel()
            is_real = torch.device(kwargs.get("device") or self.usual).type != "meta"
            self._check(outlined, self.real if is_real else self.numbers)
            return func(*args, **kwargs) if is_real else outlined
        result = func(*args, **kwargs)
        if isinstance(result, Tensor):
            self._check(result, self.numbers if result.device.type == "meta" else self.real)
        return result

    def _check(self, result: Tensor, most: int) -> None:
        if self.steps < 0 or self.numbers < 0 or result.numel() > most:
            raise UsageError("the network described is far larger than the weights in the file")
