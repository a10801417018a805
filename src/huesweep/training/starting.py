"""Weights of an earlier training to begin with: of all of a colorizer, or of its encoder."""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huesweep.color.targets.base import Target
from huesweep.colorizer.colorizer import Colorizer
from huesweep.colorizer.encoder_file import is_of_suite, read_encoder
from huesweep.configuration import describe
from huesweep.errors import UsageError, shortened
from huesweep.models.encoders.base import Encoder
from huesweep.registry import kind_of
from huesweep.training.folder import checkpoint_at

START, WEIGHTS = "start_from", "model.encoder.weights"  # options


def start_from(colorizer: Colorizer, path: Path) -> None:
    """Give a colorizer the weights, and the fitted target, of a checkpoint or of the best one in a trial's folder.

    Raises UsageError where there is none, or where it is of another network, task, target or palette.
    """
    earlier = Colorizer.load(checkpoint_at(path, START))
    for word in ("task", "target"):
        found, wanted = getattr(earlier, word).name, getattr(colorizer, word).name
        if found != wanted:
            raise UsageError(f"{START}={path}: it is of {word}={found}, not {wanted}")
    if not colorizer.target.has_colors_of(earlier.target):
        raise UsageError(f"{START}={path}: its palette has other colors than the one that target.palette names")
    try:
        colorizer.load_state_dict(earlier.state_dict())
    except RuntimeError as error:
        reason = str(error).splitlines()[1].strip()
        raise UsageError(f"{START}={path}: its network or palette is another one ({reason})") from None
    colorizer.target.keep_colors()


def take_colors(target: Target, last: Path, palette: str | None) -> None:
    """Give a target what it was when training began that goes on from a checkpoint. palette: that it is given, if any.

    Raises UsageError where that holds other colors now.
    """
    earlier = Colorizer.load(last).target
    if not target.has_colors_of(earlier):
        raise UsageError(
            f"target.palette={palette} holds other colors than when {last.parent.parent} began: put them back, or name "
            "another folder"
        )
    target.load_state_dict(earlier.state_dict())


def split_start(model: Mapping[str, Any]) -> tuple[dict[str, Any], Path | None]:
    """A model, conf/model, without the checkpoint of this suite that its encoder starts from, and that checkpoint.

    None where it starts from nothing, or from weights that the encoder reads itself. Raises UsageError for a folder
    without a checkpoint.
    """
    encoder = model["encoder"]
    given = encoder.get("weights")
    if given is None:
        return dict(model), None
    path = Path(str(given)).expanduser()
    kind = kind_of(Encoder, describe(encoder, Encoder, "model.encoder")["kind"], "model.encoder")
    reads_itself = "weights" in inspect.signature(kind).parameters
    if reads_itself and not (path.is_dir() or is_of_suite(path)):
        return dict(model), None
    return {**model, "encoder": {**encoder, "weights": None}}, checkpoint_at(path, WEIGHTS)


def start_encoder(encoder: Encoder, path: Path) -> None:
    """Give an encoder the weights of the one in a checkpoint, a colorizer's or a classifier's; on meta only compare.

    Raises UsageError where they don't fit.
    """
    try:
        state = read_encoder(path).state
    except UsageError as error:
        raise UsageError(f"{WEIGHTS}: {error}") from None
    theirs = {name: tuple(value.shape) for name, value in state.items()}
    ours = {name: tuple(value.shape) for name, value in encoder.state_dict().items()}
    for name in (*ours, *theirs):
        if ours.get(name) != theirs.get(name):
            there, here = (shapes.get(name, "nothing") for shapes in (theirs, ours))
            raise UsageError(
                f"{WEIGHTS}={path} is of another encoder than {encoder.name}, as configured here: {there} where "
                f"{shortened(name)} has {here}"
            )
    if not any(value.is_meta for value in encoder.state_dict().values()):
        encoder.load_state_dict(state)
