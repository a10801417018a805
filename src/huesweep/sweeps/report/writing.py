"""The report on a sweep: its ranked table in the terminal and in files, and a page that shows everything."""

from pathlib import Path

from rich.console import Console

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.tables import as_csv
from huesweep.metrics.catalog import check_metric
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.report.assembly import compose_page
from huesweep.sweeps.results import pictures_that_rank, rank, read_results
from huesweep.sweeps.table import as_markdown, print_table, table_rows


def report(folder: Path, metric: str, console: Console) -> list[Path]:
    """Print the ranked table of a sweep, write results.csv, results.md and report.html, and give their paths.

    While no trial has finished there is only the page, of those that run or failed. Raises UsageError where there are
    no trials at all.
    """
    check_metric(metric)
    texts: dict[str, str] = {}
    ranked = []
    try:
        results = read_results(folder)
    except UsageError:
        if not folder.is_dir() or not Manifest(folder).names():
            raise
        print(f"{folder}: no trial has finished yet")
    else:
        ranked = rank(results, metric)
        rows = table_rows(ranked, metric)
        title = f"{folder}: test scores, ranked by {metric} on the {pictures_that_rank(ranked)}"
        print_table(rows, title, console, metric)
        texts |= {"results.csv": as_csv(rows), "results.md": as_markdown(rows)}
    texts["report.html"] = compose_page(folder, ranked, metric)
    for name, text in texts.items():
        write_text_atomically(folder / name, text)
    return [folder / name for name in texts]
