"""The sweep: programs that nobody wrote, by the thousand, each of them right, refused with a place, or printed as wrong.

    python -m tests.sweep --minutes 5 [--family gates] [--workers 2]

goes on from where the last run stopped and appends to `log.csv`. A family is a module of this package with

    program(seed)               the program of a number: the same on every machine
    outcome(program)            an Outcome (see `family.py`): 'right', 'refused', 'nothing' or 'wrong'
    shrunk(program, outcome)    a smaller program that is wrong in the same way
    SAMPLE                      how many programs of it run in the tests

and a program is any object with

    text                        the source of the function, with what stands before it
    function                    the function itself, whose source `inspect` finds
    calls                       a list of argument lists; the first is the one that is printed
    wrt                         as in revad.grad; None for every parameter without a default

whose repr is the text and the arguments. `family.guarded_outcome` is what runs it: it measures what
compiling took, ends what runs on and on, and turns an exception of `outcome` itself into 'wrong'. A new
family is a new module and a name in `FAMILIES`.
"""
import importlib
import os
import pathlib
import sys

os.environ.setdefault("REVAD_FAULTS", "raise")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
HERE = pathlib.Path(__file__).parent
for folder in (HERE.parent, HERE.parent / 'support', HERE.parent / 'rules'):
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))

FAMILIES = ("gates", "expressions", "statements", "written_expressions", "written_statements",
            "written_containers")


def load(name):
    return importlib.import_module(f"{__name__}.{name}")
