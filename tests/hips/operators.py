"""Autograd's operators by those of revad: `argnum=` is `wrt=`, and left out it is the first parameter.

Those that revad's functions of the same name are called with less for are written here with them, in plain
Python, so that they are followed where a test calls them inside a function that is differentiated.
"""
import numpy as np

import revad


def grad(fun, argnum=0):
    return revad.grad(fun, wrt=argnum)


def value_and_grad(fun, argnum=0):
    return revad.value_and_grad(fun, wrt=argnum)


def elementwise_grad(fun, argnum=0):
    return revad.elementwise_grad(fun, wrt=argnum)


def jacobian(fun, argnum=0):
    return revad.jacobian(fun, wrt=argnum)


def hessian(fun, argnum=0):
    return revad.hessian(fun, wrt=argnum)


def make_vjp(fun, argnum=0):
    pulled = revad.vjp(fun, wrt=argnum)

    def with_value_last(*args, **keywords):
        value, pull = pulled(*args, **keywords)
        return pull, value
    return with_value_last


def make_jvp(fun, argnum=0):
    along = revad.jvp(fun, wrt=argnum)
    return lambda *args, **keywords: lambda v: along(*args, tangents=v, **keywords)


def make_jvp_reversemode(fun, argnum=0):
    along = make_jvp(fun, argnum)
    return lambda *args: lambda v: along(*args)(v)[1]


def deriv(fun, argnum=0):
    along = revad.jvp(fun, wrt=argnum)
    return lambda *args: along(*args, tangents=np.ones_like(args[argnum], dtype=float))[1]


def make_hvp(fun, argnum=0):
    product = revad.hvp(fun, wrt=argnum)
    return lambda *args: (lambda v: product(*args, vector=v), revad.grad(fun, wrt=argnum)(*args))


def hessian_tensor_product(fun, argnum=0):
    product = revad.hvp(fun, wrt=argnum)
    return lambda *args: product(*args[:-1], vector=args[-1])


def tensor_jacobian_product(fun, argnum=0):
    def product(*args):
        value, pull = revad.vjp(fun, wrt=argnum)(*args[:-1])
        tensor = args[-1]
        if np.ndim(tensor) == np.ndim(value):
            return pull(tensor)
        return revad.jacobian(lambda x: np.tensordot(tensor, fun(x), axes=np.ndim(tensor)))(args[argnum])
    return product


def make_ggnvp(f, g=lambda x: 1.0 / 2 * np.sum(x**2, axis=-1), f_argnum=0):
    along, pulled, curved = revad.jvp(f, wrt=f_argnum), revad.vjp(f, wrt=f_argnum), revad.hvp(g)

    def at(*args):
        def product(v):
            value, tangent = along(*args, tangents=v)
            return pulled(*args)[1](curved(value, tangent))
        return product
    return at


def grad_and_aux(fun, argnum=0):
    return revad.grad(fun, wrt=argnum, has_aux=True)


def checkpoint(fun):
    return fun
