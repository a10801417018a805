"""The page of a sweep in a real browser: it sorts, its pictures show, nothing fails and nothing is fetched."""

import io
import json
import re
import subprocess
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from huesweep.sweeps.ranking import rank
from huesweep.sweeps.report.contents import read_report
from huesweep.sweeps.report.page import report
from huesweep.sweeps.report.render import render
from huesweep.sweeps.results import read_results
from tests.inference import chromium
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
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sweep with trials of every kind, and its report."""
    sweep = tmp_path_factory.mktemp("sweep")
    for place, model in enumerate(("large", "small", "medium")):
        parameters = {"small": 900, "medium": 12_000, "large": 1_300_000}[model]
        write_trial(sweep, model, 24.0 - place, model=model, parameters=parameters, seconds=100.0 - place, noise=place)
    write_unfinished(sweep, "failed", error="</pre><script>document.title = 'taken'</script>")
    write_unfinished(sweep, "unfinished")
    (sweep / "report.html").write_text(render(read_report(sweep, rank(read_results(sweep), "psnr"), "psnr")))
    return sweep


@pytest.fixture(scope="module")
def page(sweep: Path) -> Path:
    """The page, made to report what it is like."""
    html = (sweep / "report.html").read_text()
    path = sweep / "reporting.html"
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


LIT = """[...document.querySelectorAll(".lit")].map(one => [one.tagName, one.dataset.trial])"""
FOCUS = """[document.activeElement.tagName, document.activeElement.dataset.trial]"""
ALL_OF = [["TR"], ["g"], ["g"], ["g"], ["FIGURE"]]  # a trial's row, its dots in three figures, its strip


def press(page: chromium.Page, key: str) -> None:
    for kind in ("keyDown", "keyUp"):
        page.send("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=CODES[key])


CODES = {"Tab": 9, "Enter": 13, "ArrowUp": 38, "ArrowDown": 40, "ArrowRight": 39}


def point_at(page: chromium.Page, selector: str) -> None:
    found = f"document.querySelector({json.dumps(selector)})"
    page.evaluate(f"{found}.scrollIntoView({{block: 'center'}})")
    box = page.evaluate(
        f"(({{x, y, width, height}}) => [x + width / 2, y + height / 2])({found}.getBoundingClientRect())"
    )
    page.send("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])


@pytest.mark.usefixtures("browser")
def test_a_trial_lights_up_in_its_row_and_its_dots_together(sweep: Path, tmp_path: Path) -> None:
    with chromium.open_page((sweep / "report.html").as_uri(), tmp_path) as page:
        page.wait_for("document.readyState === 'complete'")
        for selector in ("tr[data-trial='2'] td", "#dot-parameters-2", "#dot-colorfulness-2", ".strip[data-trial='2']"):
            point_at(page, selector)
            assert page.evaluate(LIT) == [[*of, "2"] for of in ALL_OF], selector
        point_at(page, "h1")
        assert page.evaluate(LIT) == []
        stroke = "getComputedStyle(document.querySelector('#dot-training-time-seconds-2 use')).strokeWidth"
        usual = page.evaluate(stroke)
        point_at(page, "tr[data-trial='2'] td")
        assert page.evaluate(stroke) != usual
        assert page.errors == []


@pytest.mark.usefixtures("browser")
def test_keys_reach_every_dot_and_every_row(sweep: Path, tmp_path: Path) -> None:
    with chromium.open_page((sweep / "report.html").as_uri(), tmp_path) as page:
        page.wait_for("document.readyState === 'complete'")
        page.evaluate("document.querySelector('tr[data-trial]').closest('.scroll').focus()")
        headings = page.evaluate("document.querySelector('table.sortable').tHead.rows[0].cells.length")
        for _ in range(headings + 1):
            press(page, "Tab")
        assert page.evaluate(FOCUS) == ["TR", "1"]
        for key, trial in (("ArrowDown", "2"), ("ArrowDown", "3"), ("ArrowDown", "3"), ("ArrowUp", "2")):
            press(page, key)
            assert page.evaluate(FOCUS) == ["TR", trial]
            assert page.evaluate(LIT) == [[*of, trial] for of in ALL_OF]
        press(page, "Tab")  # a table is one stop, and a figure one; between them is the legend
        press(page, "Tab")
        assert page.evaluate(FOCUS) == ["g", "1"]
        press(page, "ArrowRight")
        press(page, "ArrowRight")
        assert page.evaluate(FOCUS) == ["g", "3"]
        assert page.evaluate(LIT) == [[*of, "3"] for of in ALL_OF]
        assert page.evaluate(
            "document.querySelector(`#${document.activeElement.getAttribute('aria-labelledby')}`).textContent"
        ) == ("3. medium: psnr 22.00")
        press(page, "Enter")
        assert page.evaluate(FOCUS) == ["TR", "3"]
        assert page.errors == []


@pytest.mark.usefixtures("browser")
@pytest.mark.parametrize("width", [1280, 800])
def test_nothing_in_a_figure_is_cut_off(width: int, tmp_path: Path) -> None:
    sweep = tmp_path / "sweep"
    for place in range(10):
        model = f"resnet{place}_unet-convnext_atto_with_a_long_name"
        write_trial(
            sweep, f"t{place}", 20.0 + place, model=model, parameters=10**place, data=f"long_data_name_{place % 3}"
        )
        write_trial(sweep, f"u{place}", 21.0, model=f"m{place % 2}", lr=0.1, seed=place % 5, data="long_data_name_0")
    paths = report(sweep, "psnr", Console(file=io.StringIO()))
    with chromium.open_page(paths[-1].as_uri(), tmp_path / "profile", width) as page:
        page.wait_for("document.readyState === 'complete'")
        outside = """[...document.querySelectorAll("svg text")].filter(text => {
            const [inner, outer] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
            return inner.left < outer.left - 1 || inner.right > outer.right + 1 || inner.bottom > outer.bottom + 1;
        }).map(text => text.textContent)"""
        assert page.evaluate("document.querySelectorAll('svg text').length") > 50
        assert page.evaluate(outside) == []
        shown = "[...document.querySelector('.choice').querySelectorAll('figure')].map(one => one.hidden)"
        assert page.evaluate(shown) == [False, True, True]  # by model, seed and lr
        select = "document.querySelector('select')"
        page.evaluate(f"{select}.selectedIndex = 2; {select}.dispatchEvent(new Event('change'))")
        assert page.evaluate(shown) == [True, True, False]
        assert page.evaluate(outside) == []
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
