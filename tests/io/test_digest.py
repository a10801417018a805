"""Names for content: the same for the same, others for others."""

import re
from pathlib import Path

import pytest
import torch

from huesweep.io import digest
from huesweep.io.digest import code_digest, digest_of


def test_a_digest_is_of_the_content() -> None:
    values = {"a": [1, 2.5, None], "b": "text"}
    assert digest_of(values) == digest_of(dict(reversed(values.items())))
    assert re.fullmatch("[0-9a-f]{16}", digest_of(values))
    others = [{"a": [1, 2.5, None], "b": "texts"}, {"a": [1, 2.5], "b": "text"}, {}, values["a"], b"text"]
    assert len({digest_of(values), *map(digest_of, others)}) == 6


def test_parts_are_told_apart() -> None:
    assert len({digest_of(*parts) for parts in ((b"ab", b"c"), (b"a", b"bc"), (b"abc",), (b"c", b"ab"))}) == 4


def test_a_tensor_is_its_values_and_not_its_place_in_memory() -> None:
    values = torch.arange(6.0).view(2, 3)
    assert digest_of(values) == digest_of(values.T.contiguous().T)
    assert digest_of(values) != digest_of(values + 1)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "part" / "deeper").mkdir(parents=True)
    (tmp_path / "part" / "first.py").write_text(
        '"""What it is."""\n\n\ndef f(x):\n    """Add one."""\n    return x + 1\n'
    )
    (tmp_path / "part" / "deeper" / "second.py").write_text("CONSTANT = 'text'\n")
    monkeypatch.setattr(digest, "PACKAGE", tmp_path)
    return tmp_path


def test_codes_name_changes_with_code_alone(package: Path) -> None:
    before = code_digest("part")
    (package / "part" / "first.py").write_text("# Why.\ndef f(x):\n    'Other.'\n\n    return (x+1)  # one\n")
    assert code_digest("part") == before
    (package / "part" / "notes.txt").write_text("not code")
    assert code_digest("part") == before
    (package / "part" / "first.py").write_text("def f(x):\n    return x + 2\n")
    assert code_digest("part") != before


def test_codes_name_changes_with_a_text_that_counts_and_with_files_below(package: Path) -> None:
    before = code_digest("part")
    (package / "part" / "deeper" / "second.py").write_text("CONSTANT = 'texts'\n")
    changed = code_digest("part")
    (package / "part" / "deeper" / "third.py").write_text("pass\n")
    assert len({before, changed, code_digest("part")}) == 3


def test_the_name_of_no_code_is_an_error(package: Path) -> None:
    (package / "empty").mkdir()
    for folder in ("empty", "nowhere"):
        with pytest.raises(FileNotFoundError, match=folder):
            code_digest("part", folder)


def test_the_names_in_use_are_of_code_that_is_there() -> None:
    assert code_digest("color") != code_digest("data")
