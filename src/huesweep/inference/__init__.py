"""Using what was trained: loading a checkpoint, coloring photos."""
