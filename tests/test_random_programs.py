"""Random straight-line programs: the gradient agrees with finite differences of the program, or is refused with a place.

    REVAD_EXAMPLES=5000 pytest tests/test_random_programs.py     other programs each time, thousands of them
"""

import os

import pytest
from hypothesis import HealthCheck, Phase, assume, given, note, settings
from hypothesis import strategies as st
from random_programs import MODES, Nothing, verdict, write_program

import revad

EXAMPLES = int(os.environ.get("REVAD_EXAMPLES", "0"))
PROFILE = settings(
    max_examples=EXAMPLES or 70, derandomize=not EXAMPLES, database=None, deadline=None, print_blob=False,
    phases=[Phase.explicit, Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("mode", MODES)
def test_right_or_refused(mode):
    @PROFILE
    @given(st.data())
    def check(data):
        program = write_program(lambda n: data.draw(st.integers(0, n - 1)) if n > 1 else 0, mode)
        note(f"\n{program}")
        try:
            verdict(program)
        except Nothing:
            assume(False)

    check()


def test_the_judge_sees_a_gradient_that_is_off(monkeypatch):
    """Were a rule wrong by one part in a thousand, the programs above would fail."""
    import random

    from differences import _Check

    right = _Check.right

    def spoilt(self, gradients, expected, args):
        def off(value):
            return value * 1.001 if isinstance(value, float) else value

        found = tuple(map(off, gradients)) if isinstance(gradients, tuple) else off(gradients)
        right(self, found, expected, args)

    monkeypatch.setattr(_Check, "right", spoilt)
    choose = random.Random(5).randrange
    caught = 0
    for _ in range(30):
        try:
            verdict(write_program(choose, "numbers"))
        except AssertionError:
            caught += 1
        except (Nothing, revad.RevadError):
            pass
    assert caught >= 10
