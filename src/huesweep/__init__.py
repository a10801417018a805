"""Huesweep: an experiment suite for automatic image colorization."""

__version__ = "0.1.0"
