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

import ast
import inspect
import types
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..errors import CallError, RevadError
from ..grading.ratios import is_close
from ..grading.reading import definition_of, rebuilt
from ..runtime.arguments import split_arguments
from ..runtime.gradient import Gradient
from ..runtime.structure import children, in_float64
from ..runtime.verification.sandbox import Sandbox
from .instrument import ASSIGN, NODE, OPEN, RESULT, STORE, Instrument
from .single import is_of_floats, vjp_of

MOST = 2000  # gates of a run


@dataclass(eq=False)
class Node:
    """A gate of a run, or an input: its place, its value and, after the way back, its gradient.

    kind: 'input', 'gate', 'box' (a call of a function of the user's) or 'store'.  name: of the variable
    that the value is given, if it is.  text: the expression.
    """

    number: int
    kind: str
    label: str
    operands: list
    value: Any
    line: int = 0
    text: str = ""
    name: str = ""
    gradient: Any = None
    site: Any = field(default=None, repr=False)
    arguments: Any = field(default=None, repr=False)
    function: Any = field(default=None, repr=False)

    @property
    def is_input(self):
        return self.kind == "input"


class Trace:
    """The nodes of a run in the order in which they were computed; result: the last of them."""

    def __init__(self, function, nodes, result, inputs):
        self.function, self.nodes, self.result, self.inputs = function, nodes, result, inputs

    @property
    def used(self):
        """The nodes on a way to the result, inputs first."""
        reached, pending = {id(self.result)}, [self.result]
        while pending:
            for operand in pending.pop().operands:
                if id(operand) not in reached:
                    reached.add(id(operand))
                    pending.append(operand)
        return [node for node in self.nodes if id(node) in reached]


def traced(f, args, keywords=None, merge=(), wrt=None, depth=1) -> Trace:
    """The Trace of a function that returns one number, or an array (whose sum is taken).

    merge: see `Instrument`.  depth: how deep calls of the user's functions are opened.  wrt: the inputs;
    left out, those of `f` if it is a gradient, else every parameter that is a number or holds floats.
    Raises CallError for what cannot be followed gate by gate: it is compared with the gradient of the whole
    function.
    """
    receiver = ()
    if inspect.ismethod(f):
        f, receiver = f.__func__, (f.__self__,)
    if not isinstance(f, Gradient) or wrt is not None:
        f = getattr(f, "primal", f)
        f = Gradient(f, _inputs(f, (*receiver, *args), keywords or {}) if wrt is None else wrt)
    gradient, function = f, f.function
    args = gradient.complete((*receiver, *args), keywords or {})
    names = list(gradient.signature.parameters)
    args = tuple(in_float64(arg, name in gradient.wrt) for name, arg in zip(names, args))
    tree = definition_of(function)
    if tree is None:
        raise CallError(f"the source of {gradient.__name__} is not there to be followed")
    recorder = Recorder(merge, depth)
    for name, arg in zip(names, args):
        if is_of_floats(arg) and name in gradient.wrt:
            recorder.variables[name] = recorder.input(name, arg)
    instrumented = recorder.instrumented(tree, function, names)
    positional, others = split_arguments(gradient.signature, args)
    Sandbox(function, args).run(instrumented, *positional, **others)
    if recorder.result is None:
        raise CallError(f"{gradient.__name__} returns no number or array that depends on a parameter")
    trace = Trace(gradient, recorder.nodes, recorder.result, recorder.inputs)
    back(trace)
    _check(trace, gradient, args, positional, others)
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
    )
    if not names:
        raise CallError(f"no argument of {getattr(f, '__name__', f)} is a number or an array of floats")
    return names


def _values(value):
    parts = children(value)
    return [value] if parts is None else [leaf for _, part, _ in parts for leaf in _values(part)]


def back(trace):
    """Fill in the gradients, from the result to the inputs."""
    for node in trace.nodes:
        node.gradient = None
    trace.result.gradient = np.ones_like(trace.result.value) if np.ndim(trace.result.value) else 1.0
    for node in reversed(trace.nodes):
        if node.gradient is None or not node.operands:
            continue
        for operand, part in zip(node.operands, vjp_of(node)):
            if part is not None:
                operand.gradient = part if operand.gradient is None else operand.gradient + part
    for node in trace.nodes:
        if node.gradient is None:
            node.gradient = np.zeros_like(node.value) if np.ndim(node.value) else 0.0


def _check(trace, gradient, args, positional, others):
    """Raise CallError where the gates together have another gradient than the function."""
    try:
        out, cache = gradient.forward(*positional, **others)
        dout = np.ones_like(out) if np.ndim(out) else 1.0
        expected = gradient.backward(dout, cache)
    except RevadError as error:
        raise CallError(
            f"{gradient.__name__} cannot be differentiated: {str(error).splitlines()[0]}"
        ) from error
    expected = (expected,) if gradient.bare else expected
    for name, part in zip(gradient.wrt, expected):
        node = trace.inputs.get(name)
        if node is not None and not is_close(node.gradient, part, rtol=1e-6):
            raise CallError(
                f"{gradient.__name__} does not come apart into gates: it stores into what it has read, or "
                f"keeps {name} in a list. Its gradient is what grad gives."
            )


class Recorder:
    """Makes a node of each value of floats that an instrumented function computes."""

    def __init__(self, merge, depth):
        self.merge, self.depth = merge, depth
        self.nodes, self.inputs, self.sites, self.result = [], {}, [], None
        self.latest, self.variables, self.function, self.opened = {}, {}, None, {}

    def instrumented(self, tree, function, names):
        """The function with its values handed to this recorder."""
        instrument = Instrument(names, self.merge)
        self.sites, self.function = instrument.sites, function
        hooks = {NODE: self.node, ASSIGN: self.assign, STORE: self.store, RESULT: self.give, OPEN: self.open}
        return rebuilt(instrument.function(tree), function, **hooks)

    def input(self, name, value):
        node = self._append("input", name, [], value, name=name, text=name)
        self.inputs[name] = node
        return node

    def _append(self, kind, label, operands, value, **fields):
        if len(self.nodes) >= MOST:
            raise CallError(f"more than {MOST} gates: take smaller arguments, or fewer rounds")
        value = value.copy() if isinstance(value, np.ndarray) else value
        self.nodes.append(
            Node(len(self.nodes), kind, label, operands, value, function=self.function, **fields)
        )
        return self.nodes[-1]

    # ---- called by the instrumented function

    def node(self, number, value):
        """Note the value of a site; returns it."""
        site = self.sites[number]
        if site.variable:
            node = self.variables.get(site.variable)
        elif number in self.opened:
            node = self.opened.pop(number)
        else:
            arguments = [self.latest.get(operand) for operand in site.operands]
            operands = [node for node, _ in filter(None, arguments) if node is not None]
            node = None
            if operands and (is_of_floats(value) or site.kind == "box"):
                node = self._append(
                    site.kind,
                    site.label,
                    operands,
                    value,
                    line=site.line,
                    text=site.text,
                    site=site,
                    arguments=arguments,
                )
            elif site.is_read and is_of_floats(value):
                node = self.inputs.get(site.text) or self.input(site.text, value)
        self.latest[number] = node, value
        return value

    def assign(self, name, number, value):
        """A variable gets the value of a site."""
        node = self.latest[number][0] if number in self.latest else None
        self.variables[name] = node
        if node is not None and not node.name:
            node.name = name
        return value

    def store(self, name, number, value):
        """An array has been stored into: its variable stands for another node from here on."""
        site = self.sites[number]
        before = self.variables.get(name)
        base = before, np.zeros_like(value) if before is None else before.value
        arguments = [base, *(self.latest.get(operand) for operand in site.operands)]
        operands = [node for node, _ in filter(None, arguments) if node is not None]
        if operands and is_of_floats(value):
            self.variables[name] = self._append(
                "store",
                site.label,
                operands,
                value,
                line=site.line,
                text=site.text,
                name=name,
                site=site,
                arguments=arguments,
            )

    def give(self, number, value):
        """The function returns the value of a site."""
        node = self.latest[number][0] if number in self.latest else None
        if node is not None and is_of_floats(node.value):
            self.result = node
        return value

    def open(self, number, function):
        """The function of a call, whose own gates are recorded if the calls are opened that deep."""
        tree = definition_of(function) if self.depth > 1 and type(function) is types.FunctionType else None
        if tree is None:
            return function
        call = ast.parse(self.sites[number].gate, mode="eval").body
        if any(isinstance(part, ast.Starred) for part in call.args):
            return function
        names = list(inspect.signature(function).parameters)

        def opened(*args, **keywords):
            operands = dict(zip(self.sites[number].parameters, self.sites[number].operands))
            passed = [*zip(names, call.args), *((keyword.arg, keyword.value) for keyword in call.keywords)]
            variables = {
                name: self.latest[operands[value.id]][0]
                for name, value in passed
                if isinstance(value, ast.Name) and value.id in operands
            }
            frame = dict(vars(self))
            self.depth, self.latest, self.variables, self.result, self.opened = (
                self.depth - 1,
                {},
                variables,
                None,
                {},
            )
            try:
                value = self.instrumented(tree, function, names)(*args, **keywords)
                result = self.result
            finally:
                vars(self).update(frame)
            if result is not None:
                self.opened[number] = result
            return value

        return opened
