"""The workspace that shows a project's runs in wandb."""

from typing import Any

import wandb_workspaces.reports.v2 as panels
import wandb_workspaces.workspaces as workspaces

from huesweep.metrics.catalog import CATALOG, KEPT, axis

COLUMNS = 3
CURVES = {
    "Quality": (*(f"val/{name}" for name in KEPT if CATALOG[name].topic == "quality"), "val/loss", "train/loss"),
    "Color": tuple(f"val/{name}" for name in KEPT if CATALOG[name].topic == "color"),
    "Classes": tuple(f"val/{name}" for name in KEPT if CATALOG[name].topic == "classes"),
}


def compose_workspace(entity: str, project: str, group: str | None, name: str) -> workspaces.Workspace:
    """The workspace of a project: quality, color, pictures, speed, and what of the configuration matters.

    group: of the runs to show, a sweep's name; None shows all of them.
    """
    sections = [
        _section(title, [panels.LinePlot(title=_title(key), x="epoch", y=[key]) for key in keys])
        for title, keys in CURVES.items()
    ]
    sections[0].panels.append(panels.BarPlot(title=f"test {axis('psnr')}", metrics=[panels.SummaryMetric("test/psnr")]))
    color = _scatter("PSNR against colorfulness", "test/cf", "test/psnr")
    sections[1].panels.append(color)
    sections += [
        _section(
            "Pictures", [panels.MediaBrowser(media_keys=["examples"]), panels.MediaBrowser(media_keys=["palette"])]
        ),
        _section(
            "Speed",
            [
                _scatter("PSNR against seconds", "seconds", "test/psnr"),
                _scatter("PSNR against parameters", "parameters", "test/psnr", log_x=True),
            ],
        ),
        _section("What matters", [panels.ParallelCoordinatesPlot(columns=_coordinates())]),
    ]
    runset = workspaces.RunsetSettings(filters=f"Metric('group') = {group!r}" if group else [])
    return workspaces.Workspace(
        entity=entity,
        project=project,
        name=name,
        sections=sections,
        settings=workspaces.WorkspaceSettings(x_axis="epoch", max_runs=100),
        runset_settings=runset,
    )


def _title(key: str) -> str:
    split, _, name = key.partition("/")
    return f"{split} {axis(name)}"


def _section(title: str, plots: list[Any]) -> workspaces.Section:
    layout = workspaces.SectionLayoutSettings(columns=COLUMNS, rows=2)
    return workspaces.Section(name=title, panels=plots, is_open=True, layout_settings=layout)


def _scatter(title: str, x: str, y: str, log_x: bool = False) -> panels.ScatterPlot:
    return panels.ScatterPlot(title=title, x=panels.SummaryMetric(x), y=panels.SummaryMetric(y), log_x=log_x)


def _coordinates() -> list[panels.ParallelCoordinatesPlotColumn]:
    configured = ("model.name", "target.colors", "loss.name", "optimizer.lr", "seed")
    columns = [panels.ParallelCoordinatesPlotColumn(panels.Config(name)) for name in configured]
    scores = [panels.ParallelCoordinatesPlotColumn(panels.SummaryMetric(name)) for name in ("test/cf", "test/psnr")]
    return columns + scores
