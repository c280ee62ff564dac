"""Purity: whether a function stores into what is not its own, as its text and the texts of what it calls tell.

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

CHANGES = frozenset(("append", "extend", "insert", "pop", "clear", "remove", "reverse", "sort", "update", "setdefault", "popitem", "add", "discard",
                     "fill", "put", "resize", "partition", "itemset"))


@functools.lru_cache(maxsize=256)
def changes_outside(function, depth=4):
    """Whether the text of a function, or of one that it calls, stores into names, arrays, lists or objects that are not its own."""
    try:
        tree = read_source(function).tree
    except SourceError:
        return False
    declared = {name for node in gast.walk(tree) if isinstance(node, (gast.Global, gast.Nonlocal)) for name in node.names}
    own = {node.id for node in gast.walk(tree) if isinstance(node, gast.Name) and not isinstance(node.ctx, gast.Load)} - declared
    own -= {node.targets[0].id for node in gast.walk(tree) if isinstance(node, gast.Assign) and isinstance(node.targets[0], gast.Name)
            and _root(node.value) not in (None, *own)}      # other names of what is outside
    for node in gast.walk(tree):
        if isinstance(node, gast.Name) and node.id in declared and not isinstance(node.ctx, gast.Load):
            return True
        if isinstance(node, (gast.Subscript, gast.Attribute)) and not isinstance(node.ctx, gast.Load) and _root(node) not in (None, *own):
            return True
        if isinstance(node, gast.Call) and isinstance(node.func, gast.Attribute) and node.func.attr in CHANGES and _root(node.func) not in (None, *own) \
                and not isinstance(function.__globals__.get(_root(node.func)), types.ModuleType):     # np.sort, np.add
            return True
        if isinstance(node, gast.Call) and any(k.arg == "out" and _root(k.value) not in (None, *own) for k in node.keywords):
            return True
    called = {node.func.id for node in gast.walk(tree) if isinstance(node, gast.Call) and isinstance(node.func, gast.Name)} - own
    return depth > 0 and any(isinstance(function.__globals__.get(name), types.FunctionType) and changes_outside(function.__globals__[name], depth - 1)
                             for name in called)


def _root(node):
    """The name that subscripts and attributes begin at, or None."""
    while isinstance(node, (gast.Subscript, gast.Attribute)):
        node = node.value
    return node.id if isinstance(node, gast.Name) else None
