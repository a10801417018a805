"""Files that come along with the code: beside it in a checkout, inside the package where that was installed."""

from pathlib import Path

PACKAGE = Path(__file__).parent
_CHECKOUT = PACKAGE.parent.parent
_IS_CHECKOUT = (_CHECKOUT / "conf" / "train.yaml").is_file() and (_CHECKOUT / "pyproject.toml").is_file()

CONF = _CHECKOUT / "conf" if _IS_CHECKOUT else PACKAGE / "conf"
BUNDLED = (_CHECKOUT / "experiments" / "photographs" if _IS_CHECKOUT else PACKAGE / "bundled") / "photographs.ckpt"
ADDED = {"train": ("experiment", "sweep"), "transfer": ("sweep",)}  # groups of CONF that a command's file doesn't list
