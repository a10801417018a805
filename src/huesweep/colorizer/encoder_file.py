"""The encoder in a checkpoint, of a colorizer or of a classifier, by itself."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from torch import Tensor

from huesweep.colorizer.checkpoint import damage_in_one_line, read, without_downloads
from huesweep.colorizer.format import CLASSIFIER, DESCRIPTION
from huesweep.colorizer.weights_check import check_weights
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.models.encoders.base import Encoder
from huesweep.registry import build

PREFIXES = ("colorizer.network.encoder.", f"{CLASSIFIER}.backbone.encoder.")  # of its tensors in a checkpoint


class EncoderFile(NamedTuple):
    """What a checkpoint says of its network, and the encoder's tensors by the names that they have in the encoder."""

    description: dict[str, Any]
    state: dict[str, Tensor]

    @property
    def options(self) -> Mapping[str, Any]:
        """How the network is joined, `centered` and `smallest` among it."""
        return self.description["model"]["options"]


def read_encoder(path: Path) -> EncoderFile:
    """The encoder of a checkpoint. Raises UsageError for a file without one."""
    if path.suffix == ".onnx":
        raise UsageError(f"{path} is an exported network, whose encoder can't be taken out: name a checkpoint")
    checkpoint = read(path)
    description = checkpoint[DESCRIPTION]
    state = {
        name.removeprefix(prefix): value
        for prefix in PREFIXES
        for name, value in checkpoint["state_dict"].items()
        if name.startswith(prefix)
    }
    with damage_in_one_line(path):
        kind = description["model"]["encoder"]["kind"]
        dict(description["model"]["options"]), description["task"]["kind"]
    if not state:
        raise UsageError(f"{path}: its encoder {kind} has no stages that learn anything")
    return EncoderFile(description, state)


def is_of_suite(path: Path) -> bool:
    """Whether a file is a checkpoint of this suite, and not, say, one of somebody's weights."""
    try:
        read(path)
    except UsageError:
        return False
    return True


def build_encoder(found: EncoderFile, path: Path, *, learned: bool) -> tuple[Encoder, Task]:
    """The encoder that a checkpoint describes, and the task that makes its inputs.

    learned: with the checkpoint's weights, instead of ones drawn at random. Raises UsageError for a damaged file.
    """
    with damage_in_one_line(path):
        task: Task = build(Task, found.description["task"], "task")
        part = without_downloads(found.description["model"])["encoder"]
        part = {**part, "options": {name: value for name, value in part["options"].items() if name != "frozen"}}

        def make() -> Encoder:
            return build(Encoder, part, "model.encoder", task.channels)

        check_weights(make, found.state)
        encoder = make()
        if learned:
            encoder.load_state_dict(found.state)
    return encoder, task
