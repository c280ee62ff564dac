"""Derivatives: the objects that `vjp`, `hvp`, `jacobian`, `hessian` and `elementwise_grad` return.

Each is made of the texts of the reverse and the forward mode.

>>> jac = Jacobian(lambda x: x**2)
>>> jac(np.array([1.0, 2.0]))
array([[2., 0.],
       [0., 4.]])
>>> print(jac.source)
# the Jacobian of <lambda>, row by row, by the gradient of each element of its output
def function_forward(x):
    out = x**2
    return out, x
<BLANKLINE>
<BLANKLINE>
def function_backward(dout, x):
    # backprop x**2
    return 2 * x * dout
"""
from __future__ import annotations

import functools
import types

import numpy as np

from ..errors import CallError, UnsupportedError
from . import cache
from .arguments import MISSING
from .assembly import Blocks, inputs_layout, leaf_paths, size_of, with_unit
from .cotangents import Node, layout_of
from .higher import gradient_of
from .tangents import tangent_of


class Derivative:
    """What all of them have: the name and the signature of the function, `.primal`, `.source`, `wrt`."""

    def __init__(self, function, wrt=None):
        functools.update_wrapper(self, function)
        self.primal, self._wrt = function, wrt
        self.gradient = gradient_of(function, wrt)
        self.wrt, self.bare = self.gradient.wrt, self.gradient.bare

    def __get__(self, instance, owner=None):
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self):
        return f"<{self.name} of {self.gradient.__qualname__} wrt {', '.join(self.wrt)}>"

    def __reduce__(self):
        return self.__qualname__ if cache.is_importable(self) else (type(self), (self.primal, self._wrt))

    def inputs(self, args, keywords):
        """The layout of the arguments that are differentiated."""
        values = dict(zip(self.gradient.signature.parameters, self.gradient.complete(args, keywords)))
        return inputs_layout([values[name] for name in self.wrt], self.bare)


class Pullback:
    """The function from the gradient on an output to the gradients on the inputs of one call."""

    def __init__(self, gradient, residuals):
        self._gradient, self._residuals = gradient, residuals

    def __call__(self, dout):
        return self._gradient.backward(dout, self._residuals)

    @property
    def source(self):
        return self._gradient.backward.source

    def __repr__(self):
        return f"<pullback of {self._gradient.__qualname__} wrt {', '.join(self._gradient.wrt)}>"


class VectorJacobian(Derivative):
    """`vjp`: (value, pullback)."""

    name = "vjp"

    def __call__(self, *args, **keywords):
        value, residuals = self.gradient.forward(*args, **keywords)
        return value, Pullback(self.gradient, residuals)

    @property
    def source(self):
        return both_passes(self.gradient)


def both_passes(gradient):
    return f"{gradient.forward.source.rstrip()}\n\n\n{gradient.backward.source.rstrip()}"


class ElementwiseGradient(Derivative):
    """`elementwise_grad`: the derivative of each element of the output on that of the input."""

    name = "elementwise_grad"

    def __call__(self, *args, **keywords):
        value, residuals = self.gradient.forward(*args, **keywords)
        layout = layout_of(value)
        if layout is None or isinstance(layout, Node):
            raise CallError(f"{self.__name__} returns a {type(value).__name__}: elementwise_grad is for a "
                            "function that returns a number or an array")
        ones = np.ones(layout.shape, layout.dtype) if layout.kind is None else layout.kind(1)
        return self.gradient.backward(ones, residuals)

    @property
    def source(self):
        return both_passes(self.gradient)


class HessianProduct(Derivative):
    """`hvp`: the product of the Hessian with a vector, forward over reverse."""

    name = "hvp"

    def __init__(self, function, wrt=None):
        super().__init__(function, wrt)
        self._along = tangent_of(self.gradient, None, False)

    def __call__(self, *args, vector=MISSING, **keywords):
        if vector is MISSING:
            first = list(self.gradient.signature.parameters)[self.gradient.receiver is not None]
            if self.wrt != (first,) or not self.bare or len(args) < 2:
                raise CallError(f"hvp of {self.__name__} needs vector=, one for each of "
                                f"{', '.join(self.wrt)}")
            point, vector, *others = args
            args = (point, *others)
        return self._along(*args, tangents=vector, **keywords)

    @property
    def source(self):
        return self._along.source


class Hessian(Derivative):
    """`hessian`: the second derivatives, column by column."""

    name = "hessian"

    def __init__(self, function, wrt=None):
        super().__init__(function, wrt)
        self._along = tangent_of(self.gradient, None, False)

    def __call__(self, *args, **keywords):
        inputs = self.inputs(args, keywords)
        blocks = Blocks(inputs, inputs)
        if not size_of(inputs):
            self.gradient(*args, **keywords)
        by_columns(self._along, blocks, args, keywords)
        return blocks.assembled()

    @property
    def source(self):
        return (f"# the Hessian of {self.__name__}, column by column, by the product with unit vectors\n"
                f"{self._along.source}")


class Jacobian(Derivative):
    """`jacobian`: by forward mode where there are fewer inputs than outputs, else by reverse mode."""

    name = "jacobian"

    def __init__(self, function, wrt=None):
        super().__init__(function, wrt)
        self._along, self._is_forward = tangent_of(function, wrt, False), False

    def __call__(self, *args, **keywords):
        inputs = self.inputs(args, keywords)
        value, residuals = self.gradient.forward(*args, **keywords)
        outputs = layout_of(value)
        blocks = Blocks(outputs, inputs)
        # What is drawn is drawn anew by each call of forward mode.
        if size_of(inputs) < size_of(outputs) and not self.gradient.forward.last.variant.draws:
            try:
                by_columns(self._along, blocks, args, keywords)
                self._is_forward = True
                return blocks.assembled()
            except UnsupportedError:
                pass
        self._is_forward = False
        for path, leaf in leaf_paths(outputs):
            for index in np.ndindex(leaf.shape):
                dout = with_unit(outputs, path, index)
                blocks.set_row(path, index, self.gradient.backward(dout, residuals))
        return blocks.assembled()

    @property
    def source(self):
        if self._is_forward:
            return (f"# the Jacobian of {self.__name__}, column by column, by the tangent of each element of "
                    f"its inputs\n{self._along.source}")
        return (f"# the Jacobian of {self.__name__}, row by row, by the gradient of each element of its "
                f"output\n{both_passes(self.gradient)}")


def by_columns(along, blocks, args, keywords):
    """Set the columns of a Jacobian, one call of forward mode for each."""
    for path, leaf in leaf_paths(blocks.inputs):
        for index in np.ndindex(leaf.shape):
            tangent = along(*args, tangents=with_unit(blocks.inputs, path, index), **keywords)
            blocks.set_column(path, index, tangent)
