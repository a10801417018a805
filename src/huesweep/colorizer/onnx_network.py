"""A network as an ONNX file, which onnxruntime computes: made with one, and used in place of one."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor, nn

from huesweep.colorizer.format import DESCRIPTION
from huesweep.colorizer.onnx_file import read_onnx
from huesweep.colorizer.plain_description import check_description, check_numbers
from huesweep.errors import UsageError, shortened
from huesweep.models.blocks import padded
from huesweep.models.views import Inputs, View, in_views

KEY = DESCRIPTION  # under which the file says what it is, as JSON
LARGEST_TEXT = 2**22  # characters of that
TRIED = 64  # side of the picture that a network is first tried on
PATIENCE = 60.0  # seconds for that
AT_ONCE = 2**20  # pixels of the pictures that are computed together
INPUTS = TypeAdapter(Inputs)
STATE, MOST_PARTS = 2**20, 16  # numbers in one part of the target's state, and parts


class OnnxNetwork(nn.Module):
    """Computes an ONNX file's network, on the CPU. Pictures are padded to the multiple of pixels that it serves, and
    small ones enlarged first, as the network that was exported does by itself.

    The file is a stranger's: it may hold only what onnx_file lists, and is first tried in another process, which may
    take neither long nor much. Raises UsageError for a file that is no network of this suite.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        try:
            content, metadata = read_onnx(path)
        except ValueError as error:
            raise UsageError(f"{path} is not an ONNX file that can be read ({error})") from None
        except OSError as error:
            raise UsageError(f"{path} can't be read: {error.strerror}") from None
        if KEY not in metadata:
            raise UsageError(f"{path} is an ONNX file, but not one of this suite")
        try:
            self.description = _read_description(metadata[KEY])
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise UsageError(f"{path}: its description is damaged ({str(error)[:200]})") from None
        self.side: int | None = self.description["export"].get("side")
        self.multiple: int = self.description["export"]["multiple"]
        try:
            self.smallest, views = _inputs_of(self.description)
        except ValueError as error:
            raise UsageError(f"{path}: its description is damaged ({error})") from None
        self.views = () if self.side else views
        _try_out(path, self.side or -(-TRIED // self.multiple) * self.multiple)
        from huesweep.colorizer.onnx_session import first_line, open_session  # only for those who have such files

        self._first_line = first_line
        try:
            self._session = open_session(content, torch.get_num_threads())
        except Exception as error:  # onnxruntime's own classes, of several modules
            raise UsageError(f"{path} is not an ONNX file that can be read ({first_line(error)})") from None
        channels = self._session.get_outputs()[0].shape[1]
        self.channels: int | None = channels if isinstance(channels, int) else None

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs, H, W) in [0, 1]. Gives (N, channels, H, W), on x's device.

        Raises UsageError where the file's network gives something else, or would take too much memory.
        """
        return in_views(self._padded, x, self.smallest, self.views, self.multiple).to(x.device)

    def _padded(self, x: Tensor) -> Tensor:
        height, width = x.shape[-2:]
        whole = padded(x, self.multiple)
        rows, columns = whole.shape[-2:]
        parts = whole.split(max(1, AT_ONCE // (rows * columns)))
        return torch.cat([self._compute(part) for part in parts])[..., :height, :width]

    def _compute(self, pictures: Tensor) -> Tensor:
        values = np.ascontiguousarray(pictures.detach().cpu().numpy())
        try:
            (outputs,) = self._session.run(None, {self._session.get_inputs()[0].name: values})
        except Exception as error:
            raise UsageError(f"the ONNX file's network failed ({self._first_line(error)})") from None
        count, _, height, width = pictures.shape
        expected = (count, self.channels or outputs.shape[1], height, width)
        if outputs.dtype != np.float32 or outputs.shape != expected:
            raise UsageError(f"the ONNX file's network gives {outputs.dtype} {outputs.shape}, not {expected}")
        return torch.from_numpy(outputs)


def _inputs_of(description: dict[str, Any]) -> tuple[int, Sequence[View]]:
    """The side to which the network brings smaller pictures, and its views; the usual where a file tells nothing.

    Raises ValueError for what is neither.
    """
    model = description.get("model", {})
    options = model.get("options", {}) if isinstance(model, dict) else model
    if not isinstance(options, dict):
        raise ValueError("its network's options have no names")
    try:
        found = INPUTS.validate_python({name: options[name] for name in Inputs.__annotations__ if name in options})
    except ValidationError as error:
        place, *_ = error.errors()[0]["loc"]
        raise ValueError(f"{place} is {shortened(options[place])}") from None
    return found.get("smallest", 1), found.get("views", ())


def _read_description(text: str) -> dict[str, Any]:
    if len(text) > LARGEST_TEXT:
        raise ValueError(f"it has {len(text)} characters")
    description = json.loads(text)
    state = description["target_state"]
    check_description({"export": {}} | {name: value for name, value in description.items() if name != "target_state"})
    if len(state) > MOST_PARTS:
        raise ValueError(f"its target has {len(state)} parts")
    for name, values in state.items():
        check_numbers(shortened(name), values, STATE)
    return description


def _try_out(path: Path, side: int) -> None:
    """Raise UsageError unless another process comes to an end with the file, in time."""
    command = [sys.executable, "-m", "huesweep.colorizer.onnx_session", str(path.resolve()), str(side)]
    places = [place for place in sys.path if Path(place).is_absolute()]
    try:
        done = subprocess.run(
            command,
            cwd=Path(__file__).parents[2],  # Python looks for modules there, too
            env={**os.environ, "PYTHONPATH": os.pathsep.join(places)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UsageError(f"{path} takes more than {PATIENCE:g} seconds for a picture of {side} x {side}") from None
    if done.returncode:
        raise UsageError(f"{path} is not an ONNX file that can be read (onnxruntime ended with {done.returncode})")
    if wrong := done.stdout.decode(errors="replace").strip():  # onnxruntime may say more before
        raise UsageError(f"{path} is not an ONNX file that can be read ({wrong.splitlines()[-1]})")
