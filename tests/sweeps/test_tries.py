"""A trial whose process dies in every try fails like any other: told, counted, and the others go on."""

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest

from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.tries import Tries
from huesweep.training.folder import TrialFolder
from tests.sweeps.launched import finish, process_of, start, sweep_command


def kill_while_it_runs(sweep: Path, setting: str, driver: subprocess.Popen[str]) -> None:
    """Kill the process of the trial whose configuration holds a line, whenever there is one, until the sweep ends."""
    while driver.poll() is None:
        for config in sweep.glob("*/config.yaml"):
            if f"\n{setting}\n" in config.read_text() and (victim := process_of(config.parent)):
                with suppress(ProcessLookupError):
                    os.kill(victim, signal.SIGKILL)
        time.sleep(0.05)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds processes by Linux's /proc")
def test_a_trial_that_dies_in_every_try_fails_and_the_others_go_on_with_their_share_of_devices(
    tmp_path: Path, cache: Path
) -> None:
    cheap = ("hydra.launcher.ray.init.num_cpus=2", "hydra.launcher.ray.remote.max_retries=2", "trainer.max_epochs=1")
    declared = ("hydra.launcher.ray.init.num_gpus=2", "gpus_per_trial=0.5", "cpus_per_trial=1")
    process = start(sweep_command(tmp_path, cache, "hydra/launcher=ray", *cheap, *declared, "seed=0,1,2"))
    kill_while_it_runs(tmp_path / "sweeps" / "s", "seed: 1", process)
    printed = finish(process)
    assert process.returncode == 1
    assert "1 of 3 trials failed; the same command tries them again" in printed
    assert "Traceback" not in printed
    sweep = tmp_path / "sweeps" / "s"
    assert sorted(trial.state for trial in Manifest(sweep).progress()) == ["done", "done", "failed"]
    (error,) = sweep.glob("*/error.txt")
    assert error.read_text().startswith(
        "UsageError: its process died in each of 2 tries, the last time by signal 9: out"
    )
    assert list((sweep / ".locks").glob("*.tries")) == []
    machines = [json.loads(path.read_text())["machine"] for path in sweep.glob("*/result.json")]
    assert {machine["visible_devices"] for machine in machines} <= {"0", "1"}  # the third shares one of them
    assert [machine["threads"] for machine in machines] == ["1", "1"]


@pytest.mark.parametrize("name", ["trial", "unet/seed_0"])
def test_tries_are_counted_anew_when_the_sweep_is_started_again(tmp_path: Path, name: str) -> None:
    manifest, trial = Manifest(tmp_path), TrialFolder(tmp_path / name)
    manifest.begin([name], 1)
    assert [Tries(trial, tmp_path, 2).begin() for _ in range(3)] == [True, True, False]
    assert "died in each of 2 tries: out of memory?" in trial.error.read_text()
    assert [Tries(trial, tmp_path, 0).begin() for _ in range(2)] == [True, False]
    assert "died whenever it was tried: out of memory?" in trial.error.read_text()
    assert Tries(trial, tmp_path, 2).begin()
    manifest.begin([name], 1)
    assert [Tries(trial, tmp_path, 2).begin() for _ in range(2)] == [True, True]
    Tries(trial, tmp_path, 2).end()
    assert all(Tries(trial, tmp_path, -1).begin() for _ in range(9))
    assert not Tries(trial, tmp_path, -1).has_died(-9)
    assert Tries(trial, tmp_path, 2).has_died(1)
