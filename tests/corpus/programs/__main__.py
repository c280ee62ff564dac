"""Prints how many programs of the corpus are right, wrong, refused and crashed: see `tests.corpus.__main__`."""

from . import all_cases
from ..runner import main

if __name__ == "__main__":
    main(all_cases())
