"""Every program of the corpus is fit for a test, and has a right gradient or is refused; never a wrong one."""

import pytest

from corpus.programs import all_cases
from corpus.runner import outcome, quietly
from differences import assert_reference

every_case = pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in all_cases()])


@every_case
def test_the_case_itself(case):
    quietly(case, assert_reference)


@every_case
def test_right_or_refused(case):
    kind, message = outcome(case)
    if kind == "refused":
        pytest.xfail(message)
    assert kind == "right", message
