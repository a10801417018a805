"""The list of packs: python -m src.data."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir

from huesweep.commands.data import main
from huesweep.data.store import Contents, PackStore
from huesweep.errors import UsageError
from huesweep.resources import CONF
from tests.data.test_store import Maker


def packs(cache: Path, clear: str = "") -> None:
    with initialize_config_dir(str(CONF)):
        config = compose("packs", [f"paths.cache={cache}"])
    main(config, clear=clear)


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    store = PackStore(tmp_path / "packs")
    store.load({"source": "photos", "split": "train"}, Maker())
    made = Maker()()
    store.load({"source": "folder", "split": "test"}, lambda: Contents(made.classes, made.chunks, ["skipped a.jpg"]))
    return tmp_path


def test_packs_are_listed_with_what_was_left_out(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packs(filled)
    told = capsys.readouterr().out
    assert "photos-" in told
    assert "5x4" in told
    assert "skipped a.jpg" in told


def test_packs_are_removed_by_name_by_source_or_all(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match=r"nothing .*folder-"):
        packs(filled, clear="nothing")
    packs(filled, clear="photos")
    assert [path.stem.split("-")[0] for path in (filled / "packs").glob("*.u8")] == ["folder"]
    packs(filled, clear="all")
    assert list((filled / "packs").iterdir()) == []
    packs(filled)
    assert "no packs in" in capsys.readouterr().out
