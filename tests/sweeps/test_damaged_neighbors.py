"""Whatever lies beside a sweep's good trials, it is told and passed over, and no failure is hidden by it."""

import csv
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from omegaconf import OmegaConf

from huesweep.commands.sweeps import main as status
from huesweep.io.terminal import remark
from huesweep.sweeps import callback as of_callback
from huesweep.sweeps.callback import SweepCallback
from huesweep.sweeps.checkpoints import find_checkpoint, find_checkpoints
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.monitor import SweepMonitor
from huesweep.training.folder import TrialFolder
from tests.sweeps.trials import write_trial, write_unfinished

BAD_NAME = os.fsdecode(b"caf\xe9")  # Latin-1, which is no UTF-8
MARKUP = "UsageError: data.root='/pics[/old]' does not exist [red]"


def set_file(name: str, content: bytes, *, finished: bool = True) -> Callable[[Path], None]:
    """Gives the neighbor a file of its own; one that is not finished has no result."""

    def damage(neighbor: Path) -> None:
        if not finished:
            (neighbor / "result.json").unlink()
        (neighbor / name).write_bytes(content)

    return damage


def set_folder(name: str) -> Callable[[Path], None]:
    def damage(neighbor: Path) -> None:
        (neighbor / name).unlink(missing_ok=True)
        (neighbor / name).mkdir()

    return damage


def rename(neighbor: Path) -> None:
    neighbor.rename(neighbor.with_name(neighbor.name + BAD_NAME))


def rename_unfinished(neighbor: Path) -> None:
    (neighbor / "result.json").unlink()
    rename(neighbor)


def rename_failed(neighbor: Path) -> None:
    (neighbor / "error.txt").write_text("boom")
    rename_unfinished(neighbor)


def end_late(neighbor: Path) -> None:
    result = neighbor / "result.json"
    result.write_text(result.read_text().replace('"seed": 0', '"seed": 0, "ended": 1e12'))


def loop(neighbor: Path) -> None:
    (neighbor / "result.json").unlink()
    (neighbor / "config.yaml").unlink()
    (neighbor / "config.yaml").symlink_to("config.yaml")
    (neighbor / "error.txt").symlink_to("error.txt")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "half a line of metrics": set_file("metrics.csv", b"epoch,step,val/psnr\n1,2,2", finished=False),
    "metrics without numbers": set_file("metrics.csv", b"epoch,step\nnan,x\ninf,1\n1e99,2\n\xff,\0\n", finished=False),
    "metrics in a folder": set_folder("metrics.csv"),
    "a list as a result": set_file("result.json", b"[]"),
    "an end in the year 33658": end_late,
    "an empty result": set_file("result.json", b"{}"),
    "half a result": set_file("result.json", b'{"name": "x", "da'),
    "a folder as a result": set_folder("result.json"),
    "half a configuration": set_file("config.yaml", b"data:\n  name: pho\nmodel: {name: 'un"),
    "half a configuration of one that goes on": set_file("config.yaml", b"trainer: {max_epochs: [", finished=False),
    "a list as a configuration": set_file("config.yaml", b"[]"),
    "a configuration of nothing": set_file("config.yaml", b"", finished=False),
    "a configuration in Latin-1": set_file("config.yaml", b"data: {name: caf\xe9}\n"),
    "sections that are none": set_file("config.yaml", b"optimizer: 3\ntrainer: {max_epochs: -5}\ncallbacks: [1]\n"),
    "names that are none": set_file(
        "config.yaml", b"model: {name: [1]}\ntrainer: {max_epochs: true}\n", finished=False
    ),
    "a number that is too large": set_file("config.yaml", b"batch: {size: 0x" + b"f" * 9000 + b"}\n"),
    "a folder as a configuration": set_folder("config.yaml"),
    "links in a circle": loop,
    "an error in Latin-1": set_file("error.txt", b"OSError: caf\xe9\x1b[2J [/]\n", finished=False),
    "a name in Latin-1": rename,
    "an unfinished one's name in Latin-1": rename_unfinished,
    "a failed one's name in Latin-1": rename_failed,
    "no picture": set_file("pictures/wall.png", b"\x89PNG\r\n\x1a\n" + b"\xff" * 50),
}


BESIDE = {
    "a file's name in Latin-1": (BAD_NAME, b"", 0),
    "a list as the list of trials": ("sweep.json", b"[]", 1),
    "half a list of trials": ("sweep.json", b'{"started": 1.0, "tri', 1),
    "the command in Latin-1": ("multirun.yaml", b"- a=https://me:s3cret@h/caf\xe9\n", 0),
}
# There is nothing to pass over, or the page shows it as it is.
NOT_TOLD = {"links in a circle", "an error in Latin-1", "no picture", "sections that are none", "names that are none"}


def write_sweep(folder: Path) -> None:
    """Two finished trials, and one that failed with a message that looks like markup."""
    for name, psnr in (("best", 24.0), ("second", 23.0)):
        (write_trial(folder, name, psnr, model=name) / "checkpoints").mkdir()
        (folder / name / "checkpoints" / "best.ckpt").write_bytes(b"")
    write_unfinished(folder, "failed", error=MARKUP, model="failed")
    remark.cache_clear()


def end(folder: Path) -> int | str | None:
    """End a sweep of this folder as Hydra does, and give what it leaves with."""
    callback = SweepCallback("psnr")
    callback.monitor = SweepMonitor(Manifest(folder), [], 4)
    callback.monitor.began_at = 1.0
    try:
        callback.on_multirun_end(OmegaConf.create({"hydra": {"sweep": {"dir": str(folder)}}}))
    except SystemExit as left:
        return left.code
    return 0


def look(sweep: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Whatever is asked of a sweep after its end, and the lines that tell what was passed over."""
    left = end(sweep)
    printed = capsys.readouterr()
    assert re.fullmatch(r"error: \d of 4 trials failed; the same command tries them again", str(left))
    assert f"failed: {sweep}/failed: {MARKUP}" in printed.err.splitlines()
    rows = list(csv.DictReader((sweep / "results.csv").open()))
    assert [row["model"] for row in rows[:2]] == ["best", "second"]
    assert (sweep / "report.html").read_text()
    status(["status", str(sweep)])
    also = capsys.readouterr()
    assert re.search("^failed +3/3 +failed *$", also.out, re.MULTILINE)
    assert find_checkpoint(str(sweep)).parent.parent.name == "best"
    assert {"best", "second"} <= find_checkpoints(str(sweep)).keys()
    last = capsys.readouterr().err
    assert "\x1b" not in printed.out + printed.err + also.out + also.err + last
    return [line for line in (printed.err + also.err + last).splitlines() if line.startswith("passed over, ")]


def test_a_damaged_trial_is_told_in_a_line_and_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep = tmp_path / "sweep"
    write_sweep(sweep)
    for place, damage in enumerate(DAMAGES.values()):
        damage(write_trial(sweep, f"neighbor{place}.", 10.0, model=f"neighbor{place}"))
    told = look(sweep, capsys)
    for place, name in enumerate(DAMAGES):
        lines = [line for line in told if line.startswith(f"passed over, {sweep}/neighbor{place}.")]
        assert len(lines) == (name not in NOT_TOLD), (name, lines)
    assert len(told) == len(DAMAGES) - len(NOT_TOLD)


@pytest.mark.parametrize("damage", BESIDE)
def test_damage_beside_trials_is_passed_over(damage: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_sweep(tmp_path)
    name, content, lines = BESIDE[damage]
    (tmp_path / name).write_bytes(content)
    assert len(look(tmp_path, capsys)) == lines
    if name == "multirun.yaml":
        assert (tmp_path / name).read_bytes() == b"- a=https://...@h/caf\xe9\n"


def test_a_crash_at_a_sweeps_end_hides_no_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_sweep(tmp_path)

    def crash(*_: Any) -> None:
        raise TypeError("of [/red]\nseveral lines")

    monkeypatch.setattr("huesweep.sweeps.report.page.report", crash)
    assert end(tmp_path) == (
        "error: TypeError: of [/red] several lines; 1 of 4 trials failed; the same command tries them again"
    )
    assert f"failed: {tmp_path}/failed: {MARKUP}" in capsys.readouterr().err.splitlines()
    (tmp_path / "failed" / "error.txt").unlink()
    assert end(tmp_path) == "error: TypeError: of [/red] several lines"
    monkeypatch.setattr(SweepMonitor, "failed", crash)
    monkeypatch.setattr("huesweep.sweeps.report.page.report", lambda *_: [])
    assert end(tmp_path) == "error: TypeError: of [/red] several lines"


def test_a_crash_at_a_sweeps_start_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any) -> None:
        raise ZeroDivisionError("of [/red]")

    monkeypatch.setattr(of_callback, "check_launcher", crash)
    options = {"gpus_per_trial": "auto", "cpus_per_trial": "auto", "trainer": {"accelerator": "auto"}}
    with pytest.raises(SystemExit) as left:
        SweepCallback("psnr").on_multirun_start(OmegaConf.create({"hydra": {"launcher": {}}, **options}))
    assert left.value.code == "error: ZeroDivisionError: of [/red]"


def test_an_error_that_names_a_file_in_no_encoding_is_kept(tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path / "trial")
    folder.write_error(FileNotFoundError(2, "No such file", BAD_NAME))
    assert "caf\\udce9" in folder.error.read_text()


def test_a_sweep_may_itself_lie_in_a_folder_of_such_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep = tmp_path / BAD_NAME
    write_sweep(sweep)
    assert end(sweep) == "error: 1 of 4 trials failed; the same command tries them again"
    status(["status", str(sweep)])
    assert find_checkpoint(str(sweep)) == sweep / "best" / "checkpoints" / "best.ckpt"
    printed = capsys.readouterr()
    assert (printed.out + printed.err).encode()
    assert "wrote " in printed.out
