"""Where pictures come from: one source a file."""
