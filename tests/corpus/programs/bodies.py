"""Bodies with more than the computation: draws, guards, prints, try and with, del, global reads, annotations."""

import logging
import math
import warnings

import numpy as np

from ..case import Case

rng = np.random.default_rng(105)
log = logging.getLogger(__name__)
log.setLevel(logging.ERROR)
EPSILON = 1e-3
WEIGHTS = np.array([1.0, 2.0, 3.0])
calls = {"count": 0}


def seed():
    np.random.seed(7)


def dropout(x, p=0.5):
    mask = (np.random.rand(*x.shape) < p) / p
    return np.sum(mask * x**2)


def gaussian_noise(x, sigma):
    noise = np.random.randn(len(x))
    return np.sum((x + sigma * noise) ** 3)


def reparameterised(mean, log_std, n=4):
    samples = mean + np.exp(log_std) * np.random.randn(n, len(mean))
    return np.mean(np.sum(samples**2, axis=1) / 2)


def dropout_with_generator(x, keep, rng):
    keep_mask = rng.random(x.shape) < keep
    return x * keep_mask / keep


def noise_in_a_loop(x, generator, steps=3):
    for _ in range(steps):
        x = 0.9 * x + 0.1 * x * generator.standard_normal()
    return x


def generator_made_inside(x, seed=0):
    draw = np.random.default_rng(seed)
    w = draw.normal(size=x.shape)
    return np.tanh(w * x).sum()


def subsample(X, w, batch=2):
    idx = np.random.choice(X.shape[0], batch, replace=False)
    return np.mean((X[idx] @ w) ** 2)


def shuffled(x):
    order = np.random.permutation(len(x))
    return np.sum(x[order] * np.arange(len(x)) ** 2)


def uniform_weights_if_none(x, W=None):
    if W is None:
        W = np.random.uniform(-1, 1, (x.size, 2))
    return np.sum(np.tanh(x @ W))


def prints_progress(x, steps=3, verbose=True):
    for i in range(steps):
        x = x - 0.1 * 2 * x
        if verbose and i % 2 == 0:
            print(f"step {i}: {x:.3f}")
    print("done", end="\n")
    return x**2


def logs(x):
    y = np.sum(x**2)
    log.debug("the sum of squares is %s", y)
    return y * x[0]


def guards(x, y):
    """Mean squared error.

    Raises ValueError where the lengths differ.
    """
    if x.shape != y.shape:
        raise ValueError(f"shapes differ: {x.shape} and {y.shape}")
    assert x.ndim == 1, "one axis is expected"
    assert np.all(np.isfinite(x))
    return np.mean((x - y) ** 2)


def guard_in_loop(xs):
    total = 0.0
    for i, x in enumerate(xs):
        if x <= 0:
            raise ValueError("item %d is not positive" % i)
        total += math.log(x)
    return total


def errstate(x):
    with np.errstate(divide="ignore", invalid="ignore"):
        y = np.where(x > 0, np.log(np.abs(x)), 0.0)
    return y.sum()


def catches_warnings(x):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        z = x / (1 + x**2)
    return np.sum(z)


def try_except_key(params, x):
    try:
        scale = params["scale"]
    except KeyError:
        scale = 2.0
    return scale * x**2


def try_finally(x):
    y = x
    try:
        y = np.exp(x)
    finally:
        z = y * 2
    return z


def try_import(x):
    try:
        import no_such_package
    except ImportError:
        no_such_package = None
    if no_such_package is None:
        return np.sum(x**2)
    return no_such_package.f(x)


def deletes(x):
    tmp = x**2
    y = tmp * 3
    del tmp
    return y


def passes(x):
    pass
    y = x**2
    ...
    return y


def imports_inside(x):
    import math
    from math import sin as s

    return math.exp(s(x))


def numpy_inside(x):
    import numpy as npy

    return npy.sum(npy.sqrt(x**2 + 1))


def reads_globals(x):
    return np.sum(WEIGHTS * x) / (EPSILON + np.linalg.norm(x))


def writes_a_global_dict(x):
    calls["count"] += 1
    return x**2


def annotated(x: np.ndarray, alpha: float = 0.5, *, power: int = 2) -> float:
    y: np.ndarray = x**power
    total: float = 0.0
    for value in y:
        total += alpha * value
    return total


def positional_only(x, /, y, *, scale=2.0):
    return scale * x * y**2


def walrus_in_while(x):
    total = 0.0
    while (step := x / 2) > 0.1:
        total += step**2
        x = step
    return total


def walrus_in_comprehension(x):
    return sum(s * v for v in x if (s := v**2) > 0.01)


def chained_assignment(x):
    a = b = x * 2
    a = a + 1
    c = d = e = a * b
    return c * d + e


def tuple_swap(a, b):
    a, b = b, a + b
    (c, d), e = (a * b, a - b), b
    return c * d + e


def augmented_on_tuple_item(x):
    acc = [0.0, 1.0]
    acc[0] += x
    acc[1] *= acc[0]
    acc[0] -= acc[1] ** 2
    return acc[0] * acc[1]


def several_statements_on_a_line(x):
    y = x * 2; z = y**2; return z + y  # noqa: E702


def long_expression_over_lines(x, y):
    return (
        x**2
        # the cross term
        + 2 * x * y
        + y**2
    ) / (
        1
        + x
    )


def nested_conditionals(x, n):
    return x if n == 0 else x**2 if n == 1 else x**3 if n == 2 else math.exp(x)


def unused_computations(x):
    debug = np.linalg.inv(np.outer(x, x) + np.eye(len(x)))
    shape = debug.shape
    name = f"{shape[0]} by {shape[1]}"
    assert name
    return np.sum(np.sin(x))


def loss_and_accuracy(scores, y):
    """A loss with what is of use to the caller beside it."""
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    accuracy = np.mean(np.argmax(scores, axis=1) == y)
    return loss, {"accuracy": accuracy, "predictions": np.argmax(p, axis=1)}


def value_with_history(x, steps):
    history = []
    for _ in range(steps):
        x = x - 0.1 * np.sin(x)
        history.append(float(x))
    return x, history


def float_of_a_maximum(x):
    scale = float(np.max(np.abs(x)))
    return np.sum(x / scale)


def integers_from_data(x):
    n = int(np.sum(x > 0))
    k = int(np.floor(x[0]))
    return np.sum(x[:n] ** 2) * (k + 1)


def sorting_by_argsort(x):
    order = np.argsort(x)
    total = 0.0
    for rank, i in enumerate(order):
        total += (rank + 1) * x[i] ** 2
    return total


def string_building(x, names):
    parts = []
    for name, v in zip(names, x):
        parts.append(f"{name}={v:.2f}")
    label = ", ".join(parts)
    return np.sum(x**2) * len(names), label


def ternary_settings(x, axis=None, keep=False):
    y = x.sum() if axis is None else x.sum(axis=axis, keepdims=True if keep else False)
    return np.sum(y**2)


def complex_condition(x, lo=-1, hi=1):
    inside = [v for v in x if lo <= v <= hi and v != 0]
    return sum(v**2 for v in inside) / max(len(inside), 1)


x3, x4 = rng.normal(size=3), rng.uniform(0.5, 2, 4)
X, w = rng.normal(size=(4, 3)), rng.normal(size=3)
CASES = [
    Case(dropout, (X,), fresh=seed),
    Case(gaussian_noise, (x3, 0.3), fresh=seed),
    Case(reparameterised, (x3, x3 * 0.2), fresh=seed),
    Case(dropout_with_generator, (X, 0.7, np.random.default_rng(1)), ("x", "keep"), rtol=1e-6),
    Case(noise_in_a_loop, (1.3, np.random.default_rng(2)), "x"),
    Case(generator_made_inside, (x3,)),
    Case(subsample, (X, w), fresh=seed),
    Case(shuffled, (x3,), fresh=seed),
    Case(uniform_weights_if_none, (x3,), fresh=seed),
    Case(prints_progress, (1.3,)),
    Case(logs, (x3,)),
    Case(guards, (x3, w)),
    Case(guard_in_loop, ([0.5, 1.5],)),
    Case(errstate, (np.array([0.5, -1.0, 2.0]),)),
    Case(catches_warnings, (x3,)),
    Case(try_except_key, ({}, 1.3), "x"),
    Case(try_except_key, ({"scale": 0.5}, 1.3), note="there"),
    Case(try_finally, (x3,)),
    Case(try_import, (x3,)),
    Case(deletes, (1.3,)),
    Case(passes, (1.3,)),
    Case(imports_inside, (1.3,)),
    Case(numpy_inside, (x3,)),
    Case(reads_globals, (x3,)),
    Case(writes_a_global_dict, (1.3,)),
    Case(annotated, (x3,)),
    Case(annotated, (x3, 0.3), ("x", "alpha"), kwargs={"power": 3}, note="keywords"),
    Case(positional_only, (1.3, 0.7)),
    Case(walrus_in_while, (1.3,)),
    Case(walrus_in_comprehension, (x3,)),
    Case(chained_assignment, (1.3,)),
    Case(tuple_swap, (1.3, 0.7)),
    Case(augmented_on_tuple_item, (1.3,)),
    Case(several_statements_on_a_line, (1.3,)),
    Case(long_expression_over_lines, (1.3, 0.7)),
    *(Case(nested_conditionals, (1.3, n), "x", note=str(n)) for n in (1, 2, 5)),
    Case(unused_computations, (x3,)),
    Case(loss_and_accuracy, (X, np.array([0, 2, 1, 1])), "scores", output=0),
    Case(value_with_history, (1.3, 3), "x", output=0),
    Case(float_of_a_maximum, (x3,)),
    Case(integers_from_data, (x4,)),
    Case(sorting_by_argsort, (x4,)),
    Case(string_building, (x3, "abc"), "x", output=0),
    Case(ternary_settings, (X,)),
    Case(ternary_settings, (X,), kwargs={"axis": 1, "keep": True}, note="axis"),
    Case(complex_condition, (x4,)),
]
