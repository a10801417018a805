"""The page of a sweep in a real browser: it sorts, its pictures show, nothing fails and nothing is fetched."""

import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from huesweep.sweeps.report.assembly import compose_page
from huesweep.sweeps.results import rank, read_results
from tests.inference.chromium import BROWSERS, find_browser
from tests.sweeps.trials import write_trial, write_unfinished

LISTEN = """<script>
const mishaps = [];
addEventListener("error", event => mishaps.push(String(event.message)));
addEventListener("securitypolicyviolation", event => mishaps.push(event.blockedURI));
</script>"""
TRY = """<script>
addEventListener("load", () => {
  const table = document.querySelector("table.sortable");
  const heading = name => [...table.tHead.rows[0].cells].find(cell => cell.textContent === name);
  const order = () => [...table.tBodies[0].rows].map(row => row.cells[1].textContent);
  const found = {initial: order(), clicks: [], focus: [], images: [], background: "", mishaps, wide: 0};
  for (const name of ["parameters", "parameters", "psnr", "psnr", "model", "seconds"]) {
    heading(name).firstElementChild.click();
    const states = [...table.tHead.rows[0].cells].filter(cell => cell.ariaSort !== "none");
    found.clicks.push([name, states.map(cell => [cell.textContent, cell.ariaSort]), order()]);
  }
  heading("psnr").firstElementChild.focus();
  found.focus = [document.activeElement.textContent, document.activeElement.tagName];
  found.images = [...document.images].map(image => [image.naturalWidth, image.clientWidth]);
  found.background = getComputedStyle(document.body).backgroundColor;
  found.wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  document.body.innerHTML = "<pre id=found></pre>";
  document.getElementById("found").textContent = JSON.stringify(found);
});
</script>"""


@pytest.fixture(scope="module")
def browser() -> str:
    """A browser's command that can run without a screen."""
    found = find_browser()
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    return found


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A page that reports what it is like, of a sweep with trials of every kind."""
    sweep = tmp_path_factory.mktemp("sweep")
    for place, model in enumerate(("large", "small", "medium")):
        parameters = {"small": 900, "medium": 12_000, "large": 1_300_000}[model]
        write_trial(sweep, model, 24.0 - place, model=model, parameters=parameters, seconds=100.0 - place, noise=place)
    write_unfinished(sweep, "failed", error="</pre><script>document.title = 'taken'</script>")
    write_unfinished(sweep, "unfinished")
    html = compose_page(sweep, rank(read_results(sweep), "psnr"), "psnr")
    path = sweep / "report.html"
    path.write_text(html.replace("<title>", LISTEN + "<title>").replace("</body>", TRY + "</body>"))
    return path


def open_page(browser: str, page: Path, profile: Path, *options: str) -> dict[str, Any]:
    """What the page reported of itself when it was opened."""
    command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    command += [f"--user-data-dir={profile}", "--virtual-time-budget=3000", *options, "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "taken" not in done.stdout.split("</head>")[0]
    found = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, flags=re.DOTALL)
    assert found, done.stdout[-2000:] + done.stderr[-2000:]
    return json.loads(unescape(found[1]))


def test_headings_sort_and_pictures_show(browser: str, page: Path, tmp_path: Path) -> None:
    found = open_page(browser, page, tmp_path, "--window-size=1280,900")
    assert found["mishaps"] == []
    assert found["initial"] == ["large", "small", "medium", "gray", "ceiling"]
    # A cell without a number stays below; psnr: 23, 22, 21 on the test pictures, gray 20, ceiling 30.
    assert found["clicks"] == [
        ["parameters", [["parameters", "ascending"]], ["small", "medium", "large", "gray", "ceiling"]],
        ["parameters", [["parameters", "descending"]], ["large", "medium", "small", "gray", "ceiling"]],
        ["psnr", [["psnr", "descending"]], ["ceiling", "large", "small", "medium", "gray"]],
        ["psnr", [["psnr", "ascending"]], ["gray", "medium", "small", "large", "ceiling"]],
        ["model", [["model", "ascending"]], ["ceiling", "gray", "large", "medium", "small"]],
        ["seconds", [["seconds", "ascending"]], ["medium", "small", "large", "ceiling", "gray"]],
    ]
    assert found["focus"] == ["psnr", "BUTTON"]
    assert len(found["images"]) == 5 + 3  # strips of three trials, input and truth; three palettes of five trials
    assert all(natural > 0 and shown > 0 for natural, shown in found["images"])
    assert found["wide"] == 0


@pytest.mark.parametrize(("scheme", "is_dark"), [(0, True), (1, False)])
def test_a_phone_needs_no_sideways_scrolling_and_night_is_dark(
    browser: str, page: Path, tmp_path: Path, scheme: int, is_dark: bool
) -> None:
    options = ("--window-size=500,900", f"--blink-settings=preferredColorScheme={scheme}")
    found = open_page(browser, page, tmp_path, *options)
    assert found["wide"] == 0
    levels = [int(level) for level in re.findall(r"\d+", found["background"])]
    assert (max(levels) < 64) == is_dark
