"""Directional differences of the program itself: the reference for every tangent of forward mode.

    numeric_tangent(f, args, directions, wrt)    the derivative of each part of the output along a direction
    random_directions(f, args, wrt)              a direction for each input, in its structure
    assert_tangent(f, args, wrt)                 revad's tangent is right in value, structure, shape and dtype
"""

import copy
import types

import numpy as np
from differences import (
    STEP,
    _Check,
    _identical,
    _overwrite,
    _shape_of,
    call,
    is_float,
    is_real,
    leaves,
    parameters,
    random_dout,
    real_inputs,
    spread,
    widened,
    with_leaves,
)


def random_directions(f, args, wrt=None, integers=False, seed=0):
    """A direction for each input that is differentiated: of its structure, None for what is no number."""
    rng = np.random.default_rng(seed)
    positions, _, _ = parameters(f, args, wrt)
    inputs = real_inputs(f, args, wrt, integers)

    def draw(leaf, given):
        if not is_float(leaf):
            return None if not is_real(leaf) else 0.0
        drawn = rng.uniform(0.3, 1.0, np.shape(leaf)) * rng.choice([-1.0, 1.0], np.shape(leaf))
        dtype = given.dtype if is_float(given) and hasattr(given, "dtype") else np.dtype(float)
        if isinstance(leaf, np.ndarray):
            return drawn.astype(dtype)
        return dtype.type(drawn) if hasattr(given, "dtype") else float(drawn)

    return [with_leaves(inputs[i], [draw(leaf, given) for (_, leaf), (_, given)
                                    in zip(leaves(inputs[i]), leaves(args[i]))], types.SimpleNamespace)
            for i in positions]


def numeric_tangent(f, args, directions, wrt=None, kwargs=None, fresh=None, integers=False, step=STEP):
    """The derivative along `directions` by central differences, extrapolated: one for each leaf of the output."""
    kwargs = widened(kwargs or {})
    inputs = real_inputs(f, args, wrt, integers)
    positions, _, _ = parameters(f, args, wrt)

    def outputs(h):
        moved = list(inputs)
        for position, direction in zip(positions, directions):
            new = [leaf if d is None or not is_float(leaf) else leaf + h * np.float64(d)
                   if not isinstance(leaf, float) else leaf + h * float(d)
                   for (_, leaf), (_, d) in zip(leaves(inputs[position]), leaves(direction))]
            new = [_in_order(leaf, moved_leaf) for (_, leaf), moved_leaf in zip(leaves(inputs[position]), new)]
            moved[position] = with_leaves(inputs[position], new)
        return [leaf for _, leaf in leaves(call(f, moved, kwargs, fresh))]

    def difference(h):
        return [(np.float64(a) - np.float64(b)) / (2 * h) if is_float(a) else None
                for a, b in zip(outputs(h), outputs(-h))]

    h = step * 0.3
    return [None if a is None else (4 * a - b) / 3 for a, b in zip(difference(h / 2), difference(h))]


def _in_order(leaf, moved):
    """The order in memory decides what is a view."""
    if not isinstance(leaf, np.ndarray) or not is_float(leaf):
        return moved
    other = leaf.copy("K")
    other[...] = moved
    return other


def assert_tangent(f, args, wrt=None, rtol=1e-6, atol=1e-8, kwargs=None, fresh=None, output=None,
                   integers=False, expected=None):
    """revad's tangent of f is right: value, tangent, structure, shapes, dtypes, and no side effects."""
    import revad

    check = _Check(f, args, wrt, rtol, atol, kwargs or {}, fresh)
    directions = random_directions(f, args, wrt, integers)
    along = revad.jvp(f, **({} if wrt is None else {"wrt": wrt}))
    tangents = directions[0] if check.bare else tuple(directions)
    given, kwargs_given = copy.deepcopy((tuple(args), tangents)), copy.deepcopy(kwargs or {})
    copies = copy.deepcopy(given)

    def run():
        return check.evaluate(lambda *args, **kwargs: along(*args, tangents=copies[1], **kwargs), copies[0],
                              kwargs_given)
    value, tangent = run()
    check.same_output(value, "jvp")
    reference = numeric_tangent(f, args, directions, wrt, kwargs, fresh, integers)
    of_value, of_tangent = list(leaves(value)), list(leaves(tangent))
    assert [path for path, _ in of_value] == [path for path, _ in of_tangent], (
        f"the tangent is {_shape_of(tangent)} of a value {_shape_of(value)}")
    for (path, leaf), (_, t), r in zip(of_value, of_tangent, reference, strict=True):
        if r is None:
            assert t is None or not np.any(t), f"the tangent{path} of what has none is {t!r}"
            continue
        assert t is not None, f"the tangent{path} is None"
        check.of_one_leaf(t, r, leaf, f"output{path} (tangent)")
    check.untouched(copies[0], kwargs_given)
    assert all(map(_identical, [t for _, t in leaves(copies[1])], [t for _, t in leaves(given[1])])), (
        "a tangent that was given was changed")
    for path, t in of_tangent:
        if isinstance(t, np.ndarray) and t.size:
            assert t.flags.writeable, f"the tangent{path} is read-only"
            for _, other in leaves(copies):
                assert not isinstance(other, np.ndarray) or not np.shares_memory(t, other), (
                    f"the tangent{path} shares memory with an argument")
    kept = copy.deepcopy(tangent)
    _overwrite(tangent)
    check.untouched(copies[0], kwargs_given)
    check.identical(run()[1], kept, "a second call gives another tangent")


def assert_transpose(f, args, wrt=None, rtol=1e-6, atol=1e-8, kwargs=None, fresh=None, output=None,
                     integers=False):
    """Forward mode is the transpose of reverse mode: <dout, J v> is <J^T dout, v>."""
    import revad

    check = _Check(f, args, wrt, rtol, atol, kwargs or {}, fresh)
    directions = random_directions(f, args, wrt, integers, seed=1)
    dout = random_dout(f, args, wrt, kwargs, 2, fresh, output, integers)
    options = {} if wrt is None else {"wrt": wrt}
    args, kwargs = copy.deepcopy((tuple(args), kwargs or {}))
    tangents = directions[0] if check.bare else tuple(directions)
    along = revad.jvp(f, **options)
    _, tangent = check.evaluate(lambda *args, **kwargs: along(*args, tangents=tangents, **kwargs), args, kwargs)
    split = revad.grad(f, **options)
    _, cache = check.evaluate(split.forward, args, kwargs)
    gradients = split.backward(dout, cache)
    gradients = [gradients] if check.bare else list(gradients)
    outside = [np.multiply(d, t, dtype=float) for d, (_, t) in zip(spread(dout, tangent), leaves(tangent))
               if d is not None]
    inside = [np.multiply(g, v, dtype=float) for gradient, direction in zip(gradients, directions)
              for g, v in _paired(gradient, direction)]
    rtol = 1e-3 if check.narrow else 1e-8
    scale = sum(float(np.sum(np.abs(term))) for term in [*outside, *inside]) + 1.0
    one, other = (sum(float(np.sum(term)) for term in terms) for terms in (outside, inside))
    assert abs(one - other) <= rtol * scale, f"<dout, J v> is {one}, <J^T dout, v> is {other}"


def _paired(gradient, direction):
    """The leaves of both; of an object the attributes that the gradient has."""
    if gradient is None or direction is None:
        return
    if isinstance(gradient, dict):
        for key in gradient:
            yield from _paired(gradient[key], direction[key])
    elif isinstance(gradient, (list, tuple)):
        for pair in zip(gradient, direction, strict=True):
            yield from _paired(*pair)
    elif isinstance(gradient, types.SimpleNamespace):
        for name, part in vars(gradient).items():
            yield from _paired(part, getattr(direction, name))
    else:
        yield gradient, direction
