"""Searches whose study is kept in a file, so that they go on after a stop."""

from pathlib import Path


def trials_left(total: int, folder: str, study: str) -> int:
    """How many trials of a search are still to be done: `total` less those that its study holds the end of."""
    storage = Path(folder) / "study.db"
    if not storage.exists():
        return total
    import optuna  # takes a second, which only searches shall wait for

    states = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.FAIL)
    try:
        loaded = optuna.load_study(study_name=study, storage=f"sqlite:///{storage}")
    except KeyError:  # the file was made, the study not yet
        return total
    return max(0, total - len(loaded.get_trials(deepcopy=False, states=states)))
