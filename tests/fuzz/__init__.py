"""Readers of files from strangers, given thousands of damaged ones."""
