"""A trial that has finished tells when the code of its parts, or a file it began from, is no longer what it was."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huesweep.io.digest import source_digest
from huesweep.training import made_from
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder
from tests.data.copies import WANTED
from tests.data.test_cifar10 import write_copy

MINE = "huesweep.losses.mine"


def test_a_digest_is_of_what_the_code_does(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    digests = []
    for source in (
        "def f():\n    return 1\n",
        '"""More."""\ndef f():\n    return 1  # one\n',
        "def f():\n    return 2\n",
        "def",
    ):
        path.write_text(source)
        digests.append(source_digest(path))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_every_part_of_a_trial_is_looked_at(configure: Callable[..., dict[str, Any]]) -> None:
    used = made_from.made_from(configure("model=unet_fast", "loss=focal", small=False))["code"]
    wanted = (
        "losses.focal",
        "color.targets.palette",
        "models.encoders.patch",
        "models.encoders.plain",
        "data.sources.photos",
    )
    assert {f"huesweep.{name}" for name in wanted} <= used.keys()


def test_a_finished_trial_says_what_has_changed_since(
    configure: Callable[..., dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trial = ColorizationTrial(configure("trainer.max_epochs=1"), TrialFolder(tmp_path / "trial"))
    result = trial.run()
    capsys.readouterr()
    assert trial.run() == result
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(
        made_from, "source_digest", lambda path: "other" if path.stem == "cross_entropy" else source_digest(path)
    )
    assert trial.run() == result
    assert "since then huesweep.losses.cross_entropy changed" in capsys.readouterr().err


def test_a_palette_and_a_start_that_were_overwritten_are_told(
    configure: Callable[..., dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    palette, first = tmp_path / "a=b.txt", TrialFolder(tmp_path / "first")
    palette.write_text("0 0 0\n255 255 255\n200 30 30\n30 30 200\n")
    given = f"target.palette='{palette}'"
    ColorizationTrial(configure("trainer.max_epochs=1", given, "target.colors=4"), first).run()
    trial = ColorizationTrial(
        configure("trainer.max_epochs=1", f"start_from={first.path}", given, "target.colors=4"),
        TrialFolder(tmp_path / "trial"),
    )
    result = trial.run()
    capsys.readouterr()
    assert trial.run() == result
    assert capsys.readouterr().err == ""
    with first.best.open("ab") as file:
        file.write(b"other")
    assert trial.run() == result
    assert f"since then start_from={first.best} changed" in capsys.readouterr().err
    palette.write_text("0 0 0\n255 255 255\n200 30 30\n30 30 201\n")
    trial.run()
    assert f"since then start_from={first.best}, target.palette={palette} changed" in capsys.readouterr().err
    palette.unlink()
    trial.run()
    assert "target.palette" not in capsys.readouterr().err


def test_a_trial_that_goes_on_names_the_files_that_it_began_from(
    configure: Callable[..., dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = TrialFolder(tmp_path / "first")
    ColorizationTrial(configure("trainer.max_epochs=1"), first).run()
    trial = ColorizationTrial(
        configure("trainer.max_epochs=1", f"start_from={first.path}"), TrialFolder(tmp_path / "trial")
    )
    begun = made_from.made_from(trial.config)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(ColorizationTrial, "_score", stop)
        with pytest.raises(KeyboardInterrupt):
            trial.run()
    with first.best.open("ab") as file:
        file.write(b"other")
    result = trial.run()
    assert result["files"] == begun["files"] != made_from.made_from(trial.config)["files"]
    told = f"goes on with what it began from: since then start_from={first.best} changed"
    assert told in capsys.readouterr().err


def test_another_copy_of_a_set_that_is_not_compared_with_it_is_told(
    configure: Callable[..., dict[str, Any]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("one", "same", "other"):
        write_copy(tmp_path / name)
    with (tmp_path / "other" / WANTED / "data_batch_1").open("ab") as file:
        file.write(b"more")

    def trial(root: str, verify: bool = False) -> ColorizationTrial:
        of_copy = ("data=cifar10", f"data.root={tmp_path / root}", f"data.verify={verify}")
        return ColorizationTrial(configure(*of_copy, small=False), TrialFolder(tmp_path / "trial"))

    first = trial("one")
    first.folder.write_result({"config_hash": first.hash, **made_from.made_from(first.config)})
    for root, told in (("one", ""), ("same", ""), ("nowhere", ""), ("other", "the copy of data=cifar10 changed")):
        assert trial(root).hash == first.hash
        trial(root).run()
        found = capsys.readouterr().err
        assert told in found if told else not found
    assert "copy" not in made_from.made_from(trial("one", verify=True).config)
