"""What the network is given: one task a file."""
