"""How a checkpoint says what it is, and what earlier versions said."""

from collections.abc import Mapping
from typing import Any

from huesweep.color.targets.base import Target
from huesweep.data.tasks.base import Task
from huesweep.errors import UsageError
from huesweep.models.decoders.base import Decoder
from huesweep.models.encoders.base import Encoder
from huesweep.registry import Registered, kind_of

DESCRIPTION = "huesweep"  # the key of the plain values that tell how to build network, task and target
CLASSIFIER = "classifier"  # the key, there, of what a classifier tells apart; and the name of its tensors
CHECKPOINT_VERSION = 3
LARGEST_SIDE = 4096  # of the pictures that a network is made for, in pixels
PREFIX = "colorizer."  # of the colorizer's tensors in a checkpoint, which holds those of training too
PARTS = ("network.", "target.")
RENAMED = {"toronto": "csc413"}  # encoders, by the names that they had


def upgraded(description: Mapping[str, Any]) -> dict[str, Any]:
    """A description in the present version. Raises UsageError for versions that this suite doesn't read.

    Version 2 named classes by dotted paths, which are looked up among the kinds by the class's name alone.
    """
    version = description.get("version")
    if version == CHECKPOINT_VERSION:
        return _with_present_names(description)
    if version != 2:
        raise UsageError(f"has checkpoint version {version}; this suite reads versions 2 and {CHECKPOINT_VERSION}")
    model = dict(description["model"])
    parts = {"encoder": _part(model.pop("encoder"), Encoder), "decoder": _part(model.pop("decoder"), Decoder)}
    return {
        **description,
        "version": CHECKPOINT_VERSION,
        "model": {"name": model.pop("name"), **parts, "options": model},
        "task": _part(description["task"], Task),
        "target": _part(description["target"], Target),
    }


def _with_present_names(description: Mapping[str, Any]) -> dict[str, Any]:
    model = description["model"]
    encoder = model["encoder"]
    kind = RENAMED.get(encoder["kind"], encoder["kind"])
    return {**description, "model": {**model, "encoder": {**encoder, "kind": kind}}}


def _part(described: Mapping[str, Any], base: type[Registered]) -> dict[str, Any]:
    options = dict(described)
    path = str(options.pop("_target_"))
    *packages, file, name = ["", "", *path.split(".")]
    if (file, name) == ("toronto", "TorontoEncoder"):
        file, name = RENAMED[file], "Csc413Encoder"
    kind = kind_of(base, file, f"the {base.__name__.lower()}")  # a kind lies in the file of its name
    if "src" not in packages or kind.__name__ != name:
        raise UsageError(f"names {path}, which is no {base.__name__.lower()} of this suite")
    if kind.name != "timm":  # elsewhere the name is for people
        options.pop("name", None)
    return {"kind": kind.name, "options": options}


def renamed(state: Mapping[str, Any]) -> dict[str, Any]:
    """Tensors of a checkpoint by their present names: version 2 called the colorizer's without a prefix."""
    return {f"{PREFIX}{name}" if name.startswith(PARTS) else name: value for name, value in state.items()}
