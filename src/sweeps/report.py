"""The report on a sweep: its ranked table in the terminal and in files, and a page that shows everything."""

from pathlib import Path

from rich.console import Console

from src.files.atomic import write_text_atomically
from src.files.tables import as_csv
from src.sweeps.page.assembly import compose_page
from src.sweeps.table import as_markdown, print_table, rank, read_results, table_rows


def report(folder: Path, metric: str, console: Console) -> list[Path]:
    """Print the ranked table of a sweep, write results.csv, results.md and report.html, and give their paths."""
    ranked = rank(read_results(folder), metric)
    rows = table_rows(ranked)
    print_table(rows, f"{folder}: test scores, ranked by {metric} on the validation pictures", console)
    texts = {"results.csv": as_csv(rows), "results.md": as_markdown(rows)}
    texts["report.html"] = compose_page(folder, ranked, metric)
    for name, text in texts.items():
        write_text_atomically(folder / name, text)
    return [folder / name for name in texts]
