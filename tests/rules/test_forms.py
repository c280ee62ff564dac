"""Forms of a function that one row for each function does not cover: where its rule has to look at more than the ranks.

A row is an expression over its parameters, as in test_gates; `FIRST` are checked at first order, `SECOND`
at second order too.
"""
import inspect
import operator
import warnings

import numpy as np
import pytest
from differences import assert_gradient, leaves, numeric_gradient, parameters
from from_text import assert_second, function
from test_gates import A, Row, ints, rows

import revad
from revad.types import registry

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
    for _reps in ("2", "1", "()", "(2,)", "(1, 2)", "(2, 1)", "(2, 1, 2)", "(1, 2, 2)", "(2, 1, 2, 1)",
                  "(1, 1, 1)", "(0, 2)"):
        FIRST += rows_of("tiles", f"np.tile(x, {_reps})", x=_x)

# --- partitions arrange the rest as they like

for _x in (A(100), A(4, 60)):
    FIRST += rows_of("partitions",
                     "np.partition(x, 2)\nnp.partition(x, -3)\nnp.partition(x, [1, 3])\n"
                     "np.partition(x, 1, axis=0)\n"
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
    for _power in ("x**np.array([0, 1, 2])", "x**np.array([3.0, 0.0, 2.0])", "x**[0, 2, 1]",
                   "np.power(x, [1, 2, 3])", "np.float_power(x, [0, 1, 3])",
                   "pow(x, np.array([0, 1, 2]))", "x**0 + x**1", "(x * np.ones(3))**2.0"):
        SECOND += rows_of("powers at 0", _power, x=_base)
SECOND += rows_of("powers at 0", "x**n", wrt="x", x=np.array([0.0, 0.5]), n=np.array([0, 2]))
SECOND += rows_of("powers at 0", "x**n", wrt="x", x=0.0, n=2) + rows_of("powers at 0", "x**n * n",
                                                                        wrt="x", x=0.0, n=0.0)
FIRST += rows_of("powers", "np.float_power(x, y)", x=A(3, low=0.2, dtype=np.float32),
                 y=A(3, dtype=np.float32))
FIRST += (rows_of("powers", "2 ** x\n2 ** np.abs(x)\n3.0 ** x", x=A(3))
          + rows_of("powers", "x ** k", x=A(3, low=0.3), k=np.array([0, 1, 2])))

# --- choices by truth values of Python's own

for _x, _y in ((1.7, 0.4), (0.3, 0.4), (-1.0, 0.4)):
    FIRST += rows_of("choices",
                     "np.select([x > 1], [3 * x], y)\nnp.select([x > 1, x > 0], [3 * x, x * y], y)\n"
                     "np.select([x > 1, y > 0], [x, y])",
                     x=_x, y=_y)
FIRST += rows_of("choices", "np.select([[True, False, False], x > 0], [3 * x, x**2], x[0])", x=A(3))

# --- distances, columns, cross products

FIRST += rows_of("distances", "math.dist(x, y)\nmath.dist(x, x)", x=[1.0, 2.0], y=[1.0, 2.5])
for _shape in ((3,), (2, 3), (2, 1, 2), (1, 2, 1, 2)):
    FIRST += rows_of("columns", "np.c_[x, 2 * x]\nnp.r_[x, 2 * x]", x=A(*_shape))
FIRST += rows_of("columns", "np.c_[x, 2.0]\nnp.c_[x, x, x]", x=1.5)
for _text in ("np.cross(x, y, axis=0)", "np.cross(x, y, 0, 0)", "np.cross(x, y, 0, 0, 0)",
              "np.cross(x, y, axisa=0, axisb=0, axisc=-1)", "np.cross(x, y.T, axisa=0)"):
    SECOND += rows_of("cross products", _text, x=A(3, 2), y=A(3, 2) + 1)
SECOND += rows_of("cross products", "np.cross(x, y)\nnp.cross(x, y[0])\nnp.cross(y[1], x)", x=A(2, 3),
                  y=A(2, 3) + 1)


# --- sums from a start, and of lists

for _x, _v in (((2, 3), 2.0), ((3,), A(3)), ((2, 3), A(2, 3)), ((2, 1, 3), A(1)),
               ((1, 3), A(2, 1)), ((2, 3), 3)):
    FIRST += rows_of("sums from a start",
                     "sum(x, v)\nnp.cumsum(sum(x, v))\nsum([x, x[0]], v)\nsum((r * r for r in x), v)",
                     x=A(*_x), v=_v)
FIRST += rows_of("sums of lists",
                 "sum([[x, y], [y * x]], [])[1]\nsum([(x,), (y,)], ())\nsum([[x, y], [y, 2.0]], [x])\n"
                 "sum([], x)", x=1.5, y=0.4)
FIRST += rows_of("sums of lists", "sum(w, [])[2] * w[0][1]", w=[[1.5, 2.0], [0.7]])

# --- ranges of floats

SECOND += rows_of("ranges",
                  "np.trapezoid(np.arange(0.0, 1.0, h)**2, np.arange(0.0, 1.0, h)) * h\nnp.arange(h, 1.0, 0.15)**2".replace(
    "trapezoid", "trapezoid" if NUMPY_2 else "trapz"), h=0.13)
SECOND += rows_of("ranges",
                  "np.arange(x, y, z)**2\nnp.arange(start=x, stop=y, step=z) * y\nnp.arange(y) * x\n"
                  "np.arange(y, x, -z)", x=0.3, y=2.5, z=0.4)

# --- numbers that a function is given besides its arrays

for _k in (3, 2.5):
    FIRST += rows_of("settings", """
        np.sum(x, initial=k)
        np.sum(x, axis=0, initial=k, where=x > 0)
        np.prod(x, axis=1, initial=k)
        x.prod(axis=0, keepdims=True, initial=k)
        np.prod(x, initial=k, where=x > 0)
        math.prod(x[0], start=k)
        math.prod([x[0, 0], 2.0], start=k)
        np.pad(x, 1, constant_values=k)
        np.pad(x, ((0, 1), (2, 0)), 'constant', constant_values=k * k)
        np.diff(x, prepend=k)
        np.diff(x, axis=0, prepend=k * k, append=2 * k)
        np.diff(x, 2, prepend=k)
        np.diff(x, 0, append=k)
        np.gradient(x, k, axis=0)
        np.gradient(x, k, 3 * k)[1]
        np.nan_to_num(x, nan=k)
        np.nan_to_num(np.array([1.0, np.nan, np.inf]) + 0 * k, nan=k, posinf=2 * k)
        np.interp(x, [-0.5, 0.3, 1.2], x[0], k, k * k)
        """ + ("np.trapezoid(x, dx=k)\nnp.trapezoid(x, dx=k, axis=0)" if NUMPY_2 else ""), x=A(2, 3), k=_k)
FIRST += rows_of("settings", "np.diff(x, prepend=k.sum())", x=A(3), k=ints(2))
for _k in (A(2, 1), A(2, 2), A(1, 3)):
    FIRST += rows_of("settings", "np.diff(x, prepend=k)\nnp.diff(x, 2, append=k, prepend=2 * k)"
                     if _k.shape[0] == 2 else "np.diff(x, 1, 0, k, k)", x=A(2, 3), k=_k)

# --- products with zeros

for _x in ([0.0, 1, 4], [0.0, 0, 2], [0.0, 0, 0], [0.0], [[0.0, 1, 2], [3, 0, 0]], [2.0, 0, 3, 0, 1]):
    SECOND += rows_of("zeros in a product", "np.prod(x)\nnp.cumprod(x)\nnp.nanprod(x)\nnp.multiply.reduce(x)",
                      x=np.array(_x))
SECOND += rows_of("zeros in a product",
                  "np.prod(x, axis=0)\nnp.prod(x, axis=-1, keepdims=True)\nnp.prod(x, axis=(0, 2))\n"
                  "np.cumprod(x, axis=1)\n"
                  "np.nanprod(np.where(np.arange(8).reshape(2, 2, 2) == 6, np.nan, x), axis=1)\n"
                  "np.prod(x, axis=2, initial=2.0)", x=np.array([[[0.0, 1], [2, 0]], [[0, 0], [3, 0]]]))

# --- integrals and differences, of few elements or of none

for _y, _x in (((3,), (2, 3)), ((2, 3), (3,)), ((1, 3), (2, 3)), ((2, 3), (1, 3)), ((2, 2, 3), (2, 3)),
               ((1,), (1,)), ((0,), (0,))):
    SECOND += rows_of("integrals", "np.trapezoid(y, x)" if NUMPY_2 else "np.trapz(y, x)", y=A(*_y), x=A(*_x))
FIRST += rows_of("integrals", "np.trapezoid(y, x[:, 0], axis=1)\nnp.trapezoid(y, x[:, 1], axis=-2)" if NUMPY_2
                 else "np.trapz(y, x[:, 0], axis=1)", y=A(2, 3, 2), x=A(3, 2))
for _shape in ((0,), (1,), (2,), (0, 3), (3, 0), (1, 3)):
    FIRST += rows_of("differences",
                     "np.diff(x)\nnp.diff(x, axis=0)\nnp.diff(x, n=2)\nnp.ediff1d(x)\nnp.diff(x[x > 9])\n"
                     "x - x.mean()", x=A(*_shape))
SECOND += rows_of("differences", "(x - np.sum(x))**2\nnp.diff(x)**2", x=A(0))

# --- averages over several axes

for _axis, _shape in (((0, 1), (2, 3)), ((0, 2), (2, 2)), ((1, -1), (3, 2)), (1, (3,)), (None, (2, 3, 2)),
                      ((0, 1, 2), (2, 3, 2))):
    if NUMPY_2 or not isinstance(_axis, tuple):
        FIRST += rows_of("averages",
                         f"np.average(x, axis={_axis}, weights=w)\nnp.average(x, {_axis}, w, keepdims=True)",
                         x=A(2, 3, 2), w=A(*_shape, low=0.2))

# --- grids of arrays that are not rows, and of numbers

for _x, _y in ((A(2, 3), A(2, 2)), (A(2), 1.5), (1.5, 2.5), (A(1), A(2, 1)), (A(0), A(2))):
    FIRST += rows_of("grids",
                     "np.meshgrid(x, y)\nnp.meshgrid(x, y, indexing='ij')[1]\n"
                     "np.meshgrid(x, y, sparse=True)[0]\nnp.meshgrid(x)[0]", x=_x, y=_y)

# --- lists and numbers where arrays are usual

FIRST += rows_of("lists",
                 "np.einsum('i,i', [1, 2, 3], x) * x.sum()\nnp.einsum('i,i', [y, 1, 2], x) * x.sum()\n"
                 "np.einsum('ij,j->i', [x, y * x], x)", x=A(3), y=0.4)
FIRST += rows_of("numbers",
                 "np.reshape(x, (1, -1), 'F')\nnp.sort(x, axis=None)\nnp.argsort(x) * x\n"
                 "np.argsort(x, axis=None) * x\n"
                 "np.partition(x, 0, axis=None)", x=1.5)


def _id(row):
    return f"{row.kind}: {row.id}"


@pytest.mark.parametrize("row", [pytest.param(row, id=_id(row)) for row in FIRST + SECOND])
def test_gradient(row):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert_gradient(row.function(), tuple(row.args.values()), row.wrt, rtol=row.rtol, atol=row.rtol / 100)


@pytest.mark.parametrize("row", [pytest.param(row, id=_id(row)) for row in SECOND])
def test_second_derivative(row):
    """A product with the Hessian of a weighted sum, against differences of its gradient,
    which `test_gradient` compares itself."""
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
    directions = [rng.normal(size=np.shape(g)) if np.ndim(g) else rng.normal()
                  for g in ((gradient,) if bare else gradient)]
    found = revad.grad(first, **options).backward(directions[0] if bare else tuple(directions), cache)

    def along(*args):
        gradients = first(*args)
        return sum(np.sum(np.asarray(g) * d) for g, d in zip((gradients,) if bare else gradients, directions))

    along.__signature__ = inspect.signature(weighted)
    expected = numeric_gradient(along, values, row.wrt)
    for (path, one), (_, other) in zip(leaves(found), leaves(expected), strict=True):
        assert np.shape(one) == np.shape(other), path
        np.testing.assert_allclose(one, other, 1e-5,
                                   1e-6 * max(1.0, float(np.max(np.abs(other), initial=0.0))),
                                   err_msg=f"{names}{path}")


# --- a parameter that is not an array chooses something, or is a number that the result depends on

NUMBERS = {("max", "initial"), ("min", "initial"), ("max", "default"), ("min", "default"), ("norm", "ord"),
           ("quantile", "q"),
           ("percentile", "q"), ("log_sum_exp", "e"), ("log_sum_exp", "s"), ("soft_maximum", "e"),
           ("soft_minimum", "e"),
           *((name, "ord") for name in ("vector_norm", "matrix_norm") if hasattr(np.linalg, name)),
           ("cond", "p"), *(("cov", part) for part in ("rowvar", "bias", "ddof", "fweights", "aweights")),
           *(("corrcoef", part) for part in ("rowvar", "bias", "ddof")),
           *((name, "ddof") for name in ("var", "std", "nanvar", "nanstd")),
           *((f"over_{name}", part) for name in ("cosh", "sinh", "exp") for part in ("d", "times")),
           *((f"over_{name}", part) for name in ("power", "one_plus_exp") for part in ("d", "times", "base"))}


def test_every_parameter_is_an_array_or_structural_or_refused_where_it_varies():
    every = {*registry.all_gates().values(), *registry.methods().values(), *registry.OPERATORS.values()}
    ours = [gate for gate in every
            if gate.mode != "zero" and (gate.rule.__module__ or "").startswith("revad.rules")]
    left = {(gate.name, name) for gate in ours for name in gate.defaults
            if name not in gate.arrays and name not in gate.steps and not gate.is_structural(name)}
    assert left == NUMBERS
    assert not {name for gate in ours for name in gate.arrays
                if name in registry.STRUCTURAL and gate.name != "full"}


@pytest.mark.parametrize("text", ["np.max(x, initial=k)", "np.min(x, axis=0, initial=k)",
                                  "np.linalg.norm(x, k)", "np.var(x, ddof=k)", "x.std(ddof=k)",
                                  "np.quantile(x, k / 10)", "np.percentile(x, k)", "np.kaiser(5, k) @ x"])
@pytest.mark.parametrize("k", [1, 1.5])
def test_a_number_without_a_gradient_is_refused_where_it_varies(text, k):
    row = Row(text, x=A(5), k=k)
    with pytest.raises(revad.UnsupportedError,
                       match="name the others in wrt|does not depend on what is differentiated"):
        revad.grad(row.function())(A(5), k)
    assert_gradient(row.function(), (A(5), k), "x", rtol=1e-5)


def test_integers_that_choose_carry_no_derivative():
    def f(x, k):
        return np.sum(np.roll(np.repeat(x, k, axis=k - 2), k) * np.arange(8.0 * k).reshape(4, -1)) + np.sum(x, axis=k - 1)[0]

    dx, dk = revad.grad(f)(A(2, 4), 2)
    assert dk == 0.0 and dx.shape == (2, 4)


# --- what the sweep has met

@pytest.mark.parametrize("number", [float, np.float64, np.float32, np.float16, np.longdouble])
@pytest.mark.parametrize("text", ["round(y)", "round(y, 1)", "round(y, None)", "int(y)", "abs(round(y))",
                                  "round(y) ** 2", "round(number=y)", "round(y) / 2"])
def test_a_factor_that_is_rounded_is_a_whole_number(text, number):
    """Python's round gives an integer, of NumPy's numbers too; the gradient has the type of the argument."""
    f = function(f"def f(x, y):\n    return x * {text}")
    x, y = number(1.5), number(-2.75)
    value, (dx, dy) = revad.value_and_grad(f)(x, y)
    assert type(value) is type(f(x, y)) and value == f(x, y)
    assert dx == number(eval(text, {"y": y})) and dy == 0
    for part in (dx, dy):
        assert type(part) is type(x) or type(part) is float and type(x) is np.float64


@pytest.mark.parametrize("where", ["True", "x > 1", "x > 9", "np.array([True, False, True])"])
@pytest.mark.parametrize("text", ["np.right_shift(x, y, {})", "np.left_shift(x, 1, {})",
                                  "np.bitwise_and(x, y, {})",
                                  "np.bitwise_or(3, y, {})", "np.bitwise_xor(x, y, {})", "np.invert(x, {})",
                                  "np.invert(x > 1, {})", "np.bitwise_and(x > 1, y > 1, {})"])
@pytest.mark.parametrize("dtype", ["i", "l", "B"])
def test_a_mask_of_a_function_of_whole_numbers(text, where, dtype):
    text = text.format(f"out=np.ones(3), where={where}")
    f = function(f"def f(x, y):\n    return np.sum({text} * np.sum(x) * 0.5)")
    x, y = np.array([1, 2, 5]).astype(dtype), np.array([2, 1, 3]).astype(dtype)
    value, (dx, dy) = revad.value_and_grad(f)(x, y)
    assert value == f(x, y) and not dy.any()
    whole = np.sum(eval(text, {"np": np, "x": x, "y": y}))
    np.testing.assert_allclose(dx, np.full(3, whole / 2))


@pytest.mark.parametrize("text", ["operator.truediv(x, y)", "operator.pow(y, -1.0) + x", "x / y",
                                  "operator.truediv(1.0, y) * x"])
@pytest.mark.parametrize("number", [np.bool_, np.uint8, np.int8, np.int64])
def test_an_operator_divides_numpy_numbers_by_zero(text, number):
    """As the function itself: NumPy's numbers give infinity, where Python's raise."""
    f = function(f"def f(x, y):\n    return {text}", operator=operator)
    with np.errstate(all="ignore"):
        for y in (number(0), number(1)):
            expected = f(number(1), y)
            value, cache = revad.grad(f).forward(number(1), y)
            assert type(value) is type(expected) and value == expected


@pytest.mark.parametrize("dtype", ["", ", dtype=int", ", dtype=float"])
@pytest.mark.parametrize("part", ["", "[1]", "[0] * x[0]"])
def test_the_step_of_linspace_is_refused(part, dtype):
    f = function(f"def f(x):\n    return np.linspace(x[0], x[1], 4, retstep=True{dtype}){part}")
    with pytest.raises(revad.UnsupportedError, match=r"np.linspace with retstep: .* Compute the step"):
        revad.grad(f).forward(np.array([-0.3, 1.5]))
    g = function("def f(x):\n    p, s = np.linspace(0, 1, 4, retstep=True)\n"
                 "    return np.sum(x * s) + np.sum(p * x[0])")
    assert_gradient(g, (np.array([-0.3, 1.5]),))


@pytest.mark.parametrize("a, b", [((2, 3), (3, 2)), ((2, 3), (3, 1)), ((1, 3), (3, 2)), ((1, 3), (3, 1)),
                                  ((3,), (3, 1)), ((1, 3), (3,)), ((3,), (3,)), ((2, 2, 3), (3, 1)),
                                  ((0, 3), (3, 1))], ids=str)
@pytest.mark.parametrize("first", [True, False])
def test_matmul_into_an_array_broadcasts_no_rows_and_no_columns(a, b, first):
    """What NumPy rejects is rejected, also in a later call, and what it takes is right or refused."""
    f = function("def f(x, y, out):\n    np.matmul(x, y, out=out)\n    return np.sum(out * out)")
    x, y = A(*a), A(*b)
    df = revad.grad(f, wrt=("x", "y"))
    shapes = [(m,) * axes for m in (1, 2, 3) for axes in (1, 2, 3)]
    for shape in [np.matmul(x, y).shape, *shapes, (1, 2), (2, 1), (2, 3)]:
        if first:
            df = revad.grad(f, wrt=("x", "y"))
        try:
            f(x, y, np.zeros(shape))
        except ValueError:
            with pytest.raises(ValueError):
                df(x, y, np.zeros(shape))
        else:
            try:
                gradients = df(x, y, np.zeros(shape))
            except revad.UnsupportedError:
                assert len(shape) < np.matmul(x, y).ndim
            else:
                for part, wanted in zip(gradients, numeric_gradient(f, (x, y, np.zeros(shape)), ("x", "y"))):
                    np.testing.assert_allclose(part, wanted, 1e-5, 1e-6)


@pytest.mark.parametrize("text", ["x.real", "x.imag * 1.5", "x.real * 2.0 + x.imag", "x.imag * x", "np.real(x) * x",
                                  "x.conjugate() * 2.0"])
@pytest.mark.parametrize("x", [True, False, 2, 2.5, np.True_, np.uint8(2), np.array(2.0), np.array(True)], ids=repr)
def test_parts_of_real_numbers(text, x):
    f = function(f"def f(x):\n    return {text}")
    value, cache = revad.grad(f).forward(x)
    assert value == f(x)
    np.testing.assert_allclose(revad.grad(f).backward(1.5, cache), 1.5 * numeric_gradient(f, (float(x),), "x"), 1e-6)


@pytest.mark.parametrize("text", ["np.full({}, x)", "np.full_like(np.ones({}), x)"])
@pytest.mark.parametrize("shape", ["()", "(1,)", "(3,)", "(2, 3)", "3", "(0, 3)"])
@pytest.mark.parametrize("filling", [(), (1,), (3,), (1, 1), (1, 3), (2, 3), (1, 2, 3), (1, 1, 1), (2, 1),
                                     (1, 2, 1)], ids=str)
def test_what_fills_may_have_more_axes(text, shape, filling):
    text, x = text.format(shape), A(*filling)
    f, g = (function(f"def f(x):\n    out = {text}\n    return {end}") for end in ("out", "np.sum(out * out * x)"))
    try:
        f(x)
    except ValueError:
        for each in (f, g):
            with pytest.raises(ValueError):
                revad.grad(each).forward(x)
        return
    assert_gradient(f, (x,))
    assert_gradient(g, (x,))
    if f(x).ndim == 0:
        np.testing.assert_allclose(revad.grad(f)(x), np.ones(filling))
    if f(x).size:
        assert_second(g, x)


@pytest.mark.parametrize("text, shape", [
    ("np.sum(x, axis=0, {})", 3), ("np.mean(x, axis=0, {})", 3), ("np.max(x, axis=0, {})", 3),
    ("np.std(x, axis=0, {})", 3),
    ("np.cumsum(x, axis=0, {})", (2, 3)), ("np.dot(x, x.T, {})", (2, 2)), ("np.take(x, [0], axis=0, {})", (1, 3)),
    ("np.clip(x, 0, 1, {})", (2, 3)), ("np.round(x, {}) * x", (2, 3)), ("np.concatenate([x, x], {})", (4, 3)),
    ("np.einsum('ij->j', x, {})", 3), ("np.trace(x, {})", ()), ("np.median(x, axis=0, {})", 3),
    ("np.quantile(x, 0.3, axis=0, {})", 3), ("np.nanmax(x, axis=0, {})", 3), ("np.nansum(x, axis=0, {})", 3),
    ("np.add(x, 1, {})", (2, 3)), ("np.matmul(x, x.T, {})", (2, 2)), ("x.sum(axis=0, {})", 3),
    ("x.dot(x.T, {})", (2, 2)),
    ("x.clip(0, 1, {})", (2, 3)), ("x.cumsum(axis=0, {})", (2, 3)), ("x.max(axis=0, {})", 3)])
def test_a_tuple_for_out_is_taken_where_numpy_takes_one(text, shape):
    for out in (f"out=np.zeros({shape})", f"out=(np.zeros({shape}),)", "out=None"):
        f, x = function(f"def f(x):\n    return np.sum({text.format(out)} * 1.5)"), A(2, 3)
        try:
            f(x)
        except TypeError:
            with pytest.raises(TypeError):
                revad.grad(f)(x)
        else:
            assert_gradient(f, (x,))


@pytest.mark.parametrize("text, shape", [
    ("np.sum(x, axis=0, {})", 3), ("np.prod(x, axis=0, {})", 3), ("np.min(x, axis=0, initial=0.5, {})", 3),
    ("np.sum(x, axis=0, initial=2, {})", 3), ("np.mean(x, axis=0, {})", 3), ("np.var(x, axis=0, {})", 3),
    ("np.cumsum(x, axis=0, {})", (2, 3)), ("np.dot(x, x.T, {})", (2, 2)), ("np.take(x, [0], axis=0, {})", (1, 3)),
    ("np.clip(x, 0, 1, {})", (2, 3)), ("np.concatenate([x, x], {})", (4, 3)), ("np.einsum('ij->j', x, {})", 3),
    ("np.add(x, x, {})", (2, 3)), ("np.matmul(x, x.T, {})", (2, 2)),
    ("np.add(x, x, {}, casting='unsafe')", (2, 3)),
    ("np.add(x, x, {}, dtype=float)", (2, 3)), ("x.sum(axis=0, {})", 3), ("x.dot(x.T, {})", (2, 2))])
@pytest.mark.parametrize("dtype", ["d", "f", "l", "B", "?"])
@pytest.mark.filterwarnings("ignore:Implicit casting of output:DeprecationWarning")     # NumPy 2.5, np.take
def test_an_array_for_the_result_of_another_type(text, shape, dtype):
    """The value is the function's, or the call is rejected: NumPy computes in the type of the array."""
    x = np.array([[1.7, 0.6, 3.7], [2.8, 1.9, 1.9]]).astype(dtype)
    for other in "dfelB?":
        f = function(f"def f(x, w):\n    return {text.format(f'out=np.zeros({shape}, {other!r})')} * w")
        try:
            value = f(x, 1.3)
        except (TypeError, ValueError):
            with pytest.raises((TypeError, ValueError, revad.UnsupportedError)):
                revad.grad(f, wrt="w").forward(x, 1.3)
            continue
        try:
            out, _ = revad.grad(f, wrt="w").forward(x, 1.3)
        except revad.UnsupportedError:
            assert other != dtype or other in "B?l"
            continue
        np.testing.assert_allclose(np.float64(out), np.float64(value), 1e-2)
        assert out.dtype == value.dtype


ONE_ELEMENT = """
    np.tile(x, (1,)); np.tile(x, (1, 1)); np.tile(x, 1); np.tile(x, 2); np.tile(x, (2, 1));
    np.repeat(x, 1); np.repeat(x, 2); np.repeat(x, [2]); np.repeat(x, 1, axis=None);
    np.reshape(x, (1,)); np.reshape(x, ()); np.reshape(x, (1, 1)); np.ravel(x); np.atleast_1d(x);
    np.atleast_2d(x); np.atleast_3d(x); np.expand_dims(x, 0); np.expand_dims(x, (0, 1));
    np.broadcast_to(x, (1,)); np.broadcast_to(x, ()); np.broadcast_to(x, (2,)); np.append(x, []);
    np.append(x, 1.0); np.append([], x); np.append(x, x); 
    np.full((1,), x); np.full((), x); np.stack([x]); np.hstack([x]); np.array([x]);
    np.array(x); np.array(x, ndmin=1); np.array(x, ndmin=2); np.cumsum(x); np.cumprod(x);
    np.cumsum(x, axis=0); np.sort(x, axis=None); np.partition(x, 0, axis=None); np.take(x, [0]);
    np.take(x, 0); np.take(x, [0, 0]); np.take(x, [0], axis=None); np.take(x, [[0]], mode='clip');
    np.ediff1d(x, to_end=x); np.nan_to_num(x); np.roll(x, 0); np.roll(x, 1); np.squeeze(x);
    np.outer(x, 1.0); np.outer(x, x);
    np.kron(x, 1.0); np.kron(x, [1.0]); np.kron([1.0], x); np.dot(x, [1.0]); np.dot(x, 1.0);
    np.linspace(x, 1.0, 1); np.linspace(0.0, x, 1); np.linspace(x, x, 2); np.where(True, x, 0.0);
    np.where([True], x, 0.0); np.copy(x); np.meshgrid(x)[0]; np.meshgrid(x, x)[1];
    np.full_like([1.0], x); np.full_like(1.0, x); np.convolve(x, [1.0]); np.convolve([1.0], x);
    np.convolve(x, x); np.sum(x, keepdims=True); np.array([x]).reshape(()); np.array(x)[None];
    np.array(x)[()]; np.array([x])[0]; np.array([x]).item(); np.array([x]).squeeze()
"""


@pytest.mark.parametrize("text", [text.strip() for text in ONE_ELEMENT.replace("\n", " ").split(";")])
@pytest.mark.parametrize("body", ["h = x\n    q = {}\n    return q * 2.0 + h",
                                  "q = {}\n    return q * 2.0 + x", "return {}"])
def test_the_gradient_on_a_number_that_becomes_an_array_is_a_number(text, body):
    f = function(f"def f(x):\n    {body.format(text)}")
    for x in (1.5, np.float32(1.5), np.array(1.5)):
        out, cache = revad.grad(f).forward(x)
        dx = revad.grad(f).backward(np.ones(np.shape(out)) if np.ndim(out) else 1.0, cache)
        assert type(dx) is type(x) or type(x) is float and type(dx) is np.float64
        slope = (np.sum(f(np.float64(1.5 + 1e-6))) - np.sum(f(np.float64(1.5 - 1e-6)))) / 2e-6
        np.testing.assert_allclose(np.float64(dx), slope, 1e-5)
