"""Loading a checkpoint: tensors and plain values, and only this project's own classes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from huesweep.build import build
from huesweep.color.targets.base import Target
from huesweep.colorizer.bounded import read_checkpoint
from huesweep.colorizer.fitting import check_fit, check_maps
from huesweep.colorizer.format import CHECKPOINT_VERSION, DESCRIPTION
from huesweep.colorizer.onnx_network import OnnxNetwork
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.models.assembly import build_network
from huesweep.models.network import Network
from huesweep.resources import BUNDLED
from huesweep.sweeps.table import rank, read_results
from huesweep.training.trial import TrialFolder

MESSAGE = 300  # characters of what is told about a description


class Colorizer(NamedTuple):
    """What a checkpoint holds, ready to use, in evaluation mode."""

    network: Network | OnnxNetwork
    task: Task
    target: Target
    description: dict[str, Any]

    def to(self, device: torch.device) -> "Colorizer":
        """The same on a device."""
        self.network.to(device)
        self.target.to(device)
        return self


def find_checkpoint(given: str, metric: str) -> Path:
    """The checkpoint that a path means: itself, a trial's best, or the best trial's of a sweep, ranked by `metric`.

    given: nothing for the one that comes along. Raises UsageError where there is none.
    """
    path = Path(given) if given else BUNDLED
    if path.is_file():
        return path
    if not path.exists():
        raise UsageError(f"ckpt={path} does not exist: give a checkpoint, a trial's folder or a sweep's folder")
    if TrialFolder(path).best.exists():
        return TrialFolder(path).best
    try:
        best = rank(read_results(path), metric)[0]
    except UsageError:
        raise UsageError(f"ckpt={path} holds no checkpoint and no finished trial") from None
    return TrialFolder(Path(best["folder"])).best


def load_colorizer(path: Path) -> Colorizer:
    """Build what a checkpoint describes and load its weights, on the CPU.

    Raises UsageError for a file that is no checkpoint of this project, and for one that names foreign classes.
    """
    if path.suffix == ".onnx":
        return _load_onnx(path)
    checkpoint = _read(path)
    description = checkpoint[DESCRIPTION]
    with _damage_told(path):
        task, target = _build_task_and_target(description)
        model = _without_downloads(description["model"])
        make = partial(build_network, model, task.channels, target.channels)
        starts = ("network.", "target.")
        weights = {name: value for name, value in checkpoint["state_dict"].items() if name.startswith(starts)}
        of_network = {name.partition(".")[2]: value for name, value in weights.items() if name.startswith("network.")}
        check_fit(make, of_network)
        network = make()
        holder = nn.ModuleDict({"network": network, "target": target})
    try:
        holder.load_state_dict(weights)
    except RuntimeError as error:
        raise UsageError(f"{path}: weights and description disagree ({str(error).splitlines()[-1].strip()})") from None
    network.eval().to(memory_format=torch.channels_last)
    with _damage_told(path):
        check_maps(network, task.channels)
    return Colorizer(network, task, target, description)


def _load_onnx(path: Path) -> Colorizer:
    network = OnnxNetwork(path)
    description = network.description
    _check_version(description, path)
    with _damage_told(path):
        task, target = _build_task_and_target(description)
        target.load_state_dict({name: torch.tensor(value) for name, value in description["target_state"].items()})
        if network.channels not in (None, target.channels):
            raise ValueError(f"{network.channels} outputs, but {target.channels} are described")
    return Colorizer(network, task, target, description)


def _build_task_and_target(description: Mapping[str, Any]) -> tuple[Task, Target]:
    # A stranger's checkpoint names no files: the palette's colors are in its state.
    described = {name: value for name, value in description["target"].items() if name != "palette"}
    return build(description["task"], Task, "task"), build(described, Target, "target")


def _without_downloads(model: Mapping[str, Any]) -> dict[str, Any]:
    encoder = dict(model["encoder"])
    if "pretrained" in encoder:
        encoder["pretrained"] = False
    return {**model, "encoder": encoder}


@contextmanager
def _damage_told(path: Path) -> Iterator[None]:
    """A description may hold anything: whatever building it raises becomes one line."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{path}: {_first_line(error)}") from None
    except Exception as error:
        raise UsageError(f"{path}: its description is damaged ({_first_line(error)})") from None


def load_weights(module: nn.Module, path: Path) -> None:
    """Load a checkpoint's weights into the module that was trained to it."""
    module.load_state_dict(_read(path)["state_dict"])


def _read(path: Path) -> dict[str, Any]:
    checkpoint = read_checkpoint(path)
    _check_version(checkpoint[DESCRIPTION], path)
    return checkpoint


def _check_version(description: dict[str, Any], path: Path) -> None:
    version = description.get("version")
    if version != CHECKPOINT_VERSION:
        raise UsageError(f"{path} has checkpoint version {version}; this suite reads version {CHECKPOINT_VERSION}")


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:MESSAGE] if str(error) else type(error).__name__
