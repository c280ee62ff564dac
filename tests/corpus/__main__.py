"""Prints how many functions of the corpus are right, wrong, refused and crashed, and which.

    python -m tests.corpus [-v] [-r] [WORD ...]
    python -m tests.corpus.programs [-v] [-r] [WORD ...]

WORDs choose the cases whose name holds one of them; -v prints the message of each failure; -r checks the cases
themselves, without revad.
"""

from . import all_cases
from .runner import main

if __name__ == "__main__":
    main(all_cases())
