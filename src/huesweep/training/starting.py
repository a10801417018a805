"""Weights of an earlier training to begin with."""

from pathlib import Path

from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.training.folder import TrialFolder


def start_from(colorizer: Colorizer, path: Path) -> None:
    """Give a colorizer the weights, and the fitted target, of a checkpoint or of the best one in a trial's folder.

    Raises UsageError where there is none, or where it is of another network, task or target.
    """
    earlier = Colorizer.load(TrialFolder(path).best if path.is_dir() else path)
    for word in ("task", "target"):
        found, wanted = getattr(earlier, word).name, getattr(colorizer, word).name
        if found != wanted:
            raise UsageError(f"start_from={path}: it is of {word}={found}, not {wanted}")
    try:
        colorizer.load_state_dict(earlier.state_dict())
    except RuntimeError as error:
        reason = str(error).splitlines()[1].strip()
        raise UsageError(f"start_from={path}: its network or palette is another one ({reason})") from None
