"""What a report is made of: a sweep's trials, read once, in the groups in which they can be compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.report.groups import Group, group_trials
from huesweep.sweeps.report.trials import Trial, label_trials, read_trials
from huesweep.sweeps.results import Result


@dataclass(frozen=True)
class Report:
    """The trials of a sweep, or of several.

    name: of the page. trials: those of the ranked results in their order, then others. metric: by which they are
    ranked. page: the folder in which the page will lie. swept: options that were swept over. command: that started the
    sweep, if it is known. folder: of the sweep, as it was given; None for several.
    """

    name: str
    trials: Sequence[Trial]
    ranked: Sequence[Result]
    metric: str
    page: Path
    swept: Sequence[str] = ()
    command: str = ""
    folder: Path | None = None

    @cached_property
    def labels(self) -> list[str]:
        """A short name for each trial."""
        return label_trials(self.trials, self.swept)

    @cached_property
    def groups(self) -> list[Group]:
        """The trials in the groups in which they can be compared."""
        return group_trials(self.trials, self.labels, self.swept)


def read_report(folder: Path, ranked: Sequence[Result], metric: str, page: Path | None = None) -> Report:
    """Read the report on the sweep in `folder`. ranked: the results of its finished trials, best first by `metric`."""
    manifest = Manifest(folder)
    return Report(
        folder.resolve().name,
        read_trials(folder, ranked),
        ranked,
        metric,
        page or folder,
        manifest.swept(),
        manifest.command(),
        folder,
    )
