"""Judge a checkpoint on a data set: python -m src.evaluate ckpt=PATH [data=NAME] [split=test] [out=FOLDER]."""

from pathlib import Path
from typing import Any

from omegaconf import DictConfig

from huesweep.checks import check_number, check_whole
from huesweep.colorizer.colorizer import Colorizer
from huesweep.configuration import plain
from huesweep.errors import UsageError, pick
from huesweep.inference.device import choose_device
from huesweep.inference.evaluation import Evaluation, load_split
from huesweep.inference.trial_data import NOT_OF_TRIAL, check_name, data_of_trial
from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.io.plain_json import as_json
from huesweep.io.terminal import table_console
from huesweep.metrics.catalog import check_metric
from huesweep.metrics.perceptual import PerceptualScores
from huesweep.sweeps.checkpoints import find_checkpoint
from huesweep.sweeps.table import print_table
from huesweep.training.assembly import make_source
from huesweep.training.folder import TrialFolder

METRICS = {"usual": False, "full": True}


def main(config: DictConfig, ckpt: str = "", out: str = "") -> dict[str, Any]:
    """Score a checkpoint, print the table, write scores.json, and give what that holds."""
    check_metric(config.rank)
    is_full = pick("metrics", config.metrics, METRICS)
    check_whole(config, "pictures", 0)
    check_whole(config, "score_size", 1)
    if config.temperature is not None:
        check_number(config, "temperature", 1)
    device = choose_device(config.device)
    checkpoint = find_checkpoint(ckpt, config.rank)
    colorizer = Colorizer.load(checkpoint)
    decoding = {"decoding": config.decoding, "temperature": config.temperature}
    evaluation = Evaluation(colorizer, config.score_size, device, Path(config.paths.cache), **decoding)
    given = plain(config).get("data") or {}
    data = given if "name" in given else data_of_trial(checkpoint, plain(config)["paths"], given)
    check_name(data["name"])  # names the folder of the scores
    pictures = load_split(make_source(data), config.split, colorizer)
    folder = Path(out) if out else default_folder(Path(config.paths.outputs), checkpoint, data, config)
    try:
        folder.mkdir(parents=True, exist_ok=True)  # before the work is done
    except OSError as error:
        raise UsageError(f"out={folder} can't be written: {error.strerror or error}") from None
    found = evaluation.run(pictures, PerceptualScores(device) if is_full else None, config.pictures)
    for name, png in found.pop("grids").items():
        path = folder / f"{name}.png"
        write_atomically(path, lambda file, png=png: file.write(png))  # type: ignore[misc]
        print(f"wrote {path}")
    about = {"checkpoint": str(checkpoint), "data": data["name"], "split": config.split, **decoding}
    result = {**about, "options": {name: data[name] for name in data if name not in NOT_OF_TRIAL}, **found}
    print_scores(result)
    path = folder / "scores.json"
    write_text_atomically(path, as_json(result))
    print(f"wrote {path}")
    return result


def default_folder(outputs: Path, checkpoint: Path, data: dict[str, Any], config: DictConfig) -> Path:
    """Where scores go: named after the trial, or the checkpoint itself, the data set, the split and the decoding."""
    is_trial = TrialFolder(checkpoint.parent.parent).config.exists()
    words = [checkpoint.parent.parent.name if is_trial else checkpoint.stem, data["name"], config.split]
    words += [str(config[name]) for name in ("decoding", "temperature") if config[name] is not None]
    return outputs / "evaluations" / "-".join(words)


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
