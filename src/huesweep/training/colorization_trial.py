"""A trial that trains a colorizer, and scores it."""

import time
from pathlib import Path

import pytorch_lightning as pl
import torch
from pytorch_lightning.callbacks import WeightAveraging
from pytorch_lightning.loggers import Logger

from huesweep.colorizer.checkpoint import read_state
from huesweep.colorizer.colorizer import VIVIDNESS, Colorizer
from huesweep.data.module import PairDataModule
from huesweep.errors import UsageError
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.io.redacted import redact
from huesweep.metrics.baselines import score_baselines
from huesweep.metrics.scoring import score
from huesweep.models.network import count_parameters
from huesweep.training.assembly import TrialParts, assemble, check_monitored, draft
from huesweep.training.checkpoints import best_and_last, describe_further
from huesweep.training.examples import ExampleGrids
from huesweep.training.fitting import fit_target
from huesweep.training.frozen_maps import keep_maps
from huesweep.training.history import History
from huesweep.training.identity import asks_for_more_epochs
from huesweep.training.loggers import log_summary
from huesweep.training.machine import describe_machine
from huesweep.training.naming import model_word_of, target_word
from huesweep.training.options import check_batches
from huesweep.training.starting import start_from, take_colors
from huesweep.training.strips import write_strips
from huesweep.training.trainer import accelerator_of
from huesweep.training.trial import Result, Trial, summary_of
from huesweep.training.vividness import find_vividness


class ColorizationTrial(Trial[TrialParts]):
    """One training of a colorizer. config: conf/train.yaml, composed and resolved, as plain values."""

    def assemble(self) -> TrialParts:
        return assemble(self.config)

    def fit(self, parts: TrialParts, loggers: list[Logger]) -> tuple[pl.Trainer, History]:
        """Train, or go on training, its parts; every process of a trial on several devices calls this."""
        module, data, chosen = parts
        data.setup()
        check_batches(self.config["trainer"], len(data.train_dataloader()))
        check_monitored(chosen, data.watched)
        target = module.colorizer.target
        if self.folder.last.exists():
            take_colors(target, self.folder.last, self.config["target"].get("palette"))
        else:
            if self.config["start_from"] is not None:
                start_from(module.colorizer, Path(self.config["start_from"]))
            fit_target(target, self.config["target"], data.splits["train"].pictures, self.config["seed"], self.cache)
        module.loss.prepare(target)
        if accelerator_of(self.config["trainer"]["accelerator"]) == "cpu":  # a GPU compares faster than it looks up
            pixels = data.splits["train"].pictures[:, 0].numel() * self.config["trainer"]["max_epochs"]
            target.prepare(pixels, self.cache)
        keep_maps(module.colorizer, data, self.cache)
        shown = data.splits[data.watched or "train"].pictures
        averaged = any(isinstance(callback, WeightAveraging) for callback in chosen)
        return self._fit_module(
            module,
            data,
            loggers,
            best_and_last(self.folder.checkpoints, "val/loss" if data.has_validation else None, averaged),
            [ExampleGrids(self.folder.path, shown, **self.config["examples"])],
            chosen,
            limit_val_batches=0 if data.watched is None else 1.0,
        )

    def learn(self, parts: TrialParts, loggers: list[Logger]) -> Result:
        trainer, history = self.fit(parts, loggers)
        module, data, _ = parts
        device = trainer.strategy.root_device
        module.load_state_dict(read_state(self.folder.best))
        write_strips(self.folder.path, module.colorizer, data.splits["test"].pictures)
        result = {
            "name": self.folder.path.name,
            "config_hash": self.hash,
            "data": self.config["data"]["name"],
            "task": self.config["task"]["name"],
            "model": model_word_of(self.config),
            "target": target_word(self.config["target"]),
            "loss": self.config["loss"]["name"],
            "seed": self.config["seed"],
            "parameters": count_parameters(module.colorizer.network),
            "epochs": trainer.current_epoch,
            "steps": trainer.global_step,
            "seconds": round(history.seconds, 1),
            "ended": round(time.time(), 1),
            "pictures": {split: len(pictures.pictures) for split, pictures in data.splits.items()},
            **self._score(module.colorizer, data, device),
            **self._vividness(module.colorizer, data),
            "checkpoint": str(self.folder.best.relative_to(self.folder.path)),
            "machine": describe_machine(device),
        }
        log_summary(loggers, summary_of(result), trainer.global_step)
        self._keep_model(result, loggers)
        return result

    def _score(self, colorizer: Colorizer, data: PairDataModule, device: torch.device) -> Result:
        """The scores of the colorizer and of the baselines, on the validation and on the test pictures."""
        scores: Result = {"validation": None, "test": None, "baselines": {}}
        size = self.config["batch"]["score_size"]
        for split in ("validation", "test"):
            pictures = data.splits[split].pictures
            if len(pictures):
                scores[split] = score(colorizer, pictures, size, device)
                scores["baselines"][split] = score_baselines(colorizer, pictures, size, self.cache)
        return scores

    def _vividness(self, colorizer: Colorizer, data: PairDataModule) -> Result:
        """How strong the vivid manner is, told in the best checkpoint too, where validation pictures can say."""
        if not data.has_validation or colorizer.task.enlarges > 1:
            return {}
        colorizer.eval()
        factor = find_vividness(colorizer, data.splits["validation"].pictures, self.config["batch"]["score_size"])
        describe_further(self.folder.best, **{VIVIDNESS: factor})
        return {VIVIDNESS: factor}

    def _goes_on(self, result: Result) -> bool:
        """Whether more epochs are asked for than a trial had that finished, and was not ended early."""
        if result.get("config_hash") == self.hash or not (self.folder.last.exists() and self.folder.config.exists()):
            return False
        kept = read_plain_yaml(self.folder.config)
        if not asks_for_more_epochs(kept, redact(self.config)):
            return False
        if result["epochs"] < kept["trainer"]["max_epochs"]:
            raise UsageError(
                f"{self.folder.path} was ended early, after {result['epochs']} epochs: more change nothing"
            )
        return True

    def _check_resumable(self, parts: TrialParts) -> None:
        if not self._is_of_another():
            return
        kept, asked = read_plain_yaml(self.folder.config), redact(self.config)
        if not asks_for_more_epochs(kept, asked):
            raise self._other_configuration()
        if draft(parts.module.make_recipe).schedule is not None and not asked["scheduler"]:
            raise UsageError(
                f"{self.folder.path} is a trial of max_epochs={kept['trainer']['max_epochs']}, and its learning rate "
                f"falls to nothing at their end: train elsewhere from its weights, start_from={self.folder.path}"
            )
