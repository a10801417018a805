"""Checking the grid of a multirun before its first trial starts."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from omegaconf import DictConfig, OmegaConf, open_dict
from rich.console import Console
from rich.progress import track

from huesweep.configuration import plain
from huesweep.errors import UsageError
from huesweep.metrics.catalog import check_exists, check_metric
from huesweep.registry import kind_of
from huesweep.sweeps.kinds import check_named, check_parts, check_trial
from huesweep.training.finished import finished_result
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import config_hash
from huesweep.training.made_from import is_of_another_copy
from huesweep.transfer.options import is_transfer

MANY = 30  # trials from which checking them takes long enough for a bar


class Grid(NamedTuple):
    """The trials of a multirun, as far as they are known beforehand.

    names: their folders, below that of the multirun, each once. finished: how many have finished before. copies: data
    sets of which some of these had another copy.
    """

    names: list[str]
    finished: int
    copies: list[str]


def check_grid(config: DictConfig) -> Grid:
    """The trials of a multirun, of which each that has not finished is assembled, without drawing weights.

    Raises UsageError for the first one that can't be, and what Hydra and OmegaConf raise for one that can't be
    composed.
    """
    _check_swept(config)
    if not is_grid(config):
        check_parts(plain(config))
        _check_score_of_search(config)
        _check_choices(config)
        return Grid([], 0, [])
    folders: dict[str, str] = {}
    finished, copies = set(), set()
    grid = expand_grid(config)
    if not grid:
        raise UsageError("there is no trial in this grid: nothing is left of what a range or a pattern stands for")
    console = Console(stderr=True)
    disable = len(grid) < MANY or not console.is_terminal
    numbered = track(list(enumerate(grid)), "checking trials", console=console, transient=True, disable=disable)
    for number, overrides in numbered:
        composed = _load(config, overrides, number)
        check_named(composed, composed.hydra.runtime.choices.get("model"))
        trial, folder = plain(composed), check_folder(str(composed.hydra.sweep.subdir))
        result = finished_result(trial, TrialFolder(Path(config.hydra.sweep.dir) / folder))
        scores = (result or {}).get("validation") or (result or {}).get("test") or {}
        if result is None or config.sweep.rank not in scores:
            check_trial(trial)
        if result is not None:
            finished.add(folder)
            copies |= {str(trial["data"]["name"])} if is_of_another_copy(trial, result) else set()
        if trial["trainer"].get("strategy") == "ddp":
            raise UsageError("trainer=ddp trains one trial on several devices; a sweep gives each trial its own")
        identity = config_hash(trial)
        if folders.setdefault(folder, identity) != identity:
            raise UsageError(f"hydra.sweep.subdir={folder}: several trials would share this folder")
    return Grid(list(folders), len(finished), sorted(copies))


def expand_grid(config: DictConfig) -> Sequence[Sequence[str]]:
    """The overrides of every trial of a multirun under Hydra's own sweeper; other sweepers decide as they go: none."""
    return BasicSweeper.split_arguments(_overrides(config), max_batch_size=None)[0] if is_grid(config) else []


def folder_of(config: DictConfig, choices: Mapping[str, Any]) -> Path:
    """The folder of the trial of a search that makes some choices."""
    return _folder(_compose(config, choices))


def folder_with(config: DictConfig, overrides: Sequence[str]) -> Path:
    """The folder of the trial that a launcher starts with some overrides."""
    return _folder(_load(config, overrides, 0))


def _folder(composed: DictConfig) -> Path:
    return Path(composed.hydra.sweep.dir) / check_folder(str(composed.hydra.sweep.subdir))


def check_folder(name: str) -> str:
    """A trial's folder, below its sweep's. Raises UsageError for what isn't below it."""
    if name.startswith("/") or not all(part.strip(".") for part in name.split("/")):
        raise UsageError(f"hydra.sweep.subdir={name} must be a folder below the sweep's, of each trial its own")
    return name


def _load(config: DictConfig, overrides: Sequence[str], number: int) -> DictConfig:
    """The configuration of one trial of a multirun, as its launcher composes it."""
    composed = GlobalHydra.instance().config_loader().load_sweep_config(config, list(overrides))
    with open_dict(composed):
        composed.hydra.job.num = number
        composed.hydra.job.id = str(number)
    return composed


def _compose(config: DictConfig, choices: Mapping[str, Any]) -> DictConfig:
    """The configuration of a trial of a search that makes some choices."""
    fixed = [override.input_line or "" for override in _overrides(config) if not override.is_sweep_override()]
    overrides = [*fixed, *(f"{name}={value}" for name, value in choices.items())]
    return _load(config, overrides, 0)


def is_grid(config: DictConfig) -> bool:
    """Whether a multirun is under Hydra's own sweeper, which tries all combinations; others decide as they go."""
    return str(config.hydra.sweeper._target_).endswith("BasicSweeper")


def swept_names(config: DictConfig) -> list[str]:
    """The options, and groups of conf/, that a multirun varies, in a grid or a search, by dotted name."""
    return [override.key_or_group.replace("/", ".") for override in _overrides(config) if override.is_sweep_override()]


def _check_swept(config: DictConfig) -> None:
    """Raise UsageError for what is swept over and can't be, or is by mistake."""
    given = [override for override in _overrides(config) if override.is_sweep_override()]
    typed = [override.key_or_group for override in given if override.input_line in config.hydra.overrides.task]
    for override in given:
        key = override.key_or_group
        if key.startswith(("sweep.", "paths.")):
            raise UsageError(f"{override.input_line}: all trials of a sweep share {key}")
        if typed.count(key) > 1:
            raise UsageError(f"{key} is given several times: {key}=A,B trains a trial with each")
        if is_grid(config) and override.is_interval_sweep():
            raise UsageError(f"{override.input_line}: an interval is for a search: add hydra/sweeper=optuna")
    subdir = str(OmegaConf.to_container(config.hydra.sweep, resolve=False)["subdir"])  # type: ignore[call-overload, index]
    if not is_grid(config) and "hydra.job." in subdir:
        raise UsageError(
            f"hydra.sweep.subdir={subdir}: a search numbers its trials anew when it goes on; name what it varies, "
            "such as ${seed}"
        )
    batch = config.hydra.sweeper.get("max_batch_size")
    if batch is not None and batch < 1:
        raise UsageError(f"hydra.sweeper.max_batch_size={batch} must be at least 1, or null for all trials at once")


def _overrides(config: DictConfig) -> list[Override]:
    given = config.hydra.sweeper.params or {}
    if not isinstance(given, Mapping | DictConfig):
        raise UsageError(f"hydra.sweeper.params={given} must be options by name")
    params = [f"{key}={value}" for key, value in given.items()]
    parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
    return parser.parse_overrides(params + list(config.hydra.overrides.task))


def _search_space(config: DictConfig) -> set[str]:
    """The options that a search varies. Raises UsageError where there is none."""
    swept = [override for override in _overrides(config) if override.is_sweep_override()]
    if not swept:
        raise UsageError("a search needs options to vary: optimizer.lr=interval(1e-3,1e-2), model=choice(unet,unet_m)")
    return {override.key_or_group for override in swept}


def _check_choices(config: DictConfig) -> None:
    """Compose the trials of a search that differ from its first choices in one; raises Hydra's errors for those."""
    chosen = [override for override in _overrides(config) if override.is_choice_sweep()]
    choices = {override.get_key_element(): list(override.sweep_string_iterator()) for override in chosen}
    first = {name: values[0] for name, values in choices.items()}
    for name, values in choices.items():
        for value in values:
            _compose(config, {**first, name: value})


def _check_score_of_search(config: DictConfig) -> None:
    """Raise UsageError where no trial of a search can have the score that it searches for."""
    space = _search_space(config)
    if is_transfer(config):
        check_metric(config.sweep.rank)
    elif not space & {"target", "experiment"}:
        from huesweep.color.targets.base import Target  # which reads torch

        target = kind_of(Target, str(config.target.name), "target")
        check_exists(config.sweep.rank, has_palette=target.encoding == "classes")
