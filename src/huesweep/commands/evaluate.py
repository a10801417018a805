"""Judge a checkpoint on a data set: python -m src.evaluate ckpt=PATH [data=NAME] [split=test] [out=FOLDER]."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig, OmegaConf

from huesweep.colorizer.checkpoint import find_checkpoint, load_colorizer
from huesweep.configuration import plain
from huesweep.errors import UsageError, pick
from huesweep.inference.device import choose_device
from huesweep.inference.evaluation import draw_extremes, evaluate, load_split, predict, set_decoding
from huesweep.inference.options import check_number, check_whole
from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.io.plain_json import as_json
from huesweep.io.terminal import table_console
from huesweep.metrics.catalog import check_metric
from huesweep.metrics.perceptual import PerceptualScores
from huesweep.sweeps.table import print_table
from huesweep.training.trial import TrialFolder

METRICS = {"usual": False, "full": True}


def main(config: DictConfig, ckpt: str = "", out: str = "") -> dict[str, Any]:
    """score a checkpoint, print the table, write scores.json, and give what that holds."""
    check_metric(config.rank)
    is_full = pick("metrics", config.metrics, METRICS)
    check_whole(config, "pictures", 0)
    check_whole(config, "score_size", 1)
    if config.temperature is not None:
        check_number(config, "temperature", 1)
    device = choose_device(config.device)
    checkpoint = find_checkpoint(ckpt, config.rank)
    colorizer = load_colorizer(checkpoint)
    set_decoding(colorizer, config.decoding, config.temperature)
    data = plain(config).get("data") or data_of_trial(checkpoint)
    pictures = load_split(data, config.split, colorizer)
    folder = Path(out) if out else default_folder(Path(config.paths.outputs), checkpoint, data["name"], config.split)
    try:
        folder.mkdir(parents=True, exist_ok=True)  # before the work is done
    except OSError as error:
        raise UsageError(f"out={folder} can't be written: {error.strerror or error}") from None
    judge = PerceptualScores(device) if is_full else None
    result = evaluate(colorizer, pictures, config.score_size, device, Path(config.paths.cache))
    if is_full or config.pictures:
        predicted = predict(colorizer, pictures.pictures, config.score_size, device)
        if judge is not None:
            result["scores"] |= judge.scores(predicted, pictures.pictures, config.score_size)
        if config.pictures:
            for name, png in draw_extremes(colorizer, pictures.pictures, predicted, config.pictures).items():
                path = folder / f"{name}.png"
                write_atomically(path, lambda file, png=png: file.write(png))  # type: ignore[misc]
                print(f"wrote {path}")
    result = {"checkpoint": str(checkpoint), "data": data["name"], "split": config.split, **result}
    print_scores(result)
    path = folder / "scores.json"
    write_text_atomically(path, as_json(result))
    print(f"wrote {path}")
    return result


def data_of_trial(checkpoint: Path) -> dict[str, Any]:
    """The data set of the trial that a checkpoint lies in. Raises UsageError where there is none."""
    config = TrialFolder(checkpoint.parent.parent).config
    if not config.exists():
        raise UsageError(
            f"{checkpoint} lies in no trial's folder: name the data set to score it on, such as data=cifar10"
        )
    return plain(OmegaConf.load(config))["data"]  # type: ignore[arg-type]


def default_folder(outputs: Path, checkpoint: Path, data: str, split: str) -> Path:
    """Where scores go: named after the trial, or the checkpoint itself, the data set and the split."""
    is_trial = TrialFolder(checkpoint.parent.parent).config.exists()
    name = checkpoint.parent.parent.name if is_trial else checkpoint.stem
    return outputs / "evaluations" / f"{name}-{data}-{split}"


def print_scores(result: dict[str, Any]) -> None:
    """The checkpoint's row over those that need no network, then a row a class."""
    rows = [{"rank": "", "model": "checkpoint", **result["scores"]}]
    rows += [{"rank": "", "model": name, **scores} for name, scores in result["baselines"].items()]
    title = f"{result['data']}, {result['split']}: {result['pictures']:,} pictures"
    print_table(rows, title, table_console())
    rows = []
    for name, of_class in result["classes"].items():
        rows.append({"rank": "", "model": name, **of_class["scores"]})
        rows += [
            {"rank": "", "model": f"{name}, {baseline}", **scores}
            for baseline, scores in of_class["baselines"].items()
            if baseline != "ceiling"
        ]
    if rows:
        print_table(rows, "by class", table_console())
