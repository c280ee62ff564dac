"""Every program of the corpora in forward mode: right against differences, and the transpose of reverse mode; or refused."""
import pytest
from corpus import all_cases
from corpus.programs import all_cases as all_programs
from corpus.runner import quietly
from directions import assert_tangent, assert_transpose

import revad

# Programs that reverse mode takes, and forward mode does not.
REFUSED_IN_FORWARD_MODE = set()


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in all_cases()])
def test_straight_lines(case):
    quietly(case, assert_tangent)
    quietly(case, assert_transpose)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in all_programs()])
def test_right_or_refused(case):
    try:
        quietly(case, assert_tangent)
    except revad.UnsupportedError as error:
        pytest.xfail(str(error))
    quietly(case, assert_transpose)
