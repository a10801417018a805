"""Writing a study's tables and figures into its text, from the small tables in its folder alone."""

import io
import json
from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from huesweep.errors import UsageError
from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.studies.collecting import CURVES, FACTS, RESULTS
from huesweep.studies.study import Study
from huesweep.studies.tables import read_rows, tables

BEGIN, END = "<!-- results -->", "<!-- end of results -->"
PUBLISHED = "published.csv"  # rows of the original's own figures, which join the tables
DPI = 110


def write_study(study: Study) -> list[Path]:
    """Write tables, figures and the answer into a study's README.md between its two marks. Gives the files written.

    The same results give the same bytes. Raises UsageError where results or marks are missing.
    """
    rows = read_rows(study.folder / RESULTS)
    if not rows:
        raise UsageError(f"{study.folder / RESULTS} is missing: make study STUDY={study.name} trains what it is of")
    rows += read_rows(study.folder / PUBLISHED)
    readme = study.folder / "README.md"
    text = readme.read_text(encoding="utf-8")
    if not (text.count(BEGIN) == text.count(END) == 1 and text.index(BEGIN) < text.index(END)):
        raise UsageError(f"{readme} has no two marks, {BEGIN} and {END}, to write results between")
    answer = getattr(study.module, "answer", None)
    parts = [answer(rows)] if answer else []
    further = getattr(study.module, "further", None)
    parts += [_facts(study.folder), tables(study, rows), further(study.folder) if further else ""]
    written = []
    draw = getattr(study.module, "figures", None)
    for name, (figure, caption) in (draw(rows, read_rows(study.folder / CURVES)) if draw else {}).items():
        png = as_png(figure)
        write_atomically(study.folder / name, lambda file, png=png: file.write(png))  # type: ignore[misc]
        written.append(study.folder / name)
        parts.append(f"![{caption}]({name})\n\n{caption}\n")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    body = "\n".join(part for part in parts if part)
    write_text_atomically(readme, f"{before}{BEGIN}\n\n{body}\n{END}{after}")
    return [readme, *written]


def _facts(folder: Path) -> str:
    """A line on what the trials ran on, and for how long."""
    if not (folder / FACTS).exists():
        return ""
    facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    where = ", ".join(part for part in (facts["device"], facts["threads"] and f"threads {facts['threads']}") if part)
    return f"{facts['trials']} trials, {facts['seconds'] / 3600:.1f} hours in all ({where}, torch {facts['torch']}).\n"


def as_png(figure: Figure) -> bytes:
    """A figure as a PNG file, whose bytes say nothing of when or by what it was made."""
    FigureCanvasAgg(figure)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()
