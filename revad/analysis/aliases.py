"""Aliases: who owns an array's memory.

`dx = dz; dy = dz; dx += g` would change dy as well.  A sum goes in place only where the memory
was made by this function and no other name for it is alive; a gradient that is returned
shares memory with nothing else.

>>> from ..types.kinds import array, Known
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> x, y = Value("x", kind=kind), Value("y", kind=kind)
>>> owner(y, {y: Stage((y,), Form("alias"), (x,))}) is x
True
"""
from __future__ import annotations

import numpy as np

from ..ir.nodes import Begun, Branch, Call, Form, Lit, Loop, Stage, Unset, Value
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand, static_value
from ..types.sharing import READ_ONLY, UNKNOWN
from ..types.subscripts import gives_view, is_basic

COPY = Form("method", "copy")


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
            return value if makes_memory(stage) or value.kind.tag == "stack" and stage.form.kind == "list" else None
        if stage.form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "stack":
            return None
        value = seen_by(stage)[0] if len(seen_by(stage)) == 1 else None
    return None


def is_list(memory):
    """Whether it is a list of unknown length itself, not what it holds."""
    return memory is not None and memory.kind is not None and memory.kind.tag == "stack"


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

    seen: what has been looked at already, of lists that hold elements of one another, of branches one after the other.
    """
    seen = set() if seen is None else seen
    if value in seen:
        return set()
    seen.add(value)
    stage = made.get(value)
    if isinstance(stage, Begun):
        return {*stage.memory, value} if value.kind.tag == "stack" else set(stage.memory)
    if isinstance(stage, Branch):
        inside = {target: s for block in (stage.then, stage.orelse) for s in block for target in s.targets}
        ends = [end for end in _ends(stage, value) if not isinstance(end, Unset)]
        return {memory for end in ends for memory in owners(end, {**made, **inside}, seen)}
    if isinstance(stage, Loop):
        row = next((row for row in stage.rows if value is row.inner or value is row.out), None)
        if row is None:
            return {value}
        inner = {**made, row.inner: None}
        before, after = owners(row.init, inner), owners(row.next, inner) - {row.inner}
        return before | after | ({value} if after - before else set())
    if isinstance(stage, Call):
        return _owners_in_call(stage, value, made)
    if stage is not None and stage.form.kind in ("tuple", "list", "dict", "push"):
        held = {memory for part in stage.operands if not is_immutable(part) for memory in owners(part, made, seen)}
        return held | {value} if stage.form.kind == "list" and value.kind.tag == "stack" else held
    if stage is not None and stage.form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "stack":
        return {memory for memory in owners(stage.operands[0], made, seen) if not is_list(memory)}
    if stage is not None and is_view(stage):
        return {memory for part in seen_by(stage) if not is_immutable(part) for memory in owners(part, made, seen)}
    return {owner(value, made)}


def _owners_in_call(call, value, made):
    """Those of a value inside a function that is called, of what it returns, or of all that its cache holds."""
    same = [kept for _, kept in call.kept] if value is call.cache else [call.same_as(value)]
    return {memory for one in same if isinstance(one, Value) and not is_immutable(one) for memory in owners(one, made)}


def is_view(stage):
    """Whether the result may share memory with an operand, see `seen_by`."""
    form = stage.form
    if stage.shares is not None:
        return stage.shares
    if form.kind == "index":
        kinds = [kind_of_operand(o) for o in stage.operands]
        if kinds[0].tag == "array":
            return gives_view(form.spec, kinds) is not False
        return kinds[0].tag in ("tuple", "list", "dict", "stack") or is_basic(form.spec, kinds)
    if form.kind in ("alias", "unpack", "store", "push"):
        return True
    return stage.gate is not None and stage.gate.view is not None and stage.gate.view(CallFacts(stage)) is not False


def seen_by(stage):
    """The operands of a view whose memory it may share: one for most, all that hold arrays for a function without a rule."""
    form, gate = stage.form, stage.gate
    if form.kind in ("index", "alias", "unpack", "store", "push"):
        return stage.operands[:1]
    if gate is None or not stage.bound or not gate.arrays:
        return tuple(o for o in stage.operands if not is_immutable(o) and kind_of_operand(o).tag not in ("static", "function"))
    first = stage.bound.get(gate.arrays[0])
    return first if isinstance(first, tuple) else (first,)


class CallFacts:
    """A call, as the table of what shares memory asks about it; of its settings only what every call of the text has."""

    def __init__(self, stage):
        self.stage, self.parts = stage, seen_by(stage)
        self.kind = kind_of_operand(self.parts[0]) if self.parts else None
        self.count, self.rank, self.result_rank = len(self.parts), self.kind and self.kind.rank, stage.target.kind.rank

    @property
    def is_array(self):
        return True if self.kind.tag == "array" else None if self.kind.tag == "unknown" else False

    @property
    def is_cast(self):
        now = self.stage.target.kind.dtype
        return None if not self.kind.dtype or not now else np.dtype(now) != np.dtype(self.kind.dtype)

    @property
    def is_respaced(self):
        shapes = [kind.shape and [n.text for n in kind.shape if not (n.unit and n.value == 1)] for kind in (self.kind, self.stage.target.kind)]
        return None if None in shapes or shapes[0] != shapes[1] else False

    def get(self, name):
        """The value of a setting."""
        if name not in self.stage.bound:
            return self.stage.gate.defaults.get(name)
        try:
            operand = self.stage.bound[name]
            return tuple(map(self.value_of, operand)) if isinstance(operand, tuple) else self.value_of(operand)
        except Unknown:
            return UNKNOWN

    def value_of(self, operand):
        return static_value(kind_of_operand(operand), NO_ASSUMPTIONS)

    def lies(self, order):
        return None


class _NoAssumptions:
    """Of settings that other calls may have otherwise nothing is relied upon."""

    def static(self, known):
        if known is None or not known.exact:
            raise Unknown
        return known.value


NO_ASSUMPTIONS = _NoAssumptions()


def makes_memory(stage):
    """A gate makes its result; of other calls nothing is known."""
    form = stage.form
    return stage.gate is not None or form.kind in ("index", "binary", "unary", "compare") or form == COPY \
        or form.kind == "call" and form.name.startswith("@")


def is_written(row, block, sums=False):
    """Whether a round stores into the memory that it begins with, or with `sums` may add to it; `block`: {value: stage}."""
    def chain(value, inner, block):
        stage = block.get(value)
        if value is inner or stage is None:
            return False
        if isinstance(stage, Loop):
            return any(inside.out is value and (chain(inside.init, inner, block) or _named(inside.init, block) is inner and chain(
                inside.next, inside.inner, _made(stage.block))) for inside in stage.rows)
        if isinstance(stage, Branch):
            return any(chain(end, inner, _made(side)) for found in stage.results if found[0] is value
                       for end, side in zip(found[1:], stage.blocks))
        if isinstance(stage, Call) or stage.form.kind not in ("store", "augment", "alias") and not (
                sums and stage.form.kind == "binary" and stage.form.name in "+-"):
            return False
        return stage.form.kind != "alias" and _named(stage.operands[0], block) is inner or chain(stage.operands[0], inner, block)
    return chain(row.next, row.inner, block)


def _named(value, block):
    """What a value is another name of."""
    stage = block.get(value)
    while isinstance(stage, Stage) and stage.form.kind == "alias":
        value = stage.operands[0]
        stage = block.get(value)
    return value


def _made(block):
    return {target: stage for stage in block for target in stage.targets}


def is_borrowed(value, builder):
    """Whether a gradient may lie in memory that is not its own: that of an argument, of a value, or read-only memory."""
    memory = owners(value, builder.definitions)
    return through_broadcast(value, builder.definitions) or any(
        one is None or one in builder.models or not builder.is_backward(one) for one in memory)


def is_new(stage):
    """Whether the result is an array that nothing else can see."""
    return stage.gate is not None and not is_view(stage) and bool(stage.target.kind.rank)


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
    either = isinstance(stage, (Branch, Loop))      # what a side or a round leaves will do, if it is the function's own
    if isinstance(stage, (Loop, Call)):
        stage = None
    if result.kind.tag in ("tuple", "list", "dict") and stage is not None and stage.form.kind == result.kind.tag:
        operands = tuple(protected(builder, operand, seen) for operand in stage.operands)
        if operands == stage.operands:
            return result
        return builder.named(builder.emit(stage.form, operands), result.name)
    copied = _copied_for_a_store(result, builder.definitions)
    memory = {copied} if copied else owners(result, builder.definitions)
    if not copied and not either:
        memory = {owner(result, builder.definitions), *memory}
    readonly = copied is None and through_broadcast(result, builder.definitions)
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


def _copied_for_a_store(value, made):
    """What a store into the memory of an argument gives, if the value lies in it: that is a copy."""
    stage = made.get(value)
    while isinstance(stage, Stage) and is_view(stage) and len(seen_by(stage)) == 1:
        base = seen_by(stage)[0]
        if stage.form.kind == "store" and not owners(base, made) & made.keys():
            return stage.target
        stage = made.get(base)
    return None


def through_broadcast(value, made):
    while isinstance(value, Value) and value in made:
        stage = made[value]
        if isinstance(stage, Loop):
            row = next((row for row in stage.rows if value is row.inner or value is row.out), None)
            inside = {value: one for value, one in {**made, **_made(stage.block)}.items() if row is None or value is not row.inner}
            return row is not None and (through_broadcast(row.init, made) or through_broadcast(row.next, inside))
        if isinstance(stage, Call):
            value = stage.same_as(value)
            continue
        if isinstance(stage, Branch):
            inside = {target: s for block in (stage.then, stage.orelse) for s in block for target in s.targets}
            return any(through_broadcast(end, {**made, **inside}) for end in _ends(stage, value))
        if not is_view(stage):
            return False
        if stage.gate is not None and stage.gate.name in READ_ONLY:
            return True
        if len(seen_by(stage)) != 1:
            return any(through_broadcast(part, made) for part in seen_by(stage))
        value = seen_by(stage)[0]
    return False
