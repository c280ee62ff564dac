"""A call of a gradient: quick, and open to a debugger, to doctest and to the prompt."""

import doctest
import os
import subprocess
import sys
import textwrap
import timeit
import traceback
from pathlib import Path

import numpy as np
import pytest

from revad import grad, value_and_grad


def circuit(x, y, z):
    q = x + y
    return q * z


def circuit_by_hand(x, y, z):
    q = x + y
    return q * z, (z, z, q)


def test_a_call_costs_little():
    """The aim is 1.5 times the code by hand; the bound leaves room for a busy machine."""
    made = value_and_grad(circuit)
    args = (-2.0, 5.0, -4.0)
    assert made(*args) == circuit_by_hand(*args)
    ratios = []
    for _ in range(15):
        ours = min(timeit.repeat(lambda: made(*args), number=2000, repeat=3))
        by_hand = min(timeit.repeat(lambda: circuit_by_hand(*args), number=2000, repeat=3))
        ratios.append(ours / by_hand)
    assert sorted(ratios)[5] < 2.5


def test_the_first_frame_of_a_call_is_the_text():
    frames = []

    def f(x):
        y = np.exp(x)
        return y * y

    made = grad(f)
    made(0.0)

    def watch(frame, event, argument):
        frames.append((event, frame.f_code.co_name, frame.f_lineno))

    sys.setprofile(watch)
    try:
        made(0.0)
    finally:
        sys.setprofile(None)
    assert [(event, name) for event, name, _ in frames if event == "call"] == [("call", "f_grad")]


def test_pdb_shows_the_text():
    program = textwrap.dedent("""
        import pdb
        from test_gradient_calls import circuit, grad
        made = grad(circuit)
        made(1.0, 2.0, 3.0)
        pdb.Pdb(nosigint=True).runcall(made, 1.0, 2.0, 3.0)
    """)
    done = subprocess.run([sys.executable, "-c", program],
                          input="step\nlist 1, 20\np z\ncontinue\n", text=True,
                          capture_output=True, timeout=60, cwd=Path(__file__).parent,
                          env={**os.environ, "PYTHONPATH": "../.."})
    made = grad(circuit)
    made(1.0, 2.0, 3.0)
    assert done.returncode == 0, done.stderr
    for line in made.source.splitlines():
        assert line in done.stdout
    assert "(Pdb) 3.0" in done.stdout


def test_a_traceback_holds_no_line_of_revad_after_the_first_call():
    made = grad(lambda x, w: np.sum((x @ w) ** 2))
    made(np.ones((2, 3)), np.ones(3))
    with pytest.raises(ValueError) as caught:
        made(np.ones((2, 3)), np.ones(4))
    files = [frame.filename for frame in traceback.extract_tb(caught.tb)]
    assert files[0] == __file__ and all(file.startswith("<revad ") for file in files[1:])


def test_errors_of_arguments_leave_the_gradient_as_it_was():
    made = grad(circuit)
    for _ in range(2):
        for wrong in ("a", None, 1j):
            with pytest.raises(TypeError):
                made(1.0, 2.0, wrong)
        assert made(1.0, 2.0, 3.0) == (3.0, 3.0, 3.0)


def test_interrupts_pass_through():
    def stop():
        raise KeyboardInterrupt

    def f(x):
        assert stop() is None
        return x * 2

    with pytest.raises(KeyboardInterrupt):
        grad(f)(1.0)


def test_an_exception_of_the_users_own_is_left_as_it_is():
    class Unhappy(Exception):
        def __str__(self):
            return "unhappy"

    def check(n):
        raise Unhappy(n)

    def f(x, n):
        print(check(n))
        return x * 2

    made = grad(f, wrt="x")
    for _ in range(2):
        with pytest.raises(Unhappy) as caught:
            made(1.0, 3)
        assert caught.value.args == (3,)


def test_doctest_finds_a_function_and_its_gradient():
    text = textwrap.dedent('''
        >>> from revad import grad
        >>> @grad
        ... def f(x):
        ...     return x**3
        >>> f(2.0)
        12.0
    ''')
    test = doctest.DocTestParser().get_doctest(text, {}, "example", "example.py", 0)
    runner = doctest.DocTestRunner()
    assert runner.run(test).failed == 0


def test_a_gradient_in_a_module_with_doctests():
    import types
    module = types.ModuleType("example")
    module.f = grad(circuit)
    module.f.__doc__ = ">>> 1 + 1\n3\n"
    module.f.__module__ = "example"
    assert doctest.DocTestFinder().find(module) is not None


@pytest.mark.skipif(sys.version_info < (3, 13), reason="the prompt keeps its text from 3.13 on")
def test_the_prompt():
    text = "from revad import grad\n@grad\ndef f(x):\n    return x**3\n\nprint('found', f(2.0))\n"
    done = subprocess.run([sys.executable, "-i"], input=text, capture_output=True, text=True)
    assert "found 12.0" in done.stdout or "SourceError" in done.stderr


def test_the_prompt_says_what_to_do():
    text = "from revad import grad\ndef f(x):\n    return x**3\n\ngrad(f)\n"
    done = subprocess.run([sys.executable, "-i"], input=text, capture_output=True, text=True)
    if sys.version_info < (3, 13):
        assert "SourceError: 'f' was typed at the prompt" in done.stderr
