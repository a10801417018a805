"""More training for a trial that has finished: the same trial, longer, or another one from its weights."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.color.targets.palette import PaletteTarget
from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from huesweep.training import trial
from huesweep.training.assembly import assemble
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from huesweep.training.identity import config_hash
from huesweep.training.metrics_file import read_history
from huesweep.training.starting import start_from
from tests.training.test_run import assert_same_weights

Configure = Callable[..., dict[str, Any]]


def test_a_finished_trial_gets_more_epochs_as_if_it_had_been_told_at_first(
    configure: Configure, tmp_path: Path
) -> None:
    longer, whole = TrialFolder(tmp_path / "longer"), TrialFolder(tmp_path / "whole")
    ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=1"), longer).run()
    config = configure("optimizer=adam", "trainer.max_epochs=3")
    found, expected = ColorizationTrial(config, longer).run(), ColorizationTrial(config, whole).run()
    assert (found["epochs"], found["config_hash"]) == (3, config_hash(config))
    assert found["test"] == expected["test"]
    assert_same_weights(longer.last, whole.last)
    assert_same_weights(longer.best, whole.best)
    assert [row["epoch"] for row in read_history(longer.path)] == [1, 2, 3]
    with pytest.raises(UsageError, match="another configuration"):
        ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=4", "seed=1"), longer).run()
    assert longer.read_result() == found


def test_where_the_rate_ends_with_the_epochs_it_says_how_to_start_from_the_weights(
    configure: Configure, tmp_path: Path
) -> None:
    folder, further = TrialFolder(tmp_path / "trial"), TrialFolder(tmp_path / "further")
    result = ColorizationTrial(configure("trainer.max_epochs=1"), folder).run()
    with pytest.raises(UsageError, match=rf"start_from={folder.path}$"):
        ColorizationTrial(configure("trainer.max_epochs=2"), folder).run()
    assert folder.read_result() == result

    start = f"start_from={folder.path}"
    nearly_still = configure(start, "trainer.max_epochs=1", "optimizer.lr=1e-12", "optimizer.weight_decay=0")
    ColorizationTrial(nearly_still, further).run()
    before, after = Colorizer.load(folder.best).network, Colorizer.load(further.best).network
    for (name, value), other in zip(before.named_parameters(), after.parameters(), strict=True):
        torch.testing.assert_close(value, other, msg=name)
    assert config_hash(nearly_still) != config_hash({**nearly_still, "start_from": None})


def test_what_is_refused_before_training_leaves_what_has_finished(
    configure: Configure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = TrialFolder(tmp_path / "trial")
    config = configure("optimizer=adam", "trainer.max_epochs=1")
    result = ColorizationTrial(config, folder).run()

    def refuse(*_: Any) -> list[Any]:
        raise UsageError("logger.wandb.mode=online: no account")

    monkeypatch.setattr(trial, "make_loggers", refuse)
    with pytest.raises(UsageError, match="no account"):
        ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=2"), folder).run()
    assert ColorizationTrial(config, folder).run() == result


def test_an_early_end_stays_one(configure: Configure, tmp_path: Path) -> None:
    folder = TrialFolder(tmp_path / "trial")
    of_callback = [f"callbacks.early_stopping.{option}" for option in ("min_delta=99", "patience=1")]
    early = ["optimizer=adam", "callbacks=early_stopping", *of_callback]
    assert ColorizationTrial(configure(*early, "trainer.max_epochs=3"), folder).run()["epochs"] == 2
    with pytest.raises(UsageError, match="ended early, after 2 epochs"):
        ColorizationTrial(configure(*early, "trainer.max_epochs=9"), folder).run()


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
        ColorizationTrial(configure(f"start_from={tmp_path}/nowhere"), TrialFolder(tmp_path / "trial")).run()
    assert not (tmp_path / "trial").exists()


def test_a_start_keeps_its_colors_and_counts_them_anew(configure: Configure, tmp_path: Path) -> None:
    first = TrialFolder(tmp_path / "first")
    ColorizationTrial(configure("trainer.max_epochs=1"), first).run()
    other = configure(f"start_from={first.path}", "trainer.max_epochs=1", "data.seed=7", "data.train=48")
    second = TrialFolder(tmp_path / "second")
    ColorizationTrial(other, second).run()
    before, after = (Colorizer.load(folder.best).target for folder in (first, second))
    assert isinstance(before, PaletteTarget)
    assert isinstance(after, PaletteTarget)
    assert torch.equal(before.centers, after.centers)
    expected = PaletteTarget(4, before.space)
    expected.load_state_dict(before.state_dict())
    expected.keep_colors()
    data = assemble(other).data
    data.setup()
    expected.fit(data.splits["train"].pictures, 0)
    torch.testing.assert_close(after.frequencies, expected.frequencies)
    assert not torch.allclose(after.frequencies, before.frequencies)


def palette_file(path: Path, last: str) -> str:
    path.write_text(f"0 0 0\n255 255 255\n200 30 30\n{last}\n")
    return f"target.palette={path}"


def test_a_palette_that_a_start_would_replace_is_refused(configure: Configure, tmp_path: Path) -> None:
    first = TrialFolder(tmp_path / "first")
    ColorizationTrial(configure("trainer.max_epochs=1", palette_file(tmp_path / "a.txt", "30 30 200")), first).run()
    start = ("trainer.max_epochs=1", f"start_from={first.path}")
    ColorizationTrial(
        configure(*start, palette_file(tmp_path / "b.txt", "30 30 200")), TrialFolder(tmp_path / "same")
    ).run()
    with pytest.raises(UsageError, match=f"start_from={first.path}: its palette has other colors"):
        ColorizationTrial(
            configure(*start, palette_file(tmp_path / "c.txt", "30 200 30")), TrialFolder(tmp_path / "other")
        ).run()


def test_a_palette_that_was_overwritten_does_not_go_on(configure: Configure, tmp_path: Path) -> None:
    given = palette_file(tmp_path / "a.txt", "30 30 200")
    folder = TrialFolder(tmp_path / "trial")
    ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=1", given), folder).run()
    palette_file(tmp_path / "a.txt", "30 200 30")
    with pytest.raises(UsageError, match=r"a\.txt holds other colors than when .*trial began"):
        ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=2", given), folder).run()
    palette_file(tmp_path / "a.txt", "30 30 200")
    assert ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=2", given), folder).run()["epochs"] == 2


def test_a_moved_folder_knows_its_best_score(configure: Configure, tmp_path: Path) -> None:
    """The rate is so high that the first epoch stays the best one."""
    options = ("optimizer=adam", "optimizer.lr=0.5")
    here, there = TrialFolder(tmp_path / "here"), TrialFolder(tmp_path / "there")
    ColorizationTrial(configure(*options, "trainer.max_epochs=2"), here).run()
    best = torch.load(here.best, weights_only=True)["state_dict"]
    here.path.rename(there.path)
    ColorizationTrial(configure(*options, "trainer.max_epochs=4"), there).run()
    kept = torch.load(there.best, weights_only=True)
    with (there.path / "metrics.csv").open(newline="") as file:
        losses = [float(row["val/loss"]) for row in csv.DictReader(file)]
    assert losses.index(min(losses)) < 2
    assert all(torch.equal(value, best[name]) for name, value in kept["state_dict"].items())


def test_a_trial_of_more_epochs_is_not_trained_again_for_fewer(
    configure: Configure, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = TrialFolder(tmp_path / "trial")
    ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=1"), folder).run()
    longer = ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=2"), folder).run()
    capsys.readouterr()
    assert ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=1"), folder).run() == longer
    assert "has finished before, with 2 epochs: nothing to do" in capsys.readouterr().out
    with pytest.raises(UsageError, match="of another configuration"):
        ColorizationTrial(configure("optimizer=adam", "trainer.max_epochs=1", "seed=1"), folder).run()
