"""What PyTorch's pickle of tensors and plain values would make, found out without making it."""

import math
import pickletools
from collections.abc import Mapping
from typing import Any, NamedTuple

PROTOCOL = 2  # which torch.save writes
OPCODES = 1_000_000
MARKS = 100  # containers begun within each other
DIMENSIONS = 8
STORAGES = {  # bytes of a number
    "ByteStorage": 1,
    "CharStorage": 1,
    "BoolStorage": 1,
    "HalfStorage": 2,
    "BFloat16Storage": 2,
    "ShortStorage": 2,
    "IntStorage": 4,
    "FloatStorage": 4,
    "LongStorage": 8,
    "DoubleStorage": 8,
}
VALUES = ("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE")
CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
TUPLES = {"EMPTY_TUPLE": 0, "TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
CALLABLES = ("collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch._utils _rebuild_parameter")


class TensorPickleError(ValueError):
    """A pickle that holds more than tensors and plain values, or claims more than there is."""


class _Name(NamedTuple):
    """A function or class that the pickle names."""

    name: str


class _Storage(NamedTuple):
    numbers: int


class _Tensor:
    """Stands for a tensor; nothing can be put into it."""


class _Ordered(dict):
    """Stands for an OrderedDict."""


def check_tensor_pickle(pickled: bytes, records: Mapping[str, int]) -> None:
    """Raise TensorPickleError unless a pickle is one that torch.save makes of containers, plain values and tensors.

    records: the names of the storages in the file and their sizes in bytes. A tensor must lie within its storage and
    use each of its numbers once: one number that stands for many would take memory that no file had to hold.
    """
    machine = _Machine(records)
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(pickled)):
            if count > OPCODES:
                raise TensorPickleError("it is too long")
            machine.step(opcode.name, argument)
    except TensorPickleError:
        raise
    except Exception as error:  # a damaged pickle pops from empty stacks, among much else
        raise TensorPickleError(f"its pickle is damaged ({type(error).__name__})") from None


class _Machine:
    """A pickle machine of the few opcodes that are needed, whose calls only check their arguments."""

    def __init__(self, records: Mapping[str, int]) -> None:
        self.records = records
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def step(self, opcode: str, argument: Any) -> None:
        """Do one instruction."""
        if opcode in VALUES:
            self.stack.append(argument)
        elif opcode in CONSTANTS:
            self.stack.append(CONSTANTS[opcode])
        elif opcode in TUPLES:
            self.stack.append(tuple(self._pop(TUPLES[opcode])))
        elif (method := getattr(self, f"_do_{opcode.lower()}", None)) is not None:
            method(argument)
        elif opcode == "PROTO":
            if argument != PROTOCOL:
                raise TensorPickleError(f"its pickle is of protocol {argument}")
        elif opcode != "STOP":
            raise TensorPickleError(f"its pickle uses {opcode}")

    def _pop(self, count: int) -> list[Any]:
        if count > len(self.stack) - (self.marks[-1] if self.marks else 0):
            raise TensorPickleError("its pickle is damaged")
        values = self.stack[len(self.stack) - count :]
        del self.stack[len(self.stack) - count :]
        return values

    def _since_mark(self) -> list[Any]:
        start = self.marks.pop()
        values = self.stack[start:]
        del self.stack[start:]
        return values

    def _do_mark(self, _: Any) -> None:
        self.marks.append(len(self.stack))
        if len(self.marks) > MARKS:
            raise TensorPickleError("it is nested too deeply")

    def _do_empty_dict(self, _: Any) -> None:
        self.stack.append({})

    def _do_empty_list(self, _: Any) -> None:
        self.stack.append([])

    def _do_tuple(self, _: Any) -> None:
        self.stack.append(tuple(self._since_mark()))

    def _do_binput(self, place: int) -> None:
        if place > OPCODES:
            raise TensorPickleError("its pickle is damaged")
        self.memo[place] = self.stack[-1]

    _do_long_binput = _do_binput

    def _do_binget(self, place: int) -> None:
        self.stack.append(self.memo[place])

    _do_long_binget = _do_binget

    def _do_append(self, _: Any) -> None:
        self._extend(self._pop(1))

    def _do_appends(self, _: Any) -> None:
        self._extend(self._since_mark())

    def _extend(self, values: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise TensorPickleError("its pickle is damaged")
        self.stack[-1].extend(values)

    def _do_setitem(self, _: Any) -> None:
        self._set(self._pop(2))

    def _do_setitems(self, _: Any) -> None:
        self._set(self._since_mark())

    def _set(self, values: list[Any]) -> None:
        keys = values[::2]
        if not isinstance(self.stack[-1], dict) or len(values) % 2:
            raise TensorPickleError("its pickle is damaged")
        if not all(isinstance(key, str | int) for key in keys):  # others could be too deep to be compared
            raise TensorPickleError("it has keys that are neither text nor whole numbers")
        self.stack[-1].update(zip(keys, values[1::2], strict=True))

    def _do_global(self, name: str) -> None:
        module, _, last = name.partition(" ")
        if name not in CALLABLES and not (module == "torch" and last in STORAGES):
            raise TensorPickleError(f"it names {module}.{last}, which is no tensor")
        self.stack.append(_Name(name))

    def _do_binpersid(self, _: Any) -> None:
        ((kind, storage, key, _location, numbers),) = self._pop(1)
        size = STORAGES[storage.name.removeprefix("torch ")]
        if kind != "storage" or type(numbers) is not int or self.records.get(key) != numbers * size:
            raise TensorPickleError(f"its storage {key} is not of the size it tells")
        self.stack.append(_Storage(numbers))

    def _do_build(self, _: Any) -> None:
        (state,) = self._pop(1)
        if type(self.stack[-1]) is not _Ordered or set(state) - {"_metadata"}:  # of a state_dict, by PyTorch
            raise TensorPickleError("its pickle sets attributes")

    def _do_reduce(self, _: Any) -> None:
        called, arguments = self._pop(2)
        if type(called) is not _Name or type(arguments) is not tuple:
            raise TensorPickleError("its pickle is damaged")
        if called.name == "collections OrderedDict":
            if arguments:  # a copy for a few bytes
                raise TensorPickleError("its pickle copies containers")
            self.stack.append(_Ordered())
        elif called.name == "torch._utils _rebuild_parameter":
            if type(arguments[0]) is not _Tensor:
                raise TensorPickleError("its pickle is damaged")
            self.stack.append(arguments[0])
        elif called.name == "torch._utils _rebuild_tensor_v2":
            _check_tensor(*arguments)
            self.stack.append(_Tensor())
        else:
            raise TensorPickleError("its pickle is damaged")


def _check_tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], wants: bool, hooks: Any
) -> None:
    numbers = (offset, *shape, *strides)
    if type(storage) is not _Storage or len(shape) != len(strides) or len(shape) > DIMENSIONS:
        raise TensorPickleError("its pickle is damaged")
    if not all(type(number) is int and 0 <= number < 2**48 for number in numbers) or hooks or type(wants) is not bool:
        raise TensorPickleError("its pickle is damaged")
    count = math.prod(shape)
    if offset + count > storage.numbers:
        raise TensorPickleError(f"a tensor of shape {shape} is larger than its storage")
    # Dense: ordered by stride, each dimension steps over all of the smaller ones.
    steps = sorted((stride, side) for stride, side in zip(strides, shape, strict=True) if side > 1)
    expected = [1, *(stride * side for stride, side in steps)]
    if count and any(stride != wanted for (stride, _), wanted in zip(steps, expected, strict=False)):
        raise TensorPickleError(f"a tensor of shape {shape} is a view, and not stored by itself")
    if count == 0 and any(side > OPCODES for side in shape):
        raise TensorPickleError("its pickle is damaged")
