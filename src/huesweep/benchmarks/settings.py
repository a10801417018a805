"""Training steps on one device under several settings: number formats, memory layout, compilation, CUDA graphs."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple

import torch
from torch import Tensor, nn

from huesweep.color.targets.palette import PaletteTarget
from huesweep.data.augmentation import Augmentation
from huesweep.data.batches import PairBatches
from huesweep.data.order import BatchOrder
from huesweep.data.tasks.base import Task

Step = Callable[[Tensor, Tensor], object]
WARM = 3  # steps before a graph is recorded, and before time counts


class Setting(NamedTuple):
    """How a step is computed. graph: recorded once and replayed, on CUDA alone."""

    tf32: bool = False
    bf16: bool = False
    channels_last: bool = False
    compiled: bool = False
    graph: bool = False


SETTINGS = {
    "float32": Setting(),
    "tf32": Setting(tf32=True),
    "tf32, channels-last": Setting(tf32=True, channels_last=True),
    "bf16, channels-last": Setting(tf32=True, bf16=True, channels_last=True),
    "bf16, channels-last, compiled": Setting(tf32=True, bf16=True, channels_last=True, compiled=True),
    "bf16, channels-last, CUDA graph": Setting(tf32=True, bf16=True, channels_last=True, graph=True),
}


class Workload(NamedTuple):
    """What is trained on: uint8 pictures (N, 3, H, W) on the device that computes, and how they become pairs."""

    pictures: Tensor
    task: Task
    target: PaletteTarget
    batch: int

    def pairs(self) -> Iterator[tuple[Tensor, Tensor]]:
        """One epoch's whole batches after another, cut on the device, mirrored at random, encoded there."""
        order = BatchOrder(len(self.pictures) // self.batch * self.batch, self.batch, shuffle=True, seed=0)
        batches = PairBatches(self.pictures, self.task, order, Augmentation(flip=True), self.pictures.device)
        while True:
            for inputs, pictures in batches:
                yield inputs, self.target.encode_bytes(pictures)


def pictures_a_second(network: nn.Module, work: Workload, setting: Setting, steps: int) -> float:
    """Train a network for so many steps and give its speed. The network is changed."""
    device = work.pictures.device
    network = network.to(device)
    if setting.channels_last:
        network = network.to(memory_format=torch.channels_last)
    with _formats(setting):
        step = make_step(network.train(), setting, device)
        pairs = work.pairs()
        if setting.graph:
            step = recorded(step, *next(pairs))
        for _ in range(WARM):
            step(*next(pairs))
        wait(device)
        began = time.perf_counter()
        for _ in range(steps):
            step(*next(pairs))
        wait(device)
        return steps * work.batch / (time.perf_counter() - began)


def make_step(network: nn.Module, setting: Setting, device: torch.device) -> Step:
    """A step of AdamW on the cross-entropy."""
    is_cuda = device.type == "cuda"
    optimizer = torch.optim.AdamW(network.parameters(), 1e-3, fused=is_cuda, capturable=setting.graph)
    compute = torch.compile(network) if setting.compiled else network

    def step(inputs: Tensor, encoded: Tensor) -> Tensor:
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, torch.bfloat16, enabled=setting.bf16, cache_enabled=not setting.graph):
            outputs = compute(inputs)
        loss = nn.functional.cross_entropy(outputs.float(), encoded)
        loss.backward()
        optimizer.step()
        return loss

    return step


def recorded(step: Step, inputs: Tensor, encoded: Tensor) -> Step:
    """The step as a CUDA graph, which is launched at once instead of kernel by kernel."""
    inputs, encoded = inputs.clone(), encoded.clone()
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(WARM):
            step(inputs, encoded)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step(inputs, encoded)

    def replay(new_inputs: Tensor, new_encoded: Tensor) -> None:
        inputs.copy_(new_inputs)
        encoded.copy_(new_encoded)
        graph.replay()

    return replay


def wait(device: torch.device) -> None:
    """Until the device has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


@contextmanager
def _formats(setting: Setting) -> Iterator[None]:
    """TF32 or not, and afterwards what it was."""
    earlier = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = setting.tf32
    try:
        yield
    finally:
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = earlier
