"""Derivatives: the objects that `vjp`, `hvp`, `jacobian`, `hessian` and `elementwise_grad` return.

Each is made of the texts of the reverse and the forward mode.

>>> jac = Jacobian(lambda x: x**2)
>>> jac(np.array([1.0, 2.0]))
array([[2., 0.],
       [0., 4.]])
>>> print(jac.source)
# the Jacobian of <lambda>, the diagonals 0 to 0, by its product with sums of unit vectors
def function_jvps(x, dx):
    return 2 * x * dx
"""
from __future__ import annotations

import types

import numpy as np

from ..errors import CallError, UnsupportedError
from ..tracebacks import boundary
from . import introspection, pickles
from .arguments import MISSING
from .assembly import Blocks, inputs_layout, leaf_paths, size_of, with_unit
from .columns import Columns
from .cotangents import Leaf, Node, layout_of, random_cotangent, rebuild
from .higher import gradient_of
from .sourced import sourced
from .structure import child, in_float64, leaves
from .tangents import tangent_of
from .verification.along import verify_along
from .verification.verify import is_on


class Derivative:
    """What all of them have: the name and the signature of the function, `.primal`, `.source`, `wrt`."""

    def __init__(self, function, wrt=None, verify=None):
        function = sourced(function)
        introspection.wrap(self, function)
        self.primal, self._wrt, self.verify = function, wrt, verify
        self.gradient = gradient_of(function, wrt, verify=verify)
        self.wrt, self.bare = self.gradient.wrt, self.gradient.bare

    extra = ()      # names of keyword parameters that the function itself has not

    @property
    def __signature__(self):
        return introspection.signature_of_call(self.gradient, self.extra)

    __dir__ = introspection.public("primal", "source", "wrt")

    def __get__(self, instance, owner=None):
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self):
        return f"<{self.name} of {self.gradient.__qualname__} wrt {', '.join(self.wrt)}>"

    def __reduce__(self):
        return pickles.reduced(self, _from_parts, self.primal, (type(self), self._wrt, self.verify))

    @property
    def along(self):
        """What gives the derivative in one direction, where a function that is differentiated calls this."""
        return self._along

    @property
    def all_columns(self):
        """What gives all columns by a vector there."""
        return self._together.of_units

    @property
    def wrt_given(self):
        return self._wrt

    # What makes the derivatives that a function calls in which this one is followed.
    maker, product_maker = staticmethod(gradient_of), staticmethod(tangent_of)

    @staticmethod
    def columns_maker(function, wrt):
        return Jacobian(function, wrt)

    def compared(self, args, result, outputs, function):
        """A Jacobian that a new text gave, its product with a direction compared with differences."""
        bound = self._together.last._last.cell_contents
        if not bound.variant.is_verified and is_on(self):
            values = dict(zip(self.gradient.signature.parameters, args))
            rng = np.random.default_rng(1)
            real = [in_float64(values[name], True) for name in self.wrt]
            directions = [random_cotangent(layout_of(value), value, rng) for value in real]
            direction = directions[0] if self.bare else tuple(directions)
            verify_along(self, bound, function, args, directions, product_with(outputs, result, direction))
        return result

    @property
    def signature(self):
        return self.gradient.signature

    def layout(self, args):
        """The layout of the arguments that are differentiated."""
        values = dict(zip(self.gradient.signature.parameters, args))
        return inputs_layout([values[name] for name in self.wrt], self.bare)


def _from_parts(function, arguments, texts):
    cls, *options = arguments
    return cls(pickles.place(function, texts), *options)


class Pullback:
    """The function from the gradient on an output to the gradients on the inputs of one call."""

    def __init__(self, gradient, residuals):
        self._gradient, self._residuals = gradient, residuals

    @boundary
    def __call__(self, dout):
        return self._gradient.backward(dout, self._residuals)

    @property
    @boundary
    def source(self):
        return self._gradient.backward.source

    def __repr__(self):
        return f"<pullback of {self._gradient.__qualname__} wrt {', '.join(self._gradient.wrt)}>"


class VectorJacobian(Derivative):
    """`vjp`: (value, pullback)."""

    name = follows = "vjp"

    @boundary
    def __call__(self, *args, **keywords):
        value, residuals = self.gradient.forward(*args, **keywords)
        return value, Pullback(self.gradient, residuals)

    @property
    @boundary
    def source(self):
        return both_passes(self.gradient)


def both_passes(gradient):
    return f"{gradient.forward.source.rstrip()}\n\n\n{gradient.backward.source.rstrip()}"


class ElementwiseGradient(Derivative):
    """`elementwise_grad`: the derivative of each element of the output on that of the input."""

    name, follows = "elementwise_grad", "elementwise"

    @boundary
    def __call__(self, *args, **keywords):
        value, residuals = self.gradient.forward(*args, **keywords)
        layout = layout_of(value)
        if layout is None or isinstance(layout, Node):
            raise CallError(f"{self.__name__} returns a {type(value).__name__}: elementwise_grad is for a "
                            "function that returns a number or an array")
        ones = np.ones(layout.shape, layout.dtype) if layout.kind is None else layout.kind(1)
        return self.gradient.backward(ones, residuals)

    @property
    @boundary
    def source(self):
        return both_passes(self.gradient)


class HessianProduct(Derivative):
    """`hvp`: the product of the Hessian with a vector, forward over reverse."""

    name = follows = "hvp"
    extra = ("vector",)

    def __init__(self, function, wrt=None, verify=None):
        super().__init__(function, wrt, verify)
        self._along = tangent_of(self.gradient, None, False, verify)

    @boundary
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
    @boundary
    def source(self):
        return self._along.source


class Hessian(Derivative):
    """`hessian`: the second derivatives, column by column."""

    name, follows = "hessian", "columns"

    def __init__(self, function, wrt=None, verify=None):
        super().__init__(function, wrt, verify)
        self._along = tangent_of(self.gradient, None, False, verify)
        self._together = Columns(self.gradient, None)
        self._is_together = False

    @boundary
    def __call__(self, *args, **keywords):
        complete = self.gradient.complete(args, keywords)
        inputs = self.layout(complete)
        count = size_of(inputs)
        if not count:
            self.gradient(*args, **keywords)
        bound = self._together.text_for(complete) if count > 1 else None
        self._is_together = bound is not None
        if bound is not None and isinstance(inputs, Leaf):
            block = self._together.best(bound, complete, inputs)
            return self.compared(complete, block.astype(inputs.dtype, copy=False), inputs, self.gradient)
        blocks = Blocks(inputs, inputs)
        if bound is not None:
            self._together.fill(bound, complete, blocks)
            return self.compared(complete, blocks.assembled(), inputs, self.gradient)
        by_columns(self._along, blocks, args, keywords)
        return blocks.assembled()

    @property
    @boundary
    def source(self):
        if self._is_together:
            return f"# the Hessian of {self.__name__}, {self._together.how}\n{self._together.source}"
        return (f"# the Hessian of {self.__name__}, column by column, by the product with unit vectors\n"
                f"{self._along.source}")


class Jacobian(Derivative):
    """`jacobian`: by forward mode where there are fewer inputs than outputs, else by reverse mode."""

    name, follows = "jacobian", "columns"

    def __init__(self, function, wrt=None, verify=None):
        super().__init__(function, wrt, verify)
        self._along, self._together = tangent_of(function, wrt, False, verify), Columns(function, wrt)
        self._mode, self._known_inputs = "reverse", None

    @boundary
    def __call__(self, *args, **keywords):
        complete = self.gradient.complete(args, keywords)
        inputs = self.layout(complete)
        if inputs == self._known_inputs:        # whose output was an array that is taken by columns
            block = self._together.repeated(complete, inputs)
            if block is not None:
                self._mode = "together"
                return self.compared(complete, block, layout_of(block[..., 0]), self.gradient.function)
        value, residuals = self.gradient.forward(*args, **keywords)
        outputs = layout_of(value)
        blocks = Blocks(outputs, inputs)
        # What is drawn is drawn anew by each call of forward mode.
        if not self.gradient.forward.last.variant.draws:
            if self._by_text(complete, blocks):
                return self.compared(complete, blocks.assembled(), outputs, self.gradient.function)
            if size_of(inputs) < size_of(outputs):
                try:
                    by_columns(self._along, blocks, args, keywords)
                    self._mode = "columns"
                    return blocks.assembled()
                except UnsupportedError:
                    pass
        self._mode = "reverse"
        for path, leaf in leaf_paths(outputs):
            for index in np.ndindex(leaf.shape):
                dout = with_unit(outputs, path, index)
                blocks.set_row(path, index, self.gradient.backward(dout, residuals))
        return blocks.assembled()

    def _by_text(self, args, blocks):
        """Set all columns by the text for several directions, if there is one and it has less to do."""
        inputs, outputs = blocks.inputs, blocks.outputs
        sizes = size_of(inputs), size_of(outputs)
        bound = self._together.text_for(args) if min(sizes) > 1 else None
        if bound is None or sizes[0] > 2 * sizes[1] and bound.variant.band is None:
            return False
        self._mode = "together"
        if isinstance(inputs, Leaf) and isinstance(outputs, Leaf) and inputs.kind is outputs.kind is None:
            block = self._together.best(bound, args, inputs)
            blocks.arrays[(), ()][...] = block
            if block.dtype == blocks.arrays[(), ()].dtype and not bound.variant.mixes_precisions:
                self._known_inputs = inputs
        else:
            self._together.fill(bound, args, blocks)
        return True

    @property
    @boundary
    def source(self):
        if self._mode == "together":
            return f"# the Jacobian of {self.__name__}, {self._together.how}\n{self._together.source}"
        if self._mode == "columns":
            return (f"# the Jacobian of {self.__name__}, column by column, by the tangent of each element of "
                    f"its inputs\n{self._along.source}")
        return (f"# the Jacobian of {self.__name__}, row by row, by the gradient of each element of its "
                f"output\n{both_passes(self.gradient)}")


def product_with(outputs, block, direction):
    """The product of a Jacobian with a direction, in the structure of the output."""
    if isinstance(outputs, Node):
        return rebuild(outputs, [product_with(part, child(block, key), direction)
                                 for key, part in zip(outputs.keys, outputs.parts)])
    if outputs is None:
        return None
    total = 0.0
    for _, path, part in leaves(block, None, (), ""):
        along = direction
        for key in path:
            along = child(along, key)
        total = total + (0.0 if along is None else np.tensordot(np.asarray(child_at(block, path)), along,
                                                               np.ndim(along)))
    return total


def child_at(value, path):
    for key in path:
        value = child(value, key)
    return value


def by_columns(along, blocks, args, keywords):
    """Set the columns of a Jacobian, one call of forward mode for each."""
    for path, leaf in leaf_paths(blocks.inputs):
        for index in np.ndindex(leaf.shape):
            tangent = along(*args, tangents=with_unit(blocks.inputs, path, index), **keywords)
            blocks.set_column(path, index, tangent)
