"""Api: `grad` and the other derivatives, as decorators and as functions.

>>> @grad
... def f(x, y, z):
...     q = x + y
...     return q * z
>>> f(-2, 5, -4)
(-4.0, -4.0, 3.0)
>>> value_and_grad(f.primal, wrt="z")(-2, 5, -4)
(-12, 3.0)
"""
from __future__ import annotations

from .tracebacks import boundary


@boundary
def grad(function=None, *, wrt=None, argnums=None, has_aux=False, verify=None):
    """The gradient of `function`, which returns one number.

    wrt: a parameter's name or position for that one gradient, a tuple of them for a tuple;
    left out, every positional parameter without a default (one gives its gradient bare); `argnums` is another
    name for it.  A gradient
    has the structure, shape and float precision of its parameter; that of an object with attributes is
    a types.SimpleNamespace of the attributes that the result depends on.
    has_aux: the function returns a pair (number, aux); the result is (gradient or gradients, aux).
    verify: compare each text with the function on its first call, and raise VerificationError where they
    disagree; left out, REVAD_VERIFY=1 in the environment turns it on.
    Raises UnsupportedError (a SyntaxError) for what cannot be differentiated, SourceError where there
    is no source.

    >>> slope = grad(lambda x, y: x * y**2)
    >>> slope(3.0, 4.0), grad(lambda x, y: x * y**2, wrt="y")(3.0, 4.0)
    ((16.0, 24.0), 24.0)
    """
    return _gradient(function, _chosen(wrt, argnums), False, has_aux, verify, grad)


@boundary
def value_and_grad(function=None, *, wrt=None, argnums=None, has_aux=False, verify=None):
    """As `grad`, returning (value, gradient or gradients).

    has_aux: the function returns a pair (number, aux); the result is ((number, aux), gradient or gradients).

    >>> value_and_grad(lambda x, y: x * y)(3.0, 4.0)
    (12.0, (4.0, 3.0))
    """
    return _gradient(function, _chosen(wrt, argnums), True, has_aux, verify, value_and_grad)


@boundary
def jvp(function=None, *, wrt=None, argnums=None, verify=None):
    """The derivative of `function` in a direction (forward mode): (value, tangent).

    The result takes the function's arguments and `tangents=`, a direction for each parameter of `wrt`: bare
    for one parameter, else a tuple in order, each of its parameter's structure and shape, None for zero.  The
    tangent has the structure, shape and float precision of the value; what has none in it, such as a string,
    gets None.  wrt: as of `grad`; left out, every positional parameter without a default.
    `.source` is the text, in which a tangent stands beside each statement.

    >>> jvp(lambda x, y: x * y)(3.0, 4.0, tangents=(1.0, 2.0))
    (12.0, 10.0)
    """
    wrt = _chosen(wrt, argnums)
    if function is None:
        return lambda function: jvp(function, wrt=wrt, verify=verify)
    from .runtime.tangents import tangent_of
    return tangent_of(function, wrt, verify=verify)


@boundary
def vjp(function=None, *, wrt=None, argnums=None, verify=None):
    """The value of `function` and its pullback (reverse mode, for an output of any shape).

    The result takes the function's arguments and gives (value, pullback); `pullback(dout)` gives the
    gradients that `.backward` gives, as often as it is called.  wrt: as of `grad`; left out, every positional
    parameter without a default.

    >>> value, pullback = vjp(lambda x, y: (x * y, x + y))(3.0, 4.0)
    >>> value, pullback((1.0, 0.0)), pullback((None, 1.0))
    ((12.0, 7.0), (4.0, 3.0), (1.0, 1.0))
    """
    return _derivative("VectorJacobian", function, _chosen(wrt, argnums), vjp, verify)


@boundary
def jacobian(function=None, *, wrt=None, argnums=None, verify=None):
    """The Jacobian of `function`: for each part of its output the derivative on each of `wrt`, dense.

    The outer structure is that of the output, the inner one that of `wrt`: bare for one parameter, else a
    tuple in order.  Each leaf has the shape of the output's part and then of the input's.  wrt: as of `grad`;
    left out, every positional parameter without a default.  It is taken in forward mode, all columns by
    one text where revad writes one, unless there are more than twice as many inputs as outputs; then it is
    taken row by row in reverse mode.  `.source` says which.

    >>> jacobian(lambda x, y: [x * y, x - y], wrt=("x", "y"))(3.0, 4.0)
    [(4.0, 3.0), (1.0, -1.0)]
    """
    return _derivative("Jacobian", function, _chosen(wrt, argnums), jacobian, verify)


@boundary
def hessian(function=None, *, wrt=None, argnums=None, verify=None):
    """The second derivatives of `function`, which returns one number.

    For one parameter an array of its shape twice (a float for a number), for several a tuple of tuples in
    the order of `wrt`; structures within structures for dicts and lists.  wrt: as of `grad`; left out, every
    positional parameter without a default.  It is taken forward over reverse, all columns by one text
    where revad writes one, else one by one.

    >>> hessian(lambda x, y: x**2 * y)(3.0, 4.0)
    ((8.0, 6.0), (6.0, 0.0))
    """
    return _derivative("Hessian", function, _chosen(wrt, argnums), hessian, verify)


@boundary
def hvp(function=None, *, wrt=None, argnums=None, verify=None):
    """The product of the Hessian of `function` with a vector, forward over reverse.

    The result takes the function's arguments and `vector=`, of the structure of `wrt` as `jvp` takes
    tangents, and gives the product in that structure.  Where `wrt` is the first parameter alone, the vector
    may stand right after it, as SciPy calls `hessp(x, p, *args)`.  wrt: as of `grad`; left out, every
    positional parameter without a default.

    >>> hvp(lambda x: x**3)(2.0, vector=10.0), hvp(lambda x, a: a * x**3, wrt="x")(2.0, 10.0, 1.0)
    (120.0, 120.0)
    """
    return _derivative("HessianProduct", function, _chosen(wrt, argnums), hvp, verify)


@boundary
def elementwise_grad(function=None, *, wrt=None, argnums=None, verify=None):
    """The derivative of each element of the output of a `function` that works element by element.

    It is the gradient of the sum: right where each element of the output depends on one of the input alone.
    wrt: as of `grad`; left out, every positional parameter without a default.

    >>> elementwise_grad(lambda x: x**2)(3.0)
    6.0
    """
    return _derivative("ElementwiseGradient", function, _chosen(wrt, argnums), elementwise_grad, verify)


@boundary
def flatten(params):
    """(vector, unflatten): the numbers in dicts, lists and tuples as one vector, and the way back.

    In the order in which they stand; `unflatten(vector)` checks the length and gives the structure, and can
    be called in a function that is differentiated.

    >>> vector, unflatten = flatten({"w": 2.0, "b": [3.0, 4.0]})
    >>> grad(lambda v: unflatten(v)["w"] * unflatten(v)["b"][1])(vector)
    array([4., 0., 2.])
    """
    from .runtime.flat import flat
    return flat(params)


def _chosen(wrt, argnums):
    """`wrt`, which other libraries call `argnums`."""
    if wrt is not None and argnums is not None:
        raise TypeError("wrt and argnums are two names of one setting: give one of them")
    return argnums if wrt is None else wrt


def _derivative(name, function, wrt, decorator, verify):
    if function is None:
        return lambda function: decorator(function, wrt=wrt, verify=verify)
    from .runtime import derivatives
    return getattr(derivatives, name)(function, wrt, verify)


def _gradient(function, wrt, value, has_aux, verify, decorator):
    if function is None:
        return lambda function: decorator(function, wrt=wrt, has_aux=has_aux, verify=verify)
    # The compiler and its rules are imported with the first function, so that `import revad` is cheap.
    from .runtime.higher import gradient_of
    return gradient_of(function, wrt, value, has_aux, verify)
