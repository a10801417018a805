"""What is trained, saved, loaded and used: a network with its task and its target."""
