"""Networks for use without this suite: ONNX, torch.export, and a checkpoint stripped of what only training needs."""

import io
import json
import logging
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import onnx
import torch
from timm.layers import Conv2dSame
from torch import Tensor, nn

from huesweep.colorizer.colorizer import Colorizer
from huesweep.colorizer.onnx_network import KEY, OnnxNetwork
from huesweep.errors import UsageError
from huesweep.io.atomic import atomic_file
from huesweep.io.leftovers import remove_leftovers
from huesweep.models.network import Network

TOLERANCE = 1e-2  # of outputs, which are logits or CIELAB units: beyond it the copy computes something else
PREPROCESSING = (
    "input: float32 (N, channels, H, W) in [0, 1]: for the task colorize the gray picture, by the formula `task.gray` "
    "(lab is L* / 100); output: (N, K, H, W): for a palette the logits of its colors, otherwise the scaled target"
)


class Exported(NamedTuple):
    """What an export wrote: the largest difference from the original, the sizes it was looked for with, the multiple of
    pixels that it serves.
    """

    path: Path
    difference: float
    sizes: list[tuple[int, int]]
    multiple: int

    def summary(self, side: int | None) -> str:
        """What was written, for which pictures, and how it compares. side: of the only ones, or None."""
        pictures = f"of {side}x{side}" if side else "of any size"
        if self.multiple > 1:
            pictures = f"whose sides are multiples of {self.multiple}"
        sizes = ", ".join(f"{height}x{width}" for height, width in self.sizes)
        return (
            f"wrote {self.path}: takes any number of pictures {pictures}\n"
            f"largest difference from the original on random pictures ({sizes}): {self.difference:.2g}"
        )


def export_onnx(colorizer: Colorizer, path: Path) -> Exported:
    """Write an ONNX file of any batch and size, or of the one size or multiple of pixels that the network can do.

    Its metadata hold, under `huesweep`, what src.predict needs. The file sees a picture once: whoever uses it averages
    over views, as src.predict does. Raises UsageError where the copy computes otherwise.
    """

    def write(
        program: torch.export.ExportedProgram, example: Tensor, multiple: int, file: BinaryIO, place: Path
    ) -> nn.Module:
        with _quiet():
            made = torch.onnx.export(
                program, (example,), input_names=["input"], output_names=["output"], dynamo=True, verbose=False
            )
        assert made is not None
        model = made.model_proto
        onnx.helper.set_model_props(model, {KEY: json.dumps(_describe(colorizer, multiple))})
        file.write(model.SerializeToString())
        file.flush()
        copy = OnnxNetwork(place)
        copy.views = ()
        return copy

    return _export(colorizer, path, write)


def export_torch(colorizer: Colorizer, path: Path) -> Exported:
    """Write a torch.export archive, for torch.export.load; its extra file huesweep.json tells the rest."""

    def write(
        program: torch.export.ExportedProgram, _: Tensor, multiple: int, file: BinaryIO, _place: Path
    ) -> nn.Module:
        content = io.BytesIO()
        extra = {f"{KEY}.json": json.dumps(_describe(colorizer, multiple))}
        with _quiet():
            torch.export.save(program, content, extra_files=extra)
        file.write(content.getvalue())
        content.seek(0)
        return torch.export.load(content).module()

    return _export(colorizer, path, write)


def _export(
    colorizer: Colorizer,
    path: Path,
    write: Callable[[torch.export.ExportedProgram, Tensor, int, BinaryIO, Path], nn.Module],
) -> Exported:
    """Export for every size; if the copy then isn't one, because layers round sizes, for multiples of the strides.

    What an earlier export to this path left that was killed is removed.
    """
    remove_leftovers(path.parent, is_meant=lambda name: name == path.name)
    network = deepcopy(colorizer.network)
    assert isinstance(network, Network)
    network.views = ()  # for whoever uses the copy to average: OnnxNetwork does
    coarsest = network.multiple
    reason = ""
    # What a network brings to other sizes by itself makes every size its own case, which no tracer ends with.
    any_size = (1,) if network.smallest == network.stride == 1 else ()
    for multiple in dict.fromkeys((*any_size, coarsest, 2 * coarsest)):
        try:
            program, example = _trace(network, colorizer.task.channels, multiple)
            sizes = [(network.side, network.side)] if network.side else _sizes(multiple, _least(network, multiple))
            with atomic_file(path) as (file, place):
                copy = write(program, example, multiple, file, place)
                difference = max(_difference(network, copy, colorizer.task.channels, size) for size in sizes)
                if not difference < TOLERANCE:
                    raise ValueError(f"outputs differ by {difference:.3g}")
            return Exported(path, difference, sizes, multiple)
        except OSError:
            raise
        except Exception as error:  # of torch, onnx and onnxruntime, each with classes of its own
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    raise UsageError(f"this network can't be exported in this format: {reason}")


def _trace(network: Network, channels: int, multiple: int) -> tuple[torch.export.ExportedProgram, Tensor]:
    dynamic = torch.export.Dim.DYNAMIC
    shapes: dict[int, Any] = {0: dynamic}
    if network.side:
        size = (network.side, network.side)
    else:
        least = _least(network, multiple)
        size = (40, 48) if multiple == 1 else ((least + 3) * multiple, (least + 4) * multiple)
        for axis, name in ((2, "rows"), (3, "columns")):
            shapes[axis] = dynamic if multiple == 1 else multiple * torch.export.Dim(name, min=least, max=4096)
    example = torch.rand(2, channels, *size)
    plain = _with_fixed_padding(network).to(memory_format=torch.contiguous_format)
    with _quiet():
        return torch.export.export(plain, (example,), dynamic_shapes=(shapes,)), example


def _with_fixed_padding(network: Network) -> Network:
    """A copy whose layers pad as they do where a map's sides are even, instead of looking at each map's size.

    Those of timm that follow TensorFlow look, which no tracer comes to an end with.
    """
    fixed = deepcopy(network)
    for name, module in list(fixed.named_modules()):
        if isinstance(module, Conv2dSame):
            (tall, wide), (down, across) = module.kernel_size, module.stride
            above, left = (tall - down) // 2, (wide - across) // 2
            padding = nn.ZeroPad2d((left, wide - across - left, above, tall - down - above))
            sizes = (module.in_channels, module.out_channels, (tall, wide), (down, across))
            conv = nn.Conv2d(*sizes, groups=module.groups, bias=module.bias is not None)
            conv.load_state_dict(module.state_dict())
            fixed.set_submodule(name, nn.Sequential(padding, conv.eval()))
    return fixed


def _least(network: Network, multiple: int) -> int:
    """How many times the multiple a side must be: below `smallest` the network enlarges, which a copy doesn't."""
    return max(2, -(-network.smallest // multiple))


def _sizes(multiple: int, least: int) -> list[tuple[int, int]]:
    if multiple == 1:
        return [(32, 32), (33, 47), (64, 40), (17, 90)]
    sides = ((least + 2, least + 2), (least + 3, least + 5), (least + 6, least + 1))
    return [(rows * multiple, columns * multiple) for rows, columns in sides]


@torch.inference_mode()
def _difference(network: Network, copy: nn.Module, channels: int, size: tuple[int, int]) -> float:
    generator = torch.Generator().manual_seed(0)
    pictures = torch.rand(3, channels, *size, generator=generator)
    return float((network(pictures) - copy(pictures)).abs().max())


def _describe(colorizer: Colorizer, multiple: int) -> dict[str, Any]:
    network = colorizer.network
    export = {"multiple": multiple, "side": network.side, "preprocessing": PREPROCESSING}
    buffers = {name: value.tolist() for name, value in colorizer.target.state_dict().items()}
    return {**colorizer.description, "export": export, "target_state": buffers}


@contextmanager
def _quiet() -> Iterator[None]:
    """Exporters tell much of themselves."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        earlier = logging.root.manager.disable
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(earlier)
