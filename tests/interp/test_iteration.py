"""Loops over all that can be gone through, rolled and written out: against finite differences."""
import functools
import itertools

import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient
from from_text import assert_second, function, typed

import revad
from revad import UnsupportedError, grad
from revad.ir.nodes import Loop

V, S = np.array([0.5, -1.5, 2.0]), np.arange(9.0).reshape(3, 3) / 7 - 0.4
W = V[::-1] * 0.7 + 0.2


def lstm_cells(x):
    h = c = np.zeros(3)
    for i in range(3):
        c = c + h * x
        h = np.tanh(c + x[i])
    return np.sum(h * c)


def accumulated(x):
    y = x * 1
    for i, v in enumerate(x):
        y[i] += v * y[i - 1]
    return np.sum(y * x)


def enumerated_zip(x):
    s = 0.0
    for i, (a, b) in enumerate(zip(x, x[::-1]), 1):
        s += a * b ** i
    return s


def reversed_range_and_array(x):
    s = 0.0
    for i in reversed(range(len(x))):
        s = s * x[i] + i
    for v in reversed(x):
        s = s * v + 1
    return s


def dict_items_keys_values(p):
    s = 0.0
    for k, v in p.items():
        if k == 'w':
            s += np.sum(v * v)
        else:
            s *= v
    for k in p:
        s += np.sum(p[k])
    for v in p.values():
        s += np.sum(v ** 2)
    return s


def dict_comprehension(x):
    d = {k: v * x[0] for k, v in zip('abc', x)}
    return d['a'] * d['b'] + sum(d.values())


def list_that_grows(x):
    ys = []
    for i in range(len(x)):
        ys.append(x[i] * (ys[-1] if ys else 1.0))
    return np.sum(np.array(ys) * x)


def countdown(x, n=3):
    s = x
    while n > 0:
        s = s * x + n
        n -= 1
    return np.sum(s)


def while_on_a_value(x):
    s = x
    n = 0
    while np.sum(s ** 2) < 100 and n < 20:
        s = s * 1.5 + x
        n += 1
    return np.sum(s) * n


def continue_break_else(x):
    s = 1.0
    for v in x:
        if v < 0:
            continue
        s = s * v + v
        if s > 10:
            break
    else:
        s = s * 3
    return s


def return_in_a_loop(x):
    for i in range(len(x)):
        if x[i] < 0:
            return x[i] ** 2 * x[0]
    return np.sum(x)


def return_in_inner_loop(x):
    for i in range(len(x)):
        for j in range(i):
            if x[i] * x[j] < 0:
                return x[i] ** 2 * x[j]
    return np.sum(x)


def break_in_inner_loop_else(x):
    s = 0.0
    for i in range(3):
        for j in range(3):
            if j > i:
                break
            s += x[i, j] * x[j, i]
        else:
            s *= 2
    return s


def largest(x):
    best = x[0]
    for v in x[1:]:
        best = v if v > best else best
    return best ** 2


def largest_by_max(x):
    best = x[0]
    for v in x[1:]:
        best = max(best, v * 2)
    return best ** 2


def two_at_once(x):
    a, b = 1.0, x[0]
    for _ in range(5):
        a, b = b, a + b * 0.5
    return a * b


def strides(x):
    t = 0.0
    for i in range(1, len(x), 2):
        t += x[i] * x[i - 1]
    for i in range(len(x) - 1, -1, -1):
        t += x[i] ** 2 * t
    return t


def rows_of_rows(x):
    t = 0.0
    for row in x:
        for v in row:
            t += v ** 2 * t + v
    return t


def enumerated_rows(x):
    t = 0.0
    for i, row in enumerate(x):
        row = row * 2
        t += row[i]
    return t * i


def appended_rows(x):
    out = []
    for row in x:
        out.append(np.sum(row ** 2))
    return np.max(np.array(out)) + np.sum(np.stack(out))


def arrays_of_comprehensions(x):
    return np.sum([v * 2 for v in x]) + np.sum(np.array([[a * b for a in x] for b in x]))


def max_min_prod_of_generators(x):
    return max(v * v for v in x) + min([v for v in x]) + np.prod([v for v in x])


def sum_with_start_and_map(x):
    return sum([np.sum(r) ** 2 for r in x], 1.0) + sum(map(lambda r: r[0] ** 2, x))


def generator_in_a_for(x):
    g = (v * v for v in x)
    s = 0.0
    for v in g:
        s += v
    return s


def appended_lists(x):
    ys = [x]
    for i in range(3):
        ys.append(ys[-1] * x + i)
    s = 0.0
    for y in ys[1:]:
        s += np.sum(y)
    return s


def insert_reverse_star(x):
    xs = list(x)
    xs.insert(0, x[1] * x[2])
    xs.reverse()
    a, *b, c = xs
    return a * b[0] + b[1] * c


def loop_in_a_loop(x):
    s = 0.0
    for i in range(len(x)):
        t = x[i]
        for k in range(2):
            t = t * t + s
        s += t
    return s


def no_rounds(x):
    total = 0.0
    for i in range(0):
        total += x[i]
    for v in x[:0]:
        total += v * 2
    return total + x[0]


def value_after_the_loop(x):
    for i in range(3):
        last = x[i] * 2
    return last * i


def layers_of_tuples(x, ws):
    for w, b in ws:
        x = np.tanh(x @ w + b)
    return np.sum(x)


def layers_of_dicts(x, ws):
    acts = [x]
    for l in range(len(ws)):
        acts.append(np.tanh(acts[l] @ ws[l]['w'] + ws[l]['b']))
    return np.sum(acts[-1]) + np.sum(acts[1])


def while_true_break(x):
    i = 0
    s = 0.0
    while True:
        s += x[i] ** 2
        i += 1
        if i >= len(x) or s > 3:
            break
    return s * i


def try_finally_in_a_loop(x):
    s = x[0]
    for i in range(3):
        try:
            s = s * x[i]
        finally:
            s = s + 1
    return s


def comprehension_over_settings(x):
    return np.sum(np.stack([x * k for k in (1, 2, 3)]) ** 2) + sum(k * x[k] for k in range(3))


def items_of_a_display(x):
    s = 0.0
    for k, v in {'a': x[0], 'b': x[1]}.items():
        s += v * (2 if k == 'a' else 3)
    for a, b in [(x[0], 1), (x[2], 5)]:
        s *= a + b
    return s


def triangle(x):
    m = np.zeros((3, 3))
    for i in range(3):
        for j in range(i + 1):
            m[i, j] = x[i] * x[j] + (m[i - 1, j] if i else 0.0)
    return np.sum(m * m)


def cholesky(x):
    L = np.zeros((3, 3))
    A = x @ x.T + 3 * np.eye(3)
    for i in range(3):
        for j in range(i + 1):
            s = sum(L[i, k] * L[j, k] for k in range(j))
            if i == j:
                L[i, j] = np.sqrt(A[i, i] - s)
            else:
                L[i, j] = (A[i, j] - s) / L[j, j]
    return np.sum(L ** 3)


def values_of_a_parameter(p):
    s = 0.0
    for v in p.values():
        s += v ** 2
    return s


def keys_of_a_parameter(p):
    s = 0.0
    for k in p:
        s += p[k] ** 2
    return s


def pairs(p):
    s = 1.0
    for a, b in p:
        s = s * a + b
    return s


def return_in_while(x, y):
    while x < 10:
        if y < 0:
            return x * x
        x = x * 2 + y
    return x * y


def list_parameter_stored_into(p):
    n = len(p)
    for i in range(n):
        p[i] = p[i] * p[i - 1]
    return p[0] * p[1]


def settings_in_a_range(x, n=3):
    s = 0.0
    for i in range(n):
        if i == 1:
            continue
        s += x ** i
    return s


def return_in_a_loop_of_an_inner_function(x):
    def g(v):
        for i in range(3):
            if v * i > 2:
                return v * i
            v = v * 1.5
        return v
    return g(x) * g(x * 2)


def names_inside_a_branch_of_a_loop(x):
    s = 0.0
    for i in range(3):
        t = x * i
        if t > 2:
            u = t * t
            s += u
        elif t > 1:
            s += np.sin(t)
    return s


def none_at_first(x):
    y = None
    for i in range(3):
        y = x if y is None else y * x
    return y


def minus_infinity_at_first(x):
    m = -np.inf
    for v in x:
        m = max(m, v)
    return m * x[0]


def filter_with_a_store(x):
    y = np.empty_like(x)
    y[0] = x[0]
    for i in range(1, len(x)):
        y[i] = 0.5 * y[i - 1] + x[i]
    return np.sum(y ** 2)


def states_in_an_array(x):
    y = np.zeros((4, 3))
    for t in range(3):
        y[t + 1] = np.tanh(y[t] + x * t)
    return np.sum(y[1:] ** 2) + y[-1, 0]


def states_in_a_list(x):
    h = np.zeros(3)
    hs = []
    for t in range(4):
        h = np.tanh(h * x + t)
        hs.append(h)
    return np.sum(np.stack(hs) * x) + np.sum(hs[2])


def states_in_a_dict(x):
    hs = {-1: np.zeros(3)}
    for t in range(3):
        hs[t] = np.tanh(hs[t - 1] * x + t)
    return np.sum(hs[2] + hs[0])


CASES = [
    (lstm_cells, (V,)), (accumulated, (V,)), (enumerated_zip, (V,)), (reversed_range_and_array, (V,)),
    (dict_items_keys_values, ({'w': V, 'b': 2.0},)), (dict_comprehension, (V,)), (list_that_grows, (V,)),
    (countdown, (V,)), (while_on_a_value, (V,)), (continue_break_else, (V,)), (return_in_a_loop, (V,)),
    (return_in_inner_loop, (V,)), (break_in_inner_loop_else, (S,)), (largest, (V,)), (largest_by_max, (V,)),
    (two_at_once, (V,)), (strides, (V,)), (rows_of_rows, (S,)), (enumerated_rows, (S,)),
    (appended_rows, (S,)),
    (arrays_of_comprehensions, (V,)), (max_min_prod_of_generators, (V,)), (sum_with_start_and_map, (S,)),
    (generator_in_a_for, (V,)), (appended_lists, (V,)), (insert_reverse_star, (V,)), (loop_in_a_loop, (V,)),
    (no_rounds, (V,)), (value_after_the_loop, (V,)), (layers_of_tuples, (V, [(S, 0.5), (S.T.copy(), 1.0)])),
    (layers_of_dicts, (V, [{'w': S, 'b': V}, {'w': S.T.copy(), 'b': W}])), (while_true_break, (V,)),
    (try_finally_in_a_loop, (V,)), (comprehension_over_settings, (V,)), (items_of_a_display, (V,)),
    (triangle, (V,)),
    (cholesky, (S,)), (values_of_a_parameter, ({'w': 1.5, 'b': 2.0},)),
    (keys_of_a_parameter, ({'w': 1.5, 'b': 2.0},)), (pairs, ([(2.0, 0.5), (3.0, 1.0)],)),
    (return_in_while, (1.5, 0.7)), (list_parameter_stored_into, ([2.0, 3.0],)), (settings_in_a_range, (1.5,)),
    (return_in_a_loop_of_an_inner_function, (1.5,)), (names_inside_a_branch_of_a_loop, (1.5,)),
    (none_at_first, (1.5,)), (minus_infinity_at_first, (V,)), (filter_with_a_store, (V,)),
    (states_in_an_array, (V,)), (states_in_a_list, (V,)), (states_in_a_dict, (V,))]


@pytest.mark.parametrize("function, args", CASES,
                         ids=[f"{c.__name__} {number}" for number, (c, _) in enumerate(CASES)])
def test_gradient(function, args):
    assert_gradient(function, args)


@pytest.mark.parametrize("value", [1.5, -0.7, 4.0])
def test_every_way_through_a_loop_that_returns(value):
    x = np.array([value, -value + 0.5, 2.0])
    for f in (return_in_a_loop, return_in_inner_loop, continue_break_else, while_true_break):
        assert_gradient(f, (x,))
    assert_gradient(return_in_while, (abs(value), -0.3))


def test_an_array_may_have_any_length():
    gradient = revad.grad(function("def f(x):\n    s = 0.0\n    for v in x:\n        s = s * v + v\n"
                                   "    return s"))
    assert gradient(np.array([2.0, 3.0])).tolist() == [3.0, 3.0]
    once = gradient.source
    assert gradient(np.array([])).tolist() == [] and gradient(np.array([1.0])).tolist() == [1.0]
    assert gradient.source == once and once.count("for ") == 3      # one of them is in a comment


ROLLED = ["for i in range(9): s += x[i % 3]", "for v in x: s += v", "for i, v in enumerate(x): s += v * i",
          "for i, v in enumerate(x, 1): s += v * i", "for a, b in zip(x, x): s += a * b",
          "for i in reversed(range(3)): s = s * x[i]", "for v in reversed(x): s = s * v + 1",
          "for i in range(1, 9, 2): s += x[i % 3]", "s = sum(v * v for v in x)",
          "s = sum(v for v in x if v > 0)", "for a, b in zip(x[1:], x[:-1]): s += a * b",
          "for i, (a, b) in enumerate(zip(x, x)): s += a * b",
          "ys = [v * v for v in x if v > 0]; s = sum(ys)", "ys = [v * v for v in x]; s = ys[0]",
          "ys = []\n    for v in x: ys.append(v)\n    s = ys[0]"]
WRITTEN_OUT = ["for v in [x[0], x[1]]: s += v", "for v in (x, x * 2): s = s + v.sum()",
               "for k, v in {'a': x[0]}.items(): s += v",
               "ys = [v * v for v in (x[0], x[1])]; s = ys[0]",
               "ys = []\n    for v in (x[0], x[1]): ys.append(v)\n    s = ys[0]",
               "for a, b in zip(x, x[1:]): s += a * b", "for g in (np.sin, np.cos): s += g(x[0])",
               "for a in map(np.sin, x): s += a",
               "for i, v in enumerate([x[0], x[1]]): s += v * i",
               "for v in reversed([x[0], x[1]]): s = s * 2 + v"]


@pytest.mark.parametrize("body, rolled", [*((b, True) for b in ROLLED), *((b, False) for b in WRITTEN_OUT)])
def test_a_loop_whose_rounds_are_alike_stays_one(body, rolled):
    text = f"def f(x):\n    s = 0.0\n    {body}\n    return s * x[1]"
    assert_gradient(function(text), (V,))
    program, _ = typed(text, V)
    assert any(isinstance(stage, Loop) for stage in program.block) == rolled


# What a round gives a variable may be there before the loop, and a list that gets another element may hold
# what is stored into.
CARRIED = {
    "from outside": "s = x[0]; y = x[1] * 2\n    for i in range(3):\n        z = s * y\n        s = y\n"
                    "    return s * s + z",
    "from outside, array": "h = x * 1.0; g = np.sin(x)\n    for i in range(2):\n        h = h * x[i]\n"
                           "        h = g\n    return np.sum(h * h)",
    "from outside, no round": "s = x[0]; y = x[1] * 2\n    for i in range(0):\n        s = y\n"
                              "    return s * s",
    "from outside, in a while": "s = x[0]; y = x[1]; n = 0\n    while n < 2:\n        n += 1\n"
                                "        s = y\n    return s * s + x[0]",
    "appended, then stored into": "ys = []\n    for i in range(3):\n        h = x * x[i]\n"
                                  "        ys.append(h)\n        h[0] = 2.0 * h[1]\n"
                                  "    return np.sum(np.stack(ys)**2)",
    "replaced, and stored into": "h = x * 1.0\n    d = [x, h]\n    for i in range(3):\n"
                                 "        d[0] = d[0] * x[i]\n        h[0] = x[1]\n"
                                 "    return np.sum(d[0]**2 * d[1])",
    "replaced, by another name": "d = [x, x * 2]; e = d\n    for i in range(3):\n"
                                 "        d[0] = d[0] * x[i]\n    return np.sum(e[0]**2)",
    "replaced, in a dict": "d = {'W': x}; t = (d, 1)\n    for i in range(3):\n"
                           "        d['W'] = d['W'] * x[i]\n    return np.sum(t[0]['W']**2)",
}


@pytest.mark.parametrize("name", CARRIED)
def test_what_a_round_leaves(name):
    assert_gradient(function(f"def f(x):\n    {CARRIED[name]}"), (V,))


ROUNDS = "'for' loop: how many rounds it has is not known when compiling. Loop over a range or an array."
GROWS = "its structure or its shape changes from round to round. Make it as large as it gets before the loop."
UNKNOWN = "loop: what it goes over is not known when compiling. Loop over a range, a list or an array."


@pytest.mark.parametrize("body, line, message", [
    ("s = 0; for i in {1, 2}: s += x[i]; return s", 3,
     "loop: what it goes over is not known when compiling. Loop over a range, a list or an array."),
    ("s = 0.0; for a, b in zip(x, x[x > 0]): s += a * b; return s", 3, ROUNDS),
    ("y = x; while y.sum() < 10: y = np.concatenate([y, y + 5]); return np.sum(y)", 3, "name 'y': " + GROWS),
    ("y = []; while len(y) < x[0]: y = y + [x[0]]; return sum(y)", 3,
     "list whose length shows only while running: this cannot "
     "be done with it. Make it an array, with np.array."),
    ("y = [x[0]]; y.append(x[1]) if x[0] > 0 else None; return sum(y)", 3,
     "call whose result is not used: it may change its arguments, "
     "which the gradient would not follow. Use what it returns, or take the call out of the function."),
    ("y = [x[0]]; for v in y: len(y) > 2 or y.append(v * 2); return sum(y)", 3,
     "call whose result is not used: it may change its arguments, "
     "which the gradient would not follow. Use what it returns, or take the call out of the function."),
    ("y = [x[0]]; for v in y: y.append(v * 2); return sum(y)", 3,
     "loop: the list that it goes over grows or shrinks in it. Loop over a copy."),
    ("for i in range(5000): t = [x] * (i % 3); return x[0]", 2,
     "'for' loop: it has more than 4096 rounds. Compute with whole arrays."),
    ("for i in range(3): g = lambda v: v * i; return g(x[0])", 3,
     "name 'g': it is a function or object that changes in a loop. Choose it before the loop."),
    ("s = 0.0; it = iter(x); s += next(it); return s", 4,
     "call of next: revad has no rule for it. Declare its derivative with @revad.elementwise(next) or "
     "@revad.adjoint(next)."),
])
def test_refused(body, line, message):
    f = function("def f(x):\n" + "".join(f"    {part}\n" for part in body.split("; ")))
    with pytest.raises(revad.UnsupportedError) as caught:
        revad.grad(f)(V)
    problem, = caught.value.diagnostics
    assert (problem.place.line, f"{problem.what}: {problem.why}. {problem.instead}") == (line, message)


LAZY = ["items", "iter(items)", "reversed(items)", "enumerate(items)", "zip(items, items)",
        "map(lambda v: k * v, items)", "(k * v for v in items)", "generated(items)", "d", "d.keys()",
        "d.values()", "d.items()", "itertools.chain(items, items)", "itertools.islice(items, 2)",
        "itertools.accumulate(items)", "itertools.cycle(items)", "itertools.product(items, items)"]
CHANGES = ["items.append(x[3])", "items[0] = k * x[3]", "items = [x[3]]", "k = 3 * x[3]",
           "d[5] = k", "d[0] = k"]
AROUND = """
    def f(x):
        def generated(items):
            for v in items:
                yield v * k
        k, items, d, s = x[0], [x[1], x[2]], {{0: x[1], 1: x[2]}}, 0.0
        {before}
        for n, v in zip(range(4), {lazy}):
            s = s * 1.5 + np.sum(np.array(v))
            {inside}
        return s
"""


@pytest.mark.parametrize("lazy", LAZY)
def test_what_a_loop_goes_over_changes_before_an_item_is_taken(lazy):
    """Python takes the items one by one: the gradient is right, refused, or the function's own error."""
    x, right = np.array([0.3, 0.7, 1.2, 0.5]), 0
    for change in CHANGES:
        for parts in ({"before": f"it = {lazy}; {change}", "lazy": "it", "inside": "pass"},
                      {"before": "pass", "lazy": lazy, "inside": change}):
            f = function(AROUND.format(**parts), itertools=itertools)
            try:
                f(x)
            except RuntimeError:
                with pytest.raises((RuntimeError, UnsupportedError)):
                    grad(f)(x)
                continue
            try:
                grad(f)(x)
            except UnsupportedError:
                continue
            assert_gradient(f, (x,))
            right += 1
    assert right >= 4


@pytest.mark.parametrize("call", [
    "functools.reduce(g, x)", "functools.reduce(g, x, 2.0)", "functools.reduce(g, [])",
    "functools.reduce(g, x, 1.0, 2.0)", "functools.reduce(g, list(x) + [np.sum(x)])",
    "functools.reduce(g, x, default=1.0)"])
@pytest.mark.parametrize("around", [
    "return {}", "r = 2.0\n    if np.sum(x) > 9:\n        r = {}\n    return r * np.sum(x)"])
def test_reduce(call, around):
    """Of nothing, and with other arguments than it takes, it raises as Python's own where it runs.

    Elsewhere it is refused.
    """
    text = f"def f(x):\n    g = lambda a, b: a * 0.3 + b * b\n    {around.format(call)}"
    f = function(text, functools=functools)
    for n in (0, 1, 4, 0):
        x = np.linspace(0.5, 1.5, n)
        try:
            f(x)
            grad(f)(x)
        except TypeError as error:
            with pytest.raises(type(error)):
                grad(f)(x)
        except UnsupportedError as error:
            assert "call of reduce" in str(error) and "if" in around
        else:
            assert_gradient(f, (x,))


@pytest.mark.parametrize("text", [
    "r * 2", "-r", "r.shape", "r.T", "r.sum()", "r + r", "r ** 2", "abs(r)", "x * r", "x + r", "r @ x", "r - x",
    "r[1:] * x[1:]", "r[::-1] * x", "r[0] * x", "np.array(r) * x", "np.add(r, 1) * x", "x[r]", "len(r) * x",
    "sum(r) * x", "np.sum(r) * x", "np.outer(r, x)", "x ** r", "np.dot(x, r)", "np.where(x > 0, r, x)", "r[0.0] * x",
    "list(r)[0] * x", "(0 in r) * x", "r[None] * x", "r.T @ x", "np.maximum(x, r) * r"])
def test_a_range_is_no_array_but_beside_one(text):
    """What Python's range does not take raises; beside an array it counts as the array of its numbers."""
    f = function(f"def f(x):\n    r = range(len(x))\n    return np.sum(x * x) + np.sum({text})")
    df = grad(f)
    for n in (3, 1, 0, 4):
        x = np.linspace(0.3, 0.9, n)
        try:
            f(x)
        except (TypeError, AttributeError, IndexError) as error:
            with pytest.raises((type(error), UnsupportedError)):
                df(x)
            continue
        try:
            df(x)
        except UnsupportedError:
            assert text == "(0 in r) * x"
            continue
        np.testing.assert_allclose(df(x), numeric_gradient(f, (x,)), rtol=1e-6, atol=1e-8)
        assert_second(f, x)


@pytest.mark.parametrize("header, term", [
    ("a, b in zip(y, reversed(y))", "a * b"), ("(i, a), b in zip(enumerate(y, 1), reversed(y))", "a * b * i"),
    ("(a, c), b in zip(zip(y, w), reversed(w))", "a * b * c"),
    ("a, i in zip(y, reversed(range(len(y))))", "a * i"),
    ("i, (a, b) in enumerate(zip(m, reversed(m)))", "a * b * i"), ("a, b in zip(m, reversed(y))", "a * b"),
    ("a, b in zip(reversed(m), w)", "a * b * x"),
])
def test_one_way_and_the_other_at_a_time(header, term):
    f = function(f"""
    def f(x, y, w):
        m = []
        for v in y:
            m.append(v * x**2)
        s = 0.0
        for {header}:
            s = s * x + {term}
        return s
    """)
    for n in (4, 1, 0):
        args = 1.3, np.array([0.5, 1.2, -0.3, 2.0])[:n], np.array([0.8, -0.7, 1.9, 0.4])[:n]
        assert_gradient(f, args)
        assert_second(f, *args)
