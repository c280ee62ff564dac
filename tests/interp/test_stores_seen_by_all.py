"""memory follows stores through every name of an array: against finite differences, and what it refuses whole."""
import warnings

import numpy as np
import pytest
from differences import assert_gradient
from from_text import assert_second, function

import revad

pytestmark = pytest.mark.quick

V, S = np.array([0.5, -1.5, 2.0]), np.arange(9.0).reshape(3, 3) / 7 - 0.4
W = V[::-1] * 0.7 + 0.2


def row_of_zeros(x):
    y = np.zeros((2, 3))
    r = y[0]
    r[:] = x * x
    y[1] = r * 2
    return np.sum(y * y * r)


def column_view(x):
    y = x * 1
    v = y.reshape(3, 1)
    v[1, 0] = y[0] * y[2]
    return np.sum(y * y) + np.sum(v)


def transposed_view(x):
    y = x * x
    t = y.T
    t[0] = t[1] * y[2, 0]
    y[1] *= 2
    return np.sum(t * y)


def list_sees_the_store(x):
    y = x * 2
    p = [y, x]
    y[0] = x[1] * x[2]
    return np.sum(p[0] * p[1]) + y[0]


def dict_sees_the_store(x):
    y = x * 2
    p = {'a': y}
    p['a'][1] = x[0] ** 2
    p['a'] *= x
    return np.sum(y * p['a'])


def nested_lists(x):
    y = x * 2
    p = {'a': [y, x]}
    q = p['a']
    q[0][1] = x[0] ** 2
    q.append(y[:2])
    y[0] = 5 * x[2]
    return np.sum(p['a'][2] * y[1:]) + np.sum(q[0])


def fill(x):
    y = x.copy()
    y.fill(3.0)
    y[0] = x[1]
    return np.sum(y * x)


def out_of_ufuncs(x):
    y = np.zeros(3)
    np.multiply(x, x, out=y)
    np.exp(y, out=y)
    return np.sum(y * x)


def add_at_twice_the_same(x):
    y = np.zeros(3)
    np.add.at(y, [0, 0, 2], x)
    np.subtract.at(y, [1, 0], x[:2] * x[0])
    return np.sum(y * y * x)


def alias_and_slice(x):
    y = x * x
    z = y
    z += x
    w = z[1:]
    w -= y[0] * y[:2]
    return np.sum(y * z) + np.sum(w)


def store_in_inner_function(x):
    def put(a, i, v):
        a[i] = v
    y = np.zeros(3)
    put(y, 0, x[0] * x[1])
    put(y[1:], 1, x[2] ** 2)
    return np.sum(y * x)


def store_in_function_inner(a, v):
    a[0] = v
    return a[1:]


def store_in_function(x):
    y = x * 2.0
    r = store_in_function_inner(y, x[0] * x[1])
    r[0] = x[2] * y[0]
    return np.sum(y * x)


def two_halves(x):
    y = x * 2.0
    a, b = y[:1], y[1:]
    a[0] = x[2] ** 2
    b[:] = b[::-1] * a[0]
    return np.sum(y * x)


def list_of_rows(x):
    rows = [r for r in x * x]
    rows[0][1] = rows[1][2] * rows[2][0]
    return np.sum(np.array(rows) * x)


def rows_of_a_loop(x):
    y = x * x
    for r in y:
        r[0] = r[1] * r[2]
    return np.sum(y * x)


def rows_scaled_in_a_loop(x):
    y = x * x
    for i, r in enumerate(y):
        r *= i + x[i, 0]
    return np.sum(y * x)


def row_view_inside_a_loop(x):
    y = x * x
    for i in range(len(y)):
        r = y[i]
        r[1:] = r[:-1] * x[0, i]
    return np.sum(y * x)


def reversed_view_in_a_loop(x):
    y = np.zeros_like(x)
    v = y[::-1]
    for i in range(len(x)):
        v[i] = x[i] ** 2 + (v[i-1] if i else 0.0)
    return np.sum(y * x)


def parameters_stored_into(x, y):
    x[0] = 3.0 * y[1]
    x *= y
    return np.sum(x * x)


def store_on_either_side(x, y):
    u, v = x * 1, y * 1
    if x[0] > 0:
        u[0] = y[1] ** 2
    else:
        v[0] = x[1]
    return np.sum(u * v)


def alias_stored_in_a_branch(x, y):
    u, v = x * 1, y * 1
    w = u
    if x[0] > 0:
        w[0] = y[1] ** 2
    return np.sum(u * v * w)


def asarray_and_atleast(x):
    y = x * 1
    z = np.asarray(y)
    z[0] = x[2] * x[1]
    q = np.atleast_1d(z)
    q[1] = x[0]
    return np.sum(y ** 2) * q[0]


def squeezed(x):
    y = x[None] * np.ones((1, 3))
    z = np.squeeze(y)
    z[0] = x[2] * x[1]
    return np.sum(y ** 2) * z[0]


def new_axis(x):
    y = x * 1
    z = y[:, None]
    z[0] = x[2] * x[1]
    z[1, 0] *= x[0]
    return np.sum(y ** 2) * z[0, 0]


def swapped_axes(x):
    y = x * 1
    z = np.swapaxes(y, 0, 1)
    z[0] = x[1] * x[2]
    return np.sum(y ** 2)


def transposed_then_flat(x):
    y = x * 1
    z = np.transpose(y)
    z[0] = x[1] * x[2]
    w = np.reshape(z, -1)
    return np.sum(y ** 2 * x) + w[0]


def flatten_copies(x):
    y = x * 1
    z = y.flatten()
    z[0] = x[1, 1]
    w = y.copy()
    w[0] = 2 * x[1]
    return np.sum(y ** 2 * x) + np.sum(z**2) + np.sum(w**2)


def copy_of_broadcast(x):
    y = np.broadcast_to(x, (2, 3)).copy()
    y[0] = x ** 2
    return np.sum(y * x)


def tuple_of_the_same_twice(x):
    y = x * 1
    p = (y, y)
    a, b = p
    a[0] = x[1] * b[2]
    return np.sum(b * y * p[1])


def masks_lists_and_ranges(x):
    y = x * x
    y[y > 1] = 0.5
    y[[0, 2]] *= x[:2]
    y[np.arange(3), ] += 1
    return np.sum(y * x)


def list_alias(x):
    y = [x, x * 2]
    z = y
    z[0] = x ** 2
    z += [x * 3]
    return np.sum(y[0] * y[2])


def list_copies_hold_what_they_held(x):
    y = [x, x * 2]
    z = y[:]
    z[0] = x ** 2
    w = list(y)
    w[1] = x
    return np.sum(y[0] * z[0] * w[1] * y[1])


def shallow_copy_holds_the_same_arrays(x):
    y = [x * 1, x * 2]
    z = y.copy()
    z[0][0] = x[2] ** 2
    return np.sum(y[0] * z[0])


def dict_copy_update_pop(x):
    p = {'w': x, 'b': x * 2}
    q = dict(p)
    q['w'] = x ** 2
    p.update(c=x * 3)
    del p['b']
    return np.sum(p['w'] * q['w'] * q['b'] * p.pop('c')) * len(p)


def dict_parameter(p):
    p['w'][0] = p['b'] * 2
    p['b'] = p['b'] ** 2
    return np.sum(p['w'] ** 2) * p['b']


def dict_parameter_copied(p):
    q = dict(p)
    q['w'] = q['w'] * q['b']
    q['w'] += 1
    return np.sum(q['w'] ** 2 * p['w'])


def dicts_in_a_list(p):
    for layer in p:
        layer['w'] *= 2
    return sum(np.sum(l['w'] ** 2) * l['b'] for l in p)


def view_of_a_dict_parameter(p):
    w = p['w']
    w[1:] = w[:-1] * p['b']
    return np.sum(p['w'] ** 2)


def swap_of_elements(x):
    m = x.copy()
    m[0], m[1] = m[1], m[0]
    return np.sum(m * x)


def swap_of_rows_at_once(x):
    m = x.copy()
    m[[0, 1]] = m[[1, 0]]
    return np.sum(m * x)


def swap_of_views(x):
    m = x.copy()
    a = m[0]
    m[0] = m[1]
    m[1] = a
    return np.sum(m * x)


def row_and_column(x):
    m = x * x
    c = m[:, 0]
    r = m[0, :]
    c *= x[0]
    r += c[1]
    return np.sum(m * x)


def alias_in_a_loop(x):
    y = np.zeros(3)
    z = y
    for i in range(3):
        z[i] = x[i] ** 2 + z[i - 1]
    return np.sum(y * x) + np.sum(z)


def two_views_in_a_loop(x):
    y = x * 1
    a, b = y[:-1], y[1:]
    for i in range(3):
        a += b * 0.1
        b *= x[i]
    return np.sum(y * x)


def list_in_a_loop(x):
    y = x * 1
    p = [y, x]
    for i in range(3):
        p[0][i] = p[1][i] ** 2 + y[i - 1]
    return np.sum(y * x) + np.sum(p[0])


def cast_is_a_copy(x):
    y = np.arange(3)
    z = np.asarray(y, dtype=float)
    z[0] = x[0]
    return np.sum(y * z)


def array_of_a_list(x):
    z = np.asarray([x[0], x[1]])
    z[0] = x[2]
    return np.sum(z * z)


def unpacked_numbers(x):
    a, b, c = x * 1
    a *= 2
    return a * b * c


def unpacked_rows(x):
    y = x * 1
    a, b, c = y
    a *= 2
    b[0] = c[1]
    return np.sum(a * b * c) + np.sum(y)


def flipped(x):
    y = x * 1
    z = np.flip(y)
    z[0] = y[0] * y[1]
    return np.sum(y ** 2)


def expanded(x):
    y = x * 1
    z = np.expand_dims(y, 0)
    z[0, 1] = y[0] * y[1]
    return np.sum(y ** 2)


def moved_axis(x):
    y = x * 1
    z = np.moveaxis(y, 0, 1)
    z[0] = y[0] * y[1]
    return np.sum(y ** 2)


def store_into_a_temporary(x):
    y = x * 1
    y.T[0] = 5.0
    y[1:][0] = y[0] * 2
    return np.sum(y * x)


def out_by_position(x):
    y = x * 1
    np.maximum(y, 0, out=y)
    np.add(y, x, y)
    np.cumsum(x, out=y[:])
    return np.sum(y * x)


def out_is_a_view(x):
    y = x * 1
    np.add(y[1:], x[1:], out=y[:-1])
    return np.sum(y * x)


def overlapping_slices(x):
    y = x * 1
    y[1:] += y[:-1]
    y[:-1] -= y[1:] * x[1:]
    return np.sum(y * x)


def closure_stores(x):
    y = x * x
    def g():
        y[0] = x[1]
    g()
    z = y
    g()
    return np.sum(z * y)


def list_sum(x):
    ys = []
    for i in range(3):
        ys = ys + [x[i] ** 2]
    return sum(ys) * ys[0]


def list_of_none(x):
    hs = [None] * 3
    for i in range(3):
        hs[i] = x[i] * (hs[i - 1] if i else 1.0)
    return hs[2] * hs[1]


def lists_repeated(x):
    hs = [0.0] * 3
    for i in range(3):
        hs[i] = x[i] * 2
    t = (x[0],) * 2 + (x[1],)
    return sum(hs) * t[0] * t[2]


def update_with_pairs(x):
    d = {}
    d.update([('a', x[0]), ('b', x[1])])
    return d['a'] * d['b']


def dicts_joined(x):
    d = {'z': x[2], **{'a': x[0]}}
    d |= {'b': x[1]}
    e = d | {'a': x[1]}
    return d['a'] * d['b'] * e['a'] * e['z']


CASES = [
    (row_of_zeros, (V,)), (column_view, (V,)), (transposed_view, (S,)), (list_sees_the_store, (V,)),
    (dict_sees_the_store, (V,)), (nested_lists, (V,)), (fill, (V,)), (out_of_ufuncs, (V,)),
    (add_at_twice_the_same, (V,)), (alias_and_slice, (V,)), (store_in_inner_function, (V,)),
    (store_in_function, (V,)), (two_halves, (V,)), (list_of_rows, (S,)), (rows_of_a_loop, (S,)),
    (rows_scaled_in_a_loop, (S,)), (row_view_inside_a_loop, (S,)), (reversed_view_in_a_loop, (V,)),
    (parameters_stored_into, (V, W)), (store_on_either_side, (V, W)), (alias_stored_in_a_branch, (V, W)),
    (asarray_and_atleast, (V,)), (squeezed, (V,)), (new_axis, (V,)), (swapped_axes, (S,)),
    (transposed_then_flat, (S,)), (flatten_copies, (S,)), (copy_of_broadcast, (V,)),
    (tuple_of_the_same_twice, (V,)),
    (masks_lists_and_ranges, (V,)), (list_alias, (V,)), (list_copies_hold_what_they_held, (V,)),
    (shallow_copy_holds_the_same_arrays, (V,)), (dict_copy_update_pop, (V,)),
    (dict_parameter, ({'w': V, 'b': 2.0},)), (dict_parameter_copied, ({'w': V, 'b': 2.0},)),
    (dicts_in_a_list, ([{'w': V, 'b': 2.0}, {'w': V+1, 'b': 3.0}],)),
    (view_of_a_dict_parameter, ({'w': V, 'b': 2.0},)), (swap_of_elements, (V,)), (swap_of_rows_at_once, (S,)),
    (swap_of_views, (S,)), (row_and_column, (S,)), (alias_in_a_loop, (V,)), (two_views_in_a_loop, (V,)),
    (list_in_a_loop, (V,)), (cast_is_a_copy, (V,)), (array_of_a_list, (V,)), (unpacked_numbers, (V,)),
    (unpacked_rows, (S,)), (flipped, (V,)), (expanded, (V,)), (moved_axis, (S,)),
    (store_into_a_temporary, (S,)),
    (out_by_position, (V,)), (out_is_a_view, (V,)), (overlapping_slices, (V,)), (closure_stores, (V,)),
    (list_sum, (V,)), (list_of_none, (V,)), (lists_repeated, (V,)), (update_with_pairs, (V,)),
    (dicts_joined, (V,))]


@pytest.mark.parametrize("function, args", CASES,
                         ids=[f"{c.__name__} {number}" for number, (c, _) in enumerate(CASES)])
def test_gradient(function, args):
    assert_gradient(function, args)


def test_a_view_of_an_array_in_rows_is_followed():
    f = function("""
        def f(x):
            y = np.zeros((3, 3))
            v = y.ravel()
            v[:3] = x * x
            y[1] = v[0]
            w = v.reshape(3, 3)
            w[2] *= y[1]
            return np.sum(y * x) + v[4]
        """)
    assert_gradient(f, (V,))


def test_what_is_stored_into_is_copied_only_where_its_old_value_is_needed():
    gradient = revad.grad(add_at_twice_the_same)
    gradient(V)
    assert ".copy()" not in gradient.source
    gradient = revad.grad(alias)
    gradient(V)
    assert gradient.source.rstrip() == """\
def alias_grad(x):
    # forward pass
    y = x * x
    z = y
    z[0] = 2.0
    # backprop np.sum(y * x)
    dy = x
    # backprop z[0] = 2.0
    dy = dy.copy()
    dy[0] = 0
    # backprop y = x * x
    dx = z + 2 * x * dy
    return dx"""


def alias(x):
    y = x * x
    z = y
    z[0] = 2.0
    return np.sum(y * x)


@pytest.mark.parametrize("body", [
    "y = x * 1; v = np.split(y, 3); v[0][0] = 2.0; return np.sum(y * x)",
    "y = x * 1; d = np.einsum('i->i', y); d[0] = 2.0; return np.sum(y * x)",
    "y = x[None] * x[:, None]; v = y.ravel(); v[0] = 2.0; return np.sum(y * x)",
    "y = x * np.ones((3, 3)); v = y.ravel(); y[0, 0] = 2.0; return np.sum(v * v)",
    "y = x * 1; v = np.reshape(y, (3, 1), order='F'); v[0, 0] = 2.0; return np.sum(y * x)",
])
def test_what_is_a_view_for_certain_is_followed(body):
    assert_gradient(function("def f(x):\n" + "".join(f"    {part}\n" for part in body.split("; "))), (V,))


CANNOT = "store into an array: it is a view of another that cannot be followed. Copy it before, with .copy()."
SHARED = "it may share its memory with an array that was stored into. Copy it before, with .copy()."


@pytest.mark.parametrize("body, line, message", [
    ("y = x * 1; v = np.lib.stride_tricks.as_strided(y, (2, 2), (8, 8)); v[0] = 2.0; return np.sum(y)", 4,
     CANNOT),
    ("y = x[None] * x[:, None]; v = y[:, ::2].reshape(-1); v[0] = 2.0; return np.sum(y)", 4,
     "store into an array: whether it is a view of another or a copy shows only while running. Copy it "
     "before, with .copy()."),
    ("y = x * np.ones((3, 3)); v = y.T[::-1].reshape(-1); y[0, 0] = 2.0; return np.sum(v)", 5,
     "name 'v': " + SHARED),
    ("y = x * 1; w = y if x[0] > 0 else x * 2; w[0] = 5.0; return np.sum(y)", 5, "name 'y': " + SHARED),
    ("y = np.arange(3); y[0] = x[0]; return np.sum(y)", 3,
     "store into an array of integers: it cuts off the fraction of "
     "what is stored. Make it an array of floats first, with .astype(float)."),
    ("y = x[0] * 1; y[0] = 2; return y", 3,
     "store into a subscript: what it stores into is a number, and not an array of "
     "known type. Make it an array first, with np.zeros or .copy()."),
    ("y = [x, x]; y[int(x[2])] = x * 2; return np.sum(y[0])", 3,
     "store into a list: which element it replaces is not known "
     "when compiling. Use a constant subscript, or an array instead."),
    ("y = x * 1; np.random.shuffle(y); return np.sum(y)", 3, "call of shuffle: what it moves where is drawn. "
     "Draw the places: x[np.random.permutation(len(x))]."),
    ("f.cache = x; return np.sum(x)", 2,
     "assignment to an attribute: its object is not known when compiling. "
     "Assign to a local name."),
])
def test_refused(body, line, message):
    f = function("def f(x):\n" + "".join(f"    {part}\n" for part in body.split("; ")))
    with pytest.raises(revad.UnsupportedError) as caught:
        revad.grad(f)(V)
    problem, = caught.value.diagnostics
    assert (problem.place.line, f"{problem.what}: {problem.why}. {problem.instead}") == (line, message)


@pytest.mark.parametrize("body", ["y = x * 1; y += x[:, None]; return np.sum(y)",
                                  "d = {'a': x}; return np.sum(d.pop('b'))"])
def test_what_the_function_itself_raises(body):
    f = function("def f(x):\n" + "".join(f"    {part}\n" for part in body.split("; ")))
    with pytest.raises(Exception) as wanted:
        f(V)
    with pytest.raises(wanted.type) as caught:
        revad.grad(f)(V)
    assert str(caught.value).splitlines()[0] == str(wanted.value)
    # The argument of a KeyError is its key.
    noted = hasattr(wanted.value, "add_note") or wanted.type is not KeyError
    assert not noted or "line 3" in str([*caught.value.args, *getattr(caught.value, "__notes__", ())])


@pytest.mark.parametrize("body", [
    "y = np.dot(x, w).reshape(2, 2, -1); y[:, 0] = np.tanh(y[:, 0]); y[:, 1:] *= 2.0; return np.sum(y ** 2)",
    "y = np.dot(x, w).reshape(2, 2, -1); z = y[:, 0]; z[0] = 3.0 * z[0]; return np.sum(y ** 2) + np.sum(z)",
    "y = (x * 2).reshape(2, -1); both = [y, y.T]; y[0] = w[0, 0]; "
    "return np.sum(both[0] ** 2) + np.sum(np.sin(both[1][0]))",
    "y = (x * 2).T.reshape(-1); z = y; y[1] = y[2] * z[3]; return np.sum(z ** 2)",
])
def test_a_reshape_of_what_has_no_other_name_is_stored_into(body):
    """Whether it is a view or a copy cannot be seen."""
    f = function("def f(x, w):\n" + "".join(f"    {part}\n" for part in body.split("; ")))
    x, w = np.arange(12.0).reshape(4, 3) / 7, np.arange(12.0).reshape(3, 4) / 5 - 1
    for layout in (np.ascontiguousarray, np.asfortranarray):
        assert_gradient(f, (layout(x), layout(w)))


@pytest.mark.parametrize("body", [
    "a = x * w; y = a.reshape(2, -1); y[0] = 1.0; return np.sum(a * w) + np.sum(y)",
    "a = [x * w]; y = a[0].reshape(2, -1); y[0] = 1.0; return np.sum(a[0]) + np.sum(y)",
    "a = x * w; g = lambda: a.sum(); y = a.reshape(2, -1); y[0] = 1.0; return g() + np.sum(y)",
])
def test_a_reshape_of_what_has_another_name_is_followed_where_its_layout_is_known(body):
    f = function("def f(x, w):\n" + "".join(f"    {part}\n" for part in body.split("; ")))
    x = np.arange(48.0).reshape(6, 8) / 29 - 0.7
    assert_gradient(f, (x[:2, :6].copy(), x[2:4, :6].copy()))
    with pytest.raises(revad.UnsupportedError, match="whether it is a view of another or a copy"):
        revad.grad(f)(x[::3, ::2], x[::3, ::2])


@pytest.mark.parametrize("view", ["a.T", "np.flip(a)", "a[:]", "a.T.T"])
@pytest.mark.parametrize("body", [
    "for i in range(3): x[-1] += 1.0; a[0] *= 2.0; j = x[i] * j",
    "for v in x: x[-1] *= 1.5; a[0] = a[1] * v; j = v * j",
    "for i in range(2): x[-1] *= 1.5; a[0] = x[1] * a[0]",
])
def test_rounds_that_store_through_an_array_and_through_a_view_of_it(view, body):
    """What a round leaves of the array is carried to the next, also where it is told as a view
    of the view."""
    header, _, rest = body.partition(": ")
    block = "\n".join(f"        {part}" for part in rest.split("; "))
    f = function(f"def f(a):\n    x, j = {view}, 1.0\n    {header}:\n{block}\n"
                 "    return j * np.sum(a ** 2) + np.sum(x * np.arange(3.0))")
    assert_gradient(f, (V,))


@pytest.mark.parametrize("made", [
    "np.broadcast_to(x[0], (3,))", "np.broadcast_to(x.sum(), (2, 3)).T[0]", "np.broadcast_to(x, (2, 3))",
    "np.broadcast_to(2.0, (3,))", "np.broadcast_to([x[0], 3.0], (2,))", "np.broadcast_to(x[:0], (2, 0))",
    "np.broadcast_to(x[0], (3, 2)).reshape(2, 3)", "np.broadcast_to(x[0], (3,)).ravel()",
    "np.broadcast_to(x[0], (1,)).reshape(1, 1)", "np.broadcast_to(x, (2, 3)).reshape(-1)",
    "np.asarray(np.broadcast_to(x[1], (3,)))", "np.broadcast_to(x[0], (3,)).copy()",
    "np.zeros(3) if len(x) > 3 else np.broadcast_to(x[2], (3,))", "[np.broadcast_to(x[2], (3,))][0]",
    "np.diag([x[0], 1.0])", "np.diag([[x[0], 1.0], [2.0, 3.0]])", "np.diag(np.outer(x, x))",
    "np.diagonal([[x[0], 1.0], [2.0, 3.0]])", "np.lib.stride_tricks.sliding_window_view([x[0], x[1]], 1)",
    "np.broadcast_arrays(x[0], np.zeros(3))[0]", "np.broadcast_arrays(x, np.zeros((2, 3)))[0]",
    "np.meshgrid(x, x * 2, copy=False)[0]", "np.meshgrid(x[0], x * 2, copy=False)[1]",
    "np.meshgrid(x[0], x * 2)[1]"])
@pytest.mark.parametrize("store", [
    "v[0] = x[1]", "v[-1:] += x[1]", "v += x[1]", "v *= 2.0", "np.copyto(v, x[0])",
    "for i in range(len(v)):\n        v[i] = x[2] * i", "if x[0] > 0.2:\n        v[0] = x[1]",
    "w = v[:1]\n    w[...] = x[2]"])
def test_what_is_read_only_or_has_elements_in_one_place(made, store):
    """A store that NumPy rejects is not accepted, and one that changes several elements is right
    or refused."""
    f = function(f"def f(x):\n    v = {made}\n    {store}\n    return np.sum(v * v * 0.5) + np.sum(x)")
    df = revad.grad(f)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            f(V)
        except (ValueError, IndexError) as error:
            with pytest.raises((type(error), revad.UnsupportedError)):
                df(V)
            return
        try:
            df(V)
        except revad.UnsupportedError:
            return
        assert_gradient(f, (V,))


@pytest.mark.parametrize("made", [
    "np.r_[x]", "np.r_[x[0], 2.0, x]", "np.c_[x]", "np.c_[x, x * 2]", "np.c_[x[:, None]]",
    "np.r_[0.5, 1.5, 2.5]"])
@pytest.mark.parametrize("store", [
    "t[None] *= 0.1", "t[0] = x[1]", "np.fill_diagonal(t, x[2])", "np.putmask(t, t > 0.7, x[0])", "t += x[1]",
    "v = t[:1]\n    v *= x[1]", "v = t\n    v[...] = x[2] * v", "np.add.at(t, [0, 0], x[1])"])
def test_what_is_joined_by_subscripts_is_a_new_array(made, store):
    f = function(f"def f(x):\n    t = {made}\n    {store}\n    return np.sum(t * t) + np.sum(x * x)")
    if "fill_diagonal" in store and "np.r_" in made:
        with pytest.raises(ValueError):
            revad.grad(f)(V)
        return
    assert_gradient(f, (V,))
    assert_second(f, V)
