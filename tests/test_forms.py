"""Forms of a function that one row for each function does not cover: where its rule has to look at more than the ranks.

A row is an expression over its parameters, as in test_gates; `FIRST` are checked at first order, `SECOND` at second order too.
"""
import inspect
import warnings

import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient, parameters
from test_gates import A, Row, rows

import revad

NUMPY_2 = not np.__version__.startswith("1.")


def rows_of(kind, texts, **args):
    """Rows of one kind, whose name stands in the id."""
    made = rows(texts, **args)
    for row in made:
        row.kind = kind
    return made


FIRST, SECOND = [], []
SYMMETRIC = A(3, 3) + 3 * np.eye(3) + A(3, 3).T

# --- tiles, whose axes agree with those of the array by chance

for _shape in ((), (3,), (2, 3), (1, 3)):
    _x = 0.7 if _shape == () else A(*_shape)
    for _reps in ("2", "1", "()", "(2,)", "(1, 2)", "(2, 1)", "(2, 1, 2)", "(1, 2, 2)", "(2, 1, 2, 1)", "(1, 1, 1)", "(0, 2)"):
        FIRST += rows_of("tiles", f"np.tile(x, {_reps})", x=_x)

# --- partitions arrange the rest as they like

for _x in (A(100), A(4, 60)):
    FIRST += rows_of("partitions", "np.partition(x, 2)\nnp.partition(x, -3)\nnp.partition(x, [1, 3])\nnp.partition(x, 1, axis=0)\n"
                     "np.partition(x, 2, axis=None)", x=_x)

# --- polynomials of several axes

for _shape in ((2, 3), (2, 2), (3, 1), (2, 1, 3), (1, 2)):
    for _x in (0.4, A(_shape[-1]), A(2, _shape[-1]), A(1)):
        FIRST += rows_of("polynomials", "np.polyval(p, x)", p=A(*_shape), x=_x)
FIRST += rows_of("polynomials", "np.polyval(x[None], 2.0)", x=A(3))

# --- which triangle of a symmetric matrix is read

FIRST += rows_of("triangles", """
    np.linalg.eigvalsh(x)
    np.linalg.eigvalsh(x, UPLO='U')
    np.linalg.eigvalsh(x, 'u')
    np.linalg.eigh(x, 'U')[0]
    np.abs(np.linalg.eigh(x, UPLO='U')[1])
    np.linalg.svd(x, hermitian=True)[1]
    np.linalg.svd(x, compute_uv=False, hermitian=True)
    np.abs(np.linalg.svd(x, hermitian=True)[0])
    np.linalg.pinv(x, hermitian=True)
    np.linalg.matrix_rank(x, hermitian=True) * x
    np.linalg.cholesky(x)
    """ + ("np.linalg.cholesky(x, upper=True)\nnp.linalg.cholesky(x, upper=False)" if NUMPY_2 else ""),
    x=SYMMETRIC @ SYMMETRIC.T + np.triu(A(3, 3), 1) / 9, rtol=1e-4)

# --- powers where the base is 0, or negative with a whole exponent

for _base in (np.array([0.0, 0.5, -1.5]), np.array([[0.0], [2.0]])):
    for _power in ("x**np.array([0, 1, 2])", "x**np.array([3.0, 0.0, 2.0])", "x**[0, 2, 1]", "np.power(x, [1, 2, 3])", "np.float_power(x, [0, 1, 3])",
                   "pow(x, np.array([0, 1, 2]))", "x**0 + x**1", "(x * np.ones(3))**2.0"):
        SECOND += rows_of("powers at 0", _power, x=_base)
SECOND += rows_of("powers at 0", "x**n", wrt="x", x=np.array([0.0, 0.5]), n=np.array([0, 2]))
SECOND += rows_of("powers at 0", "x**n", wrt="x", x=0.0, n=2) + rows_of("powers at 0", "x**n * n", wrt="x", x=0.0, n=0.0)
FIRST += rows_of("powers", "np.float_power(x, y)", x=A(3, low=0.2, dtype=np.float32), y=A(3, dtype=np.float32))
FIRST += rows_of("powers", "2 ** x\n2 ** np.abs(x)\n3.0 ** x", x=A(3)) + rows_of("powers", "x ** k", x=A(3, low=0.3), k=np.array([0, 1, 2]))

# --- choices by truth values of Python's own

for _x, _y in ((1.7, 0.4), (0.3, 0.4), (-1.0, 0.4)):
    FIRST += rows_of("choices", "np.select([x > 1], [3 * x], y)\nnp.select([x > 1, x > 0], [3 * x, x * y], y)\nnp.select([x > 1, y > 0], [x, y])",
                     x=_x, y=_y)
FIRST += rows_of("choices", "np.select([[True, False, False], x > 0], [3 * x, x**2], x[0])", x=A(3))

# --- distances, columns, cross products

FIRST += rows_of("distances", "math.dist(x, y)\nmath.dist(x, x)", x=[1.0, 2.0], y=[1.0, 2.5])
for _shape in ((3,), (2, 3), (2, 1, 2), (1, 2, 1, 2)):
    FIRST += rows_of("columns", "np.c_[x, 2 * x]\nnp.r_[x, 2 * x]", x=A(*_shape))
FIRST += rows_of("columns", "np.c_[x, 2.0]\nnp.c_[x, x, x]", x=1.5)
for _text in ("np.cross(x, y, axis=0)", "np.cross(x, y, 0, 0)", "np.cross(x, y, 0, 0, 0)", "np.cross(x, y, axisa=0, axisb=0, axisc=-1)", "np.cross(x, y.T, axisa=0)"):
    SECOND += rows_of("cross products", _text, x=A(3, 2), y=A(3, 2) + 1)
SECOND += rows_of("cross products", "np.cross(x, y)\nnp.cross(x, y[0])\nnp.cross(y[1], x)", x=A(2, 3), y=A(2, 3) + 1)


def _id(row):
    return f"{row.kind}: {row.id}"


@pytest.mark.parametrize("row", [pytest.param(row, id=_id(row)) for row in FIRST + SECOND])
def test_gradient(row):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_gradient(row.function(), tuple(row.args.values()), row.wrt, rtol=row.rtol, atol=row.rtol / 100)


@pytest.mark.parametrize("row", [pytest.param(row, id=_id(row)) for row in SECOND])
def test_second_derivative(row):
    """A product with the Hessian of a weighted sum, against differences of the gradient of the function itself."""
    values = tuple(row.args.values())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_second_derivative(row, values)


def assert_second_derivative(row, values):
    result = row.function()(*values)
    weights = np.random.default_rng(3).normal(size=np.shape(result)).tolist()
    weighted = Row(f"np.sum(({row.text}) * np.array({weights}))", row.wrt, **row.args).function()
    options = {} if row.wrt is None else {"wrt": row.wrt}
    first = revad.grad(weighted, **options)
    gradient, cache = revad.grad(first, **options).forward(*values)
    _, names, bare = parameters(weighted, values, row.wrt)
    rng = np.random.default_rng(5)
    directions = [rng.normal(size=np.shape(g)) if np.ndim(g) else rng.normal() for g in ((gradient,) if bare else gradient)]
    found = revad.grad(first, **options).backward(directions[0] if bare else tuple(directions), cache)

    def along(*args):
        gradients = numeric_gradient(weighted, args, row.wrt, step=2e-3)
        return sum(np.sum(np.asarray(g) * d) for g, d in zip((gradients,) if bare else gradients, directions))

    along.__signature__ = inspect.signature(weighted)
    expected = numeric_gradient(along, values, row.wrt, step=2e-3)
    for (path, one), (_, other) in zip(leaves(found), leaves(expected), strict=True):
        assert np.shape(one) == np.shape(other), path
        np.testing.assert_allclose(one, other, 1e-3, 1e-4 * max(1.0, float(np.max(np.abs(other), initial=0.0))), err_msg=f"{names}{path}")
