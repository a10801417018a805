"""What `python -m src.sweeps` and `python -m src.sweeps.dashboard` run."""
