"""Small ONNX files, written by hand."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import NodeProto, TensorProto, helper, numpy_helper


def described(held: dict[str, Any], **export: Any) -> dict[str, Any]:
    """What an export of a checkpoint says of itself."""
    state = {name.rpartition("target.")[2]: value for name, value in held["state_dict"].items() if "target." in name}
    told = {name: value.tolist() for name, value in state.items()}
    return {**held["huesweep"], "export": {"side": None, "multiple": 1, **export}, "target_state": told}


def weights(name: str, values: Any, kind: type = np.float32) -> TensorProto:
    return numpy_helper.from_array(np.asarray(values, kind), name)


def convolution(name: str = "output", taken: str = "input", channels: int = 4) -> NodeProto:
    """One of 1 x 1 pixels, without which the file gives no pictures of as many channels as there are colors."""
    return helper.make_node("Conv", [taken, f"w{channels}"], [name])


def network(nodes: Sequence[NodeProto], values: Sequence[TensorProto] = (), outputs: int = 4) -> onnx.ModelProto:
    """A network from a gray picture, `input`, to `output`."""
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["n", 1, "h", "w"])
    gives = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", outputs, "h", "w"])
    head = weights("w4", np.ones((4, 1, 1, 1)))
    graph = helper.make_graph(list(nodes), "network", [given], [gives], [head, *values])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def saved(model: onnx.ModelProto, path: Path, description: Any) -> Path:
    told = description if isinstance(description, str) else json.dumps(description)
    helper.set_model_props(model, {"huesweep": told})
    path.write_bytes(model.SerializeToString())
    return path
