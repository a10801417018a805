"""How a checkpoint says what it is; apart from what trains, so that whoever only loads one needs nothing of that."""

DESCRIPTION = "huesweep"  # the key of the plain values that tell how to build network, task and target
CHECKPOINT_VERSION = 2
LARGEST_SIDE = 4096  # of the pictures that a network is made for, in pixels
