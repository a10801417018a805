"""The page of a sweep: what it says of every kind of sweep, and that it needs nothing beside itself."""

import io
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from rich.console import Console
from skimage.metrics import peak_signal_noise_ratio

from huesweep.errors import UsageError
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.ranking import rank
from huesweep.sweeps.report.contents import read_report
from huesweep.sweeps.report.page import report
from huesweep.sweeps.report.render import render
from huesweep.sweeps.report.wall import most_different
from huesweep.sweeps.results import read_results
from tests.sweeps.page_reader import Page
from tests.sweeps.trials import scores, set_options, write_trial, write_unfinished

HOSTILE = '<script>alert("1")</script> & $name'


def compose(sweep: Path, metric: str = "psnr") -> Page:
    return Page(render(read_report(sweep, rank(read_results(sweep), metric), metric)))


def assert_needs_nothing(page: Page) -> None:
    for tag, attributes in page.elements:
        for name in ("src", "srcset", "href", "xlink:href", "data", "action", "poster"):
            leads = ("./", "../", "#") if tag == "a" else ("data:", "#")  # what a person may click isn't needed
            assert attributes.get(name, "#").startswith(leads), f"{tag} {name}={attributes[name][:80]}"
        for name, value in attributes.items():
            assert "url(" not in value or "url(#" in value, f"{tag} {name}={value[:80]}"
    assert not page.named("iframe")
    assert not re.search(r"url\(|@import|fetch\(|XMLHttp", "".join(page.texts))


def test_a_page_needs_nothing_beside_itself(tmp_path: Path) -> None:
    for place, model in enumerate(("unet_s", "unet_m", "unet_l")):
        write_trial(tmp_path, model, 22.0 + place, model=model, noise=place, parameters=1000 * 10**place)
    write_unfinished(tmp_path, "failed", error="boom")
    write_unfinished(tmp_path, "unfinished")
    page = compose(tmp_path)
    assert_needs_nothing(page)
    policy = page.named("meta", **{"http-equiv": "Content-Security-Policy"})[0]["content"]
    assert policy.startswith("default-src 'none'; img-src data:;")
    images = page.named("img") + page.named("svg")
    assert len(images) > 8
    assert all(image.keys() & {"alt", "aria-label"} and {"width", "height"} <= image.keys() for image in images)
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes.get("href") or attributes.get("xlink:href", "") for _, attributes in page.elements}
    assert {link[1:] for link in links if link.startswith("#")} <= set(ids)


def test_trials_are_ranked_by_validation_between_their_baselines(tmp_path: Path) -> None:
    write_trial(tmp_path, "a", 22.0, model="unet_s", test=scores(25.0))
    write_trial(tmp_path, "b", 23.0, model="unet_m", test=scores(21.0))
    page = compose(tmp_path)
    rows = page.table("Ranked trials")
    assert [(row["#"], row["model"], row["val psnr"], row["psnr"]) for row in rows] == [
        ("1", "unet_m", "23.00", "21.00"),
        ("2", "unet_s", "22.00", "25.00"),
        ("", "gray", "", "20.00"),
        ("", "ceiling", "", "30.00"),
    ]
    assert "Ranked by psnr on the validation pictures, higher is better." in page.text
    assert "the truth encoded and decoded by the target: of a palette" in page.text
    assert "Networks that mix colors can score higher." in page.text
    assert "2 done 0 failed 0 unfinished 2.0 min of training" in page.text
    assert "device cpu: x86_64 · torch 2.14.1" in page.text
    assert {heading.get("aria-sort") for heading in page.named("th", scope="col")} == {"ascending", "none", None}


def test_a_metric_of_which_less_is_better_ranks_and_shows(tmp_path: Path) -> None:
    for name, gap in (("wide", 9.0), ("narrow", 3.0)):
        write_trial(tmp_path, name, model=name, validation=scores(22.0, cf_gap=gap))
    page = compose(tmp_path, "cf_gap")
    rows = page.table("Ranked trials")
    assert [(row["model"], row["val cf_gap"]) for row in rows[:2]] == [("narrow", "3.0"), ("wide", "9.0")]
    assert "Ranked by cf_gap on the validation pictures, lower is better." in page.text
    fronts = [figure["aria-label"] for figure in page.named("svg") if "Pareto" in figure["aria-label"]]
    assert len(fronts) == 2
    assert all(front.endswith("on the Pareto front: 1") for front in fronts)


def test_the_best_of_each_column_is_marked_where_one_is_better(tmp_path: Path) -> None:
    write_trial(tmp_path, "a", 22.0, model="unet_s", test=scores(25.0, cf=9.0, cf_gap=2.0, ssim=0.7))
    write_trial(tmp_path, "b", 23.0, model="unet_m", test=scores(21.0, cf=8.0, cf_gap=3.0, ssim=0.7))
    page = compose(tmp_path)
    headings, b, a, *_ = page.tables["Ranked trials"]
    marked = [attributes.get("class", "").endswith(" best") for tag, attributes in page.elements if tag == "td"]
    rows = [marked[: len(headings)], marked[len(headings) : 2 * len(headings)]]
    best = [[heading for heading, is_best in zip(headings, row, strict=True) if is_best] for row in rows]
    assert (b[1], best[0]) == ("unet_m", ["val psnr"])
    assert (a[1], best[1]) == ("unet_s", ["psnr", "cf_gap"])
    assert not any(marked[2 * len(headings) : 4 * len(headings)])  # the ceiling is no trial


def test_each_trial_has_a_dot_in_every_figure_of_quality_against_something(tmp_path: Path) -> None:
    for place, model in enumerate(("unet_s", "unet_m")):
        write_trial(tmp_path, model, 22.0 + place, model=model)
    page = compose(tmp_path)
    dots = [dot["id"] for dot in page.named("g", **{"class": "dot"})]
    figures = ("parameters", "training-time-seconds", "colorfulness")
    assert dots == [f"dot-{figure}-{place}" for figure in figures for place in (1, 2)]
    assert "2. unet_s: psnr 22.00" in page.text


def test_without_validation_pictures_the_page_says_what_ranks(tmp_path: Path) -> None:
    write_trial(tmp_path, "one", validation=None)
    assert "Ranked by psnr on the test pictures" in compose(tmp_path).text


def test_a_score_that_was_no_number_is_left_out(tmp_path: Path) -> None:
    write_trial(tmp_path, "good", 22.0)
    write_trial(tmp_path, "bad", model="broken", validation=scores(1.0) | {"psnr": None}, test=scores(1.0, cf=None))
    assert [row["model"] for row in compose(tmp_path).table("Ranked trials")[:2]] == ["unet_m", "broken"]


def test_seeds_come_together_as_mean_and_deviation(tmp_path: Path) -> None:
    for seed, psnr in enumerate((21.0, 22.0, 24.0)):
        write_trial(tmp_path, f"seed{seed}", psnr + 1, seed=seed)
    write_trial(tmp_path, "other", 22.5, lr=0.1)  # above two of the three seeds, and below their mean, 23.33
    rows = compose(tmp_path).table("Means over seeds")
    # (21 + 22 + 24) / 3 = 22.333; sqrt((1.333² + 0.333² + 1.667²) / 2) = 1.528
    found = [(row["seeds"], row["val psnr"], row["psnr"], row["standing"]) for row in rows]
    assert found[:2] == [("3", "23.33 ± 1.53", "22.33 ± 1.53", "leads"), ("1", "22.50", "21.50", "one seed")]
    assert [row["model"] for row in rows[2:]] == ["gray", "ceiling"]


def test_one_seed_needs_no_table_of_seeds(tmp_path: Path) -> None:
    write_trial(tmp_path, "a", lr=0.1)
    write_trial(tmp_path, "b", lr=0.2, seed=1)
    assert "Means over seeds" not in compose(tmp_path).tables


def test_trials_that_differ_in_an_option_are_named_by_it(tmp_path: Path) -> None:
    for place, lr in enumerate((0.1, 0.2)):
        write_trial(tmp_path, f"lr{lr}", 22.0 - place, lr=lr)
    page = compose(tmp_path)
    assert [row["trial"] for row in page.table("Ranked trials")[:2]] == ["unet_m lr=0.1", "unet_m lr=0.2"]
    common = dict(page.tables["Common options"])
    assert common["trainer.max_epochs"] == "3"
    assert common["model.encoder.widths"] == "[16,32]"
    assert page.table("Options that differ") == [
        {"trial": "unet_m lr=0.1", "state": "done", "optimizer.lr": "0.1"},
        {"trial": "unet_m lr=0.2", "state": "done", "optimizer.lr": "0.2"},
    ]


def test_failed_and_unfinished_trials_are_listed(tmp_path: Path) -> None:
    write_trial(tmp_path, "done")
    write_unfinished(tmp_path, "broken", error=f"ValueError: {HOSTILE}", model="unet_l")
    write_unfinished(tmp_path, "going", model="unet_s")
    (tmp_path / "wandb").mkdir()
    Manifest(tmp_path).begin(["done", "later"], total=4)
    page = compose(tmp_path)
    assert "1 done 1 failed 2 unfinished" in page.text
    assert "later queued" in page.text
    assert f"broken ValueError: {HOSTILE}" in page.text
    assert "going 3 of 3 epochs, not running on this machine" in page.text
    assert "wandb" not in page.text.split("Configuration")[1]
    curves = next(figure for figure in page.named("svg") if figure["aria-label"].startswith("Curves of 3 trials"))
    assert "PSNR" in curves["aria-label"]


def test_a_trial_that_died_before_it_wrote_anything_else_is_listed(tmp_path: Path) -> None:
    write_trial(tmp_path, "done")
    (tmp_path / "dead").mkdir()
    (tmp_path / "dead" / "error.txt").write_text("RuntimeError: " + "x" * 50_000)
    page = compose(tmp_path)
    assert "1 done 1 failed" in page.text
    assert "characters left out" in page.text


@pytest.mark.parametrize(
    "config",
    ["model: 3\n", "a: &a [*a]\n", "- x\n", "seed: 1\n", "batch: [1]\n", "data: {name: {}}\n", "\0", "[" * 2000],
)
def test_a_strangers_configuration_and_metrics_do_no_harm(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (write_trial(tmp_path, "done"), write_unfinished(tmp_path, "going"), write_trial(tmp_path, "two")):
        (folder / "config.yaml").write_text(config)
        (folder / "metrics.csv").write_text("epoch,val/loss,val/psnr\n1,0.5\n2,inf,1e308\n3,0.4,20\n4,")
        (folder / "pictures" / "palette.png").write_bytes(b"GIF89a" + b"\xff" * 50)
    assert "2 done 0 failed 1 unfinished" in compose(tmp_path).text
    told = capsys.readouterr().err.splitlines()
    assert all(line.startswith("passed over") and re.search(r"config\.yaml|metrics\.csv", line) for line in told)


def test_every_text_is_escaped(tmp_path: Path) -> None:
    sweep = tmp_path / "a <b>&$made sweep"
    write_trial(sweep, "hostile", model=HOSTILE, machine={"device": HOSTILE}, data=HOSTILE)
    write_trial(sweep, "other", model="$x_{1}$ _hidden", data="_data $1$")
    write_unfinished(sweep, "failed <i>", error=HOSTILE)
    html = render(read_report(sweep, rank(read_results(sweep), "psnr"), "psnr"))
    page = Page(html)
    assert html.count("<script") == 1
    assert len(page.named("i")) + len(page.named("b")) == 4  # the bold numbers of the headline
    assert "a <b>&$made sweep" in page.text
    assert "failed <i>" in page.text
    assert_needs_nothing(page)


def test_the_strips_show_what_trials_kept(tmp_path: Path) -> None:
    trials = {name: write_trial(tmp_path, name, 22.0 - n, model=name, noise=n + 1) for n, name in enumerate("ab")}
    (write_trial(tmp_path, "old", 1.0, model="old") / "pictures" / "wall.png").unlink()
    page = compose(tmp_path)
    pictures = {alt: shown for alt, shown in page.pictures().items() if alt.startswith("the pictures")}
    kept = [trials["a"] / "pictures" / f"{name}.png" for name in ("wall-input", "wall-truth", "wall")]
    strips = [np.asarray(Image.open(path)) for path in [*kept, trials["b"] / "pictures" / "wall.png"]]
    differ = [np.abs(strips[2][:, x : x + 32].astype(int) - strips[3][:, x : x + 32]).mean() for x in range(0, 256, 32)]
    chosen = sorted(sorted(range(8), key=lambda place: -differ[place])[:6])  # a deviation of two is half the difference
    shown = [np.concatenate([strip[:, 32 * x : 32 * x + 32] for x in chosen], axis=1) for strip in strips]
    told = [
        peak_signal_noise_ratio(shown[1][:, x : x + 32], strip[:, x : x + 32])
        for strip in shown[2:]
        for x in range(0, 192, 32)
    ]
    assert list(pictures) == [
        "the pictures: input",
        "the pictures: truth",
        f"the pictures: 1. a, validation psnr 22.00, {np.mean(told[:6]):.2f} dB on these",
        f"the pictures: 2. b, validation psnr 21.00, {np.mean(told[6:]):.2f} dB on these",
    ]
    for found, strip in zip(pictures.values(), shown, strict=True):
        np.testing.assert_array_equal(found, strip)
    assert page.named("img", alt="the pictures: truth")[0]["width"] == str(6 * 128)
    assert "Without strips, and so not shown: 1 finished trial." in page.text


def test_trials_on_other_pictures_have_strips_of_their_own(tmp_path: Path) -> None:
    write_trial(tmp_path, "a")
    write_trial(tmp_path, "b", model="unet_s", side=48)
    page = compose(tmp_path)
    assert len(page.named("img", alt="the pictures: truth")) == 2
    assert len(page.named("div", **{"class": "strips"})) == 2


def test_of_many_trials_the_best_and_the_worst_show(tmp_path: Path) -> None:
    for place in range(8):
        write_trial(tmp_path, f"t{place}", 30.0 - place, model=f"m{place}", noise=place)
    page = compose(tmp_path)
    places = [int(strip["data-trial"]) for strip in page.named("figure") if "data-trial" in strip]
    assert places == [1, 2, 3, 6, 7, 8, 4, 5]
    assert "The last 3" in page.text
    assert "2 between them" in page.text
    assert most_different([np.full((2, 8, 3), level, np.uint8) for level in (0, 0)], 4) == [0, 1, 2, 3]


def test_the_page_leads_to_what_trials_left(tmp_path: Path) -> None:
    sweep = tmp_path / "a sweep"
    best = write_trial(sweep, "one", 23.0)
    other = write_trial(sweep, "javascript:alert(1)", 22.0, model="unet_s")
    (best / "checkpoints").mkdir()
    (best / "checkpoints" / "best.ckpt").touch()
    (best / "wandb-id.txt").write_text("abc123")
    (other / "wandb-id.txt").write_text("def456\n")
    for name, size in (("offline-run-20261127_022106-abc123", 900), ("offline-run-20261128_100000-abc123", 40)):
        (sweep / "wandb" / name).mkdir(parents=True)
        (sweep / "wandb" / name / "run-abc123.wandb").write_bytes(bytes(size))  # the later one holds a report alone
    set_options(other, logger={"wandb": {"mode": "online", "entity": "me/../x", "project": "huesweep"}})
    page = compose(sweep)
    leads = [attributes["href"] for tag, attributes in page.elements if tag == "a" and attributes["href"][0] != "#"]
    assert leads == [
        *("./one/", "./javascript%3Aalert%281%29/"),  # from the ranked table
        *("./one/", "./one/checkpoints/best.ckpt", "./wandb/offline-run-20261127_022106-abc123/"),
        *("./javascript%3Aalert%281%29/", "https://wandb.ai/me%2F..%2Fx/huesweep/runs/def456"),
    ]
    assert f"python -m src.predict ckpt='{best}' img=photo.jpg" in page.text
    elsewhere = render(read_report(sweep, rank(read_results(sweep), "psnr"), "psnr", tmp_path / "b" / "c"))
    assert 'href="./../../a%20sweep/one/"' in elsewhere


def test_a_palette_is_shown_once_with_its_trials(tmp_path: Path) -> None:
    for name, noise in (("a", 0), ("b", 0), ("c", 1)):
        write_trial(tmp_path, name, model=name, noise=noise)
    (tmp_path / "c" / "pictures" / "curves.png").write_bytes(b"no picture")
    page = compose(tmp_path)
    assert len(page.named("img", alt="palette of palette16")) == 2
    assert "palette16 a, b palette16 c" in page.text


def test_a_picture_that_can_not_be_read_is_left_out(tmp_path: Path) -> None:
    folder = write_trial(tmp_path, "a") / "pictures"
    (folder / "palette.png").write_bytes((folder / "palette.png").read_bytes()[:80])
    (folder / "wall.png").write_bytes(b"")
    assert compose(tmp_path).named("img") == []


def test_a_trial_alone_has_a_page(tmp_path: Path) -> None:
    folder = write_trial(tmp_path, "only")
    page = compose(folder)
    assert "1 done 0 failed 0 unfinished" in page.text
    assert len(page.table("Ranked trials")) == 3
    assert "Options that differ" not in page.tables
    assert page.tables["Common options"]


@pytest.mark.slow
def test_a_page_of_a_hundred_trials_with_large_pictures_stays_small(tmp_path: Path) -> None:
    for place in range(100):
        folder = write_trial(
            tmp_path, f"t{place:03}", place / 10, model=f"m{place % 10}", lr=place, side=128, noise=place
        )
        rows = [f"{epoch},{1 / epoch},{20 + place / epoch}" for epoch in range(1, 501)]
        (folder / "metrics.csv").write_text("\n".join(["epoch,val/loss,val/psnr", *rows]) + "\n")
        (folder / "error.txt").write_text("x" * 100_000)
        if place % 5 == 4:
            (folder / "result.json").unlink()
    assert sum(path.stat().st_size for path in tmp_path.glob("*/pictures/wall.png")) > 30e6
    page = render(read_report(tmp_path, rank(read_results(tmp_path), "psnr"), "psnr"))
    assert len(page.encode()) < 15e6
    read = Page(page)
    assert len(read.table("Ranked trials")) == 80 + 2
    assert "80 done 20 failed" in read.text
    assert sum(image["alt"].startswith("the pictures: ") for image in read.named("img")) == 24 + 2
    assert "Not shown, but in their folders, pictures/wall.png: 56 trials." in read.text


def test_a_sweep_without_any_finished_trial_has_a_page_too(tmp_path: Path) -> None:
    write_unfinished(tmp_path, "broken", error="ValueError: boom")
    write_unfinished(tmp_path, "going")
    Manifest(tmp_path).begin(["later"], total=3)
    paths = report(tmp_path, "psnr", Console(file=io.StringIO()))
    assert [path.name for path in paths] == ["report.html"]
    page = Page(paths[0].read_text())
    assert "No trial has finished yet." in page.text
    assert "0 done 1 failed 2 unfinished" in page.text
    assert "broken ValueError: boom" in page.text
    assert_needs_nothing(page)
    with pytest.raises(UsageError, match="metric to rank by: pnsr does not exist"):
        report(tmp_path, "pnsr", Console(file=io.StringIO()))


def test_secrets_of_earlier_trials_are_not_shown(tmp_path: Path) -> None:
    folder = write_trial(tmp_path, "a")
    text = (folder / "config.yaml").read_text()
    address = "https://me:s3cret@mirror/x?token=s3cret"
    (folder / "config.yaml").write_text(text.replace("classes: []", f"classes: []\n  url: '{address}'"))
    write_unfinished(tmp_path, "failed", error=f"UsageError: no answer from {address}")
    html = render(read_report(tmp_path, rank(read_results(tmp_path), "psnr"), "psnr"))
    assert "https://...@mirror/x" in html
    assert "s3cret" not in html
