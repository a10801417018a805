"""What an encoder knows: its features under a classifier of pictures."""
