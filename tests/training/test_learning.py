"""The loss that a module keeps of an epoch."""

import torch

from huesweep.training.learning import MeanLoss


def test_a_smaller_batch_counts_by_its_pictures() -> None:
    loss = MeanLoss()
    loss.update(torch.tensor(1.0), 3)
    loss.update(torch.tensor(2.0), 1)
    assert loss.compute() == 1.25
    loss.reset()
    loss.update(torch.tensor(5.0), 2)
    assert loss.compute() == 5
