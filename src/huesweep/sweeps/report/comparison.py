"""The report on several sweeps as one: their trials in one table and on one page."""

import re
from collections.abc import Sequence
from pathlib import Path

from huesweep.errors import UsageError
from huesweep.io.terminal import remark
from huesweep.metrics.catalog import check_metric
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.ranking import own_metric, rank
from huesweep.sweeps.report.contents import Report
from huesweep.sweeps.report.page import finished
from huesweep.sweeps.report.trials import Trial, read_trials
from huesweep.sweeps.results import Result

LONGEST = 150  # characters of a folder's name


def read_sweeps(folders: Sequence[Path], metric: str | None, out: Path) -> Report:
    """The trials of several sweeps, ranked as those of one. out: a folder for what a report writes.

    metric: by which trials are ranked; None is the first sweep's own, which is told where another has another. Raises
    UsageError as report does, for a folder that is given twice, and for one of them as `out`.
    """
    if metric is not None:
        check_metric(metric)
    for folder in folders:
        if sum(folder.resolve() == other.resolve() for other in folders) > 1:
            raise UsageError(f"sweep={folder} is given twice: name different sweeps to compare")
        if out.resolve() == folder.resolve():
            raise UsageError(f"out={out} is one of the sweeps, whose own files would be replaced: name another folder")
    names = dict(zip(folders, tell_folders_apart(folders), strict=True))
    found = {folder: finished(folder) for folder in folders}
    metric = metric or _common_metric(found)
    ranked = rank([{**result, "sweep": names[folder]} for folder in folders for result in found[folder]], metric)
    swept = [name for folder in folders for name in Manifest(folder).swept()]
    return Report(" and ".join(names.values()), _read_all(names, ranked), ranked, metric, out, swept)


def _common_metric(found: dict[Path, list[Result]]) -> str:
    own = {folder: own_metric(folder, results) for folder, results in found.items()}
    first = next(iter(own.values()))
    if len(set(own.values())) > 1:
        told = ", ".join(f"{folder} by {metric}" for folder, metric in own.items())
        remark(
            f"The sweeps rank by different scores ({told}): ranked by {first}, the first one's; rank= names another."
        )
    return first


def _read_all(names: dict[Path, str], ranked: Sequence[Result]) -> list[Trial]:
    """The trials of ranked results in their order, then the others of each sweep."""
    trials: list[Trial] = []
    others: list[Trial] = []
    for folder, name in names.items():
        read = read_trials(folder, [result for result in ranked if result["sweep"] == name], name)
        trials += [trial for trial in read if trial.result is not None]
        others += [trial for trial in read if trial.result is None]
    places = {result["folder"]: place for place, result in enumerate(ranked)}
    return sorted(trials, key=lambda trial: places[str(trial.path)]) + others


def tell_folders_apart(folders: Sequence[Path]) -> list[str]:
    """A name for each of different folders: its own, with as many of those above it as tell them apart."""
    parts = [folder.resolve().parts for folder in folders]
    different = len(set(parts))
    depth = next(depth for depth in range(1, 1 + max(map(len, parts))) if _count(parts, depth) == different)
    return ["/".join(part[-depth:]) for part in parts]


def _count(parts: Sequence[tuple[str, ...]], depth: int) -> int:
    return len({part[-depth:] for part in parts})


def comparison_folder(outputs: Path, folders: Sequence[Path]) -> Path:
    """Where a comparison goes unless told otherwise: below outputs/reports, called after the sweeps."""
    words = [re.sub(r"[^A-Za-z0-9._]", "_", name) for name in tell_folders_apart(folders)]
    return outputs / "reports" / "+".join(words)[:LONGEST]
