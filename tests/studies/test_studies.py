"""Studies: trained where something is missing, and written from the small tables in their folders alone."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from huesweep.commands.study import main
from huesweep.errors import UsageError
from huesweep.resources import CONF
from huesweep.studies.collecting import collect
from huesweep.studies.quick import answer
from huesweep.studies.study import known_studies, load_study
from huesweep.studies.tables import read_rows
from huesweep.studies.writing import BEGIN, END, write_study
from tests.sweeps.trials import write_trial

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with all studies as they are committed."""
    shutil.copytree(ROOT / "experiments", tmp_path / "experiments", ignore=shutil.ignore_patterns("*.ckpt"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", known_studies())
def test_writing_a_study_again_gives_the_committed_bytes(checkout: Path, name: str) -> None:
    if not (checkout / "experiments" / name / "results.csv").exists():
        pytest.skip(f"study {name} has no results yet")
    for path in write_study(load_study(name)):
        assert path.read_bytes() == (ROOT / path).read_bytes(), path


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize("name", known_studies())
def test_a_study_has_its_sweeps_and_its_marks(name: str) -> None:
    study = load_study(name)
    for sweep in study.sweeps:
        assert yaml.safe_load((CONF / "sweep" / f"{sweep}.yaml").read_text())["sweep"]["name"] in study.trials
    text = (study.folder / "README.md").read_text()
    assert text.count(BEGIN) == text.count(END) == 1
    assert f"make study STUDY={name}" in text


def test_what_trials_left_is_collected(checkout: Path) -> None:
    for seed in (0, 1):
        write_trial(checkout / "outputs" / "sweeps" / "yeung", f"trial{seed}", 22.0 + seed, seed=seed)
    study = load_study("yeung")
    failed = checkout / "outputs" / "sweeps" / "yeung_ours" / "trial"  # a sweep of the study with nothing to collect
    failed.mkdir(parents=True)
    (failed / "error.txt").write_text("UsageError: no")
    kept = (study.folder / "results.csv").read_bytes()
    with pytest.raises(UsageError, match=r"results\.csv is of 12 trials, and 2 have finished .*--fewer"):
        collect(study, checkout / "outputs")
    assert (study.folder / "results.csv").read_bytes() == kept
    assert collect(study, checkout / "outputs", fewer=True) == 2
    rows = read_rows(study.folder / "results.csv")
    assert [row["model"] for row in rows] == ["unet_m", "unet_m", "gray", "ceiling"]
    assert {row["seed"]: row["psnr"] for row in rows[:2]} == {0: 21.0, 1: 22.0}
    curves = read_rows(study.folder / "curves.csv")
    assert sorted((row["seed"], row["epoch"], row["val/psnr"]) for row in curves) == [
        *((0, epoch, 19.0 + epoch) for epoch in (1, 2, 3)),
        *((1, epoch, 20.0 + epoch) for epoch in (1, 2, 3)),
    ]
    readme, *figures = write_study(study)
    assert " | 1,000 | 3 | 2 | 1.000 ± 0.000 | " in readme.read_text()
    assert all(figure.read_bytes().startswith(b"\x89PNG") for figure in figures)


def test_trials_without_validation_pictures_are_collected_by_their_test_scores(checkout: Path) -> None:
    for model, psnr in (("unet_s", 24.0), ("unet_m", 22.0)):
        trial = write_trial(checkout / "outputs" / "sweeps" / "quick", model, psnr, model=model, validation=None)
        (trial / "pictures" / "epoch-0002.png").write_text(model)
    assert collect(load_study("quick"), checkout / "outputs", fewer=True) == 2
    assert (checkout / "experiments" / "quick" / "best.png").read_text() == "unet_s"
    rows = read_rows(checkout / "experiments" / "quick" / "results.csv")
    assert answer(rows).startswith("The best by its test pictures is `unet_s` ")


def test_what_is_kept_stays_whole_where_collecting_fails(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise UsageError("no checkpoint")

    write_trial(checkout / "outputs" / "sweeps" / "quick", "trial")
    study = load_study("quick")
    monkeypatch.setattr(study.module, "gather", fail, raising=False)
    kept = {path: path.read_bytes() for path in study.folder.iterdir() if path.is_file()}
    with pytest.raises(UsageError, match="no checkpoint"):
        collect(study, checkout / "outputs", fewer=True)
    assert {path: path.read_bytes() for path in study.folder.iterdir() if path.is_file()} == kept


def test_trials_of_other_commands_in_a_sweeps_folder_are_not_averaged_with_its_own(checkout: Path) -> None:
    sweep = checkout / "outputs" / "sweeps" / "yeung"
    write_trial(sweep, "a", 22.0)
    other = write_trial(sweep, "b", 24.0, seed=1)
    config = yaml.safe_load((other / "config.yaml").read_text())
    config["trainer"]["max_epochs"] = 7  # which +sweep=yeung does not vary
    (other / "config.yaml").write_text(yaml.safe_dump(config))
    with pytest.raises(UsageError, match=r"sweeps/yeung holds trials that differ in trainer\.max_epochs, which"):
        collect(load_study("yeung"), checkout / "outputs")
    write_trial(sweep, "c", 24.0, data="cifar10")
    shutil.rmtree(other)
    with pytest.raises(UsageError, match="trials that differ in data"):
        collect(load_study("quick"), _moved(sweep, "quick"))


def _moved(sweep: Path, name: str) -> Path:
    """The folder of outputs, with a sweep's folder under another name."""
    sweep.rename(sweep.with_name(name))
    return sweep.parent.parent


@pytest.mark.usefixtures("checkout")
@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], r"which study\? python -m src\.study NAME \(make study STUDY=NAME\), one of: .*quick"),
        (["yeng"], "did you mean yeung"),
        (["yeung", "horse"], "horse is no override"),
        (["yeung", "--collect", "paths.outputs=nowhere"], "no finished trial below nowhere/sweeps"),
        (["yeung", "--collect", "paths.outputs='/no/a b'"], "no finished trial below /no/a b/sweeps"),
        (["yeung", "--collect", "paths.outputs=/no/a b (1)"], r"no finished trial below /no/a b \(1\)/sweeps"),
        (["yeung", "--collect", "sweep.name=try"], r"sweep\.name=try can't be: a study collects from"),
        (["yeung", "--collect", "++hydra.sweep.dir=x"], r"hydra\.sweep\.dir=x can't be: a study collects from"),
    ],
)
def test_what_can_not_be_is_told_in_one_line(arguments: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told) as error:
        main(arguments)
    assert "\n" not in str(error.value)


def test_results_and_marks_that_are_missing_are_told(checkout: Path) -> None:
    study = load_study("yeung")
    (checkout / study.folder / "results.csv").unlink(missing_ok=True)
    with pytest.raises(UsageError, match=r"results\.csv is missing"):
        write_study(study)
    (study.folder / "results.csv").write_text("model,data\nunet,photos\n")
    (study.folder / "README.md").write_text("no marks")
    with pytest.raises(UsageError, match="has no two marks"):
        write_study(study)


@pytest.fixture
def study_process(tmp_path: Path) -> Iterator[subprocess.Popen]:
    """A study under nohup, at the sweep that it began: a stand-in, which ends and saves at SIGTERM."""
    pretended = tmp_path / "python"  # is called as the sweep would be
    pretended.write_text(
        f"#!/bin/sh\ntrap 'sleep 0.3; touch {tmp_path}/saved; exit 0' TERM\ntouch {tmp_path}/began\n"
        f"while [ -e {tmp_path}/began ]; do sleep 0.05; done\n"
    )
    pretended.chmod(0o755)
    code = "import sys; from huesweep.commands import study; sys.executable = sys.argv[1]; study._run('train', 'x', [])"
    process = subprocess.Popen(["nohup", sys.executable, "-c", code, str(pretended)], stdout=subprocess.DEVNULL)
    while not (tmp_path / "began").exists():
        assert process.poll() is None
        time.sleep(0.05)
    yield process
    process.kill()
    process.wait()
    (tmp_path / "began").unlink()


def test_what_ends_a_study_ends_its_sweep_which_saves_first(study_process: subprocess.Popen, tmp_path: Path) -> None:
    study_process.send_signal(signal.SIGHUP)  # is passed over under nohup
    time.sleep(0.5)
    assert study_process.poll() is None
    study_process.send_signal(signal.SIGTERM)
    assert study_process.wait(30) == 128 + signal.SIGTERM
    assert (tmp_path / "saved").exists()
