"""Studies: a question, the sweeps that answer it, and its table and figures, kept in experiments/."""
