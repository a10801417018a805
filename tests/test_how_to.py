"""The files that the how-to pages tell to add, in a copy of the project: in style, typed, and passing their tests."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.documents import ROOT, Block, blocks, documents

FILES = [block for block in blocks(documents()) if block.title]
TESTS = [block.title for block in FILES if block.title.startswith("tests/")]
SOURCES = [block.title for block in FILES if block.title.endswith(".py")]
COPIED = ("src", "conf", "tests", "pyproject.toml")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with everything added that the pages tell."""
    copy = tmp_path_factory.mktemp("project")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, copy / name)
    for block in FILES:
        path = copy / block.title
        if block.language == "diff":
            path.write_text(patched(path.read_text(), block))
        else:
            assert not path.exists(), f"{block.title} is there already: the page needs another example"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.code)
    return copy


def patched(text: str, block: Block) -> str:
    """A file after a page's changes, which are parted by lines with dots."""
    for hunk in block.code.split(" …\n"):
        before = "".join(line[1:] for line in hunk.splitlines(keepends=True) if line[0] != "+")
        after = "".join(line[1:] for line in hunk.splitlines(keepends=True) if line[0] != "-")
        assert text.count(before) == 1, f"{block.title} has not one place that reads\n{before}"
        text = text.replace(before, after)
    return text


def run(project: Path, command: Sequence[str]) -> str:
    environment = {**os.environ, "PYTHONPATH": str(project / "src"), "OMP_NUM_THREADS": "1"}
    found = subprocess.run(
        [sys.executable, "-m", *command], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def test_each_part_comes_with_its_file_and_its_test() -> None:
    pages = {block.page.stem for block in FILES}
    assert pages == {"encoder", "decoder", "target", "loss", "source", "metric", "study"}
    for page in pages - {"study"}:
        titles = [block.title for block in FILES if block.page.stem == page]
        assert any(title.startswith("src/huesweep/") for title in titles)
        assert any(title.startswith("tests/") for title in titles)
        assert any(title.startswith("conf/") for title in titles) or page == "metric"


@pytest.mark.slow
def test_what_the_pages_add_passes_its_tests(project: Path) -> None:
    run(project, ["pytest", *TESTS, "-q", "-p", "no:cacheprovider"])


@pytest.mark.slow
def test_the_encoder_of_its_page_conforms(project: Path) -> None:
    conformance = "tests/models/test_conformance.py"
    chosen = "pyramid and (declares or unet or pooled or yeung)"
    assert "passed" in run(project, ["pytest", conformance, "-q", "-p", "no:cacheprovider", "-k", chosen])


@pytest.mark.slow
def test_what_the_pages_add_is_trained(project: Path) -> None:
    picture = ROOT / "experiments" / "photographs" / "colored.jpg"
    small = ["trainer.max_epochs=1", "trainer.accelerator=cpu", "logger.wandb.mode=disabled", "examples.count=1"]
    parts = ["data=tiles", f"data.path={picture}", "target=cbcr", "loss=charbonnier"]
    parts += ["model/encoder=pyramid", "model/decoder=pooled", "model.encoder.widths=[4,8]", "model.decoder.width=4"]
    run(project, ["src.train", *parts, *small])
    (result,) = project.glob("outputs/trials/*/result.json")
    scores = json.loads(result.read_text())["test"]
    assert 0 < scores["rmse"] < 128


def test_what_the_pages_add_is_in_style(project: Path) -> None:
    run(project, ["ruff", "format", "--check", *SOURCES])
    run(project, ["ruff", "check", *SOURCES])
