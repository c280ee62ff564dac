"""Gradients of uniform lists: a loop that takes one element a turn gives one gradient a turn.

The reversed loop takes the elements last first, and appends the gradient of each to a list, which is turned
round after it.

>>> name_in("params['blocks']")
'blocks'
"""
from __future__ import annotations

from ..analysis.aliases import TO_LIST, owners, targets_with_calls, through_broadcast
from ..builder.broadcasting import full
from ..errors import NotInTurns
from ..ir.nodes import Form, Item, Lit, Stage, Value
from ..types.kinds import Kind
from ..types.uniform_lists import counted, stretch_of_turns
from .projection import (
    Gathered,
    in_floats,
    joined,
    name_in,
    project_part,
    shifted,
    sliced,
    summed,
    with_ends,
    zeros_of_list,
)


class Turn:
    """The elements that an iteration reads of the lists that its loop goes over.

    elements: {Stretch of a list, without its base: (the list, the value that is read in the iteration)}.
    """

    def __init__(self, index):
        self.index, self.elements = index, {}

    def add(self, builder, stage):
        """The value that stands for the element that a stage reads."""
        stretch = stretch_of_turns(builder.scope, stage.operands)
        return self.elements.setdefault(stretch._replace(base=None), (stretch.base, stage.target))[1]

    def lists(self, backward, side, ends):
        """[(Stretch, (list, element), gradients of the elements)], appended at the end of an iteration.

        ends: the gradients that the iteration hands on.
        """
        lists, builder = [], side.builder
        first = counted(builder.scope, self.index)[0].first
        taken = {memory for end in ends if isinstance(end, Value)
                 for memory in owners(end, builder.definitions)}
        for stretch, (base, element) in self.elements.items():
            # Neighbours, and what loops inside add, are summed up after the loop.
            is_second = stretch.path in side.lists or any(stretch.path == other.path for other, _, _ in lists)
            earlier = None if is_second else _earlier(backward, stretch, base)
            if earlier is not None:
                so_far = Value(None, f"d{name_in(stretch.path)}", in_floats(element.kind))
                place = shifted(builder, self.index, stretch.start - first - earlier.start)
                read = Form("index", spec=(Item("at", (1,)),))
                builder.append(Stage((so_far,), read, (earlier.value, place)))
                side.push(element, builder.symbol(so_far))
            gradient = _apart(builder, project_part(builder, element, side.adjoints.get(element)), taken)
            name = f"d{name_in(stretch.path)}"
            gradients = Value(name, name, Kind("unknown"))
            builder.append(Stage((), Form("keep"), (gradients, gradient)))
            lists.append((stretch, (base, element), gradients))
        return lists


def _earlier(backward, stretch, base):
    """The gradients of these and perhaps other elements of a list by what comes after the loop, or None."""
    earlier = backward.lists.get(stretch.path)
    if earlier is None:
        return None
    backward.lists[stretch.path] = completed(backward, earlier, backward.adjoints.get(base), stretch)
    return backward.lists[stretch.path]


def completed(backward, gathered, parts, other):
    """Gathered gradients with those of other elements, so that all of another stretch are among them."""
    gathered = with_ends(backward.builder, gathered, {} if parts is None else parts,
                         min(gathered.start, other.start), min(gathered.stop, other.stop),
                         lambda gradient: _apart(backward.builder, gradient, {*backward.builder.definitions}))
    gathered.value.name = gathered.value.name or gathered.value.hint
    return gathered


def begun(backward, gathered, path):
    """(the gradients of a list before a loop, or zeros, and their value when an iteration of it begins).

    gathered: what an iteration adds to them.
    """
    earlier = backward.lists.get(path)
    if earlier is None:
        earlier = zeros_of_list(backward.builder, gathered.base, path, gathered.start, gathered.stop)
    earlier = completed(backward, earlier, backward.adjoints.get(gathered.base), gathered)
    name = f"d{name_in(path)}"
    return earlier, earlier._replace(value=Value(name, name, earlier.value.kind))


def joined_lists(backward, sides):
    """[(value after the branch, on one side, on the other)] of the gradients of lists that a side adds to."""
    results = []
    if backward.builder.outer is not None and any(side.lists != backward.lists for side in sides):
        raise NotInTurns        # what the forward pass keeps for a side could not be differentiated again
    for path in dict.fromkeys(path for side in sides for path in side.lists):
        ends_of_sides = [side.lists.get(path) for side in sides]
        if all(end is backward.lists.get(path) for end in ends_of_sides):
            continue
        known = [end for end in ends_of_sides if end is not None]
        hull = known[0]._replace(start=min(end.start for end in known), stop=min(end.stop for end in known))
        ends = []
        for side, end in zip(sides, ends_of_sides):
            if end is None:
                end = zeros_of_list(side.builder, hull.base, path, hull.start, hull.stop)
            ends.append(completed(side, end, side.adjoints.get(hull.base), hull).value)
        result = Value(None, f"d{name_in(path)}", ends[0].kind)
        results.append((result, *ends))
        backward.lists[path] = hull._replace(value=result)
    return results


def gathered(backward, stretch, element, gradients, is_reversed, is_second):
    """The Gathered gradients of a list after a loop: with those of other elements from before it.

    is_reversed: whether the loop took the last element first, so that the gradients are in order.
    is_second: whether the loop takes two elements in a round, so that these are to be added.
    """
    builder, earlier = backward.builder, backward.lists.get(stretch.path)
    form, holes = (Form("alias"), ()) if is_reversed else (
        Form("index", spec=(Item("slice", (None, None, 1)),)), (Lit(-1),))
    ordered = Value(None, gradients.name, Kind("list"))
    builder.append(Stage((ordered,), form, (gradients, *holes), shares=None if is_reversed else False))
    new = Gathered(element[0], stretch.start, stretch.stop, ordered)
    if earlier is None:
        return new
    if is_second:
        return summed(builder, stretch, element, earlier, new)
    before, after = stretch.start - earlier.start, stretch.stop - earlier.stop
    pieces = [*[sliced(builder, earlier.value, None, before)][:before], ordered,
              *[sliced(builder, earlier.value, -after)][:after]]
    return earlier._replace(value=joined(builder, pieces))


def turn_of(scope, operand):
    """The index, as in an Affine, of a loop that takes the elements of lists in order; None for others."""
    return operand.kind.affine.terms[0][0] if counted(scope, operand) is not None else None


def is_turn(builder, stage):
    """Whether a subscript takes the element of a turn."""
    return len(stage.operands) == 2 and stage.form.spec[0].kind == "at" \
        and stretch_of_turns(builder.scope, stage.operands) is not None


def backprop_element(backward, stage, cotangent):
    """The gradient of an element waits for the end of the iteration."""
    scope, turn = backward.builder.scope, backward.turn
    if turn is None or turn_of(scope, turn.index) != turn_of(scope, stage.operands[1]):
        raise NotInTurns
    element = backward.turn.add(backward.builder, stage)
    if element is not stage.target:
        backward.push(element, backward._wrap(cotangent))
    else:
        backward.adjoints[element] = getattr(cotangent, "operand", cotangent)
    return []


def gather_array(backward, stage, cotangent):
    """The gradient of a list of numbers that counts as an array is the list of it."""
    builder, base = backward.builder, stage.operands[0]
    array = full(builder, cotangent, stage.target)
    gradients = Value(None, None, in_floats(base.kind))
    builder.append(Stage((gradients,), TO_LIST, (array.operand,), shares=False))
    backward.lists[base.name] = Gathered(base, 0, 0, gradients)
    return []


def _apart(builder, gradient, taken):
    """The gradient of an element in memory of its own, which the iteration allocates."""
    stage = builder.definitions.get(gradient) if isinstance(gradient, Value) else None
    if isinstance(stage, Stage) and stage.form.kind in ("tuple", "list", "dict"):
        parts = tuple(_apart(builder, part, taken) for part in stage.operands)
        return gradient if parts == stage.operands else builder.emit_container(stage.form, parts)
    if not isinstance(gradient, Value) or gradient.kind.tag == "number":
        return gradient
    memory, allocated = owners(gradient, builder.definitions), targets_with_calls(builder.stages)
    if memory and memory <= allocated - taken and not through_broadcast(gradient, builder.definitions):
        taken |= memory
        return gradient
    copy = Value(None, gradient.hint or gradient.name, gradient.kind)
    builder.append(Stage((copy,), Form("method", "copy"), (gradient,)))
    return copy
