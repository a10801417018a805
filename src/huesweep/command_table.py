"""The commands: what each does, its options beside those in conf/, and examples."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

SEVERAL = "may be given several times"
CHECKPOINT = "a checkpoint, a trial's folder, or a sweep's, for its best trial"


@dataclass(frozen=True)
class Command:
    """One command: `main` of huesweep.commands.<its name>.

    about: what it does, in a line. config: the file in conf/ that is composed for it, or None where it reads its
    arguments itself. literal: options that are no part of the configuration, whose values are taken as they stand, with
    a line on each; repeated: those of them that may be given several times. examples: behind the command. has_choices:
    whether --help lists the groups of conf/ that it chooses from. module: of src/, where that is called otherwise.
    """

    about: str
    config: str | None
    literal: Mapping[str, str] = field(default_factory=dict)
    repeated: Sequence[str] = ()
    examples: Sequence[str] = ()
    has_choices: bool = False
    module: str = ""


COMMANDS = {
    "train": Command(
        "train one trial, or with -m a sweep of them",
        "train",
        examples=(
            "model=unet_m target=ab loss=mse data=cifar10",
            "-m model=unet_s,unet_m target.colors=16,32",
            "-m hydra/launcher=ray +sweep=quick",
        ),
        has_choices=True,
    ),
    "predict": Command(
        "color photos",
        "predict",
        {
            "img": f"the photo, a folder, or a pattern such as 'in/**/*.jpg'; {SEVERAL}; a bare path is img",
            "ckpt": f"{CHECKPOINT}; the bundled network",
            "out": "the result's file, beside which further ones go (out=s.png samples=2: s.png, s-colored-2.png), or "
            "a folder for those of several photos; beside the photo",
        },
        repeated=("img",),
        examples=("photo.jpg", "img=album out=colored compare=true"),
    ),
    "evaluate": Command(
        "score a checkpoint on a data set",
        "evaluate",
        {
            "ckpt": f"{CHECKPOINT}; a bare path is ckpt",
            "out": "a folder for scores.json and pictures; in outputs/evaluations",
        },
        examples=("ckpt=outputs/sweeps/quick pictures=16", "ckpt=TRIAL data=cifar10 metrics=full"),
        has_choices=True,
    ),
    "transfer": Command(
        "find out what an encoder knows: its features under a classifier",
        "transfer",
        examples=(
            "ckpt=TRIAL data=cifar10 labels=0.01",
            "ckpt=TRIAL mode=finetune data=cifar100",
            "-m ckpt=TRIAL,OTHER mode=linear,random labels=0.01,0.1,1.0 seed=0,1,2",
        ),
        has_choices=True,
    ),
    "export": Command(
        "write a network for use without this suite",
        "export",
        {"ckpt": f"{CHECKPOINT}; a bare path is ckpt", "out": "the file to write; beside the trial's checkpoint"},
        examples=("ckpt=outputs/sweeps/quick format=onnx out=network.onnx", "ckpt=TRIAL format=checkpoint"),
    ),
    "app": Command(
        "serve a page to drop photos on",
        "app",
        {"ckpt": "as in predict, or a folder of checkpoints to choose among; a bare path is ckpt"},
        examples=("", "ckpt=outputs/sweeps/quick port=8000"),
    ),
    "report": Command(
        "rank the trials of a sweep, or of several, in the terminal and on a page",
        "report",
        {
            "sweep": f"a sweep's folder; {SEVERAL}, to rank them together; a bare path is sweep",
            "out": "a folder for what is written; the sweep's",
        },
        repeated=("sweep",),
        examples=(
            "sweep=outputs/sweeps/quick",
            "sweep=outputs/sweeps/quick wandb=offline",
            "sweep=outputs/sweeps/a sweep=outputs/sweeps/b",
        ),
    ),
    "sweeps": Command("tell how far a sweep is: status FOLDER", None),
    "models": Command("list networks with their costs", "models", examples=("", "size=64")),
    "data": Command(
        "list, check or clear packed pictures",
        "packs",
        {"clear": "remove a pack, or all", "verify": "compare a pack, or all, with their checksums"},
        examples=("", "clear=all"),
    ),
    "dashboard": Command(
        "save a workspace in wandb",
        "dashboard",
        examples=("entity=NAME project=huesweep", "entity=NAME group=quick"),
        module="sweeps.dashboard",
    ),
    "study": Command("train what a study is made of, and write its tables and figures", None),
    "benchmarks": Command("measure what is promised", None),
}
