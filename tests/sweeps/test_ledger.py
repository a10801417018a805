"""The ledger of a sweep: what it consists of, what each trial's files say of it, and what `status` prints."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from huesweep.commands.sweeps import main
from huesweep.errors import UsageError
from huesweep.sweeps.ledger import Ledger
from huesweep.training.folder import TrialFolder

CONFIG = "trainer:\n  max_epochs: 4\n"


def make_trial(sweep: Path, name: str, **files: str) -> TrialFolder:
    folder = sweep / name
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text(CONFIG)
    for file, text in files.items():
        (folder / file.replace("_", ".")).write_text(text)
    return TrialFolder(folder)


@pytest.fixture
def sweep(tmp_path: Path) -> Path:
    """A sweep of five trials, one in each state."""
    make_trial(tmp_path, "done", result_json="{}", metrics_csv="epoch,step\n1,5\n2,10\n3,15\n4,20\n")
    make_trial(tmp_path, "failed", error_txt="UsageError: the loss became nan\n\ntraceback")
    make_trial(tmp_path, "interrupted", metrics_csv="epoch,step\n1,5\n")
    make_trial(tmp_path, "running", metrics_csv="epoch,step\n1,5\n2,10\n")
    Ledger(tmp_path).begin(["done", "failed", "queued"], total=5)
    return tmp_path


def test_each_state_is_told_by_its_files(sweep: Path) -> None:
    with TrialFolder(sweep / "running").locked():
        found = {trial.name: trial[1:] for trial in Ledger(sweep).progress()}
    assert found == {
        "done": ("done", 4, 4),
        "failed": ("failed", 0, 4),
        "queued": ("queued", 0, 0),
        "interrupted": ("interrupted", 1, 4),
        "running": ("running", 2, 4),
    }
    assert Ledger(sweep).state("running") == "interrupted"  # once nobody holds it


def test_a_later_start_keeps_what_an_earlier_one_wanted(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    ledger.begin(["a", "b"], 2)
    ledger.begin(["c"], 1)
    assert ledger.names() == ["a", "b", "c"]
    assert ledger.total() == 3
    assert ledger.started() == pytest.approx(time.time(), abs=5)


def test_status_says_what_is_done_and_what_is_wrong(sweep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with TrialFolder(sweep / "running").locked():
        main(["status", str(sweep)])
    printed = capsys.readouterr().out
    assert "5 trials: 1 queued, 1 running, 1 interrupted, 1 failed, 1 done" in printed
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert "running running 2/4" in lines
    assert "failed failed 0/4 UsageError: the loss became nan" in lines
    assert not any(line.startswith("done ") for line in lines)


def test_status_tells_the_rate_and_the_time_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        make_trial(tmp_path, name, result_json="{}")
    make_trial(tmp_path, "c")
    Ledger(tmp_path).begin(["a", "b", "c", "d"], total=4)
    content = json.loads((tmp_path / "sweep.json").read_text())
    (tmp_path / "sweep.json").write_text(json.dumps({**content, "started": time.time() - 120}))
    with TrialFolder(tmp_path / "c").locked():
        main(["status", str(tmp_path)])
    assert "1.00 trials a minute since the last start; 2:00 left" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "usage: python -m src.sweeps status FOLDER"),
        (["stats", "x"], "usage: "),
        (["status", "/nowhere"], "/nowhere is not a folder"),
        (["status", "."], "holds no sweep"),
    ],
)
def test_another_command_is_refused(
    arguments: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=message):
        main(arguments)


def test_a_lock_is_held_by_one_process_and_freed_by_its_death(tmp_path: Path) -> None:
    trial = TrialFolder(tmp_path / "trial")
    assert not trial.is_locked()
    holds = (
        "import sys, time; from pathlib import Path; from huesweep.training.folder import TrialFolder\n"
        "with TrialFolder(Path(sys.argv[1])).locked(): print('held', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", holds, str(trial.path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    assert trial.is_locked()
    process.kill()
    process.wait()
    assert not trial.is_locked()
    with trial.locked():
        assert trial.is_locked()


@pytest.mark.parametrize(
    "content", ["trainer: &a {max_epochs: 4}\nb: *a\n", "[" * 10_000, "trainer: {max_epochs: [1]}", "- 1", "a: \0"]
)
def test_a_configuration_that_is_none_tells_no_epochs(tmp_path: Path, content: str) -> None:
    make_trial(tmp_path, "gift", metrics_csv="epoch,step\n1,5\n")
    (tmp_path / "gift" / "config.yaml").write_text(content)
    assert Ledger(tmp_path).progress() == [("gift", "interrupted", 0, 0)]
