"""vjp, jacobian, hessian, hvp, elementwise_grad and flatten: against differences, in all structures, as SciPy calls them."""
import pickle
import types
from collections import namedtuple

import numpy as np
import pytest
from corpus import all_cases
from corpus.runner import quietly
from differences import call, is_scalar, leaves, numeric_gradient
from directions import numeric_tangent, random_directions

import revad
from revad import elementwise_grad, flatten, grad, hessian, hvp, jacobian, jvp, vjp

A = np.array
quick = pytest.mark.quick


def layer(x, W, b):
    return np.tanh(x @ W + b)


LAYER = (A([0.3, -0.7]), A([[0.4, 1.0, -0.2], [0.2, -0.6, 0.5]]), A([0.1, 0.2, -0.3]))


def loss(p, x):
    return np.sum(np.tanh(p["W"] @ x)**2) * p["scale"] + p["rest"][0]**2 * p["scale"]


LOSS = ({"W": A([[0.4, 1.0], [0.2, -0.6]]), "scale": 1.5, "rest": [0.7, "name"]}, A([0.3, -0.7]))


# ---- vjp


@quick
def test_the_pullback_gives_what_grad_gives():
    value, pullback = vjp(loss, wrt="p")(*LOSS)
    assert value == loss(*LOSS)
    for _ in range(2):
        for (_, a), (_, b) in zip(leaves(pullback(1.0)), leaves(grad(loss, wrt="p")(*LOSS)), strict=True):
            np.testing.assert_array_equal(a, b)


@quick
def test_pullbacks_of_several_calls_are_apart():
    pull = vjp(lambda x: x * x)
    (_, first), (_, second) = pull(2.0), pull(3.0)
    assert (first(1.0), second(1.0), first(2.0)) == (4.0, 6.0, 8.0)
    assert "def " in pull.source and "backward" in first.source and "pullback" in repr(first)


# ---- Jacobians


def assert_jacobian(f, args, wrt=None, **options):
    """Its product with a direction is the derivative along it, and each block has the shape of its pair."""
    blocks = jacobian(f, **({} if wrt is None else {"wrt": wrt}))(*args)
    directions = random_directions(f, args, wrt)
    reference = numeric_tangent(f, args, directions, wrt)
    outputs = list(leaves(f(*args)))
    names = list(jacobian(f, **({} if wrt is None else {"wrt": wrt})).wrt)
    flat_directions = [leaf for direction in directions for _, leaf in leaves(direction)]
    found = list(leaves(blocks))
    count = len(flat_directions)
    assert len(found) == count * len(outputs), (names, blocks)
    for number, ((path, out), r) in enumerate(zip(outputs, reference, strict=True)):
        total = 0.0
        for (_, block), v in zip(found[number * count:(number + 1) * count], flat_directions):
            if v is None:
                assert block is None
                continue
            assert np.shape(block) == np.shape(out) + np.shape(v), path
            total = total + np.tensordot(block, v, np.ndim(v))
        np.testing.assert_allclose(total, r, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("f, args, wrt", [
    (layer, LAYER, None), (layer, LAYER, "x"), (layer, LAYER, ("W", "x")), (layer, LAYER, ("b",)),
    (loss, LOSS, "p"), (loss, LOSS, None),
    (lambda x, y: x * y, (2.0, 3.0), None), (lambda x: x * 2, (A(3.0),), None),
    (lambda x: [x * x, {"a": np.sum(x)}], (A([1.0, 2.0]),), None),
    (lambda x: (x[0] * np.ones((2, 3)), x[1]), (A([1.0, 2.0]),), None),
    (lambda x: np.outer(x, x) * 2, (A([1.0, 2.0, 3.0]),), None),
    (lambda x: np.zeros((0, 2)) * x, (A([1.0, 2.0]),), None),
    (lambda x: np.sum(x), (np.zeros((0, 2)),), None),
    (lambda x: x * 2, (3,), None), (lambda x: x * 0.5, (A([1, 2]),), None)])
def test_jacobians(f, args, wrt):
    assert_jacobian(f, args, wrt)


@quick
def test_which_mode_is_taken_stands_in_the_first_comment():
    tall, wide = jacobian(lambda x: np.outer(x, x)), jacobian(lambda x: np.sum(x))
    tall(np.ones(3)), wide(np.ones(3))
    assert tall.source.startswith("# the Jacobian of <lambda>, all columns at once")
    assert wide.source.startswith("# the Jacobian of <lambda>, row by row")


@quick
def test_what_is_drawn_is_drawn_once():
    rng = np.random.default_rng(0)

    def noisy(x):
        return x * rng.standard_normal(4)
    with np.errstate(all="ignore"):
        block = jacobian(noisy)(2.0)
    np.testing.assert_array_equal(block, np.random.default_rng(0).standard_normal(4))


@quick
def test_the_precision_of_a_jacobian():
    assert jacobian(lambda x: x * x)(np.ones(2, np.float32)).dtype == np.float32
    assert type(jacobian(lambda x: x * x)(2.0)) is float


# ---- Hessians


def rosenbrock(x):
    return np.sum(100.0 * (x[1:] - x[:-1]**2)**2 + (1 - x[:-1])**2)


def test_the_hessian_is_scipy_s():
    optimize = pytest.importorskip("scipy.optimize")
    x = np.linspace(-1.0, 1.5, 7)
    np.testing.assert_allclose(hessian(rosenbrock)(x), optimize.rosen_hess(x), rtol=1e-12)
    p = np.arange(7.0)
    np.testing.assert_allclose(hvp(rosenbrock)(x, vector=p), optimize.rosen_hess_prod(x, p), rtol=1e-12)


def test_minimize_and_least_squares_take_them():
    optimize = pytest.importorskip("scipy.optimize")
    start = np.array([-1.2, 1.0, 0.7])
    for more in ({"hess": hessian(rosenbrock)}, {"hessp": hvp(rosenbrock)}):
        found = optimize.minimize(rosenbrock, start, jac=grad(rosenbrock), method="trust-ncg", **more)
        np.testing.assert_allclose(found.x, 1.0, rtol=1e-5)

    def scaled(x, a, b):
        return a * np.sum((x - b)**4)
    found = optimize.minimize(scaled, start, args=(2.0, 3.0), jac=grad(scaled, wrt="x"), method="trust-ncg",
                              hessp=hvp(scaled, wrt="x"), tol=1e-9)
    np.testing.assert_allclose(found.x, 3.0, rtol=1e-2)

    def residual(p, t, y):
        return p[0] * np.exp(-p[1] * t) - y
    t = np.linspace(0, 2, 9)
    fit = optimize.least_squares(residual, [1.0, 1.0], jac=jacobian(residual, wrt="p"),
                                 args=(t, 2 * np.exp(-0.7 * t)))
    np.testing.assert_allclose(fit.x, [2.0, 0.7], rtol=1e-6)


@quick
def test_hessians_in_all_structures():
    def f(p, x, n):
        return p["a"] * np.sum(x**3) * n + p["b"][0]**2 * x[0]
    p, x = {"a": 2.0, "b": [3.0]}, A([1.0, 2.0])
    of_p, (xp, xx) = hessian(f, wrt=("p", "x"))(p, x, 2)
    (aa, ax), (ba, bx) = of_p["a"], of_p["b"][0]
    assert aa == {"a": 0.0, "b": [0.0]} and ba == {"a": 0.0, "b": [2.0]}
    np.testing.assert_allclose(ax, 2 * 3 * x**2)
    np.testing.assert_allclose(bx, [6.0, 0.0])
    np.testing.assert_allclose(xp["a"], ax)
    np.testing.assert_allclose(xx, np.diag(2.0 * 2 * 6 * x))
    assert hessian(lambda x: x**3)(2.0) == 12.0 and hessian(np_sum)(np.zeros((2, 0))).shape == (2, 0, 2, 0)


def np_sum(x):
    return np.sum(x**2)


CASES = [case for case in all_cases() if case.fresh is None and case.output is None]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_products_with_hessians(case):
    """Against differences of the gradient, for each function of the corpus that gives a number."""
    if not is_scalar(quietly(case, lambda f, args, *_, kwargs, **__: call(f, args, kwargs))) \
            or any(getattr(leaf, "dtype", None) == np.float32 for _, leaf in leaves(case.args)):
        return
    gradient = grad(case.function, wrt=case.wrt)
    directions = random_directions(case.function, case.args, gradient.wrt, case.integers)
    along = hvp(case.function, wrt=case.wrt)
    product = along(*case.args, vector=directions[0] if along.bare else tuple(directions), **case.kwargs)
    reference = numeric_tangent(gradient, case.args, directions, gradient.wrt, case.kwargs)
    for (path, a), b in zip(leaves(product), reference, strict=True):
        if b is not None:
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6 * max(1.0, np.max(np.abs(b), initial=0.0)),
                                       err_msg=path)


@quick
def test_the_vector_is_checked():
    with pytest.raises(revad.CallError, match="needs vector="):
        hvp(lambda x, y: x * y)(1.0, 2.0)
    with pytest.raises(revad.CallError, match="shape"):
        hvp(np_sum)(np.ones(3), np.ones(2))
    with pytest.raises(revad.CallError, match="one number"):
        hessian(lambda x: x * 2)(np.ones(3))


# ---- elementwise


@quick
def test_elementwise():
    x = A([[0.3, -0.7]])
    np.testing.assert_allclose(elementwise_grad(np_tanh)(x), 1 - np.tanh(x)**2)
    dx, dy = elementwise_grad(lambda x, y: x * y)(x, 2.0 * x)
    np.testing.assert_allclose(dx, 2.0 * x)
    np.testing.assert_allclose(dy, x)
    with pytest.raises(revad.CallError, match="a number or an array"):
        elementwise_grad(lambda x: (x, x))(1.0)


def np_tanh(x):
    return np.tanh(x)


# ---- flatten


Pair = namedtuple("Pair", "a b")


@quick
@pytest.mark.parametrize("params", [
    {"W": np.arange(6.0).reshape(2, 3), "b": [1.0, (2.0, A(3.0))], "name": "n", "flag": True, "none": None},
    [A([1.0, 2.0], np.float32), A([[3.0]], np.float32)], (np.float32(2.0), 3.0, 4), 3.0, A([1.0]), {},
    Pair(1.0, A([2.0])), {"e": np.zeros((0, 2)), 3: 1.0}])
def test_there_and_back(params):
    vector, unflatten = flatten(params)
    assert vector.ndim == 1
    back = unflatten(vector)
    for (path, a), (same, b) in zip(leaves(back), leaves(params), strict=True):
        assert path == same and type(a) is type(b if type(b) is not int else 1.0)
        assert getattr(a, "dtype", None) == getattr(b, "dtype", None) and np.shape(a) == np.shape(b)
        assert np.array_equal(a, b)
    with pytest.raises(ValueError, match="of length"):
        unflatten(np.zeros(len(vector) + 1))


@quick
def test_a_loss_of_a_vector():
    vector, unflatten = flatten(LOSS[0])

    def of_vector(v):
        return loss(unflatten(v), LOSS[1])
    expected = numeric_gradient(of_vector, (vector,))
    np.testing.assert_allclose(grad(of_vector)(vector), expected, rtol=1e-6)
    np.testing.assert_allclose(grad(of_vector)(vector), flatten(grad(loss, wrt="p")(*LOSS))[0], rtol=1e-12)
    assert hessian(of_vector)(vector).shape == (6, 6)
    with pytest.raises(revad.CallError, match="flatten takes"):
        flatten({"f": len})


# ---- what they share


ALL = (vjp, jacobian, hessian, hvp, elementwise_grad, jvp)


@quick
@pytest.mark.parametrize("derivative", ALL, ids=lambda d: d.__name__)
def test_decorators_names_and_pickles(derivative):
    class Model:
        k = 2.0

        @derivative(wrt="x")
        def energy(self, x):
            """The energy."""
            return self.k * x**2
    decorated = Model.energy
    assert decorated.__name__ == "energy" and decorated.__doc__ == "The energy." and decorated.wrt == ("x",)
    assert decorated.primal(Model(), 3.0) == 18.0 and "energy" in repr(decorated)
    more = {"vector": 1.0} if derivative is hvp else {"tangents": 1.0} if derivative is jvp else {}
    found = Model().energy(3.0, **more)
    assert {"jvp": lambda: found == (18.0, 12.0), "vjp": lambda: found[1](1.0) == 12.0,
            "hvp": lambda: found == 4.0, "hessian": lambda: found == 4.0}.get(
                derivative.__name__, lambda: found == 12.0)()
    again = pickle.loads(pickle.dumps(derivative(np_sum)))
    assert again.wrt == ("x",) and type(again).__name__ == type(derivative(np_sum)).__name__


@quick
def test_objects_have_derivatives_as_gradients_have_them():
    net = types.SimpleNamespace(w=A([1.0, 2.0]), n=2)

    def f(net):
        return np.sum(net.w**net.n)
    np.testing.assert_allclose(hessian(f)(net).w.w, 2 * np.eye(2))
    np.testing.assert_allclose(jacobian(f)(net).w, [2.0, 4.0])


# ---- derivatives of derivatives

@pytest.mark.parametrize("first, second", [
    (lambda f: jacobian(f), jacobian), (lambda f: hessian(lambda y: np.sum(f(y)**2)), jacobian),
    (lambda f: elementwise_grad(lambda y: y**3), jacobian),
    (lambda f: jacobian(jacobian(f)), lambda g: grad(lambda x: np.sum(g(x)**2)))])
def test_a_derivative_is_differentiated_as_a_function(first, second):
    inner, x = first(lambda x: np.sin(np.outer(x, x)) * x[0]), np.array([0.3, 0.7])
    step = 1e-5
    numeric = np.stack([(inner(x + step * d) - inner(x - step * d)) / (2 * step) for d in np.eye(2)], -1)
    if second is not jacobian:
        numeric = 2 * np.tensordot(inner(x), numeric, inner(x).ndim)
    np.testing.assert_allclose(second(inner)(x), numeric, rtol=1e-6, atol=1e-8)
