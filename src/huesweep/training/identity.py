"""What a trial is called, and what makes it the same trial as another."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

Config = Mapping[str, Any]
# Where things are kept and shown, and how fast they are computed, is not what a trial is.
NOT_IDENTITY = (
    "paths",
    "logger",
    "sweep",
    "examples",
    "gpus_per_trial",
    "cpus_per_trial",
    "data.cache",
    "data.home",
    "data.download",
    "data.url",
    "data.md5",
)
# How pictures get to the device does not change which ones do.
NOT_IDENTITY_OF_BATCHES = ("device_gib", "workers", "score_size")
NOT_IDENTITY_OF_TRAINER = ("accelerator", "devices")


def folder_name(config: Config) -> str:
    """A trial's folder: words to read and a hash of the whole configuration, which makes it unique and stable.

    Holds only letters, digits, `.`, `_` and `-`, so that it can be pasted into an override.
    """
    words = [_data_word(config), model_word(config["model"]), target_word(config["target"]), config["loss"]["name"]]
    if config["task"]["name"] != "colorize":
        words.insert(1, config["task"]["name"])
    readable = "-".join(re.sub(r"[^A-Za-z0-9._]", "_", str(word)) for word in words)
    return f"{readable[:100]}-{config_hash(config)}"


def config_hash(config: Config) -> str:
    """Eight hexadecimal digits that change with every value that shapes a trial's result."""
    identity = json.loads(json.dumps(config))
    of_trainer = (f"trainer.{name}" for name in NOT_IDENTITY_OF_TRAINER)
    of_batches = (f"batch.{name}" for name in NOT_IDENTITY_OF_BATCHES)
    for path in (*NOT_IDENTITY, *of_trainer, *of_batches):
        *parents, last = path.split(".")
        node = identity
        for parent in parents:
            node = node.get(parent, {})
        node.pop(last, None)
    return hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()[:8]


def _data_word(config: Config) -> str:
    classes = config["data"].get("classes") or []
    classes = [classes] if isinstance(classes, str) else classes
    return "_".join([config["data"]["name"], *classes[:3]])


def model_word(model: Mapping[str, Any]) -> str:
    """A model in a word: unet_m, and with an encoder of timm that its name doesn't tell, unet-convnext_atto."""
    encoder = str(model["encoder"].get("name", ""))
    return model["name"] if encoder in model["name"] else f"{model['name']}-{encoder}"


def target_word(target: Mapping[str, Any]) -> str:
    """A target in a word: ab, palette16, palette32ab."""
    space = "" if target.get("space", "rgb") == "rgb" else target["space"]
    return f"{target['name']}{target.get('colors', '')}{space}"
