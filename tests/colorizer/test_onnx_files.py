"""ONNX files of strangers: what they may hold, how long they may take, and how much."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from huesweep.colorizer import onnx_network
from huesweep.colorizer.colorizer import Colorizer
from huesweep.colorizer.onnx_network import OnnxNetwork
from huesweep.errors import UsageError
from tests.colorizer.onnx_files import convolution, described, network, saved, weights
from tests.colorizer.refusing import refused

node = helper.make_node


def test_a_plain_network_computes(held: dict[str, Any], tmp_path: Path) -> None:
    path = saved(network([convolution()]), tmp_path / "a.onnx", described(held))
    pictures = torch.rand(3, 1, 700, 900)  # more than are computed at once
    outputs = Colorizer.load(path).network(pictures)
    torch.testing.assert_close(outputs, pictures.expand(3, 4, 700, 900))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"smallest": None}, "smallest is None"),
        ({"smallest": "a"}, "smallest is 'a'"),
        ({"smallest": 9999}, "smallest is 9999"),
        ({"views": [{"scale": 9, "mirrored": True}]}, "views is "),
        ([], "options have no names"),
        (None, "options have no names"),
    ],
)
def test_odd_options_are_refused_before_anything_is_colored(
    held: dict[str, Any], tmp_path: Path, options: Any, message: str
) -> None:
    told = described(held)
    told["model"] = {**told["model"], "options": options}
    with pytest.raises(UsageError, match=f"its description is damaged .*{message}"):
        Colorizer.load(saved(network([convolution()]), tmp_path / "a.onnx", told))


def endless_loop() -> onnx.ModelProto:
    condition = helper.make_tensor_value_info("condition", TensorProto.BOOL, [])
    number = helper.make_tensor_value_info("number", TensorProto.INT64, [])
    goes_on = helper.make_tensor_value_info("goes_on", TensorProto.BOOL, [])
    body = helper.make_graph([node("Identity", ["condition"], ["goes_on"])], "body", [number, condition], [goes_on])
    return network([node("Loop", ["", "true"], [], body=body), convolution()], [weights("true", True, np.bool_)])


def external(path: str) -> onnx.ModelProto:
    model = network([convolution()])
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=path)
    return model


def oversized() -> onnx.ModelProto:
    model = network([convolution()])
    model.graph.initializer[0].dims[0] = 2**40
    return model


def with_function() -> onnx.ModelProto:
    model = network([convolution()])
    opset = [helper.make_opsetid("", 20)]
    model.functions.append(helper.make_function("ours", "f", ["x"], ["y"], [node("Relu", ["x"], ["y"])], opset))
    return model


def foreign(domain: str) -> onnx.ModelProto:
    return network([node("Inverse", ["input"], ["x"], domain=domain), convolution(taken="x")])


def two_inputs() -> onnx.ModelProto:
    model = network([convolution()])
    model.graph.input.append(helper.make_tensor_value_info("b", TensorProto.FLOAT, [1]))
    return model


def of_kind(kind: int, shape: list[Any]) -> onnx.ModelProto:
    model = network([convolution()])
    model.graph.output[0].CopyFrom(helper.make_tensor_value_info("output", kind, shape))
    return model


def in_an_attribute() -> onnx.ModelProto:
    value = weights("v", [1.0])
    value.dims[0] = 2**40
    return network([node("Constant", [], ["c"], value=value), convolution()])


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (endless_loop, "Loop"),
        (lambda: external("/etc/passwd"), "other files"),
        (lambda: external("../weights"), "other files"),
        (oversized, "are not of the size they tell"),
        (in_an_attribute, "are not of the size they tell"),
        (lambda: network([node("ConstantOfShape", ["s"], ["c"]), convolution()]), "ConstantOfShape"),
        (lambda: network([node("Tile", ["input", "s"], ["c"]), convolution()]), "Tile"),
        (lambda: network([node("SequenceMap", ["input"], ["c"]), convolution()]), "SequenceMap"),
        (lambda: network([node("Optional", [], ["c"]), convolution()]), "Optional"),
        (lambda: foreign("com.microsoft"), "com.microsoft"),
        (lambda: foreign("elsewhere"), "elsewhere"),
        (with_function, "functions"),
        (two_inputs, "2 inputs"),
        (lambda: of_kind(TensorProto.DOUBLE, ["n", 4, "h", "w"]), "float32"),
        (lambda: of_kind(TensorProto.FLOAT, ["n", 4]), "four dimensions"),
        (lambda: network([]), "no network"),
        (lambda: network([node("Relu", ["input"], [f"r{n}"]) for n in range(30_000)]), "30000 operators"),
        (lambda: network([node("Relu", ["input"], ["x" * 2**25]), convolution()]), "beside its weights"),
    ],
)
def test_more_than_a_plain_network_is_refused(
    held: dict[str, Any], tmp_path: Path, make: Callable[[], onnx.ModelProto], word: str
) -> None:
    started = time.monotonic()
    assert word in refused(saved(make(), tmp_path / "a.onnx", described(held)))
    assert time.monotonic() - started < 30


def growing(operator: str) -> onnx.ModelProto:
    """A file of 1 KB whose network takes half a terabyte."""
    values = [weights("sizes", [1, 1, 2**18, 2**19], np.int64), weights("one", np.ones((1, 1, 1, 1)))]
    made = {
        "Expand": node("Expand", ["one", "sizes"], ["large"]),
        "Resize": node("Resize", ["input", "", "", "sizes"], ["large"], mode="nearest"),
        "Pad": node("Pad", ["input", "pads"], ["large"]),
    }[operator]
    values.append(weights("pads", [0, 0, 0, 0, 0, 0, 2**18, 2**19], np.int64))
    last = node("ReduceSum", ["large"], ["sum"])
    return network([made, last, node("Add", ["input", "sum"], ["x"]), convolution(taken="x")], values)


@pytest.mark.parametrize("operator", ["Expand", "Resize", "Pad"])
def test_a_network_takes_no_more_than_its_share_of_memory(held: dict[str, Any], tmp_path: Path, operator: str) -> None:
    path = saved(growing(operator), tmp_path / "a.onnx", described(held))
    assert path.stat().st_size < 10_000
    assert f"its {operator} takes too much memory" in refused(path)


def test_a_network_that_takes_too_much_for_large_pictures_alone_is_told(held: dict[str, Any], tmp_path: Path) -> None:
    values = [weights("first", [0], np.int64), weights("last", [1], np.int64), weights("rows", [2], np.int64)]
    values += [weights("fold", [2**4, 1, 1, 1], np.int64), weights("end", [3], np.int64)]
    nodes = [
        node("Shape", ["input"], ["shape"]),
        node("Mul", ["shape", "shape"], ["squared"]),
        node("Mul", ["squared", "squared"], ["sizes"]),
        node("Slice", ["sizes", "rows", "end"], ["many"]),
        node("Slice", ["input", "first", "last", "rows"], ["row"]),
        node("Expand", ["zero", "many"], ["large"]),
        node("ReduceSum", ["large"], ["sum"], keepdims=0),
        node("Add", ["input", "sum"], ["x"]),
        convolution(taken="x"),
    ]
    path = saved(network(nodes, [*values, weights("zero", [0.0])]), tmp_path / "a.onnx", described(held))
    loaded = Colorizer.load(path).network
    with pytest.raises(UsageError, match="Expand takes too much memory"):
        loaded(torch.zeros(1, 1, 1024, 1024))


@pytest.mark.slow
def test_a_network_that_takes_too_long_is_stopped(
    held: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_network, "PATIENCE", 3.0)
    wide = weights("wide", np.zeros((512, 512, 3, 3)))
    nodes = [node("Conv", ["input", "widen"], ["x0"])]
    nodes += [node("Conv", [f"x{n}", "wide"], [f"x{n + 1}"], pads=[1, 1, 1, 1]) for n in range(5000)]
    nodes += [node("ReduceMean", ["x5000", "axes"], ["x"]), convolution(taken="x")]
    values = [wide, weights("widen", np.ones((512, 1, 1, 1))), weights("axes", [1], np.int64)]
    path = saved(network(nodes, values), tmp_path / "a.onnx", described(held))
    started = time.monotonic()
    assert "more than 3 seconds" in refused(path)
    assert time.monotonic() - started < 30


def test_outputs_of_another_size_are_told(held: dict[str, Any], tmp_path: Path) -> None:
    shrinks = [node("MaxPool", ["input"], ["x"], kernel_shape=[2, 2], strides=[2, 2]), convolution(taken="x")]
    assert "(1, 4, 32, 32)" in refused(saved(network(shrinks), tmp_path / "a.onnx", described(held)))


@pytest.mark.parametrize("name", ["side", "multiple"])
@pytest.mark.parametrize("value", [float("nan"), -1, 0, 10**9, 2**70, "32", True, 32.0, [32], {}])
def test_a_side_is_one_that_pictures_have(held: dict[str, Any], tmp_path: Path, name: str, value: Any) -> None:
    path = saved(network([convolution()]), tmp_path / "a.onnx", described(held, **{name: value}))
    assert f"export.{name}" in refused(path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "[]",
        "null",
        "{}",
        '{"target_state": {}, "version": 2}',
        '{"export": []}',
        '{"target_state": {}, "export": {"multiple": 1}, "version": 2}',
        '{"target_state": {}, "export": {"side": 32}, "version": 2}',
        '{"target_state": [], "export": {"multiple": 1}, "version": 2, "a": ' + "9" * 5000 + "}",
        '{"target_state": {"a": {}}, "export": {"multiple": 1}, "version": 2}',
        " " * 5_000_000,
    ],
)
def test_a_damaged_description_is_told(tmp_path: Path, text: str) -> None:
    refused(saved(network([convolution()]), tmp_path / "a.onnx", text))


@pytest.mark.parametrize(
    "change",
    [
        lambda told: told.update(side=float("nan")),
        lambda told: told["target"].update(colors=10**12),
        lambda told: told["target_state"].update(centers=[[1e400] * 3] * 4),
        lambda told: told["target_state"].update(centers=[[0] * 3] * 2**20),
        lambda told: told["target_state"].update(centers=[["0"] * 3] * 4),
        lambda told: told["target_state"].update(centers=[[0], [0, 0]]),
        lambda told: told.update(data=[[[[[[[[[[[[[[1]]]]]]]]]]]]]]),
    ],
)
def test_values_that_no_export_has_are_told(
    held: dict[str, Any], tmp_path: Path, change: Callable[[dict[str, Any]], None]
) -> None:
    told = json.loads(json.dumps(described(held)))
    change(told)
    refused(saved(network([convolution()]), tmp_path / "a.onnx", told))


def test_a_checkpoint_needs_nothing_of_onnx() -> None:
    program = "import sys, huesweep.colorizer.checkpoint; print({'onnx', 'onnxruntime'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_onnxruntime_tells_nobody_and_leaves_nothing(held: dict[str, Any], tmp_path: Path) -> None:
    path = saved(network([convolution()]), tmp_path / "a.onnx", described(held))
    home = tmp_path / "home"
    home.mkdir()
    program = "import sys, pathlib; from huesweep.colorizer.colorizer import Colorizer; "
    program += "Colorizer.load(pathlib.Path(sys.argv[1]))"
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    environment.pop("ORT_DISABLE_TELEMETRY", None)
    subprocess.run([sys.executable, "-c", program, path], env=environment, check=True)
    assert [found for found in home.rglob("*") if "onnxruntime" in str(found)] == []


def test_names_in_no_encoding_are_told(held: dict[str, Any], tmp_path: Path) -> None:
    path = saved(network([convolution()]), tmp_path / "a.onnx", described(held))
    path.write_bytes(path.read_bytes().replace(b"input", b"inp\xe8t"))
    refused(path)
    saved(network([convolution()]), path, described(held))
    path.write_bytes(path.read_bytes().replace(b"\x12\x01h", b"\x12\x01\xe8"))
    refused(path)


def test_a_length_beyond_the_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.onnx").write_bytes(b"\x3a\xff\xff\xff\xff\x7f")  # a graph of 32 GB, it says
    with pytest.raises(UsageError, match="protobuf is damaged"):
        OnnxNetwork(tmp_path / "a.onnx")
