"""Several sweeps in one report: one ranking, a column that says which sweep, and no sweep's own files replaced."""

import csv
import io
import sys
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from huesweep.cli import main
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.ranking import comparable
from huesweep.sweeps.report.comparison import read_sweeps, tell_folders_apart
from huesweep.sweeps.report.page import publish, report
from huesweep.sweeps.results import read_results
from tests.sweeps.page_reader import Page
from tests.sweeps.trials import baselines, scores, write_trial, write_unfinished

GAP = {"cf_gap": 3.0}


@pytest.fixture
def sweeps(tmp_path: Path) -> list[Path]:
    """Two sweeps, the second ranked by another score; both trained the same trial."""
    first, second = tmp_path / "sweeps" / "first", tmp_path / "sweeps" / "second"
    write_trial(first, "same", 22.0)
    write_trial(first, "wide", 24.0, model="unet_l", validation=scores(24.0, **GAP))
    write_trial(second, "same", 22.0)
    write_trial(second, "faster", 23.0, lr=0.1)
    write_unfinished(second, "broken", error="ValueError: boom", model="unet_s")
    Manifest(first).begin(["same", "wide"], 2, "psnr", ["model"])
    Manifest(second).begin(["same", "faster", "broken"], 3, "cf_gap", ["optimizer.lr"])
    return [first, second]


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Run the command and give what it leaves with, if it does."""
    monkeypatch.setattr(sys, "argv", ["report", *arguments])
    try:
        main("report")
    except SystemExit as end:
        return str(end.code)
    return ""


def rows_of(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "results.csv").open()))


@pytest.mark.parametrize("listed", [False, True])
def test_two_sweeps_are_ranked_together_into_a_folder_of_their_own(
    sweeps: list[Path],
    listed: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for sweep in sweeps:
        report(sweep, None, Console(file=io.StringIO()))
    before = {path: path.read_bytes() for sweep in sweeps for path in sweep.rglob("*") if path.is_file()}
    given = [f"sweep=[{sweeps[0]}, '{sweeps[1]}']"] if listed else [f"sweep={sweep}" for sweep in sweeps]
    assert call(monkeypatch, *given, f"paths.outputs={tmp_path}") == ""
    out = tmp_path / "reports" / "first+second"
    printed = capsys.readouterr()
    assert [line for line in printed.out.splitlines() if line.startswith("wrote")] == [
        f"wrote {out / name}" for name in ("results.csv", "results.md", "report.html")
    ]
    assert printed.err == (
        f"The sweeps rank by different scores ({sweeps[0]} by psnr, {sweeps[1]} by cf_gap): "
        "ranked by psnr, the first one's; rank= names another.\n"
    )
    assert [(row["rank"], row["sweep"], row["model"], row["lr"], row["psnr"]) for row in rows_of(out)] == [
        ("1", "first", "unet_l", "0.01", "23.0"),
        ("2", "second", "unet_m", "0.1", "22.0"),
        ("3", "first", "unet_m", "0.01", "21.0"),
        ("4", "second", "unet_m", "0.01", "21.0"),
        ("", "", "gray", "", "20.0"),
        ("", "", "ceiling", "", "30.0"),
    ]
    assert before == {path: path.read_bytes() for sweep in sweeps for path in sweep.rglob("*") if path.is_file()}
    page = Page((out / "report.html").read_text())
    assert [(row["#"], row["sweep"]) for row in page.table("Ranked trials")[:4]] == [
        ("1", "first"),
        ("2", "second"),
        ("3", "first"),
        ("4", "second"),
    ]
    assert "4 done 1 failed 0 unfinished" in page.text
    assert "second/broken ValueError: boom" in page.text
    assert "Best trial: first unet_l lr=0.01" in page.text


def test_a_comparison_goes_where_it_is_told_and_ranks_by_what_it_is_told(
    sweeps: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [f"sweep={sweep}" for sweep in sweeps]
    out = tmp_path / "o (1)=x"
    assert call(monkeypatch, *given, f"out={out}", "rank=cf_gap") == ""
    assert "val_cf_gap" in rows_of(out)[0]
    assert "different scores" not in capsys.readouterr().err
    assert call(monkeypatch, f"sweep={sweeps[0]}", f"out={tmp_path / 'one'}") == ""
    assert len(rows_of(tmp_path / "one")) == 4
    assert not (sweeps[0] / "results.csv").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["sweep={0}", "sweep={0}/../first"], "error: sweep={0} is given twice: name different sweeps to compare"),
        (
            ["sweep={0}", "sweep={1}", "out={1}"],
            "error: out={1} is one of the sweeps, whose own files would be replaced",
        ),
        (["sweep={0}", "sweep=/nowhere"], "error: /nowhere is not a folder"),
        (["sweep={0}", "rank=psnr", "rank=auc"], "error: rank is given twice, rank=psnr and rank=auc: leave one"),
        (["sweep={0}", "out=a", "out=b"], "error: out is given twice, out=a and out=b: leave one"),
        (
            ["sweep={0}", "+data.url=me:s3cret@host/x", "data.url=https://me:s3cret@host"],
            "error: data.url is given twice, +data.url=...@host/x and data.url=https://...@host: leave",
        ),
        (["sweep=[]"], "error: sweep= is missing"),
    ],
)
def test_a_mistake_is_told_in_a_line(
    sweeps: list[Path], arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [argument.format(*sweeps) for argument in arguments]
    told = call(monkeypatch, *given, f"paths.outputs={tmp_path}")
    assert told.startswith(message.format(*sweeps))
    assert "\n" not in told
    assert not (tmp_path / "reports").exists()


def test_sweeps_on_different_pictures_are_compared_apart(tmp_path: Path) -> None:
    for name, gray in (("a", 20.0), ("b", 26.0)):
        write_trial(tmp_path / name, "t", 27.0, baselines=baselines(gray))
    publish(read_sweeps([tmp_path / "a", tmp_path / "b"], None, tmp_path / "out"), Console(file=io.StringIO()))
    rows: list[Any] = [(row["rank"], row["pictures"], row["sweep"], row["model"]) for row in rows_of(tmp_path / "out")]
    assert rows[0] == ("1", "photos", "a", "unet_m")
    assert rows[3] == ("1", "photos (2)", "b", "unet_m")


def test_scores_on_fewer_pictures_are_compared_apart_where_baselines_are_alike(tmp_path: Path) -> None:
    """As those of transfers are: on classes of one size the majority is right as often on a part of the pictures."""
    for name, test in (("a", 1000), ("b", 200), ("c", 1000)):
        write_trial(tmp_path, name, pictures={"train": test, "validation": 500, "test": test})
    write_trial(tmp_path, "old")
    apart = [[Path(result["folder"]).name for result in group] for group in comparable(read_results(tmp_path))]
    assert apart == [["a", "c", "old"], ["b"]]


def test_folders_of_one_name_are_told_apart_by_those_above() -> None:
    assert tell_folders_apart([Path("/x/a"), Path("/x/b")]) == ["a", "b"]
    assert tell_folders_apart([Path("/x/a"), Path("/y/a")]) == ["x/a", "y/a"]
    assert tell_folders_apart([Path("/x/a"), Path("/x/a")]) == ["a", "a"]
