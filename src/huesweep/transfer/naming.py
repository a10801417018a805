"""What a transfer is called."""

from collections.abc import Mapping
from typing import Any

from huesweep.training.naming import checkpoint_word, name_of


def transfer_name(config: Mapping[str, Any]) -> str:
    """A transfer's folder: words to read and a hash of the whole configuration, see training.naming.folder_name."""
    words = [config["data"]["name"], config["mode"], f"{config['labels']:g}", checkpoint_word(str(config["ckpt"]))]
    return name_of(words, config)
