"""The report on a sweep: its ranked table in the terminal and in files, and a page that needs nothing beside itself."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from rich.console import Console

from huesweep.errors import UsageError, printable
from huesweep.io.atomic import write_text_atomically
from huesweep.io.disk import CLOSED, disk_error
from huesweep.io.leftovers import remove_leftovers
from huesweep.io.tables import as_csv, as_markdown_text
from huesweep.io.terminal import remark
from huesweep.metrics.catalog import CATALOG, as_text, check_metric, ranking_scores
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.ranking import own_metric, pictures_that_rank, rank
from huesweep.sweeps.report.figures import compose_figures
from huesweep.sweeps.report.groups import Group, group_trials
from huesweep.sweeps.report.pictures import compose_palettes, compose_strips
from huesweep.sweeps.report.tables import (
    compose_configuration,
    compose_failures,
    compose_rankings,
    compose_repetitions,
)
from huesweep.sweeps.report.trials import Trial, label_trials, read_trials
from huesweep.sweeps.report.verdict import verdicts
from huesweep.sweeps.results import Result, read_results
from huesweep.sweeps.table import as_markdown, print_table, table_rows, tell_apart

MOST_VALUES = 6  # of epochs or seeds that are listed
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def report(folder: Path, metric: str | None, console: Console, out: Path | None = None) -> list[Path]:
    """Print the ranked table of a sweep, write results.csv, results.md and report.html, and give their paths.

    metric: by which trials are ranked; None is the sweep's own. out: where files go, if not into `folder`. While no
    trial has finished there is only the page, of those that run or failed. Raises UsageError where there are no trials
    at all, and for a metric that none has, and where the disk is full.
    """
    if metric is not None:
        check_metric(metric)
    texts: dict[str, str] = {}
    ranked: list[Result] = []
    results = finished(folder)
    metric = metric or own_metric(folder, results)
    if results:
        ranked = rank(results, metric)
        swept = Manifest(folder).swept()
        texts = tabulate(ranked, metric, swept, str(folder), console)
        trials = read_trials(folder, ranked)[: len(ranked)]
        for told in verdicts(group_trials(trials, label_trials(trials, swept), swept), metric):
            console.print(printable(told), soft_wrap=True, markup=False, highlight=False)
    texts["report.html"] = compose_page(folder, ranked, metric)
    return write(out or folder, texts)


def finished(folder: Path) -> list[Result]:
    """The results of a sweep's finished trials; where there is none yet, that is told.

    Raises UsageError where there are no trials at all.
    """
    try:
        return read_results(folder)
    except UsageError:
        if not folder.is_dir() or not Manifest(folder).names():
            raise
        print(printable(f"{folder}: no trial has finished yet"))
        return []


def tabulate(
    ranked: Sequence[Result], metric: str, swept: Collection[str], title: str, console: Console
) -> dict[str, str]:
    """Print the ranked table, and give it as texts by the names of their files. title: whose trials these are."""
    rows = table_rows(ranked, metric, swept)
    apart = tell_apart(ranked, swept)
    if apart:
        remark(apart)
    title = f"{title}: test scores, ranked by {metric} on the {pictures_that_rank(ranked)}"
    print_table(rows, title, console, metric)
    markdown = (f"{as_markdown_text(apart)}\n\n" if apart else "") + as_markdown(rows)
    return {"results.csv": as_csv(rows), "results.md": markdown}


def write(folder: Path, texts: Mapping[str, str]) -> list[Path]:
    """Write texts by the names of their files, and give the paths.

    A folder that can't be written to, as that of somebody else, gets none, which is told. Raises UsageError where the
    disk is full.
    """
    remove_leftovers(folder, is_meant=lambda name: name in texts)
    written = []
    for name, text in texts.items():
        try:
            write_text_atomically(folder / name, text)
        except OSError as error:
            told = disk_error(error)
            if told is None or error.errno not in CLOSED:
                raise told or error from None
            remark(f"shown here alone: {folder} can't be written ({error.strerror})")
            break
        written.append(folder / name)
    return written


def compose_page(folder: Path, ranked: Sequence[Result], metric: str) -> str:
    """The page of the trials below `folder`, as HTML.

    ranked: the results of the finished ones, best first by `metric`. Others are found in the folder.
    """
    return render(folder.resolve().name, read_trials(folder, ranked), ranked, metric, Manifest(folder).swept())


def render(name: str, trials: Sequence[Trial], ranked: Sequence[Result], metric: str, swept: Collection[str]) -> str:
    """A page called `name`, as HTML.

    trials: those of the ranked results in their order, then others. swept: options that were swept over.
    """
    labels = label_trials(trials, swept)
    groups = group_trials(trials, labels, swept)
    done = trials[: len(ranked)]
    places = [place for group in groups for place in range(1, len(group.done) + 1)]
    captions = [
        f"{place}. {label}" + _ranking_score(result, metric)
        for place, label, result in zip(places, labels, ranked, strict=False)
    ]
    figures = [compose_figures(group.trials, group.labels, metric, group.about, group.first) for group in groups]
    contents = {  # of sections, by title: its template, and what that shows
        "Results": ("results", compose_rankings(groups, metric, swept) if ranked else []),
        "Repetitions": ("repetitions", compose_repetitions(groups, metric)),
        "Figures": ("figures", [figure for of_group in figures for figure in of_group]),
        "Pictures": ("pictures", compose_strips(done, captions)),
        "Palettes": ("palettes", compose_palettes(trials, labels)),
        "Failed and unfinished": ("failures", compose_failures(trials)),
        "Configuration": ("configuration", compose_configuration(trials, labels)),
    }
    return TEMPLATES.get_template("page.html.j2").render(
        name=printable(name),
        counts=_counts(trials),
        bests=[_best(group, metric) for group in groups] if ranked else [],
        verdicts=verdicts(
            [group._replace(trials=group.done, labels=group.labels[: len(group.done)]) for group in groups], metric
        ),
        facts=_facts(ranked),
        ranking=_explain_ranking(ranked, metric),
        apart=tell_apart(ranked, swept),
        machines=_machines(ranked),
        made=f"{datetime.now().astimezone():%Y-%m-%d %H:%M %Z}",
        metric=metric,
        pictures_that_rank=pictures_that_rank(ranked),
        sections=[
            {"title": title, "id": title.lower().replace(" ", "-"), "template": f"{name}.html.j2", "content": content}
            for title, (name, content) in contents.items()
            if content
        ],
    )


def _best(group: Group, metric: str) -> tuple[str, str, str]:
    """Which pictures, the label of the best trial on them, and its scores."""
    result = group.results[0]
    return group.about, group.labels[0], _ranking_score(result, metric) + _test_score(result, metric)


def _facts(ranked: Sequence[Result]) -> list[str]:
    """What trials were trained and scored on, as far as it is the same for all of them."""
    told = []
    for what in ("data", "task"):
        told.append(", ".join(dict.fromkeys(str(result[what]) for result in ranked)))
    counts = [result.get("pictures") for result in ranked]
    if counts and counts[0] and all(count == counts[0] for count in counts):
        told += [f"{count:,} {split} pictures" for split, count in counts[0].items()]
    for what in ("epochs", "seed"):
        values = sorted({result[what] for result in ranked if isinstance(result.get(what), int)})
        told += [f"{what} {', '.join(map(str, values))}"] if 0 < len(values) <= MOST_VALUES else []
    return [printable(fact) for fact in told if fact]


def _counts(trials: Sequence[Trial]) -> list[tuple[str, str]]:
    states = [trial.state for trial in trials]
    counts = [(str(states.count(state)), state) for state in ("done", "failed", "unfinished")]
    seconds = sum(trial.result["seconds"] for trial in trials if trial.result is not None)
    return [*counts, (f"{seconds / 3600:.1f} h" if seconds >= 3600 else f"{seconds / 60:.1f} min", "of training")]


def _explain_ranking(ranked: Sequence[Result], metric: str) -> str:
    better = {"higher": "higher is better", "lower": "lower is better", "neither": "highest first"}
    pictures = pictures_that_rank(ranked)
    order = f"Ranked by {metric} on the {pictures}, {better[CATALOG[metric].better]}."
    if pictures == "validation pictures":
        return f"{order} The tables show scores on the test pictures, which take no part in the ranking."
    return f"{order} Trials without validation pictures are ranked by the test pictures: the best score flatters."


def _ranking_score(result: Result, metric: str) -> str:
    score = ranking_scores(result).get(metric)
    split = "validation" if result["validation"] else "test"
    return "" if score is None else f", {split} {metric} {as_text(metric, score)}"


def _test_score(result: Result, metric: str) -> str:
    score = (result["test"] or {}).get(metric)
    gray = result["baselines"].get("test", {}).get("gray", {}).get(metric)
    shown = "" if score is None or not result["validation"] else f", test {metric} {as_text(metric, score)}"
    return shown + ("" if gray is None else f" (gray: {as_text(metric, gray)})")


def _machines(ranked: Sequence[Result]) -> list[str]:
    """The machines that trained, with their versions, each once."""
    machines = [" · ".join(f"{name} {value}" for name, value in result.get("machine", {}).items()) for result in ranked]
    counted = {machine: machines.count(machine) for machine in machines if machine}
    return [f"{machine} ({count} trials)" if len(counted) > 1 else machine for machine, count in counted.items()]
