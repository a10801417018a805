"""What the suite promises in numbers, measured: python -m src.benchmarks [NAME ...]."""
