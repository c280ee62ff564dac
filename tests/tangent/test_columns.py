"""Jacobians by one text: several directions at once give what one after the other gives, band or not."""
import copy
import warnings

import numpy as np
import pytest
from corpus import all_cases
from corpus.programs import all_cases as all_programs
from corpus.runner import quietly
from differences import leaves
from directions import numeric_tangent
from golden_blocks import CASES
from test_gates import TABLE

import revad
from revad.runtime import columns as columns_module
from revad.runtime.assembly import Blocks, size_of
from revad.runtime.cotangents import Leaf, layout_of
from revad.runtime.derivatives import by_columns


def one_by_one(jacobian, args):
    """The Jacobian by one call of forward mode for each column."""
    inputs = jacobian.layout(jacobian.gradient.complete(args, {}))
    value, _ = jacobian.gradient.forward(*copy.deepcopy(args))
    blocks = Blocks(layout_of(value), inputs)
    by_columns(jacobian._along, blocks, args, {})
    return blocks.assembled()


def compare(result, expected, args):
    tolerance = 1e-6 if any(getattr(leaf, "dtype", None) == np.float32 for _, leaf in leaves(args)) else 1e-9
    for (path, a), (_, b) in zip(leaves(result), leaves(expected), strict=True):
        assert np.shape(a) == np.shape(b), path
        np.testing.assert_allclose(np.asarray(a, float), np.asarray(b, float), rtol=tolerance, atol=tolerance)


def assert_together(f, args, wrt=None, *_, kwargs=None, **options):
    """The texts for several directions and for all elements give what one direction after the other gives."""
    args = tuple(args)
    if kwargs:
        return None
    jacobian = revad.jacobian(f) if wrt is None else revad.jacobian(f, wrt=wrt)
    inputs = jacobian.layout(jacobian.gradient.complete(args, {}))
    if not 0 < size_of(inputs) < 100:
        return None
    try:
        expected = one_by_one(jacobian, args)
    except (revad.UnsupportedError, revad.CallError):
        return None
    columns, given = jacobian._together, args
    args = jacobian.gradient.complete(args, {})
    bound = columns.text_for(args)
    if bound is None:
        return None
    value, _ = jacobian.gradient.forward(*copy.deepcopy(given))
    outputs = layout_of(value)
    blocks = Blocks(outputs, inputs)
    columns.fill(bound, copy.deepcopy(args), blocks)
    compare(blocks.assembled(), expected, args)
    if not isinstance(inputs, Leaf) or len(inputs.shape) != 1 or not isinstance(outputs, Leaf) \
            or outputs.kind is not None:
        return bound
    whole = columns.units_text_for(args, inputs.shape[0])
    if whole is not None:
        given = copy.deepcopy(args)
        result = columns.all(whole, given)
        compare(result, expected, args)
        assert result.flags.writeable and not any(
            isinstance(leaf, np.ndarray) and np.shares_memory(result, leaf) for _, leaf in leaves(given))
    compare(columns.block(bound, args, inputs), expected, args)
    return bound


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.id)
def test_all_gates(row):
    assert_together(row.function(), row.args.values(), row.wrt)


def test_most_gates_have_one_text():
    """So that the test above tests something."""
    rows = TABLE[::40]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        texts = [assert_together(row.function(), row.args.values(), row.wrt) for row in rows]
    assert sum(text is not None for text in texts) > len(rows) / 2


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name)
                                  for case in [*all_cases(), *all_programs()][::3]])
def test_programs(case):
    quietly(case, assert_together)


@pytest.mark.parametrize("name", sorted(CASES))
def test_golden_functions(name):
    case = CASES[name]
    assert_together(case.function, case.args, case.wrt)


@pytest.mark.parametrize("name", sorted(CASES))
def test_hessians(name):
    case = CASES[name]
    if not isinstance(layout_of(case.function(*copy.deepcopy(case.args))), Leaf) \
            or np.ndim(case.function(*copy.deepcopy(case.args))):
        return
    hessian = revad.hessian(case.function, wrt=case.wrt)
    inputs = hessian.layout(hessian.gradient.complete(case.args, {}))
    if size_of(inputs) > 60:
        return
    blocks = Blocks(inputs, inputs)
    by_columns(hessian._along, blocks, case.args, {})
    compare(hessian(*case.args), blocks.assembled(), case.args)


# ---- by elements, and bands

def decays(p, t):
    return p[0] * np.exp(-p[1] * t) + p[2]


def in_a_branch(p, t):
    if t[0] > 0:
        return p[0] * t
    return p[1] * t


def diffusion(u, k):
    flux = k * (u[1:] - u[:-1])
    out = np.zeros_like(u)
    out[:-1] += flux
    out[1:] -= flux
    return out


def upwind(u):
    return u[2:] * u[:-2] - np.sin(u[1:-1])


def clipped(u):
    return np.where(u > 0.47, u**2, 3 * u)


def ends_matter(u):
    return u * u[0]


def reversed_order(u):
    return u[::-1] * 2


def last_ones(u):
    return u[-3:] - u[:3]


def one_for_all(u):
    out = np.zeros_like(u)
    out[:] = u[:1]
    return out + u


def in_a_loop(u):
    for _ in range(2):
        u = np.sin(u)
    return u


U = np.linspace(0.1, 0.9, 9)


@pytest.mark.parametrize("f, args, band", [
    (diffusion, (U, 1.5), (-1, 1)), (upwind, (U,), (0, 2)), (clipped, (U,), (0, 0)),
    (ends_matter, (U,), None), (reversed_order, (U,), None), (last_ones, (U,), None),
    (one_for_all, (U,), None), (in_a_loop, (U,), None), (lambda u: u + np.sum(u), (U,), None),
    (lambda u: np.ones(1) * u, (U,), None), (lambda u: u.reshape(3, 3).ravel(), (U,), None),
    (lambda u: 2.0 * u[3:], (U,), (3, 3)), (lambda u: -u + U, (U,), (0, 0)),
    (lambda u: np.concatenate([u, u]), (U,), None), (lambda u: u[np.arange(9)[::-1]], (U,), None)])
def test_bands_are_what_the_text_shows(f, args, band):
    for n in (9, 5, 3, 2, 1):
        u = args[0][:n]
        if f is in_a_loop or n == 9 or f in (diffusion, clipped, ends_matter):
            bound = assert_together(f, (u, *args[1:]), "u")
            assert n == 1 or bound is None or bound.variant.band == band
            jacobian = revad.jacobian(f, wrt="u")(u, *args[1:])
            direction = np.cos(np.arange(n))
            along, = numeric_tangent(f, (u, *args[1:]), [direction], "u")
            np.testing.assert_allclose(jacobian @ direction, along, rtol=1e-6, atol=1e-8)


def test_columns_by_their_formulas():
    jacobian, t = revad.jacobian(decays, wrt="p"), np.linspace(0.0, 1.0, 5)
    for p in (np.array([1.0, 2.0, 3.0]), np.array([0.5, 1.5, 2.5])):
        expected = np.stack([np.exp(-p[1] * t), -p[0] * t * np.exp(-p[1] * t), np.ones(5)], 1)
        for _ in range(2):
            np.testing.assert_allclose(jacobian(p, t), expected, rtol=1e-12)
    assert "J[1] =" in jacobian.source and "all columns at once" in jacobian.source
    longer = jacobian(np.arange(4.0), t)        # another text, of one column more
    assert longer.shape == (5, 4) and not longer[:, 3].any()
    assert_together(in_a_branch, (np.array([1.0, 2.0]), t + 1), "p")


def test_the_jacobian_of_a_linear_function_is_a_copy():
    X = np.arange(6.0).reshape(3, 2)
    jacobian = revad.jacobian(lambda p: X @ p)(np.ones(2))
    assert not np.shares_memory(jacobian, X)
    jacobian[:] = 0
    assert X[1, 1] == 3


def test_no_more_directions_at_once_than_there_is_room_for(monkeypatch):
    f, args = CASES["affine_relu"].function, CASES["affine_relu"].args
    whole = revad.jacobian(f)(*args)
    monkeypatch.setattr(columns_module, "ROOM", 100)
    compare(revad.jacobian(f)(*args), whole, args)
