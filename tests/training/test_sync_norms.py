"""Normalizations over several processes: what they compute, and that a network is itself again afterwards."""

import pytest
import timm
import torch
from timm.layers.norm_act import BatchNormAct2d
from torch import nn

from huesweep.training.sync_norms import SyncNorms


@pytest.mark.parametrize("name", ["test_efficientnet", "test_resnet"])
def test_activations_within_normalizations_stay(name: str) -> None:
    torch.manual_seed(0)
    network = timm.create_model(name, num_classes=3)
    for buffer in network.buffers():
        if buffer.is_floating_point():
            buffer.uniform_(0.5, 1.5)
    picture = torch.rand(2, 3, 32, 32)
    expected = network.eval()(picture)
    before = [type(module) for module in network.modules()]
    plugin = SyncNorms()
    synced = plugin.apply(network)
    assert synced is network
    norms = [module for module in network.modules() if isinstance(module, nn.SyncBatchNorm)]
    assert len(norms) == sum(issubclass(kind, nn.BatchNorm2d) for kind in before)
    torch.testing.assert_close(network.eval()(picture), expected)

    learned = torch.zeros(norms[0].num_features)
    norms[0].running_mean = learned  # another tensor, as where a module has moved to a device
    plugin.revert(network)
    assert [type(module) for module in network.modules()] == before
    assert next(module for module in network.modules() if isinstance(module, nn.BatchNorm2d)).running_mean is learned


def test_it_is_timms_norms_that_hold_activations() -> None:
    network = timm.create_model("test_efficientnet")
    assert any(isinstance(module, BatchNormAct2d) for module in network.modules())
