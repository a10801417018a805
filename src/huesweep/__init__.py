"""Huesweep: an experiment suite for automatic image colorization.

From a notebook: huesweep.load gives a colorizer, huesweep.train trains one on arrays, huesweep.results reads a sweep.
"""

from typing import Any

__version__ = "0.1.0"
__all__ = ["load", "results", "train"]


def __getattr__(name: str) -> Any:
    # Read when it is asked for: commands that only tell something start without the libraries behind it.
    if name in __all__:
        from huesweep import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__} has no attribute {name}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
