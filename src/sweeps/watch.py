"""Watching over a multirun: its whole grid is checked before it starts, its progress shown, its table printed."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.utils import JobReturn
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console

from src.configuration import plain
from src.errors import UsageError
from src.sweeps.table import check_metric, report, table_console
from src.training.assembly import assemble


class SweepWatch(Callback):
    """A Hydra callback for multiruns. rank: the metric by which the result table is ranked."""

    def __init__(self, rank: str) -> None:
        self.rank = rank
        self.console = Console(stderr=True, highlight=False)
        self.total = 0
        self.done = 0
        self.started = 0.0

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        try:
            check_metric(self.rank)
            grid = expand_grid(config)
            for overrides in grid:
                job = GlobalHydra.instance().config_loader().load_sweep_config(config, list(overrides))
                assemble(plain(job))
        except UsageError as error:
            raise SystemExit(f"error: {error}") from None  # Hydra only warns of other exceptions of a callback
        except (HydraException, OmegaConfBaseException):
            return  # the sweeper meets it next, and reports it
        self.total, self.started = len(grid), time.monotonic()
        self.console.print(f"sweep of {self.total} trials into {config.hydra.sweep.dir}")

    def on_job_start(self, config: DictConfig, **_: Any) -> None:
        if self.total:
            self.console.rule(f"trial {self.done + 1}/{self.total}", align="left")

    def on_job_end(self, config: DictConfig, job_return: JobReturn, **_: Any) -> None:
        if self.total:
            self.done += 1
            passed = time.monotonic() - self.started
            left = passed / self.done * (self.total - self.done)
            filled = round(BAR * self.done / self.total)
            bar = "━" * filled + "╌" * (BAR - filled)
            self.console.print(f"sweep {bar} {self.done}/{self.total}  {clock(passed)} passed, {clock(left)} left")

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        if not self.total:
            return
        folder = Path(config.hydra.sweep.dir)
        try:
            paths = report(folder, self.rank, table_console())
        except UsageError as error:
            self.console.print(f"no result table: {error}")
            return
        for path in (*paths, *folder.glob("wandb")):
            print(f"wrote {path}")


BAR = 40  # characters


def expand_grid(config: DictConfig) -> Sequence[Sequence[str]]:
    """The overrides of every trial of a multirun under Hydra's own sweeper; other sweepers decide as they go: none."""
    if not config.hydra.sweeper._target_.endswith("BasicSweeper"):
        return []
    params = [f"{key}={value}" for key, value in (config.hydra.sweeper.params or {}).items()]
    parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
    overrides = parser.parse_overrides(params + list(config.hydra.overrides.task))
    return BasicSweeper.split_arguments(overrides, max_batch_size=None)[0]


def clock(seconds: float) -> str:
    """A duration as 1:05 or 2:01:05."""
    minutes, second = divmod(round(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"
