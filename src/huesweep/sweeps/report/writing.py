"""The report on a sweep: its ranked table in the terminal and in files, and a page that shows everything."""

from pathlib import Path

from rich.console import Console

from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.tables import as_csv
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.report.assembly import compose_page
from huesweep.sweeps.table import as_markdown, check_metric, print_table, rank, read_results, table_rows


def report(folder: Path, metric: str, console: Console) -> list[Path]:
    """Print the ranked table of a sweep, write results.csv, results.md and report.html, and give their paths.

    While no trial has finished there is only the page, of those that run or failed. Raises UsageError where there are
    no trials at all.
    """
    texts: dict[str, str] = {}
    try:
        ranked = rank(read_results(folder), metric)
    except UsageError:
        check_metric(metric)
        if not folder.is_dir() or not Manifest(folder).names():
            raise
        ranked = []
        print(f"{folder}: no trial has finished yet")
    else:
        rows = table_rows(ranked)
        print_table(rows, f"{folder}: test scores, ranked by {metric} on the validation pictures", console)
        texts |= {"results.csv": as_csv(rows), "results.md": as_markdown(rows)}
    texts["report.html"] = compose_page(folder, ranked, metric)
    for name, text in texts.items():
        write_text_atomically(folder / name, text)
    return [folder / name for name in texts]
