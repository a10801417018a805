"""Sweeps on disks that are full or can't be written to: read all the same, and told of in a line."""

import io
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from huesweep.cli import main
from huesweep.commands.sweeps import main as sweeps
from huesweep.errors import UsageError
from huesweep.io.disk import disk_error
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.report.page import report
from huesweep.training.folder import TrialFolder
from tests.conftest import SMALL
from tests.disks import full, read_only
from tests.sweeps.launched import ROOT, sweep_command
from tests.sweeps.trials import write_trial

FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (60000, 60000))
sys.argv[1:] = sys.argv[3:]
from huesweep.cli import main
main("train")
"""


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """Two finished trials and one that is at work."""
    folder = tmp_path / "sweep"
    for name in ("a", "b"):
        write_trial(folder, name)
        with TrialFolder(folder / name).locked():
            pass
    write_trial(folder, "c")
    (folder / "c" / "result.json").unlink()
    return folder


def test_status_and_report_work_where_nothing_can_be_written(sweep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trial = TrialFolder(sweep / "c")
    with trial.locked(), read_only(sweep):
        sweeps(["status", str(sweep)])
        assert "3 trials: 1 running, 2 done" in capsys.readouterr().out
        assert report(sweep, "psnr", Console(width=200)) == []
        told = capsys.readouterr()
    assert "unet_m" in told.out
    assert "Permission denied" in told.err
    assert len(told.err.splitlines()) == 1
    with read_only(sweep):
        assert not trial.is_locked()
    assert not (sweep / "results.csv").exists()


def test_a_report_on_a_full_disk_says_so(sweep: Path) -> None:
    (sweep / ".results.csv.abcd1234.part").write_text("left by a killed process")
    with full(100), pytest.raises(UsageError, match=r"no space left for .*results\.csv"):
        report(sweep, "psnr", Console(width=200, file=io.StringIO()))
    assert not [path.name for path in sweep.iterdir() if path.suffix == ".part"]


@pytest.mark.parametrize("place", ["", "/below"])
def test_a_report_into_a_file_is_refused_before_its_tables(
    sweep: Path, place: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (sweep / "x.png").touch()
    monkeypatch.setattr(sys, "argv", ["report", f"sweep={sweep}", f"out={sweep}/x.png{place}"])
    with pytest.raises(SystemExit) as end:
        main("report")
    assert str(end.value.code) == f"error: out={sweep}/x.png is a file: name a folder"
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("many", "option"),
    [([], "hydra.run.dir"), (["-m"], "hydra.sweep.dir"), ([], "paths.outputs"), (["-m"], "paths.outputs")],
)
def test_a_file_for_a_folder_ends_training_with_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: list[str], option: str
) -> None:
    (tmp_path / "x.png").touch()
    paths = {"paths.outputs": tmp_path / "outputs", "paths.cache": tmp_path / "cache", option: tmp_path / "x.png"}
    monkeypatch.setattr(sys, "argv", ["train", *many, *(f"{name}={path}" for name, path in paths.items()), *SMALL])
    with pytest.raises(SystemExit) as end:
        main("train")
    assert str(end.value.code) == f"error: {tmp_path}/x.png is a file: name a folder"


@pytest.mark.parametrize(
    ("many", "option"),
    [([], "hydra.run.dir"), (["-m"], "hydra.sweep.dir"), (["-m"], "paths.outputs"), ([], "paths.cache")],
)
@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which nobody can make another")
def test_a_place_where_nothing_can_be_made_ends_training_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, many: list[str], option: str
) -> None:
    paths = {"paths.outputs": tmp_path / "outputs", "paths.cache": tmp_path / "cache", option: Path("/proc/nowhere")}
    given = [f"{name}={path}" for name, path in paths.items()]
    monkeypatch.setattr(sys, "argv", ["train", *many, *given, *SMALL, "logger.wandb.mode=disabled"])
    with pytest.raises(SystemExit) as end:
        main("train")
    assert re.fullmatch(r"error: /proc/nowhere\S* can't be made \(No such file or directory\): .*", str(end.value.code))


def test_a_file_that_is_missing_where_it_could_be_is_no_disks_doing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        (tmp_path / "below" / "x").read_bytes()
    assert disk_error(missing.value) is None


@pytest.mark.parametrize(("place", "many"), [("paths.outputs", []), ("paths.outputs", ["-m"]), ("paths.cache", [])])
def test_a_disk_that_cannot_be_written_ends_training_with_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, many: list[str]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir()
    paths = {"paths.outputs": tmp_path / "outputs", "paths.cache": tmp_path / "cache", place: closed}
    given = [f"{name}={path}" for name, path in paths.items()]
    monkeypatch.setattr(sys, "argv", ["train", *many, *given, *SMALL, "logger.wandb.mode=disabled"])
    with read_only(closed), pytest.raises(SystemExit) as end:
        main("train")
    assert str(end.value.code).startswith(f"error: {closed}")
    assert "Permission denied" in str(end.value.code)
    assert place in str(end.value.code)
    assert len(str(end.value.code).splitlines()) == 1


@pytest.mark.slow
def test_a_sweep_on_a_full_disk_lists_what_failed(tmp_path: Path) -> None:
    command = sweep_command(tmp_path, tmp_path / "cache", "seed=0,1")
    found = subprocess.run(
        [command[0], "-c", FULL, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert found.returncode == 1
    failures = [line for line in found.stderr.splitlines() if line.startswith(f"failed: {tmp_path}/sweeps/s/")]
    assert len([line for line in failures if "UsageError: no space left" in line]) == 2
    assert found.stderr.splitlines()[-1].startswith("error: 2 of 2 trials failed")
    assert "Traceback" not in found.stderr


def test_a_failure_counts_where_no_space_is_left_to_say_why(tmp_path: Path) -> None:
    trial = TrialFolder(tmp_path / "trial")
    trial.path.mkdir()
    with full(0):
        trial.write_error(RuntimeError("the power went out"))
    assert Manifest(tmp_path).state("trial") == "failed"


def test_an_error_of_a_full_disk_is_kept_in_words(tmp_path: Path) -> None:
    trial = TrialFolder(tmp_path / "trial")
    trial.write_error(OSError(28, "No space left on device", "/outputs/last.ckpt"))
    assert trial.error.read_text().splitlines() == [
        "UsageError: no space left for /outputs/last.ckpt (No space left on device): free some, or write elsewhere"
    ]
