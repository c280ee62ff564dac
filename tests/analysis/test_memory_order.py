"""What is told of the layout of an array is what it is: chains of views and operations, over layouts of the argument."""
import itertools

import numpy as np
import pytest
from from_text import function
from test_sharing import LAYOUTS

from revad.analysis.memory_order import is_contiguous
from revad.builder.builder import Builder
from revad.interp.interpreter import Interpreter
from revad.ir.nodes import Value
from revad.pipeline import read_front
from revad.runtime.arguments import layouts_of
from revad.types.kinds import kind_of
from revad.types.scope import of_function

STEPS = ["{}.T", "{}[0]", "{}[:, 0]", "{}[1:]", "{}[:, 1:]", "{}[:, ::2]", "{}[::-1]", "{}[None]",
         "{}[..., None]", "{}[:1]", "{}[:, 0:3]", "{} * 2.0", "np.exp({})", "{}.copy()", "np.copy({})",
         "{}.reshape(-1)", "{}.reshape(3, -1)", "np.asfortranarray({})", "np.expand_dims({}, 1)",
         "{}.astype('f4')", "{0} + {0}", "{}[-1:]", "np.squeeze({})", "{}.ravel()", "np.zeros_like({})",
         "{} > 0", "{}.transpose()", "{}[()]", "np.asarray({})",
         "np.matmul({}, np.ones(({0}.shape[-1], 2)))"]


def told(text, x):
    """The layout that is told of an expression over x: by rows, by columns."""
    f = function(f"def f(x):\n    z = {text}\n    return z\n")
    program, scope = read_front(f).program, of_function(f)
    scope.layouts = dict(layouts_of([("x", x)]))
    interp = Interpreter(Builder(scope))
    interp.frame.rename = scope.importing(program.imports or {}, scope.own_name, scope.keep)
    interp.frame.env[program.parameters[0]] = Value("x", kind=kind_of(x, "x"), varied=True)
    found = interp.run(program.block).value
    return (tuple(is_contiguous(interp, found, order) for order in "CF"),
            [g for g in scope.guards if "key_of" not in g], scope)


@pytest.mark.parametrize("shape", [(2, 3), (1, 3), (3, 1)])
def test_a_layout_that_is_told_is_right(shape):
    """And so are the conditions that it is told under."""
    unknown = 0
    pairs = [(step, "{}") for step in STEPS] + [pair
                                                for at, pair in enumerate(itertools.product(STEPS, STEPS))
                                                if at % 3 == len(shape) + shape[0] - 3]
    for number, (one, two) in enumerate(pairs):
        text = (two.replace("{}", "{0}").format(f"({one.replace('{}', '{0}').format('x')})") if two != "{}"
                else one.replace("{}", "{0}").format("x"))
        name = list(LAYOUTS)[number % 4]
        x = LAYOUTS[name](np.arange(float(np.prod(shape))).reshape(shape))
        try:
            real = eval(text, {"np": np, "x": x})
        except Exception:       # not for this shape
            continue
        if not isinstance(real, np.ndarray) or not real.size:
            continue
        found, guards, scope = told(text, x)
        for answer, flag in zip(found, (real.flags.c_contiguous, real.flags.f_contiguous)):
            assert answer in (None, flag), f"{text} of {name} {shape}: {found}, and it is {real.flags}"
            unknown += answer is None
        assert all(eval(guard, {**scope.constants, "np": np, "x": x}) for guard in guards), guards
    # Of two answers each, in half of the cases of an argument in neither order.
    assert unknown < 1.3 * len(pairs)
