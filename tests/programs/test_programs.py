"""Every program of the corpus is fit for a test, and has a right gradient or is refused.

Never a wrong one.
"""

import pytest
from corpus.programs import all_cases
from corpus.runner import outcome, quietly
from differences import assert_reference


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in all_cases()])
def test_right_or_refused(case):
    expected = quietly(case, assert_reference)
    kind, message = outcome(case, expected)
    if kind == "refused":
        pytest.xfail(message)
    assert kind == "right", message
