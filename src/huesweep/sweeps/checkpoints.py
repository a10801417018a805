"""What `ckpt` means: one checkpoint, or those to choose among."""

from pathlib import Path

from huesweep.errors import UsageError
from huesweep.io.terminal import remark
from huesweep.metrics.catalog import check_metric
from huesweep.resources import BUNDLED
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.ranking import own_metric, rank
from huesweep.sweeps.results import read_result, read_results
from huesweep.sweeps.table import tell_apart
from huesweep.sweeps.trial_folders import is_named, trial_folders
from huesweep.training.folder import TrialFolder


def find_checkpoint(given: str, metric: str | None = None) -> Path:
    """The checkpoint that a path means: itself, a trial's best, or the best trial's of a sweep.

    given: nothing for the bundled one. metric: by which trials are ranked; None is the sweep's own. Raises
    UsageError where there is no checkpoint, and for another metric.
    """
    if metric is not None:
        check_metric(metric)
    path = _existing(given)
    if found := _own(path):
        return found
    try:
        results = read_results(path)
    except UsageError:
        raise UsageError(f"ckpt={path} holds no checkpoint and no finished trial") from None
    ranked = rank(results, metric or own_metric(path, results))
    if apart := tell_apart(ranked, Manifest(path).swept()):
        remark(f"{apart} Taken is the best of the first; a trial's folder names another.")
    return TrialFolder(Path(ranked[0]["folder"])).best


def find_checkpoints(given: str) -> dict[str, Path]:
    """The checkpoints to choose among, by name: a file, a trial's best, or those of the trials below a folder.

    The best finished trial comes first. Trials of the same name are told apart by their sweeps', files by
    their endings. Raises UsageError where there are none.
    """
    path = _existing(given)
    if found := _own(path):
        return {found.stem if path.is_file() else path.resolve().name: found}
    trials = [best.parent.parent for best in sorted(path.glob("**/checkpoints/best.ckpt"))]
    trials = [trial for trial in trials if is_named(trial)]
    names = [trial.name for trial in trials]
    places = {place.resolve(): number for number, place in enumerate(_ranked(path))}
    trials.sort(key=lambda trial: places.get(trial.resolve(), len(places)))
    named = {
        trial.name if names.count(trial.name) == 1 else str(trial.relative_to(path)): TrialFolder(trial).best
        for trial in trials
    }
    files = [file for kind in ("ckpt", "onnx") for file in sorted(path.glob(f"*.{kind}")) if is_named(file)]
    stems = [*named, *(file.stem for file in files)]
    named |= {file.stem if stems.count(file.stem) == 1 else file.name: file for file in files}
    if not named:
        raise UsageError(f"ckpt={path} holds no checkpoints")
    return named


def _ranked(path: Path) -> list[Path]:
    """The folders of the finished trials below a folder, the best first."""
    results = [result for result in map(read_result, trial_folders(path)) if result is not None]
    return [Path(result["folder"]) for result in rank(results, own_metric(path, results))] if results else []


def _existing(given: str) -> Path:
    path = Path(given) if given else BUNDLED
    if not path.exists():
        raise UsageError(f"ckpt={path} does not exist: give a checkpoint, a trial's folder or a sweep's folder")
    return path


def _own(path: Path) -> Path | None:
    """The checkpoint that a path means by itself, without a choice."""
    if path.is_file():
        return path
    return TrialFolder(path).best if TrialFolder(path).best.exists() else None
