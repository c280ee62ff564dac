"""What compiling a function costs grows as the function does: calls of Python are counted, not seconds."""
import cProfile

import numpy as np
import pytest
from from_text import function

from revad import grad


def named_chain(count):
    return [f"{'y' if k == 0 else f'y{k}'} = np.tanh({'y' if k < 2 else f'y{k - 1}'}) * w"
            for k in range(count)] + [f"y = y{count - 1}"]


def terms(count):
    return ["s = 0.0"] + [f"s += np.sum(x * {k}.5) * w[0]" for k in range(count)] + ["y = s * y"]


def branches(count):
    return [line for k in range(count)
            for line in (f"if np.sum(y) > {k}:", "    y = y * w", "else:", "    y = y + w")]


def branches_of_views(count):
    return [line for k in range(count) for line in (f"if np.sum(y) > {k}:", "    y = y[::-1]")]


def loops(count):
    return [line for k in range(count) for line in ("for i in range(3):", "    y = y * w[i]")]


def appended(count):
    return ["a = []"] + [f"a.append(x[{k % 3}] * w)" for k in range(count)] + ["y = np.stack(a)"]


def calls_to_compile(lines):
    """How many calls the first gradient of a function with these lines takes."""
    f = function("def f(x, w):\n    y = x\n" + "".join(f"    {line}\n" for line in lines) + "    return np.sum(y)\n")
    x, profile = np.array([0.3, 0.9, 0.7]), cProfile.Profile()
    df = profile.runcall(grad, f, wrt=("x", "w"))
    profile.runcall(df, x, x)
    return sum(entry.callcount for entry in profile.getstats())


@pytest.mark.parametrize("program, count", [
    (named_chain, 30), (terms, 12), (branches, 4), (branches_of_views, 4), (loops, 4),
    (appended, 12)], ids=lambda value: getattr(value, "__name__", ""))
def test_twice_as_many_statements_take_twice_the_calls(program, count):
    calls_to_compile(program(2))
    few, some, many = (calls_to_compile(program(count * times)) for times in (1, 2, 4))
    assert many - some <= 2 * 1.3 * (some - few)
