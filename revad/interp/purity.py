"""Purity: whether a function stores into outside objects, as far as its text and its callees' texts tell.

>>> import textwrap
>>> changes_outside(textwrap.dedent)
False
"""
from __future__ import annotations

import functools
import types

import gast

from ..errors import SourceError
from ..frontend.source import read_source

CHANGES = frozenset((
    "append", "extend", "insert", "pop", "clear", "remove", "reverse", "sort", "update",
    "setdefault", "popitem",
    "add", "discard", "fill", "put", "resize", "partition", "itemset"))


@functools.lru_cache(maxsize=256)
def changes_outside(function, depth=4):
    """Whether a function, or one that it calls, stores into outside names, arrays, lists or objects."""
    try:
        tree = read_source(function).tree
    except SourceError:
        return False
    nodes = list(gast.walk(tree))
    declared = {name for node in nodes if isinstance(node, (gast.Global, gast.Nonlocal))
                for name in node.names}
    local_names = {node.id for node in nodes
                   if isinstance(node, gast.Name) and not isinstance(node.ctx, gast.Load)} - declared
    # Aliases of outside objects are no local objects.
    local_names -= {node.targets[0].id for node in nodes
                    if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name)
                    and _root(node.value) not in (None, *local_names)}
    for node in nodes:
        if isinstance(node, gast.Name) and node.id in declared and not isinstance(node.ctx, gast.Load):
            return True
        if isinstance(node, (gast.Subscript, gast.Attribute)) and not isinstance(node.ctx, gast.Load) \
                and _root(node) not in (None, *local_names):
            return True
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) \
                and node.func.attr in CHANGES \
                and _root(node.func) not in (None, *local_names) \
                and not isinstance(function.__globals__.get(_root(node.func)), types.ModuleType):
            return True     # a function of a module, such as np.sort, is no method
        if isinstance(node, gast.Call) \
                and any(k.arg == "out" and _root(k.value) not in (None, *local_names) for k in node.keywords):
            return True
    called = {node.func.id for node in nodes
              if isinstance(node, gast.Call) and isinstance(node.func, gast.Name)} - local_names
    return depth > 0 and any(
        isinstance(function.__globals__.get(name), types.FunctionType)
        and changes_outside(function.__globals__[name], depth - 1) for name in called)


def _root(node):
    """The name that subscripts and attributes begin at, or None."""
    while isinstance(node, (gast.Subscript, gast.Attribute)):
        node = node.value
    return node.id if isinstance(node, gast.Name) else None
