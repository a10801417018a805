"""Build a workspace in wandb for a project's sweeps: python -m src.sweeps.dashboard entity=NAME project=huesweep."""

import wandb
from omegaconf import DictConfig
from pydantic.dataclasses import dataclass

from huesweep.configuration import options_of
from huesweep.errors import UsageError
from huesweep.registry import CHECKS
from huesweep.sweeps.workspace import compose_workspace


@dataclass(frozen=True, config=CHECKS)
class DashboardOptions:
    """conf/dashboard.yaml."""

    entity: str | None
    project: str | None
    group: str | None
    name: str


def main(config: DictConfig) -> str:
    """Save the workspace and print its address. Raises UsageError without an account."""
    options = options_of(DashboardOptions, config)
    if not options.entity or not options.project:
        raise UsageError("entity= is missing: python -m src.sweeps.dashboard entity=NAME project=huesweep")
    try:
        has_account = wandb.login(prompt=False)
    except wandb.errors.Error as error:  # of a key that can't be one
        raise UsageError(f"wandb takes no account from here: {error}") from None
    if not has_account:
        raise UsageError("wandb knows no account here: `wandb login`, then this command again")
    workspace = compose_workspace(options.entity, options.project, options.group, options.name)
    try:
        workspace.save()
    except Exception as error:  # whatever the service or the network answers
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UsageError(f"wandb did not take the workspace of {options.entity}/{options.project}: {reason}") from None
    print(workspace.url)
    return workspace.url
