"""Watching over a multirun: its grid is checked before it starts, its progress shown, its results and failures told."""

import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hydra._internal.core_plugins.basic_sweeper import BasicSweeper
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.errors import HydraException
from hydra.experimental.callback import Callback
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException
from rich.console import Console

from huesweep.configuration import plain
from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.redacted import redact_text
from huesweep.io.terminal import printable, table_console
from huesweep.metrics.catalog import check_metric
from huesweep.sweeps.launchers import check_launcher
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.report.page import report
from huesweep.sweeps.results import read_error
from huesweep.training.assembly import assemble
from huesweep.training.identity import folder_name

BAR = 40  # characters
EVERY = 0.5  # seconds between looks at the trials' folders


class SweepWatch(Callback):
    """A Hydra callback for multiruns. rank: the metric by which the result table is ranked."""

    def __init__(self, rank: str) -> None:
        self.rank = rank
        self.total = 0
        self.progress: SweepProgress | None = None

    def __reduce__(self) -> tuple[type[Callback], tuple[()]]:
        # A launcher sends the callback along with every trial; the watching is done here alone.
        return Callback, ()

    def on_multirun_start(self, config: DictConfig, **_: Any) -> None:
        folder = Path(config.hydra.sweep.dir)
        try:
            check_metric(self.rank)
            check_launcher(config.hydra.launcher)
            grid = expand_grid(config)
            names = []
            for overrides in grid:
                trial = plain(GlobalHydra.instance().config_loader().load_sweep_config(config, list(overrides)))
                assemble(trial, device="meta")
                if trial["trainer"].get("strategy") == "ddp":
                    raise UsageError(
                        "trainer=ddp trains one trial on several devices; a sweep gives each trial its own"
                    )
                names.append(folder_name(trial))
        except UsageError as error:
            raise SystemExit(f"error: {error}") from None  # Hydra only warns of other exceptions of a callback
        except (HydraException, OmegaConfBaseException):
            return  # the sweeper meets it next, and reports it
        names = list(dict.fromkeys(names))
        self.total = len(names) or int(config.hydra.sweeper.get("n_trials") or 0)
        manifest = Manifest(folder)
        manifest.begin(names, self.total)
        self.progress = SweepProgress(manifest, names, self.total)
        self.progress.console.print(f"sweep of {self.total} trials into {folder}")
        self.progress.start()

    def on_multirun_end(self, config: DictConfig, **_: Any) -> None:
        if self.progress is None:
            return
        self.progress.stop()
        folder = Path(config.hydra.sweep.dir)
        hide_secrets(folder)
        try:
            for path in (*report(folder, self.rank, table_console()), *folder.glob("wandb")):
                print(f"wrote {path}")
        except UsageError as error:
            self.progress.console.print(f"no result table: {error}")
        failed = self.progress.failed()
        for name in failed:
            first = printable(read_error(folder / name).partition("\n")[0])
            self.progress.console.print(f"failed: {folder / name}: {first}", soft_wrap=True)
        if failed and sys.exc_info()[0] is None:
            raise SystemExit(f"error: {len(failed)} of {self.total} trials failed; the same command tries them again")


def hide_secrets(folder: Path) -> None:
    """Take passwords out of the addresses in the command that Hydra keeps in a sweep's folder."""
    path = folder / "multirun.yaml"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    if redact_text(text) != text:
        write_text_atomically(path, redact_text(text))


class SweepProgress(threading.Thread):
    """Prints a line whenever a trial of a sweep has come to its end, wherever it runs.

    names: of the trials to watch; empty for all that turn up. total: how many there will be.
    """

    def __init__(self, manifest: Manifest, names: Sequence[str], total: int) -> None:
        super().__init__(daemon=True)
        self.manifest = manifest
        self.wanted = list(names)
        self.total = total
        self.console = Console(stderr=True, highlight=False, markup=False, emoji=False)
        self.began = time.monotonic()
        self.began_at = manifest.started()
        self.earlier = set(self._done())
        self.seen = set(self.earlier)
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(EVERY):
            hide_secrets(self.manifest.folder)
            self.look()

    def stop(self) -> None:
        """Look a last time."""
        self._stopping.set()
        if self.is_alive():
            self.join()
        self.look()

    def look(self) -> None:
        """Print a line for what has ended since the last look."""
        done, failed = self._done(), self.failed()
        ended = {*done, *failed} - self.seen
        if not ended:
            return
        self.seen |= ended
        passed = time.monotonic() - self.began
        now = len({*done, *failed} - self.earlier)
        left = passed / now * (self.total - len({*done, *failed})) if now else 0.0
        filled = round(BAR * len({*done, *failed}) / self.total) if self.total else BAR
        bar = "━" * filled + "╌" * (BAR - filled)
        failures = f", {len(failed)} failed" if failed else ""
        count = f"{len({*done, *failed})}/{self.total}{failures}"
        self.console.print(f"sweep {bar} {count}  {clock(passed)} passed, {clock(left)} left")

    def failed(self) -> list[str]:
        """The trials that failed since this start of the sweep."""
        names = (name for name in self._names() if name not in set(self._done()))
        return [name for name in names if self.manifest.written_at(name, "error.txt") >= self.began_at]

    def _done(self) -> list[str]:
        return [name for name in self._names() if self.manifest.written_at(name, "result.json")]

    def _names(self) -> list[str]:
        return self.wanted or self.manifest.names()


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
