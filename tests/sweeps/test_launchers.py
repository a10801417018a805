"""Sweeps over several processes: whatever dies, at the end every trial is there, and none was trained twice."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from huesweep.sweeps.manifest import Manifest
from tests.sweeps.launched import epochs, finish, has_saved, process_of, start, sweep_command, wait_for

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="finds processes by Linux's /proc")
RAY = "hydra/launcher=ray"


def results(sweep: Path) -> dict[str, dict[str, object]]:
    return {path.parent.name: json.loads(path.read_text()) for path in sorted(sweep.glob("*/result.json"))}


def killed(find: Callable[[], Path | None], driver: subprocess.Popen[str]) -> Path:
    """The trial that is found first, whose process is killed."""
    wait_for(find, driver)
    victim = find()
    assert victim is not None
    worker = process_of(victim)
    assert worker is not None
    os.kill(worker, signal.SIGKILL)
    return victim


@pytest.mark.slow
def test_nothing_is_lost_when_a_worker_and_the_driver_are_killed_and_a_trial_fails(tmp_path: Path, cache: Path) -> None:
    longer = ("data.train=512", "batch.size=16", "trainer.max_epochs=8", "hydra.launcher.ray.init.num_cpus=2")
    # The rate of the last trial lets its weights overflow.
    command = sweep_command(tmp_path, cache, RAY, *longer, "optimizer.lr=1e-4,2e-4,1e30")
    sweep = tmp_path / "sweeps" / "s"
    driver = start(command)

    def in_the_middle() -> Path | None:
        trials = (path.parent for path in sweep.glob("*/log.txt"))
        found = (trial for trial in trials if 2 <= epochs(trial) < 6 and has_saved(trial) and process_of(trial))
        return next(found, None)

    victim = killed(in_the_middle, driver)
    # Ray starts it again, at once or after others: in the middle of whichever is next, the driver dies.
    wait_for(lambda: in_the_middle() not in (None, victim) or "going on" in (victim / "log.txt").read_text(), driver)
    os.kill(driver.pid, signal.SIGKILL)
    finish(driver)
    assert len(results(sweep)) < 2

    printed = finish(start(command))
    assert len(results(sweep)) == 2, printed
    assert {result["steps"] for result in results(sweep).values()} == {8 * 32}
    # Whoever was killed had saved what came before: at most the epoch at whose end that happened was trained again.
    logs = {name: (sweep / name / "log.txt").read_text() for name in results(sweep)}
    trained = {name: sum(log.count(f"epoch {epoch}/8 ") for epoch in range(1, 9)) for name, log in logs.items()}
    assert trained[victim.name] <= 9
    assert 2 * 8 <= sum(trained.values()) <= 2 * 8 + 3  # three processes were killed
    assert logs[victim.name].count("epoch 1/8 ") == 1
    assert logs[victim.name].count("going on with") >= 1
    states = [trial.state for trial in Manifest(sweep).progress()]
    assert sorted(states) == ["done"] * 2 + ["failed"]
    assert "1 of 3 trials failed" in printed
    assert "the loss became" in printed
    assert (sweep / "results.csv").exists()


@pytest.mark.slow
def test_a_job_that_dies_ends_no_other(tmp_path: Path, cache: Path) -> None:
    longer = ("data.train=128", "batch.size=4", "trainer.max_epochs=2", "optimizer.lr=1e-4,2e-4")
    sweep = tmp_path / "sweeps" / "s"
    driver = start(sweep_command(tmp_path, cache, "hydra/launcher=submitit_local", *longer))

    def at_work() -> Path | None:
        trials = (path.parent for path in sweep.glob("*/log.txt"))
        return next((trial for trial in trials if process_of(trial)), None)

    victim = killed(at_work, driver)
    printed = finish(driver)
    assert driver.returncode == 1, printed
    assert "1 of 2 trials failed; the same command tries them again" in printed
    assert "Traceback" not in printed
    (other,) = results(sweep)
    assert other != victim.name
    assert "died: " in (victim / "error.txt").read_text()
    assert (sweep / "report.html").exists()


LOSES_A_NODE = """
import os, subprocess, sys, time
from pathlib import Path
from ray.cluster_utils import Cluster

sweep, command = Path(sys.argv[1]), sys.argv[2:]
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
second = cluster.add_node(num_cpus=1)
cluster.wait_for_nodes()
driver = subprocess.Popen([*command, f"hydra.launcher.ray.init.address={cluster.address}"])
deadline = time.monotonic() + 150
while len(list(sweep.glob("*/metrics.csv"))) < 2 and driver.poll() is None and time.monotonic() < deadline:
    time.sleep(0.05)
cluster.remove_node(second, allow_graceful=False)
print("lost a node")
status = driver.wait(200)
cluster.shutdown()
sys.exit(status)
"""


@pytest.mark.slow
def test_a_cluster_that_loses_a_node_still_finishes(tmp_path: Path, cache: Path) -> None:
    longer = ("data.train=512", "batch.size=16", "trainer.max_epochs=6", "optimizer.lr=1e-4,2e-4", "gpus_per_trial=0")
    command = sweep_command(tmp_path, cache, RAY, *longer)
    sweep = tmp_path / "sweeps" / "s"
    # In a folder of its own: sweeps that start meanwhile would find the cluster. Names of sockets must be short.
    with tempfile.TemporaryDirectory(prefix="ray") as place:
        environment = {"RAY_AUTH_MODE": "disabled", "RAY_TMPDIR": place}
        process = start([command[0], "-c", LOSES_A_NODE, str(sweep), *command], **environment)
        printed = finish(process, 300)
    assert process.returncode == 0, printed
    assert "lost a node" in printed
    assert [result["steps"] for result in results(sweep).values()] == [6 * 32] * 2
    for name in results(sweep):
        assert (sweep / name / "log.txt").read_text().count("epoch 1/6 ") <= 2  # cut off at its very end: once more
