"""One transfer from its configuration to its result: fitted or trained, scored, and everything kept in its folder."""

import io
import time

from pytorch_lightning.loggers import Logger
from torch import Tensor

from huesweep.colorizer.checkpoint import read_state
from huesweep.data.module import at_side
from huesweep.data.pictures import SPLITS, Split
from huesweep.io.atomic import write_atomically, write_text_atomically
from huesweep.io.pictures import open_picture
from huesweep.io.tables import as_csv
from huesweep.metrics.classification import score_logits, score_majority
from huesweep.models.network import count_parameters
from huesweep.training.checkpoints import best_and_last
from huesweep.training.loggers import log_pictures, log_summary
from huesweep.training.machine import describe_machine
from huesweep.training.options import check_batches
from huesweep.training.trainer import make_trainer
from huesweep.training.trial import Result, Trial, summary_of
from huesweep.transfer.assembly import TransferParts, assemble_transfer
from huesweep.transfer.confusion import draw_confusion
from huesweep.transfer.data import LabeledData
from huesweep.transfer.features import Features
from huesweep.transfer.module import ClassificationModule
from huesweep.transfer.probe import Labeled, probe

TASK = "classify"


class TransferTrial(Trial[TransferParts]):
    """One transfer. config: conf/transfer.yaml, composed and resolved, as plain values."""

    def assemble(self) -> TransferParts:
        return assemble_transfer(self.config)

    def learn(self, parts: TransferParts, loggers: list[Logger]) -> Result:
        if parts.module is None:
            found, confusion = self._probe(parts)
        else:
            found, confusion = self._finetune(parts.module, parts.data, loggers)
        splits, config, pretext = parts.data.splits, self.config, parts.pretext
        classes = splits["train"].classes
        result = {
            "name": self.folder.path.name,
            "config_hash": self.hash,
            "data": config["data"]["name"],
            "task": TASK,
            "model": pretext.model,
            "target": pretext.target,
            "loss": pretext.loss,
            "mode": config["mode"],
            "labels": config["labels"],
            "seed": config["seed"],
            "parameters": count_parameters(parts.network),
            "epochs": 0,
            "pictures": {split: len(splits[split].labels) for split in splits} | {"train": parts.data.labeled},
            **found,
            "baselines": {
                split: {"majority": score_majority(splits[split].labels)} for split in ("validation", "test")
            },
            "classes": _by_class(confusion, classes),
        }
        self._keep(confusion, classes, loggers, int(result.get("steps", 0)))
        log_summary(loggers, summary_of(result), int(result.get("steps", 0)))
        if self.folder.best.exists():
            self._keep_model(result, loggers)
        return result

    def _probe(self, parts: TransferParts) -> tuple[Result, Tensor]:
        data, backbone = parts.data, parts.pretext.backbone
        trainer = make_trainer(self.config["trainer"], logger=False, enable_checkpointing=False)
        device = trainer.strategy.root_device
        about = [parts.pretext.described["model"], data.side]
        features = Features(backbone, data.task, about, self.cache, data.score_size, device)

        def of(split: Split) -> Labeled:
            pictures = data.splits[split].pictures
            return Labeled(features.of(at_side(pictures, data.side)), data.splits[split].labels)

        classes = len(data.splits["train"].classes)
        train, validation, test = map(of, SPLITS)  # whose features the first trial of a sweep computes for all
        began = time.monotonic()
        found = probe(train, validation, test, backbone.specs, classes, device)
        result = {
            "seconds": round(time.monotonic() - began, 1),
            "stage": found.best + 1,
            "stages": found.stages,
            "parameters": (found.stages[found.best]["channels"] + 1) * classes,  # of the regression alone
            "steps": found.stages[found.best]["steps"],
            "validation": found.validation,
            "test": found.test,
            "machine": describe_machine(device),
        }
        return result, found.confusion

    def _finetune(
        self, module: ClassificationModule, data: LabeledData, loggers: list[Logger]
    ) -> tuple[Result, Tensor]:
        check_batches(self.config["trainer"], len(data.train_dataloader()))
        keepers = best_and_last(self.folder.checkpoints, "val/accuracy", False, "max")
        trainer, history = self._fit_module(module, data, loggers, keepers)
        device = trainer.strategy.root_device
        module.load_state_dict(read_state(self.folder.best))
        judged = {
            "validation": score_logits(module.logits(data.val_dataloader(), device), data.splits["validation"].labels),
            "test": score_logits(module.logits(data.test_dataloader(), device), data.splits["test"].labels),
        }
        data.end_workers()
        result = {
            "epochs": trainer.current_epoch,
            "steps": trainer.global_step,
            "seconds": round(history.seconds, 1),
            **{split: scores for split, (scores, _) in judged.items()},
            "checkpoint": str(self.folder.best.relative_to(self.folder.path)),
            "machine": describe_machine(device),
        }
        return result, judged["test"][1]

    def _keep(self, confusion: Tensor, classes: list[str], loggers: list[Logger], step: int) -> None:
        """Write the confusion matrix, and show it in loggers."""
        picture = draw_confusion(confusion, classes)
        write_atomically(self.folder.path / "pictures" / "confusion.png", lambda file: file.write(picture))
        rows = [{"class": name, **dict(zip(classes, row, strict=True))} for name, row in _rows(confusion, classes)]
        write_text_atomically(self.folder.path / "confusion.csv", as_csv(rows))
        log_pictures(loggers, "confusion", [open_picture(io.BytesIO(picture))], ["rows are the classes"], step)


def _rows(confusion: Tensor, classes: list[str]) -> list[tuple[str, list[int]]]:
    return list(zip(classes, confusion.tolist(), strict=True))


def _by_class(confusion: Tensor, classes: list[str]) -> Result:
    """How many test pictures each class has, and the share of them that was found."""
    found = {}
    for place, (name, row) in enumerate(_rows(confusion, classes)):
        found[name] = {"pictures": sum(row), "accuracy": row[place] / sum(row) if sum(row) else None}
    return found
