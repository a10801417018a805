"""A report as a page that needs nothing beside itself."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from huesweep.errors import printable
from huesweep.sweeps.ranking import pictures_that_rank
from huesweep.sweeps.report.contents import Report
from huesweep.sweeps.report.figures import compose_figures
from huesweep.sweeps.report.figures_of_factors import compose_factors
from huesweep.sweeps.report.heading import (
    best_of,
    counts_of,
    explain_ranking,
    facts_of,
    machines_of,
    made_now,
)
from huesweep.sweeps.report.links import compose_files, predict_commands
from huesweep.sweeps.report.pictures import compose_palettes
from huesweep.sweeps.report.tables import compose_configuration, compose_failures, compose_means, compose_rankings
from huesweep.sweeps.report.times import times_of, told
from huesweep.sweeps.report.verdict import verdicts
from huesweep.sweeps.report.wall import compose_wall
from huesweep.sweeps.table import tell_apart

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render(of: Report) -> str:
    """The page as HTML."""
    return TEMPLATES.get_template("page.html.j2").render(
        name=printable(of.name),
        counts=[*counts_of(of.trials), *told(times_of(of.ranked))],
        bests=[best_of(group, of.metric) for group in of.groups] if of.ranked else [],
        verdicts=verdicts(of.groups, of.metric),
        predict=predict_commands(of.groups),
        facts=facts_of(of.ranked),
        command=printable(of.command),
        ranking=explain_ranking(of.ranked, of.metric),
        apart=tell_apart(of.ranked, of.swept),
        machines=machines_of(of.ranked),
        made=made_now(),
        metric=of.metric,
        pictures_that_rank=pictures_that_rank(of.ranked),
        sections=[
            {"title": title, "id": title.lower().replace(" ", "-"), "template": f"{name}.html.j2", "content": content}
            for title, (name, content) in _sections(of).items()
            if content
        ],
    )


def _results(of: Report) -> dict[str, object]:
    means = compose_means(of.groups, of.metric, of.swept)
    trials = compose_rankings(of.groups, of.metric, of.page, of.swept)
    columns = dict(pair for table in (*means, *trials) for pair in table.legend)
    return {"means": means, "trials": trials, "legend": list(columns.items())}


def _sections(of: Report) -> dict[str, tuple[str, object]]:
    """The sections of the page, by title: the template, and what that shows."""
    figures = [figure for group in of.groups for figure in compose_figures(group, of.metric)]
    factors = [found for group in of.groups if (found := compose_factors(group, of.metric, of.swept))]
    return {
        "Results": ("results", _results(of) if of.ranked else None),
        "What decided": ("factors", factors),
        "Figures": ("figures", figures),
        "Pictures": ("pictures", compose_wall(of.groups, of.metric)),
        "Palettes": ("palettes", compose_palettes(of.trials, of.labels)),
        "Failed and unfinished": ("failures", compose_failures(of.trials)),
        "Files": ("files", compose_files(of)),
        "Configuration": ("configuration", compose_configuration(of.trials, of.labels)),
    }
