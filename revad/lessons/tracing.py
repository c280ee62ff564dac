"""Tracing: a run of a function as nodes, one for each gate that it went through, with value and gradient.

The function runs with each of its expressions looked at. The gradient goes back from node to node by the
generated pass of each single gate, and is compared with the generated gradient of the function at the end.

>>> def f(x, y, z):
...     q = x + y
...     return q * z
>>> trace = traced(f, (-2.0, 5.0, -4.0))
>>> for node in trace.nodes:
...     print(node.label, node.name, [operand.number for operand in node.operands], node.value, node.gradient)
x x [] -2.0 -4.0
y y [] 5.0 -4.0
z z [] -4.0 3.0
+ q [0, 1] 3.0 -4.0
*  [3, 2] -12.0 1.0
"""

from __future__ import annotations

import copy
import functools
import inspect

import numpy as np

from ..errors import CallError, RevadError
from ..grading.ratios import is_close
from ..grading.reading import definition_of
from ..runtime.arguments import split_arguments
from ..runtime.gradient import Gradient
from ..runtime.structure import child, children, in_float64, is_real, leaves, map_children
from ..runtime.verification.sandbox import Sandbox
from .recording import Recorder
from .single import is_of_floats, vjps


class Trace:
    """The nodes of a run in the order in which they were computed; results: those that it returns."""

    def __init__(self, function, nodes, results, inputs):
        self.function, self.nodes, self.results, self.inputs = function, nodes, results, inputs

    @property
    def used(self):
        """The nodes on a way to a result, inputs first."""
        return on_the_way_to(self.results, self.nodes)

    def name_of(self, node):
        """The name of an input, or of a variable; of a result without one that of the function."""
        if node.name or not node.is_result:
            return node.name
        return self.function.__name__ if self.function.__name__.isidentifier() else "out"


def on_the_way_to(results, nodes):
    """The nodes of which results are computed, and these."""
    reached, pending = {id(result) for result in results}, list(results)
    while pending:
        for operand in pending.pop().operands:
            if id(operand) not in reached:
                reached.add(id(operand))
                pending.append(operand)
    return [node for node in nodes if id(node) in reached]


def traced(f, args, keywords=None, merge=(), wrt=None) -> Trace:
    """The Trace of a function that returns a number, or an array, or several, the sum of which is taken.

    merge: see `Instrument`.  wrt: the inputs; left out, those of `f` if it is a gradient, else every
    parameter that is a number or holds floats; where there is none, that holds integers.  Raises CallError
    for what cannot be followed gate by gate: it is compared with the gradient of the whole function.
    """
    receiver = ()
    if inspect.ismethod(f):
        f, receiver = f.__func__, (f.__self__,)
    if not isinstance(f, Gradient) or wrt is not None:
        f = getattr(f, "primal", f)
        f = Gradient(f, _inputs(f, (*receiver, *args), keywords or {}) if wrt is None else wrt)
    given = f.complete((*receiver, *args), keywords or {})
    if definition_of(f.function) is None:
        raise CallError(f"the source of {f.__name__} is not there to be followed")
    refused = None
    # Integers inside of containers are numbers, or settings; calls are followed, or are gates. A statement
    # that is one gate has no calls to follow.
    for all_numbers, opens in ((True, True), (False, True), *(() if merge else ((True, False),))):
        args = tuple(
            in_float64(arg, name in f.wrt and (all_numbers or children(arg) is None))
            for name, arg in zip(f.signature.parameters, given)
        )
        try:
            return _traced(f, args, merge, opens)
        except (CallError, TypeError, IndexError) as error:
            refused = refused if isinstance(refused, CallError) else error
    raise refused


def _traced(gradient, args, merge, opens):
    recorder, function = Recorder(merge, opens), gradient.function
    recorder.function = function
    instrumented = recorder.instrumented(definition_of(function), function)
    copies = [
        recorder.taken(name, arg) if name in gradient.wrt else copy.deepcopy(arg)
        for name, arg in zip(gradient.signature.parameters, args)
    ]
    for name, arg in zip(gradient.signature.parameters, copies):
        if name in gradient.wrt and is_of_floats(arg):
            recorder.node_of(arg)
    results = []

    def run(*positional, **others):
        results.append(instrumented(*positional, **others))
        return None

    Sandbox(function, args).call(run, *split_arguments(gradient.signature, copies))
    returned = recorder.argument(results[0]).nodes
    if not returned:
        raise CallError(f"{gradient.__name__} returns no number or array that depends on a parameter")
    if () not in returned:
        recorder.assign(gradient.__name__, results[0])
    for node in returned.values():
        node.is_result = True
    trace = Trace(gradient, recorder.nodes, list(returned.values()), recorder.inputs)
    try:
        back(trace)
    except RevadError as error:
        raise CallError(
            f"{gradient.__name__} does not come apart into gates: {str(error).splitlines()[0]}"
        ) from error
    _check(trace, gradient, args)
    return trace


def _inputs(f, args, keywords):
    """The names of the parameters that are numbers or hold floats."""
    try:
        given = inspect.signature(f).bind(*args, **keywords).arguments
    except TypeError as error:
        raise CallError(f"{getattr(f, '__name__', f)}: {error}") from None
    names = tuple(
        name
        for name, value in given.items()
        if isinstance(value, int)
        and not isinstance(value, bool)
        or any(is_of_floats(part) for part in _values(value))
    ) or tuple(name for name, value in given.items() if any(map(is_real, _values(value))))
    if not names:
        raise CallError(f"no argument of {getattr(f, '__name__', f)} is a number, or holds numbers")
    return names


def _values(value):
    parts = children(value)
    return [value] if parts is None else [leaf for _, part, _ in parts for leaf in _values(part)]


def back(trace):
    """Fill in the gradients, from the results to the inputs."""
    for node in trace.nodes:
        node.gradient = None
    for result in trace.results:
        seed = np.ones_like(result.value) if np.ndim(result.value) else 1.0
        result.gradient = seed if result.gradient is None else result.gradient + seed
    for node in reversed(trace.nodes):
        if node.gradient is not None and node.operands:
            for operand, part in vjps(node):
                operand.gradient = part if operand.gradient is None else operand.gradient + part
    for node in trace.nodes:
        if node.gradient is None:
            node.gradient = np.zeros_like(node.value) if np.ndim(node.value) else 0.0


def _ones(out):
    """The gradient of the sum of what a function returns on each part of it."""
    if children(out) is not None:
        return map_children(out, lambda _, part: _ones(part))
    return (np.ones_like(out) if np.ndim(out) else 1.0) if is_of_floats(out) else None


def _check(trace, gradient, args):
    """Raise CallError where the gates together have another gradient than the function."""
    positional, others = split_arguments(gradient.signature, args)
    try:
        out, cache = gradient.forward(*positional, **others)
        expected = gradient.backward(_ones(out), cache)
    except RevadError as error:
        raise CallError(
            f"{gradient.__name__} cannot be differentiated: {str(error).splitlines()[0]}"
        ) from error
    expected = dict(zip(gradient.wrt, (expected,) if gradient.bare else expected))
    for name, arg in zip(gradient.signature.parameters, args):
        for text, path, part in leaves(arg, expected[name], (), name) if name in expected else ():
            if not is_of_floats(functools.reduce(child, path, arg)):
                continue
            node = trace.inputs.get(text)
            right = np.zeros(np.shape(part)) if node is None else node.gradient
            if not is_close(right, part, rtol=1e-6):
                raise CallError(
                    f"{gradient.__name__} does not come apart into gates: the gradient on {text} is another "
                    "than that of the whole function, which grad gives."
                )
