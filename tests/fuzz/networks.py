"""Files of networks to damage: checkpoints as they are and with right sums over a wrong pickle, and ONNX files."""

import io
import json
import zipfile
from functools import cache
from pathlib import Path
from typing import Any

import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from tests.fuzz.readers import Reader

MEMORY = 2**28  # bytes for an ONNX file's network, less than the readers may take
ENCODER: dict[str, Any] = {
    **{"widths": [2, 2], "convolutions": 1, "kernel": 1, "padding": "zeros", "dilation": 1, "norm": "batch"},
    **{"activation": "relu", "downsampling": "max_pool", "residual": False, "dropout": 0.0},
}
DECODER: dict[str, Any] = {
    **{"convolutions": 1, "upsampling": "nearest", "kernel": 1, "padding": "zeros", "norm": "none"},
    **{"activation": "gelu", "residual": False, "dropout": 0.0},
}
PALETTE: dict[str, Any] = {
    **{"colors": 2, "space": "ab", "method": "kmeans", "neighbors": 1, "sigma": 5.0},
    **{"decoding": "annealed", "temperature": 0.38},
}


def checkpoint() -> Reader:
    return Reader(lambda: [_saved(content) for content in _contents()], Colorizer.load, (UsageError,), "a.ckpt")


def checkpoint_pickle() -> Reader:
    """The pickle within a checkpoint; its storages stay."""

    def wrap(pickled: bytes) -> bytes:
        file = io.BytesIO()
        with zipfile.ZipFile(io.BytesIO(_seed())) as source, zipfile.ZipFile(file, "w") as archive:
            for name in source.namelist():
                archive.writestr(name, pickled if name.endswith("/data.pkl") else source.read(name))
        return file.getvalue()

    def seeds() -> list[bytes]:
        with zipfile.ZipFile(io.BytesIO(_seed())) as archive:
            return [archive.read("archive/data.pkl")]

    return Reader(seeds, Colorizer.load, (UsageError,), "a.ckpt", wrap)


def onnx_file() -> Reader:
    _compute_here()
    return Reader(lambda: [_onnx_file(json.dumps(_exported()))], Colorizer.load, (UsageError,), "a.onnx")


def onnx_description() -> Reader:
    """The text of JSON within an ONNX file."""
    _compute_here()

    def wrap(text: bytes) -> bytes:
        return _onnx_file(text.decode(errors="replace"))

    return Reader(lambda: [json.dumps(_exported()).encode()], Colorizer.load, (UsageError,), "a.onnx", wrap)


def _compute_here() -> None:
    """Try networks in this process, which may start no others."""
    from huesweep.colorizer import onnx_network, onnx_session

    def try_out(path: Path, side: int) -> None:
        if wrong := onnx_session.try_out(path, side):
            raise UsageError(wrong)

    onnx_session.ARENA = MEMORY
    onnx_network._try_out = try_out


@cache
def _parts() -> tuple[dict[str, Any], dict[str, torch.Tensor]]:
    """A description and the weights that go with it."""
    from huesweep.color.targets.palette import PaletteTarget
    from huesweep.colorizer.format import CHECKPOINT_VERSION, PREFIX
    from huesweep.data.tasks.colorize import Colorize
    from huesweep.models.assembly import build_network

    options = {"centered": True, "head_kernel": 1, "input_skip": False, "attention": [], "heads": 1}
    parts = {"encoder": {"kind": "plain", "options": ENCODER}, "decoder": {"kind": "unet", "options": DECODER}}
    task: dict[str, Any] = {"gray": "lab", "luminance": "keep"}
    model = {"name": "unet_s", **parts, "options": options}
    described = {
        **{"version": CHECKPOINT_VERSION, "model": model},
        **{"task": {"kind": "colorize", "options": task}, "target": {"kind": "palette", "options": PALETTE}},
        **{"seed": 0, "side": 32},
    }
    network = build_network(model, 1, 2)
    state = Colorizer(network, Colorize(**task), PaletteTarget(**PALETTE), described).state_dict()
    return described, {f"{PREFIX}{name}": value for name, value in state.items()}


def _contents() -> list[dict[str, Any]]:
    described, weights = _parts()
    halves = {name: value.half() if value.is_floating_point() else value for name, value in weights.items()}
    optimizer = {"state": {0: {"step": torch.tensor(1.0), "exp_avg": torch.zeros(2, 2)}}, "param_groups": [{"lr": 0.1}]}
    whole = {"epoch": 1, "state_dict": weights, "optimizer_states": [optimizer], "loops": {}, "huesweep": described}
    return [{"huesweep": described, "state_dict": halves}, {"huesweep": described, "state_dict": weights}, whole]


def _saved(content: dict[str, Any]) -> bytes:
    file = io.BytesIO()
    torch.save(content, file)
    return file.getvalue()


@cache
def _seed() -> bytes:
    return _saved(_contents()[0])


def _exported() -> dict[str, Any]:
    described, weights = _parts()
    state = {name.rpartition("target.")[2]: value.tolist() for name, value in weights.items() if ".target." in name}
    return {**described, "export": {"multiple": 2, "side": None}, "target_state": state}


@cache
def _network() -> Any:
    import numpy as np
    from onnx import TensorProto, helper, numpy_helper

    sides = ("rows", "columns")
    given = helper.make_tensor_value_info("input", TensorProto.FLOAT, ["count", 1, *sides])
    gives = helper.make_tensor_value_info("output", TensorProto.FLOAT, ["count", 2, *sides])
    first = numpy_helper.from_array(np.ones((3, 1, 3, 3), np.float32), "first")
    last = numpy_helper.from_array(np.ones((2, 3, 1, 1), np.float32), "last")
    scales = numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), "scales")
    nodes = [
        helper.make_node("Conv", ["input", "first"], ["a"], pads=[1, 1, 1, 1], strides=[2, 2]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Resize", ["b", "", "scales"], ["c"], mode="nearest"),
        helper.make_node("Conv", ["c", "last"], ["output"]),
    ]
    graph = helper.make_graph(nodes, "network", [given], [gives], [first, last, scales])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


def _onnx_file(text: str) -> bytes:
    from onnx import helper

    model = _network()
    helper.set_model_props(model, {"huesweep": text})
    return model.SerializeToString()
