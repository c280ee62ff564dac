"""Each mistake that is seeded into a layer written by hand is named, and a right pass is never blamed.

A run takes a third of the mistakes, another on each version of Python; REVAD_ALL=1 takes all.
"""

import numpy as np
import pytest
from samples import part_of

from revad import check_backward
from tests.grading.layers import PAIRS
from tests.grading.seeded import MISTAKES, SOURCE, module_of, with_mistake
from tests.hand.cases import CASES, KEPT, pair

RIGHT = module_of(SOURCE)
THIRD = part_of(MISTAKES, 3)
KINDS = {
    "missing 1/N",
    "doubled 1/N",
    "sum for mean",
    "factor 2",
    "sign",
    "overwritten",
    "broadcast not summed",
    "wrong axis",
    "transposed product",
    "wrong mask",
    "path forgotten",
    "stale cache",
    "regulariser forgotten",
}


def report(space, name, seed=3):
    forward, backward, args = PAIRS[name]
    return check_backward(space[forward], backward and space[backward], *args(np.random.default_rng(seed)))


@pytest.mark.quick
@pytest.mark.parametrize("name", PAIRS)
@pytest.mark.parametrize("seed", [0, 1])
def test_a_right_layer_is_not_blamed(name, seed):
    result = report(RIGHT, name, seed)
    assert result and not result.findings and not result.notes, result


@pytest.mark.parametrize("name", [name for name in CASES if name not in KEPT])
def test_a_right_pass_of_another_style_is_not_blamed(name):
    args, wrt = CASES[name]
    result = check_backward(*pair(name), *args, wrt=wrt)
    assert result and not result.notes, result


@pytest.mark.parametrize(
    "name, before, after, kind",
    THIRD,
    ids=[f"{name}-{number}" for number, (name, *_) in enumerate(THIRD)],
)
def test_the_mistake_is_named(name, before, after, kind):
    result = report(with_mistake(PAIRS[name], before, after), name)
    assert not result
    assert len(result.mistakes) == 1 and result.mistakes[0] in (
        (kind,) if isinstance(kind, str) else kind
    ), result
    assert result.findings[0].generated  # the line that does it


def test_each_kind_is_seeded():
    assert KINDS <= {
        kind for *_, kinds in MISTAKES for kind in ([kinds] if isinstance(kinds, str) else kinds)
    }
    assert {name for name, *_ in MISTAKES} == set(PAIRS)
