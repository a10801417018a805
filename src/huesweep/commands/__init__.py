"""What each command does, read from top to bottom: one a file."""
