"""What --help prints of a command: what it does, its options with their defaults, and examples."""

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import yaml

from huesweep.resources import ADDED, CONF

WIDTH, COLUMN = 100, 26
OPTION = re.compile(r"(\w+):(?: ([^#]*?))? *(?:# (.*))?")
SEVERAL = "may be given several times"
CHECKPOINT = "a checkpoint, a trial's folder, or a sweep's, for its best trial"


class Usage(NamedTuple):
    """literal: options that are no part of the configuration, with a line on each. examples: behind the command."""

    literal: Mapping[str, str]
    examples: Sequence[str]


USAGES = {
    "train": Usage(
        {},
        (
            "model=unet_m target=ab loss=mse data=cifar10",
            "-m model=unet_s,unet_m target.colors=16,32",
            "-m hydra/launcher=ray +sweep=quick",
        ),
    ),
    "predict": Usage(
        {
            "img": f"the photo, a folder, or a pattern such as 'in/**/*.jpg'; {SEVERAL}; a bare path is img",
            "ckpt": f"{CHECKPOINT}; the network that comes along",
            "out": "the result's file, or a folder for those of several photos; beside the photo",
        },
        ("photo.jpg", "img=album out=colored compare=true"),
    ),
    "evaluate": Usage(
        {
            "ckpt": f"{CHECKPOINT}; a bare path is ckpt",
            "out": "a folder for scores.json and pictures; in outputs/evaluations",
        },
        ("ckpt=outputs/sweeps/quick pictures=16", "ckpt=TRIAL data=cifar10 metrics=full"),
    ),
    "transfer": Usage(
        {},
        (
            "ckpt=TRIAL data=cifar10 labels=0.01",
            "ckpt=TRIAL mode=finetune data=cifar100",
            "-m ckpt=TRIAL,OTHER mode=linear,random labels=0.01,0.1,1.0 seed=0,1,2",
        ),
    ),
    "export": Usage(
        {"ckpt": f"{CHECKPOINT}; a bare path is ckpt", "out": "the file to write; beside the trial's checkpoint"},
        ("ckpt=outputs/sweeps/quick format=onnx out=network.onnx", "ckpt=TRIAL format=checkpoint"),
    ),
    "app": Usage(
        {"ckpt": "as in predict, or a folder of checkpoints to choose among; a bare path is ckpt"},
        ("", "ckpt=outputs/sweeps/quick port=8000"),
    ),
    "report": Usage(
        {
            "sweep": f"a sweep's folder; {SEVERAL}, to rank them together; a bare path is sweep",
            "out": "a folder for what is written; the sweep's",
        },
        (
            "sweep=outputs/sweeps/quick",
            "sweep=outputs/sweeps/quick wandb=offline",
            "sweep=outputs/sweeps/a sweep=outputs/sweeps/b",
        ),
    ),
    "models": Usage({}, ("", "size=64")),
    "data": Usage(
        {"verify": "compare a pack, or all, with their checksums", "clear": "remove a pack, or all"},
        ("", "clear=all"),
    ),
    "dashboard": Usage({}, ("entity=NAME project=huesweep", "entity=NAME group=quick")),
}


def usage(name: str, about: str, config_name: str) -> str:
    """The text of a command's --help. about: what it does. config_name: of its file in conf/."""
    given, module = USAGES[name], "sweeps.dashboard" if name == "dashboard" else name
    command = f"python -m src.{module}"
    lines = [f"{command}: {about}", ""]
    groups = list(_groups(config_name)) if config_name in ("train", "evaluate", "transfer") else []
    options = [*given.literal.items(), *_options(config_name)]
    if options:
        lines += ["options, written NAME=VALUE:", *(line for pair in options for line in _row(*pair))]
    if groups:
        lines += ["", "choices, each with options of its own (--cfg job prints them all):"]
        lines += [line for pair in groups for line in _row(*pair)]
    lines += ["", "examples:", *(f"  {command} {example}".rstrip() for example in given.examples)]
    return "\n".join([*lines, "", "--hydra-help tells what Hydra takes beside these.", ""])


def _row(name: str, about: str) -> list[str]:
    text = textwrap.wrap(about, WIDTH - COLUMN) or [""]
    first = f"  {name:<{COLUMN - 3}} {text[0]}".rstrip()
    if len(name) > COLUMN - 3:
        return [f"  {name}", *(" " * COLUMN + line for line in text if line)]
    return [first, *(" " * COLUMN + line for line in text[1:])]


def _options(config_name: str) -> Iterator[tuple[str, str]]:
    """The options of a file in conf/ with their defaults, and what its comments say of them."""
    text = (CONF / f"{config_name}.yaml").read_text(encoding="utf-8")
    place, name, about = "", "", ""
    for line in text.splitlines():
        indent = len(line) - len(line.lstrip())
        found = OPTION.fullmatch(line.strip())
        if found is None or found[1] == "defaults" or line.strip().startswith("- "):
            if name and indent and line.strip().startswith("# "):
                about = f"{about} {line.strip()[2:]}"
            continue
        if name:
            yield name, about.strip()
        name, about = "", ""
        if not indent:
            place = "" if found[2] else f"{found[1]}."
        if found[2]:
            name = f"{place if indent else ''}{found[1]}={found[2].strip()}"
            about = found[3] or ""
    if name:
        yield name, about.strip()


def is_of_transfers(sweep: str) -> bool:
    """Whether a file of conf/sweep is for src.transfer, which it gives a checkpoint, and not for src.train."""
    preset = yaml.safe_load((CONF / "sweep" / f"{sweep}.yaml").read_text(encoding="utf-8"))
    grid = preset.get("hydra", {}).get("sweeper", {}).get("params") or {}
    return "ckpt" in preset or "ckpt" in grid


def _groups(config_name: str) -> Iterator[tuple[str, str]]:
    """The groups of conf/ that a command chooses from, with the default and the names there are."""
    composed = yaml.safe_load((CONF / f"{config_name}.yaml").read_text(encoding="utf-8"))
    chosen = {group: name for entry in composed["defaults"] if isinstance(entry, dict) for group, name in entry.items()}
    chosen = {group: name for group, name in chosen.items() if not group.startswith("override ")}
    more = [f"+{group}" for group in ADDED.get(config_name, ())]
    for group, name in {**chosen, **dict.fromkeys(more)}.items():
        folder = CONF / group.lstrip("+")
        files = folder.glob("**/*.yaml" if group == "+sweep" else "*.yaml")
        names = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in files)
        if group == "+sweep":
            names = [name for name in names if is_of_transfers(name) == (config_name == "transfer")]
        yield f"{group}={name}" if name else f"{group}=NAME", ", ".join(names)
