"""What a pickle says of NumPy's types and arrays, as plain records, from which checked arrays are made."""

from typing import Any

import numpy as np

from huesweep.io.plain_arrays import array_of, number_type

_TYPE_STATES = (3, 4)  # versions of what NumPy keeps of a type
_BYTE_ORDERS = ("<", ">", "|", "=")
_OBJECTS = "O8"


class PickledType:
    """A numpy.dtype of plain numbers, or of objects. Raises ValueError for another one."""

    def __init__(self, code: Any) -> None:
        code = _as_text(code)
        self.dtype = None if code == _OBJECTS else number_type(code)

    def set_state(self, state: Any) -> None:
        """Take the byte order. Raises ValueError for a type with fields, a shape of its own or a note."""
        if not (isinstance(state, tuple) and len(state) in (8, 9) and state[0] in _TYPE_STATES):
            raise ValueError("holds a type in an unknown form")
        if any(part is not None for part in (*state[2:5], *state[8:])):
            raise ValueError("holds a type with fields, which is not one of plain numbers")
        order = _as_text(state[1])
        if order not in _BYTE_ORDERS:
            raise ValueError("holds a type with an unknown byte order")
        if self.dtype is not None:
            self.dtype = self.dtype.newbyteorder(order)  # type: ignore[arg-type]  # one of the four

    def number(self, content: Any) -> int | float:
        """A single value of this type."""
        if self.dtype is None or not isinstance(content, bytes):
            raise ValueError("holds a single value that is not a plain number")
        return array_of(content, self.dtype, (), False).item()


class PickledArray:
    """A numpy.ndarray, whose content comes later: an array of numbers, or a list where its type is objects."""

    def __init__(self) -> None:
        self.content: np.ndarray | list[Any] | None = None

    def set_state(self, state: Any) -> None:
        """Take shape, type, order and values. Raises ValueError where they don't fit together."""
        if self.content is not None:
            raise ValueError("fills an array twice")
        if not (isinstance(state, tuple) and len(state) == 5 and isinstance(state[2], PickledType)):
            raise ValueError("holds an array in an unknown form")
        _, shape, kind, fortran_order, values = state
        if kind.dtype is None:
            if not isinstance(values, list) or shape != (len(values),):
                raise ValueError("holds an array of objects that is not a row of them")
            self.content = values
        elif isinstance(values, bytes | memoryview):
            self.content = array_of(values, kind.dtype, shape, bool(fortran_order))
        else:
            raise ValueError("holds an array without its bytes")


def _as_text(value: Any) -> str:
    text = value.decode("latin1") if isinstance(value, bytes) else value
    if not isinstance(text, str):
        raise ValueError("holds a type without a name")
    return text
