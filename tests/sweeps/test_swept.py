"""What was swept over stands in every table, and baselines stand under the trials of their own pictures."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from huesweep import api
from huesweep.sweeps.checkpoints import find_checkpoint
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.report.page import report
from huesweep.sweeps.swept import option_values, swept_options
from tests.sweeps.page_reader import Page
from tests.sweeps.trials import baselines, scores, set_options, write_trial

PLAIN = {"_target_": "huesweep.losses.psnr.PsnrLoss", "name": "psnr", "plain": 0}
MODEL: dict[str, Any] = {
    "name": "unet_s",
    "encoder": {"_target_": "e.Plain", "widths": [4, 8]},
    "decoder": {"_target_": "d.Unet"},
}
ADAM = {"_target_": "huesweep.training.optimizers.adam", "lr": 1e-4}
ADAMW = {"_target_": "huesweep.training.optimizers.adamw_one_cycle", "lr": 0.01, "warmup": 0.3}


def config(**also: Any) -> dict[str, Any]:
    return {
        "data": {"name": "photos", "size": 32},
        "task": {"name": "colorize", "gray": "mean"},
        "model": MODEL,
        "target": {"name": "palette", "colors": 16, "temperature": 0.4},
        "loss": PLAIN,
        "optimizer": ADAM,
        "paths": {"outputs": "outputs"},
        "seed": 0,
        **also,
    }


def wider(widths: list[int], **also: Any) -> dict[str, Any]:
    return {**MODEL, "encoder": {**MODEL["encoder"], "widths": widths}, **also}


@pytest.mark.parametrize(
    ("first", "second", "swept", "values"),
    [
        ({}, {"seed": 1}, {}, ({}, {})),
        ({}, {"paths": {"outputs": "elsewhere"}, "logger": {"csv": {"name": "x"}}}, {}, ({}, {})),
        ({}, {"loss": {**PLAIN, "plain": 1}}, {"loss.plain": "plain"}, ({"plain": 0}, {"plain": 1})),
        (
            {},
            {"data": {"name": "photos", "size": 32, "classes": ["horse", "cat"]}},
            {"data.classes": "classes"},
            ({}, {"classes": "[horse,cat]"}),
        ),
        (
            {"batch": {"flip": True}},
            {"batch": {"flip": None}},
            {"batch.flip": "flip"},
            ({"flip": "true"}, {"flip": "null"}),
        ),
        # what stands in a word of its own, or follows from the choice of a part, is no option of a sweep
        ({}, {"model": wider([8, 16], name="unet_l"), "target": {"name": "ab"}}, {}, ({}, {})),
        ({}, {"target": {"name": "palette", "colors": 8, "temperature": 0.4}}, {}, ({}, {})),
        (
            {},
            {"model": wider([8, 16])},
            {"model.encoder.widths": "widths"},
            ({"widths": "[4,8]"}, {"widths": "[8,16]"}),
        ),
        (
            {},
            {"optimizer": ADAMW},
            {"optimizer._target_": "optimizer"},
            ({"optimizer": "adam"}, {"optimizer": "adamw_one_cycle"}),
        ),
        (
            {"callbacks": {}},
            {"callbacks": {"average": {"_target_": "x.WeightsAverage", "decay": 0.9}}},
            {"callbacks.average._target_": "average"},
            ({}, {"average": "WeightsAverage"}),
        ),
        # short names are those that no other column has
        (
            {"loss": {"name": "mix", "weights": {"psnr": 0, "l1": 1}}},
            {"loss": {"name": "mix", "weights": {"psnr": 1, "l1": 0}}},
            {"loss.weights.psnr": "weights.psnr", "loss.weights.l1": "l1"},
            ({"weights.psnr": 0, "l1": 1}, {"weights.psnr": 1, "l1": 0}),
        ),
        (
            {"model": {**MODEL, "encoder": {"kernel": 3}, "decoder": {"kernel": 3}}},
            {"model": {**MODEL, "encoder": {"kernel": 5}, "decoder": {"kernel": 5}}},
            {"model.encoder.kernel": "encoder.kernel", "model.decoder.kernel": "decoder.kernel"},
            ({"encoder.kernel": 3, "decoder.kernel": 3}, {"encoder.kernel": 5, "decoder.kernel": 5}),
        ),
    ],
)
def test_options_that_differ_were_swept_over(
    first: dict[str, Any],
    second: dict[str, Any],
    swept: dict[str, str],
    values: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    configs = [config(**first), config(**second), {}]
    assert swept_options(configs) == swept
    assert [option_values(found, swept) for found in configs] == [*values, {}]


def test_what_is_known_to_have_been_swept_over_is_told_though_it_seems_to_follow() -> None:
    drawn = [
        config(target={"name": "palette", "colors": colors, "temperature": temperature})
        for colors, temperature in ((16, 0.2), (32, 0.4))
    ]
    assert swept_options(drawn) == {}
    known = ["target.temperature", "target.colors", "model", "gone.option"]
    assert swept_options(drawn, known) == {"target.temperature": "temperature"}
    assert swept_options(drawn[:1], known) == {"target.temperature": "temperature"}  # while the others are trained


def reported(sweep: Path, metric: str | None = None) -> tuple[str, list[dict[str, str]], str, Page]:
    """What a report prints, the rows of its CSV file, its Markdown file and its page."""
    text = io.StringIO()
    report(sweep, metric, Console(file=text, width=300))
    rows = list(csv.DictReader((sweep / "results.csv").open()))
    return text.getvalue(), rows, (sweep / "results.md").read_text(), Page((sweep / "report.html").read_text())


def test_swept_options_are_columns_everywhere(tmp_path: Path) -> None:
    for place, (lr, plain) in enumerate(((0.001, 0), (0.001, 1), (0.00012345678, 0), (0.00012345678, 1))):
        folder = write_trial(tmp_path, f"t{place}", 22.0 - place, lr=lr)
        set_options(folder, loss__plain=plain)
    printed, rows, markdown, page = reported(tmp_path)
    exact = [("0.001", "0"), ("0.001", "1"), ("0.00012345678", "0"), ("0.00012345678", "1")]
    rounded = [("0.001", "0"), ("0.001", "1"), ("0.000123457", "0"), ("0.000123457", "1")]
    assert [(row["lr"], row["plain"]) for row in rows[:4]] == exact
    assert [(row["lr"], row["plain"]) for row in page.table("Ranked trials")[:4]] == rounded
    headings, *lines = (line.split() for line in printed.splitlines()[1:])
    assert headings[:6] == ["#", "model", "target", "loss", "plain", "lr"]
    assert [(line[5], line[4]) for line in lines[:4]] == rounded
    assert "| plain | lr |" in markdown
    assert "| 0 | 0.000123457 |" in markdown
    assert [row["lr"] for row in api.results(tmp_path).to_dict("records")[:2]] == [0.001, 0.001]
    labels = [row["trial"] for row in page.table("Options that differ")]
    assert labels[:2] == ["unet_m plain=0 lr=0.001", "unet_m plain=1 lr=0.001"]


def two_sizes(sweep: Path) -> None:
    """Three trials on pictures of one size, two on another size, which is easier."""
    for place, (psnr, lr) in enumerate(((22.0, 0.1), (24.0, 0.01), (23.0, 0.001))):
        set_options(write_trial(sweep, f"a{place}", psnr, lr=lr, baselines=baselines(20.87)), data__size=32)
    for place, (psnr, lr) in enumerate(((27.0, 0.1), (28.0, 0.01))):
        set_options(write_trial(sweep, f"b{place}", psnr, lr=lr, baselines=baselines(26.56)), data__size=64)


def test_trials_on_other_pictures_are_ranked_apart_over_their_own_baselines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_sizes(tmp_path)
    printed, rows, markdown, page = reported(tmp_path)
    assert [(row["rank"], row["pictures"], row["model"], row["size"], row["lr"], row["psnr"]) for row in rows] == [
        ("1", "photos size=32", "unet_m", "32", "0.01", "23.0"),
        ("2", "photos size=32", "unet_m", "32", "0.001", "22.0"),
        ("3", "photos size=32", "unet_m", "32", "0.1", "21.0"),
        ("", "photos size=32", "gray", "32", "", "20.87"),
        ("", "photos size=32", "ceiling", "32", "", "30.0"),
        ("1", "photos size=64", "unet_m", "64", "0.01", "27.0"),
        ("2", "photos size=64", "unet_m", "64", "0.1", "26.0"),
        ("", "photos size=64", "gray", "64", "", "26.56"),
        ("", "photos size=64", "ceiling", "64", "", "30.0"),
    ]
    told = "Ranked apart, as scores on different pictures don't compare: "
    told += "photos size=32: 3 trials; photos size=64: 2 trials."
    assert capsys.readouterr().err == f"{told}\n"
    titles = [line for line in printed.splitlines() if "ranked by psnr" in line]
    assert [title.rstrip().rpartition(": ")[2] for title in titles] == ["photos size=32", "photos size=64"]
    assert "Ranked apart" in markdown.splitlines()[0]
    assert told in page.text
    for size, gray, count in ((32, "20.87", 3), (64, "26.56", 2)):
        table = page.table(f"Ranked trials: photos size={size}")
        assert [row["#"] for row in table] == [*(str(place + 1) for place in range(count)), "", ""]
        assert [row["psnr"] for row in table if row["model"] == "gray"] == [gray]
        assert f"Best trial on photos size={size}: unet_m size={size} lr=0.01" in page.text
    rows_of_trials = [attributes["data-trial"] for attributes in page.named("tr") if "data-trial" in attributes]
    assert rows_of_trials == ["1", "2", "3", "4", "5"]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_of_a_sweep_on_several_pictures_the_best_of_most_trials_is_taken_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    two_sizes(tmp_path)
    assert find_checkpoint(str(tmp_path)).parent.parent.name == "a1"
    assert "Taken is the best of the first" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("second", "sets"),
    [
        ({}, 1),
        ({"baselines": baselines(20.0, ceiling=31.0)}, 1),  # of another palette
        ({"baselines": baselines(20.00001)}, 1),  # of another machine
        ({"baselines": baselines(20.01)}, 2),
        ({"baselines": {"test": baselines(20.0)["test"]}, "validation": None}, 2),
        ({"data": "cifar10"}, 2),
        ({"task": "super_resolution"}, 2),
    ],
)
def test_pictures_are_the_same_where_what_needs_no_network_scores_the_same(
    second: dict[str, Any], sets: int, tmp_path: Path
) -> None:
    write_trial(tmp_path, "a", 22.0)
    write_trial(tmp_path, "b", 21.0, model="unet_l", **second)
    _, rows, _, _ = reported(tmp_path)
    assert [row["rank"] for row in rows if row["rank"]] == (["1", "2"] if sets == 1 else ["1", "1"])
    assert len([row for row in rows if row["model"] == "gray"]) == sets


def test_a_ceiling_belongs_to_the_options_of_its_target(tmp_path: Path) -> None:
    for name, temperature, ceiling in (("a", 0.2, 31.0), ("b", 0.4, 29.0)):
        folder = write_trial(tmp_path, name, 22.0, baselines=baselines(20.0, ceiling))
        set_options(folder, target__temperature=temperature)
    _, rows, _, _ = reported(tmp_path)
    assert [(row["temperature"], row["psnr"]) for row in rows if row["model"] == "ceiling"] == [
        ("0.2", "31.0"),
        ("0.4", "29.0"),
    ]


def test_a_ceiling_belongs_to_the_options_of_its_task(tmp_path: Path) -> None:
    for name, luminance, ceiling in (("a", "keep", 31.0), ("b", "predicted", 29.0), ("c", "keep", 31.0)):
        folder = write_trial(tmp_path, name, 22.0, baselines=baselines(20.0, ceiling))
        set_options(folder, task__luminance=luminance)
    _, rows, _, page = reported(tmp_path)
    assert [row["model"] for row in rows].count("gray") == 1
    assert [(row["luminance"], row["psnr"]) for row in rows if row["model"] == "ceiling"] == [
        ("keep", "31.0"),
        ("predicted", "29.0"),
    ]
    assert "luminance=keep, 31.00" in page.text  # a line across figures
    assert "luminance=predicted, 29.00" in page.text


def test_an_unfinished_trial_stands_among_those_on_its_pictures(tmp_path: Path) -> None:
    two_sizes(tmp_path)
    going = write_trial(tmp_path, "going")
    (going / "result.json").unlink()
    set_options(going, data__size=64)
    page = reported(tmp_path)[3]
    curves = [figure["aria-label"] for figure in page.named("svg") if figure["aria-label"].startswith("Curves")]
    assert [label.partition(":")[0] for label in curves if "PSNR" in label] == [
        "Curves of 3 trials on photos size=32",
        "Curves of 3 trials on photos size=64",
    ]


def test_a_strangers_options_are_shown_and_not_interpreted(tmp_path: Path) -> None:
    for name, value in (("a", "=cmd|' /C calc'!A0"), ("b", 2**70)):
        set_options(write_trial(tmp_path, name, validation=scores(20.0)), loss__plain=value)
    set_options(write_trial(tmp_path, "c"), **{"loss__=1+1\n<b>": float("nan")})
    _, rows, _, _ = reported(tmp_path)
    assert {"plain", "_1_1__b_"} <= rows[0].keys()
    assert "'=cmd|' /C calc'!A0" in [row["plain"] for row in rows]


def test_a_manifest_remembers_what_its_starts_varied(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.begin(["a"], 1, "psnr", ["optimizer.lr", "model"])
    manifest.begin(["b"], 1, "psnr", ["seed", "model"])
    assert manifest.swept() == ["optimizer.lr", "model", "seed"]
