"""Build a workspace in wandb for a project's sweeps: python -m src.sweeps.dashboard entity=NAME project=huesweep."""

import wandb
from omegaconf import DictConfig

from huesweep.errors import UsageError
from huesweep.sweeps.workspace import compose_workspace


def main(config: DictConfig) -> str:
    """Save the workspace and print its address. Raises UsageError without an account."""
    if not config.entity or not config.project:
        raise UsageError("entity= is missing: python -m src.sweeps.dashboard entity=NAME project=huesweep")
    if not wandb.login(prompt=False):
        raise UsageError("wandb knows no account here: `wandb login`, then this command again")
    workspace = compose_workspace(config.entity, config.project, config.group, config.name)
    try:
        workspace.save()
    except Exception as error:  # whatever the service or the network answers
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UsageError(f"wandb did not take the workspace of {config.entity}/{config.project}: {reason}") from None
    print(workspace.url)
    return workspace.url
