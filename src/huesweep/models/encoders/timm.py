"""Any network of timm that gives feature maps, as an encoder."""

import logging
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from functools import partial
from typing import Annotated, Any, Literal

import timm
import torch
from pydantic import Field
from torch import Tensor, nn

from huesweep.errors import UsageError
from huesweep.models.blocks import SameConv2d, padded
from huesweep.models.encoders.base import Encoder, FeatureSpec, trimmed
from huesweep.models.encoders.weights import read_weights
from huesweep.ranges import Count

PROBE = 64  # side of the picture on which strides are measured
FAILURES = (
    RuntimeError,
    AssertionError,
    ValueError,
)  # of networks that are shown a picture of another size than theirs

Normalization = Annotated[Sequence[float], Field(min_length=2, max_length=2)]
RESERVED = (
    "pretrained",
    "checkpoint",
    "cache",
    "file",
    "features_only",
    "in_chans",
    "scriptable",
    "exportable",
    "no_jit",
)


class TimmEncoder(Encoder):
    """A network of timm (Wightman 2019) by its name there, with `features_only`.

    pretrained: start from timm's weights, downloaded once. stem: `small` takes the strides out of the layers before
    the first map and the pooling after it, as ResNets for CIFAR do, so that small pictures keep their resolution;
    `original` leaves them. maps: how many, from the finest; None is all. options: further arguments of
    timm.create_model that shape the network, none that reads or fetches files. Inputs are padded to a multiple of the
    coarsest stride, so that any size works.

    weights: to start from, instead of `pretrained`; see read_weights. frozen: training leaves the network as it is, its
    normalizations too. normalization: mean and deviation of the inputs that the weights were trained on, subtracted and
    divided by; of weights for color pictures, a gray input counts as all three channels (the stem's weights are added).
    Raises UsageError for a name that timm doesn't have, with those near it, and for networks that can't serve.
    """

    name = "timm"

    def __init__(
        self,
        channels: int,
        name: str,
        pretrained: bool,
        stem: Literal["small", "original"],
        maps: Count | None,
        options: Mapping[str, Any],
        weights: str | None = None,
        frozen: bool = False,
        normalization: Normalization | None = None,
    ) -> None:
        super().__init__()
        if name not in timm.list_models() and name not in timm.list_pretrained():
            raise _unknown_name(name)
        if reserved := sorted(option for option in options if option.startswith(RESERVED)):
            raise UsageError(f"model.encoder.options.{reserved[0]} is not an option of the architecture")
        if maps is not None:
            options = {**options, "out_indices": tuple(range(maps))}
        if weights is not None:
            with torch.device("meta"):
                wanted = {key: value.shape for key, value in timm.create_model(name).state_dict().items()}
            options = {**options, "pretrained_cfg_overlay": {"state_dict": read_weights(name, weights, wanted)}}
        self.normalization = tuple(normalization) if normalization else (0.0, 1.0)
        self.normalizes = normalization is not None and (pretrained or weights is not None)
        self.network = _create(name, channels, pretrained or weights is not None, options)
        try:
            self.specs, self._channels_last = _measure(self.network, channels)
        except FAILURES as error:
            raise UsageError(
                f"model.encoder.name={name} can't take pictures of {PROBE}x{PROBE}: {_line(error)} "
                "(networks of one input size need model.encoder.options, as timm documents them)"
            ) from None
        if stem == "small":
            try:
                _keep_resolution(self.network, channels, self.specs[0].stride)
                self.specs, self._channels_last = _measure(self.network, channels)
            except FAILURES:
                pass
            if self.specs[0].stride != 1:
                raise UsageError(f"model.encoder.name={name} has no stem to adapt: set model.encoder.stem=original")
        _drop_unused(self.network, channels)
        if frozen:
            self.freeze()

    def forward(self, x: Tensor) -> list[Tensor]:
        mean, deviation = self.normalization
        maps = self.network(padded((x - mean) / deviation, max(spec.stride for spec in self.specs)))
        maps = _channels_first(maps, self._channels_last)
        return trimmed(maps, self.specs, x.shape[-2:])


def _create(name: str, channels: int, pretrained: bool, options: Mapping[str, Any]) -> nn.Module:
    # Not a line for each try of a download, nor one for the classifier's weights, which no map needs.
    for logger in ("huggingface_hub", "timm.models._builder"):
        logging.getLogger(logger).setLevel(logging.ERROR)
    try:
        return timm.create_model(name, features_only=True, in_chans=channels, pretrained=pretrained, **options)
    except OSError as error:
        reason = _line(error).partition(". ")[0]
        raise UsageError(
            f"the weights of {name} can't be downloaded ({reason}): set model.encoder.pretrained=false"
        ) from None
    except (RuntimeError, AttributeError, TypeError, ValueError, AssertionError, KeyError, IndexError) as error:
        raise UsageError(f"timm can't give feature maps of {name}: {_line(error)}") from None


def _keep_resolution(network: nn.Module, channels: int, first: int) -> None:
    """Take the strides out of the stem: the layers before the first map, and a max pooling right after it.

    first: the first map's stride.
    """
    strided: list[tuple[str, nn.Module, int]] = []  # in the order of use, with the side of what comes in

    def note(name: str, module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        strided.append((name, module, inputs[0].shape[-1]))

    hooks = [
        module.register_forward_pre_hook(partial(note, name))
        for name, module in network.named_modules()
        if _stride(module) > 1
    ]
    _measure(network, channels)
    for hook in hooks:
        hook.remove()
    stem = [(name, module) for name, module, side in strided if side > PROBE // first]
    following = next(((name, module) for name, module, side in strided if side == PROBE // first), None)
    if stem and following is not None and isinstance(following[1], nn.MaxPool2d):
        stem.append(following)
    for name, module in stem:
        if not isinstance(module, nn.Conv2d):
            network.set_submodule(name, nn.Identity())
        elif type(module) is nn.Conv2d and module.padding != tuple(side // 2 for side in module.kernel_size):
            dense = SameConv2d(module.in_channels, module.out_channels, module.kernel_size[0])
            dense.weight, dense.bias = module.weight, module.bias
            network.set_submodule(name, dense)
        else:
            module.stride = (1, 1)


def _drop_unused(network: nn.Module, channels: int) -> None:
    """Take out the layers behind the last map that is wanted; some networks of timm keep them."""
    network.eval()  # normalizations shall not take this picture into their averages
    with torch.enable_grad():
        torch.stack([features.sum() for features in network(torch.zeros(1, channels, PROBE, PROBE))]).sum().backward()
    used = {id(parameter) for parameter in network.parameters() if parameter.grad is not None}
    network.zero_grad()
    network.train()
    dropped: list[str] = []
    for name, module in list(network.named_modules()):
        own = [id(parameter) for parameter in module.parameters()]
        if own and not used.intersection(own) and not any(name.startswith(f"{above}.") for above in dropped):
            network.set_submodule(name, nn.Identity())
            dropped.append(name)


def _stride(module: nn.Module) -> int:
    stride = module.stride if isinstance(module, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d) else 1
    return stride[0] if isinstance(stride, tuple) else stride


def _measure(network: nn.Module, channels: int) -> tuple[tuple[FeatureSpec, ...], list[bool]]:
    """What maps a network gives, from a picture that it is shown, and which of them are (N, H, W, C)."""
    network.eval()
    with torch.no_grad():
        maps = network(torch.zeros(1, channels, PROBE, PROBE))
    network.train()
    widths = network.feature_info.channels()  # type: ignore[operator, union-attr]
    # Where a map is as wide as it has channels, only timm's word tells the two apart.
    says_last = getattr(network, "output_fmt", "NCHW") == "NHWC"
    channels_last = [
        features.ndim == 4 and features.shape[-1] == width and (says_last or features.shape[1] != width)
        for features, width in zip(maps, widths, strict=True)
    ]
    maps = _channels_first(maps, channels_last)
    if any(PROBE % features.shape[-1] for features in maps):
        raise ValueError("the sizes of its maps are no fractions of the picture's")
    return tuple(FeatureSpec(features.shape[1], PROBE // features.shape[-1]) for features in maps), channels_last


def _channels_first(maps: Sequence[Tensor], channels_last: Sequence[bool]) -> list[Tensor]:
    """Maps as (N, C, H, W), where some networks give (N, H, W, C)."""
    return [
        features.permute(0, 3, 1, 2) if last else features for features, last in zip(maps, channels_last, strict=True)
    ]


def _unknown_name(name: str) -> UsageError:
    names = timm.list_models()
    near = dict.fromkeys([*get_close_matches(name, names, n=5, cutoff=0.5), *[n for n in names if name in n][:5]])
    hint = f"near it: {', '.join(near)}" if near else "timm.list_models() lists them"
    return UsageError(f"timm has no network {name}; {hint}")


def _line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
