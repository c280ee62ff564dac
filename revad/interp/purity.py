"""Purity: whether a function stores into outside objects or arguments, as far as its text tells.

>>> import textwrap
>>> changes_outside(textwrap.dedent)
False
"""
from __future__ import annotations

import builtins
import functools
import types

import gast
import numpy as np

from ..errors import SourceError
from ..frontend.source import read_source
from ..types.sharing import shares

CHANGES = frozenset((
    "append", "extend", "insert", "pop", "clear", "remove", "reverse", "sort", "update",
    "setdefault", "popitem",
    "add", "discard", "fill", "put", "resize", "partition", "itemset"))
# Methods and functions whose results share no memory with their arguments.
OWN_METHODS = frozenset((
    "copy", "sum", "mean", "std", "var", "max", "min", "prod", "any", "all", "argmax", "argmin", "argsort",
    "cumsum", "cumprod", "dot", "round", "clip", "tolist", "nonzero", "repeat", "trace", "item", "flatten"))
OWN_BUILTINS = frozenset((
    abs, all, any, bool, complex, float, format, hash, id, int, isinstance, len, pow, print, range, repr,
    round, str, sum, type))


@functools.lru_cache(maxsize=256)
def changes_outside(function, depth=4):
    """Whether a function, or one that it calls, may store into outside objects or its arguments."""
    try:
        tree = read_source(function).tree
    except SourceError:
        return False
    nodes = list(gast.walk(tree))
    declared = {name for node in nodes if isinstance(node, (gast.Global, gast.Nonlocal))
                for name in node.names}
    outside = _Outside(function, tree, nodes, declared)
    for node in nodes:
        if isinstance(node, gast.Name) and node.id in declared and not isinstance(node.ctx, gast.Load):
            return True
        if isinstance(node, (gast.Subscript, gast.Attribute)) and not isinstance(node.ctx, gast.Load) \
                and outside.reaches(node.value):
            return True
        if isinstance(node, gast.AugAssign) and isinstance(node.target, gast.Name) \
                and outside.reaches(node.target):
            return True
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) \
                and node.func.attr in CHANGES and outside.reaches(node.func.value) \
                and not isinstance(function.__globals__.get(_root(node.func)), types.ModuleType):
            return True     # a function of a module, such as np.sort, is no method
        if isinstance(node, gast.Call) \
                and any(k.arg == "out" and outside.reaches(k.value) for k in node.keywords):
            return True
    called = {node.func.id for node in nodes
              if isinstance(node, gast.Call) and isinstance(node.func, gast.Name)} - outside.own
    return depth > 0 and any(
        isinstance(function.__globals__.get(name), types.FunctionType)
        and changes_outside(function.__globals__[name], depth - 1) for name in called)


class _Outside:
    """Which expressions of a function may be objects from outside, or parts of such."""

    def __init__(self, function, tree, nodes, declared):
        self.globals = function.__globals__
        names = [node for node in nodes if isinstance(node, gast.Name)]
        parameters = {node.id for node in names if isinstance(node.ctx, gast.Param)}
        assigned = {node.id for node in names if isinstance(node.ctx, gast.Store)}
        self.own = (assigned | parameters) - declared
        self.shared = parameters - declared - self._rebound(tree, parameters)
        pairs = list(_bindings(nodes))
        count = -1
        while count != len(self.shared):        # an assignment gives a shared object another name
            count = len(self.shared)
            self.shared |= {name for target, value in pairs if self.reaches(value)
                            for name in _names_bound(target)}

    def _rebound(self, tree, parameters):
        """The parameters whose first statement replaces them by a new object: `x = x.copy()`."""
        rebound = set()
        for name in parameters:
            first = next((statement for statement in tree.body if any(
                isinstance(node, gast.Name) and node.id == name for node in gast.walk(statement))), None)
            if isinstance(first, gast.Assign) \
                    and [getattr(target, "id", None) for target in first.targets] == [name]:
                self.shared = {name}
                if not self.reaches(first.value):
                    rebound.add(name)
        return rebound

    def reaches(self, node):
        """Whether an expression may be an outside object, or share memory with one."""
        if isinstance(node, gast.Name):
            return node.id in self.shared or node.id not in self.own
        if isinstance(node, (gast.Subscript, gast.Attribute, gast.Starred, gast.NamedExpr)):
            return self.reaches(node.value)
        if isinstance(node, (gast.Tuple, gast.List, gast.Set)):
            return any(map(self.reaches, node.elts))
        if isinstance(node, gast.Dict):
            return any(map(self.reaches, node.values))
        if isinstance(node, gast.IfExp):
            return self.reaches(node.body) or self.reaches(node.orelse)
        if isinstance(node, gast.BoolOp):
            return any(map(self.reaches, node.values))
        return isinstance(node, gast.Call) and self._returns_shared(node)

    def _returns_shared(self, call):
        arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
        function = self._resolved(call.func)
        if function is np.array and not any(keyword.arg == "copy" for keyword in call.keywords):
            return False
        if function in OWN_BUILTINS \
                or function is not None and _is_numpy(function) and shares(function) is None:
            return False
        if function is None and isinstance(call.func, gast.Attribute):
            if call.func.attr in OWN_METHODS:
                return False
            arguments.append(call.func.value)
        return any(self.reaches(value) for value in arguments if not isinstance(value, gast.Constant))

    def _resolved(self, node):
        """The function of a dotted name from outside, or None."""
        if isinstance(node, gast.Name) and node.id not in self.own:
            return self.globals.get(node.id, getattr(builtins, node.id, None))
        if isinstance(node, gast.Attribute):
            owner = self._resolved(node.value)
            return getattr(owner, node.attr, None) if isinstance(owner, types.ModuleType) else None
        return None


def _is_numpy(function):
    module = getattr(function, "__module__", None) or ""
    return isinstance(function, np.ufunc) or module.partition(".")[0] == "numpy"


def _names_bound(target):
    return [node.id for node in gast.walk(target)
            if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Store)]


def _bindings(nodes):
    """(target, value) of each place where names are bound; what is iterated stands for its elements."""
    for node in nodes:
        if isinstance(node, gast.Assign):
            yield from ((target, node.value) for target in node.targets)
        elif isinstance(node, (gast.For, gast.comprehension)):
            yield node.target, node.iter
        elif isinstance(node, gast.NamedExpr) or isinstance(node, gast.AnnAssign) and node.value is not None:
            yield node.target, node.value
        elif isinstance(node, gast.withitem) and node.optional_vars is not None:
            yield node.optional_vars, node.context_expr


def _root(node):
    """The name that subscripts and attributes begin at, or None."""
    while isinstance(node, (gast.Subscript, gast.Attribute)):
        node = node.value
    return node.id if isinstance(node, gast.Name) else None
