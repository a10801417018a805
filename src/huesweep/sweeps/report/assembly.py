"""The page of a sweep: one HTML file with its tables, figures and pictures that needs nothing beside itself."""

from collections.abc import Sequence
from datetime import datetime
from html import escape
from pathlib import Path
from string import Template

from huesweep.metrics.catalog import CATALOG, as_text, ranking_scores
from huesweep.sweeps.report.chapters import (
    compose_configuration,
    compose_failures,
    compose_ranking,
    compose_repetitions,
)
from huesweep.sweeps.report.contents import Trial, label_trials, read_trials
from huesweep.sweeps.report.gallery import compose_palettes, compose_wall
from huesweep.sweeps.report.plates import compose_figures
from huesweep.sweeps.results import Result, pictures_that_rank

TEMPLATE = Path(__file__).with_name("page.html")


def compose_page(folder: Path, ranked: Sequence[Result], metric: str) -> str:
    """The page of the trials below `folder`, as HTML.

    ranked: the results of the finished ones, best first by `metric`. Others are found in the folder.
    """
    trials = read_trials(folder, ranked)
    labels = label_trials(trials)
    done = trials[: len(ranked)]
    split = pictures_that_rank(ranked)
    captions = [
        f"{place}. {label}" + _scored(result, metric)
        for place, (label, result) in enumerate(zip(labels, ranked, strict=False), start=1)
    ]
    chapters = {
        "Results": compose_ranking(ranked, labels, metric) if ranked else "",
        "Repetitions": compose_repetitions(done, labels, metric, split),
        "Figures": compose_figures(trials, labels, metric, split),
        "Pictures": compose_wall(done, captions),
        "Palettes": compose_palettes(trials, labels),
        "Failed and unfinished": compose_failures(trials),
        "Configuration": compose_configuration(trials, labels),
    }
    chapters = {title: content for title, content in chapters.items() if content}
    anchors = {title: title.lower().replace(" ", "-") for title in chapters}
    return Template(TEMPLATE.read_text()).substitute(
        name=escape(folder.resolve().name),
        counts=_counts(trials),
        ranking=escape(_explain_ranking(metric, split)),
        best=_best(ranked, labels, metric),
        machines="".join(f"<li>{escape(machine)}</li>" for machine in _machines(ranked)),
        made=escape(f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}"),
        links="".join(f'<a href="#{anchor}">{escape(title)}</a>' for title, anchor in anchors.items()),
        chapters="\n".join(
            f'<section id="{anchors[title]}"><h2>{escape(title)}</h2>\n{content}\n</section>'
            for title, content in chapters.items()
        ),
    )


def _best(ranked: Sequence[Result], labels: Sequence[str], metric: str) -> str:
    if not ranked:
        return "No trial has finished yet."
    said = escape(_scored(ranked[0], metric) + _tested(ranked[0], metric))
    return f"Best: <strong>{escape(labels[0])}</strong>{said}."


def _counts(trials: Sequence[Trial]) -> str:
    states = [trial.state for trial in trials]
    tiles = [(str(states.count(state)), state) for state in ("done", "failed", "unfinished")]
    seconds = sum(trial.result["seconds"] for trial in trials if trial.result is not None)
    tiles.append((f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min", "of training"))
    return "".join(f'<li class="{name.split()[0]}"><b>{count}</b> {name}</li>' for count, name in tiles)


def _explain_ranking(metric: str, split: str) -> str:
    better = {"higher": "higher is better", "lower": "lower is better", "neither": "highest first"}
    order = f"Ranked by {metric} on the {split}, {better[CATALOG[metric].better]}."
    if split == "validation pictures":
        return f"{order} The tables show scores on the test pictures, which take no part in the ranking."
    return f"{order} Trials without validation pictures are ranked by the test pictures: the best score flatters."


def _scored(result: Result, metric: str) -> str:
    score = ranking_scores(result).get(metric)
    split = "validation" if result["validation"] else "test"
    return "" if score is None else f", {split} {metric} {as_text(metric, score)}"


def _tested(result: Result, metric: str) -> str:
    score = result["test"].get(metric)
    gray = result["baselines"]["test"].get("gray", {}).get(metric)
    said = "" if score is None or not result["validation"] else f", test {metric} {as_text(metric, score)}"
    return said + ("" if gray is None else f" (gray: {as_text(metric, gray)})")


def _machines(ranked: Sequence[Result]) -> list[str]:
    """The machines that trained, with their versions, each once."""
    machines = [" · ".join(f"{name} {value}" for name, value in result.get("machine", {}).items()) for result in ranked]
    counted = {machine: machines.count(machine) for machine in machines if machine}
    return [f"{machine} ({count} trials)" if len(counted) > 1 else machine for machine, count in counted.items()]
