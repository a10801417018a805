"""What a stranger's ONNX file may hold: one network of plain operators, all of it in the file, nothing that repeats."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from huesweep.errors import shortened
from huesweep.io.bounded import read_bounded

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto

LARGEST_FILE = 2**30  # bytes
MOST_NODES = 20_000
STRUCTURE = 2**24  # bytes of everything but weights: parsed, it takes many times as much
MOST_CHANNELS = 4  # of the picture that goes in
MODEL_GRAPH, GRAPH_WEIGHTS = 7, 5  # numbers of fields in ModelProto and GraphProto (onnx.proto)
# Bytes of an element, by onnx.TensorProto's types: float, uint8, int8, int32, int64, bool, float16, double.
TYPES = {1: 4, 2: 1, 3: 1, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8}
FLOAT = 1
# What exports of this suite's networks consist of, and arithmetic like it; what only makes values of any size is left
# out, as are loops, conditions and everything else that holds graphs.
_NAMES = """
    Abs Add And ArgMax AveragePool BatchNormalization Cast CastLike Ceil Celu Clip Concat Constant Conv ConvTranspose
    Cos DepthToSpace Div Dropout Einsum Elu Equal Erf Exp Expand Flatten Floor Gather Gelu Gemm GlobalAveragePool
    GlobalMaxPool Greater GreaterOrEqual GroupNormalization HardSigmoid HardSwish Identity InstanceNormalization
    LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax MatMul Max MaxPool Mean Min Mish Mod Mul Neg Not Or
    PRelu Pad Pow Reciprocal ReduceL2 ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum Relu Reshape Resize Round
    Selu Shape Sigmoid Sign Sin Size Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum Tanh
    ThresholdedRelu Transpose Unsqueeze Where
"""
OPERATORS = frozenset(_NAMES.split())


def read_onnx(path: Path) -> tuple[bytes, dict[str, str]]:
    """A file's content and its metadata, after a look at all of it.

    Raises ValueError unless it holds one network of known operators, with its weights, and refers to nothing; and
    OSError where it can't be read.
    """
    try:
        content = read_bounded(path, LARGEST_FILE)
    except ValueError as error:
        raise ValueError(f"it {error}") from None
    _check_structure(memoryview(content))
    import onnx  # only for those who have such files
    from google.protobuf.message import DecodeError

    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
        _check_model(model)
        return content, {entry.key: entry.value for entry in model.metadata_props}
    except (DecodeError, UnicodeDecodeError):
        raise ValueError("its protobuf is damaged") from None


def _check_model(model: "ModelProto") -> None:
    graph = model.graph
    if not graph.node:
        raise ValueError("it holds no network")
    domains = {opset.domain for opset in model.opset_import} | {node.domain for node in graph.node}
    if foreign := domains - {"", "ai.onnx"}:
        raise ValueError(f"it uses operators of {shortened(sorted(foreign)[0])}")
    if model.functions or model.training_info or graph.sparse_initializer:
        raise ValueError("it holds functions, training or sparse weights")
    if len(graph.node) > MOST_NODES:
        raise ValueError(f"it has {len(graph.node)} operators, more than {MOST_NODES}")
    for node in graph.node:
        _check_node(node)
    for tensor in graph.initializer:
        _check_tensor(tensor)
    if len(graph.input) != 1 or len(graph.output) != 1:
        raise ValueError(f"it has {len(graph.input)} inputs and {len(graph.output)} outputs")
    for value in (*graph.input, *graph.output):
        _check_pictures(value)
    if not 1 <= graph.input[0].type.tensor_type.shape.dim[1].dim_value <= MOST_CHANNELS:
        raise ValueError("its input is no picture")


def _check_node(node: "NodeProto") -> None:
    if node.op_type not in OPERATORS:
        raise ValueError(f"it uses {shortened(node.op_type)}")
    for attribute in node.attribute:
        if attribute.HasField("g") or attribute.graphs or attribute.ref_attr_name:
            raise ValueError(f"its {node.op_type} holds a network of its own")
        if attribute.HasField("sparse_tensor") or attribute.sparse_tensors or attribute.tensors:
            raise ValueError(f"its {node.op_type} holds sparse weights")
        if attribute.HasField("t"):
            _check_tensor(attribute.t)


def _check_tensor(tensor: "TensorProto") -> None:
    if tensor.external_data or tensor.data_location:
        raise ValueError("its weights lie in other files")
    if tensor.data_type not in TYPES:
        raise ValueError(f"it has weights of the type {tensor.data_type}")
    if tensor.HasField("segment") or any(side < 0 for side in tensor.dims) or len(tensor.dims) > 8:
        raise ValueError(f"its weights {shortened(tensor.name)} are damaged")
    numbers = math.prod(tensor.dims)
    typed = (tensor.float_data, tensor.int32_data, tensor.int64_data, tensor.double_data, tensor.uint64_data)
    held = len(tensor.raw_data) / TYPES[tensor.data_type] if tensor.raw_data else max(len(data) for data in typed)
    if held != numbers or tensor.string_data:
        raise ValueError(f"its weights {shortened(tensor.name)} are not of the size they tell")


def _check_pictures(value: "ValueInfoProto") -> None:
    kind = value.type.tensor_type
    if kind.elem_type != FLOAT or len(kind.shape.dim) != 4:
        raise ValueError(f"its {shortened(value.name)} are no float32 values of four dimensions")


def _check_structure(content: memoryview) -> None:
    """Weights may be as large as the file, but whatever is parsed into objects has to be small."""
    structure = len(content)
    for number, field in _fields(content):
        if number == MODEL_GRAPH:
            # What is left of a tensor without its largest field, which are its numbers.
            for inner, tensor in _fields(field):
                if inner == GRAPH_WEIGHTS:
                    structure -= max((len(part) for _, part in _fields(tensor)), default=0)
    if structure > STRUCTURE:
        raise ValueError(f"it has {structure} bytes beside its weights, more than {STRUCTURE}")


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a protobuf message, by number, as protobuf's documentation of its encoding describes them."""
    place, count = 0, 0
    while place < len(message):
        count += 1
        key, place = _varint(message, place)
        kind = key & 7
        if kind == 0:
            start = place
            _, place = _varint(message, place)
        elif kind in (1, 5):
            start, place = place, place + (8 if kind == 1 else 4)
        elif kind == 2:
            length, start = _varint(message, place)
            place = start + length
        else:
            raise ValueError("its protobuf is damaged")
        if place > len(message) or count > STRUCTURE // 16:
            raise ValueError("its protobuf is damaged")
        yield key >> 3, message[start:place]


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    value: int = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            break
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("its protobuf is damaged")
