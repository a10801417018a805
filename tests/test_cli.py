"""Commands as a person types them: mistakes end with one line and status 1, before anything is trained."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from huesweep.cli import main
from tests.conftest import SMALL, once

ROOT = Path(__file__).parent.parent


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **environment}, timeout=120, check=False
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["model=unett"],
            r"model unett .*did you mean unet\?.*cifar_unet, efficientnet_unet, kamtziridis, resnet18_unet, ",
        ),
        (["target.colors=0"], r"target\.colors=0"),
        (["data=cifar10", "data.root=/nowhere"], r"data\.root=/nowhere"),
        (["data=cifar10", "data.classes=[hors]"], r"hors .*did you mean horse\?"),
        (
            ["trainer.max_epoch=3"],
            r"trainer\.max_epoch .*did you mean max_epochs\?",
        ),
        (["loss=mse"], "loss=mse .*target=palette.*cross_entropy, focal, mix, "),
        (["target.palette=nowhere.npy"], r"target\.palette.*nowhere\.npy"),
        (["logger.wandb.mode=on"], r"logger\.wandb\.mode=on.*offline.*online.*disabled"),
        (["model="], "model"),
        (["target=ab", "loss=mse", "sweep.rank=cross_entropy"], r"sweep\.rank=cross_entropy.*palette.*psnr"),
        (["data.size=10", "data.margin=1", "sweep.rank=ssim"], r"sweep\.rank=ssim.*10x10.*psnr"),
        (["-m", "target=ab,rgb", "loss=mse", "sweep.rank=top1"], r"sweep\.rank=top1.*palette.*psnr"),
        (["-m", "+sweep=search", "target=ab", "loss=mse", "sweep.rank=top1"], r"sweep\.rank=top1.*palette.*psnr"),
        (["model.name=unet_l"], r"model\.name=unet_l .*unet_s.* type model=unet_l$"),
        (["+experiment=kamtziridis", "model.name=unet_l"], r"model\.name=unet_l .*kamtziridis"),
        (["loss.name=focal"], r"loss\.name=focal .*cross_entropy.* type loss=focal$"),
        (["data.name=cifar10"], r"data\.name=cifar10 .*photos.* type data=cifar10$"),
        (["data.name=mine"], r"data\.name=mine .*photos.* choose with data=, one of: arrays, caltech101, .*photos$"),
        (["target.name=rgb"], r"target\.name=rgb .*palette.* type target=rgb$"),
        (["task.name=super_resolution"], r"task\.name=super_res.*colorize.* type task=super_resolution$"),
        (["+model.encoder.name=dilated"], r"model\.encoder\.name=dilated .*plain.* type model/encoder=dilated$"),
        (["+model.decoder.name=yeung"], r"model\.decoder\.name=yeung .*unet.* type model/decoder=yeung$"),
    ],
)
def test_a_mistake_ends_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    outputs = [f"paths.outputs={tmp_path}", f"paths.cache={tmp_path}/cache"]
    monkeypatch.setattr(sys, "argv", ["train", *outputs, *arguments])
    with pytest.raises(SystemExit) as end:  # what it holds is printed, and the status is 1
        main("train")
    assert len(str(end.value.code).splitlines()) == 1
    assert re.match(f"error: .*{message}", str(end.value.code))
    assert not list(tmp_path.rglob("*.ckpt"))


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("+sweep=quick", "+sweep=quick"),
        ("hydra/launcher=ray", "hydra/launcher=ray"),
        ("hydra/sweeper=optuna", "hydra/sweeper=optuna"),
        ("+hydra.launcher.n_jobs=2", "hydra.launcher.n_jobs=2"),
        ("+experiment=grid", "hydra.sweeper.params.seed"),
    ],
)
def test_what_is_of_a_sweep_trains_no_single_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, override: str, named: str
) -> None:
    (tmp_path / "experiment").mkdir()
    grid = "# @package _global_\nhydra:\n  sweeper:\n    params:\n      seed: 0,1\n"
    (tmp_path / "experiment" / "grid.yaml").write_text(grid)
    outputs = [f"paths.outputs={tmp_path}/outputs", f"paths.cache={tmp_path}/cache", f"hydra.searchpath=[{tmp_path}]"]
    monkeypatch.setattr(sys, "argv", ["train", *outputs, *SMALL, override])
    with pytest.raises(SystemExit) as end:
        main("train")
    assert re.match(rf"error: .*{re.escape(named)} .* -m ", str(end.value.code))
    assert not list((tmp_path / "outputs" / "trials").glob("*"))


@pytest.mark.slow
def test_a_mistake_ends_with_one_line_and_status_1_in_the_shell_too(tmp_path: Path) -> None:
    found = run("src.train", f"paths.outputs={tmp_path}", "target.colors=0")
    assert found.returncode == 1
    assert len(found.stderr.strip().splitlines()) == 1
    assert found.stderr.startswith("error: target.colors=0")


@pytest.mark.slow
def test_a_mistake_anywhere_in_a_grid_ends_a_sweep_before_its_first_trial(tmp_path: Path) -> None:
    outputs = [f"paths.outputs={tmp_path}", f"paths.cache={tmp_path}/cache"]
    for wrong in ("target.colors=4,0", "model=unet,unett", "loss=cross_entropy,mse", "model.name=unet_s,unet_l"):
        found = run("src.train", "-m", *outputs, *once(*SMALL, wrong))
        assert found.returncode == 1
        assert len(found.stderr.strip().splitlines()) == 1
        assert found.stderr.startswith("error: ")
    assert not list(tmp_path.rglob("result.json"))


@pytest.mark.slow
def test_a_sweep_ranks_its_trials_and_does_not_train_them_again(tmp_path: Path) -> None:
    arguments = [
        "-m",
        f"paths.outputs={tmp_path}",
        f"paths.cache={tmp_path}/cache",
        *SMALL,
        "sweep.name=small",
        "sweep.rank=hue_distance",
    ]
    first = run("src.train", *once(*arguments, "target.colors=3,4"))
    assert first.returncode == 0, first.stderr
    assert "palette3" in first.stdout
    assert "ceiling" in first.stdout
    for name in ("results.csv", "results.md", "wandb"):
        assert f"wrote {tmp_path}/sweeps/small/{name}" in first.stdout
    assert "2/2" in first.stderr
    results = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("result.json")}
    assert len(results) == 2
    again = run("src.train", *once(*arguments, "target.colors=3,4"))
    assert again.returncode == 0, again.stderr
    assert again.stdout.count("has finished before") == 2
    assert results == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("result.json")}

    photo = ROOT / ".venv"  # not a photo: a folder without any
    found = run("src.predict", f"ckpt={tmp_path}/sweeps/small", f"img={photo}")
    assert (found.returncode, found.stderr.count("\n")) == (1, 1)
    assert f"img={photo}" in found.stderr
    found = run("src.report", f"sweep={tmp_path}/sweeps/small")
    assert (found.returncode, found.stdout.count("palette4")) == (0, 2)
    assert "ranked by hue_distance" in first.stdout
    assert "ranked by hue_distance" in found.stdout


@pytest.mark.slow
@pytest.mark.parametrize(("module", "name"), [("src.predict", "img"), ("src.report", "sweep")])
def test_a_command_without_its_argument_says_which(module: str, name: str) -> None:
    found = run(module)
    assert (found.returncode, found.stdout) == (1, "")
    assert found.stderr.startswith(f"error: {name}=")


def test_a_command_leaves_nothing_in_the_environment_of_what_it_starts(tmp_path: Path) -> None:
    program = "import os; from huesweep import cli; cli.run(lambda config: print(sorted(os.environ)), 'report')"
    environment = {name: value for name, value in os.environ.items() if name != "HYDRA_FULL_ERROR"}
    command = [sys.executable, "-c", program]
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "PATH" in found.stdout
    assert "HYDRA_FULL_ERROR" not in found.stdout


@pytest.mark.parametrize("name", ["train", "predict", "evaluate", "export", "report", "models", "data"])
def test_what_is_typed_twice_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for first, second in (("seed=1", "seed=2"), ("model=unet", "+model=unet"), ("ckpt=a", "ckpt=b")):
        monkeypatch.setattr(sys, "argv", [name, first, "data.size=8", "~seed", "~seed", second])
        with pytest.raises(SystemExit) as end:
            main(name)
        key = first.partition("=")[0]
        assert str(end.value.code) == f"error: {key} is given twice, {first} and {second}: leave one of them out"
    assert not list(tmp_path.iterdir())


def test_several_photos_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["predict", "img=/nowhere/a.jpg", "img=/nowhere/b.jpg"])
    with pytest.raises(SystemExit) as end:
        main("predict")
    assert "/nowhere/a.jpg" in str(end.value.code)
