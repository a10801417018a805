"""The LightningModule of a classifier."""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from huesweep.colorizer.format import DESCRIPTION
from huesweep.metrics.classification import ClassificationScores
from huesweep.training.learning import LearningModule, MakeRecipe
from huesweep.transfer.backbone import Classifier

LabeledPair = tuple[Tensor, Tensor]  # inputs, float (n, channels, H, W); labels, int64 (n,)


class ClassificationModule(LearningModule):
    """Trains a classifier by cross-entropy. description: plain values for its checkpoints."""

    def __init__(self, classifier: Classifier, description: Mapping[str, Any], make_recipe: MakeRecipe) -> None:
        super().__init__(make_recipe)
        self.classifier = classifier
        self.description = dict(description)
        self.scores = ClassificationScores(classifier.head.out_features)

    def learned(self) -> Iterable[nn.Parameter]:
        return self.classifier.parameters()

    def training_step(self, batch: LabeledPair, batch_index: int) -> Tensor:
        inputs, labels = batch
        loss = nn.functional.cross_entropy(self.classifier(inputs), labels)
        self.mean_loss.update(loss.detach(), len(labels))
        self.log("train/loss", self.mean_loss, on_step=False, on_epoch=True)
        return loss

    def validation_step(self, batch: LabeledPair, batch_index: int) -> None:
        inputs, labels = batch
        logits = self.classifier(inputs).float()
        self.log("val/loss", nn.functional.cross_entropy(logits, labels), on_epoch=True, batch_size=len(labels))
        self.scores.update(logits, labels)

    def on_validation_epoch_end(self) -> None:
        self.log("epoch", float(self.current_epoch + 1))
        self.log_dict({f"val/{name}": value for name, value in self.scores.compute().items()})

    @torch.no_grad()
    def logits(self, batches: Iterable[LabeledPair], device: torch.device) -> Tensor:
        """The logits of all pictures, in evaluation mode, in full precision: (N, K) on the CPU."""
        self.classifier.to(device).eval()
        return torch.cat([self.classifier(inputs.to(device)).float().cpu() for inputs, _ in batches])

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint[DESCRIPTION] = self.description
