"""Running a stranger's pickle: a machine of our own for the part of the format that holds data.

Nothing that a pickle names is looked up or called. Python's own would, and nest containers until it crashes.
"""

import pickle
import struct
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any, ClassVar, NamedTuple

_LONGEST_NAME = 256  # bytes
_DEEPEST = 100  # containers begun within each other
_MARK = object()
_BININT1, _LONG_BINPUT, _SHORT_BINSTRING, _STOP = b"KrU."


class Name(NamedTuple):
    """A function or a class that a pickle names."""

    module: str
    name: str


class PickleMachine:
    """Runs opcodes, which Python's pickletools describes, on a stack; values are checked as they enter containers.

    A subclass sets bounds, `names` that may occur, types of `keys` and maybe more `steps`, and gives `call` and
    `build`, which take what they need from the stack and push what comes of it.
    """

    steps: ClassVar[Mapping[int, Callable[[Any], None]]]
    protocols: ClassVar[Container[int]]
    most_steps: ClassVar[int]
    most_containers: ClassVar[int]
    longest_text: ClassVar[int]  # bytes, as that of an integer
    longest_integer: ClassVar[int]
    names: ClassVar[Container[Name]]
    keys: ClassVar[frozenset[type]]

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        self.containers = 0
        self.marks = 0

    def run(self) -> Any:
        """What the pickle holds. Raises pickle.UnpicklingError for what may not be in it, and for a broken one."""
        try:
            return self._run()
        except (ValueError, IndexError, KeyError, TypeError, AttributeError, struct.error) as error:
            raise pickle.UnpicklingError(f"is damaged ({type(error).__name__}: {error})") from None

    def _run(self) -> Any:
        content, stack, memo = self.content, self.stack, self.memo
        place = 0
        for _ in range(self.most_steps):
            code = content[place]  # an IndexError behind the end
            place += 1
            # Labels and names of files, a batch's many small values, are read here, as a call for each takes long.
            if code == _BININT1:
                stack.append(content[place])
                place += 1
            elif code == _LONG_BINPUT and stack[-1] is not _MARK:
                index = int.from_bytes(content[place : place + 4], "little")
                if index > self.most_steps:
                    raise ValueError("a place beyond all others")
                memo[index] = stack[-1]
                place += 4
            elif code == _SHORT_BINSTRING:
                end = place + 1 + content[place]
                stack.append(content[place + 1 : end])
                place = end
            elif code == _STOP:
                return self.pop()
            elif code in self.steps:
                self.place = place
                self.steps[code](self)
                place = self.place
            else:
                raise pickle.UnpicklingError(f"uses opcode {bytes([code])!r}, which is not among those of data")
        raise pickle.UnpicklingError(f"is too long: it takes more than {self.most_steps} steps")

    def check(self, container: type, items: Iterable[Any]) -> None:
        """Raise pickle.UnpicklingError for what may not lie in a list, a tuple or a dictionary."""

    def call(self) -> None:
        """Do what calling a name stands for: REDUCE."""
        raise NotImplementedError

    def build(self) -> None:
        """Do what giving something its state stands for: BUILD."""
        raise NotImplementedError

    def move(self, count: int) -> slice:
        """Where the next so many bytes are, which are then behind."""
        start, self.place = self.place, self.place + count
        if self.place > len(self.content):
            raise pickle.UnpicklingError(f"ends within a value of {count} bytes")
        return slice(start, self.place)

    def take(self, count: int) -> bytes:
        return self.content[self.move(count)]

    def number(self, width: int) -> int:
        return int.from_bytes(self.take(width), "little")

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def pop(self) -> Any:
        value = self.stack.pop()
        if value is _MARK:
            raise ValueError("a mark where a value belongs")
        return value

    def push_mark(self) -> None:
        self.marks += 1
        if self.marks > _DEEPEST:
            raise pickle.UnpicklingError("is nested too deeply")
        self.push(_MARK)

    def pop_to_mark(self) -> list[Any]:
        start = len(self.stack) - 1
        while self.stack[start] is not _MARK:
            start -= 1  # an IndexError where there is none
        items = self.stack[start + 1 :]
        del self.stack[start:]
        self.marks -= 1
        return items

    def push_container(self, container: Any) -> None:
        self.containers += 1
        if self.containers > self.most_containers:
            raise pickle.UnpicklingError(f"holds more than {self.most_containers} lists, tuples and dictionaries")
        self.push(container)

    def check_protocol(self) -> None:
        if (protocol := self.number(1)) not in self.protocols:
            raise pickle.UnpicklingError(f"has protocol {protocol}, which is not read")

    def push_signed(self, width: int) -> None:
        if width > self.longest_integer:
            raise pickle.UnpicklingError(f"holds an integer of {width} bytes")
        self.push(int.from_bytes(self.take(width), "little", signed=True))

    def push_float(self) -> None:
        self.push(struct.unpack(">d", self.take(8))[0])

    def push_text(self, width: int) -> None:
        length = self.number(width)
        if length > self.longest_text:
            raise pickle.UnpicklingError(f"holds a text of {length} bytes")
        self.push(self.take(length).decode("utf-8"))

    def put(self, index: int) -> None:
        value = self.stack[-1]
        if value is _MARK:
            raise ValueError("a mark where a value belongs")
        self.memo[index] = value

    def get(self, index: int) -> None:
        self.push(self.memo[index])

    def push_tuple(self, items: Iterable[Any]) -> None:
        items = tuple(items)
        self.check(tuple, items)
        self.push_container(items)

    def push_short_tuple(self, length: int) -> None:
        self.push_tuple(reversed([self.pop() for _ in range(length)]))

    def append(self, items: list[Any]) -> None:
        self.check(list, items)
        self.top(list).extend(items)

    def set_items(self, items: list[Any]) -> None:
        keys, values = items[::2], items[1::2]
        if not {type(key) for key in keys} <= self.keys or len(keys) != len(values):  # others may be too deep to hash
            allowed = " or ".join(sorted(kind.__name__ for kind in self.keys))
            raise pickle.UnpicklingError(f"holds a dictionary with keys that are not {allowed}")
        self.check(dict, values)
        self.top(dict).update(zip(keys, values, strict=True))

    def top(self, kind: type) -> Any:
        if not isinstance(self.stack[-1], kind):
            raise ValueError(f"no {kind.__name__} where one belongs")
        return self.stack[-1]

    def push_name(self, module: Any, name: Any) -> None:
        found = Name(module, name)
        if found not in self.names:
            named = f"{module}.{name}".encode("unicode_escape").decode()
            raise pickle.UnpicklingError(f"names {named}, which is no part of such data")
        self.push(found)

    def push_name_of_lines(self) -> None:
        module, name, _ = self.content[self.place : self.place + 2 * _LONGEST_NAME].split(b"\n", 2)
        self.place += len(module) + len(name) + 2
        self.push_name(module.decode("latin1"), name.decode("latin1"))


STEPS: dict[int, Callable[[Any], None]] = {  # of protocol 2; what a subclass needs besides, it adds
    code[0]: step
    for code, step in (
        (pickle.PROTO, PickleMachine.check_protocol),
        (pickle.MARK, PickleMachine.push_mark),
        (pickle.NONE, lambda machine: machine.push(None)),
        (pickle.NEWTRUE, lambda machine: machine.push(True)),
        (pickle.NEWFALSE, lambda machine: machine.push(False)),
        (pickle.BININT, lambda machine: machine.push_signed(4)),
        (pickle.BININT2, lambda machine: machine.push(machine.number(2))),
        (pickle.LONG1, lambda machine: machine.push_signed(machine.number(1))),
        (pickle.BINFLOAT, PickleMachine.push_float),
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
        (pickle.BINGET, lambda machine: machine.get(machine.number(1))),
        (pickle.LONG_BINGET, lambda machine: machine.get(machine.number(4))),
        (pickle.GLOBAL, PickleMachine.push_name_of_lines),
        (pickle.REDUCE, lambda machine: machine.call()),
        (pickle.BUILD, lambda machine: machine.build()),
    )
}
