"""Judge a checkpoint on a data set: python -m src.evaluate ckpt=PATH [data=NAME] [split=test] [out=FOLDER]."""

from pathlib import Path
from typing import Any, Literal

from omegaconf import DictConfig
from pydantic.dataclasses import dataclass

from huesweep.color.targets.palette import Decoding
from huesweep.colorizer.coloring import Manner
from huesweep.colorizer.colorizer import Colorizer
from huesweep.configuration import options_of, paths_of, plain
from huesweep.data.pictures import Split
from huesweep.inference.device import Device, choose_device
from huesweep.inference.evaluation import Evaluation, load_split, log_evaluation, make_folder, write_evaluation
from huesweep.inference.trial_data import NOT_OF_TRIAL, chosen_data, evaluation_folder, is_of_trial
from huesweep.metrics.perceptual import PerceptualScores
from huesweep.ranges import Count, Fraction, Whole
from huesweep.registry import CHECKS
from huesweep.sweeps.checkpoints import find_checkpoint
from huesweep.sweeps.table import print_scores
from huesweep.training.assembly import make_source
from huesweep.training.finished_run import LaterOptions, check_has_run
from huesweep.training.options import part_options


@dataclass(frozen=True, config=CHECKS)
class EvaluateOptions(LaterOptions):
    """conf/evaluate.yaml, without the data set."""

    split: Split
    metrics: Literal["usual", "full"]
    decoding: Decoding | None
    temperature: Fraction | None
    manner: Manner
    pictures: Whole
    score_size: Count
    device: Device
    rank: str | None


def main(config: DictConfig, ckpt: str = "", out: str = "") -> dict[str, Any]:
    """Score a checkpoint, print the table, write scores.json, and give what that holds."""
    options = options_of(EvaluateOptions, config, "data", "paths")
    paths = paths_of(config)
    device = choose_device(options.device)
    checkpoint = find_checkpoint(ckpt, options.rank)
    trial = checkpoint.parent.parent
    if options.wandb:
        check_has_run(trial)
    colorizer = Colorizer.load(checkpoint)
    decoding: dict[str, Any] = {"decoding": options.decoding, "temperature": options.temperature}
    evaluation = Evaluation(colorizer, options.score_size, device, Path(paths.cache), **decoding, manner=options.manner)
    composed = plain(config)
    data = chosen_data(composed, checkpoint)
    is_sized = "size" in (composed.get("data") or {})  # on the command line
    side = colorizer.trained_side if is_of_trial(composed) and not is_sized else None
    about = {
        "checkpoint": str(checkpoint),
        "data": data["name"],
        "split": options.split,
        "manner": options.manner,
        **decoding,
        "options": {name: data[name] for name in data if name not in NOT_OF_TRIAL},
    }
    usual = evaluation_folder(Path(paths.outputs), checkpoint, {**about, "metrics": options.metrics})
    pictures = load_split(make_source(data), options.split, colorizer, part_options(data), side)
    folder = Path(out) if out else usual
    make_folder(folder)  # before the work is done
    found = evaluation.run(pictures, PerceptualScores(device) if options.metrics == "full" else None, options.pictures)
    grids = found.pop("grids")
    result = {**about, **found}
    print_scores(result)
    for path in write_evaluation(folder, result, grids):
        print(f"wrote {path}")
    if options.wandb:
        log_evaluation(trial, result, grids, options)
        print(f"logged {data['name']}-{options.split}/* into the run of {trial}")
    return result
