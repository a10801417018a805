"""What a sweep came to, in words: told as sure only where repetitions say so."""

from pathlib import Path

import pytest
from rich.console import Console

from huesweep.sweeps.report.page import report
from tests.sweeps.trials import baselines, write_trial


def told(folder: Path, capsys: pytest.CaptureFixture[str], metric: str = "psnr") -> str:
    report(folder, metric, Console(width=200))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("Best")]
    return line


def write(folder: Path, model: str, *psnr: float) -> None:
    for seed, score in enumerate(psnr):
        write_trial(folder, f"{model}-{seed}", score, model=model, seed=seed)


def test_a_lead_of_more_than_chance_explains_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "unet_m", 22.0, 22.2, 22.4)  # standard deviation 0.2, error 0.115
    write(tmp_path, "unet_s", 21.4, 21.6, 21.8)
    assert told(tmp_path, capsys) == (
        "Best: unet_m, psnr 22.20, mean of 3 seeds, on the validation pictures. "
        "It is 0.60 from unet_s, more than the 0.45 that chance explains."
    )


def test_a_smaller_lead_is_too_close_to_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "unet_m", 22.0, 22.2, 22.4)
    write(tmp_path, "unet_s", 21.8, 22.0, 22.2)  # 0.2 behind; the error is 0.163, times 2.776 of Student's t
    assert told(tmp_path, capsys).endswith("Too close to call: it is 0.20 from unet_s, and chance explains 0.45.")


def test_the_mean_decides_and_not_the_luckiest_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "unet_m", 20.0, 23.0)
    write(tmp_path, "unet_s", 22.0, 22.2)
    assert told(tmp_path, capsys).startswith("Best: unet_s, psnr 22.10, mean of 2 seeds,")


def test_a_single_seed_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "unet_m", 22.0)
    write(tmp_path, "unet_s", 21.0)
    assert told(tmp_path, capsys) == (
        "Best: unet_m, psnr 22.00 on the validation pictures. "
        "It is 1.00 from unet_s, with one seed: whether that is chance, seed=0,1,2 tells."
    )


def test_a_runner_up_with_one_seed_hides_no_tie(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "unet_m", 22.0, 22.2, 22.4, 22.1, 22.3)
    write(tmp_path, "unet_l", 22.19)  # whose others failed
    write(tmp_path, "unet_s", 21.9, 22.1, 22.3)
    assert told(tmp_path, capsys).endswith(
        "It is 0.01 from unet_l, which has one seed: whether that is chance, seed=0,1,2 tells. "
        "1 more can't be told from it."
    )


def test_seeds_that_failed_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "unet_m", 22.0, 22.4, 23.0)
    write(tmp_path, "unet_s", 21.8, 22.0)
    failed = tmp_path / "unet_m-2"
    (failed / "result.json").unlink()
    (failed / "error.txt").write_text("UsageError: the loss is no number")
    report(tmp_path, "psnr", Console(width=200))
    printed = capsys.readouterr().out
    assert "Best: unet_m, psnr 22.20, mean of 2 of 3 seeds, as others failed, on the validation pictures." in printed
    assert "| 2 of 3 |" in (tmp_path / "results.md").read_text()


def test_one_configuration_has_none_to_be_compared_with(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, "unet_m", 22.0, 23.0)
    assert told(tmp_path, capsys) == "Best: unet_m, psnr 22.50, mean of 2 seeds, on the validation pictures."


def test_lower_is_better_where_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, entropy in (("unet_m", 1.5), ("unet_s", 1.2)):
        folder = write_trial(tmp_path, name, 22.0, model=name)
        result = (folder / "result.json").read_text().replace('"cross_entropy": 1.0', f'"cross_entropy": {entropy}')
        (folder / "result.json").write_text(result)
    assert told(tmp_path, capsys, "cross_entropy").startswith("Best: unet_s, cross_entropy 1.200 on the")


def test_the_page_tells_it_too_and_what_trials_were_of(tmp_path: Path) -> None:
    write(tmp_path, "unet_m", 22.0, 23.0)
    for result in tmp_path.glob("*/result.json"):
        text = result.read_text().replace('"epochs": 3', '"epochs": 3, "pictures": {"train": 5000, "test": 100}')
        result.write_text(text)
    report(tmp_path, "psnr", Console(width=200))
    page = (tmp_path / "report.html").read_text()
    assert ">Best: unet_m, psnr 22.50, mean of 2 seeds, on the validation pictures.</p>" in page
    assert "photos · colorize · 5,000 train pictures · 100 test pictures · epochs 3 · seed 0, 1" in page


@pytest.mark.parametrize(("gray", "warned"), [(22.5, True), (21.5, False)])
def test_a_best_that_is_worse_than_gray_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], gray: float, warned: bool
) -> None:
    write_trial(tmp_path, "a", 22.0, baselines=baselines(gray))
    warning = f" That is worse than leaving them gray, {gray:.2f}: train for longer, or on more pictures."
    assert told(tmp_path, capsys) == f"Best: unet_m, psnr 22.00 on the validation pictures.{warning if warned else ''}"
