"""Configurations from strangers: plain values, nothing multiplied, nothing endless, one line for the rest."""

import os
import time
from itertools import pairwise
from pathlib import Path

import pytest
from omegaconf import OmegaConf

from huesweep.errors import UsageError
from huesweep.io.plain_yaml import DEEPEST, LARGEST, read_plain_yaml

LAUGHS = "a: &a [x, x]\n" + "".join(f"{new}: &{new} [*{old}, *{old}]\n" for old, new in pairwise("abcdefghi"))


def test_what_training_writes_is_read_back(tmp_path: Path) -> None:
    config = {
        "numbers": [1, -2, 0.5, 1e-05, 1e20, float("inf")],
        "text": ["", "1e-5", "yes", "2001-01-01", "${oc.env:HOME}", "null", "猫\n= 'x'", "1_000", "0x10", "=", "<<"],
        "nothing": None,
        "truth": {"yes": True, "no": False, "1": [], "deep": {"er": {}}},
    }
    (tmp_path / "config.yaml").write_text(OmegaConf.to_yaml(OmegaConf.create(config)), encoding="utf-8")
    assert read_plain_yaml(tmp_path / "config.yaml") == config


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (LAUGHS, "line 1: anchors and aliases"),
        ("a: &x 1\n", "anchors and aliases"),
        ("a: *x\n", "anchors and aliases"),
        ("a: {b: 1, !!merge <<: {c: 2}}\n", "a name must be a string"),
        ("1: 2\n", "a name must be a string"),
        ("? [a]\n: 1\n", "a name must be a string"),
        ("[" * 100_000, f"more than {DEEPEST} levels"),
        ("".join("  " * depth + "a:\n" for depth in range(DEEPEST + 1)), f"more than {DEEPEST} levels"),
        ("a: !!python/object/apply:os.system [id]\n", "is not read"),
        ("a: !!binary aaaa\n", "is not read"),
        (f"a: 0x{'f' * 17}\n", "config.yaml is no configuration: line 1: a number is too large"),
        ("a: !!int x\n", "config.yaml is no configuration"),
        ("a: !!float 1:1e\n", "config.yaml is no configuration"),
        (f"a: {'9' * 10_000}\n", "config.yaml is no configuration"),
        (f"a: {'1:' * 1000}1.5\n", "config.yaml is no configuration"),
        ('a: "\\uD800"\n', "config.yaml is no configuration"),
        ('a: "\\U00110000"\n', "config.yaml is no configuration"),
        ("a: \x00\n", "config.yaml is no configuration"),
        ("", "it holds no names with values"),
        ("- a\n", "it holds no names with values"),
        ("a: 1\n---\nb: 2\n", "config.yaml is no configuration"),
        ("a: [1\n", "config.yaml is no configuration: line 2"),
        ("a: " + "x" * LARGEST, f"larger than {LARGEST:,} bytes"),
    ],
)
def test_anything_else_is_refused_in_one_line(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(content.encode())
    started = time.monotonic()
    with pytest.raises(UsageError, match=message) as caught:
        read_plain_yaml(path)
    assert time.monotonic() - started < 5
    assert str(caught.value).isprintable()


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(UsageError, match=r"config\.yaml is no configuration"):
        read_plain_yaml(tmp_path / "config.yaml")


def test_a_pipe_and_a_folder_and_nothing_at_all_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", tmp_path, tmp_path / "absent"):
        with pytest.raises(UsageError, match=r"is not a file|can't be read: No such file"):
            read_plain_yaml(path)
