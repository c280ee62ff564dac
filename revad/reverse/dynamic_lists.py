"""Adjoint of dynamic lists: the adjoint of a list that is appended to: the gradients of its elements are the rows of an array.

A loop that appends once in each round takes the row of the round, by its number or by going over the rows
backwards.  The array is as long as the list is after the loop, in all rounds.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT, array, literal, stack
>>> xs, ys, x = Value("xs", None, stack(FLOAT, literal(2)), True), Value("ys", None, stack(FLOAT, literal(3)), True), Value("x", None, FLOAT, True)
>>> side = type("Side", (), {"builder": Builder(), "elements": {}})()
>>> found = backprop_list(side, Stage((ys,), Form("push"), (xs, x)), Value("dys", None, array((literal(3),))))
>>> [operand for operand, _ in found], side.builder.stages
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
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand

WHAT = "list that a loop appends to"
INSTEAD = "Make it an array before the loop, and store into it."


class Filled(NamedTuple):
    """How a loop fills a list.  first: the elements before it; is_read: whether its rounds read what there is of it."""

    first: int
    pushes: tuple
    is_read: bool
    number: Any     # of a round: (index, what to subtract), or None


def filled_by(loop, rows, definitions):
    """{row: Filled} of the lists among the rows of a loop.  Refusal of those whose gradient takes more than this."""
    found, made = {}, targets_of(loop.block)
    block = live(loop.block, [row.next for row in loop.rows])
    for row in rows:
        if row.inner.kind.tag != "stack":
            continue
        steps, begun = pushes(row.next, row.inner, made), definitions.get(row.init)
        shown = _is_shown(begun)
        if not shown and not is_inside(row.init, definitions):
            raise Refusal(WHAT, "another loop has appended to it before", INSTEAD)
        is_read, number = _is_read(block, {row.inner}), _number(loop, definitions)
        if shown and steps and (number or len(steps) == 1 and not is_read):
            found[row] = Filled(len(begun.operands), tuple(steps[::-1]), is_read, number)
        elif is_read:
            raise Refusal(WHAT, "its rounds read the list, and how many elements they add differs", INSTEAD)
        else:       # each element has noted its place
            found[row] = Filled(0, (), False, None)
    return found


def _is_shown(stage):
    return isinstance(stage, Stage) and stage.form.kind == "list"


def is_inside(value, definitions):
    """Whether a list is what there is of it in a round of a loop that appends to it."""
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


def held_by(loop, definitions, values, stored):
    """{value: (list, its place)} of the values of a round that a list of the program holds; no place where the rounds have no number.

    stored: memory that is written into, in which a list does not hold what a value was.
    """
    found, made = {}, targets_of(loop.block)
    for row in loop.rows:
        begun = definitions.get(row.init) if row.inner.kind.tag == "stack" else None
        steps = pushes(row.next, row.inner, made) if _is_shown(begun) else None
        if not steps:
            continue
        fill = Filled(len(begun.operands), tuple(steps[::-1]), False, _number(loop, definitions))
        for at, push in enumerate(fill.pushes):
            value = push.operands[1]
            if value in values and value not in found and not owners(value, definitions) & stored and (
                    fill.number or fill.first == 0 and len(steps) == 1):
                place = (fill.number
                         and (lambda builder, fill=fill, at=at: _place(builder, fill, at)().operand))
                found[value] = row.out, place
        versions = {version: at
                    for at, version in enumerate([row.inner, *(push.target for push in fill.pushes)])}
        for value in values if fill.number else ():
            read = made.get(value)      # xs[-1]
            if (isinstance(read, Stage) and read.form.kind == "index" and read.operands[0] in versions
                    and isinstance(read.operands[1], Lit)
                    and read.operands[1].value < 0 and value not in found
                    and not owners(value, definitions) & stored):
                at = versions[read.operands[0]] + read.operands[1].value
                found[value] = row.out, lambda builder, fill=fill, at=at: _place(builder, fill, at)().operand
    return found


def _is_read(block, versions):
    """Whether a derivative comes from what there is of a list in a round; `versions` grows by what the block makes of it."""
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


def _number(loop, definitions):
    made = definitions.get(loop.iterable)
    if (loop.until is not None or len(loop.indices) != 1 or not isinstance(made, Stage)
            or made.form[:2] != ("call", "@range")):
        return None
    start = made.operands[0] if len(made.operands) == 2 else Lit(0)
    return (loop.indices[0], start.value) if len(made.operands) < 3 and isinstance(start, Lit) else None


class Rows:
    """What the rounds of one reversed loop take: `elements`, {push: its gradient}; `places`, {list: its length in this round}.

    zipped: the names for rows that the loop goes over, with the arrays of which they are.
    """

    def __init__(self, side, fills, gradients):
        self.fills, self.elements, self.places, self.zipped = fills, {}, {}, []
        for row, fill in fills.items():
            above = gradients.get(row)
            for at, push in enumerate(fill.pushes):
                place = None if fill.number is None else _place(side.builder, fill, at)
                if fill.is_read:
                    self.places[push.operands[0]] = fill, at
                    self.places[push.target] = fill, at + 1
                    self.elements[push] = lambda above, place=place: side.builder.symbol(above)[place()]
                elif above.kind.rank == 0 or above.kind.rank < row.out.kind.rank:
                    self.elements[push] = lambda _, above=above: above
                elif place is not None:
                    self.elements[push] = lambda _, above=above, place=place: side.builder.symbol(above.operand)[place()]
                else:
                    self.elements[push] = lambda _, here=self.zip(push, above,
                                                                  fill.first): side.builder.symbol(here)

    def zip(self, push, above, first):
        value, kind = push.operands[1], as_array(push.target.kind.items[0], None)
        name = getattr(value, "name", None)
        here = Value(f"d{name}" if name else None, f"d{name or 't'}",
                     kind._replace(weak=False, dtype=above.kind.dtype))
        self.zipped.append((here, above[first:].operand if first else above.operand))
        return here


def _place(builder, fill, at):
    """The place of what a round appends: a function, so that it is written where it is used."""
    def place():
        index, start = fill.number
        found, offset = builder.symbol(index), fill.first + at - start * len(fill.pushes)
        if len(fill.pushes) > 1:
            found = found * len(fill.pushes)
        return found + offset if offset > 0 else found - -offset if offset < 0 else found
    return place


def gradient_of(builder, operand, value):
    """The gradient of a list after a loop, an array; smaller where it is the same for all elements."""
    gradient = as_floats(builder.symbol(operand))
    if is_inside(value, builder.definitions):
        return gradient.operand     # it is as long as the list is in the end
    if gradient.kind.rank is not None and gradient.kind.rank < value.kind.rank:
        return Lit(float(operand.value)) if isinstance(operand, Lit) else gradient.operand
    return full(builder, gradient, value).operand


def as_long(side, value, gradient):
    """The gradient after a branch, of a list that the branch may append to: on this side as long as the list is here."""
    if (value.kind.tag != "stack" or gradient.kind.rank != value.kind.rank
            or is_inside(value, side.builder.definitions)):
        return gradient
    found = Value(None, f"d{value.name or value.hint or 'x'}",
                  as_array(value.kind, side.builder.scope)._replace(dtype=gradient.kind.dtype))
    side.builder.append(Stage((found,), Form("alias"), (gradient.operand,)))
    return side.builder.symbol(found)


def before_loop(builder, contributions, fills):
    """Contributions, those on the lists that loops begin with as ones on their elements."""
    lists = {row.init for row in fills if _is_shown(builder.definitions.get(row.init))}
    found = []
    for value, gradient in contributions:
        if value not in lists:
            found.append((value, gradient))
            continue
        same = gradient.kind.rank is not None and gradient.kind.rank < value.kind.rank
        found += [(operand, gradient if same else gradient[i])
                  for i, operand in enumerate(builder.definitions[value].operands) if operand.varied]
    return found


def backprop_list(backward, stage, above):
    """(operand, gradient) for each element of a list that is made, or for the list that is appended to."""
    builder = backward.builder
    if stage in backward.elements:
        base, value = stage.operands
        return [(base, builder.symbol(above)), (value, backward.elements[stage](above))]
    if stage.form.kind == "push" and is_inside(stage.target, builder.definitions):
        base, value = stage.operands
        above = builder.symbol(above)
        whole = above.kind.rank == stage.target.kind.rank
        return [(base, above), (value, above[builder.symbol(stage.form.spec)] if whole else above)]
    above = builder.symbol(gradient_of(builder, above, stage.target))
    same = above.kind.rank is not None and above.kind.rank < stage.target.kind.rank
    if stage.form.kind == "list":
        return [(operand, above if same else above[i]) for i, operand in enumerate(stage.operands)
                if operand.varied]
    base, value = stage.operands
    last, rest = (above, above) if same else (above[-1], above[:-1])
    if not same and isinstance(rest.operand, Value):
        rest.operand.kind = as_array(base.kind, builder.scope)._replace(dtype=above.kind.dtype)
    return [(value, last), (base, rest)]


def _is_natural(scope, place):
    found = None if place.kind.affine is None else bound(scope, place.kind.affine, False)
    if found is None or found.value is None or found.value < 0:
        return False
    if not found.exact:
        scope.rely(f"{found.text} >= 0")
    return True


def store_waiting(backward, version):
    """Add the gradients of the elements that a round reads of a list: after those of what it appends are taken."""
    for stage, above in backward.waiting.pop(version, ()):
        stage = _absolute(backward, stage, *backward.places[version])
        stored, gradient = backprop_index(backward.builder, stage, above, backward.adjoints[version],
                                          f"d{version.name or version.hint or 'x'}")
        if stored is None:
            backward.push(version, gradient)
        else:
            backward.adjoints[version], backward.last[version] = stored, backward.statement


def _absolute(backward, stage, fill, at):
    """A subscript in a round, counted from the start of the list: of an array that is as long as the list is in the end."""
    base, place = stage.operands
    if isinstance(place, Lit) and place.value < 0:
        found = _place(backward.builder, fill, at + place.value)()
        place = found.operand
    elif not (isinstance(place, Lit) or _is_natural(backward.builder.scope, place)):
        raise Refusal("subscript of a list that grows",
                      "whether it counts from the end is not known when compiling", INSTEAD)
    whole = Value(base.name, base.hint, kind_of_operand(backward.adjoints[base]), True)
    return dataclasses.replace(stage, operands=(whole, place))


def is_made_in(block, value, builder):
    """Whether a list is a new one each time that a block runs."""
    inside = builder.defined(block)
    return all(memory in inside for memory in owners(value, {**builder.definitions, **inside})
               if memory is None or is_list(memory))
