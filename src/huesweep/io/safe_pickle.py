"""Reading published pickles (CIFAR batches, NumPy object arrays) without running what a stranger put in them."""

import pickle
from collections.abc import Iterable
from typing import Any, ClassVar

import numpy as np

from huesweep.io.pickle_machine import STEPS, Name, PickleMachine
from huesweep.io.pickled_arrays import PickledArray, PickledType

_ARRAY, _TYPE = Name("numpy", "ndarray"), Name("numpy", "dtype")
_CORES = ("numpy.core.multiarray", "numpy._core.multiarray")
_RECONSTRUCT, _SCALAR = ({Name(core, name) for core in _CORES} for name in ("_reconstruct", "scalar"))
# What may lie in what, so that nothing is deep and nothing holds itself.
_SCALARS = frozenset({type(None), bool, int, float, str, bytes})
_IN_LIST = _SCALARS | {np.ndarray}
_IN_DICT = _IN_LIST | {list}
_IN_TUPLE = _IN_DICT | {memoryview, Name, PickledType}  # and tuples of scalars
_RESULTS = _IN_DICT | {dict}


def load_arrays(content: bytes) -> Any:
    """Unpickle numbers, texts, lists and dictionaries of them, and NumPy arrays of plain numbers, and nothing else.

    Of Python 2, whose texts become bytes, or 3, in protocols 2 to 5. An array of objects becomes a list. Arrays share
    `content` and can't be changed. Raises pickle.UnpicklingError for a pickle with anything else in it, one far larger
    than the published ones, or a broken one.
    """
    value = _ArrayMachine(content).run()
    _check((value,), _RESULTS, "pickle")
    return value


class _ArrayMachine(PickleMachine):
    """Makes arrays of what NumPy says of them."""

    protocols = range(6)
    most_steps = 400_000  # CIFAR-100, the largest file there is, takes 80,000
    most_containers = 1000
    longest_text = 256  # names; what is longer can only be the values of an array
    longest_integer = 8
    names = frozenset({_ARRAY, _TYPE, *_RECONSTRUCT, *_SCALAR})
    keys = frozenset({str, bytes})

    def check(self, container: type, items: Iterable[Any]) -> None:
        if container is tuple:
            for inner in (item for item in items if type(item) is tuple):
                _check(inner, _SCALARS, "tuple within a tuple")
            _check((item for item in items if type(item) is not tuple), _IN_TUPLE, "tuple")
        else:
            _check(items, _IN_LIST if container is list else _IN_DICT, container.__name__)

    def push_bytes(self, width: int) -> None:
        """Bytes behind their length; many stay where they are."""
        length = self.number(width)
        content = self.content if length <= self.longest_text else memoryview(self.content)
        self.push(content[self.move(length)])

    def get(self, index: int) -> None:
        value = self.memo[index]
        if isinstance(value, PickledArray) and value.content is not None:
            value = value.content
        self.push(value)

    def push_name_of_stack(self) -> None:
        name, module = self.pop(), self.pop()
        if not (isinstance(name, str) and isinstance(module, str)):
            raise ValueError("a name that is not a text")
        self.push_name(module, name)

    def call(self) -> None:
        arguments, name = self.pop(), self.pop()
        if type(name) is not Name or type(arguments) is not tuple or not arguments:
            raise ValueError("a call of nothing")
        if name in _RECONSTRUCT and type(arguments[0]) is Name and arguments[0] == _ARRAY:
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

    steps: ClassVar = {
        **STEPS,
        pickle.FRAME[0]: lambda machine: machine.take(8),
        pickle.BINSTRING[0]: lambda machine: machine.push_bytes(4),
        pickle.SHORT_BINBYTES[0]: lambda machine: machine.push_bytes(1),
        pickle.BINBYTES[0]: lambda machine: machine.push_bytes(4),
        pickle.BINBYTES8[0]: lambda machine: machine.push_bytes(8),
        pickle.SHORT_BINUNICODE[0]: lambda machine: machine.push_text(1),
        pickle.MEMOIZE[0]: lambda machine: machine.put(len(machine.memo)),
        pickle.STACK_GLOBAL[0]: push_name_of_stack,
    }


def _check(items: Iterable[Any], allowed: frozenset[type], where: str) -> None:
    for kind in set(map(type, items)) - allowed:
        raise pickle.UnpicklingError(f"holds a {kind.__name__.strip('_')} in a {where}")
