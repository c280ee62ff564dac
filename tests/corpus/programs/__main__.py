"""Prints how many programs of the corpus are right, wrong, refused and crashed: see `tests.corpus.__main__`."""

from ..runner import main
from . import all_cases

if __name__ == "__main__":
    main(all_cases())
