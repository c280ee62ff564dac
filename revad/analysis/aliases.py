"""Aliases: who owns an array's memory.

`dx = dz; dy = dz; dx += g` would change dy as well.  A sum goes in place only where this function
allocated the memory and no other name for it is alive; a gradient that is returned shares memory
with nothing else.

>>> from ..types.kinds import array, Known
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> x, y = Value("x", kind=kind), Value("y", kind=kind)
>>> owner(y, {y: Stage((y,), Form("alias"), (x,))}) is x
True
"""
from __future__ import annotations

import numpy as np

from ..ir.nodes import Branch, Call, Form, Lit, Loop, LoopInProgress, Stage, Unset, Value
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand, static_value
from ..types.sharing import OVERLAPPING, READ_ONLY, UNKNOWN
from ..types.subscripts import gives_view, is_basic

COPY, TO_LIST = Form("method", "copy"), Form("method", "tolist")


def owner(value, definitions, known=None):
    """The value whose stage allocated the memory that `value` lies in; None if that is not known.

    known: the owners of results of branches that were asked for before, because many ways lead to them.
    """
    while isinstance(value, Value):
        stage = definitions.get(value)
        if stage is None:
            return value
        if isinstance(stage, Branch):
            known = {} if known is None else known
            if value not in known:
                known[value] = _owner_of_end(stage, value, definitions, known)
            return known[value]
        if isinstance(stage, Loop):
            return _owner_of_row(stage, value, definitions)
        if isinstance(stage, Call):
            value = stage.same_as(value)
            continue
        if not is_view(stage):
            return (value if allocates(stage) or value.kind.tag == "stack" and stage.form.kind == "list"
                    else None)
        if stage.form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "stack":
            return None
        value = viewed_operands(stage)[0] if len(viewed_operands(stage)) == 1 else None
    return None


def is_list(memory):
    """Whether it is a list of unknown length itself, not one of its elements."""
    return memory is not None and memory.kind is not None and memory.kind.tag == "stack"


def _owner_of_end(branch, value, definitions, known):
    """The one owner that both sides agree on, or the value itself if each side allocates its own."""
    inside = _definitions(branch.then) | _definitions(branch.orelse)
    extended = _extended(definitions, inside)
    memory = {owner(end, extended, known) for end in choice_ends(branch, value)}
    if len(memory) == 1:
        return memory.pop()
    return value if memory <= inside.keys() else None


def _extended(definitions, inside):
    """The definitions with those inside a block, which most often are among them."""
    if all(definitions.get(value) is stage for value, stage in inside.items()):
        return definitions
    return {**definitions, **inside}


def _owner_of_row(loop, value, definitions):
    """The owner of a loop's row: that of its initial value, if every iteration writes into it."""
    row = next((row for row in loop.rows if value is row.inner or value is row.out), None)
    if row is None:
        return value
    last = row.next if row.next is row.inner else owner(row.next, {**definitions, row.inner: None})
    # Memory that an iteration allocates passes to the next iteration alone, as the initial value does.
    return (owner(row.init, definitions)
            if last is row.inner or last is not None and last in targets_with_calls(loop.block) else None)


def targets_with_calls(block):
    """What the stages of a block define, the bodies of functions that they call included."""
    direct = {target for stage in block for target in stage.targets}
    return direct.union(*(targets_with_calls(stage.block) for stage in block if isinstance(stage, Call)))


def choice_ends(branch, value):
    """What a result of a branch is on each side."""
    for row in branch.results:
        if row[0] is value:
            return row[1:]
    inside = any(value in stage.targets for block in branch.blocks for stage in block)
    return (value,) if inside else ()      # a residual of the branch


def owners(value, definitions, seen=None):
    """All values that may own the memory, through both sides of a branch; of a list, also of its elements.

    seen: values visited before, because lists may hold elements of one another.
    """
    seen = set() if seen is None else seen
    if value in seen:
        return set()
    seen.add(value)
    stage = definitions.get(value)
    if isinstance(stage, LoopInProgress):
        return {*stage.memory, value} if value.kind.tag == "stack" else set(stage.memory)
    if isinstance(stage, Branch):
        inside = _extended(definitions, _definitions(stage.then) | _definitions(stage.orelse))
        ends = [end for end in choice_ends(stage, value) if not isinstance(end, Unset)]
        return {memory for end in ends for memory in owners(end, inside, seen)}
    if isinstance(stage, Loop):
        row = next((row for row in stage.rows if value is row.inner or value is row.out), None)
        if row is None:
            return {value}
        inner = {**definitions, row.inner: None}
        before, after = owners(row.init, inner), owners(row.next, inner) - {row.inner}
        return before | after | ({value} if after - before else set())
    if isinstance(stage, Call):
        return _owners_in_call(stage, value, definitions)
    if stage is not None and stage.form.kind in ("tuple", "list", "dict", "push"):
        held = {memory for part in stage.operands if not is_immutable(part)
                for memory in owners(part, definitions, seen)}
        return held | {value} if stage.form.kind == "list" and value.kind.tag == "stack" else held
    if stage is not None and stage.form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "stack":
        return {memory for memory in owners(stage.operands[0], definitions, seen) if not is_list(memory)}
    if stage is not None and is_view(stage):
        return {memory for part in viewed_operands(stage) if not is_immutable(part)
                for memory in owners(part, definitions, seen)}
    if stage is not None and is_opaque(stage):
        # What is not followed returns memory of its own, or that of anything that it reads.
        return {owner(value, definitions)}.union(*(
            owners(part, definitions, seen) for part in stage.operands
            if isinstance(part, Value) and not is_immutable(part)))
    return {owner(value, definitions)}


def is_opaque(stage):
    """Whether the result may be memory of its own, or any operand, or a part of one."""
    return (stage.gate is None and stage.form.kind in ("ifexp", "decide", "copied", "call")
            and not allocates(stage))


def _owners_in_call(call, value, definitions):
    """The owners of a call's result inside the function, or of all residuals in its cache."""
    values = [residual for _, residual in call.kept] if value is call.cache else [call.same_as(value)]
    return {memory for operand in values if isinstance(operand, Value) and not is_immutable(operand)
            for memory in owners(operand, definitions)}


def is_view(stage):
    """Whether the result may share memory with an operand, see `viewed_operands`."""
    form = stage.form
    if stage.shares is not None:
        return stage.shares
    if form.kind == "index" and stage.gate is None:     # np.r_[x] has a gate, and is no view
        kinds = [kind_of_operand(o) for o in stage.operands]
        if kinds[0].tag == "array":
            return gives_view(form.spec, kinds) is not False
        return kinds[0].tag in ("tuple", "list", "dict", "stack") or is_basic(form.spec, kinds)
    if form.kind in ("alias", "unpack", "store", "push"):
        return True
    return (stage.gate is not None and stage.gate.view is not None
            and stage.gate.view(CallFacts(stage)) is not False)


def viewed_operands(stage):
    """The operands whose memory a view may share: one, or all that hold arrays where there is no rule."""
    form, gate = stage.form, stage.gate
    if form.kind in ("index", "alias", "unpack", "store", "push"):
        return stage.operands[:1]
    if gate is None or not stage.bound or not gate.arrays:
        return tuple(o for o in stage.operands
                     if not is_immutable(o) and kind_of_operand(o).tag not in ("static", "function"))
    first = stage.bound.get(gate.arrays[0])
    return first if isinstance(first, tuple) else (first,)


class CallFacts:
    """A call as the table of views sees it: its operands, and settings that every call of the text has."""

    def __init__(self, stage):
        self.stage, self.parts = stage, viewed_operands(stage)
        self.kind = kind_of_operand(self.parts[0]) if self.parts else None
        self.count, self.rank = len(self.parts), self.kind and self.kind.rank
        self.result_rank = stage.target.kind.rank

    @property
    def is_array(self):
        return True if self.kind.tag == "array" else None if self.kind.tag == "unknown" else False

    @property
    def has_plain_array(self):
        return any(kind.tag == "array" and kind.rank == 0 for kind in map(kind_of_operand, self.parts))

    @property
    def is_cast(self):
        dtype = self.stage.target.kind.dtype
        return None if not self.kind.dtype or not dtype else np.dtype(dtype) != np.dtype(self.kind.dtype)

    @property
    def is_respaced(self):
        shapes = [kind.shape and [n.text for n in kind.shape if not (n.unit and n.value == 1)]
                  for kind in (self.kind, self.stage.target.kind)]
        return None if None in shapes or shapes[0] != shapes[1] else False

    def get(self, name):
        """The value of a setting."""
        if name not in self.stage.bound:
            return self.stage.gate.defaults.get(name)
        try:
            operand = self.stage.bound[name]
            return (tuple(map(self.value_of, operand)) if isinstance(operand, tuple)
                    else self.value_of(operand))
        except Unknown:
            return UNKNOWN

    def value_of(self, operand):
        return static_value(kind_of_operand(operand), NO_ASSUMPTIONS)

    def is_contiguous(self, order):
        return None


class _NoAssumptions:
    """A scope without guards: a setting that other calls may have otherwise is not known."""

    def static(self, known):
        if known is None or not known.exact:
            raise Unknown
        return known.value


NO_ASSUMPTIONS = _NoAssumptions()


def allocates(stage):
    """A gate allocates its result; of other calls nothing is known."""
    form = stage.form
    return stage.gate is not None or form.kind in ("index", "binary", "unary", "compare") \
        or form in (COPY, TO_LIST) or form.kind == "list" and not stage.operands \
        or form.kind == "call" and form.name.startswith("@")


def is_written(row, block, sums=False):
    """Whether an iteration stores into the memory that it begins with, or with `sums` may add to it.

    block: {value: stage}.
    """
    def chain(value, inner, block):
        stage = block.get(value)
        if value is inner or stage is None:
            return False
        if isinstance(stage, Loop):
            return any(
                inside.out is value
                and (chain(inside.init, inner, block) or _unaliased(inside.init, block) is inner
                     and chain(inside.next, inside.inner, _definitions(stage.block)))
                for inside in stage.rows)
        if isinstance(stage, Branch):
            return any(chain(end, inner, _definitions(side)) for result in stage.results if result[0] is value
                       for end, side in zip(result[1:], stage.blocks))
        if isinstance(stage, Call) or stage.form.kind not in ("store", "augment", "alias") and not (
                sums and stage.form.kind == "binary" and stage.form.name in "+-"):
            return False
        return (stage.form.kind != "alias" and _unaliased(stage.operands[0], block) is inner
                or chain(stage.operands[0], inner, block))
    return chain(row.next, row.inner, block)


def _unaliased(value, block):
    """The value that a value is an alias of."""
    stage = block.get(value)
    while isinstance(stage, Stage) and stage.form.kind == "alias":
        value = stage.operands[0]
        stage = block.get(value)
    return value


def _definitions(block):
    return {target: stage for stage in block for target in stage.targets}


def is_borrowed(value, builder):
    """Whether a gradient may alias an argument, a primal value or a read-only buffer."""
    memory = owners(value, builder.definitions)
    return through_broadcast(value, builder.definitions) or any(
        allocation is None or allocation in builder.models or not builder.is_backward(allocation)
        for allocation in memory)


def allocates_array(stage):
    """Whether the result is a newly allocated array."""
    return stage.gate is not None and not is_view(stage) and bool(stage.target.kind.rank)


def stored_owners(block, definitions):
    """The owners of all memory that the stages of a block write into."""
    memories = set()
    for stage in block:
        if isinstance(stage, Branch):
            memories |= stored_owners(stage.then, definitions) | stored_owners(stage.orelse, definitions)
        elif isinstance(stage, (Loop, Call)):
            memories |= stored_owners(stage.block, definitions)
        elif stage.form.kind in ("store", "augment"):
            memories |= owners(stage.operands[0], definitions)
    return memories


def is_immutable(value):
    """Numbers: `+=` gives the name a new one."""
    return isinstance(value, Lit) or value.kind.tag == "number"


def unshared(builder, result, seen):
    """The gradient in memory that it shares with nothing: shared or borrowed memory is copied.

    seen: owners whose memory is taken: arguments, a cache, other gradients; that of the
    result is added.
    """
    if isinstance(result, Lit) or result.kind.tag == "number":
        return result
    stage = builder.definitions.get(result)
    if isinstance(stage, Branch) and result.kind.tag == "list":
        return result       # gradients of the elements of a list, each in memory of its own
    # Of two possible owners either will do, if the function allocated both.
    may_be_either = isinstance(stage, (Branch, Loop))
    if isinstance(stage, (Loop, Call)):
        stage = None
    if result.kind.tag in ("tuple", "list", "dict") and stage is not None \
            and stage.form.kind == result.kind.tag:
        operands = tuple(unshared(builder, operand, seen) for operand in stage.operands)
        if operands == stage.operands:
            return result
        return builder.named(builder.emit(stage.form, operands), result.name)
    is_join = isinstance(stage, Stage) and stage.shares is False and (stage.form[:2] == ("binary", "+")
                                                                      or stage.form.name == "@tuple")
    if result.kind.tag in ("tuple", "list") and is_join:        # of lists of gradients
        operands = tuple(unshared(builder, operand, seen) for operand in stage.operands)
        if operands == stage.operands:
            return result
        joined = Value(result.name, result.hint, result.kind)
        builder.append(Stage((joined,), stage.form, operands, shares=False))
        return joined
    copy_of_store = _copied_for_a_store(result, builder.definitions)
    memory = {copy_of_store} if copy_of_store else owners(result, builder.definitions)
    if not copy_of_store and not may_be_either:
        memory = {owner(result, builder.definitions), *memory}
    readonly = copy_of_store is None and through_broadcast(result, builder.definitions)
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


def _copied_for_a_store(value, definitions):
    """The copy that a store into an argument's memory makes, if the value lies in it."""
    stage = definitions.get(value)
    while isinstance(stage, Stage) and is_view(stage) and len(viewed_operands(stage)) == 1:
        base = viewed_operands(stage)[0]
        if stage.form.kind == "store" and not owners(base, definitions) & definitions.keys():
            return stage.target
        stage = definitions.get(base)
    return None


def is_read_only(stage):
    """Whether a gate returns a view that is read-only, or some of whose elements share memory.

    It is a view of its operand, or of an array that it allocates from numbers.
    """
    if not isinstance(stage, Stage) or stage.gate is None or stage.gate.name not in READ_ONLY | OVERLAPPING:
        return False
    is_copied = stage.gate.name == "meshgrid" or stage.gate.name == "diag" and stage.target.kind.rank == 2
    return is_view(stage) or not is_copied and not CallFacts(stage).is_array


def through_broadcast(value, definitions, visited=None):
    """Whether a value may lie in memory that is read-only, or in which elements share a place."""
    visited = set() if visited is None else visited     # branch behind branch leads to the same values again
    while isinstance(value, Value) and value in definitions and value not in visited:
        visited.add(value)
        stage = definitions[value]
        if isinstance(stage, LoopInProgress):
            return any(is_read_only(definitions.get(memory)) for memory in stage.memory)
        if isinstance(stage, Loop):
            row = next((row for row in stage.rows if value is row.inner or value is row.out), None)
            inside = {value: definition
                      for value, definition in {**definitions, **_definitions(stage.block)}.items()
                      if row is None or value is not row.inner}
            return (row is not None
                    and (through_broadcast(row.init, definitions, visited)
                         or through_broadcast(row.next, inside, visited)))
        if isinstance(stage, Call):
            value = stage.same_as(value)
            continue
        if isinstance(stage, Branch):
            inside = _extended(definitions, _definitions(stage.then) | _definitions(stage.orelse))
            return any(through_broadcast(end, inside, visited) for end in choice_ends(stage, value))
        if is_read_only(stage):
            return True
        if not is_view(stage):
            return False
        if len(viewed_operands(stage)) != 1:
            return any(through_broadcast(part, definitions, visited) for part in viewed_operands(stage))
        value = viewed_operands(stage)[0]
    return False
