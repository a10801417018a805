"""Pickles as Python 2 wrote them, which is how CIFAR and the Toronto assignment's palettes were published."""

import io
import pickle
import struct
from typing import Any, ClassVar

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
