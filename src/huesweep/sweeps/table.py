"""The result table of a sweep: ranked trials, then the rows that need no network."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console

from huesweep.errors import printable
from huesweep.io.tables import as_markdown_table
from huesweep.io.terminal import plain_table, table_console
from huesweep.metrics.catalog import CATALOG, CEILING, COLUMNS, LOWER_IS_BETTER, as_text
from huesweep.sweeps.ranking import comparable
from huesweep.sweeps.repetitions import Mean, Standing, are_repeated, compared, seedless, standings
from huesweep.sweeps.results import Result
from huesweep.sweeps.swept import OF_CEILINGS, OF_PICTURES, TAKEN, WORDS, as_typed, option_values, swept_options

Row = dict[str, Any]
NUMBERS = ("seed", "parameters", "seconds")
ONE = ("seed", "epochs", "folder")  # what only a single trial has
GAP = 2  # spaces between columns
LONGEST = 40  # characters of an option in the terminal


def table_rows(ranked: Sequence[Result], metric: str = "psnr", also: Collection[str] = ()) -> list[Row]:
    """One flat row a trial, and below them one for each baseline: the task's own, and `ceiling` once a target.

    That is, once for each value of what was swept of targets and tasks.

    Where seeds were repeated, each says of its configuration the `seeds`, the `mean` and the `deviation` of the score
    that ranks, and how it stands beside the best.

    Trials that can't be compared have ranks and baselines of their own, and `pictures` says what they were scored on.
    metric: by which the trials are ranked. also: options that are known to have been swept over; see swept_options.
    """
    groups = comparable(ranked)
    swept = swept_options([result.get("config", {}) for result in ranked], also)
    names = name_pictures(groups, swept)
    rows: list[Row] = []
    for name, group in zip(names, groups, strict=True):
        about: Row = {"pictures": name} if len(groups) > 1 else {}
        of_group = [_trial_row(place, result, metric, about, swept) for place, result in enumerate(group, start=1)]
        _tell_standings(of_group, group, metric)
        rows += of_group + _baseline_rows(group, about, swept)
    return rows


def mean_rows(
    ranked: Sequence[Result], metric: str, also: Collection[str] = (), failed: Iterable[Mapping[str, Any]] = ()
) -> list[Row]:
    """As table_rows, with one row a configuration: numbers are means over its seeds, by the mean of what ranks.

    Nothing of trials of which none that can be compared differ in the seed alone. failed: configurations of trials that
    failed, which `seeds` counts too: a mean of those that didn't is one of the lucky ones.
    """
    lost = Counter(map(seedless, failed))
    groups = comparable(ranked)
    swept = swept_options([result.get("config", {}) for result in ranked], also)
    rows: list[Row] = []
    for name, group in zip(name_pictures(groups, swept), groups, strict=True):
        about: Row = {"pictures": name} if len(groups) > 1 else {}
        found = standings(group, metric)
        if are_repeated(found):
            for place, (standing, word) in enumerate(zip(found, compared(found), strict=True), start=1):
                trials = [_trial_row(place, group[trial], metric, about, swept) for trial in standing.places]
                row = {name: _mean(name, [trial.get(name) for trial in trials]) for name in trials[0]}
                more = lost[seedless(group[standing.places[0]].get("config", {}))]
                row |= {"rank": place, "seeds": _count(standing, more), "standing": word}
                rows.append({name: value for name, value in row.items() if name not in ONE})
            rows += _baseline_rows(group, about, swept)
    return rows


def _mean(name: str, values: Sequence[Any]) -> Any:
    """The mean of a column of scores, or of seconds; of another, the first value."""
    is_averaged = name == "seconds" or name.removeprefix("val_") in CATALOG
    numbers = [value for value in values if isinstance(value, float)] if is_averaged else []
    return Mean(numbers) if numbers else values[0]


def _count(standing: Standing, failed: int) -> int | str:
    """The trials of a configuration, and how many of them have a score where not all do."""
    trials, scored = len(standing.places) + failed, len(standing.scores)
    return trials if scored == trials else f"{scored} of {trials}"


def _tell_standings(rows: Sequence[Row], group: Sequence[Result], metric: str) -> None:
    found = standings(group, metric)
    if not are_repeated(found):
        return
    for standing, word in zip(found, compared(found), strict=True):
        scores = [-score if metric in LOWER_IS_BETTER else score for score in standing.scores]
        told: Row = {"seeds": len(standing.places), "mean": "", "deviation": ""}
        if scores:
            told |= {"mean": float(Mean(scores)), "deviation": Mean(scores).deviation}
        for place in (*standing.places, *standing.copies):
            rows[place].update(told, standing=word, folder=rows[place].pop("folder"))


def name_pictures(groups: Sequence[Sequence[Result]], swept: Mapping[str, str]) -> list[str]:
    """What each group of trials that can be compared was scored on, in a few words, no two alike."""
    of_pictures = {name: short for name, short in swept.items() if name.startswith(OF_PICTURES)}
    names: list[str] = []
    for group in groups:
        words = [group[0][word] for word in ("data", "task") if len({one[0][word] for one in groups}) > 1]
        shared = _shared(group, of_pictures)
        words = [*(words or [group[0]["data"]]), *(f"{short}={as_typed(value)}" for short, value in shared.items())]
        name = " ".join(words)
        alike = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({alike + 1})" if alike else name)
    return names


def tell_apart(ranked: Sequence[Result], also: Collection[str] = ()) -> str:
    """A line that says which trials can't be compared; empty where all can. also: as of table_rows."""
    groups = comparable(ranked)
    if len(groups) < 2:
        return ""
    names = name_pictures(groups, swept_options([result.get("config", {}) for result in ranked], also))
    counted = [
        f"{name}: {len(group)} {'trial' if len(group) == 1 else 'trials'}"
        for name, group in zip(names, groups, strict=True)
    ]
    return f"Ranked apart, as scores on different pictures don't compare: {'; '.join(counted)}."


def _shared(group: Sequence[Result], swept: Mapping[str, str]) -> dict[str, Any]:
    """The values of swept options that are the same in all of a group's trials."""
    values = [option_values(result.get("config", {}), swept) for result in group]
    return {name: value for name, value in values[0].items() if all(other.get(name) == value for other in values)}


def _trial_row(place: int, result: Result, metric: str, about: Row, swept: Mapping[str, str]) -> Row:
    row: Row = {"rank": place}
    row |= {"sweep": result["sweep"]} if "sweep" in result else {}
    row |= about | {name: result[name] for name in WORDS} | dict.fromkeys(swept.values(), "")
    row |= option_values(result.get("config", {}), swept)
    row |= {name: result[name] for name in ("seed", "parameters", "epochs", "seconds")}
    for name in dict.fromkeys(("psnr", metric)):
        row[f"val_{name}"] = (result["validation"] or {}).get(name, "")
    row |= {name: result["test"][name] for name in COLUMNS if name in (result["test"] or {})}
    return {**row, "folder": result["folder"]}


def _baseline_rows(group: Sequence[Result], about: Row, swept: Mapping[str, str]) -> list[Row]:
    of_pictures = {name: short for name, short in swept.items() if name.startswith(OF_PICTURES)}
    of_ceilings = {name: short for name, short in swept.items() if name.startswith(OF_CEILINGS)}
    shared = _shared(group, of_pictures)
    rows: dict[tuple[str, ...], Row] = {}
    for result in group:
        for name, scores in result["baselines"].get("test", {}).items():
            target = result["target"] if name == CEILING else ""
            options = option_values(result.get("config", {}), of_ceilings) if name == CEILING else {}
            row: Row = {"rank": "", **about, "data": result["data"], "task": result["task"], "model": name}
            row |= {"target": target, **shared, **options}
            row |= {column: scores[column] for column in COLUMNS if column in scores}
            rows.setdefault((name, target, *map(as_typed, options.values())), row)
    return sorted(rows.values(), key=lambda row: (row["model"] == CEILING, row["target"]))


def heading(name: str) -> str:
    """What a column of rows is called."""
    short = name.removeprefix("val_")
    if short not in CATALOG:
        return {"rank": "#"}.get(name, name)
    return f"val {CATALOG[short].heading}" if short != name else CATALOG[short].heading


def options_in(rows: Sequence[Row]) -> list[str]:
    """The columns of rows that are swept options."""
    return list(dict.fromkeys(name for row in rows for name in row if name not in TAKEN))


def columns_of(rows: Sequence[Row]) -> list[str]:
    """The columns, from left to right, in which rows have something, and not all the same data or task."""
    numbers = ["seeds", *NUMBERS, *(f"val_{name}" for name in COLUMNS), "standing", *COLUMNS]
    names = ["rank", "sweep", *WORDS, *options_in(rows), *numbers]
    names = [name for name in names if any(row.get(name, "") not in ("", None) for row in rows)]
    return [name for name in names if name not in ("data", "task") or len({row.get(name) for row in rows}) > 1]


def print_table(rows: Sequence[Row], title: str, console: Console, metric: str = "psnr") -> None:
    """Print rows as people read them: test scores, to a few digits; the columns that fit, the important ones first.

    Rows of other pictures have a table of their own. metric: by which the rows are ranked; its columns stay, however
    narrow the terminal.
    """
    for pictures in dict.fromkeys(row.get("pictures", "") for row in rows):
        of_pictures = [row for row in rows if row.get("pictures", "") == pictures]
        _print_one(of_pictures, f"{title}: {pictures}" if pictures else title, console, metric)


def _print_one(rows: Sequence[Row], title: str, console: Console, metric: str) -> None:
    names = columns_of(rows)
    options = options_in(rows)
    cells = {name: [_shortened(name, cell_text(name, row.get(name, "")), options) for row in rows] for name in names}
    widths = {name: max(map(len, (heading(name), *cells[name]))) + GAP for name in names}
    alike = [name for name in WORDS if len({row.get(name) for row in rows if row.get("rank") != ""}) == 1]
    for name in [*_least_important_first(metric), *reversed(options), *alike, metric]:
        if name in names and sum(widths[kept] for kept in names) > console.width + GAP:
            names.remove(name)
    columns = {heading(name): name not in (*WORDS, "sweep", "standing") for name in names}
    table = plain_table(columns, [[cells[name][place] for name in names] for place in range(len(rows))], title)
    for line, row in zip(table.rows, rows, strict=True):
        line.style = "dim" if row.get("rank") == "" else None
    console.print(table)
    if left_out := [heading(name) for name in columns_of(rows) if name not in names]:
        console.print(f"no room for: {printable(', '.join(left_out))}", markup=False, highlight=False)


def _shortened(name: str, text: str, options: Collection[str]) -> str:
    return f"{text[: LONGEST - 1]}…" if name in options and len(text) > LONGEST else text


def _least_important_first(metric: str) -> list[str]:
    kinds = ("with room", "usually", "always")
    of = {shown: [name for name in reversed(COLUMNS) if CATALOG[name].shown == shown] for shown in kinds}
    costs = ["parameters", *of["usually"], "seconds", "seeds"]
    names = ["seed", *of["with room"], *costs, "standing", "val_psnr", *of["always"]]  # the verdict tells standings too
    return [name for name in names if name.removeprefix("val_") != metric]


def cell_text(name: str, value: Any) -> str:
    """A value of the column `name`, to as many digits as people compare; a mean with its deviation."""
    if isinstance(value, Mean) and value.deviation is not None:
        return f"{cell_text(name, float(value))} ± {cell_text(name, value.deviation)}"
    if isinstance(value, int) and name == "parameters":
        return f"{value:,}"
    if not isinstance(value, float):
        return "" if value is None else str(value)
    if name not in TAKEN:
        return f"{value:.6g}"
    return f"{value:.0f}" if name == "seconds" else as_text(name.removeprefix("val_"), value)


def as_markdown(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table, rounded as in the terminal."""
    names = [name for name in dict.fromkeys(name for row in rows for name in row) if name != "folder"]
    return as_markdown_table(names, [[cell_text(name, row.get(name, "")) for name in names] for row in rows])


def print_scores(result: dict[str, Any]) -> None:
    """The checkpoint's row over those that need no network, then a row a class."""
    rows = [_scored("checkpoint", result["scores"])]
    rows += [_scored(name, scores, is_free=True) for name, scores in result["baselines"].items()]
    title = f"{result['data']}, {result['split']}: {result['pictures']:,} pictures"
    print_table(rows, title, table_console())
    rows = []
    for name, of_class in result["classes"].items():
        rows.append(_scored(name, of_class["scores"]))
        rows += [
            _scored(f"{name}, {baseline}", scores, is_free=True)
            for baseline, scores in of_class["baselines"].items()
            if baseline != CEILING
        ]
    if rows:
        print_table(rows, "by class", table_console())


def _scored(name: str, scores: Mapping[str, float], *, is_free: bool = False) -> Row:
    """A row of a checkpoint's scores, or of what needs no network. No rank: of one thing there is no order."""
    return {"model": name, **({"rank": ""} if is_free else {}), **{s: scores[s] for s in COLUMNS if s in scores}}
