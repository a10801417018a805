"""What is kept between trainings is taken again only as long as the code that made it is the same."""

import shutil
from pathlib import Path

import pytest
import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.io import digest
from huesweep.io.cache import BASELINES, BESIDE_PACKS, FEATURES, FITS, MAPS
from huesweep.metrics.baselines import score_baselines
from huesweep.models.network import Network
from huesweep.training.fitting import fit_target
from huesweep.training.folder import TrialFolder
from huesweep.training.frozen_maps import FrozenMaps
from huesweep.training.recovery import recover
from huesweep.transfer.backbone import Backbone
from huesweep.transfer.features import Features

CPU = torch.device("cpu")


def keep(cache: Path) -> dict[str, set[str]]:
    """Make one thing of each kind. Gives the names of all that the cache holds then, by kind."""
    colorizer = Colorizer.load(Path(__file__).parents[1] / "colorizer" / "version2" / "best.ckpt")
    pictures = torch.randint(256, (8, 3, 16, 16), generator=torch.Generator().manual_seed(1), dtype=torch.uint8)
    fit_target(colorizer.target, colorizer.description["target"], pictures, 0, cache)
    score_baselines(colorizer, pictures, 4, cache)
    network = colorizer.network
    assert isinstance(network, Network)
    Features(Backbone(network.encoder, False, 1), colorizer.task, {}, cache, 4, CPU).of(pictures)
    maps = FrozenMaps(network, pictures, {}, cache / MAPS, 2**20, 1)
    maps(torch.rand(2, 1, 16, 16), torch.arange(2), 0)
    return {kind: {path.name for path in (cache / kind).iterdir()} for kind in (FITS, BASELINES, FEATURES, MAPS)}


@pytest.mark.parametrize(
    ("edited", "kinds"),
    [
        ("color/spaces.py", {FITS, BASELINES, FEATURES, MAPS}),
        ("data/tasks/colorize.py", {BASELINES, FEATURES, MAPS}),
        ("models/network.py", {FEATURES, MAPS}),
        ("data/augmentation.py", {MAPS}),
        ("colorizer/colorizer.py", {BASELINES}),
        ("metrics/fidelity.py", {BASELINES}),
        ("sweeps/table.py", set()),
    ],
)
def test_edited_code_makes_anew_what_it_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edited: str, kinds: set[str]
) -> None:
    before = keep(tmp_path / "cache")
    assert all(before.values())
    assert keep(tmp_path / "cache") == before
    copied = tmp_path / "huesweep"
    shutil.copytree(digest.PACKAGE, copied, ignore=lambda _, names: [n for n in names if n.endswith(".ckpt")])
    with (copied / edited).open("a") as file:
        file.write("\nEDITED = 1\n")
    monkeypatch.setattr(digest, "PACKAGE", copied)
    after = keep(tmp_path / "cache")
    assert {kind for kind in before if after[kind] != before[kind]} == kinds


def test_what_killed_processes_left_in_the_cache_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cleaned: list[Path] = []
    monkeypatch.setattr("huesweep.training.recovery.remove_leftovers", lambda folder, **_: cleaned.append(folder))
    recover(TrialFolder(tmp_path / "trial"), tmp_path / "cache")
    assert {tmp_path / "cache" / kind for kind in BESIDE_PACKS} <= set(cleaned)
