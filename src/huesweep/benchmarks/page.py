"""How fast the report page of a hundred trials opens in a browser, and how fast that of a thousand is made."""

import io
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

from huesweep.benchmarks.report import Row, alternate
from huesweep.benchmarks.sweep import COMMON, LOCAL, ONE, sweep
from huesweep.sweeps.report.page import report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
HEADLESS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,1000")
OPENED, MANY = 100, 1000  # trials
REPETITIONS = 5
SPREAD = {"psnr": 0.5, "ssim": 0.01, "cf": 3.0, "auc": 0.01}  # of made-up scores


def run() -> Iterator[Row]:
    """One trial is trained, and stands for all others, with scores of their own."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        sweep(work, *COMMON, *ONE, *LOCAL, "sweep.name=one", "hydra.sweeper.params.model=unet")
        trained = next((work / "sweeps" / "one").glob("*/result.json")).parent
        seconds = {}
        for count in (OPENED, MANY):
            pretend(trained, work / str(count), count)
            seconds[count] = min(seconds_to_make(work / str(count)) for _ in range(2))
            yield Row(f"report of {count} trials is made", seconds[count], "s")
            page = work / str(count) / "report.html"
            yield Row(f"page of {count} trials", page.stat().st_size / 1e6, "MB")
        yield Row("the second against the first", seconds[MANY] / seconds[OPENED], "times", 0, MANY / OPENED, "lower")
        if browser is None:
            print("there is no browser here: nothing is opened", file=sys.stderr)
            return
        for count in (OPENED, MANY):
            seconds_more, spread = seconds_over_blank(browser, work, work / str(count) / "report.html", REPETITIONS)
            target = 2 if count == OPENED else None
            name = f"page of {count} trials opens, over a blank one"
            yield Row(name, seconds_more, "s", spread, target, better="lower")


def seconds_to_make(folder: Path) -> float:
    """From the trials of a sweep to its tables and its page."""
    started = time.perf_counter()
    report(folder, None, Console(file=io.StringIO()))
    return time.perf_counter() - started


def pretend(trained: Path, folder: Path, count: int) -> None:
    """Fill a sweep's folder with trials: copies of one, that differ in model, palette, seed and scores."""
    chance = random.Random(0)
    result = json.loads((trained / "result.json").read_text())
    config = yaml.safe_load((trained / "config.yaml").read_text())
    for place in range(count):
        words: dict[str, Any] = {"model": f"unet_{place % 10}", "target": f"palette{2 ** (place // 10 % 5 + 2)}"}
        words |= {"seed": place // 50, "name": f"trial-{place:04d}"}
        trial = folder / words["name"]
        shutil.copytree(trained, trial, ignore=shutil.ignore_patterns("*.ckpt", "epoch-*"))
        scores = {
            split: {**result[split], **{name: result[split][name] + chance.gauss(0, by) for name, by in SPREAD.items()}}
            for split in ("validation", "test")
        }
        (trial / "result.json").write_text(json.dumps({**result, **words, **scores}))
        named = {"model": {**config["model"], "name": words["model"]}, "seed": words["seed"]}
        (trial / "config.yaml").write_text(yaml.safe_dump({**config, **named}))


def seconds_over_blank(browser: str, folder: Path, page: Path, repetitions: int) -> tuple[float, float]:
    """What a page takes to open beyond an empty one, which is written into the folder; and half its range."""
    blank = folder / "blank.html"
    blank.write_text("<!doctype html><title>blank</title>")
    (opened, spread), (empty, _) = alternate(
        repetitions, lambda: seconds_to_paint(browser, page), lambda: seconds_to_paint(browser, blank)
    )
    return opened - empty, spread


def seconds_to_paint(browser: str, page: Path) -> float:
    """From the start of a browser to a picture of the page."""
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, *HEADLESS, f"--user-data-dir={profile}", f"--screenshot={profile}/page.png", page.as_uri()]
        started = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120)
        return time.perf_counter() - started
