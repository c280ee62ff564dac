"""The programs whose texts are pinned, in groups: each has a name and a function that has revad write all of its texts.

    programs("golden")    [(name, run), ...]
"""
import contextlib
import doctest
import io
import random
import runpy
from functools import partial
from pathlib import Path

import corpus
import golden_blocks
import golden_functions
import numpy as np
import random_blocks
import random_programs
from corpus import programs as corpus_programs

import revad

ROOT = Path(__file__).parents[2]
SEEDS = 250     # of each of the eight kinds of random programs


def differentiated(function, args, wrt=None, **keywords):
    """Have every text of a function written: of both kinds of gradient, of both passes, and of the second
    for each part of the output."""
    options = {} if wrt is None else {"wrt": wrt}
    gradient = revad.grad(function, **options)
    for run in (gradient, revad.value_and_grad(function, **options)):
        with contextlib.suppress(Exception):
            run(*args, **keywords)
    with contextlib.suppress(Exception):
        out, cache = gradient.forward(*args, **keywords)
        for dout in (out, *_parts(out)):
            gradient.backward(dout, cache)


def _parts(out):
    if type(out) is tuple and len(out) > 1:
        for kept in range(len(out)):
            yield tuple(part if at == kept else None for at, part in enumerate(out))


def _golden():
    for name, case in {**golden_functions.CASES, **golden_blocks.CASES}.items():
        yield name, partial(differentiated, case.function, case.args, case.wrt)


def _of_cases(cases):
    for case in cases:
        def run(case=case):
            if case.fresh is not None:
                case.fresh()
            differentiated(case.function, case.args, case.wrt, **case.kwargs)
        yield case.name, run


def _random():
    for writer, modes in ((random_programs.write_program, random_programs.MODES),
                          (random_blocks.write_blocks, random_blocks.MODES)):
        for mode in modes:
            for number in range(SEEDS):
                yield f"{mode} {number}", partial(_random_program, writer, mode, number)


def _random_program(writer, mode, number):
    program = writer(random.Random(f"{mode} {number}").randrange, mode)
    for args in program.calls:
        with np.errstate(all="ignore"):
            differentiated(program.function, args, program.wrt)


def _pages():
    for path in (ROOT / "README.md", ROOT / "docs/how-it-works.md"):
        yield path.name, partial(doctest.testfile, str(path), module_relative=False, report=False)


def _examples():
    for path in sorted((ROOT / "examples").glob("*.py")):
        yield path.stem, partial(_script, path)


def _script(path):
    with contextlib.redirect_stdout(io.StringIO()):
        runpy.run_path(str(path), run_name="__main__")


GROUPS = {
    "golden": _golden,
    "corpus": lambda: _of_cases(corpus.all_cases()),
    "programs": lambda: _of_cases(corpus_programs.all_cases()),
    "pages": _pages,
    "examples": _examples,
    "random": _random,
}


def programs(group):
    return list(GROUPS[group]())
