"""In place: which sums are written `+=`, and which stores need no copy before them.

A line may write into an array that the text allocated if no other name for the memory is read later.

>>> from ..types.kinds import array, Known
>>> from .plan import make_plan
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> x, y, z = Value("x", kind=kind), Value("y", kind=kind), Value("y", kind=kind)
>>> copy = Stage((y,), COPY, (x,))
>>> total = Stage((z,), Form("augment", "+"), (y, x))
>>> plan, definitions = make_plan([(None, [copy, total])], [z]), {y: copy, z: total}
>>> ranges, names = {x: (0, 3), y: (1, 2), z: (2, 3)}, {x: "x", y: "y", z: "y"}
>>> in_place(plan, ranges, definitions, names, lambda value: True)
{y}
"""
from __future__ import annotations

from ..analysis.aliases import COPY, is_immutable, is_list, owner, owners, through_broadcast
from ..ir.nodes import Form, Stage, Value
from ..ir.traversal import walk
from ..types.kinds import is_stored_list


def in_place(plan, ranges, definitions, names, is_backward, gaps=None):
    """The sums that may be written `+=`: their targets.  The user's own sums stay as they are.

    gaps: lines of one side of a branch in which a value is not needed, though the other side needs it.
    """
    lines = [line for _, section in plan.sections for line in walk(section, into_calls=False)
             if isinstance(line, Stage)]
    copies = {line.target: line for line in lines if line.form == COPY}
    definitions = {**definitions, **copies}
    users = _values_by_owner(ranges, definitions)
    updated, ranges = set(), dict(ranges)
    for line in lines:
        if line.form.kind == "keep" and not line.form.name \
                and line.operands[1] in ranges:
            stack, value = line.operands
            for memory in owners(value, definitions):      # the list holds it as long as the list lives
                for other in users.get(memory, ()):
                    if other is value:
                        ranges[other] = (ranges[other][0], max(ranges[other][1], ranges[stack][1]))
    for line in lines:
        if line.form.kind == "push":
            _search_list(line, ranges, definitions, names, users, updated)
        elif line.targets and (
                line.form.kind in ("augment", "store")
                or is_backward(line.target) and line.form.kind == "binary"):
            _search_sum(line, ranges, definitions, names, users, updated, gaps or {})
            # The store goes to a copy, which the function itself allocated.
            if line.form.kind == "store" and line.target not in updated:
                definitions = {**definitions, line.target: Stage(line.targets, Form("call", "@np.copy"), ())}
                users = _values_by_owner(ranges, definitions)
    return updated


def _values_by_owner(ranges, definitions):
    """{memory: the values that may lie in it}."""
    users = {}
    for value in ranges:
        for memory in () if is_immutable(value) else owners(value, definitions):
            users.setdefault(memory, []).append(value)
    return users


def _search_sum(line, ranges, definitions, names, users, updated, gaps):
    if line.form.kind != "binary" or line.form.name in "+-":
        value_before = line.operands[0]
        if isinstance(value_before, Value) and value_before in names \
                and names[value_before] == names.get(line.target):
            # Of a number of unknown dtype it is not certain that it is no array.
            if is_immutable(value_before) and value_before.kind.dtype and is_immutable(line.target) or \
                    _is_unobserved(line, value_before, ranges, definitions, users, gaps):
                updated.add(line.target)


def _search_list(line, ranges, definitions, names, users, updated):
    """Whether an element may be appended in place: nothing reads the list without it later."""
    value_before, line_number = line.operands[0], ranges[line.target][0]
    memory = owner(value_before, definitions)
    # Lists that hold this list as an element do not count.
    if memory in definitions and is_list(memory) and names.get(value_before) == names.get(line.target) \
            and all(
                ranges[other][1] <= line_number for other in users.get(memory, ())
                if ranges[other][0] < line_number and owner(other, definitions) in (memory, None)):
        updated.add(line.target)


def _is_unobserved(line, value_before, ranges, definitions, users, gaps):
    memory = owner(value_before, definitions)
    is_filled = is_list(memory) and is_stored_list(value_before.kind)
    if memory is None or memory not in definitions or not memory.kind.rank \
            or not is_filled and memory.kind.tag != "array" or through_broadcast(value_before, definitions):
        return False
    if not value_before.kind.dtype or _length_texts(value_before) is None \
            or _length_texts(value_before) != _length_texts(line.target) \
            or value_before.kind.dtype != line.target.kind.dtype:
        return False
    line_number, allocated_at = ranges[line.target][0], ranges.get(memory, (0, 0))[0]
    # Values from before the allocation lie in the memory of an earlier iteration.
    sharing = {other for memory_owner in {memory, *owners(value_before, definitions)}
               for other in users.get(memory_owner, ()) if ranges[other][0] >= allocated_at}
    # A store reads its operands before it writes.
    last_read = line_number + (line.form.kind == "store" and not line.form.name.startswith("at"))
    return all(ranges[other][1] <= last_read
               or any(first <= last_read < end for first, end in gaps.get(other, ()))
               for other in sharing if ranges[other][0] < line_number)


def _length_texts(value):
    return None if value.kind.shape is None else [n.text for n in value.kind.shape]
