"""Lightning's own tools on the suite's modules: loaders give pairs, and its test gives the trial's scores."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import pytorch_lightning as pl
import torch

from huesweep.colorizer.colorizer import Colorizer
from huesweep.training.assembly import assemble
from huesweep.training.folder import TrialFolder
from huesweep.training.module import ColorizationModule
from tests.conftest import train

Configure = Callable[..., dict[str, Any]]


@pytest.mark.parametrize("overrides", [(), ("target.space=ab", "task.gray=lab", "batch.score_size=7")])
def test_lightnings_test_gives_the_numbers_of_the_result(
    configure: Configure, tmp_path: Path, overrides: tuple[str, ...]
) -> None:
    config = configure(*overrides)
    folder = TrialFolder(tmp_path / "trial")
    train(config, folder)
    parts = assemble(config)
    module = ColorizationModule(Colorizer.load(folder.best), parts.module.loss, parts.module.make_recipe)
    module.loss.prepare(module.colorizer.target)
    trainer = pl.Trainer(
        accelerator="cpu",
        logger=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
    )
    (found,) = trainer.test(module, datamodule=parts.data, verbose=False)
    expected = json.loads(folder.result.read_text())["test"]
    assert {name: found[f"test/{name}"] for name in expected} == pytest.approx(expected, rel=1e-6)


def test_a_notebook_that_iterates_gets_pairs(configure: Configure) -> None:
    data = assemble(configure()).data
    data.setup()
    inputs, color = next(iter(data.train_dataloader()))
    assert (inputs.shape, inputs.dtype) == ((32, 1, 32, 32), torch.float32)
    assert (color.shape, color.dtype) == ((32, 3, 32, 32), torch.uint8)
    torch.testing.assert_close(inputs, color.float().mean(1, keepdim=True) / 255)  # task.gray=mean
    assert sum(len(color) for _, color in data.test_dataloader()) == 16
