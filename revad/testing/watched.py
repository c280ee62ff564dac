"""Watched: a generated text in which each value is looked at as soon as it is computed.

>>> import types
>>> from ..runtime.compilation import function_of_text
>>> watch = Watch(lambda value: not np.all(np.isfinite(value)))
>>> tree = ast.parse("def text(x):\\n    y = x - 1.0\\n    y *= 2.0\\n    return np.log(y)").body[0]
>>> watched_tree = watch.instrumented(tree, "text")
>>> run = function_of_text(ast.unparse(watched_tree), "text", {"np": np}, {LOOK: types.CellType(watch.look)})
>>> with np.errstate(all="ignore"):
...     _ = run(np.array([3.0, 1.0]))
>>> event = watch.event
>>> event.line, event.expression, event.result, event.operands
(4, 'np.log(y)', array([1.38629436,       -inf]), {'y': array([4., 0.])})
"""
from __future__ import annotations

import ast
import copy
import re
from typing import Any, NamedTuple

import numpy as np

LOOK = "look_"
SHOWN = (ast.BinOp, ast.UnaryOp, ast.Call, ast.IfExp, ast.Subscript, ast.BoolOp)
# Expressions with names of their own, which are not looked into.
SCOPES = (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp, ast.JoinedStr)


class Event(NamedTuple):
    """The first bad value: the function and line of its text, the expression, its value, what it read."""

    function: str
    line: int
    expression: str
    result: Any
    operands: dict


class _Site(NamedTuple):
    function: str
    line: int
    expression: str
    operands: tuple      # numbers of the sites of what it reads
    is_exempt: bool      # the text itself says inf or nan, or it is a name


class Watch:
    """Looks at the values of texts until one is bad although nothing that it was computed from is.

    is_bad: says so of an array or number of floats.
    """

    def __init__(self, is_bad):
        self.is_bad, self.event, self.last = is_bad, None, None
        self._sites, self._seen = [], {}

    def instrumented(self, tree, function):
        """A copy of the tree of a function that shows its values to `look`."""
        tree = copy.deepcopy(tree)
        _Instrument(self._sites, function).visit_block(tree.body)
        return ast.fix_missing_locations(tree)

    def look(self, number, value):
        """Note a value of a site, and hand it on."""
        if self.event is None:
            site = self._sites[number]
            self.last = site
            is_bad = _is_of_floats(value) and bool(self.is_bad(value))
            if is_bad and not site.is_exempt and not any(self._seen[operand][0] for operand in site.operands
                                                         if operand in self._seen):
                operands = {self._sites[operand].expression: self._seen[operand][1]
                            for operand in site.operands if operand in self._seen}
                self.event = Event(site.function, site.line, site.expression, value,
                                   {text: part for text, part in operands.items() if _is_of_floats(part)})
            # An array that is changed in place is looked at again; what it held before is told then.
            self._seen[number] = is_bad, value.copy() if isinstance(value, np.ndarray) else value
        return value


def _is_of_floats(value):
    return isinstance(value, float) or getattr(value, "dtype", np.dtype(int)).kind == "f"


class _Instrument:
    """Puts calls of `look` around the values of a function, and appends their sites."""

    def __init__(self, sites, function):
        self.sites, self.function, self.line = sites, function, 0

    def visit_block(self, block):
        for position in reversed(range(len(block))):
            block[position:position + 1] = self.statement(block[position])

    def statement(self, node):
        """The statements in the place of one."""
        self.line = node.lineno
        for name in ("body", "orelse", "finalbody"):
            if getattr(node, name, None) and not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                self.visit_block(getattr(node, name))
        self.line = node.lineno
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            return [node]
        if isinstance(node, ast.AugAssign):
            return self.augmented(node)
        for name in ("value", "iter", "test"):
            value = getattr(node, name, None)
            if isinstance(value, ast.expr):
                setattr(node, name, self.expression(value)[0])
        return [node]

    def augmented(self, node):
        """`x += v` has x looked at before and after."""
        text = ast.unparse(node)
        target = copy.deepcopy(node.target)
        for part in ast.walk(target):
            if hasattr(part, "ctx"):
                part.ctx = ast.Load()
        before = self.site(ast.unparse(target), (), True)
        node.value, read = self.expression(node.value)
        after = self.site(text, (before, *read))
        return [ast.Expr(self.call(before, target)), node, ast.Expr(self.call(after, copy.deepcopy(target)))]

    def expression(self, node):
        """(the expression with its values looked at, the numbers of the sites of which it is made)."""
        if isinstance(node, SCOPES):
            return node, ()
        if isinstance(node, ast.Name):
            number = self.site(node.id, (), True)
            return self.call(number, node), (number,)
        text, read = ast.unparse(node), []
        for name, field in ast.iter_fields(node):
            if isinstance(node, ast.Call) and name == "func":
                if isinstance(field, ast.Attribute) and not _is_module(field.value):
                    field.value, inner = self.expression(field.value)
                    read += inner
                continue
            if isinstance(node, ast.Attribute) and _is_module(node):
                continue
            if isinstance(node, ast.Subscript) and name == "slice":
                continue
            if isinstance(field, list):
                for position, part in enumerate(field):
                    if isinstance(part, ast.keyword):
                        part.value, inner = self.expression(part.value)
                        read += inner
                    elif isinstance(part, ast.Starred):
                        part.value, inner = self.expression(part.value)
                        read += inner
                    elif isinstance(part, ast.expr):
                        field[position], inner = self.expression(part)
                        read += inner
            elif isinstance(field, ast.expr):
                inside, inner = self.expression(field)
                setattr(node, name, inside)
                read += inner
        if isinstance(node, SHOWN):
            number = self.site(text, tuple(read), bool(re.search(r"\b(inf|nan)\b", text)))
            return self.call(number, node), (number,)
        return node, tuple(read)

    def site(self, text, operands, is_exempt=False):
        self.sites.append(_Site(self.function, self.line, text, operands, is_exempt))
        return len(self.sites) - 1

    def call(self, number, node):
        return ast.Call(ast.Name(LOOK, ast.Load()), [ast.Constant(number), node], [])


def _is_module(node):
    """Whether an expression is a module or one of its members: np, np.linalg."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "math", "linalg", "special", "scipy")
