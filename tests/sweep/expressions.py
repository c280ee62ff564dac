"""The sweep of straight-line programs: forms composed, forks, mixed ranks, indices, containers, at first order.

The generator is `random_programs.py`: it runs each statement as soon as it is written, and keeps what NumPy
takes.
"""
import random

from random_programs import MODES, Nothing, shrink, verdict, write_program

from .family import Outcome, reason_of

SAMPLE = 150


def program(seed):
    mode = MODES[seed % len(MODES)]
    return write_program(random.Random(f"{mode} {seed // len(MODES)}").randrange, mode)


def outcome(program):
    return outcome_by(verdict, program)


def outcome_by(judge, program):
    """The Outcome by a function that gives 'right' or the error of a refusal, and raises all else."""
    try:
        result = judge(program)
    except Nothing:
        return Outcome("nothing")
    except Exception as error:
        return Outcome("wrong", what=type(error).__name__, error=error)
    return Outcome("right") if result == "right" else Outcome("refused", [reason_of(result)])


def shrunk(program, first):
    """The fewest lines that fail with an error of the same kind."""
    return shrink(program, lambda shorter: outcome(shorter).what == first.what)
