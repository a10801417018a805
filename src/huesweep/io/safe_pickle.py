"""Reading published pickles (CIFAR batches, NumPy object arrays) without running what a stranger put in them.

A machine of our own for the part of the format that holds data: nothing that a pickle names is looked up or called,
and it builds shallow containers alone. Python's own would nest them until it crashes when it frees them.
"""

import pickle
import struct
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np

from huesweep.io.pickled_arrays import PickledArray, PickledType

_LAST_PROTOCOL = 5
_LONGEST_TEXT = 256  # bytes: names; what is longer can only be the values of an array
_LONGEST_INTEGER = 8  # bytes
_MOST_STEPS = 400_000  # CIFAR-100, the largest file there is, takes 80,000
_MOST_CONTAINERS = 1000


class _Name(NamedTuple):
    module: str
    name: str


_ARRAY, _TYPE = _Name("numpy", "ndarray"), _Name("numpy", "dtype")
_CORES = ("numpy.core.multiarray", "numpy._core.multiarray")
_RECONSTRUCT, _SCALAR = ({_Name(core, name) for core in _CORES} for name in ("_reconstruct", "scalar"))
_NAMES = {_ARRAY, _TYPE, *_RECONSTRUCT, *_SCALAR}
_MARK = object()
_BININT1, _LONG_BINPUT, _SHORT_BINSTRING, _STOP = b"KrU."
# What may lie in what, so that nothing is deep and nothing holds itself.
_SCALARS = frozenset({type(None), bool, int, float, str, bytes})
_IN_LIST = _SCALARS | {np.ndarray}
_IN_DICT = _IN_LIST | {list}
_IN_TUPLE = _IN_DICT | {memoryview, _Name, PickledType}  # and tuples of scalars
_RESULTS = _IN_DICT | {dict}


def load_arrays(content: bytes) -> Any:
    """Unpickle numbers, texts, lists and dictionaries of them, and NumPy arrays of plain numbers, and nothing else.

    Of Python 2, whose texts become bytes, or 3, in protocols 2 to 5. An array of objects becomes a list. Arrays share
    `content` and can't be changed. Raises pickle.UnpicklingError for a pickle with anything else in it, one far larger
    than the published ones, or a broken one.
    """
    try:
        return _Machine(content).run()
    except pickle.UnpicklingError:
        raise
    except (ValueError, IndexError, KeyError, struct.error) as error:
        raise pickle.UnpicklingError(f"is damaged ({type(error).__name__}: {error})") from None


class _Machine:
    """Runs opcodes, which Python's pickletools describes, on a stack; values are checked as they enter containers."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.containers = 0

    def run(self) -> Any:
        content, stack, memo = self.content, self.stack, self.memo
        place = 0
        for _ in range(_MOST_STEPS):
            code = content[place]  # an IndexError behind the end
            place += 1
            # Labels and names of files, a batch's many small values, are read here, as a call for each takes long.
            if code == _BININT1:
                stack.append(content[place])
                place += 1
            elif code == _LONG_BINPUT and stack[-1] is not _MARK:
                memo[int.from_bytes(content[place : place + 4], "little")] = stack[-1]
                place += 4
            elif code == _SHORT_BINSTRING:
                end = place + 1 + content[place]
                stack.append(content[place + 1 : end])
                place = end
            elif code == _STOP:
                return self.result()
            elif code in _STEPS:
                self.place = place
                _STEPS[code](self)
                place = self.place
            else:
                raise pickle.UnpicklingError(f"has opcode {bytes([code])!r}, which is not among those of data")
        raise pickle.UnpicklingError(f"takes more than {_MOST_STEPS} steps")

    def result(self) -> Any:
        value = self.pop()
        _check((value,), _RESULTS, "pickle")
        return value

    def take(self, count: int) -> bytes:
        start, self.place = self.place, self.place + count
        if self.place > len(self.content):
            raise pickle.UnpicklingError(f"ends within a value of {count} bytes")
        return self.content[start : self.place]

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "little")

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        value = self.stack.pop()
        if value is _MARK:
            raise ValueError("a mark where a value belongs")
        return value

    def pop_to_mark(self) -> list[Any]:
        start = len(self.stack) - 1
        while self.stack[start] is not _MARK:
            start -= 1  # an IndexError where there is none
        items = self.stack[start + 1 :]
        del self.stack[start:]
        return items

    def push_container(self, container: Any) -> None:
        self.containers += 1
        if self.containers > _MOST_CONTAINERS:
            raise pickle.UnpicklingError(f"holds more than {_MOST_CONTAINERS} lists, tuples and dictionaries")
        self.push(container)

    def check_protocol(self) -> None:
        if (protocol := self.number(1)) > _LAST_PROTOCOL:
            raise pickle.UnpicklingError(f"has protocol {protocol}, not one up to {_LAST_PROTOCOL}")

    def push_unsigned(self, width: int) -> None:
        self.push(self.number(width))

    def push_signed(self, width: int) -> None:
        if width > _LONGEST_INTEGER:
            raise pickle.UnpicklingError(f"holds an integer of {width} bytes")
        self.push(int.from_bytes(self.take(width), "little", signed=True))

    def push_float(self) -> None:
        self.push(struct.unpack(">d", self.take(8))[0])

    def push_bytes(self, width: int) -> None:
        """Bytes behind their length; many stay where they are."""
        length = self.number(width)
        if length <= _LONGEST_TEXT:
            self.push(self.take(length))
            return
        start, self.place = self.place, self.place + length
        if self.place > len(self.content):
            raise pickle.UnpicklingError(f"ends within a value of {length} bytes")
        self.push(memoryview(self.content)[start : self.place])

    def push_text(self, width: int) -> None:
        length = self.number(width)
        if length > _LONGEST_TEXT:
            raise pickle.UnpicklingError(f"holds a text of {length} bytes")
        self.push(self.take(length).decode("utf-8"))

    def put(self, index: int) -> None:
        value = self.stack[-1]
        if value is _MARK:
            raise ValueError("a mark where a value belongs")
        self.memo[index] = value

    def get(self, index: int) -> None:
        value = self.memo[index]
        if isinstance(value, PickledArray) and value.content is not None:
            value = value.content
        self.push(value)

    def push_tuple(self, items: Iterable[Any]) -> None:
        items = tuple(items)
        for inner in items:
            if type(inner) is tuple:
                _check(inner, _SCALARS, "tuple within a tuple")
            else:
                _check((inner,), _IN_TUPLE, "tuple")
        self.push_container(items)

    def push_short_tuple(self, length: int) -> None:
        self.push_tuple(reversed([self.pop() for _ in range(length)]))

    def append(self, items: list[Any]) -> None:
        _check(items, _IN_LIST, "list")
        self.top(list).extend(items)

    def set_items(self, items: list[Any]) -> None:
        keys, values = items[::2], items[1::2]
        if not {type(key) for key in keys} <= {str, bytes} or len(keys) != len(values):
            raise pickle.UnpicklingError("holds a dictionary whose keys are not texts")
        _check(values, _IN_DICT, "dictionary")
        self.top(dict).update(zip(keys, values, strict=True))

    def top(self, kind: type) -> Any:
        if type(self.stack[-1]) is not kind:
            raise ValueError(f"no {kind.__name__} where one belongs")
        return self.stack[-1]

    def push_name(self, module: Any, name: Any) -> None:
        if (module, name) not in _NAMES:
            named = f"{module}.{name}".encode("unicode_escape").decode()
            raise pickle.UnpicklingError(f"names {named}, which is not an array")
        self.push(_Name(module, name))

    def push_name_of_lines(self) -> None:
        module, name, _ = self.content[self.place : self.place + 2 * _LONGEST_TEXT].split(b"\n", 2)
        self.place += len(module) + len(name) + 2
        self.push_name(module.decode("latin1"), name.decode("latin1"))

    def push_name_of_stack(self) -> None:
        name, module = self.pop(), self.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise ValueError("a name that is not a text")
        self.push_name(module, name)

    def call(self) -> None:
        arguments, name = self.pop(), self.pop()
        if type(name) is not _Name or type(arguments) is not tuple or not arguments:
            raise ValueError("a call of nothing")
        if name in _RECONSTRUCT and type(arguments[0]) is _Name and arguments[0] == _ARRAY:
            self.push(PickledArray())
        elif name == _TYPE:
            self.push(PickledType(arguments[0]))
        elif name in _SCALAR and isinstance(arguments[0], PickledType) and len(arguments) == 2:
            self.push(arguments[0].number(arguments[1]))
        else:
            raise pickle.UnpicklingError(f"makes something with {name.module}.{name.name} that is not an array")

    def build(self) -> None:
        state, made = self.pop(), self.pop()
        if not isinstance(made, PickledArray | PickledType):
            raise pickle.UnpicklingError(f"changes a {type(made).__name__}, which only arrays and types may be")
        made.set_state(state)
        self.push(made.content if isinstance(made, PickledArray) else made)


def _check(items: Iterable[Any], allowed: frozenset[type], where: str) -> None:
    for kind in set(map(type, items)) - allowed:
        raise pickle.UnpicklingError(f"holds a {kind.__name__.strip('_')} in a {where}")


_STEPS: dict[int, Callable[[_Machine], None]] = {
    code[0]: step
    for code, step in (
        (pickle.PROTO, _Machine.check_protocol),
        (pickle.FRAME, lambda machine: machine.take(8)),
        (pickle.MARK, lambda machine: machine.push(_MARK)),
        (pickle.NONE, lambda machine: machine.push(None)),
        (pickle.NEWTRUE, lambda machine: machine.push(True)),
        (pickle.NEWFALSE, lambda machine: machine.push(False)),
        (pickle.BININT, lambda machine: machine.push_signed(4)),
        (pickle.BININT2, lambda machine: machine.push_unsigned(2)),
        (pickle.LONG1, lambda machine: machine.push_signed(machine.number(1))),
        (pickle.BINFLOAT, _Machine.push_float),
        (pickle.BINSTRING, lambda machine: machine.push_bytes(4)),
        (pickle.SHORT_BINBYTES, lambda machine: machine.push_bytes(1)),
        (pickle.BINBYTES, lambda machine: machine.push_bytes(4)),
        (pickle.BINBYTES8, lambda machine: machine.push_bytes(8)),
        (pickle.SHORT_BINUNICODE, lambda machine: machine.push_text(1)),
        (pickle.BINUNICODE, lambda machine: machine.push_text(4)),
        (pickle.EMPTY_TUPLE, lambda machine: machine.push_tuple(())),
        (pickle.TUPLE1, lambda machine: machine.push_short_tuple(1)),
        (pickle.TUPLE2, lambda machine: machine.push_short_tuple(2)),
        (pickle.TUPLE3, lambda machine: machine.push_short_tuple(3)),
        (pickle.TUPLE, lambda machine: machine.push_tuple(machine.pop_to_mark())),
        (pickle.EMPTY_LIST, lambda machine: machine.push_container([])),
        (pickle.APPEND, lambda machine: machine.append([machine.pop()])),
        (pickle.APPENDS, lambda machine: machine.append(machine.pop_to_mark())),
        (pickle.EMPTY_DICT, lambda machine: machine.push_container({})),
        (pickle.SETITEM, lambda machine: machine.set_items([*reversed([machine.pop(), machine.pop()])])),
        (pickle.SETITEMS, lambda machine: machine.set_items(machine.pop_to_mark())),
        (pickle.BINPUT, lambda machine: machine.put(machine.number(1))),
        (pickle.MEMOIZE, lambda machine: machine.put(len(machine.memo))),
        (pickle.BINGET, lambda machine: machine.get(machine.number(1))),
        (pickle.LONG_BINGET, lambda machine: machine.get(machine.number(4))),
        (pickle.GLOBAL, _Machine.push_name_of_lines),
        (pickle.STACK_GLOBAL, _Machine.push_name_of_stack),
        (pickle.REDUCE, _Machine.call),
        (pickle.BUILD, _Machine.build),
    )
}
