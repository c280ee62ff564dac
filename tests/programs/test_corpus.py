"""Every function of the corpus has a right gradient: value, structure, shape, dtype, and no side effects; and verified mode accuses none."""

import pytest
from corpus import all_cases
from differences import assert_gradient


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in all_cases()])
@pytest.mark.filterwarnings("error::revad.VerificationSkipped")
def test_gradient(case, monkeypatch):
    monkeypatch.setenv("REVAD_VERIFY", "1")
    case.check(assert_gradient)
