"""The models of conf/model as their authors used them, and the first steps of their training."""

import json
from pathlib import Path

import torch
from torch import Tensor

from huesweep.color.grayscale import to_gray
from huesweep.color.targets.ab import AbTarget
from huesweep.color.targets.base import Target
from huesweep.color.targets.palette import PaletteTarget
from huesweep.color.targets.rgb import RgbTarget
from huesweep.losses.base import Loss
from huesweep.losses.cross_entropy import CrossEntropyLoss
from huesweep.losses.mse import MseLoss
from huesweep.losses.sum_of_squares import SumOfSquaresLoss
from huesweep.models.assembly import build_network
from huesweep.models.network import Network
from tests.models.composed import model_description

GOLDEN = Path(__file__).parent / "first_steps.json"
STEPS = 5
TORONTO = ("csc413_pool", "csc413_transpose", "csc413_unet", "toronto_cnn", "toronto_unet")
COLORS = dict.fromkeys(TORONTO, 24)  # 16 elsewhere


def side(model: str) -> int:
    """Of the pictures that a model was made for."""
    return 16 if model.startswith("rutgers") else 32


def outputs(model: str) -> int:
    """A pixel, as its authors had them."""
    regression = {"kamtziridis": 2, "cifar100_unet": 3, "rutgers_fc1": 3, "rutgers_fc2": 3}
    return regression.get(model) or COLORS.get(model, 16)


def make_preset(model: str) -> Network:
    torch.manual_seed(0)
    sized = f"data.size={side(model)}", f"target.colors={outputs(model)}"
    return build_network(model_description(f"model={model}", *sized), 1, outputs(model))


def target_and_loss(model: str) -> tuple[Target, Loss]:
    if model == "kamtziridis":
        return AbTarget(), MseLoss(saturation=0.0)
    if model == "cifar100_unet":
        return RgbTarget(), MseLoss(saturation=0.0)
    if model.startswith("rutgers"):
        return RgbTarget(), SumOfSquaresLoss(scale=1.0, summed=False)
    target = PaletteTarget(outputs(model))
    places = torch.arange(target.channels)[:, None] * torch.tensor([0.17, 0.31, 0.53]) % 1.0
    target.centers.copy_(places)
    return target, CrossEntropyLoss(smoothing=0.0)


def pictures(side: int) -> Tensor:
    """Eight color pictures made of waves: no random numbers, no files."""
    y, x = torch.meshgrid(torch.linspace(0, 6, side), torch.linspace(0, 6, side), indexing="ij")
    waves = [
        torch.stack([(x * (1 + n / 9) + c).sin() * (y * (1 + c / 5) - n).cos() for c in range(3)]) for n in range(8)
    ]
    return torch.stack(waves) / 2 + 0.5


def first_losses(model: str) -> list[float]:
    """The losses of the first steps of training on those pictures, by Adam at 1e-3."""
    network, (target, loss) = make_preset(model), target_and_loss(model)
    rgb = pictures(side(model))
    gray, encoded = to_gray(rgb, "mean"), target.encode(rgb)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
    losses = []
    for _ in range(STEPS):
        optimizer.zero_grad()
        value = loss(network(gray), encoded)
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


if __name__ == "__main__":  # python -m tests.models.presets makes the file anew
    from tests.models.composed import choices

    curves = {model: [round(loss, 6) for loss in first_losses(model)] for model in choices("model")}
    GOLDEN.write_text(json.dumps(curves, indent=1) + "\n")
