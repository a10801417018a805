"""More training for a trial that has finished: the same trial, longer, or another one from its weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.training import trial
from huesweep.training.assembly import assemble
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import config_hash
from huesweep.training.metrics_file import read_history
from huesweep.training.starting import start_from
from huesweep.training.trial import Trial
from tests.training.test_run import assert_same_weights

Configure = Callable[..., dict[str, Any]]


def test_a_finished_trial_gets_more_epochs_as_if_it_had_been_told_at_first(
    configure: Configure, tmp_path: Path
) -> None:
    longer, whole = TrialFolder(tmp_path / "longer"), TrialFolder(tmp_path / "whole")
    Trial(configure("optimizer=adam", "trainer.max_epochs=1"), longer).run()
    config = configure("optimizer=adam", "trainer.max_epochs=3")
    found, expected = Trial(config, longer).run(), Trial(config, whole).run()
    assert (found["epochs"], found["config_hash"]) == (3, config_hash(config))
    assert found["test"] == expected["test"]
    assert_same_weights(longer.last, whole.last)
    assert_same_weights(longer.best, whole.best)
    assert [row["epoch"] for row in read_history(longer.path)] == [1, 2, 3]
    with pytest.raises(UsageError, match="another configuration"):
        Trial(configure("optimizer=adam", "trainer.max_epochs=2"), longer).run()
    with pytest.raises(UsageError, match="another configuration"):
        Trial(configure("optimizer=adam", "trainer.max_epochs=4", "seed=1"), longer).run()
    assert longer.read_result() == found


def test_where_the_rate_ends_with_the_epochs_it_says_how_to_start_from_the_weights(
    configure: Configure, tmp_path: Path
) -> None:
    folder, further = TrialFolder(tmp_path / "trial"), TrialFolder(tmp_path / "further")
    result = Trial(configure("trainer.max_epochs=1"), folder).run()
    with pytest.raises(UsageError, match=rf"start_from={folder.path}$"):
        Trial(configure("trainer.max_epochs=2"), folder).run()
    assert folder.read_result() == result

    start = f"start_from={folder.path}"
    nearly_still = configure(start, "trainer.max_epochs=1", "optimizer.lr=1e-12", "optimizer.weight_decay=0")
    Trial(nearly_still, further).run()
    before, after = Colorizer.load(folder.best).network, Colorizer.load(further.best).network
    for (name, value), other in zip(before.named_parameters(), after.parameters(), strict=True):
        torch.testing.assert_close(value, other, msg=name)
    assert config_hash(nearly_still) != config_hash({**nearly_still, "start_from": None})


def test_what_is_refused_before_training_leaves_what_has_finished(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = TrialFolder(tmp_path / "trial")
    config = configure("optimizer=adam", "trainer.max_epochs=1")
    result = Trial(config, folder).run()

    def refuse(*_: Any) -> list[Any]:
        raise UsageError("logger.wandb.mode=online: no account")

    monkeypatch.setattr(trial, "make_loggers", refuse)
    with pytest.raises(UsageError, match="no account"):
        Trial(configure("optimizer=adam", "trainer.max_epochs=2"), folder).run()
    assert Trial(config, folder).run() == result


def test_an_early_end_stays_one(configure: Configure, tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path / "trial")
    of_callback = [f"callbacks.early_stopping.{option}" for option in ("min_delta=99", "patience=1")]
    early = ["optimizer=adam", "callbacks=early_stopping", *of_callback]
    assert Trial(configure(*early, "trainer.max_epochs=3"), folder).run()["epochs"] == 2
    with pytest.raises(UsageError, match="ended early, after 2 epochs"):
        Trial(configure(*early, "trainer.max_epochs=9"), folder).run()


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["model.encoder.widths=[4,4]"], "its network or palette is another one"),
        (["target=ab", "loss=mse"], "it is of target=palette, not ab"),
        (["task=super_resolution"], "it is of task=colorize, not super_resolution"),
    ],
)
def test_weights_of_something_else_are_refused(
    configure: Configure, tmp_path: Path, overrides: list[str], message: str
) -> None:
    earlier = assemble(configure()).module.colorizer
    earlier.save(tmp_path / "earlier.ckpt")
    config = configure(*overrides, small="target=ab" not in overrides)
    with pytest.raises(UsageError, match=message):
        start_from(assemble(config).module.colorizer, tmp_path / "earlier.ckpt")


def test_a_start_from_nothing_is_told(configure: Configure, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=f"start_from={tmp_path}/nowhere does not exist"):
        Trial(configure(f"start_from={tmp_path}/nowhere"), TrialFolder(tmp_path / "trial")).run()
    assert not (tmp_path / "trial").exists()
