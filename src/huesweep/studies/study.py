"""What a study consists of, as conf/study describes it."""

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic.dataclasses import dataclass

from huesweep.errors import UsageError, unknown
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.metrics.catalog import CATALOG, check_metric
from huesweep.ranges import Count
from huesweep.registry import CHECKS, call
from huesweep.resources import CONF

Row = dict[str, Any]


@dataclass(frozen=True, config=CHECKS)
class Study:
    """A study, see conf/study.

    sweeps: files of conf/sweep, by which its trials are made. transfers: those of them that src.transfer runs, after
    these. begun: those that src.train runs last, from what the others have trained. rank: scores that tables are
    ordered by, each by the first that its rows have. scores: columns of its tables. by: descriptive columns whose
    values have a table each, since rows compare within them alone. columns: descriptive ones to show; none: those in
    which rows differ. labels: what columns and their values are called in tables; COLUMN=VALUE is a value in that
    column alone. shown: of each table, the best rows, where it has more. apart: names under which sweeps keep trials
    that have a table of their own, by the study's module, and stand in no other.
    """

    name: str
    sweeps: Sequence[str]
    rank: Sequence[str]
    scores: Sequence[str]
    transfers: Sequence[str] = ()
    begun: Sequence[str] = ()
    by: Sequence[str] = ()
    columns: Sequence[str] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    shown: Count | None = None
    apart: Sequence[str] = ()

    def label(self, column: str, value: Any) -> str:
        """What a value is called in tables."""
        return self.labels.get(f"{column}={value}", self.labels.get(str(value), str(value)))

    @property
    def runs(self) -> list[tuple[str, str]]:
        """The command and the file of conf/sweep of each of its sweeps, in the order in which they need each other."""
        commands = (("train", self.sweeps), ("transfer", self.transfers), ("train", self.begun))
        return [(command, name) for command, names in commands for name in names]

    @property
    def trials(self) -> dict[str, set[str]]:
        """The names under which its sweeps keep their trials, below outputs/sweeps, and the options that vary there."""
        found: dict[str, set[str]] = {}
        for _, name in self.runs:
            described = read_plain_yaml(CONF / "sweep" / f"{name}.yaml")
            params = described["hydra"]["sweeper"]["params"]
            varied = {key.lstrip("+").replace("/", ".") for key in params}
            found.setdefault(str(described["sweep"]["name"]), set()).update(varied)
        return found

    @property
    def folder(self) -> Path:
        """Where its text, results and figures are kept."""
        return Path("experiments") / self.name

    @property
    def module(self) -> ModuleType | None:
        """huesweep.studies.NAME, if it is there.

        It may hold, of finished trials, pictures(results), to be copied, and gather(results, folder), which writes
        further files; of what is kept, answer(rows), figures(rows, curves) and further(folder), more Markdown.
        """
        name = f"huesweep.studies.{self.name}"
        return importlib.import_module(name) if importlib.util.find_spec(name) else None


def known_studies() -> list[str]:
    """The names of all studies."""
    return sorted(path.stem for path in (CONF / "study").glob("*.yaml"))


def load_study(name: str) -> Study:
    """The study of a name. Raises UsageError, with the studies there are, for another."""
    if name not in known_studies():
        raise unknown("study", name, known_studies())
    study: Study = call(Study, {"name": name, **read_plain_yaml(CONF / "study" / f"{name}.yaml")}, f"study {name}")
    for score in study.rank:
        check_metric(score)
    for score in study.scores:
        if score not in CATALOG:
            raise unknown(f"study {name}: score", score, CATALOG)
    if not study.folder.is_dir():
        raise UsageError(f"{study.folder} is not a folder: a study is written into it, from the checkout's top folder")
    return study
