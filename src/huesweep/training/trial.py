"""A trial's life in its folder, whatever it learns: begun, gone on with after a stop, or finished before."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

import pytorch_lightning as pl
import torch
from omegaconf import OmegaConf
from pytorch_lightning.callbacks import ModelCheckpoint
from pytorch_lightning.loggers import Logger, WandbLogger

from huesweep.data.module import PairDataModule
from huesweep.errors import UsageError
from huesweep.io.atomic import write_text_atomically
from huesweep.io.plain_json import as_json
from huesweep.io.plain_yaml import read_plain_yaml
from huesweep.io.redacted import redact
from huesweep.io.terminal import remark
from huesweep.training.allocation import keep_freed_memory
from huesweep.training.continuing import ContinueExactly
from huesweep.training.divergence import StopOnNonFinite
from huesweep.training.finished import Result, changed_from, keep_finished
from huesweep.training.folder import TrialFolder
from huesweep.training.history import History
from huesweep.training.identity import config_hash
from huesweep.training.learning import LearningModule
from huesweep.training.loggers import finish_loggers, make_loggers
from huesweep.training.made_from import made_from
from huesweep.training.metrics_file import read_history
from huesweep.training.preemption import SaveOnSignal
from huesweep.training.progress import TrialProgress
from huesweep.training.recovery import recover
from huesweep.training.trainer import accelerator_of, make_trainer
from huesweep.training.training_log import TrainingLog
from huesweep.training.wandb_run import WANDB, log_checkpoint

Parts = TypeVar("Parts")
ONE_VALUE = "Expected more than 1 value per channel"  # of torch, where a batch has too little to be normalized by


class Trial(ABC, Generic[Parts]):
    """One training run, of Parts that a subclass assembles and has learn.

    config: composed and resolved, as plain values. folder: where everything is kept.
    """

    def __init__(self, config: Mapping[str, Any], folder: TrialFolder) -> None:
        self.config = dict(config)
        self.folder = folder
        self.hash = config_hash(config)
        self.cache = Path(config["paths"]["cache"])

    def run(self) -> Result:
        """Train the trial unless it has finished before. Gives what result.json holds; raises as train does."""
        with self.folder.locked():
            if (kept := keep_finished(self.config, self.folder)) is not None:
                return kept
            self.folder.forget_error()
            result = self.folder.read_result()
            if result is not None and not self._goes_on(result):
                raise self._other_configuration()
            try:
                return self.train()
            except (UsageError, KeyboardInterrupt):
                self.folder.remove_if_empty()
                raise

    def train(self) -> Result:
        """Train, or go on training, and score. Gives what result.json holds.

        Raises UsageError for a mistake in the configuration and for a loss that is no number.
        """
        try:
            parts, origin, loggers = self._prepare()
        except KeyboardInterrupt:
            self._tell_stopped()
            raise
        try:
            result = self.learn(parts, loggers)
        except BaseException as error:
            if isinstance(error, Exception):
                self.folder.write_error(error)
            else:
                self._tell_stopped()
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

    def _prepare(self) -> tuple[Parts, Result, list[Logger]]:
        """Everything but learning: what learns, what it was made from, and loggers that have begun."""
        if accelerator_of(self.config["trainer"]["accelerator"]) == "cpu":
            keep_freed_memory()
        parts = self.assemble()
        self._check_resumable(parts)
        recover(self.folder, self.cache)
        origin = self._origin()
        if not self.folder.result.exists():
            self._begin()
        begun = f"going on with {self.folder.path}{self._so_far()}" if self.folder.last.exists() else ""
        print(begun or f"training {self.folder.path}")
        return parts, origin, make_loggers(self.folder.path, self.config["logger"], redact(self.config))

    def _so_far(self) -> str:
        """How many epochs are behind a trial that goes on, in words; nothing where its files don't say."""
        done, wanted = len(read_history(self.folder.path)), self.config["trainer"].get("max_epochs")
        return f", after {done} of {wanted} epochs" if done and wanted else ""

    def _tell_stopped(self) -> None:
        does = "goes on with" if self.folder.last.exists() else "begins"
        print(f"stopped: the same command {does} {self.folder.path}")

    @abstractmethod
    def assemble(self) -> Parts:
        """What the trial consists of. Raises UsageError for what is known to be wrong before training."""

    @abstractmethod
    def learn(self, parts: Parts, loggers: list[Logger]) -> Result:
        """Train, or go on training, and score. Gives what result.json holds."""

    def _begin(self) -> None:
        """Say which trial the folder is of. What an earlier one of fewer epochs came to is given up for it."""
        self.folder.result.unlink(missing_ok=True)
        write_text_atomically(self.folder.config, OmegaConf.to_yaml(OmegaConf.create(redact(self.config))))

    def _origin(self) -> Result:
        """What the trial was made from when it began, which is told where it has changed."""
        if self.folder.last.exists() and (kept := self.folder.read_origin()) is not None:
            if changed := changed_from(self.config, kept):
                remark(f"{self.folder.path} goes on with what it began from: since then {', '.join(changed)} changed")
            return kept
        found = made_from(self.config)
        write_text_atomically(self.folder.origin, as_json(found))
        return found

    def _fit_module(
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
                TrainingLog(history, self.config["sweep"]["rank"], keepers[0]),
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

    def _keep_model(self, result: Result, loggers: list[Logger]) -> None:
        """Keep the best checkpoint in wandb where that is asked for."""
        for logger in loggers:
            if isinstance(logger, WandbLogger) and self.config["logger"].get(WANDB, {}).get("log_model"):
                log_checkpoint(logger, self.folder.best, {"data": result["data"], **summary_of(result)})

    def _goes_on(self, result: Result) -> bool:
        """Whether a finished trial is asked for more than it came to, and can go on."""
        return False

    def _check_resumable(self, parts: Parts) -> None:
        """Raise UsageError where the folder holds a checkpoint of another configuration."""
        if self._is_of_another():
            raise self._other_configuration()

    def _is_of_another(self) -> bool:
        """Whether the folder holds a checkpoint of another configuration."""
        if not (self.folder.last.exists() and self.folder.config.exists()):
            return False
        return config_hash(read_plain_yaml(self.folder.config)) != config_hash(redact(self.config))

    def _other_configuration(self) -> UsageError:
        return UsageError(
            f"{self.folder.path} holds a trial of another configuration: name another folder, or remove it"
        )


def summary_of(result: Result) -> dict[str, float]:
    """What loggers are told of a trial's end: test/NAME, ROW/NAME of the rows that need no network, its cost."""
    rows = {"test": result["test"], **result["baselines"].get("test", {})}
    scores = {f"{row}/{name}": value for row, values in rows.items() for name, value in (values or {}).items()}
    return {**scores, "parameters": result["parameters"], "seconds": result["seconds"]}
