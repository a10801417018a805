"""python -m huesweep: the same as the command `huesweep`."""

from huesweep.cli import main

if __name__ == "__main__":
    main()
