"""The package as pip installs it: with the configuration and a checkpoint, usable from anywhere."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage import data

import huesweep
from huesweep.command_table import COMMANDS

ROOT = Path(__file__).parent.parent


def test_every_package_is_listed() -> None:
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    there = {path.parent for path in (ROOT / "src" / "huesweep").rglob("__init__.py")}
    expected = {".".join(path.relative_to(ROOT / "src").parts) for path in there}
    assert sorted(listed) == sorted([*expected, "huesweep.conf", "huesweep.bundled"])


@pytest.mark.slow
def test_a_wheel_colors_a_photo_from_another_folder(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    build = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(build, check=True, env={**os.environ, "SETUPTOOLS_SCM_PRETEND_VERSION": "0"})
    (wheel,) = tmp_path.glob("huesweep-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    files = ("conf/train.yaml", "conf/model/unet.yaml", "bundled/photographs.ckpt", "color/palettes/toronto16.txt")
    assert [name for name in files if f"huesweep/{name}" not in names] == []
    assert not [name for name in names if name.startswith(("tests/", "src/", "outputs/"))]
    place, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    subprocess.run([*pip, "install", "--no-deps", "--no-index", "--target", str(place), str(wheel)], check=True)
    elsewhere.mkdir()
    photo = elsewhere / "photo.png"
    Image.fromarray(data.astronaut()[:96, :128]).convert("L").save(photo)
    command = [sys.executable, str(place / "bin" / "huesweep"), "predict", f"img={photo}", "device=cpu"]
    environment = {**os.environ, "PYTHONPATH": str(place)}
    found = subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert str(place / "huesweep" / "bundled") in found.stdout
    colored = np.asarray(Image.open(elsewhere / "photo-colored.png")).astype(int)
    assert colored.shape == (96, 128, 3)
    assert (colored.max(2) - colored.min(2)).mean() > 1


@pytest.mark.slow
def test_the_command_lists_its_commands_and_names_the_nearest() -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "huesweep", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    shown = run("--help")
    assert shown.returncode == 0
    assert all(f"  {name} " in shown.stdout for name in COMMANDS)
    for asked in (["--version"], ["train", "--version"]):
        assert run(*asked).stdout == f"huesweep {huesweep.__version__}\n"
    wrong = run("tarin")
    assert (wrong.returncode, wrong.stderr.count("\n")) == (1, 1)
    assert "train?" in wrong.stderr


def test_what_is_imported_is_declared() -> None:
    """pydantic_core is a part of pydantic that is published apart; pillow_heif is an extra."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[<>=\[ ;]", line)[0].lower() for line in project["dependencies"]}
    where = packages_distributions()
    undeclared = set()
    for path in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            for name in {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"huesweep"}:
                if not {word.lower().replace("_", "-") for word in where.get(name, [])} & declared:
                    undeclared.add(name)
    assert undeclared == {"pydantic_core", "pillow_heif"}
