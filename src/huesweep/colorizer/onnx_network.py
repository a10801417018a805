"""A network as an ONNX file, which onnxruntime computes: made with one, and used in place of one."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import Tensor, nn

from huesweep.errors import UsageError

LARGEST = 4096  # multiple or side, in pixels
KEY = "huesweep"  # under which the file says what it is, as JSON


class OnnxNetwork(nn.Module):
    """Computes an ONNX file's network, on the CPU. Pictures are padded to the multiple of pixels that it serves.

    Raises UsageError for a file that is no network of this suite.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        onnxruntime.set_default_logger_severity(4)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = torch.get_num_threads()
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's own classes, of several modules
            raise UsageError(f"{path} is not an ONNX file that can be read ({str(error).splitlines()[0]})") from None
        told = self._session.get_modelmeta().custom_metadata_map.get(KEY)
        if told is None:
            raise UsageError(f"{path} is an ONNX file, but not one of this suite")
        try:
            self.description: dict[str, Any] = json.loads(told)
            side, multiple = (self.description["export"][name] for name in ("side", "multiple"))
            if not (isinstance(multiple, int) and 1 <= multiple <= LARGEST and (side is None or 1 <= side <= LARGEST)):
                raise ValueError(f"side {side}, multiple {multiple}")
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(f"{path}: its description is damaged ({error})") from None
        self.side: int | None = side
        self._multiple: int = multiple
        channels = self._session.get_outputs()[0].shape[1]
        self.channels: int | None = channels if isinstance(channels, int) else None
        self._input = self._session.get_inputs()[0].name

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, inputs, H, W) in [0, 1]. Gives (N, channels, H, W), on x's device."""
        height, width = x.shape[-2:]
        pads = (0, -width % self._multiple, 0, -height % self._multiple)
        padded = nn.functional.pad(x, pads, mode="replicate") if any(pads) else x
        values = np.ascontiguousarray(padded.detach().cpu().numpy())
        (outputs,) = self._session.run(None, {self._input: values})
        return torch.from_numpy(outputs)[..., :height, :width].to(x.device)
