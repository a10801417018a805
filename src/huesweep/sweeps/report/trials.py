"""What a sweep's folder contains: its trials, finished, failed and unfinished, and what their configurations share."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huesweep.errors import printable
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.results import Result, read_config
from huesweep.sweeps.swept import ABSENT, WORDS, as_typed, leaves, option_values, swept_options
from huesweep.training.folder import TrialFolder
from huesweep.training.metrics_file import Row, read_history
from huesweep.training.naming import model_word_of, target_word

KNOWN_BY = ("sweep", *WORDS, "seed")
NOT_COMPARED = "logger"  # its tags repeat the words


@dataclass(frozen=True)
class Trial:
    """One trial.

    rows: of its metrics.csv. error: what stopped it, empty unless it failed. sweep: which it is of, where there are
    several.
    """

    path: Path
    result: Result | None
    config: dict[str, Any]
    rows: list[Row]
    error: str
    sweep: str = ""

    @property
    def name(self) -> str:
        """Its folder's name, after its sweep's where there are several."""
        return "/".join(filter(None, (self.sweep, self.path.resolve().name)))

    @property
    def state(self) -> str:
        """done, failed or unfinished."""
        return "done" if self.result is not None else "failed" if self.error else "unfinished"

    @property
    def words(self) -> dict[str, str]:
        """What it is known by; nothing where it left neither a result nor a configuration."""
        if self.result is not None:
            return {word: str(self.result.get(word, "")) for word in KNOWN_BY}
        try:
            words = {word: self.config[word]["name"] for word in ("data", "task", "loss")}
            words |= {"model": model_word_of(self.config), "target": target_word(self.config["target"])}
            words |= {"seed": self.config["seed"], "sweep": self.sweep}
            return {word: printable(str(words[word])) for word in KNOWN_BY}
        except (KeyError, TypeError, AttributeError):  # it has no configuration, or a stranger's
            return {}


def read_trials(folder: Path, ranked: Sequence[Result], sweep: str = "") -> list[Trial]:
    """The trials of ranked results in their order, then the failed and the unfinished ones of `folder` by name.

    sweep: what the folder is called where there are several.
    """
    done = [_read_trial(Path(result["folder"]), result, sweep) for result in ranked]
    known = {trial.path.resolve() for trial in done}
    if folder.resolve() in known:  # a trial's own folder: what lies below is no trial
        return done
    paths = (folder / name for name in Manifest(folder).names())
    others = [_read_trial(path, None, sweep) for path in paths if path.resolve() not in known]
    return done + sorted(others, key=lambda trial: (trial.state, trial.name))


def _read_trial(path: Path, result: Result | None, sweep: str) -> Trial:
    is_ended = result is None and not TrialFolder(path).is_locked()  # or it is being tried again
    config = read_config(path) if result is None else result["config"]
    return Trial(path, result, config, read_history(path), TrialFolder(path).read_error() if is_ended else "", sweep)


def label_trials(trials: Sequence[Trial], also: Collection[str] = ()) -> list[str]:
    """A short name for each trial: the words that differ, and the options that were swept over.

    also: as of swept_options. What still isn't told apart is called by its folder.
    """
    swept = swept_options([trial.config for trial in trials], also)
    beside_words = {name: short for name, short in swept.items() if not name.startswith("model.")}
    labels = _labels(trials, beside_words)
    if len(set(labels)) < len(labels):
        labels = _labels(trials, swept)
    counted = Counter(labels)
    return [label if label and counted[label] == 1 else trial.name for label, trial in zip(labels, trials, strict=True)]


def _labels(trials: Sequence[Trial], swept: Mapping[str, str]) -> list[str]:
    known = [trial.words for trial in trials]
    varying = [word for word in KNOWN_BY if len({words[word] for words in known if words}) > 1] or ["model"]
    labels = []
    for trial, words in zip(trials, known, strict=True):
        parts = [_shown(word, words) for word in varying] if words else []
        parts += [f"{name}={as_typed(value)}" for name, value in option_values(trial.config, swept).items()]
        labels.append(printable(" ".join(parts)) if words else "")
    return labels


def _shown(word: str, words: Mapping[str, str]) -> str:
    return f"seed {words[word]}" if word == "seed" else words[word]


def compare_configs(configs: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The options, by dotted name, that are the same in all configurations, and of each those that are not."""
    flat = [_typed(config) for config in configs]
    names = list(dict.fromkeys(name for options in flat for name in options))
    differing = [name for name in names if len({options.get(name, ABSENT) for options in flat}) > 1]
    common = {name: flat[0][name] for name in names if name not in differing}
    compared = [name for name in differing if name.split(".")[0] != NOT_COMPARED]
    return common, [{name: options.get(name, ABSENT) for name in compared} for options in flat]


def _typed(config: Mapping[str, Any]) -> dict[str, str]:
    """Options by dotted name, each value as it is typed."""
    return {name: as_typed(value) for name, value in leaves(config).items()}
