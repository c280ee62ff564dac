"""Api: `grad` and `value_and_grad`, as decorators and as functions.

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


def _gradient(function, wrt, value, has_aux, verify, decorator):
    if function is None:
        return lambda function: decorator(function, wrt=wrt, has_aux=has_aux, verify=verify)
    # The compiler and its rules are imported with the first function, so that `import revad` is cheap.
    from .runtime.higher import gradient_of
    return gradient_of(function, wrt, value, has_aux, verify)
