"""Reading and writing files so that nothing is half-written and nothing read can run code."""
