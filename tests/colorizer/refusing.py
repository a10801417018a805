"""What is said of a file that is no checkpoint."""

from pathlib import Path

import pytest

from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError


def refused(path: Path) -> str:
    """The one line that loading a file ends in."""
    with pytest.raises(UsageError) as told:
        Colorizer.load(path)
    assert len(str(told.value).splitlines()) == 1
    assert len(str(told.value)) < 500
    return str(told.value)
