"""Checkpoints: tensors and plain values, which name nothing but this project's own kinds of parts."""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from huesweep.color.targets.base import Target
from huesweep.colorizer.bounded import read_checkpoint
from huesweep.colorizer.format import CLASSIFIER, DESCRIPTION, PREFIX, renamed, upgraded
from huesweep.colorizer.onnx_network import OnnxNetwork
from huesweep.colorizer.weights_check import check_weights
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.io.atomic import write_atomically
from huesweep.models.assembly import build_network, weightless
from huesweep.registry import build

MESSAGE = 300  # characters of a message about a description


class Parts(NamedTuple):
    """What a colorizer consists of. state: of network and target, by the names that they have in a colorizer."""

    network: nn.Module
    task: Task
    target: Target
    description: dict[str, Any]
    state: dict[str, Tensor]


def read_parts(path: Path) -> Parts:
    """Build what a checkpoint or an exported network describes, and read its weights, on the CPU.

    Raises UsageError for a file that is no checkpoint of this project, and for one that names foreign kinds.
    """
    if path.suffix == ".onnx":
        return _read_onnx(path)
    checkpoint = read(path)
    description = checkpoint[DESCRIPTION]
    if CLASSIFIER in description:
        raise UsageError(f"{path} is a classifier's, of src.transfer: it colors nothing")
    state = {
        name.removeprefix(PREFIX): value for name, value in checkpoint["state_dict"].items() if name.startswith(PREFIX)
    }
    of_network = {name.partition(".")[2]: value for name, value in state.items() if name.startswith("network.")}
    with damage_in_one_line(path):
        task, target = _build_task_and_target(description)
        make = partial(build_network, without_downloads(description["model"]), task.channels, target.channels)
        check_weights(make, of_network)
        return Parts(make(), task, target, description, state)


def read_state(path: Path) -> dict[str, Tensor]:
    """All tensors of a checkpoint: the colorizer's, named as PREFIX says, and those that only training needs."""
    return read(path)["state_dict"]


def write_checkpoint(path: Path, description: Mapping[str, Any], state: Mapping[str, Tensor], half: bool) -> int:
    """Write a checkpoint of a colorizer's state, and give its bytes. half: the network's weights in half precision."""
    tensors = {
        f"{PREFIX}{name}": value.half() if half and name.startswith("network.") and value.is_floating_point() else value
        for name, value in state.items()
    }
    content = io.BytesIO()
    torch.save({DESCRIPTION: dict(description), "state_dict": tensors}, content)
    write_atomically(path, lambda file: file.write(content.getvalue()))
    return len(content.getvalue())


def _read_onnx(path: Path) -> Parts:
    network = OnnxNetwork(path)
    with damage_in_one_line(path):
        description = upgraded(network.description)
        task, target = _build_task_and_target(description)
        if network.channels not in (None, target.channels):
            raise ValueError(f"{network.channels} outputs, but {target.channels} are described")
        state = {f"target.{name}": torch.tensor(value) for name, value in description["target_state"].items()}
    return Parts(network, task, target, description, state)


def _build_task_and_target(description: Mapping[str, Any]) -> tuple[Task, Target]:
    task, target = description["task"], description["target"]
    # A stranger's checkpoint names no files: the palette's colors are in its state.
    options = {name: value for name, value in target["options"].items() if name != "palette"}
    return build(Task, task, "task"), build(Target, {**target, "options": options}, "target")


def without_downloads(model: Mapping[str, Any]) -> dict[str, Any]:
    """The description of a model whose encoder starts from nothing: the file has the weights."""
    return {**model, "encoder": weightless(model["encoder"])}


@contextmanager
def damage_in_one_line(path: Path) -> Iterator[None]:
    """A description may hold anything: whatever building it raises becomes one line."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{path}: {_first_line(error)}") from None
    except Exception as error:
        raise UsageError(f"{path}: its description is damaged ({_first_line(error)})") from error


def read(path: Path) -> dict[str, Any]:
    """A checkpoint's content, with description and tensors' names in the present version; see read_checkpoint."""
    checkpoint = read_checkpoint(path)
    with damage_in_one_line(path):
        description = upgraded(checkpoint[DESCRIPTION])
        return {**checkpoint, DESCRIPTION: description, "state_dict": renamed(checkpoint["state_dict"])}


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:MESSAGE] if str(error) else type(error).__name__
