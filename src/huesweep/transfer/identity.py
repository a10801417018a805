"""What a transfer is called."""

import re
from collections.abc import Mapping
from typing import Any

from huesweep.training.identity import checkpoint_word, config_hash


def transfer_name(config: Mapping[str, Any]) -> str:
    """A transfer's folder: words to read and a hash of the whole configuration, see training.identity.folder_name."""
    words = [config["data"]["name"], config["mode"], f"{config['labels']:g}", checkpoint_word(str(config["ckpt"]))]
    readable = "-".join(re.sub(r"[^A-Za-z0-9._]", "_", str(word)) for word in words)
    return f"{readable[:100]}-{config_hash(config)}"
