"""Loading a checkpoint: tensors and plain values, and only this project's own classes."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import nn

from huesweep.build import build
from huesweep.color.targets.base import Target
from huesweep.colorizer.format import CHECKPOINT_VERSION, DESCRIPTION
from huesweep.colorizer.onnx_network import OnnxNetwork
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.models.assembly import build_network
from huesweep.models.network import Network
from huesweep.resources import BUNDLED
from huesweep.sweeps.results import rank, read_results
from huesweep.training.trial import TrialFolder


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
        network = build_network(_without_downloads(description["model"]), task.channels, target.channels)
        holder = nn.ModuleDict({"network": network, "target": target})
        wanted = ("network.", "target.")
        weights = {name: value for name, value in checkpoint["state_dict"].items() if name.startswith(wanted)}
    try:
        holder.load_state_dict(weights)
    except RuntimeError as error:
        raise UsageError(f"{path}: weights and description disagree ({str(error).splitlines()[-1].strip()})") from None
    network.eval().to(memory_format=torch.channels_last)
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
    except UsageError:
        raise
    except Exception as error:
        raise UsageError(f"{path}: its description is damaged ({_first_sentence(error)})") from None


def load_weights(module: nn.Module, path: Path) -> None:
    """Load a checkpoint's weights into the module that was trained to it."""
    module.load_state_dict(_read(path)["state_dict"])


def _read(path: Path) -> dict[str, Any]:
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist") from None
    except Exception as error:  # a file may hold anything, and torch raises many kinds
        raise UsageError(f"{path} is not a checkpoint that can be read ({_first_sentence(error)})") from None
    told = [checkpoint.get(key) for key in (DESCRIPTION, "state_dict")] if isinstance(checkpoint, dict) else []
    if not told or not all(isinstance(part, dict) for part in told):
        raise UsageError(f"{path} is a checkpoint, but not one of this suite")
    _check_version(checkpoint[DESCRIPTION], path)
    return checkpoint


def _check_version(description: dict[str, Any], path: Path) -> None:
    version = description.get("version")
    if version != CHECKPOINT_VERSION:
        raise UsageError(f"{path} has checkpoint version {version}; this suite reads version {CHECKPOINT_VERSION}")


def _first_sentence(error: Exception) -> str:
    return str(error).splitlines()[0].split(". ")[0] if str(error) else type(error).__name__
