"""What is trained, saved, loaded, scored and used: a network with its task and its target."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from huesweep.color.gamut import lab_to_rgb_keeping_lightness
from huesweep.color.spaces import rgb_to_lab
from huesweep.color.targets.base import Target
from huesweep.colorizer.arrays import as_levels, is_many, like
from huesweep.colorizer.checkpoint import read_parts, write_checkpoint
from huesweep.colorizer.coloring import ColorizeOptions, Manner, colorize
from huesweep.colorizer.weights_check import check_maps
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.models.network import Encoded, Network
from huesweep.models.views import pixels_seen
from huesweep.registry import call

USUAL_SIDE = 32  # of the pictures of a checkpoint that doesn't tell
VIVIDNESS = "vividness"  # in the description: the factor of chroma in the vivid manner
MANNER = "manner"  # there too: how photos are colored unless it is said otherwise
STRONGEST = 10.0


class Colorizer(nn.Module):
    """A network, the task that makes its inputs from pictures, and the target that makes pictures of its outputs.

    network: any module from (N, task.channels, H, W) to (N, target.channels, H, W), with `side`: of the only pictures
    that it serves, or None; and with `smallest` and `views`, as Network has them. description: plain values that tell
    how to build all three again, and what they were trained on. Raises UsageError where neither task nor target can
    tell a picture's lightness.
    """

    def __init__(self, network: nn.Module, task: Task, target: Target, description: Mapping[str, Any]) -> None:
        super().__init__()
        if not (target.has_lightness or task.keeps_lightness):
            raise UsageError(f"target={target.name} as configured predicts no brightness: set task.luminance=keep")
        self.network: nn.Module = network.to(memory_format=torch.channels_last)
        self.task = task
        self.target = target
        self.description = dict(description)

    @property
    def side(self) -> int | None:
        """The side of the only pictures that it serves, which are square; None serves every size."""
        return self.network.side  # type: ignore[return-value]

    @property
    def trained_side(self) -> int:
        """The side of the pictures that it was trained on, in pixels."""
        return self.description.get("side") or USUAL_SIDE

    @property
    def enlarges_small(self) -> bool:
        """Whether it brings small pictures to a least size itself, as networks for photographs do."""
        return bool(self.network.smallest > 1)  # type: ignore[operator]

    def pixels_seen(self, height: int, width: int) -> int:
        """Of the largest picture that the network computes on for one of this size, which it may enlarge and pad."""
        network = self.network
        return pixels_seen(height, width, network.smallest, network.views, network.multiple)  # type: ignore[arg-type]

    @property
    def device(self) -> torch.device:
        """Where it computes."""
        return next((value.device for value in (*self.parameters(), *self.buffers())), torch.device("cpu"))

    def forward(self, inputs: Tensor | Encoded) -> Tensor:
        """Outputs for a task's inputs: (N, task.channels, H, W) to (N, target.channels, H, W)."""
        return self.network(inputs)

    def decode(
        self,
        outputs: Tensor,
        inputs: Tensor,
        decoding: str | None = None,
        temperature: float | None = None,
        manner: Manner = "accurate",
    ) -> Tensor:
        """The pictures that outputs stand for, (N, 3, H, W) float in [0, 1].

        inputs: those that the outputs are of, whose lightness is kept where the task says so. decoding, temperature:
        of a palette, see Target.decode; None decodes as the target was configured. manner: `vivid` strengthens
        their chroma, see strength.
        """
        decoded = self.target.decode(outputs, self.task.kept_lightness(inputs), decoding, temperature)
        return decoded if manner == "accurate" else strengthened(decoded, self.strength(manner))

    def strength(self, manner: Manner | None) -> float:
        """The factor of chroma in a manner; None is the checkpoint's own, `accurate` unless its description says other.

        Raises UsageError for `vivid` where the description tells no factor.
        """
        if manner == "accurate" or (manner is None and self.description.get(MANNER) != "vivid"):
            return 1.0
        factor = self.description.get(VIVIDNESS)
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 < factor <= STRONGEST:
            raise UsageError(
                "manner=vivid: this checkpoint doesn't tell how vivid (predict has saturation=1.5 instead)"
            )
        return float(factor)

    def penalty(self) -> Tensor | None:
        """What joins the training loss on account of the network's weights, if anything does."""
        return self.network.penalty()  # type: ignore[operator]

    def predict(self, rgb: Tensor) -> Tensor:
        """What it makes of pictures, (N, 3, H, W) float in [0, 1] to the same."""
        inputs = self.task.input(rgb)
        return self.decode(self(inputs), inputs)

    def ceiling(self, rgb: Tensor, decoding: str | None = None, temperature: float | None = None) -> Tensor:
        """The truth encoded, then decoded. (N, 3, H, W) float in [0, 1] to the same.

        Of a palette, what naming every pixel's nearest color comes to. No bound: a network whose decoding mixes colors
        can be nearer to the truth than any single one is.
        """
        return ceiling(self.task, self.target, rgb, decoding, temperature)

    def color(self, pictures: Any, **options: Any) -> Any:
        """Color one picture, or several, of any size.

        pictures: (H, W) or (H, W, 3) arrays, uint8, uint16 or float from 0 to 1, or Pillow's; one, or a list of them.
        They are turned gray first. options: of ColorizeOptions. Gives the same kind, (H, W, 3): for each picture one,
        or with samples=n a list of n. Raises ValueError for other shapes, types and ranges, and for options that this
        colorizer can't follow.
        """
        if is_many(pictures):
            return [self.color(picture, **options) for picture in pictures]
        chosen: ColorizeOptions = call(ColorizeOptions, options, "")
        chosen.check(self)
        with evaluating(self):
            ((*colorings,),) = colorize(self, [as_levels(pictures)], chosen, self.device)
        found = [like(coloring, pictures) for coloring in colorings]
        return found if chosen.samples else found[0]

    @classmethod
    def load(cls, path: str | Path) -> "Colorizer":
        """The colorizer in a checkpoint (.ckpt) or an exported network (.onnx), on the CPU, in evaluation mode.

        Raises UsageError for a file that is neither, or not of this suite.
        """
        network, task, target, description, state = read_parts(Path(path))
        colorizer = cls(network, task, target, description)
        try:
            colorizer.load_state_dict(state)
        except RuntimeError as error:
            reason = str(error).splitlines()[-1].strip()
            raise UsageError(f"{path}: weights and description disagree ({reason})") from None
        colorizer.eval()
        if isinstance(network, Network):
            try:
                check_maps(network, task.channels)
            except UsageError as error:
                raise UsageError(f"{path}: {error}") from None
        return colorizer

    def save(self, path: str | Path, half: bool = False) -> int:
        """Write a checkpoint that `load` reads, and give its bytes. half: the network's weights in half precision."""
        return write_checkpoint(Path(path), self.description, self.state_dict(), half)


@contextmanager
def evaluating(module: nn.Module) -> Iterator[None]:
    """Within, a module neither drops values nor learns from what it sees; behind, it is in the mode that it was in."""
    was_training = module.training
    module.eval()
    try:
        yield
    finally:
        module.train(was_training)


def ceiling(task: Task, target: Target, rgb: Tensor, decoding: str | None, temperature: float | None) -> Tensor:
    """The truth as a target can tell it, see Colorizer.ceiling."""
    lightness = task.kept_lightness(task.input(rgb))
    return target.reconstruct(target.encode(rgb), lightness, decoding, temperature)


def strengthened(pictures: Tensor, factor: float) -> Tensor:
    """Pictures with so many times their chroma, at the same lightness and hue. (N, 3, H, W) float in [0, 1] to it."""
    lab = rgb_to_lab(pictures)
    return lab_to_rgb_keeping_lightness(torch.cat([lab[:, :1], factor * lab[:, 1:]], dim=1))
