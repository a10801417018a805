"""Reading published pickles (CIFAR batches, NumPy object arrays) without running what a stranger put in them."""

import pickle
from typing import Any, BinaryIO

_ALLOWED = {
    (module, name)
    for module in ("numpy.core.multiarray", "numpy._core.multiarray")
    for name in ("_reconstruct", "scalar")
} | {("numpy", "ndarray"), ("numpy", "dtype")}


class _ArrayUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _ALLOWED:
            raise pickle.UnpicklingError(f"names {module}.{name}, which is not an array")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def load_arrays(file: BinaryIO, encoding: str = "bytes") -> Any:
    """Unpickle numbers, strings, containers and NumPy arrays from `file`, of Python 2 or 3, and nothing else.

    Raises pickle.UnpicklingError for a pickle that names anything but NumPy's array constructors, or is broken.
    """
    try:
        return _ArrayUnpickler(file, encoding=encoding).load()
    except pickle.UnpicklingError:
        raise
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise pickle.UnpicklingError(f"is damaged ({type(error).__name__}: {error})") from error
