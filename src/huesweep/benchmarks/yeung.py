"""Training as Yeung 2019 (cnn-image-colorization) does it against the suite's way, same network, same pictures."""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader

from huesweep.benchmarks.data import torchvision_dataset
from huesweep.benchmarks.report import Row
from huesweep.benchmarks.turns import TRAINING, Loop, ratio, seconds_in_turn
from huesweep.data.module import PairDataModule
from huesweep.models.assembly import build_network
from huesweep.training.module import ColorizationModule

LEAST = 3.5
WORKERS = 2


def run(pictures: int = 2000, epochs: int = 3) -> Iterator[Row]:
    """Epochs of the recipe experiment=yeung, in turn with its author's loop, written anew from what it does."""
    recipe = ("model=yeung_unet", "optimizer=adam", "optimizer.lr=1e-4", "batch.flip=false", "task.gray=mean")
    seconds = seconds_in_turn(author_loop, pictures, epochs, *recipe)
    times, spread = ratio(seconds["theirs"], seconds[TRAINING])
    yield Row("an epoch of Yeung's way against ours", times, "times the time", spread, LEAST)


def author_loop(module: ColorizationModule, data: PairDataModule) -> Mapping[str, Loop]:
    """Pictures one by one through PIL and ToTensor in two workers; palette, loss and step as in that repository."""
    described = module.colorizer.description["model"]
    colors = module.colorizer.target.palette()
    assert colors is not None
    palette = colors.numpy()
    network = build_network(described, 1, len(palette)).to(memory_format=torch.contiguous_format)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4)
    loader = DataLoader(
        torchvision_dataset(data.splits["train"].pictures), batch_size=100, shuffle=True, num_workers=WORKERS
    )

    def loop() -> None:
        losses = []
        for pictures, _ in loader:
            truth = torch.from_numpy(nearest(pictures.numpy(), palette))
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(pictures.mean(1, keepdim=True)), truth)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())

    return {"theirs": loop}


def nearest(pictures: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """The nearest of K colors for each pixel, as that repository finds it: (N, 3, H, W) to (N, H, W)."""
    distances = np.linalg.norm(pictures[None] - palette.reshape(len(palette), 1, 3, 1, 1), axis=2)
    return np.argmin(distances, axis=0)
