"""Whatever stops a trial, and whenever: started again, it comes to the weights and curves of one that never stopped.

STOPS=300 in the environment draws more stops than the usual ones.
"""

import multiprocessing
import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.training.folder import TrialFolder
from tests.training.stops import KINDS, Moments, fit, rows, stopped, weights, without_pictures

Configure = Callable[..., dict[str, Any]]
STOPS = int(os.environ.get("STOPS", "15"))
BASE = ("batch.size=16", "batch.shift=1", "trainer.max_epochs=3", "examples.every=100", "target.colors=4")
OPTIONS = {
    "ema": ("callbacks=ema",),
    "accumulation": ("+trainer.accumulate_grad_batches=3",),
    "clip": ("trainer.gradient_clip_val=0.1",),
    "bf16": ("trainer.precision=bf16-mixed",),
    "workers": ("batch.device_gib=0", "batch.workers=1"),
    "limit": ("trainer.limit_train_batches=0.75",),
    "steps": ("+trainer.max_steps=7",),
    "every": ("trainer.check_val_every_n_epoch=2",),
    "early": (
        "callbacks=early_stopping",
        "callbacks.early_stopping.patience=1",
        "callbacks.early_stopping.min_delta=99",
    ),
    "halves": ("+trainer.val_check_interval=0.5",),
    "dropout": ("model.encoder.dropout=0.3", "model.decoder.dropout=0.3"),
}


def combinations() -> list[tuple[str, ...]]:
    """Nothing, each option alone, and drawn ones together."""
    draw = random.Random(1)
    quick = [name for name in OPTIONS if name != "workers"]
    together = [tuple(sorted(draw.sample(quick, 3))) for _ in range(10)]
    together = [names for names in together if not {"ema", "early"} <= set(names)]  # of one group of callbacks
    return [(), *[(name,) for name in OPTIONS], *together[:3]]


COMBINATIONS = combinations()


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """A process that is forked from one with several threads of OpenMP would wait for them for ever."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize("names", COMBINATIONS, ids=lambda names: "+".join(names) or "plain")
def test_a_stopped_trial_comes_to_the_same_end(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...]
) -> None:
    without_pictures(monkeypatch)
    moments = Moments(monkeypatch)
    config = configure(*BASE, *[override for name in names for override in OPTIONS[name]])
    whole = TrialFolder(tmp_path / "whole")
    fit(config, whole)
    number, expected = moments.count, {path: weights(path) for path in (whole.best, whole.last)}

    draw = random.Random(repr(names))
    often = -(-STOPS // len(COMBINATIONS))
    for index in range(often if names != ("workers",) or often > 3 else 1):  # whose start takes seconds
        broken = TrialFolder(tmp_path / f"broken{index}")
        stops = [(draw.randint(1, number), draw.choice(KINDS)) for _ in range(draw.choice((1, 1, 2)))]
        for at, kind in stops:
            stopped(config, broken, moments, at, kind)
        moments.count = 0
        fit(config, broken)
        assert multiprocessing.active_children() == []
        assert rows(broken) == rows(whole), stops
        for path, wanted in zip((broken.best, broken.last), expected.values(), strict=True):
            found = weights(path)
            assert found.keys() == wanted.keys()
            assert all(torch.equal(value, found[name]) for name, value in wanted.items()), (path.name, stops)
