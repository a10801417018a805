"""Everything a transfer consists of, built from its configuration."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import pytorch_lightning as pl
from torch import nn

from huesweep.colorizer.format import CLASSIFIER
from huesweep.metrics.catalog import check_metric
from huesweep.registry import call
from huesweep.training.assembly import make_source, recipe_of
from huesweep.training.folder import checkpoint_at
from huesweep.training.loggers import check_loggers
from huesweep.training.options import part_options
from huesweep.training.trainer import make_trainer
from huesweep.transfer.backbone import Classifier, Pretext
from huesweep.transfer.data import Budget, LabeledData
from huesweep.transfer.module import ClassificationModule
from huesweep.transfer.options import TRAINED, check_transfer
from huesweep.transfer.pretext import load_pretext


class TransferParts(NamedTuple):
    """The encoder and the pictures. module: trains it, in the modes in which it learns."""

    pretext: Pretext
    data: LabeledData
    module: ClassificationModule | None

    @property
    def network(self) -> nn.Module:
        """What classifies, or in modes without training what it stands on."""
        return self.pretext.backbone if self.module is None else self.module.classifier


def assemble_transfer(config: Mapping[str, Any], *, reads_pictures: bool = True) -> TransferParts:
    """Build a transfer's parts. config: conf/transfer.yaml, composed and resolved, as plain values.

    Weights are drawn from config["seed"]. reads_pictures: without, data stay to be set up, and there is no module.
    Raises UsageError for everything that is known to be wrong before training.
    """
    options = check_transfer(config)
    part = part_options(config["data"])
    make_trainer(config["trainer"], logger=False, enable_checkpointing=False)  # only to learn what it would refuse
    check_loggers(config["logger"])
    check_metric(config["sweep"]["rank"])
    recipe = recipe_of(config["optimizer"], config["scheduler"])
    pl.seed_everything(options.seed, verbose=False)
    source = make_source(config["data"])
    source.check()
    pretext = load_pretext(checkpoint_at(str(options.ckpt), "ckpt"), options.mode)
    batch = {**config["batch"], "side": config["batch"].get("side") or pretext.side}
    fixed = {"coarsen": 0.0, "views": None, "maps_gib": 0.0}  # options of colorization
    arguments = (source, pretext.task, options.seed, part.fraction, part.per_class, part.test_fraction)
    data: LabeledData = call(LabeledData, {**batch, **fixed}, "batch", *arguments)
    data.budget = Budget(options.labels, options.seed, options.epoch_steps)
    if not reads_pictures:
        return TransferParts(pretext, data, None)
    data.setup()
    if options.mode not in TRAINED:
        return TransferParts(pretext, data, None)
    data.repeat()
    classes = data.splits["train"].classes
    about = {"data": config["data"]["name"], "classes": classes, "mode": options.mode, "labels": options.labels}
    module = ClassificationModule(
        Classifier(pretext.backbone, len(classes)), {**pretext.described, CLASSIFIER: about}, recipe
    )
    return TransferParts(pretext, data, module)
