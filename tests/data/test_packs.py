"""The list of packs: python -m src.data."""

from pathlib import Path

import numpy as np
import pytest
from hydra import compose, initialize_config_dir

from huesweep.commands.data import main
from huesweep.data.store import Contents, PackStore, part_of_set
from huesweep.errors import UsageError
from huesweep.resources import CONF
from tests.data.test_store import Maker, flip


def packs(cache: Path, clear: str = "", verify: str = "") -> None:
    with initialize_config_dir(str(CONF)):
        config = compose("packs", [f"paths.cache={cache}"])
    main(config, clear=clear, verify=verify)


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


def test_a_part_of_a_split_is_told_from_the_split(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = PackStore(tmp_path / "packs").load({"source": "caltech101"}, Maker())
    test = part_of_set(whole, np.array([2, 0]), split="test")
    part_of_set(test, np.array([1]))
    part_of_set(whole, np.array([1]))
    packs(tmp_path)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.lstrip().startswith("caltech101-")]
    told = {tuple(line.split()[1:-4]) for line in lines}
    assert told == {("all", "3"), ("test", "2"), ("part", "of", "test", "1"), ("part", "of", "all", "1")}


def test_packs_are_removed_by_name_by_source_or_all(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match=r"nothing .*folder-"):
        packs(filled, clear="nothing")
    packs(filled, clear="photos")
    assert [path.stem.split("-")[0] for path in (filled / "packs").glob("*.u8")] == ["folder"]
    packs(filled, clear="all")
    assert list((filled / "packs").iterdir()) == []
    packs(filled)
    assert "no packs in" in capsys.readouterr().out


def test_packs_are_compared_with_their_checksums_on_request(filled: Path, capsys: pytest.CaptureFixture[str]) -> None:
    packs(filled, verify="all")
    assert capsys.readouterr().out.count("whole ") == 2
    damaged = next((filled / "packs").glob("folder-*.u8"))
    flip(damaged, 7, is_noticed=False)
    packs(filled, verify="photos")
    with pytest.raises(UsageError, match=f"1 of 2 .*clear={damaged.stem}"):
        packs(filled, verify="all")
    assert f"damaged {damaged}" in capsys.readouterr().out


def test_maps_of_frozen_encoders_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "maps-0-0.f16").write_bytes(bytes(3 * 2**20))
    packs(tmp_path)
    assert "3.0 MiB of frozen encoders' maps" in capsys.readouterr().out


def test_all_that_is_kept_is_cleared(filled: Path) -> None:
    for name in (
        "fits/palette-0.pt",
        "baselines/0.json",
        "maps/maps-0-0.f16",
        "maps/maps-0-0.done",
        "packs/old-0.seen",
        "packs/old-0.lock",
        "fits/.a.abcd1234.part",
    ):
        (filled / name).parent.mkdir(exist_ok=True)
        (filled / name).write_text("kept")
    (filled / "packs" / "old-0.u8").write_text("a pack without its description")
    packs(filled, clear="all")
    assert [path for path in filled.rglob("*") if path.is_file()] == []
