"""Returned integers: an active integer that a branch only returns is not converted to float.

Where one side of a branch has an active integer and the other a float, the integer is converted, because
later stages compute with it in float.  A value that is only returned must have the type that the function
returns.

>>> from ..ir.nodes import Form
>>> from ..types.kinds import INT
>>> n, x, y, c = (Value(name, kind=INT) for name in "nxyc")
>>> stage = Stage((x,), Form("call", "@float"), (n,))
>>> block = (Branch(c, (stage,), (), ((y, x, Lit(2.0)),), None, None),)
>>> [branch] = without_conversions(block, {x: n})
>>> branch.results
((y, n, 2.0),)
"""
from __future__ import annotations

from dataclasses import replace

from ..ir.nodes import Branch, Lit, Stage, Value
from ..ir.traversal import read_in
from ..types.kinds import join
from ..types.shape_rules import kind_of_operand

DISPLAYS = ("tuple", "list", "dict")


def without_conversions(block, conversions, definitions=None) -> tuple:
    """The stages, with the integers in branches that need no conversion; conversions: {float: integer}."""
    if not conversions:
        return block
    definitions = {} if definitions is None else definitions
    read = _values_read(block, set())
    return tuple(_unconverted(node, read, conversions, definitions) for node in block)


def _values_read(block, read):
    """The values that stages read, except stages that only pass them on to values that nothing reads."""
    for node in reversed(block):
        if isinstance(node, Branch):
            read.update(end for target, *ends in node.results if target in read
                        for end in ends if isinstance(end, Value))
            read.add(node.condition)
            for side in (node.then, node.orelse):
                _values_read(side, read)
        elif not (isinstance(node, Stage) and _passes_on(node)) or read.intersection(node.targets):
            read.update(read_in((node,)))
    return read


def _passes_on(stage):
    return stage.form.kind == "alias" or stage.form.kind in DISPLAYS and not stage.form.name


def _unconverted(node, read, conversions, definitions):
    if isinstance(node, Stage) and _passes_on(node) and not read.intersection(node.targets):
        kinds = tuple(map(kind_of_operand, node.operands))
        is_alias = node.form.kind == "alias"
        node.target.kind = kinds[0] if is_alias else node.target.kind._replace(items=kinds)
    if not isinstance(node, Branch):
        return node
    sides = [tuple(_unconverted(inner, read, conversions, definitions) for inner in side)
             for side in (node.then, node.orelse)]
    results = []
    for target, *ends in node.results:
        originals = [conversions.get(end, end) for end in ends]
        if target not in read and originals != ends:
            ends = originals
            target.kind = join(*map(kind_of_operand, ends))
        results.append((target, *ends))
    branch = replace(node, then=sides[0], orelse=sides[1], results=tuple(results))
    definitions.update((target, branch) for target in branch.targets)
    return branch
