"""Many trials: their folders, their results in one table, their progress."""
