"""How a machine is divided among trials."""

import pytest
import torch

from huesweep.errors import UsageError
from huesweep.sweeps import devices
from huesweep.sweeps.devices import trial_cpus, trial_gpus, whole_gpus


@pytest.mark.parametrize(
    ("gpus", "cores", "share", "expected_gpus", "expected_cpus"),
    [
        (0, 8, "auto", 0, 1),  # trials side by side on the cores
        (1, 8, "auto", 1, 8),
        (4, 16, "auto", 1, 4),
        (1, 8, 0.25, 0.25, 2),
        (2, 8, 0.5, 0.5, 2),
        (2, 1, 0.25, 0.25, 1),
        (4, 16, 2, 2, 8),
        (2, 8, 0, 0, 1),
    ],
)
def test_gpus_are_given_whole_or_shared_and_cores_with_them(
    monkeypatch: pytest.MonkeyPatch,
    gpus: int,
    cores: int,
    share: float | str,
    expected_gpus: float,
    expected_cpus: int,
) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
    monkeypatch.setattr(devices, "available_cores", lambda: cores)
    assert trial_gpus(share) == expected_gpus
    assert trial_cpus("auto", share) == expected_cpus
    assert trial_cpus(3, share) == 3


def test_a_scheduler_that_can_not_share_reserves_whole_ones() -> None:
    assert [whole_gpus(share) for share in (0, 0.25, 1, 2)] == [0, 1, 1, 2]


@pytest.mark.parametrize("share", [-1, "one", 1.5, float("inf")])
def test_a_share_that_can_not_be_is_refused(share: float | str) -> None:
    with pytest.raises(UsageError, match="gpus_per_trial"):
        trial_gpus(share)


@pytest.mark.parametrize("cores", [0, "two", 1.5])
def test_cores_that_can_not_be_are_refused(cores: float | str) -> None:
    with pytest.raises(UsageError, match="cpus_per_trial must be auto or a whole number"):
        trial_cpus(cores, "auto")


def test_trials_on_the_processor_reserve_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert (trial_gpus("auto", "cpu"), whole_gpus("auto", "cpu"), trial_cpus("auto", "auto", "cpu")) == (0, 0, 1)
    assert trial_gpus("auto", "gpu") == 1


def test_cores_are_those_that_a_container_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("joblib.cpu_count", lambda: 3)
    assert devices.available_cores() == 3
