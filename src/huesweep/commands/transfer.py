"""Find out what an encoder knows, by a classifier of its features: python -m src.transfer ckpt=TRIAL [mode=linear]."""

from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from huesweep.errors import UsageError
from huesweep.sweeps.multirun import is_in_sweep, run_of_sweep
from huesweep.training.folder import TrialFolder

# What computes is imported where it is needed: Ray's processes load this file too, and only pass trials on.


def main(config: DictConfig) -> dict[str, Any] | float:
    """Fit or train in the folder that Hydra chose and say where the result is; gives what train's main gives."""
    return run_of_sweep(config) if is_in_sweep() else transfer_alone(config)


def transfer_alone(config: DictConfig) -> dict[str, Any]:
    """One transfer, not of a sweep: its scores are printed."""
    hydra = HydraConfig.get()
    folder = TrialFolder(Path(hydra.runtime.output_dir))  # which Hydra has made
    try:
        from huesweep.configuration import plain
        from huesweep.sweeps.alone_check import check_alone
        from huesweep.transfer.trial import TransferTrial

        check_alone(hydra)
    except (UsageError, KeyboardInterrupt):
        folder.remove_if_empty()
        raise
    earlier = folder.read_result()
    result = TransferTrial(plain(config), folder).run()
    print_result(result, folder, str(config.sweep.rank), "kept" if result == earlier else "wrote")
    return result


def print_result(result: dict[str, Any], folder: TrialFolder, metric: str, done: str) -> None:
    """The transfer's row over that of whoever sees nothing and names the commonest class, and where to find more."""
    from huesweep.io.terminal import table_console
    from huesweep.sweeps.table import print_table, table_rows

    rows = table_rows([{**result, "folder": str(folder.path)}], metric)
    print_table(rows, "test scores", table_console(), metric)
    for path in (folder.result, folder.best, folder.path / "pictures" / "confusion.png"):
        if path.exists():
            print(f"{done} {path}")
