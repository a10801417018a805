"""The manifest of a sweep: what it consists of, what each trial's files say of it, and what `status` prints."""

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from markupsafe import escape

from huesweep.commands.sweeps import main
from huesweep.errors import UsageError
from huesweep.sweeps.callback import typed_command
from huesweep.sweeps.manifest import Manifest, Progress
from huesweep.sweeps.report.contents import read_report
from huesweep.sweeps.report.render import render
from huesweep.sweeps.results import read_results
from huesweep.training.folder import TrialFolder
from tests.sweeps.trials import write_trial

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
    Manifest(tmp_path).begin(["done", "failed", "queued"], total=5)
    return tmp_path


def test_each_state_is_told_by_its_files(sweep: Path) -> None:
    with TrialFolder(sweep / "running").locked():
        found = {trial.name: trial[1:] for trial in Manifest(sweep).progress()}
    assert found == {
        "done": ("done", 0, 0),  # of which nobody asks how far it is
        "failed": ("failed", 0, 4),
        "queued": ("queued", 0, 0),
        "interrupted": ("interrupted", 1, 4),
        "running": ("running", 2, 4),
    }
    assert Manifest(sweep).state("running") == "interrupted"  # once nobody holds it


def test_half_a_result_is_none(sweep: Path) -> None:
    for content in ('{"psnr": 2', ""):
        (sweep / "done" / "result.json").write_text(content)
        assert Manifest(sweep).state("done") == "interrupted"


def test_the_command_is_kept_without_secrets_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    typed = ["-m", "+sweep=quick", "data.url=me:s3cret@host/x", "data.root=caf\udce9", "seed=0,1"]
    monkeypatch.setattr(sys, "argv", ["train.py", *typed])
    write_trial(tmp_path, "a")
    Manifest(tmp_path).begin(["a"], 1, command=typed_command("train"))
    told = "python -m src.train -m +sweep=quick data.url=...@host/x 'data.root=caf\\udce9' seed=0,1"
    assert Manifest(tmp_path).command() == told
    page = render(read_report(tmp_path, read_results(tmp_path), "psnr"))
    assert f"<code>{escape(told)}</code>" in page
    monkeypatch.setattr(sys, "argv", ["train.py", "x" * 200_000])
    Manifest(tmp_path).begin(["a"], 1, command=typed_command("train"))
    assert Manifest(tmp_path).names() == ["a"]


def test_a_later_start_keeps_what_an_earlier_one_wanted(tmp_path: Path) -> None:
    manifest = Manifest(tmp_path)
    manifest.begin(["a", "b"], 2)
    manifest.begin(["c"], 1)
    assert manifest.names() == ["a", "b", "c"]
    assert manifest.total() == 3
    assert manifest.started() == pytest.approx(time.time(), abs=5)


@pytest.mark.parametrize(
    "name", ["..", "../x", "/etc", "a/../b", "a//b", "a/", "", ".", "a\\b", "a\nb", "é" * 150, 7, None]
)
def test_a_list_that_names_anything_but_folders_of_the_sweep_is_passed_over(
    name: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_trial(tmp_path, "here")
    (tmp_path / "sweep.json").write_text(json.dumps({"started": 1.0, "total": 9, "trials": ["a", name]}))
    manifest = Manifest(tmp_path)
    assert (manifest.names(), manifest.total(), manifest.started()) == (["here"], 1, 0.0)
    printed = capsys.readouterr().err
    assert printed.count("\n") == 1
    assert str(manifest.path) in printed


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"\xff\xfe", b'{"total": -1}', b'{"started": 1e999}', b'{"total": true}', b"[" * 10**6, b" " * 2**25],
)
def test_a_damaged_list_is_told_in_a_line_and_replaced_by_the_next_start(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sweep.json").write_bytes(content)
    manifest = Manifest(tmp_path)
    with pytest.raises(UsageError, match="holds no sweep"):
        manifest.progress()
    assert capsys.readouterr().err.count("\n") == 1
    manifest.begin(["a"], 1)
    assert manifest.names() == ["a"]


def test_starts_at_the_same_time_lose_no_names(tmp_path: Path) -> None:
    names = [f"trial{place}" for place in range(100)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: Manifest(tmp_path).begin([name], 1), names))
    assert sorted(Manifest(tmp_path).names()) == sorted(names)


@pytest.mark.parametrize(
    "config",
    [
        "trainer: 3\n",
        "trainer:\n  max_epochs: many\n",
        "\xff",
        "a: &a [*a]\n",
        "- x\n",
        "[" * 10_000,
        "trainer: {max_epochs: [1]}",
        "a: \0",
    ],
)
def test_a_configuration_that_cannot_be_read_tells_no_epochs(config: str, tmp_path: Path) -> None:
    folder = make_trial(tmp_path, "a", metrics_csv="epoch,step\n1,5\n")
    folder.config.write_bytes(config.encode("latin-1"))
    assert Manifest(tmp_path).progress() == [("a", "interrupted", 0, 0)]


def test_half_a_line_of_metrics_does_not_count(tmp_path: Path) -> None:
    make_trial(tmp_path, "a", metrics_csv="epoch,step,val/psnr\n1,5,20.5\n2,1")
    make_trial(tmp_path, "b", metrics_csv="epoch,step,val/psnr\n1,5,20.5\n2,1\n3,15,21,9\nx,1,2\n")
    make_trial(tmp_path, "c", metrics_csv="\0\0\n")
    assert [trial.epoch for trial in Manifest(tmp_path).progress()] == [1, 1, 0]


def test_status_says_what_is_done_and_what_is_wrong(sweep: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with TrialFolder(sweep / "running").locked():
        main(["status", str(sweep)])
    printed = capsys.readouterr().out
    assert "5 trials: 1 queued, 1 running, 1 interrupted, 1 failed, 1 done" in printed
    lines = [" ".join(line.split()) for line in printed.splitlines()]
    assert "running 2/4 running" in lines
    assert {"failed 0/4 failed", "failed: UsageError: the loss became nan"} <= set(lines)
    assert not any(line.startswith("done ") for line in lines)


def test_status_shows_errors_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_trial(tmp_path, "marked", error_txt="ValueError: [/red] [bold]:smile:")
    (make_trial(tmp_path, "latin").path / "error.txt").write_bytes("ValueError: zu groß \x1b[2J".encode("latin-1"))
    main(["status", str(tmp_path)])
    printed = capsys.readouterr().out
    assert "ValueError: [/red] [bold]:smile:" in printed
    assert "ValueError: zu gro" in printed
    assert "\x1b" not in printed


def test_status_bears_that_a_retry_removes_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    error = make_trial(tmp_path, "failed", error_txt="boom").error
    progress = Manifest.progress

    def then_retried(manifest: Manifest) -> list[Progress]:
        trials = progress(manifest)
        error.unlink()
        return trials

    monkeypatch.setattr(Manifest, "progress", then_retried)
    main(["status", str(tmp_path)])
    assert "failed" in capsys.readouterr().out


def test_status_tells_the_rate_and_the_time_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("a", "b"):
        make_trial(tmp_path, name, result_json="{}")
    make_trial(tmp_path, "c")
    Manifest(tmp_path).begin(["a", "b", "c", "d"], total=4)
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
