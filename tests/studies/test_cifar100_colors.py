"""The trade of psnr against colorfulness, on a network trained for it, and what is said of rows worked by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from huesweep.studies import cifar100_colors as study
from huesweep.training.colorization_trial import ColorizationTrial
from huesweep.training.folder import TrialFolder


def test_a_network_is_scored_at_every_temperature_and_saturation(
    configure: Callable[..., dict[str, Any]], tmp_path: Path
) -> None:
    config = configure("target.space=ab", "task.luminance=keep")
    result = ColorizationTrial(config, TrialFolder(tmp_path / "trial")).run()
    told = {"sweep": "cifar100_colors", "folder": str(tmp_path / "trial"), "config": config}
    rows = list(study.tradeoff({**result, **told}))
    for way, values in (("temperature", study.TEMPERATURES), ("saturation", study.SATURATIONS)):
        line = [row for row in rows if row["way"] == way]
        assert [row["value"] for row in line] == list(values)
        assert len({row["cf"] for row in line}) == len(values)
    strongest = max(rows, key=lambda row: row["value"])
    assert strongest["cf"] > max(row["cf"] for row in rows if row["value"] == 1.0)
    usual = next(row for row in rows if row["way"] == "saturation" and row["value"] == 1.0)
    same = next(row for row in rows if row["way"] == "temperature" and row["value"] == 0.38)  # the target's own
    assert usual["psnr"] == pytest.approx(same["psnr"], abs=0.01)  # rounding, to and from CIELAB
    assert usual["psnr"] == pytest.approx(result["test"]["psnr"], abs=0.05)


def row(sweep: str, way: str, value: float, psnr: float, cf: float) -> str:
    return f"{sweep},m,t,l,{way},{value},{psnr},{cf},30.0\n"


def test_the_answer_compares_at_equal_colorfulness_and_at_equal_psnr(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    gray = [{"model": "gray", "psnr": 23.0}]
    assert study.answer(gray) == ""
    assert study.figures(gray, []) == {}
    study.KEPT.parent.mkdir(parents=True)
    study.KEPT.write_text(
        "sweep,model,target,loss,way,value,psnr,cf,cf_truth\n"
        + row(study.ORIGINAL, "saturation", 1.0, 22.0, 10.0)
        + row("cifar100_ab", "saturation", 1.0, 24.0, 12.0)
        + row("cifar100_colors", "temperature", 0.5, 22.5, 20.0)
        + row("cifar100_colors", "temperature", 0.1, 20.0, 29.0)
    )
    told = study.answer(gray)
    assert "Its network has 22.00 dB at a colorfulness of 10.0; the truth's is 30.0." in told
    assert "At no less colorfulness, `m` `t` `l` (saturation 1.0) has 24.00 dB at 12.0." in told
    assert "At no lower psnr, and no more colorful than the truth, `m` `t` `l` (temperature 0.5) has" in told
    assert " 22.50 dB at 20.0." in told
    assert "Nearest to the truth's colorfulness: `m` `t` `l` (temperature 0.1) has 20.00 dB at 29.0." in told
    assert list(study.figures(gray, [])) == ["colorfulness.png"]
