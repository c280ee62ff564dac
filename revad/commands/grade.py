"""Grade: `revad grade FILE` compares the backward passes in a file with generated ones.

>>> import argparse
>>> parser = argparse.ArgumentParser()
>>> add_to(parser.add_subparsers())
>>> parser.parse_args(["grade", "layers.py", "--only", "affine"]).only
['affine']
"""

from __future__ import annotations

import pathlib


def add_to(commands):
    """Add the command and its options."""
    command = commands.add_parser(
        "grade",
        help="compare the hand-written backward passes of a file with generated ones, and name mistakes",
        description="Grades X_forward with X_backward, X with X_grad or X_prime, and X_loss that returns its "
        "gradients. Arguments of X are those of X_args in the file, else drawn. Exit status: 0 if all "
        "are right, 1 if one is wrong, 2 if one could not be graded. The file is run.",
    )
    command.add_argument("file", type=pathlib.Path, help="a Python file")
    command.add_argument("--only", nargs="+", metavar="NAME", help="grade these pairs alone")
    command.add_argument("--short", action="store_true", help="only the table")
    command.set_defaults(run=run)


def run(options) -> tuple:
    """(text, exit status) of the command."""
    from ..grading.files import grade

    if not options.file.is_file():
        return f"no file {options.file}", 2
    try:
        grades = grade(options.file, options.only)
    except Exception as error:  # of the file itself
        return f"{options.file} cannot be run: {type(error).__name__}: {error}", 2
    details = grades.details()
    return (f"{grades}\n\n{details}" if details and not options.short else str(grades)), grades.status
