"""A study's tables, checked against means and deviations worked by hand."""

from pathlib import Path

import pytest

from huesweep.studies.study import Study
from huesweep.studies.tables import grouped, mean_of, read_rows, tables

STUDY = Study(
    "s", ["a"], ["cross_entropy", "psnr"], ["cross_entropy", "psnr"], by=["target"], labels={"palette16": "16 colors"}
)
TRIAL = {"sweep": "a", "data": "photos", "model": "unet", "target": "palette16", "loss": "mse", "parameters": 1234567}
ROWS = [
    {**TRIAL, "seed": 0, "cross_entropy": 1.0, "psnr": 20.0, "val_psnr": 3.0},
    {**TRIAL, "seed": 1, "cross_entropy": 2.0, "psnr": 22.0, "val_psnr": 4.0},
    {**TRIAL, "model": "cnn", "seed": 0, "cross_entropy": 0.5, "psnr": 21.0},
    {"data": "photos", "model": "gray", "psnr": 19.0},
    {"data": "photos", "model": "ceiling", "target": "palette16", "psnr": 30.0},
    {"data": "photos", "model": "ceiling", "target": "palette32", "psnr": 33.0},
]


def test_rows_that_differ_in_seed_alone_are_one_with_mean_and_deviation() -> None:
    joined = grouped(ROWS)
    assert [row["n"] for row in joined] == [2, 1, 1, 1, 1]
    assert (joined[0]["cross_entropy"], joined[0]["cross_entropy"].deviation) == (1.5, pytest.approx(0.5**0.5))
    assert (joined[1]["cross_entropy"], joined[1]["cross_entropy"].deviation) == (0.5, None)
    assert "cross_entropy" not in joined[3]


def test_a_table_is_ordered_by_its_score_and_ends_with_what_needs_no_network() -> None:
    lines = tables(STUDY, ROWS).splitlines()
    assert lines[0] == "**16 colors**"
    assert lines[2] == "| model | parameters | n | cross-ent\\. | psnr |"
    assert [line.split(" | ")[0] for line in lines[4:]] == ["| cnn", "| unet", "| gray", "| ceiling"]
    assert lines[5] == "| unet | 1,234,567 | 2 | 1.500 ± 0.707 | 21.00 ± 1.41 |"
    assert "33.00" not in "".join(lines)


def test_trials_with_a_table_of_their_own_stand_in_no_other() -> None:
    small, large = {**TRIAL, "pictures": "photos size=16"}, {**TRIAL, "pictures": "photos size=64", "sweep": "b"}
    grays = [{"data": "photos", "model": "gray", "pictures": row["pictures"], "psnr": 19.0} for row in (small, large)]
    rows = [{**small, "psnr": 20.0}, {**large, "psnr": 30.0}, *grays]
    apart = Study("s", ["a", "b"], ["psnr"], ["psnr"], apart=["b"])
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in tables(apart, rows).splitlines()[2:]]
    assert [(row[0], row[-1]) for row in cells] == [("unet", "20.00"), ("gray", "19.00")]


def test_means_are_over_the_rows_that_have_the_values() -> None:
    assert mean_of(ROWS, "psnr", model="unet", target="palette16") == 21.0
    assert mean_of(ROWS, "psnr", model="other") is None


@pytest.mark.parametrize(
    ("text", "row"),
    [("a,b\n1,\n", {"a": 1}), ("a,b\n1.5,x\n", {"a": 1.5, "b": "x"}), ("a\n'=2\n", {"a": "=2"})],
)
def test_rows_are_read_as_they_were_written(tmp_path: Path, text: str, row: dict[str, object]) -> None:
    (tmp_path / "rows.csv").write_text(text)
    assert read_rows(tmp_path / "rows.csv") == [row]
    assert read_rows(tmp_path / "none.csv") == []


def test_of_a_long_table_the_best_rows_are_shown_and_the_others_counted() -> None:
    short = Study("s", ["a"], ["psnr"], ["psnr"], shown=1)
    lines = tables(short, ROWS).splitlines()
    assert lines[0] == "The best 1 of 2 rows, in the order of their scores on the validation pictures:"
    assert [line.split(" | ")[0] for line in lines[4:]] == [
        "| unet",
        "| ceiling of palette32",
        "| ceiling of palette16",
        "| gray",
    ]


def test_a_table_of_rows_that_lack_its_first_score_is_ordered_by_the_next() -> None:
    shared = Study("s", ["a"], ["cross_entropy", "psnr"], ["psnr"])
    classes = {**TRIAL, "model": "classes", "cross_entropy": 1.0, "psnr": 20.0}
    lines = tables(shared, [classes, {**TRIAL, "model": "values", "psnr": 21.0}]).splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| values", "| classes"]


def test_validation_pictures_choose_the_rows_of_a_long_table() -> None:
    short = Study("s", ["a"], ["psnr"], ["psnr"], shown=1)
    rows = [
        {**TRIAL, "model": name, "psnr": psnr, "val_psnr": seen}
        for name, psnr, seen in (("a", 21.0, 22.0), ("b", 22.0, 21.0))
    ]
    lines = tables(short, rows).splitlines()
    assert lines[0] == "The best 1 of 2 rows, in the order of their scores on the validation pictures:"
    assert [line.split(" | ")[0] for line in lines[4:]] == ["| a"]
