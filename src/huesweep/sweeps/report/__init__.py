"""The report page of a sweep: one file that opens from disk."""
