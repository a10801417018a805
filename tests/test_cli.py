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
            r"model unett .*did you mean unet\?.*cifar100_unet, .*efficientnet_unet, kamtziridis, ",
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
        (["~seed"], r"seed needs a value$"),
        (["~data.per_class"], r"data\.per_class needs a value$"),
        (["~task"], r"task needs a value$"),
        (["~model"], r"model needs a value$"),
        (["~target.name"], r"target\.name needs a value$"),
        (["~sweep.rank"], r"sweep\.rank needs a value$"),
        (["~trainer.limit_train_batches", "~trainer.max_epochs"], r"trainer\.max_epochs needs a value$"),
        (["model.encoder=timm"], r"model\.encoder=timm .*model/encoder=NAME"),
        (["batch=null"], r"batch=None must be options by name$"),
        (["paths.outputs=null"], r"paths\.outputs=None must be text$"),
        (["hydra.run.dir=null"], r"hydra\.run\.dir=null can't be: .*not Optional"),
        (
            ["accumulate_grad_batches=0"],
            r"option accumulate_grad_batches .*did you mean \+trainer\.accumulate_grad_batches",
        ),
        (
            ["trainer.limit_val_batches=2"],
            r"option trainer\.limit_val_batches .*did you mean \+trainer\.limit_val_batches",
        ),
        (["max_epochs=2"], r"option max_epochs .*did you mean trainer\.max_epochs\?"),
        (["+trainer.accumulate_grad_batches=0"], r"trainer\.accumulate_grad_batches=0 .*1$"),
        (["+trainer.limit_val_batches=2"], r"trainer\.limit_val_batches .*data\.validation$"),
        (["+trainer.val_check_interval=0"], r"trainer\.val_check_interval=0 must be a share .* from 1$"),
        (["+trainer.val_check_interval=1.5"], r"trainer\.val_check_interval=1\.5 must be a share .* from 1$"),
        (["+trainer.callbacks=[x]"], r"trainer\.callbacks.*callbacks="),
        (["+trainer.num_nodes=2"], r"trainer\.num_nodes=2 must be 1$"),
        (["+logger.tb.x=1"], r"logger\.tb has no _target_.*logger="),
        (["+logger.wandbb.x=1"], r"logger\.wandbb has no _target_ \(did you mean wandb\?\)"),
        (["callbacks=early_stopping", "callbacks.early_stopping.mode=foo"], r"callbacks\.early_stopping: .*foo"),
        (
            ["callbacks=early_stopping", "callbacks.early_stopping.monitor=val/los"],
            r"callbacks\.early_stopping\.monitor val/los .*did you mean val/loss\?",
        ),
        (
            [
                *("optimizer=adam", "scheduler=torch", "scheduler._target_=torch.optim.lr_scheduler.StepLR"),
                "+scheduler.step_size=0",
            ],
            r"scheduler: torch\.optim\.lr_scheduler\.StepLR can't be stepped: ",
        ),
        (["callbacks=early_stopping", "data.validation=0"], r"EarlyStopping waits for val/loss.*data\.validation=0$"),
        (["+trainer.max_steps=2", "+trainer.min_steps=6"], r"trainer\.min_steps=6 must be at most max_steps=2$"),
        (["+trainer.max_steps=2", "+trainer.min_epochs=1"], r"trainer\.min_epochs=1 can't go with max_steps=2: "),
        (
            ["+trainer.max_steps=2", "trainer.check_val_every_n_epoch=2"],
            r"trainer\.check_val_every_n_epoch=2 can't go with max_steps=2: ",
        ),
        (["optimizer=torch", "optimizer._target_=torch.optim.LBFGS"], r"optimizer: LBFGS wants all pictures"),
        (["target.palette=toronto16", "target.method=grid"], r"toronto16 and target\.method=grid both choose"),
        (["data.size=32", "batch.side=8", "sweep.rank=ssim"], r"sweep\.rank=ssim: .*on pictures of 8x8"),
        (["gpus_per_trial=many"], r"gpus_per_trial=many must be 'auto' or "),
        (["target=ab", "loss=mse", "+target.colors=2"], r"option target\.colors does not exist$"),
        (["-m", "sweep.name=a,b"], r"sweep\.name=a,b: all trials of a sweep share sweep\.name$"),
        (["-m", "seed=1,2", "seed=3,4"], r"seed is given twice, seed=1,2 and seed=3,4"),
        (["-m", "~logger.wandb"], r"~logger\.wandb can't be in a sweep"),
        (["-m", "seed=range(0)"], r"there is no trial in this grid"),
        (["-m", "optimizer.lr=interval(1,2)"], r"optimizer\.lr=interval\(1,2\): .*hydra/sweeper=optuna"),
        (["-m", "hydra.sweeper.max_batch_size=0"], r"hydra\.sweeper\.max_batch_size=0 .*1"),
        (
            ["-m", "hydra/launcher=ray", "hydra.launcher.ray.init.num_cpus=x"],
            r"hydra\.launcher\.ray\.init\.num_cpus=x ",
        ),
        (["-m", "+sweep=search", "sweep.trials=many"], r"sweep\.trials='many' must be a whole number$"),
        (["-m", "+sweep=search", "sweep.trials=0"], r"sweep\.trials=0 .*1$"),
        (["-m", "+sweep=search", "sweep.name=.."], r"sweep\.name=\.\. must be the name of a folder"),
        (["-m", "hydra/sweeper=optuna"], r"a search needs options to vary"),
        (["-m", "hydra/sweeper=optuna", "model=choice(unet,unett)"], r"model unett .*did you mean unet\?"),
        (["-m", "+sweep=search", "hydra.sweeper.n_jobs=0"], r"hydra\.sweeper\.n_jobs=0 must be at least 1$"),
        (["-m", "+sweep=search", "hydra.sweeper.n_trials=0"], r"hydra\.sweeper\.n_trials=0 leaves nothing to do$"),
        (["-m", "+sweep=search", "hydra.sweeper.direction=up"], r"hydra\.sweeper\.direction=up .*maximize"),
    ],
)
def test_a_mistake_ends_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    places = [f"paths.outputs={tmp_path}", f"paths.cache={tmp_path}/cache"]
    given = [place for place in places if not any(text.startswith(place.partition("=")[0]) for text in arguments)]
    monkeypatch.setattr(sys, "argv", ["train", *given, *arguments])
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


@pytest.mark.parametrize(
    "wrong", ["target.colors=4,0", "model=unet,unett", "loss=cross_entropy,mse", "model.name=unet_s,unet_l"]
)
def test_a_mistake_anywhere_in_a_grid_ends_a_sweep_before_its_first_trial(
    wrong: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outputs = [f"paths.outputs={tmp_path}", f"paths.cache={tmp_path}/cache"]
    monkeypatch.setattr(sys, "argv", ["train", "-m", *outputs, *once(*SMALL, wrong)])
    with pytest.raises(SystemExit) as end:
        main("train")
    assert re.fullmatch("error: .+", str(end.value.code))
    assert not list(tmp_path.rglob("config.yaml"))


@pytest.mark.slow
def test_a_sweep_ranks_its_trials_and_does_not_train_them_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
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
    monkeypatch.setattr(sys, "argv", ["train", *once(*arguments, "target.colors=3,4")])
    main("train")
    assert "; 2 have finished before" in capsys.readouterr().err
    assert results == {path: path.stat().st_mtime_ns for path in tmp_path.rglob("result.json")}

    photo = ROOT / ".venv"  # not a photo: a folder without any
    monkeypatch.setattr(sys, "argv", ["predict", f"ckpt={tmp_path}/sweeps/small", f"img={photo}"])
    with pytest.raises(SystemExit, match=f"^error: .*img={photo}") as end:
        main("predict")
    assert "\n" not in str(end.value.code)
    capsys.readouterr()
    monkeypatch.setattr(sys, "argv", ["report", f"sweep={tmp_path}/sweeps/small"])
    main("report")
    found = capsys.readouterr().out
    assert found.count("palette4") == 3  # its row, its ceiling, and in words
    assert "ranked by hue_distance" in first.stdout
    assert "ranked by hue_distance" in found


@pytest.mark.parametrize(("command", "name"), [("predict", "img"), ("report", "sweep")])
def test_a_command_without_its_argument_says_which(
    command: str, name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [command])
    with pytest.raises(SystemExit) as end:
        main(command)
    assert str(end.value.code).startswith(f"error: {name}=")
    assert capsys.readouterr().out == ""


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


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("predict", ["img="]),
        ("predict", [""]),
        ("predict", ["img=a.png", "ckpt="]),
        ("predict", ["img=a.png", "img="]),
        ("evaluate", ["ckpt="]),
        ("evaluate", ["ckpt=a", "out="]),
        ("app", ["ckpt="]),
        ("report", ["sweep=a", "sweep="]),
        ("data", ["clear="]),
    ],
)
def test_an_option_of_nothing_is_refused(
    name: str, typed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [name, *typed])
    with pytest.raises(SystemExit) as end:
        main(name)
    option = typed[-1] or "img="
    assert str(end.value.code) == f"error: {option} is empty: give it a value, or leave it out"


def test_several_photos_may_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["predict", "img=/nowhere/a.jpg", "img=/nowhere/b.jpg"])
    with pytest.raises(SystemExit) as end:
        main("predict")
    assert "/nowhere/a.jpg" in str(end.value.code)


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("train", ["+sweep=nope"], r"sweep nope does not exist; choices: .*convolution/kernel, .*yeung"),
        ("train", ["+sweep=convolution/kernl"], r"sweep/convolution kernl does not exist \(did you mean kernel\?\)"),
        ("report", ["sweep=x", "+rnk=psnr"], r"option rnk .*did you mean rank\?"),
        ("report", ["sweep=x", "~rank"], r"rank needs a value"),
        ("report", ["~sweep"], r"~sweep .*sweep=VALUE"),
        ("evaluate", ["paths=null"], r"paths need values"),
        ("evaluate", ["~paths.cache"], r"paths\.cache needs a value"),
        ("evaluate", ["data=null"], r"data null does not exist; choices: arrays, "),
        ("predict", ["img=x", "data=cifar10"], r"option data does not exist .*choices: .*img"),
        ("predict", ["img=/nowhere", "-m", "detail=1,2"], r"img=/nowhere does not exist"),
        ("data", ["paths.cache=3"], r"paths\.cache=3 must be text"),
        ("data", ["+clean=all"], r"option clean does not exist"),
        ("data", ["cler=all"], r"option cler does not exist \(did you mean clear\?\); choices: clear, verify$"),
        ("predict", ["img", "=", "a.png", "out", "=", "b.png"], r"img = a\.png is written img=a\.png \(no spaces"),
        ("data", ["path.cache=x"], r"option path does not exist \(did you mean paths\?\); choices: clear, verify$"),
        (
            "report",
            ["swep=x"],
            r"option swep .*did you mean sweep\?\); choices: entity, out, project, rank, sweep, wandb$",
        ),
        ("predict", ["ou=x.png"], r"option ou .*did you mean out\?\); choices: .*ckpt, .*img, .*out, "),
        ("predict", ["chkpt=x"], r"option chkpt .*did you mean ckpt\?\)"),
        ("predict", ["image=x.png"], r"option image .*did you mean img\?\)"),
        (
            "evaluate",
            ["data=cifar10", "+data.test_fraction=0.02"],
            r"data\.test_fraction is there already: set it without the \+, as data\.test_fraction=0\.02$",
        ),
        ("train", ["-m", "+seed=3,4"], r"seed is there already: .* as seed=3$"),
        ("train", ["+data=cifar10"], r"data is chosen already: choose without the \+, as data=cifar10$"),
        ("dashboard", ["entity=3"], r"entity=3 must be text"),
        ("models", ["size"], r"size is no option"),
        ("export", ["format=onnx,checkpoint"], r"format=onnx,checkpoint stands for several values"),
        ("app", ["--prot=3"], r".*--prot=3"),
        ("benchmarks", ["--foo"], r"unrecognized arguments: --foo"),
        ("sweeps", ["--foo"], r"usage: "),
    ],
)
def test_every_command_ends_with_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    command: str,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["huesweep", *arguments])
    with pytest.raises(SystemExit) as end:
        main(command)
    assert re.fullmatch(f"error: {message}.*", str(end.value.code))
    assert capsys.readouterr().err == ""


def test_code_of_another_checkout_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["huesweep", "sweeps", "--help"])
    main()
    assert capsys.readouterr().err == ""
    (tmp_path / "src" / "huesweep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["huesweep", "sweeps", "--help"])
    main()
    assert f"the code and conf/ of {ROOT} run, not those of this folder" in capsys.readouterr().err
