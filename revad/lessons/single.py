"""Single: the way back through one gate, by the pass that revad generates for it alone.

>>> product = gate_of("p0 * p1", ("p0", "p1"), (0, 1), lambda: None)
>>> product.backward(1.0, product.forward(3.0, 4.0)[1])
(4.0, 3.0)
"""

from __future__ import annotations

import functools
import textwrap
from typing import Any, NamedTuple

import numpy as np

from ..runtime.compilation import function_of_text
from ..runtime.gradient import Gradient
from ..runtime.structure import child


class Argument(NamedTuple):
    """What a gate is given: a copy of the value, and {path: node} of the nodes in it; () is the path of the
    value itself.
    """

    value: Any
    nodes: dict


def is_of_floats(value):
    """Whether a value is a float or an array of them."""
    return isinstance(value, float) or getattr(value, "dtype", np.dtype(int)).kind == "f"


def vjps(node):
    """(operand, gradient on it) of a node, from the gradient on its value."""
    active = tuple(position for position, argument in enumerate(node.arguments) if argument.nodes)
    gradient = gate_of(node.site.gate, node.site.parameters, active, node.function)
    _, cache = gradient.forward(*(argument.value for argument in node.arguments))
    parts = gradient.backward(node.gradient, cache)
    for position, part in zip(active, (parts,) if gradient.bare else parts):
        for path, operand in node.arguments[position].nodes.items():
            value = functools.reduce(child, path, part)
            if value is not None:
                yield operand, value


@functools.lru_cache(maxsize=1000)
def gate_of(text, parameters, active, function) -> Gradient:
    """The Gradient of an expression, or of lines that end with `return`, in the namespace of a function.

    active: the positions of the parameters to differentiate.
    """
    body = text if "\n" in text else f"return {text}"
    source = f"def gate({', '.join(parameters)}):\n{textwrap.indent(body, '    ')}"
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    free = {name: cell for name, cell in cells.items() if name not in parameters}
    return Gradient(
        function_of_text(source, "gate", function.__globals__, free),
        tuple(parameters[position] for position in active),
    )
