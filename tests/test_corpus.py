"""Every function of the corpus has a right gradient: value, structure, shape, dtype, and no side effects."""

import pytest

from corpus import all_cases
from differences import assert_gradient


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in all_cases()])
def test_gradient(case):
    case.check(assert_gradient)
