"""Launchers that can't work here are refused before anything is started."""

import socket

import pytest
from hydra import compose, initialize_config_dir

from huesweep.errors import UsageError
from huesweep.resources import CONF
from huesweep.sweeps import launchers
from huesweep.sweeps.fresh_process import OF_PALETTES, OF_WANDB, PRELOADED, preloaded
from huesweep.sweeps.launchers import check_address, check_launcher
from huesweep.sweeps.resolvers import register_with_hydra


def check(*overrides: str) -> None:
    register_with_hydra()
    with initialize_config_dir(str(CONF)):
        config = compose("train", list(overrides), return_hydra_config=True)
        check_launcher(config.hydra.launcher)


@pytest.mark.parametrize("overrides", [[], ["hydra/launcher=local"], ["hydra/launcher=ray"]])
def test_launchers_of_one_machine_work_everywhere(overrides: list[str]) -> None:
    check(*overrides)


def test_slurm_needs_slurm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(UsageError, match="there is no Slurm on this machine"):
        check("hydra/launcher=slurm")
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    check("hydra/launcher=slurm", "gpus_per_trial=0.25")


def test_a_share_that_can_not_be_is_named() -> None:
    with pytest.raises(UsageError, match=r"^gpus_per_trial must be auto or a number from 0, such as 1 or 0.25, not x$"):
        check("hydra/launcher=ray", "gpus_per_trial=x")


def test_a_cluster_has_to_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        check_address(f"127.0.0.1:{port}")
        check_address(f"ray://127.0.0.1:{port}")
    for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}"):
        with pytest.raises(
            UsageError, match=rf"address={address}: no Ray cluster answers there \(Connection refused\)"
        ):
            check_address(address)
    check_address(None)
    check_address("auto")


def test_gpus_of_other_machines_are_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(launchers, "gpus_here", lambda: 0)
    register_with_hydra()
    with initialize_config_dir(str(CONF)):
        slurm = compose("train", ["hydra/launcher=slurm"], return_hydra_config=True).hydra.launcher
        ray = compose("train", ["hydra/launcher=ray"], return_hydra_config=True).hydra.launcher
    with pytest.raises(UsageError, match="set gpus_per_trial=1 and cpus_per_trial, or gpus_per_trial=0 for none"):
        check_launcher(slurm, "auto")
    for gpus, accelerator in ((1, "auto"), (0, "auto"), ("auto", "cpu")):
        check_launcher(slurm, gpus, accelerator=accelerator)
    check_launcher(ray, "auto")  # on this machine
    check_launcher(slurm, 0, "auto")
    with pytest.raises(UsageError, match="set cpus_per_trial"):
        check_launcher(slurm, 1, "auto")
    monkeypatch.setattr(launchers, "gpus_here", lambda: 4)
    check_launcher(slurm, "auto")


def test_a_trial_that_would_wait_for_ever_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match=r"a trial wants 3 cpus, more than .*num_cpus=2: .*cpus_per_trial"):
        check("hydra/launcher=ray", "cpus_per_trial=3", "hydra.launcher.ray.init.num_cpus=2")
    with pytest.raises(UsageError, match=r"a trial wants 2 gpus, more than .*num_gpus=1: .*gpus_per_trial"):
        check("hydra/launcher=ray", "gpus_per_trial=2", "hydra.launcher.ray.init.num_gpus=1")
    check("hydra/launcher=ray", "cpus_per_trial=2", "hydra.launcher.ray.init.num_cpus=2")
    monkeypatch.setattr(launchers, "available_cores", lambda: 4)
    monkeypatch.setattr(launchers, "gpus_here", lambda: 0)
    with pytest.raises(UsageError, match=r"a trial wants 8 cpus, more than the 4 of this machine: .*cpus_per_trial"):
        check("hydra/launcher=ray", "cpus_per_trial=8")
    with pytest.raises(UsageError, match=r"a trial wants 0.25 gpus, more than the 0 of this machine: "):
        check("hydra/launcher=ray", "gpus_per_trial=0.25")
    check("hydra/launcher=ray", "cpus_per_trial=4")


@pytest.mark.parametrize(
    ("overrides", "wanted"),
    [
        (["logger=none", "target=ab", "loss=mse"], PRELOADED),
        (["logger.wandb.mode=disabled"], (*PRELOADED, *OF_PALETTES)),
        (["target.palette=toronto16"], (*PRELOADED, *OF_WANDB)),
    ],
)
def test_processes_read_the_libraries_that_trials_need(overrides: list[str], wanted: tuple[str, ...]) -> None:
    register_with_hydra()
    with initialize_config_dir(str(CONF)):
        assert preloaded(compose("train", overrides)) == [*wanted]
