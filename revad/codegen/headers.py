"""Headers: the names by which a text calls outside functions, and the imports that stand above it.

>>> unused("x", {"x", "x_"})
'x__'
"""
from __future__ import annotations

import functools
import inspect
import math
import symtable
import sys
import types

import gast

from .. import support
from ..ir.free_names import all_nodes
from ..types.registry import OTHERS
from ..types.scope import Namespace

MODULES = {"math": math, "types": types}


class Paths:
    """The spelling of what generated code calls: '@np.sum' under the user's name for NumPy."""

    def __init__(self, emitter):
        self.emitter = emitter

    def get(self, path, otherwise):
        if not path.startswith("@"):
            return otherwise
        first, _, attribute = path[1:].partition(".")
        if first == "np" and attribute:
            self.emitter.injected.update(self.emitter.supplied)
            return f"{self.emitter.alias}.{attribute}"
        module = MODULES.get(first) or sys.modules.get(OTHERS.get(first))
        if module is not None and attribute:
            name, supplied = module_name(self.emitter, module, first)
            self.emitter.injected.update(supplied)
            return f"{name}.{attribute}"
        target = self.emitter.builder.externals.get(path)
        if target is not None and getattr(__import__("builtins"), first, None) is target \
                and first not in self.emitter.bound and self.emitter.builder.scope.root(first) is target:
            return first
        name = unused(first, self.emitter.taken | set(self.emitter.names.values()))
        self.emitter.injected[name] = target
        return name


def module_name(emitter, module, usual):
    """The user's own name for a module, or an unused one, with the objects to supply for it."""
    for name in sorted((emitter.taken | {usual, module.__name__}) - emitter.bound):
        if emitter.builder.scope.root(name) is module:
            return name, {}
    name = unused(usual, emitter.taken)
    return name, {name: module}


def header_of(injected, alias):
    """The imports above the text, and the helper, so that it can be pasted into a file."""
    imports, helpers = [], []
    for name, target in injected.items():
        if target is support.unbroadcast:
            helpers.append(inspect.getsource(target).replace("np.", f"{alias}.") + "\n\n")
            if alias not in injected and alias != "np":
                imports.append(f"import numpy as {alias}\n")
        elif not isinstance(target, types.ModuleType) and not hasattr(target, "__qualname__"):
            continue    # a variable of an enclosing function of a callee
        elif isinstance(target, Namespace):
            continue
        elif isinstance(target, types.ModuleType):
            renamed = "" if name == target.__name__ else f" as {name}"
            imports.append(f"import {target.__name__}{renamed}\n")
        else:
            module = getattr(target, "__module__", None) or "numpy"
            if "<" in target.__qualname__:
                continue
            own = getattr(target, "__name__", name)
            imports.append(f"from {module} import {own}{'' if own == name else f' as {name}'}\n")
    header = "".join(sorted(imports))
    return header + ("\n\n" if header else "") + "".join(helpers)


@functools.lru_cache(maxsize=32)
def user_names(tree):
    """(every name that stands in the user's function, those that it binds: parameters and assigned names)."""
    names = [node for node in all_nodes(tree) if isinstance(node, gast.Name)]
    return (frozenset(node.id for node in names),
            frozenset(node.id for node in names if not isinstance(node.ctx, gast.Load)))


def names_of(text):
    """Every name of a text of functions, attributes aside."""
    names, tables = set(), [symtable.symtable(text, "text", "exec")]
    while tables:
        table = tables.pop()
        names.update(table.get_identifiers())
        tables += table.get_children()
    return names


def unused(name, taken):
    while name in taken:
        name += "_"
    return name
