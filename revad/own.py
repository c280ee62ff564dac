"""Own: who owns an array's memory, and so whether `+=` may write into it.

`dx = dz; dy = dz; dx += g` would change dy as well.  A sum goes in place only where the memory
was made by this function and no other name for it is alive; a gradient that is returned
shares memory with nothing else.

>>> from .kinds import array, Known
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> x, y = Value("x", kind=kind), Value("y", kind=kind)
>>> owner(y, {y: Stage((y,), Form("alias"), (x,))}) is x
True
"""
from __future__ import annotations

from .frames import Begun
from .lengths import kind_of_operand
from .program import Branch, Call, Form, Lit, Loop, Stage, Value
from .subscripts import is_basic

READ_ONLY = ("broadcast_to", "diag", "diagonal")


def owner(value, made):
    """The value whose stage made the memory that `value` lies in; None if that is not known."""
    while isinstance(value, Value):
        stage = made.get(value)
        if stage is None:
            return value
        if isinstance(stage, Branch):
            return _owner_of_end(stage, value, made)
        if isinstance(stage, Loop):
            return _owner_of_row(stage, value, made)
        if isinstance(stage, Call):
            value = stage.same_as(value)
            continue
        if not is_view(stage):
            return value if _makes_memory(stage) else None
        value = stage.operands[0]
    return None


def _owner_of_end(branch, value, made):
    """One memory that both sides leave, or the value itself if each side makes its own."""
    ends = _ends(branch, value)
    inside = {**made, **{target: stage for block in branch.blocks for stage in block for target in stage.targets}}
    memory = {owner(end, inside) for end in ends}
    if len(memory) == 1:
        return memory.pop()
    return value if all(_made_inside(branch, end, made) for end in ends) else None


def _owner_of_row(loop, value, made):
    """The memory of a row of a loop: that which it begins with, if every round writes into it."""
    row = next((row for row in loop.rows if value is row.inner or value is row.out), None)
    if row is None:
        return value
    last = row.next if row.next is row.inner else owner(row.next, {**made, row.inner: None})
    # A round that makes new memory leaves it to the next round alone, as what the loop begins with is.
    return owner(row.init, made) if last is row.inner or last is not None and last in targets(loop.block) else None


def targets(block):
    """What the stages of a block make, in functions that they call too."""
    found = {target for stage in block for target in stage.targets}
    return found.union(*(targets(stage.block) for stage in block if isinstance(stage, Call)))


def _ends(branch, value):
    for row in branch.results:
        if row[0] is value:
            return row[1:]
    inside = {t: s for block in (branch.then, branch.orelse) for s in block for t in s.targets}
    return (value,) if value in inside else ()      # what a branch leaves for the backward pass


def _made_inside(branch, end, made):
    """Whether the memory of one end of a branch is made in the branch itself."""
    inside = {target: stage for block in (branch.then, branch.orelse) for stage in block for target in stage.targets}
    return owner(end, {**made, **inside}) in inside


def owners(value, made, seen=None):
    """As `owner`, all values that may have made the memory, through both sides of a branch; of a list, all that it holds.

    seen: what has been looked at already, of lists that hold elements of one another.
    """
    seen = set() if seen is None else seen
    if value in seen:
        return set()
    seen.add(value)
    stage = made.get(value)
    if isinstance(stage, Begun):
        return set(stage.memory)
    if isinstance(stage, Branch):
        inside = {target: s for block in (stage.then, stage.orelse) for s in block for target in s.targets}
        return {memory for end in _ends(stage, value) for memory in owners(end, {**made, **inside})}
    if isinstance(stage, Loop):
        row = next((row for row in stage.rows if value is row.inner or value is row.out), None)
        if row is None:
            return {value}
        ends = {memory for end in (row.init, row.next) for memory in owners(end, {**made, row.inner: None})}
        return ends - {row.inner} | ({value} if len(ends) > 1 else set())
    if isinstance(stage, Call):
        return _owners_in_call(stage, value, made)
    if stage is not None and stage.form.kind in ("tuple", "list", "dict"):
        return {memory for part in stage.operands if not is_immutable(part) for memory in owners(part, made, seen)}
    if stage is not None and is_view(stage):
        return owners(stage.operands[0], made, seen)
    return {owner(value, made)}


def _owners_in_call(call, value, made):
    """Those of a value inside a function that is called, of what it returns, or of all that its cache holds."""
    same = [kept for _, kept in call.kept] if value is call.cache else [call.same_as(value)]
    return {memory for one in same if isinstance(one, Value) and not is_immutable(one) for memory in owners(one, made)}


def is_view(stage):
    """Whether the result may share memory with the first operand."""
    form = stage.form
    if form.kind == "index":
        kinds = [kind_of_operand(o) for o in stage.operands]
        return kinds[0].tag in ("tuple", "list", "dict") or is_basic(form.spec, kinds)
    if form.kind in ("alias", "unpack", "store"):
        return True
    if stage.gate is None or not stage.gate.view or kind_of_operand(stage.operands[0]).tag == "number":
        return False        # np.atleast_1d of a number is an array of its own
    return stage.gate.view is True or stage.gate.view(stage)


def _makes_memory(stage):
    """A gate makes its result; of other calls nothing is known."""
    return stage.gate is not None or stage.form.kind in ("index", "binary", "unary", "compare", "call") and (
        stage.form.kind != "call" or stage.form.name.startswith("@"))


def stored_memories(block, made):
    """The owners of all memory that the stages of a block write into."""
    found = set()
    for stage in block:
        if isinstance(stage, Branch):
            found |= stored_memories(stage.then, made) | stored_memories(stage.orelse, made)
        elif isinstance(stage, (Loop, Call)):
            found |= stored_memories(stage.block, made)
        elif stage.form.kind in ("store", "augment"):
            found |= owners(stage.operands[0], made)
    return found


def is_immutable(value):
    """Numbers: `+=` gives the name a new one."""
    return isinstance(value, Lit) or value.kind.tag == "number"


def protected(builder, result, seen):
    """The gradient in memory of its own: what is shared or borrowed is copied.

    `seen` are owners whose memory belongs to somebody else: arguments, a cache, other
    gradients; that of the result is added.
    """
    if isinstance(result, Lit) or result.kind.tag == "number":
        return result
    stage = builder.definitions.get(result)
    if isinstance(stage, (Loop, Call)):
        stage = None
    if result.kind.tag in ("tuple", "list", "dict") and stage is not None and stage.form.kind == result.kind.tag:
        operands = tuple(protected(builder, operand, seen) for operand in stage.operands)
        if operands == stage.operands:
            return result
        return builder.named(builder.emit(stage.form, operands), result.name)
    memory = {owner(result, builder.definitions), *owners(result, builder.definitions)}
    readonly = _through_broadcast(result, builder.definitions)
    if None not in memory and not memory & seen and memory <= builder.definitions.keys() and not readonly:
        seen |= memory
        return result
    base, name = result, result.name
    while stage is not None and getattr(stage, "form", None) and stage.form.kind == "alias":
        base = stage.operands[0]
        stage = builder.definitions.get(base)
    copy = Value(name, kind=result.kind)
    builder.append(Stage((copy,), Form("method", "copy"), (base,), gate=None))
    seen.add(copy)
    return copy


def _through_broadcast(value, made):
    while isinstance(value, Value) and value in made:
        stage = made[value]
        if isinstance(stage, Loop):
            row = next((row for row in stage.rows if value is row.inner or value is row.out), None)
            return row is not None and _through_broadcast(row.init, made)
        if isinstance(stage, Call):
            value = stage.same_as(value)
            continue
        if isinstance(stage, Branch):
            inside = {target: s for block in (stage.then, stage.orelse) for s in block for target in s.targets}
            return any(_through_broadcast(end, {**made, **inside}) for end in _ends(stage, value))
        if not is_view(stage):
            return False
        if stage.gate is not None and stage.gate.name in READ_ONLY:
            return True
        value = stage.operands[0]
    return False


def in_place(plan, ranges, definitions, names, is_backward):
    """The sums that may be written `+=`: their targets.  The user's own sums stay as they are."""
    users = {}
    for value in ranges:
        for memory in owners(value, definitions):
            users.setdefault(memory, []).append(value)
    found, ranges = set(), dict(ranges)
    for line in _all_lines(plan.sections):
        if isinstance(line, Stage) and line.form.kind == "keep" and not line.form.name and line.operands[1] in ranges:
            kept, value = line.operands
            for memory in owners(value, definitions):      # the list holds it for as long as it is there
                for other in users.get(memory, ()):
                    if other is value:
                        ranges[other] = (ranges[other][0], max(ranges[other][1], ranges[kept][1]))
    for line in _all_lines(plan.sections):
        if isinstance(line, Stage) and line.targets and (line.form.kind in ("augment", "store")
                                        or is_backward(line.target) and line.form.kind == "binary"):
            _search(line, ranges, definitions, names, users, found)
    return found


def _all_lines(sections):
    for _, lines in sections:
        for line in lines:
            yield line
            if isinstance(line, Branch):
                yield from _all_lines([(None, line.then), (None, line.orelse)])
            elif isinstance(line, Loop):
                yield from _all_lines([(None, line.block)])


def _search(line, ranges, definitions, names, users, found):
    if line.form.kind != "binary" or line.form.name in "+-":
        old = line.operands[0]
        if isinstance(old, Value) and old in names and names[old] == names.get(line.target):
            if is_immutable(old) and is_immutable(line.target) or \
                    _owned(line, old, ranges, definitions, users):
                found.add(line.target)


def _owned(line, old, ranges, definitions, users):
    memory = owner(old, definitions)
    if memory is None or memory not in definitions or memory.kind.tag != "array" or not memory.kind.rank \
            or _through_broadcast(old, definitions):
        return False
    if not old.kind.dtype or _texts(old) is None or _texts(old) != _texts(line.target) or old.kind.dtype != line.target.kind.dtype:
        return False
    here = ranges[line.target][0]
    sharing = {other for one in {memory, *owners(old, definitions)} for other in users.get(one, ())}
    return all(ranges[other][1] <= here for other in sharing if ranges[other][0] < here)


def _texts(value):
    return None if value.kind.shape is None else [n.text for n in value.kind.shape]
