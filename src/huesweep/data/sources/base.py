"""What every source can do."""

from huesweep.data.pictures import PictureSet, Split
from huesweep.registry import Registered


class Source(Registered):
    """A collection of square pictures in three splits.

    A subclass sets `name` (as in conf/data) and `side`, of the pictures in pixels, and gives check and load.
    """

    needed = ("side",)
    side: int

    def check(self) -> None:
        """Raise UsageError for what can be known to be wrong without reading pictures."""

    def load(self, split: Split) -> PictureSet:
        """The pictures of one split, always in the same order; `train` and `validation` never share one.

        Validation may be empty. Raises UsageError where the pictures can't be had, saying what to do.
        """
        raise NotImplementedError
