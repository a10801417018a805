"""Checkpoints that would take more than they hold are refused, in one line, before they take it."""

import copy
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.resources import BUNDLED
from tests.colorizer.refusing import refused

WIDEST = "colorizer.network.encoder.levels.1.0.0.weight"
LIMITED = """
import sys
from pathlib import Path
from huesweep.colorizer.colorizer import Colorizer
from huesweep.errors import UsageError
from tests.memory import peak_memory
for path in sys.argv[1:]:
    try:
        Colorizer.load(Path(path))
    except UsageError as error:
        print(f"error: {error}", end=" ")
    print(f"at {round(peak_memory())} MiB")
"""


def changed(held: dict[str, Any], path: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    content = copy.deepcopy(held)
    change(content)
    torch.save(content, path)
    return path


def rezipped(
    checkpoint: Path, change: Callable[[str, bytes], bytes | None], compression: int = zipfile.ZIP_STORED
) -> Path:
    """A checkpoint with changed members, whose sums are right; None leaves one out."""
    path = checkpoint.with_name("changed.ckpt")
    with zipfile.ZipFile(checkpoint) as source, zipfile.ZipFile(path, "w", compression) as archive:
        for name in source.namelist():
            if (content := change(name, source.read(name))) is not None:
                archive.writestr(name, content)
    return path


def pickled(checkpoint: Path, content: bytes) -> Path:
    """A checkpoint with another pickle in it."""
    return rezipped(checkpoint, lambda name, old: content if name.endswith("/data.pkl") else old)


def test_an_own_checkpoint_is_read(checkpoint: Path, held: dict[str, Any]) -> None:
    weights = Colorizer.load(checkpoint).network.state_dict()
    for name, value in weights.items():
        torch.testing.assert_close(value, held["state_dict"][f"colorizer.network.{name}"])
    assert Colorizer.load(BUNDLED).description["data"] == "mixture"


def test_one_number_does_not_stand_for_many(held: dict[str, Any], tmp_path: Path) -> None:
    def expand(content: dict[str, Any]) -> None:
        content["state_dict"][WIDEST] = torch.zeros(1).expand(2**31)

    path = changed(held, tmp_path / "a.ckpt", expand)
    assert path.stat().st_size < 100_000
    assert "is larger than its storage" in refused(path)


def test_tensors_do_not_share_their_numbers(held: dict[str, Any], tmp_path: Path) -> None:
    def overlap(content: dict[str, Any]) -> None:
        content["state_dict"]["colorizer.network.a"] = torch.zeros(100).as_strided((5, 5), (1, 1))

    def share(content: dict[str, Any]) -> None:
        whole = torch.zeros(100_000)
        content["state_dict"].update({f"colorizer.network.{number}": whole[:] for number in range(100)})

    assert "is a view" in refused(changed(held, tmp_path / "a.ckpt", overlap))
    assert "share memory" in refused(changed(held, tmp_path / "b.ckpt", share))


TOO_LARGE: list[tuple[str, dict[str, Any]]] = [
    ("encoder", {"widths": [100_000, 100_000]}),
    ("encoder", {"widths": [8] * 1000}),
    ("encoder", {"convolutions": 2**20}),
    ("encoder", {"convolutions": 10**9}),
    ("encoder", {"widths": [1] * 10**6}),
    ("encoder", {"kernel": 2**19}),
    ("encoder", {"dilation": 100_000}),
    ("encoder", {"dropout": float("nan")}),
    ("decoder", {"convolutions": 2**20}),
]
TOO_LARGE_OF_TIMM: list[tuple[str, dict[str, Any]]] = [
    ("resnet18", {"base_width": 2**16}),
    ("vit_huge_patch14_224", {}),
]


@pytest.mark.slow
def test_networks_larger_than_their_files_are_not_built(held: dict[str, Any], tmp_path: Path) -> None:
    paths: list[Path] = []
    for part, options in TOO_LARGE:

        def enlarge(content: dict[str, Any], part: str = part, options: dict[str, Any] = options) -> None:
            content["huesweep"]["model"][part]["options"].update(options)

        paths.append(changed(held, tmp_path / f"{len(paths)}.ckpt", enlarge))
    for name, options in TOO_LARGE_OF_TIMM:
        asked = {"pretrained": False, "stem": "original", "maps": None, "name": name, "options": options}
        whole = {"kind": "timm", "options": asked}

        def replace(content: dict[str, Any], whole: dict[str, Any] = whole) -> None:
            content["huesweep"]["model"]["encoder"] = whole

        paths.append(changed(held, tmp_path / f"{len(paths)}.ckpt", replace))
    told = subprocess.run([sys.executable, "-c", LIMITED, *paths], capture_output=True, text=True, timeout=240)
    lines = told.stdout.splitlines()
    assert len(lines) == len(paths), told.stderr
    for path, line in zip(paths, lines, strict=True):
        assert line.startswith(f"error: {path}")
        assert int(line.split()[-2]) < 1024, line


def test_weights_and_description_are_compared_by_name_and_shape(held: dict[str, Any], tmp_path: Path) -> None:
    def shorten(content: dict[str, Any]) -> None:
        content["state_dict"][WIDEST] = torch.zeros(8, 4, 3)

    assert "encoder.levels.1.0.0.weight" in refused(changed(held, tmp_path / "a.ckpt", shorten))
    missing = changed(held, tmp_path / "b.ckpt", lambda content: content["state_dict"].pop(WIDEST))
    assert "encoder.levels.1.0.0.weight" in refused(missing)


def test_a_palette_of_too_many_colors_is_not_made(held: dict[str, Any], tmp_path: Path) -> None:
    refused(
        changed(
            held, tmp_path / "a.ckpt", lambda content: content["huesweep"]["target"]["options"].update(colors=10**12)
        )
    )


def test_maps_too_large_to_be_served_are_refused(held: dict[str, Any], tmp_path: Path) -> None:
    def widen(content: dict[str, Any]) -> None:
        content["huesweep"]["target"]["options"]["colors"] = 10_000
        head = {"weight": (10_000, 4, 1, 1), "bias": (10_000,)}
        content["state_dict"].update(
            {f"colorizer.network.head.{name}": torch.zeros(shape) for name, shape in head.items()}
        )
        content["state_dict"].update(
            {"colorizer.target.centers": torch.zeros(10_000, 2), "colorizer.target.frequencies": torch.ones(10_000)}
        )

    assert "10000 channels" in refused(changed(held, tmp_path / "a.ckpt", widen))


@pytest.mark.parametrize(
    "value", [torch.zeros(1), torch.Size([1]), (1, 2), 1j, b"a", float("inf"), "a\x1b[2J", "a" * 10_000, 2**70]
)
def test_a_description_holds_plain_values_alone(held: dict[str, Any], tmp_path: Path, value: Any) -> None:
    refused(changed(held, tmp_path / "a.ckpt", lambda content: content["huesweep"].update(data=value)))


def test_a_description_within_itself_ends(held: dict[str, Any], tmp_path: Path) -> None:
    def enclose(content: dict[str, Any]) -> None:
        content["huesweep"]["data"] = content["huesweep"]

    def multiply(content: dict[str, Any]) -> None:
        value: list[Any] = []
        for _ in range(9):
            value = [value] * 1000
        content["huesweep"]["data"] = value

    assert "holds too much" in refused(changed(held, tmp_path / "a.ckpt", enclose))
    assert "holds too much" in refused(changed(held, tmp_path / "b.ckpt", multiply))


@pytest.mark.parametrize("side", [float("nan"), -1, 0, 10**9, 2**70, "32", True, 32.0, [32]])
def test_a_side_is_one_that_pictures_have(held: dict[str, Any], tmp_path: Path, side: Any) -> None:
    refused(changed(held, tmp_path / "a.ckpt", lambda content: content["huesweep"].update(side=side)))


def test_compressed_members_are_refused(checkpoint: Path) -> None:
    path = rezipped(checkpoint, lambda _, content: content, zipfile.ZIP_DEFLATED)
    assert "is compressed" in refused(path)


def test_other_members_and_other_layouts_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(checkpoint, "a") as archive:
        archive.writestr("small/code/model.py", "")
    assert "code/model.py" in refused(checkpoint)
    torch.save({"a": 1}, tmp_path / "legacy.ckpt", _use_new_zipfile_serialization=False)
    assert "no zip file" in refused(tmp_path / "legacy.ckpt")


def test_a_storage_has_the_size_it_tells(checkpoint: Path) -> None:
    def shorten(name: str, content: bytes) -> bytes:
        return content[:4] if "/data/" in name else content

    assert "is not of the size it tells" in refused(rezipped(checkpoint, shorten))


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"\x80\x02cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R.", "bytearray"),
        (b"\x80\x02ctorch._utils\n_rebuild_meta_tensor_no_storage\n.", "_rebuild_meta_tensor_no_storage"),
        (b"\x80\x02}r\xff\xff\xff\xff.", "damaged"),
        (b"\x80\x02" + b"(" * 100_000 + b".", "nested"),
        (b"\x80\x02" + b")" + b"\x85" * 300_000 + b"}h\x00.", "damaged"),
        (b"\x80\x02})" + b"\x85" * 300_000 + b"Ns.", "keys"),
        (b"\x80\x02}ccollections\nOrderedDict\nq\x00h\x00}\x85R.", "copies"),
        (b"\x80\x02\x96\xff\xff\xff\xff\x00\x00\x00\x00.", "opcode"),
        (b"\x80\x02]" + b"N" * 9_000_000 + b".", "bytes"),
        (b"\x80\x02]" + b"N" * 2_000_000 + b".", "long"),
        (b"", "damaged"),
        (pickle.dumps({1, 2}, 4), "protocol 4"),
        (b"\x80\x02(K\x01\x91.", "uses"),
    ],
)
def test_a_pickle_that_makes_more_than_it_holds_is_refused(checkpoint: Path, content: bytes, word: str) -> None:
    assert word in refused(pickled(checkpoint, content))
