"""Factors: a factor on each value inside a function, to learn by which factor on which value it would be
right.

On the values of a backward pass they are numbers by which a gradient is multiplied; on those of a forward
pass they are multiplied into the gradient alone, so that a factor of 0 is a path that is forgotten.

>>> def backward(dout, x):
...     dx = dout * x
...     return dx
>>> tree = definition_of(backward)
>>> scaled = Scaled(backward, tree, backward_sites(tree), multiply)
>>> scaled.factors[0] = 2.0
>>> float(scaled.function(3.0, 4.0)), [site.text for site in scaled.sites]
(24.0, ['dx = dout * x', 'return dx'])
"""

from __future__ import annotations

import ast
import copy
from typing import Any, NamedTuple

import numpy as np

from ..types.registry import adjoint
from ..types.shape_rules import like_first
from .reading import definition_of, rebuilt

SCALED, FACTORS = "scaled_", "factors_"
TERMS = (ast.Add, ast.Sub)


class Site(NamedTuple):
    """A value inside a function: its node, the text and the line of its statement, whether it is in a loop.
    """

    node: Any
    text: str
    line: int
    in_loop: bool
    statement: Any


def multiply(x, factor):
    """A value of floats times a factor; anything else as it is.

    >>> multiply(3.0, 2.0), multiply("text", 2.0)
    (6.0, 'text')
    """
    if factor == 1.0 or not (isinstance(x, float) or getattr(x, "dtype", np.dtype(int)).kind == "f"):
        return x
    return x * factor


def passed(x, factor):
    """The value itself, whose gradient is multiplied by a factor.

    >>> passed(3.0, 2.0)
    3.0
    """
    return x


@adjoint(passed, arrays=("x",), kind=like_first)
def _passed_rule(y, dy, x, factor):
    return dy * factor


class Scaled:
    """A function with a factor on the values at these sites of its tree, which are 1 to begin with."""

    def __init__(self, function, tree, sites, scale):
        self.sites, self.factors = sites, np.ones(len(sites))
        with wrapped(sites):
            self.function = rebuilt(tree, function, **{SCALED: scale, FACTORS: self.factors})


class put:
    """A context in which another expression stands in the place of a node.

    >>> tree = ast.parse("x + y").body[0]
    >>> with put(tree.value.left, ast.Name("z", ast.Load())):
    ...     print(ast.unparse(tree))
    z + y
    >>> ast.unparse(tree)
    'x + y'
    """

    def __init__(self, node, other):
        self.node, self.other = node, other

    def __enter__(self):
        self._kept = dict(vars(self.node)), self.node.__class__
        self._become(dict(vars(ast.copy_location(self.other, self.node))), self.other.__class__)

    def __exit__(self, *error):
        self._become(*self._kept)

    def _become(self, fields, cls):
        self.node.__class__ = cls
        vars(self.node).clear()
        vars(self.node).update(fields)


class wrapped:
    """A context in which the nodes of sites stand inside a call that scales them."""

    def __init__(self, sites):
        self.sites = sites

    def __enter__(self):
        # An inner site is a part of the copy of the outer one, which is put in the call.
        self._puts = []
        for number, site in enumerate(self.sites):
            factor = ast.Subscript(ast.Name(FACTORS, ast.Load()), ast.Constant(number), ast.Load())
            call = ast.Call(ast.Name(SCALED, ast.Load()), [copy.copy(site.node), factor], [])
            self._puts.append(put(site.node, call))
            self._puts[-1].__enter__()
        return self

    def __exit__(self, *error):
        for change in reversed(self._puts):
            change.__exit__()


def statements_of(tree):
    """(statement, whether it is in a loop) of each simple statement of a function, in order."""

    def visit(block, in_loop):
        for statement in block:
            if isinstance(statement, (ast.Assign, ast.AugAssign, ast.Return, ast.Expr, ast.AnnAssign)):
                yield statement, in_loop
            for name in ("body", "orelse", "finalbody"):
                inner = getattr(statement, name, None)
                if inner and not isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                    yield from visit(inner, in_loop or isinstance(statement, (ast.For, ast.While)))

    yield from visit(tree.body, False)


def of_gradients(tree):
    """As `statements_of`, from the first that assigns to a gradient on; all, where no name says which."""
    return list(_from_first_gradient(tree)) or list(statements_of(tree))


def _from_first_gradient(tree):
    started = False
    for statement, in_loop in statements_of(tree):
        targets = (
            statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        )
        names = [
            node.id if isinstance(node, ast.Name) else node.attr
            for target in targets
            if target is not None
            for node in ast.walk(target)
            if isinstance(node, (ast.Name, ast.Attribute))
        ]
        started = started or any(name.startswith(("d", "grad")) for name in names)
        if started:
            yield statement, in_loop


def backward_sites(tree, statements=None):
    """The sites of a backward pass: what is assigned or returned, and the terms of sums in it."""
    sites = []
    for statement, in_loop in statements or statements_of(tree):
        value = getattr(statement, "value", None)
        if value is None or isinstance(statement, ast.Expr):
            continue
        roots = value.elts if isinstance(value, ast.Tuple) else [value]
        nodes = [
            root for root in roots if not isinstance(root, (ast.Tuple, ast.List, ast.Dict, ast.Constant))
        ]
        if not isinstance(statement, ast.Return) and isinstance(value, (ast.Name, ast.Tuple)):
            nodes = []
        nodes += [
            operand
            for root in roots
            for node in ast.walk(root)
            if isinstance(node, ast.BinOp) and isinstance(node.op, TERMS)
            for operand in (node.left, node.right)
            if not isinstance(operand, ast.Constant)
        ]
        text = ast.unparse(statement)
        sites += [Site(node, text, statement.lineno, in_loop, statement) for node in dict.fromkeys(nodes)]
    return sites


def forward_sites(tree):
    """The sites of a forward pass: what operations and calls are applied to, and what they give."""
    sites = []
    for statement, in_loop in statements_of(tree):
        value = getattr(statement, "value", None)
        if value is None or isinstance(statement, ast.Expr):
            continue
        text, nodes = ast.unparse(statement), []
        _operands(value, nodes)
        if isinstance(value, (ast.BinOp, ast.Call)):
            nodes.append(value)
        if isinstance(statement, ast.Return):
            nodes += [
                part
                for part in (value.elts if isinstance(value, ast.Tuple) else [value])
                if not isinstance(part, (ast.Constant, ast.Tuple, ast.List, ast.Dict))
            ]
        sites += [Site(node, text, statement.lineno, in_loop, statement) for node in dict.fromkeys(nodes)]
    return sites


METHODS = {"sum", "mean", "dot", "max", "min", "reshape", "transpose", "std", "var"}
PLACES = {
    "zeros",
    "ones",
    "zeros_like",
    "ones_like",
    "arange",
    "range",
    "len",
    "int",
    "shape",
    "empty",
    "empty_like",
    "full",
    "isinstance",
    "default_rng",
    "print",
}


def _operands(node, nodes):
    """Add the operands of operations and calls in an expression, those of comparisons and subscripts aside.
    """
    if isinstance(node, (ast.Compare, ast.Lambda, ast.JoinedStr)):
        return
    if isinstance(node, ast.BinOp):
        nodes += [part for part in (node.left, node.right) if not isinstance(part, ast.Constant)]
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        nodes += [node.operand] * (not isinstance(node.operand, ast.Constant))
    elif isinstance(node, ast.Call):
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in PLACES:
            return
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            module = isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy", "math")
            nodes += [node.func.value] * (not module)
        nodes += [
            part
            for part in node.args
            if not isinstance(part, (ast.Constant, ast.Starred, ast.Tuple, ast.List, ast.Lambda))
        ]
    children = ast.iter_child_nodes(node) if not isinstance(node, ast.Subscript) else [node.value]
    for inner in children:
        if isinstance(node, ast.Call) and inner is node.func and not isinstance(inner, ast.Attribute):
            continue
        _operands(inner, nodes)


def returning_output(hand):
    """The tree of a forward pass that returns its output without the cache or the gradients."""
    tree = definition_of(hand.forward)
    if tree is None or hand.form not in ("layer with a cache", "loss and gradients"):
        return tree
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
            parts = node.value.elts
            if hand.form == "loss and gradients":
                parts = parts[:1]
            elif len(parts) > 1:
                parts = parts[:-1]
            node.value = parts[0] if len(parts) == 1 else ast.Tuple(parts, ast.Load())
    return tree


def active_sites(hand, tree):
    """The forward sites whose values are floats or arrays of floats in a run."""
    sites, values = forward_sites(tree), {}

    def record(x, number):
        kind = getattr(x, "dtype", np.dtype(float) if isinstance(x, float) else np.dtype(int)).kind
        values.setdefault(int(number), set()).add(kind == "f")
        return x

    scaled = Scaled(hand.forward, tree, sites, record)
    scaled.factors[:] = np.arange(len(sites))
    hand.sandbox.run(lambda args: hand._forward(args, scaled.function), hand.args)
    return [site for number, site in enumerate(sites) if values.get(number) == {True}]
