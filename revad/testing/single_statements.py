"""Single statements: which statement of a function is the first whose adjoint disagrees with its tangent.

Each statement that runs is a function of what it reads. Its gradient is compared with differences of it
alone, at the values that it has there the first time; what a statement by itself is refused for is left out.

>>> from .gradient_check import check_grad
>>> def f(x):
...     y = np.exp(x)
...     return np.sum(y * x)
>>> bool(check_grad(f, np.array([1.0, 2.0]), lines=True))
True
"""
from __future__ import annotations

import ast
import copy
from types import CellType
from typing import Any, NamedTuple

import gast
import numpy as np

from ..errors import CallError, RevadError, SourceError
from ..frontend.source import read_source
from ..runtime import arguments
from ..runtime.compilation import function_of_text
from ..runtime.cotangents import inner_product, layout_of, random_cotangent
from ..runtime.gradient import Gradient
from ..runtime.structure import children, is_float
from ..runtime.verification.along import moved
from ..types.kinds import is_object
from .report import Row

LOOK = "look_"
SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr)


class Statement(NamedTuple):
    """A statement, the names that it reads and those whose values it gives or changes."""

    node: Any
    reads: tuple
    gives: tuple

    @property
    def text(self):
        return ast.unparse(self.node)


def first_wrong(program, rng, closest):
    """The Row of the first statement whose adjoint is wrong, None if there is none."""
    function = program.gradient.function
    try:
        tree = gast.gast_to_ast(copy.deepcopy(read_source(function).tree))
    except SourceError as error:
        raise CallError(f"lines=True reads the statements of {program.gradient.__name__}: {error}") from None
    statements, values = [], {}
    _insert_looks(tree.body, statements)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))

    def look(number, names):
        if number not in values:
            values[number] = {name: copy.deepcopy(names[name]) for name in statements[number].reads
                              if name in names and name not in cells}
    watched = _compiled(tree, function, {**cells, LOOK: CellType(look)})
    watched.__defaults__, watched.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
    positional, keywords = arguments.split_arguments(program.gradient.signature, program.real)
    program.sandbox.run(lambda *args, **named: watched(*args, **named) and None, *positional, **keywords)
    for number, names in values.items():        # in the order in which they ran
        row = program.sandbox.run(_compared, statements[number], names, function, cells, rng, closest)
        if row is not None:
            return row
    return None


def _insert_looks(block, statements):
    """Put a call of `look_` before each statement that computes something; append the Statement of each."""
    for position in reversed(range(len(block))):
        node = block[position]
        for name in ("body", "orelse", "finalbody"):
            if not isinstance(node, (ast.FunctionDef, ast.ClassDef)) and getattr(node, name, None):
                _insert_looks(getattr(node, name), statements)
        for handler in getattr(node, "handlers", ()):
            _insert_looks(handler.body, statements)
        if isinstance(node, SIMPLE) and getattr(node, "value", None) is not None:
            look = ast.parse(f"{LOOK}({len(statements)}, locals())").body
            statements.append(_statement(node))
            block[position:position] = look


def _statement(node):
    names = [part for part in ast.walk(node) if isinstance(part, ast.Name)]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    gives = {part.id for part in names if isinstance(part.ctx, ast.Store)}
    gives |= {_base(target) for target in targets} | {
        _base(part.func.value) for part in ast.walk(node)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute)}
    reads = {part.id for part in names if isinstance(part.ctx, ast.Load)} | {
        _base(node.target) if isinstance(node, ast.AugAssign) else None}
    return Statement(copy.deepcopy(node), tuple(sorted(reads - {None})), tuple(sorted(gives - {None})))


def _base(target):
    """The variable that a subscript or an attribute is of."""
    while isinstance(target, (ast.Subscript, ast.Attribute, ast.Starred)):
        target = target.value
    return target.id if isinstance(target, ast.Name) else None


def _compiled(tree, function, cells):
    tree.decorator_list, tree.returns = [], None
    for argument in (part for part in ast.walk(tree.args) if isinstance(part, ast.arg)):
        argument.annotation = None
    tree.args.defaults = [ast.Constant(None) for _ in tree.args.defaults]
    tree.args.kw_defaults = [default and ast.Constant(None) for default in tree.args.kw_defaults]
    text = ast.unparse(ast.fix_missing_locations(ast.Module([tree], [])))
    return function_of_text(text, tree.name, function.__globals__, cells)


def _alone(statement, names, function, cells):
    """(the statement as a function of the numbers, arrays and containers that it reads, their values)."""
    values = {name: value for name, value in names.items() if not callable(value)}
    others = {name: CellType(value) for name, value in names.items() if callable(value)}
    body = [copy.deepcopy(statement.node)]
    if not isinstance(statement.node, ast.Return):
        targets = {part.id for part in ast.walk(statement.node)
                   if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}
        given = [name for name in statement.gives if name in values or name in targets]
        body.append(ast.Return(ast.Tuple([ast.Name(name, ast.Load()) for name in given], ast.Load())))
    parameters = ast.arguments([], list(map(ast.arg, values)), None, [], [], None, [])
    tree = ast.FunctionDef(name="statement", args=parameters, body=body, decorator_list=[], returns=None,
                           type_comment=None, type_params=[])
    return _compiled(tree, function, {**cells, **others}), tuple(values.values())


def _compared(statement, names, function, cells, rng, closest):
    """The Row of a statement whose adjoint is wrong; None if it is right, or cannot be told."""
    alone, args = _alone(statement, names, function, cells)
    varied = [i for i, value in enumerate(args) if _has_floats(value)]
    out = alone(*copy.deepcopy(args))
    dout = random_cotangent(layout_of(out), out, rng) if layout_of(out) is not None else None
    if not varied or not _has_floats(dout):
        return None
    try:
        gradient = Gradient(alone, tuple(varied))
        _, cache = gradient.forward(*copy.deepcopy(args))
        slopes = gradient.backward(dout, cache)
    except RevadError:
        return None
    directions = {i: random_cotangent(layout_of(args[i]), args[i], rng) for i in varied}
    generated = sum(inner_product(slope, directions[i]) for i, slope in zip(varied, slopes))

    def along(t):
        return inner_product(alone(*copy.deepcopy(moved(args, directions, t))), dout)
    numeric, excess = closest(along, generated)
    if excess <= 1:
        return None
    return Row(f"line {statement.node.lineno}", statement.text, float(generated), float(numeric), False)


def _has_floats(value):
    parts = None if is_object(value) else children(value)
    return is_float(value) and np.size(value) > 0 if parts is None else any(_has_floats(part)
                                                                            for _, part, *_ in parts)
