"""Tangents of branches: each side with its tangents, and results for them.

>>> from ..types.kinds import FLOAT
>>> leaf_names(Value("x", kind=FLOAT, varied=True))
[()]
"""
from __future__ import annotations

from ..ir.nodes import Branch, Unset, Value
from ..rules.tangents import no_tangent
from ..types.kinds import join
from ..types.parts import CONTAINERS, keys_of, kind_of_part
from ..types.shape_rules import kind_of_operand
from .kinds import has_tangent, is_active, tangent_kind
from .structure import filled, value_part


def leaf_names(value):
    """The paths to the parts of a value that have a tangent each: (), or keys that lead to a part."""
    return list(_leaves(value.kind))


def _leaves(kind, path=()):
    if kind.tag in CONTAINERS and kind.tag != "object":
        for key in keys_of(kind):
            yield from _leaves(kind_of_part(kind, key), (*path, key))
    elif has_tangent(kind):
        yield path


def leaf_value(value, path):
    """A new value for the tangent of a part, named after the value and the keys."""
    kind = value.kind
    for key in path:
        kind = kind_of_part(kind, key)
    stem = "_".join(map(str, (value.name or value.hint or "t", *path)))
    stem = stem if stem.isidentifier() else value.name or "t"
    return Value(f"d{stem}" if value.name else None, f"d{stem}", tangent_kind(kind))


def put(tangents, value, path, tangent):
    """Set the tangent of a part."""
    if not path:
        tangents[value] = tangent
        return
    parts = tangents.setdefault(value, {})
    for key in path[:-1]:
        parts = parts.setdefault(key, {})
    parts[path[-1]] = tangent


def leaf_tangent(builder, tangents, operand, path):
    """The tangent of a part of an operand, in the shape and precision of that."""
    if isinstance(operand, Unset):
        return operand
    tangent = tangents.get(operand)
    value = operand
    for key in path:
        tangent = tangents.part(builder, value, tangent, key)
        value = value_part(builder, value, key)
    return filled(builder, value, tangent)


def propagate_branch(sweep, branch):
    """Append a branch with the tangents of its sides."""
    builder, tangents = sweep.builder, sweep.tangents
    rows = [(target, path) for target in branch.targets if is_active(target) for path in leaf_names(target)]
    new = [leaf_value(target, path) for target, path in rows]
    for target, *ends in branch.results:
        if is_active(target) and not all(map(_is_numeric, ends)) and target.kind.tag == "unknown":
            no_tangent("result of a branch that is one thing or another")
    columns, blocks = [], []
    for block, column in ((branch.then, 1), (branch.orelse, 2)):
        side = sweep.inside()
        ends = {row[0]: row[column] for row in branch.results}
        side.block(block, ends.values())
        columns.append([leaf_tangent(side.builder, tangents, ends[target], path) for target, path in rows])
        blocks.append(tuple(side.builder.stages))
    results = []
    for row in branch.results:
        results.append(row)
        for (target, path), value, *ends in zip(rows, new, *columns):
            if target is row[0]:
                kinds = [kind_of_operand(end) for end in ends if not isinstance(end, Unset)]
                value.kind = _joined(value.kind, kinds)
                results.append((value, *ends))
                put(tangents, target, path, value)
    builder.append_blocks(Branch(branch.condition, *blocks, tuple(results), branch.statement, branch.place))


def _is_numeric(end):
    """Whether an end of a branch is a number or an array, or what NumPy made of one."""
    kind = kind_of_operand(end)
    return isinstance(end, Unset) or kind.numeric or kind.tag == "unknown"


def _joined(kind, kinds):
    """The kind of a tangent, with the dtype and the weakness of its ends."""
    if kind.tag not in ("number", "array") or not kinds:
        return kind
    joined = kinds[0] if len(kinds) == 1 else join(*kinds)
    if joined.rank == 0:
        return kind._replace(tag=joined.tag, dtype=joined.dtype, weak=joined.weak)
    return kind._replace(weak=joined.weak)
