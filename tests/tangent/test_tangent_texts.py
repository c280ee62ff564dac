"""The text of forward mode of some golden functions, byte for byte; it runs pasted alone.

    REVAD_GOLDEN=write pytest tests/tangent/test_tangent_texts.py      writes tests/golden/tangents/*.py anew
"""
import math
import os
import pathlib

import numpy as np
import pytest
from directions import assert_tangent, random_directions
from golden_blocks import CASES

import revad

FOLDER = pathlib.Path(__file__).parents[1] / "golden" / "tangents"
NAMES = ("staged", "larger", "batchnorm", "softmax_loss", "huber", "rnn", "jacobi", "scaled_rows",
         "network_of_a_dict", "rnn_states", "newton", "svm_loss_naive", "convolution")


def called(case):
    along = revad.jvp(case.function, wrt=case.wrt)
    directions = random_directions(case.function, case.args, case.wrt)
    return along, along(*case.args, tangents=directions[0] if along.bare else tuple(directions)), directions


@pytest.mark.parametrize("name", NAMES)
def test_the_text_is_the_golden_one(name):
    along, (value, tangent), directions = called(CASES[name])
    path, text = FOLDER / f"{name}.py", along.source.rstrip() + "\n"
    if os.environ.get("REVAD_GOLDEN") == "write":
        path.write_text(text)
    assert text == path.read_text()
    namespace = {"np": np, "math": math}
    exec(text, namespace)
    case, names = CASES[name], [f"d{name}" for name in along.wrt]
    again = namespace[f"{name}_jvp"](*case.args, **dict(zip(names, directions)))
    np.testing.assert_array_equal(again[0], value)
    np.testing.assert_array_equal(again[1], tangent)


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_tangent_is_right(name):
    case = CASES[name]
    assert_tangent(case.function, case.args, case.wrt)


def test_every_text_has_its_function():
    assert {path.stem for path in FOLDER.glob("*.py")} == set(NAMES)
