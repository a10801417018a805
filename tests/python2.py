"""Pickles as Python 2 wrote them, which is how CIFAR and the Toronto assignment's palettes were published."""

import io
import pickle
import struct
from typing import Any, ClassVar

import numpy as np

_Pickler: Any = pickle._Pickler  # the one in Python, whose methods can be replaced


class Python2Pickler(_Pickler):
    """Protocol 2, with bytes as Python 2's strings."""

    dispatch: ClassVar[dict[Any, Any]] = dict(_Pickler.dispatch)

    def save_bytes(self, value: bytes) -> None:
        self.write(pickle.BINSTRING + struct.pack("<i", len(value)) + value)
        self.memoize(value)

    dispatch[bytes] = save_bytes


def dumps(content: Any) -> bytes:
    """`content` pickled; arrays name NumPy 1's modules."""
    buffer = io.BytesIO()
    Python2Pickler(buffer, protocol=2).dump(content)
    return buffer.getvalue().replace(b"numpy._core.multiarray", b"numpy.core.multiarray")


def npy_of_objects(content: Any) -> bytes:
    """A .npy file of an object array of shape (2,) as Python 2 and NumPy 1 wrote it."""
    buffer = io.BytesIO()
    np.lib.format.write_array_header_1_0(buffer, {"descr": "|O", "fortran_order": False, "shape": (2,)})
    return buffer.getvalue() + dumps(content)
