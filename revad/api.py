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


def grad(function=None, *, wrt=None, has_aux=False, verify=None):
    """The gradient of `function`, which returns one number.

    wrt: a parameter's name or position for that one gradient, a tuple of them for a tuple;
    left out, every positional parameter without a default (one gives its gradient bare).  A gradient
    has the structure, shape and float precision of its parameter; that of an object with attributes is
    a types.SimpleNamespace of the attributes that the result depends on.
    has_aux: the function returns a pair (number, aux); the result is (gradient or gradients, aux).
    verify: compare each text with the function on its first call, and raise VerificationError where they
    disagree; left out, REVAD_VERIFY=1 in the environment turns it on.
    Raises UnsupportedError (a SyntaxError) for what cannot be differentiated, SourceError where there
    is no source.
    """
    return _gradient(function, wrt, False, has_aux, verify, grad)


def value_and_grad(function=None, *, wrt=None, has_aux=False, verify=None):
    """As `grad`, returning (value, gradient or gradients).

    has_aux: the function returns a pair (number, aux); the result is ((number, aux), gradient or gradients).
    """
    return _gradient(function, wrt, True, has_aux, verify, value_and_grad)


def jvp(function=None, *, wrt=None):
    """The derivative of `function` in a direction (forward mode): (value, tangent).

    The result takes the function's arguments and `tangents=`, a direction for each parameter of `wrt`: bare
    for one parameter, else a tuple in order, each of its parameter's structure and shape, None for zero.  The
    tangent has the structure, shape and float precision of the value; what has none in it, such as a string,
    gets None.  wrt: as of `grad`; left out, every positional parameter without a default.
    `.source` is the text, in which a tangent stands beside each statement.

    >>> jvp(lambda x, y: x * y)(3.0, 4.0, tangents=(1.0, 2.0))
    (12.0, 10.0)
    """
    if function is None:
        return lambda function: jvp(function, wrt=wrt)
    from .runtime.tangents import tangent_of
    return tangent_of(function, wrt)


def vjp(function=None, *, wrt=None):
    """The value of `function` and its pullback (reverse mode, for an output of any shape).

    The result takes the function's arguments and gives (value, pullback); `pullback(dout)` gives the
    gradients that `.backward` gives, as often as it is called.  wrt: as of `grad`; left out, every positional
    parameter without a default.

    >>> value, pullback = vjp(lambda x, y: (x * y, x + y))(3.0, 4.0)
    >>> value, pullback((1.0, 0.0)), pullback((None, 1.0))
    ((12.0, 7.0), (4.0, 3.0), (1.0, 1.0))
    """
    return _derivative("VectorJacobian", function, wrt, vjp)


def jacobian(function=None, *, wrt=None):
    """The Jacobian of `function`: for each part of its output the derivative on each of `wrt`, dense.

    The outer structure is that of the output, the inner one that of `wrt`: bare for one parameter, else a
    tuple in order.  Each leaf has the shape of the output's part and then of the input's.  wrt: as of `grad`;
    left out, every positional parameter without a default.  It is taken column by column in forward mode
    where there are fewer inputs than outputs, so that the function runs once for each input, else row by row
    in reverse mode, so that it runs once.  `.source` says which.

    >>> jacobian(lambda x, y: [x * y, x - y], wrt=("x", "y"))(3.0, 4.0)
    [(4.0, 3.0), (1.0, -1.0)]
    """
    return _derivative("Jacobian", function, wrt, jacobian)


def hessian(function=None, *, wrt=None):
    """The second derivatives of `function`, which returns one number.

    For one parameter an array of its shape twice (a float for a number), for several a tuple of tuples in
    the order of `wrt`; structures within structures for dicts and lists.  wrt: as of `grad`; left out, every
    positional parameter without a default.  It is taken column by column, forward over reverse: the text of
    `hvp` runs once for each input.

    >>> hessian(lambda x, y: x**2 * y)(3.0, 4.0)
    ((8.0, 6.0), (6.0, 0.0))
    """
    return _derivative("Hessian", function, wrt, hessian)


def hvp(function=None, *, wrt=None):
    """The product of the Hessian of `function` with a vector, forward over reverse.

    The result takes the function's arguments and `vector=`, of the structure of `wrt` as `jvp` takes
    tangents, and gives the product in that structure.  Where `wrt` is the first parameter alone, the vector
    may stand right after it, as SciPy calls `hessp(x, p, *args)`.  wrt: as of `grad`; left out, every
    positional parameter without a default.

    >>> hvp(lambda x: x**3)(2.0, vector=10.0), hvp(lambda x, a: a * x**3, wrt="x")(2.0, 10.0, 1.0)
    (120.0, 120.0)
    """
    return _derivative("HessianProduct", function, wrt, hvp)


def elementwise_grad(function=None, *, wrt=None):
    """The derivative of each element of the output of a `function` that works element by element.

    It is the gradient of the sum: right where each element of the output depends on one of the input alone.
    wrt: as of `grad`; left out, every positional parameter without a default.

    >>> elementwise_grad(lambda x: x**2)(3.0)
    6.0
    """
    return _derivative("ElementwiseGradient", function, wrt, elementwise_grad)


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


def _derivative(name, function, wrt, decorator):
    if function is None:
        return lambda function: decorator(function, wrt=wrt)
    from .runtime import derivatives
    return getattr(derivatives, name)(function, wrt)


def _gradient(function, wrt, value, has_aux, verify, decorator):
    if function is None:
        return lambda function: decorator(function, wrt=wrt, has_aux=has_aux, verify=verify)
    # The compiler and its rules are imported with the first function, so that `import revad` is cheap.
    from .runtime.higher import gradient_of
    return gradient_of(function, wrt, value, has_aux, verify)
