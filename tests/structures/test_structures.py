"""Programs of structures as people write them: each has a right gradient, or the refusal that is listed.

They were written before any of them was differentiated, and none is adapted to what is taken. Of the 65,
41 are right, 24 refused, 0 are wrong.

A refusal is listed with its whole message in refused.txt. `REVAD_GOLDEN=write pytest tests/structures`
writes it anew, in one process.
"""
import os
import pathlib
import re

import numpy as np
import pytest
from differences import assert_gradient, call, leaves
from from_text import function

import revad
from revad import RevadError
from structures.table import CASES

FOLDER = pathlib.Path(__file__).parent
LISTED = FOLDER / "refused.txt"
HEAD = "=== "

WRONG = {}      # {program: what is wrong}

# The smallest functions that were wrong, which these programs, or what their refusals advise, have met.
MENDED = {
    "state in a dict": ((0.3, [0.5, 0.6]), """
        def f(x, weights):
            state = {"h": x}
            for w in weights:
                state = {"h": np.tanh(state["h"] * w)}
            return state["h"]
    """),
    "state in a tuple": ((0.3, [0.5, 0.6]), """
        def f(x, weights):
            state = (x, 1.0)
            for w in weights:
                state = (np.tanh(state[0] * w), state[1] * w)
            return state[0] + state[1]
    """),
    "a second loop": ((0.3, [0.5, 0.6]), """
        def f(x, weights):
            total = 0.0
            for w in weights:
                total += w**2
            state = [x]
            for w in weights:
                state[0] = np.tanh(state[0] * w)
            return state[0] + total
    """),
    "an empty tuple as key": ((2.0, {(): 3.0}), """
        def f(x, by_path):
            return x * by_path[()]
    """),
    "a gradient that is complete in the loop": ((0.3, [0.5, 0.6]), """
        def f(x, weights):
            h = x
            for i, w in enumerate(weights):
                h, k = np.tanh(h * w), i
            return h * k
    """),
    "a float of unknown kind": ((np.array([0.5, 0.7]), 1.5), """
        def f(x, k):
            total = 0.0
            for step in range(2):
                root = math.sqrt(x[chosen()])
                root += k
                total += root**2 * (1 + k * step)
            return total
    """),
}


@revad.nondifferentiable
def chosen():
    return 1


def read_listed():
    """{(program, size): message} of the refusals that are listed; sizes with one message share a block."""
    blocks = re.split(rf"^{HEAD}", LISTED.read_text(), flags=re.MULTILINE)[1:] if LISTED.exists() else []
    listed = {}
    for block in blocks:
        title, _, text = block.partition("\n")
        name, *sizes = title.split()
        listed.update({(name, size): text.rstrip("\n") for size in sizes})
    return listed


def write_listed(listed):
    blocks = {}
    for case in CASES:
        for size in map(str, case.sizes):
            message = listed.get((case.name, size))
            if message is not None:
                blocks.setdefault((case.name, message), []).append(size)
    LISTED.write_text("\n".join(f"{HEAD}{name} {' '.join(sizes)}\n{message}\n"
                                for (name, message), sizes in blocks.items()))


def refusal(case, size):
    """The message of the refusal, or None if the gradient is right; all else is an error."""
    try:
        assert_gradient(case.function, case.arguments(size), case.wrt, integers=case.integers)
    except RevadError as error:
        assert type(error) in (revad.UnsupportedError, revad.SourceError), repr(error)
        return str(error).replace(f"{FOLDER}{os.sep}", "")
    return None


@pytest.mark.parametrize("case", [
    pytest.param(case, marks=pytest.mark.xfail(strict=True, reason=WRONG[case.name], raises=AssertionError)
                 if case.name in WRONG else ()) for case in CASES], ids=lambda case: case.name)
def test_a_program_is_right_or_refused_as_listed(case):
    listed = read_listed()
    messages = {(case.name, str(size)): refusal(case, size) for size in case.sizes}
    if os.environ.get("REVAD_GOLDEN") == "write":
        listed.update(messages)
        write_listed(listed)
        return
    for key, message in messages.items():
        assert message == listed.get(key), key


@pytest.mark.parametrize("args, text", MENDED.values(), ids=MENDED)
def test_a_fault_that_was_mended(args, text):
    assert_gradient(function(text, chosen=chosen), args)


def test_the_list_names_programs_that_are_there():
    assert read_listed().keys() <= {(case.name, str(size)) for case in CASES for size in case.sizes}
    assert not {name for name, _ in read_listed()} & WRONG.keys()


def test_the_docstring_has_the_counts():
    refused = {name for name, _ in read_listed()}
    counts = [len(CASES), len(CASES) - len(refused) - len(WRONG), len(refused), len(WRONG)]
    assert [int(n) for n in re.findall(r"\d+", __doc__.partition("Of the")[2])] == counts


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_arguments_are_the_same_at_each_call_and_others_at_another_size(case):
    small, large = case.sizes
    for size in case.sizes:
        first, second = (list(leaves(case.arguments(size), "args")) for _ in range(2))
        assert [path for path, _ in first] == [path for path, _ in second]
        assert all(callable(a) or np.array_equal(a, b) for (_, a), (_, b) in zip(first, second))
        value = call(case.function, case.arguments(size))
        assert all(np.all(np.isfinite(leaf)) for _, leaf in leaves(value))
    assert small < large
