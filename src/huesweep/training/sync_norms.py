"""Batch normalization over the pictures of all processes that train one trial."""

from pytorch_lightning.plugins.layer_sync import TorchSyncBatchNorm
from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm


class SyncNorms(TorchSyncBatchNorm):
    """Lightning's, which also keeps the activations that timm's normalizations have in them, and puts all back."""

    def __init__(self) -> None:
        super().__init__()
        self._replaced: list[tuple[nn.Module, str, nn.Module]] = []

    def apply(self, model: nn.Module) -> nn.Module:
        """The model, with normalizations in their places that count all processes' pictures."""
        from timm.layers import convert_sync_batchnorm

        for parent in list(model.modules()):
            for name, norm in list(parent.named_children()):
                if isinstance(norm, _BatchNorm):
                    setattr(parent, name, convert_sync_batchnorm(norm))
                    self._replaced.append((parent, name, norm))
        return model

    def revert(self, model: nn.Module) -> nn.Module:
        """The model as it was before `apply`, with what it has learned since."""
        while self._replaced:
            parent, name, norm = self._replaced.pop()
            learned = getattr(parent, name)
            norm._parameters, norm._buffers = learned._parameters, learned._buffers
            setattr(parent, name, norm.train(learned.training))
        return model
