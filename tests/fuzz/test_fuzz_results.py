"""Thousands of damaged results and lists of trials: each is read or passed over in a line, and nothing else happens."""

import json
import math
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random
from typing import Any

import pytest

from huesweep.errors import UsageError
from huesweep.io.tables import as_csv
from huesweep.metrics.catalog import RANKING
from huesweep.sweeps.manifest import Manifest
from huesweep.sweeps.ranking import pictures_that_rank, rank
from huesweep.sweeps.results import read_config, read_results
from huesweep.sweeps.table import as_markdown, table_rows
from huesweep.training.metrics_file import read_history
from tests.sweeps.trials import write_trial

COUNT = 1200  # files of a kind
NUMBERS = (-1, 0, 2**31, 2**63, 2**64, 10**30, 1e308, -1e-308, math.nan, math.inf, -math.inf, True, None)
TEXTS = (
    "",
    ".",
    "..",
    "../../etc",
    "/etc/passwd",
    "a\\b",
    "\0",
    "\x1b[31m",
    "[/red]",
    "=1+1",
    "|",
    "é" * 150,
    "x" * 999,
)
ODD: tuple[Any, ...] = (*NUMBERS, *TEXTS, [], {}, [[]], {"": {}}, [None] * 50, {"psnr": "20"})


def damaged(content: dict[str, Any], random: Random) -> bytes:
    """JSON after one to three changes: of a value, of a key, or of bytes."""
    copy = json.loads(json.dumps(content))
    for _ in range(random.randint(1, 3)):
        node, key = random.choice(list(places(copy)) or [({"": None}, "")])
        change = random.randrange(4)
        if change == 0:
            del node[key]
        elif change == 1 and isinstance(node, dict):
            node[random.choice(("", "psnr", "x" * 300, "..", "\n"))] = node.pop(key)
        else:
            node[key] = deepcopy(random.choice(ODD))
    text = json.dumps(copy).encode()
    place = random.randrange(len(text) + 1)
    return random.choice(
        (
            *(text, text, text, text[:place]),
            text[:place] + random.randbytes(random.randint(1, 8)) + text[place:],
            text[:place] + b"[" * 100_000,
            text.replace(b"0", b"9" * 5_000, 1),
            text.replace(b'"', b'"\\ud800', 1),
        )
    )


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every value below a JSON value, as its container and its key."""
    for key in list(node) if isinstance(node, dict) else range(len(node)):
        yield node, key
        if isinstance(node[key], dict | list):
            yield from places(node[key])


@pytest.mark.slow
def test_damaged_results_are_read_or_refused(tmp_path: Path) -> None:
    result = json.loads((write_trial(tmp_path / "seed", "a") / "result.json").read_text())
    sweep = tmp_path / "sweep"
    (sweep / "damaged").mkdir(parents=True)
    read = 0
    for index in range(COUNT):
        random = Random(f"result {index}")
        (sweep / "damaged" / "result.json").write_bytes(damaged(result, random))
        try:
            ranked = rank(read_results(sweep), metric := random.choice(RANKING))
        except UsageError:
            continue
        read += 1
        assert pictures_that_rank(ranked) in ("validation pictures", "test pictures")
        rows = table_rows(ranked, metric)
        assert as_csv(rows)
        assert as_markdown(rows).count("\n") == len(rows) + 2
        numbers = [value for row in rows for value in row.values() if isinstance(value, float)]
        assert all(map(math.isfinite, numbers))
    assert COUNT / 20 < read < COUNT


def test_damaged_lists_of_trials_name_folders_of_the_sweep_alone(tmp_path: Path) -> None:
    content = {"started": 1e9, "total": 3, "trials": ["a", "b", "c"]}
    read = 0
    for index in range(COUNT):
        (tmp_path / "sweep.json").write_bytes(damaged(content, Random(f"sweep {index}")))
        manifest = Manifest(tmp_path)
        assert all(tmp_path in (tmp_path / name).parents and ".." not in name.split("/") for name in manifest.names())
        assert manifest.total() >= len(manifest.names())
        assert math.isfinite(manifest.started())
        try:
            read += all(0 <= trial.epoch <= trial.epochs for trial in manifest.progress())
        except UsageError:
            continue
    assert COUNT / 20 < read < COUNT


@pytest.mark.parametrize("file", ["config.yaml", "metrics.csv"])
def test_what_else_a_trial_left_may_be_damaged(file: str, tmp_path: Path) -> None:
    trial = write_trial(tmp_path, "a")
    content = (trial / file).read_bytes()
    for index in range(COUNT // 4):
        random = Random(f"{file} {index}")
        place = random.randrange(len(content) + 1)
        odd = random.choice(
            (b"", b"\0", b"\xff", b"&a [*a]", b"- [{", b"[" * 2_000, b"nan,", b'"', b"!!int x", b"1e999")
        )
        (trial / file).write_bytes(content[:place] + odd + content[place + random.randrange(30) :])
        assert isinstance(read_config(trial), dict)
        assert all(math.isfinite(row["epoch"]) for row in read_history(trial))
