"""How color is represented as something to learn: one target a file."""
