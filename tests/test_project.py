"""The project's own files: every choice composes and assembles, and what is declared twice agrees."""

import re
import subprocess
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from omegaconf import OmegaConf
from PIL import Image

from huesweep.api import usual_loss
from huesweep.losses.base import Loss
from huesweep.registry import all_kinds
from huesweep.resources import CONF
from huesweep.training.assembly import assemble

ROOT = Path(__file__).parent.parent


def choices(group: str) -> list[str]:
    return sorted(path.stem for path in (CONF / group).glob("*.yaml"))


# A network knows of a target only how many channels it wants.
PAIRS = [*((model, "palette") for model in choices("model")), *(("unet_s", target) for target in choices("target"))]


@pytest.mark.parametrize(("model", "target"), PAIRS)
def test_every_model_and_every_target_assembles(
    configure: Callable[..., dict[str, Any]], model: str, target: str
) -> None:
    loss = usual_loss(target)
    size = "data.size=8" if model.startswith("rutgers") else "data.size=32"
    parts = assemble(configure(f"model={model}", f"target={target}", f"loss={loss}", size, small=False))
    assert parts.module.colorizer.description["model"]["name"] == {"unet": "unet_s"}.get(model, model)


@pytest.fixture
def photo_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of tiny pictures, called as the preset for photographs asks."""
    preset = OmegaConf.load(CONF / "experiment" / "photographs.yaml")
    held_out = OmegaConf.select(preset, "data.parts[0].held_out")
    for name in ("imagenette_160/a", "bsds500/a", "caltech101_160/a", *(f"caltech101_160/{kind}" for kind in held_out)):
        (tmp_path / "photographs" / name).mkdir(parents=True)
        for number in range(40):
            Image.new("RGB", (8, 8)).save(tmp_path / "photographs" / name / f"{number}.png")
    monkeypatch.setenv("PHOTO_ROOT", str(tmp_path / "photographs"))
    return tmp_path / "photographs"


@pytest.mark.slow
@pytest.mark.parametrize("group", ["data", "task", "target", "loss", "optimizer", "callbacks"])
def test_every_choice_of_a_group_composes(
    configure: Callable[..., dict[str, Any]], group: str, tmp_path: Path, photo_root: Path
) -> None:
    np.save(tmp_path / "pictures.npy", np.zeros((4, 8, 8, 3), np.uint8))
    assert choices(group)
    regressions = [loss.name for loss in all_kinds(Loss).values() if getattr(loss, "encoding", "values") == "values"]
    wanted = {
        **{loss: ["target=ab"] for loss in regressions},
        **{target: [f"loss={usual_loss(target)}"] for target in choices("target")},
        "mix": ["target=ab", "loss.weights.l1=1"],
        "folder": [f"data.root={photo_root}"],
        "mixture": ["data.parts=[{data: photos, size: 32}]"],
        "arrays": [f"data.path={tmp_path}/pictures.npy"],
    }
    for choice in choices(group):
        assemble(configure(f"{group}={choice}", *wanted.get(choice, []), small=False))


@pytest.mark.usefixtures("photo_root")
def test_the_sweep_of_photographs_fits_its_preset(configure: Callable[..., dict[str, Any]]) -> None:
    params = OmegaConf.load(CONF / "sweep" / "photographs.yaml").hydra.sweeper.params
    cells = [[f"{name}={value}" for value in str(values).split(",")] for name, values in params.items()]
    for overrides in product(*cells):
        assemble(configure("+sweep=photographs", *overrides, small=False), device="meta")


def test_every_loss_has_a_choice_of_its_name_and_every_choice_names_a_loss() -> None:
    kinds = {loss.name for loss in all_kinds(Loss).values()}
    assert kinds <= set(choices("loss"))
    named = {yaml.safe_load((CONF / "loss" / f"{choice}.yaml").read_text())["name"] for choice in choices("loss")}
    assert named == kinds


@pytest.mark.parametrize("group", ["model", "model/encoder", "model/decoder", "loss", "target"])
def test_every_choice_says_what_it_is_and_where_it_comes_from(group: str) -> None:
    silent = [choice for choice in choices(group) if not (CONF / group / f"{choice}.yaml").read_text().startswith("# ")]
    assert silent == []


@pytest.mark.parametrize("kind", sorted(all_kinds(Loss)))
def test_every_loss_says_which_target_it_fits(kind: str) -> None:
    fits = {"classes": "Fits palette", "values": "Fits ab, rgb", None: "Fits"}
    comment = " ".join(
        line for line in (CONF / "loss" / f"{kind}.yaml").read_text().splitlines() if line.startswith("#")
    )
    assert fits[getattr(all_kinds(Loss)[kind], "encoding", None)] in comment


@pytest.mark.parametrize("path", sorted(CONF.glob("experiment/*.yaml")) + sorted(CONF.glob("sweep/**/*.yaml")))
def test_every_preset_opens_with_its_question_and_its_command(path: Path) -> None:
    comment = "".join(line for line in path.read_text().splitlines(keepends=True) if line.startswith("#"))
    assert "Question:" in comment
    assert "Command:" in comment


def test_conda_installs_the_same_list() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    assert environment["dependencies"][-1] == {"pip": ["--constraint constraints.txt", "--editable .[dev]"]}


def test_every_dependency_is_pinned() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    names = re.findall(r'^    "([a-z0-9-]+)>=', text, flags=re.MULTILINE)
    pins = (ROOT / "constraints.txt").read_text()
    assert len(names) > 10
    assert [name for name in names if not re.search(rf"^{name}==", pins, flags=re.MULTILINE)] == []


def test_make_alone_prints_the_targets() -> None:
    found = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("sweep", "test", "setup", "lint", "predict", "app", "report", "clean", "help"):
        assert re.search(rf"^  {target} ", found, flags=re.MULTILINE)


def test_a_file_says_what_it_is() -> None:
    silent = [path for path in (*ROOT.glob("src/**/*.py"), *ROOT.glob("tests/**/test_*.py")) if path.stat().st_size]
    silent = [path for path in silent if not path.read_text().startswith('"""')]
    assert silent == []
