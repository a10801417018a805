"""The result table: its order, its baseline rows, its files."""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from huesweep.errors import UsageError, printable
from huesweep.io.tables import as_csv
from huesweep.sweeps.checkpoints import find_checkpoint
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.ranking import rank
from huesweep.sweeps.report.page import report
from huesweep.sweeps.results import read_results
from huesweep.sweeps.table import as_markdown, print_table, table_rows
from huesweep.training.made_from import made_from
from tests.sweeps.trials import OF_PICTURES, write_trial


def result(model: str, validation: float, test: float, **also: Any) -> dict[str, Any]:
    scores = dict.fromkeys(OF_PICTURES, 0.5)
    return {
        "data": "photos",
        "task": "colorize",
        "model": model,
        "target": "palette16",
        "loss": "cross_entropy",
        "seed": 0,
        "parameters": 1234567,
        "epochs": 2,
        "seconds": 12.3,
        "folder": f"somewhere/{model}",
        "validation": {**scores, "psnr": validation, "cross_entropy": 1 / validation},
        "test": {**scores, "psnr": test, "cross_entropy": 1 / test},
        "baselines": {"test": {"gray": {**scores, "psnr": 20.0}, "ceiling": {**scores, "psnr": 30.0}}},
        **also,
    }


RESULTS = [result("a", 22.0, 24.0), result("b", 23.0, 21.0), result("c", 21.0, 25.0, target="palette32")]


def test_trials_are_ranked_by_validation_and_not_by_test() -> None:
    assert [found["model"] for found in rank(RESULTS, "psnr")] == ["b", "a", "c"]


def test_of_some_metrics_less_is_better() -> None:
    assert [found["model"] for found in rank(RESULTS, "cross_entropy")] == ["b", "a", "c"]


def test_without_validation_the_test_score_ranks() -> None:
    results = [{**found, "validation": None} for found in RESULTS]
    assert [found["model"] for found in rank(results, "psnr")] == ["c", "a", "b"]


@pytest.mark.parametrize("score", [None, float("nan"), float("inf")])
@pytest.mark.parametrize("metric", ["psnr", "cross_entropy"])
def test_what_has_no_score_comes_last(score: float | None, metric: str) -> None:
    broken = result("broken", 99.0, 99.0)
    broken["validation"][metric] = score
    assert [found["model"] for found in rank([broken, *RESULTS], metric)] == ["b", "a", "c", "broken"]


def test_a_metric_that_no_result_has_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"top1.*psnr, .*hue_distance, cross_entropy$"):
        rank(RESULTS, "top1")
    assert rank([], "top1") == []


def printed(metric: str, width: int, results: list[dict[str, Any]]) -> list[str]:
    text = io.StringIO()
    rows = table_rows(rank(results, metric), metric)
    print_table(rows, "title", Console(file=text, width=width), metric)
    return text.getvalue().splitlines()[1:]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize(
    ("metric", "heading", "value"),
    [
        ("psnr", "val psnr", "23.00"),
        ("cross_entropy", "val cross-ent.", "0.043"),
        ("cf_gap", "val cf_gap", "0.5"),
        ("hue_distance", "val hue dist.", "0.500"),
    ],
)
def test_the_column_that_ranks_is_printed_however_narrow(width: int, metric: str, heading: str, value: str) -> None:
    headings, first, *_ = printed(metric, width, RESULTS)
    assert heading in headings
    end = headings.index(heading) + len(heading)
    assert first[:end].endswith(f" {value}")
    without = [{**found, "validation": None} for found in RESULTS]
    assert heading.removeprefix("val ") in printed(metric, width, without)[0]
    assert "val " not in printed(metric, width, without)[0]


def test_files_have_the_column_that_ranks() -> None:
    rows = table_rows(rank(RESULTS, "cross_entropy"), "cross_entropy")
    assert [row["val_cross_entropy"] for row in csv.DictReader(io.StringIO(as_csv(rows)))][:1] == [str(1 / 23.0)]
    assert r"val\_cross\_entropy" in as_markdown(rows).splitlines()[0]


def test_the_gap_in_colorfulness_is_printed() -> None:
    assert "cf_gap" in printed("psnr", 200, RESULTS)[0]


@pytest.mark.parametrize(
    ("lacking", "on"), [((), "validation pictures"), ("abc", "test pictures"), ("b", "validation or test pictures")]
)
def test_the_title_says_on_which_pictures_trials_were_ranked(tmp_path: Path, lacking: str, on: str) -> None:
    for found in RESULTS:
        write(tmp_path, {**found, "validation": None if found["model"] in lacking else found["validation"]})
    text = io.StringIO()
    report(tmp_path, "auc", Console(file=text, width=300))
    assert f"ranked by auc on the {on}" in text.getvalue().splitlines()[0]


def test_gray_comes_once_and_a_ceiling_once_a_target() -> None:
    rows = table_rows(rank(RESULTS, "psnr"))
    assert [(row["rank"], row["model"], row["target"]) for row in rows] == [
        (1, "b", "palette16"),
        (2, "a", "palette16"),
        (3, "c", "palette32"),
        ("", "gray", ""),
        ("", "ceiling", "palette16"),
        ("", "ceiling", "palette32"),
    ]


def test_files_hold_every_row() -> None:
    rows = table_rows(rank(RESULTS, "psnr"))
    read = list(csv.DictReader(io.StringIO(as_csv(rows))))
    assert [row["model"] for row in read] == ["b", "a", "c", "gray", "ceiling", "ceiling"]
    assert float(read[0]["psnr"]) == 21.0
    assert as_markdown(rows).count("\n") == len(rows) + 2


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_a_terminal_shows_as_many_columns_as_it_has_room_for(width: int) -> None:
    text = io.StringIO()
    print_table(table_rows(rank(RESULTS, "psnr")), "title", Console(file=text, width=width))
    lines = text.getvalue().splitlines()
    assert max(len(line.rstrip()) for line in lines) <= width
    assert "psnr" in lines[1]
    assert "21.00" in lines[2]
    assert ("1,234,567" in lines[2]) == (width >= 120)


def test_a_folder_without_results_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no finished trial"):
        read_results(tmp_path)
    with pytest.raises(UsageError, match="is not a folder"):
        read_results(tmp_path / "nowhere")


HOSTILE = "[red]x|`<b>*_&\n=1"


def test_texts_are_shown_and_not_interpreted() -> None:
    rows = table_rows([result(HOSTILE, 22.0, 21.0, target="@SUM(A1)", loss="-1+1")])
    text = io.StringIO()
    print_table(rows, "[bold]title[/bold] :smile:\x1b[2J", Console(file=text, width=300))
    assert "[bold]title[/bold] :smile:\\x1b[2J" in text.getvalue()
    assert r"[red]x|`<b>*_&\n=1" in text.getvalue()
    line = as_markdown(rows).splitlines()[2]
    assert r"\[red\]x\|\`\<b\>\*\_\&\\n\=1" in line
    assert line.count(" | ") == as_markdown(rows).splitlines()[0].count(" | ")
    (first, *_) = csv.DictReader(io.StringIO(as_csv(rows)))
    assert (first["model"], first["target"], first["loss"]) == (printable(HOSTILE), "'@SUM(A1)", "'-1+1")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1", "'=1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@x", "'@x"),
        ("\t=1", r"'\t=1"),
        ("a\r\n=1", r"a\r\n=1"),
        ("a=1", "a=1"),
    ],
)
def test_a_spreadsheet_computes_no_text_and_keeps_numbers(text: str, shown: str) -> None:
    written = as_csv([{"a": text, "b": -1.5, "c": -2}])
    assert list(csv.reader(io.StringIO(written, newline="")))[1] == [shown, "-1.5", "-2"]


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{}", b"[]", b"null", b"\xff\xfe\x00", b"[" * 100_000, b" " * 2**21),
        *(
            json.dumps({**RESULTS[0], name: value}).encode()
            for name, value in (
                ("test", [1]),
                ("test", {"psnr": 1e300}),
                ("test", {"psnr": True}),
                ("parameters", -1),
                ("seconds", "long"),
                ("seed", 10**400),
                ("model", "x" * 1000),
                ("model", ["x"]),
            )
        ),
    ],
)
def test_a_damaged_neighbor_is_told_in_a_line_and_passed_over(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, RESULTS[0])
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "result.json").write_bytes(content)
    assert [found["model"] for found in read_results(tmp_path)] == ["a"]
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert str(tmp_path / "damaged" / "result.json") in printed


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "pipe").mkdir()
    os.mkfifo(tmp_path / "pipe" / "result.json")
    with pytest.raises(UsageError, match="no finished trial"):
        read_results(tmp_path)


def test_a_result_leads_nowhere_and_what_is_unknown_in_it_is_left(tmp_path: Path) -> None:
    write(tmp_path, {**RESULTS[0], "checkpoint": "../../secret.ckpt", "folder": "/etc", "secret": 1})
    (found,) = read_results(tmp_path)
    assert found["folder"] == str(tmp_path / "a")
    assert not {"checkpoint", "secret"} & found.keys()
    assert find_checkpoint(str(tmp_path), "psnr") == tmp_path / "a" / "checkpoints" / "best.ckpt"


def test_what_was_no_number_in_a_result_is_none(tmp_path: Path) -> None:
    write(tmp_path, {**RESULTS[0], "test": {"psnr": float("nan"), "ssim": float("inf"), "cf": 3}})
    assert read_results(tmp_path)[0]["test"] == {"psnr": None, "ssim": None, "cf": 3.0}


def write(sweep: Path, content: dict[str, Any]) -> None:
    folder = sweep / content["model"]
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps(content))


def test_a_report_ranks_by_the_sweeps_own_score_unless_told_otherwise(tmp_path: Path) -> None:
    for found in RESULTS:
        write(tmp_path, found)
    Manifest(tmp_path).begin("abc", 3, "cross_entropy")
    for given, ranks in ((None, "cross_entropy"), ("auc", "auc")):
        report(tmp_path, given, Console(file=io.StringIO()))
        assert f"val_{ranks}" in (tmp_path / "results.csv").read_text().splitlines()[0]
        assert f"Ranked by {ranks} " in (tmp_path / "report.html").read_text()


def test_a_report_reads_what_trials_wrote(tmp_path: Path) -> None:
    for found in RESULTS:
        write(tmp_path, found)
    (tmp_path / "unfinished").mkdir()
    paths = report(tmp_path, "psnr", Console(file=io.StringIO()))
    assert [path.name for path in paths] == ["results.csv", "results.md", "report.html"]
    assert all(path.read_text() for path in paths)


def test_code_that_has_changed_since_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = made_from({"loss": {"_target_": "huesweep.losses.focal.FocalLoss"}})["code"]
    for name, code in (("a", now), ("b", {**now, "os": "0", "huesweep.gone": "0"})):
        folder = write_trial(tmp_path, name, 22.0)
        kept = json.loads((folder / "result.json").read_text())
        (folder / "result.json").write_text(json.dumps({**kept, "code": code}))
    report(tmp_path, "psnr", Console(width=200))
    assert capsys.readouterr().err == ""
    (folder / "result.json").write_text(json.dumps({**kept, "code": {"huesweep.losses.focal": "0"}}))
    report(tmp_path, "psnr", Console(width=200))
    assert "huesweep.losses.focal changed: their scores are of what was there before" in capsys.readouterr().err


def test_what_is_not_in_the_table_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_trial(tmp_path, "done", 22.0)
    for name, error in (("cut", ""), ("bad", "UsageError: no")):
        folder = write_trial(tmp_path, name, 21.0, seed=1)
        (folder / "result.json").unlink()
        if error:
            (folder / "error.txt").write_text(error)
    report(tmp_path, "psnr", Console(width=200))
    assert "not in the table, of 3 trials: 1 failed, 1 unfinished" in capsys.readouterr().out


def test_columns_without_room_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_trial(tmp_path, "one", 22.0)
    report(tmp_path, "psnr", Console(width=40))
    told = " ".join(capsys.readouterr().out.partition("no room for: ")[2].split())
    assert "parameters" in told
    assert "psnr" not in told.partition(" Best")[0].split(", ")
    report(tmp_path, "psnr", Console(width=300))
    assert "no room for" not in capsys.readouterr().out
