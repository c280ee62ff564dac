"""In place: which sums are written `+=`, and which stores need no copy before them.

A line writes into an array where the text's own memory is at hand and no other name for it is read later.

>>> from ..types.kinds import array, Known
>>> from .plan import make_plan
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> x, y, z = Value("x", kind=kind), Value("y", kind=kind), Value("y", kind=kind)
>>> made = Stage((y,), COPY, (x,))
>>> grown = Stage((z,), Form("augment", "+"), (y, x))
>>> plan, definitions = make_plan([(None, [made, grown])], [z]), {y: made, z: grown}
>>> in_place(plan, {x: (0, 3), y: (1, 2), z: (2, 3)}, definitions, {x: "x", y: "y", z: "y"}, lambda value: True)
{y}
"""
from __future__ import annotations

from ..analysis.aliases import COPY, is_immutable, is_list, owner, owners, through_broadcast
from ..ir.nodes import Branch, Form, Loop, Stage, Value


def in_place(plan, ranges, definitions, names, is_backward, gaps=None):
    """The sums that may be written `+=`: their targets.  The user's own sums stay as they are.

    gaps: lines of one side of a branch in which a value is not needed, though the other side needs it.
    """
    definitions = {**definitions, **{line.target: line for line in _all_lines(plan.sections) if isinstance(line, Stage) and line.form == COPY}}
    users = _users(ranges, definitions)
    found, ranges = set(), dict(ranges)
    for line in _all_lines(plan.sections):
        if isinstance(line, Stage) and line.form.kind == "keep" and not line.form.name and line.operands[1] in ranges:
            kept, value = line.operands
            for memory in owners(value, definitions):      # the list holds it for as long as it is there
                for other in users.get(memory, ()):
                    if other is value:
                        ranges[other] = (ranges[other][0], max(ranges[other][1], ranges[kept][1]))
    for line in _all_lines(plan.sections):
        if isinstance(line, Stage) and line.form.kind == "push":
            _search_list(line, ranges, definitions, names, users, found)
        elif isinstance(line, Stage) and line.targets and (line.form.kind in ("augment", "store")
                                        or is_backward(line.target) and line.form.kind == "binary"):
            _search(line, ranges, definitions, names, users, found, gaps or {})
            if line.form.kind == "store" and line.target not in found:      # it goes to a copy, which is the function's own
                definitions = {**definitions, line.target: Stage(line.targets, Form("call", "@np.copy"), ())}
                users = _users(ranges, definitions)
    return found


def _users(ranges, definitions):
    """{memory: the values that may lie in it}."""
    users = {}
    for value in ranges:
        for memory in () if is_immutable(value) else owners(value, definitions):
            users.setdefault(memory, []).append(value)
    return users


def _all_lines(sections):
    for _, lines in sections:
        for line in lines:
            yield line
            if isinstance(line, Branch):
                yield from _all_lines([(None, line.then), (None, line.orelse)])
            elif isinstance(line, Loop):
                yield from _all_lines([(None, line.block)])


def _search(line, ranges, definitions, names, users, found, gaps):
    if line.form.kind != "binary" or line.form.name in "+-":
        old = line.operands[0]
        if isinstance(old, Value) and old in names and names[old] == names.get(line.target):
            if is_immutable(old) and is_immutable(line.target) or \
                    _owned(line, old, ranges, definitions, users, gaps):
                found.add(line.target)


def _search_list(line, ranges, definitions, names, users, found):
    """Whether an element may be appended in place: nothing reads the list as it was."""
    old, here = line.operands[0], ranges[line.target][0]
    memory = owner(old, definitions)
    if memory in definitions and is_list(memory) and names.get(old) == names.get(line.target) and all(
            ranges[other][1] <= here for other in users.get(memory, ())
            if ranges[other][0] < here and owner(other, definitions) in (memory, None)):        # not lists that hold it
        found.add(line.target)


def _owned(line, old, ranges, definitions, users, gaps):
    memory = owner(old, definitions)
    if memory is None or memory not in definitions or memory.kind.tag != "array" or not memory.kind.rank \
            or through_broadcast(old, definitions):
        return False
    if not old.kind.dtype or _texts(old) is None or _texts(old) != _texts(line.target) or old.kind.dtype != line.target.kind.dtype:
        return False
    here, made = ranges[line.target][0], ranges.get(memory, (0, 0))[0]
    # What was there before the memory was made lies in that of an earlier round.
    sharing = {other for one in {memory, *owners(old, definitions)} for other in users.get(one, ()) if ranges[other][0] >= made}
    # What a store reads it has read before it writes.
    last = here + (line.form.kind == "store" and not line.form.name.startswith("at"))
    return all(ranges[other][1] <= last or any(first <= last < end for first, end in gaps.get(other, ()))
               for other in sharing if ranges[other][0] < here)


def _texts(value):
    return None if value.kind.shape is None else [n.text for n in value.kind.shape]
