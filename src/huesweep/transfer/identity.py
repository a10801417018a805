"""What a transfer is called."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huesweep.training.identity import config_hash


def transfer_name(config: Mapping[str, Any]) -> str:
    """A transfer's folder: words to read and a hash of the whole configuration, see training.identity.folder_name."""
    path = Path(str(config["ckpt"]))
    if path.parent.name == "checkpoints":  # of a trial
        path = path.parent.parent
    words = [config["data"]["name"], config["mode"], f"{config['labels']:g}", path.name.removesuffix(".ckpt")]
    readable = "-".join(re.sub(r"[^A-Za-z0-9._]", "_", str(word)) for word in words)
    return f"{readable[:100]}-{config_hash(config)}"
