"""Bringing what a study's trials left into its folder, as small tables that others can read."""

import json
import shutil
from collections.abc import Sequence, Set
from pathlib import Path

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.tables import as_csv
from huesweep.studies.study import Row, Study
from huesweep.studies.tables import read_rows
from huesweep.sweeps.ranking import rank
from huesweep.sweeps.results import Result, read_result
from huesweep.sweeps.swept import WORDS, as_typed, leaves, swept_options
from huesweep.sweeps.table import table_rows
from huesweep.sweeps.trial_folders import trial_folders
from huesweep.training.metrics_file import read_history

RESULTS, CURVES, FACTS = "results.csv", "curves.csv", "facts.json"
LOGGED = ("train/loss", "val/loss", "test/loss", "val/psnr", "test/psnr")  # kept of each epoch
NOT_KEPT = ("rank", "folder", "seeds", "mean", "deviation", "standing", "ckpt")  # what tables say anew, and paths


def collect(study: Study, outputs: Path, fewer: bool = False) -> int:
    """Write what a study keeps of its trials: results.csv, curves.csv, facts.json, pictures. Gives the trials' number.

    outputs: where sweeps are kept. fewer: replace what is kept of more trials than have finished there. Raises
    UsageError where that is not asked for, where no trial has finished, and where trials differ in what their sweep
    doesn't vary: their means would be of no one thing.
    """
    results = []
    for name, varied in study.trials.items():
        folder = outputs / "sweeps" / name
        found = [result for result in map(read_result, trial_folders(folder)) if result is not None]
        _check_of_one_sweep(folder, found, varied)
        results += [{**result, "sweep": name} for result in found]
    if not results:
        raise UsageError(f"study {study.name} has no finished trial below {outputs / 'sweeps'}")
    kept = sum("seed" in row for row in read_rows(study.folder / RESULTS))
    if len(results) < kept and not fewer:
        raise UsageError(
            f"{study.folder / RESULTS} is of {kept} trials, and {len(results)} have finished below "
            f"{outputs / 'sweeps'}: --fewer replaces it all the same"
        )
    rows = table_rows(rank(results, study.rank[0]), study.rank[0])
    curves = _curves([row for row in rows if row.get("sweep") not in study.apart])  # those of a table need none
    choose, gather = (getattr(study.module, name, None) for name in ("pictures", "gather"))
    chosen = choose(results) if choose else {}
    if gather is not None:  # which may fail: what is kept stays whole
        gather(results, study.folder)
    write_text_atomically(study.folder / RESULTS, as_csv([_kept(row) for row in rows]))
    write_text_atomically(study.folder / CURVES, as_csv(curves))
    write_text_atomically(study.folder / FACTS, f"{json.dumps(_facts(results), indent=2)}\n")
    for name, source in chosen.items():
        if source.exists():
            shutil.copyfile(source, study.folder / name)
    return len(results)


def _check_of_one_sweep(folder: Path, results: Sequence[Result], varied: Set[str]) -> None:
    """Raise UsageError where a sweep's folder holds trials of something else beside its own.

    Such trials are alike in all that the sweep varies but for the seed, and yet differ. varied: by the sweep.
    """
    if "experiment" in varied:  # a preset, of which nothing tells what all it sets
        return
    known = tuple(f"{name}." for name in varied - {"seed"})
    cells: dict[str, list[Result]] = {}
    for result in results:
        options = leaves(result.get("config", {}))
        chosen = {name: value for name, value in options.items() if f"{name}.".startswith(known)}
        cells.setdefault(as_typed(chosen), []).append(result)
    for cell in cells.values():
        odd = [word for word in WORDS if len({result[word] for result in cell}) > 1]
        odd += [name for name in swept_options([result.get("config", {}) for result in cell]) if name not in odd]
        if odd:
            raise UsageError(
                f"{folder} holds trials that differ in {', '.join(odd[:5])}, which this sweep does not vary: move "
                "those of other commands elsewhere (sweep.name=NAME keeps them apart)"
            )


def _kept(row: Row) -> Row:
    return {name: _rounded(value) for name, value in row.items() if name not in NOT_KEPT}


def _rounded(value: object) -> object:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _curves(rows: Sequence[Row]) -> list[Row]:
    """A row an epoch of each trial, with what describes the trial."""
    curves: list[Row] = []
    for row in rows:
        if "folder" in row:
            about = {name: value for name, value in _kept(row).items() if isinstance(value, str) or name == "seed"}
            for epoch in read_history(Path(row["folder"])):
                kept = {name: _rounded(epoch[name]) for name in LOGGED if name in epoch}
                curves.append({**about, "epoch": int(epoch["epoch"]), **kept})
    return curves


def _facts(results: Sequence[Result]) -> dict[str, object]:
    """What the trials ran on, and for how long."""
    machines = [result["machine"] for result in results]
    seen = {name: sorted({machine.get(name, "") for machine in machines}) for name in ("device", "threads", "torch")}
    seconds = round(sum(result["seconds"] for result in results))
    return {"trials": len(results), "seconds": seconds, **{name: ", ".join(values) for name, values in seen.items()}}
