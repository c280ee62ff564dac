"""Text, the keys of dicts and evaluated strings: what goes through them has no derivative, so that only what is shown passes."""
import contextlib
import io

import numpy as np
import pytest
from differences import assert_gradient
from test_gates import Row

import revad

READ_AGAIN = """
float(str(x)) * y
float(f'{x}') * y
float(repr(x)) * y
float(ascii(x)) * y
float(format(x, '.9f')) * y
float('%f' % x) * y
float('{}'.format(x)) * y
float((str(x) + ' ').strip()) * y
float(','.join([str(x)])) * y
float(str(x)[0:3]) * y
float(str(x).split('.')[0]) * y
np.array(str(x), dtype=float) * y
np.float64(str(x)) * y
float(str(k)) * x
np.sum(eval('x * 2') * y)
np.sum(locals()['x'] * y)
np.sum(vars()['x'] * y)
exec('x * 2') or x
sum(a * b for a, b in {y: 2.0, x: 3.0}.items())
list({x: 1})[0] * y
max({x: 1}.keys()) * y
sorted({x: 1, y: 2})[0]
[a for a in {x: 1}][0] * y
list(dict(zip([x, y], [1, 2])))[0]
list({k: x})[0] * x
[a * b for a, b in {k: x}.items()][0]
max(*{k: x, 7: x}) * x
""".strip().splitlines()

SHOWN = ["m = f'x is {x}'; print(m)", "m = 'x is ' + str(x); print(m.upper())",
         "m = 'x is %.3f' % x; print(m)", "m = 'x is {:.2f}'.format(x); print(m.title())",
         "log = []; log.append(f'{x:.2f}'); log.append(str(y).rjust(5)); print(' '.join(log))",
         "print(', '.join(f'{v:.1f}' for v in (x, y)))",
         "print(', '.join(map(str, (x, y))))", "assert x > 0, f'bad {x}'",
         "info = {'x': f'{x}'}; print(info)", "m = str(x); n = len(m); print(m.ljust(20) + str(n))",
         "y = y * (2.0 if str(x)[:1] == '1' else 3.0)", "y = {'a': y}['a' if str(k) == '2' else 'b']",
         "y = {f'W{i}': v for i, v in enumerate([x, y])}['W1']",
         "d = {}; d[k] = y; y = d[k] * x", "d = {k: y}; y = sum(d.values())",
         "y = y * int(str(int(x))) * len({k: x})"]
BLOCKS = ["if x < 0:\n        raise ValueError(f'bad {x}')",
          "m = ''\n    for i in range(3):\n        m += str(x)\n        x = x * y\n    print(m)",
          "i, m = 0, ''\n    while x < 10:\n        m = f'{i}: {x}'\n        x, i = x * y, i + 1\n"
          "    if m:\n        print(m)",
          "if x > 0:\n        m = f'above {x}'\n    else:\n        m = 'below'\n    print(m)"]


@pytest.mark.parametrize("text", READ_AGAIN)
def test_what_is_read_again_is_refused(text):
    with pytest.raises(revad.UnsupportedError):
        g = revad.grad(Row(text, x=1.5, y=2.0, k=2).function())
        g.backward(1.0, g.forward(1.5, 2.0, 2)[1])


@pytest.mark.parametrize("block", SHOWN + BLOCKS)
def test_what_is_shown_or_compared_is_left_alone(block):
    f = Row("x * y", x=1.5, y=2.0, k=2).function(before=block)
    with contextlib.redirect_stdout(io.StringIO()):
        assert_gradient(f, (1.5, 2.0, 2), ("x", "y"))


def test_text_beside_a_value():
    def f(x):
        return np.sum(x**2), f"{x[0]:.1f}"

    (value, said), cache = revad.grad(f).forward(np.array([1.0, 2.0]))
    assert (value, said) == (5.0, "1.0")
    np.testing.assert_array_equal(revad.grad(f).backward((1.0, None), cache), [2.0, 4.0])
