"""What the trials of a sweep left, read with care, since others may have written it."""

import math
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from huesweep.errors import UsageError
from huesweep.io.checked_json import Count, Name, read_json
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.io.redacted import redact
from huesweep.io.terminal import remark
from huesweep.sweeps.trial_folders import trial_folders
from huesweep.training.folder import TrialFolder

RESULT_BYTES = 2**20
LATEST = 253_370_764_800  # seconds: 9999, the last year that dates are written of
# Of a configuration, each a mapping.
SECTIONS = ("data", "task", "model", "target", "loss", "batch", "trainer", "sweep")
Result = dict[str, Any]


def _none_unless_finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


Score = Annotated[Annotated[float, Field(ge=-1e12, le=1e12)] | None, BeforeValidator(_none_unless_finite)]
Scores = Annotated[dict[Name, Score], Field(max_length=100)]


class TrialResult(BaseModel, strict=True):
    """What is read of a result.json: scores, names and counts, and no path."""

    data: Name
    task: Name
    model: Name
    target: Name
    loss: Name
    seed: Annotated[int, Field(ge=0, lt=2**64)]
    parameters: Count
    epochs: Count
    seconds: Annotated[float, Field(ge=0, le=1e12)]
    ended: Annotated[float, Field(ge=0, le=LATEST)] | None = None
    validation: Scores | None = None
    test: Scores | None = None
    baselines: Annotated[dict[Name, Annotated[dict[Name, Scores], Field(max_length=20)]], Field(max_length=3)] = {}
    pictures: Annotated[dict[Name, Count], Field(max_length=10)] = {}
    machine: Annotated[dict[Name, Name], Field(max_length=50)] = {}
    code: Annotated[dict[Name, Name], Field(max_length=50)] = {}


def read_result(folder: Path) -> Result | None:
    """What a trial came to, its folder and its configuration (see read_config).

    None where it has not finished or its result is damaged, which is told.
    """
    result = read_json(TrialFolder(folder).result, TrialResult, RESULT_BYTES)
    return None if result is None else {**result.model_dump(), "folder": str(folder), "config": read_config(folder)}


def read_config(folder: Path) -> dict[str, Any]:
    """A trial's configuration, without secrets; empty where there is none, or none that can be read, which is told."""
    path = TrialFolder(folder).config
    if not path.exists():
        return {}
    try:
        config = read_plain_yaml(path)
        if not all(isinstance(config.get(name, {}), dict) for name in SECTIONS):
            raise UsageError(f"{path} describes no trial")
    except UsageError as error:
        remark(f"passed over, {error}")
        return {}
    return redact(config)


def read_results(folder: Path) -> list[Result]:
    """The results of all finished trials below `folder`, or of `folder` itself, in the order of their paths.

    Raises UsageError where there are none.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    folders = [folder] if TrialFolder(folder).result.exists() else trial_folders(folder)
    results = [result for result in map(read_result, folders) if result is not None]
    if not results:
        raise UsageError(f"{folder} holds no finished trial (no result.json): point at a trial's or a sweep's folder")
    return results
