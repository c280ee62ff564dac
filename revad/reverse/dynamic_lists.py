"""Adjoint of dynamic lists: the gradient of a list that is appended to is an array, one row for each element.

A reversed loop reads the row of its iteration, by the iteration's number or by iterating over the reversed
rows.  In every iteration the array is as long as the list is after the loop.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT, array, literal, stack
>>> xs, ys = (Value(name, None, stack(FLOAT, literal(n)), True) for name, n in (("xs", 2), ("ys", 3)))
>>> x, dys = Value("x", None, FLOAT, True), Value("dys", None, array((literal(3),)))
>>> side = type("Side", (), {"builder": Builder(), "elements": {}})()
>>> pairs = backprop_list(side, Stage((ys,), Form("push"), (xs, x)), dys)
>>> [operand for operand, _ in pairs], side.builder.stages
([x, xs], [_ = index (dys, -1), _ = index (dys, -1)])
"""
from __future__ import annotations

import dataclasses
from typing import Any, NamedTuple

from ..analysis.aliases import is_list, owners
from ..analysis.liveness import live
from ..builder.broadcasting import as_floats, full
from ..builder.scatter import backprop_index
from ..ir.nodes import Branch, Form, Lit, Loop, Stage, Value
from ..ir.traversal import pushes, targets_of
from ..types.affine import bound
from ..types.lists import is_of_containers
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand

WHAT = "list that a loop appends to"
INSTEAD = "Make it an array before the loop, and store into it."


class Appends(NamedTuple):
    """How a loop appends to a list.

    first: the number of elements before the loop; is_read: whether an iteration reads elements appended
    earlier.
    """

    first: int
    pushes: tuple
    is_read: bool
    number: Any     # of an iteration: (index, start to subtract), or None


def appends_of(loop, rows, definitions):
    """{row: Appends} of the lists among the rows of a loop; raises Refusal for others."""
    appends_by_row, block_definitions = {}, targets_of(loop.block)
    block = live(loop.block, [row.next for row in loop.rows])
    for row in rows:
        if row.inner.kind.tag != "stack":
            continue
        push_chain, initial = pushes(row.next, row.inner, block_definitions), definitions.get(row.init)
        is_display = _is_display(initial)
        if not is_display and not is_growing(row.init, definitions):
            raise Refusal(WHAT, "another loop has appended to it before", INSTEAD)
        if not grows_from(row.next, row.inner, block_definitions):
            raise Refusal(WHAT, "its rounds make it anew, and the one of the last round is read", INSTEAD)
        is_read, number = _is_read(block, {row.inner}), _iteration_number(loop, definitions)
        if is_display and push_chain and (number or len(push_chain) == 1 and not is_read):
            appends_by_row[row] = Appends(len(initial.operands), tuple(push_chain[::-1]), is_read, number)
        elif is_read:
            raise Refusal(WHAT, "its rounds read the list, and how many elements they add differs", INSTEAD)
        else:       # each push records the position of its element
            appends_by_row[row] = Appends(0, (), False, None)
    return appends_by_row


def _is_display(stage):
    return isinstance(stage, Stage) and stage.form.kind == "list"


def is_growing(value, definitions):
    """Whether a list is the partial one inside an iteration of a loop that appends to it."""
    while True:
        stage = definitions.get(value)
        if isinstance(stage, Branch):
            ends = next((row[1:] for row in stage.results if row[0] is value), ())
            value = next((end for end in ends if isinstance(end, Value)), None)
        elif isinstance(stage, Loop):
            row = next((row for row in stage.rows if value in (row.inner, row.out)), None)
            if row is None or value is row.inner:
                return row is not None
            value = row.init
        elif isinstance(stage, Stage) and stage.form.kind in ("push", "alias"):
            value = stage.operands[0]
        else:
            return False


def grows_from(value, inner, definitions):
    """Whether a list is that of the start of an iteration, with more elements, on every way through it."""
    stage = definitions.get(value)
    if value is inner:
        return True
    if isinstance(stage, Branch):
        inside = {**definitions, **targets_of(stage.then), **targets_of(stage.orelse)}
        ends = next((row[1:] for row in stage.results if row[0] is value), (value,))
        return all(end is not value and grows_from(end, inner, inside) for end in ends)
    if isinstance(stage, Loop):
        row = next((row for row in stage.rows if row.out is value), None)
        return row is not None and grows_from(row.init, inner, definitions) \
            and grows_from(row.next, row.inner, {**definitions, **targets_of(stage.block)})
    return isinstance(stage, Stage) and stage.form.kind in ("push", "alias") \
        and grows_from(stage.operands[0], inner, definitions)


def lists_holding(loop, definitions, values, stored):
    """{value: (list, position)} of the values of an iteration that a list of the program holds anyway.

    The position is None where iterations have no number.  stored: memory that is written into; such a list,
    or a list of such arrays, does not hold what the value was.
    """
    places, block_definitions = {}, targets_of(loop.block)
    for row in loop.rows:
        initial = definitions.get(row.init) if row.inner.kind.tag == "stack" else None
        push_chain = pushes(row.next, row.inner, block_definitions) if _is_display(initial) else None
        if not push_chain or any(is_list(memory) for memory in owners(row.out, definitions) & stored):
            continue
        appended = Appends(len(initial.operands), tuple(push_chain[::-1]), False,
                           _iteration_number(loop, definitions))
        for at, push in enumerate(appended.pushes):
            value = push.operands[1]
            if value in values and value not in places and not owners(value, definitions) & stored and (
                    appended.number or appended.first == 0 and len(push_chain) == 1):
                place = (appended.number
                         and (lambda builder, appended=appended, at=at: _position(builder, appended,
                                                                                  at)().operand))
                places[value] = row.out, place
        versions = {version: at
                    for at, version in enumerate([row.inner, *(push.target for push in appended.pushes)])}
        for value in values if appended.number else ():
            load = block_definitions.get(value)      # xs[-1]
            if (isinstance(load, Stage) and load.form.kind == "index" and load.operands[0] in versions
                    and isinstance(load.operands[1], Lit)
                    and load.operands[1].value < 0 and value not in places
                    and not owners(value, definitions) & stored):
                at = versions[load.operands[0]] + load.operands[1].value
                places[value] = row.out, lambda builder, appended=appended, at=at: _position(builder,
                                                                                             appended,
                                                                                             at)().operand
    return places


def _is_read(block, versions):
    """Whether an active value is computed from a list inside an iteration.

    `versions` are the list's versions; those that the block makes are added.
    """
    for stage in block:
        if isinstance(stage, Loop):
            rows = [row for row in stage.rows if row.init in versions]
            versions.update(value for row in rows for value in (row.inner, row.out))
        if not isinstance(stage, Stage):
            if any([_is_read(inner, versions) for inner in stage.blocks]):
                return True
        elif (stage.form.kind == "push" and stage.operands[0] in versions
                and stage.operands[1] not in versions):
            versions.add(stage.target)
        elif (any(operand in versions for operand in stage.operands)
                and any(target.varied for target in stage.targets)):
            return True
        if isinstance(stage, Branch):
            versions.update(row[0] for row in stage.results if row[1] in versions or row[2] in versions)
        elif not isinstance(stage, (Stage, Loop)) and any(operand in versions for operand in stage.operands):
            return True
    return False


def _iteration_number(loop, definitions):
    definition = definitions.get(loop.iterable)
    if (loop.until is not None or len(loop.indices) != 1 or not isinstance(definition, Stage)
            or definition.form[:2] != ("call", "@range")):
        return None
    start = definition.operands[0] if len(definition.operands) == 2 else Lit(0)
    return (loop.indices[0], start.value) if len(definition.operands) < 3 and isinstance(start, Lit) else None


class ElementGradients:
    """The gradients of appended elements in a reversed loop.

    `elements`: {push: its gradient}; `places`: {version of a list: its length in this iteration}; zipped: the
    names of the rows that the loop iterates over, with the arrays that they are rows of.
    """

    def __init__(self, side, appends, gradients):
        self.appends, self.elements, self.places, self.zipped = appends, {}, {}, []
        self.scope = side.builder.scope
        for row, appended in appends.items():
            cotangent = gradients.get(row)
            for at, push in enumerate(appended.pushes):
                place = None if appended.number is None else _position(side.builder, appended, at)
                if appended.is_read:
                    self.places[push.operands[0]] = appended, at
                    self.places[push.target] = appended, at + 1
                    self.elements[push] = (
                        lambda cotangent, place=place: side.builder.symbol(cotangent)[place()])
                elif cotangent.kind.rank == 0 or cotangent.kind.rank < row.out.kind.rank:
                    self.elements[push] = lambda _, cotangent=cotangent: cotangent
                elif place is not None:
                    self.elements[push] = (
                        lambda _, cotangent=cotangent, place=place:
                        side.builder.symbol(cotangent.operand)[place()])
                else:
                    self.elements[push] = (
                        lambda _, element=self.zip(push, cotangent, appended.first):
                        side.builder.symbol(element))

    def zip(self, push, cotangent, first):
        name = getattr(push.operands[1], "name", None)
        if is_of_containers(push.target.kind.items[0]):
            element = Value(f"d{name}" if name else None, "delement", cotangent.kind.items[0])
            self.zipped.append((element, cotangent[first:].operand if first else cotangent.operand))
            return element
        kind = as_array(push.target.kind.items[0], self.scope)
        element = Value(f"d{name}" if name else None, f"d{name or 't'}",
                        kind._replace(weak=False, dtype=cotangent.kind.dtype))
        self.zipped.append((element, cotangent[first:].operand if first else cotangent.operand))
        return element


def _position(builder, appended, at):
    """The position of an appended element: a function, so that it is emitted where it is used."""
    def place():
        index, start = appended.number
        position, offset = builder.symbol(index), appended.first + at - start * len(appended.pushes)
        if len(appended.pushes) > 1:
            position = position * len(appended.pushes)
        return position + offset if offset > 0 else position - -offset if offset < 0 else position
    return place


def list_gradient(builder, operand, value):
    """The gradient of a list after a loop, an array; of lower rank where it is the same for all elements."""
    if is_of_containers(value.kind.items[0]):
        return operand
    gradient = as_floats(builder.symbol(operand))
    if is_growing(value, builder.definitions):
        return gradient.operand     # it is as long as the final list
    if gradient.kind.rank is not None and gradient.kind.rank < value.kind.rank:
        return Lit(float(operand.value)) if isinstance(operand, Lit) else gradient.operand
    return full(builder, gradient, value).operand


def as_long_as_list(side, value, gradient):
    """The gradient of a list that a branch may append to, as long as the list is on this side."""
    if (value.kind.tag != "stack" or gradient.kind.rank != value.kind.rank
            or is_growing(value, side.builder.definitions)):
        return gradient
    sized = Value(None, f"d{value.name or value.hint or 'x'}",
                  as_array(value.kind, side.builder.scope)._replace(dtype=gradient.kind.dtype))
    side.builder.append(Stage((sized,), Form("alias"), (gradient.operand,)))
    return side.builder.symbol(sized)


def onto_initial_elements(builder, contributions, appends):
    """Contributions, with those on a list display that a loop begins with split into its elements."""
    lists = {row.init for row in appends if _is_display(builder.definitions.get(row.init))}
    expanded = []
    for value, gradient in contributions:
        if value not in lists:
            expanded.append((value, gradient))
            continue
        is_uniform = gradient.kind.rank is not None and gradient.kind.rank < value.kind.rank
        expanded += [(operand, gradient if is_uniform else gradient[i])
                     for i, operand in enumerate(builder.definitions[value].operands) if operand.varied]
    return expanded


def backprop_list(backward, stage, cotangent):
    """(operand, gradient) for each element of a list display, or for both operands of an append."""
    builder = backward.builder
    if stage in backward.elements:
        base, value = stage.operands
        return [(base, builder.symbol(cotangent)), (value, backward.elements[stage](cotangent))]
    if stage.form.kind == "push" and is_growing(stage.target, builder.definitions):
        base, value = stage.operands
        cotangent = builder.symbol(cotangent)
        is_array = cotangent.kind.rank == stage.target.kind.rank
        return [(base, cotangent),
                (value, cotangent[builder.symbol(stage.form.spec)] if is_array else cotangent)]
    cotangent = builder.symbol(list_gradient(builder, cotangent, stage.target))
    is_uniform = cotangent.kind.rank is not None and cotangent.kind.rank < stage.target.kind.rank
    if stage.form.kind == "list":
        return [(operand, cotangent if is_uniform else cotangent[i])
                for i, operand in enumerate(stage.operands)
                if operand.varied]
    base, value = stage.operands
    last, remaining = (cotangent, cotangent) if is_uniform else (cotangent[-1], cotangent[:-1])
    if not is_uniform and isinstance(remaining.operand, Value):
        remaining.operand.kind = as_array(base.kind, builder.scope)._replace(dtype=cotangent.kind.dtype)
    return [(value, last), (base, remaining)]


def _is_natural(scope, place):
    least = None if place.kind.affine is None else bound(scope, place.kind.affine, False)
    if least is None or least.value is None or least.value < 0:
        return False
    if not least.exact:
        scope.rely(f"{least.text} >= 0")
    return True


def scatter_waiting(backward, version):
    """Add the gradients of the elements that an iteration reads of a list.

    This comes after the gradients of the elements that it appends have been read.
    """
    for stage, cotangent in backward.waiting.pop(version, ()):
        stage = _absolute(backward, stage, *backward.places[version])
        stored, gradient = backprop_index(backward.builder, stage, cotangent, backward.adjoints[version],
                                          f"d{version.name or version.hint or 'x'}")
        if stored is None:
            backward.push(version, gradient)
        else:
            backward.adjoints[version], backward.last_statement[version] = stored, backward.statement


def _absolute(backward, stage, appended, at):
    """A subscript inside an iteration, counted from the start: the gradient is as long as the final list."""
    base, place = stage.operands
    if isinstance(place, Lit) and place.value < 0:
        position = _position(backward.builder, appended, at + place.value)()
        place = position.operand
    elif not (isinstance(place, Lit) or _is_natural(backward.builder.scope, place)):
        raise Refusal("subscript of a list that grows",
                      "whether it counts from the end is not known when compiling", INSTEAD)
    array = Value(base.name, base.hint, kind_of_operand(backward.adjoints[base]), True)
    return dataclasses.replace(stage, operands=(array, place))


def is_allocated_in(block, value, builder):
    """Whether a list is allocated anew each time that a block runs."""
    inside = builder.defined(block)
    return all(memory in inside for memory in owners(value, {**builder.definitions, **inside})
               if memory is None or is_list(memory))
