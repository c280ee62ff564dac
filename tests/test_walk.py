"""walk follows variables through branches, returns and calls: against finite differences, and what it refuses whole."""
import math

import numpy as np
import pytest
from differences import assert_gradient
from from_text import function, lines

import revad

V, S = np.array([0.5, -1.5, 2.0]), np.arange(9.0).reshape(3, 3) / 7 - 0.4


def early_returns(x, y):
    if x > 0:
        return x * y
    if y > 1:
        z = x + y
    else:
        return y * y
    return z * x


def settings(x, mode='a', flag=True, n=3):
    if mode == 'a':
        y = x * 2
    elif mode == 'b':
        y = x * x
    else:
        raise ValueError(mode)
    if flag:
        y = y * x
    if n > 2:
        y = y + x
    return np.sum(y)


def parameter_that_is_none(x, y=None):
    if y is None:
        y = x * x
    return np.sum(x * y)


def isinstance_of_array(x):
    if isinstance(x, np.ndarray):
        return np.sum(x * x)
    return x


def rank_decides(x):
    if x.ndim == 1:
        x = x[None]
    return np.sum(x @ x.T)


def raise_and_assert(x, y):
    if x < 0:
        raise ValueError("no")
    assert y > 0, "bad"
    return x * y * y


def nested_function(x):
    def g(a, b=2.0):
        if a > b:
            return a * x[0]
        return b * a
    return g(x[0]) + g(x[2], b=x[1])


def arguments_of_all_kinds_inner(a, *rest, k=1, **kw):
    for r in rest:
        a = a * r + k
    return a * kw.get('z', 1.0)


def arguments_of_all_kinds(x):
    return arguments_of_all_kinds_inner(x[0], x[1], x[2], k=x[0]) + arguments_of_all_kinds_inner(*x, z=x[1]) + arguments_of_all_kinds_inner(x[0], **{'z': x[2]})


def recursion_inner(a, n):
    return a if n == 0 else a * recursion_inner(a, n - 1) + 1


def recursion(x):
    return recursion_inner(x[0], 4) + recursion_inner(x[1], 0)


def walrus(x):
    if (n := len(x)) > 2:
        s = (y := x * x)[0]
    else:
        s = 0.0
    return s * n + np.sum(y)


def truth_of_two(x, y):
    t = x > 0 and y > 0
    z = x * y if t else x + y
    return z if not t or x > 1 else z * z


def tuple_on_both_sides(x):
    a, b = (x[0], x[1]) if x[0] > 0 else (x[1], x[2])
    return a * b


def dict_on_both_sides(x):
    p = {'a': x[0], 'b': x[1]} if x[0] > 0 else {'a': x[2], 'b': x[1]}
    return p['a'] * p['b']


def dict_changed_on_both_sides(x):
    p = {'a': x[0]}
    if x[0] > 0:
        p['a'] = x[1]
    else:
        p['a'] *= x[2]
    return p['a'] ** 2


def list_changed_on_both_sides(x):
    l = []
    if x[0] > 0:
        l.append(x[0])
    else:
        l.append(x[1])
    l.append(x[2])
    return l[0] * l[1]


def global_array(x):
    global V
    return np.sum(V * x)


def imports_inside(x):
    import math as m
    from numpy import sin
    return m.exp(x[0]) * np.sum(sin(x))


def return_inside_errstate(x):
    with np.errstate(all='ignore'):
        y = np.exp(x)
        if y[0] > 1:
            return np.sum(y)
    return np.sum(x)


def deleted_names(x):
    for i in range(3):
        y = x[i]
        del y
    n = 4
    del n
    return x[0] ** 2


def print_on_one_side(x):
    y = x * 2
    if y[0] > 100:
        print("big")
    elif y[0] > 0.5:
        y = y * y
    return y[0]


def function_as_setting(x, act=np.tanh, k=2):
    return np.sum(act(x) ** k)


def closures_of_closures(x):
    def outer(a):
        def inner(b):
            return a * b
        return inner
    g = outer(x[0])
    return g(x[1]) + outer(x[2])(x[0])


def closure_sees_the_last_value(x):
    c = x[0]
    def g():
        return c * x[1]
    c = c * x[2]
    return g() + c


def closure_cell_in_a_list(x):
    c = [0.0]
    def g(v):
        c[0] = c[0] + v * v
    for i in range(3):
        g(x[i])
    return c[0] * x[0]


def functions_in_a_list(x):
    fs = [np.sin, np.cos, lambda v: v * v]
    y = x
    for g in fs:
        y = g(y)
    return np.sum(y)


def overwritten_with_a_constant(x, y):
    if x > 0:
        x = 2
    return x * y * y


def while_with_return(x, y):
    while x < 10:
        if y < 0:
            return x * x
        x = x * 2 + y
    return x * y


CASES = [
    (early_returns, (1.5, 0.7)), (settings, (V,)), (parameter_that_is_none, (V,)), (isinstance_of_array, (V,)),
    (rank_decides, (V,)), (raise_and_assert, (1.5, 0.7)), (nested_function, (V,)), (arguments_of_all_kinds, (V,)),
    (recursion, (V,)), (walrus, (V,)), (truth_of_two, (0.5, 0.7)), (tuple_on_both_sides, (V,)),
    (dict_on_both_sides, (V,)), (dict_changed_on_both_sides, (V,)), (list_changed_on_both_sides, (V,)),
    (global_array, (V,)), (imports_inside, (V,)), (return_inside_errstate, (V,)), (deleted_names, (V,)),
    (print_on_one_side, (V,)), (function_as_setting, (V,)), (closures_of_closures, (V,)),
    (closure_sees_the_last_value, (V,)), (closure_cell_in_a_list, (V,)), (functions_in_a_list, (V,)),
    (overwritten_with_a_constant, (1.5, 0.7)), (while_with_return, (1.5, 0.7))]


@pytest.mark.parametrize("function, args", CASES, ids=[f"{c.__name__} {number}" for number, (c, _) in enumerate(CASES)])
def test_gradient(function, args):
    assert_gradient(function, args)
