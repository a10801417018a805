"""One trial from its configuration to its result: trained, scored, and everything kept in its folder."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytorch_lightning as pl
import torch
from omegaconf import OmegaConf
from pytorch_lightning.callbacks import ModelCheckpoint, WeightAveraging
from pytorch_lightning.loggers import Logger, WandbLogger

from huesweep.colorizer.checkpoint import read_state
from huesweep.colorizer.colorizer import VIVIDNESS, Colorizer
from huesweep.data.module import PairDataModule
from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.io.redacted import redact
from huesweep.io.terminal import remark
from huesweep.metrics.baselines import score_baselines
from huesweep.metrics.scoring import score
from huesweep.models.network import count_parameters
from huesweep.training.allocation import keep_freed_memory
from huesweep.training.assembly import TrialParts, assemble, check_monitored, draft
from huesweep.training.checkpoints import best_and_last, describe_further
from huesweep.training.continuing import ContinueExactly
from huesweep.training.divergence import StopOnNonFinite
from huesweep.training.examples import ExampleGrids
from huesweep.training.fitting import fit_target
from huesweep.training.folder import TrialFolder
from huesweep.training.frozen_maps import keep_maps
from huesweep.training.history import History
from huesweep.training.identity import asks_for_more_epochs, config_hash, model_word_of, target_word
from huesweep.training.learning import LearningModule
from huesweep.training.loggers import finish_loggers, log_summary, make_loggers
from huesweep.training.machine import describe_machine
from huesweep.training.made_from import changed_since, made_from
from huesweep.training.options import check_batches
from huesweep.training.preemption import SaveOnSignal
from huesweep.training.progress import TrialProgress
from huesweep.training.recovery import recover
from huesweep.training.starting import start_from, take_colors
from huesweep.training.strips import write_strips
from huesweep.training.trainer import accelerator_of, make_trainer
from huesweep.training.training_log import TrainingLog
from huesweep.training.vividness import find_vividness
from huesweep.training.wandb_run import WANDB, log_checkpoint

Result = dict[str, Any]
ONE_VALUE = "Expected more than 1 value per channel"  # of torch, where a batch has too little to be normalized by


class Trial:
    """One training run.

    config: conf/train.yaml, composed and resolved, as plain values. folder: where everything is kept.
    """

    def __init__(self, config: Mapping[str, Any], folder: TrialFolder) -> None:
        self.config = dict(config)
        self.folder = folder
        self.hash = config_hash(config)
        self.cache = Path(config["paths"]["cache"])

    def run(self) -> Result:
        """Train the trial unless it has finished before. Gives what result.json holds; raises as train does."""
        with self.folder.locked():
            result = self.folder.read_result()
            if result is None or self._goes_on(result):
                self.folder.error.unlink(missing_ok=True)
                try:
                    return self.train()
                except UsageError:
                    self.folder.remove_if_empty()
                    raise
        longer = ""
        if result.get("config_hash") != self.hash:
            kept = read_plain_yaml(self.folder.config) if self.folder.config.exists() else {}
            if not asks_for_more_epochs(redact(self.config), kept):
                raise self._other_configuration()
            longer = f", with {result['epochs']} epochs"
        print(f"{self.folder.path} has finished before{longer}: nothing to do (remove the folder to train it again)")
        if changed := changed_since([result]):
            remark(f"since then {', '.join(changed)} changed: what it came to is of what was there before")
        return result

    def train(self) -> Result:
        """Train, or go on training, and score. Gives what result.json holds.

        Raises UsageError for a mistake in the configuration and for a loss that is no number.
        """
        if accelerator_of(self.config["trainer"]["accelerator"]) == "cpu":
            keep_freed_memory()
        parts = self._assemble()
        origin = made_from(self.config)
        self._check_resumable(parts)
        recover(self.folder, self.cache)
        if not self.folder.result.exists():
            self._begin()
        print(f"{'going on with' if self.folder.last.exists() else 'training'} {self.folder.path}")
        loggers = make_loggers(self.folder.path, self.config["logger"], redact(self.config))
        try:
            result = self._train(parts, loggers)
        except BaseException as error:
            if isinstance(error, Exception):
                self.folder.write_error(error)
            else:
                print(f"stopped: the same command goes on with {self.folder.path}")
            finish_loggers(loggers, failed=True)
            if isinstance(error, SystemExit) and isinstance(error.__context__, KeyboardInterrupt):
                raise KeyboardInterrupt from None  # which Lightning has made a status of its own
            raise
        self.folder.write_result({**result, **origin})  # before loggers, which may wait for a network
        try:
            finish_loggers(loggers, failed=False)
        except Exception as error:
            remark(f"{self.folder.path} has finished, but a logger has not: {error}")
        return self.folder.read_result() or result

    def _begin(self) -> None:
        """Say which trial the folder is of. What an earlier one of fewer epochs came to is given up for it."""
        self.folder.result.unlink(missing_ok=True)
        write_text_atomically(self.folder.config, OmegaConf.to_yaml(OmegaConf.create(redact(self.config))))

    def _assemble(self) -> Any:
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
        return self._run(
            module,
            data,
            loggers,
            best_and_last(self.folder.checkpoints, "val/loss" if data.has_validation else None, averaged),
            [ExampleGrids(self.folder.path, shown, **self.config["examples"])],
            chosen,
            limit_val_batches=0 if data.watched is None else 1.0,
        )

    def _run(
        self,
        module: LearningModule,
        data: PairDataModule,
        loggers: list[Logger],
        keepers: list[ModelCheckpoint],
        shown: Sequence[pl.Callback] = (),
        chosen: Sequence[pl.Callback] = (),
        **options: Any,
    ) -> tuple[pl.Trainer, History]:
        """Train, or go on training, a module on data that is set up, with the callbacks of every trial in their order.

        keepers: of best_and_last. shown: callbacks that draw. chosen: by the configuration. options: of make_trainer.
        """
        history = History(self.folder.path)
        trainer = make_trainer(
            self.config["trainer"],
            callbacks=[
                StopOnNonFinite(),
                history,
                TrainingLog(history, self.config["sweep"]["rank"]),
                *shown,
                TrialProgress(),
                *chosen,
                ContinueExactly(),
                SaveOnSignal(self.folder.last),
                *keepers,
            ],
            logger=loggers or False,
            default_root_dir=self.folder.path,
            **options,
        )
        resumed = self.folder.last if self.folder.last.exists() else None
        self._begin()
        try:
            trainer.fit(module, datamodule=data, ckpt_path=resumed, weights_only=True)
        except ValueError as error:
            if ONE_VALUE not in str(error):
                raise
            raise UsageError(
                "the last batch has one picture, of whose single value a channel nothing can be normalized: choose "
                "another batch.size, fewer levels, or norm=group"
            ) from None
        finally:
            data.end_workers()
        if not self.folder.best.exists():  # training ended before its first validation
            trainer.save_checkpoint(self.folder.best, weights_only=keepers[0].save_weights_only)
        if torch.distributed.is_initialized():  # what follows is done by one process alone
            torch.distributed.destroy_process_group()
        return trainer, history

    def _train(self, parts: Any, loggers: list[Logger]) -> Result:
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

    def _keep_model(self, result: Result, loggers: list[Logger]) -> None:
        """Keep the best checkpoint in wandb where that is asked for."""
        for logger in loggers:
            if isinstance(logger, WandbLogger) and self.config["logger"].get(WANDB, {}).get("log_model"):
                log_checkpoint(logger, self.folder.best, {"data": result["data"], **summary_of(result)})

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

    def _check_resumable(self, parts: Any) -> None:
        """Raise UsageError where the folder holds a checkpoint of another configuration."""
        if not (self.folder.last.exists() and self.folder.config.exists()):
            return
        kept, asked = read_plain_yaml(self.folder.config), redact(self.config)
        if config_hash(kept) == config_hash(asked):
            return
        if not asks_for_more_epochs(kept, asked):
            raise self._other_configuration()
        module = parts.module
        if draft(module.make_recipe).schedule is not None and not asked["scheduler"]:
            raise UsageError(
                f"{self.folder.path} is a trial of max_epochs={kept['trainer']['max_epochs']}, and its learning rate "
                f"falls to nothing at their end: train elsewhere from its weights, start_from={self.folder.path}"
            )

    def _other_configuration(self) -> UsageError:
        return UsageError(
            f"{self.folder.path} holds a trial of another configuration: name another folder, or remove it"
        )


def summary_of(result: Result) -> dict[str, float]:
    """What loggers are told of a trial's end: test/NAME, ROW/NAME of the rows that need no network, its cost."""
    rows = {"test": result["test"], **result["baselines"].get("test", {})}
    scores = {f"{row}/{name}": value for row, values in rows.items() for name, value in (values or {}).items()}
    return {**scores, "parameters": result["parameters"], "seconds": result["seconds"]}
