"""Gradients of uniform lists: a loop that takes one element a turn gives one gradient a turn.

The reversed loop takes the elements last first, and appends the gradient of each to a list, which is turned
round after it.

>>> from ..types.kinds import FLOAT, Kind, literal
>>> from ..builder.builder import Builder
>>> w, i, lists = Value("w", None, FLOAT, True), Value("i"), {}
>>> builder = Builder()
>>> ws = Value("ws", None, Kind("list", items=(FLOAT, FLOAT)), True)
>>> builder.scope.list_paths[ws] = "ws"
>>> turn = Turn(i)
>>> turn.add(builder, Stage((w,), Form("index"), (ws, i)))
w
"""
from __future__ import annotations

import re

from ..analysis.aliases import owners, targets_with_calls, through_broadcast
from ..errors import NotInTurns
from ..ir.nodes import Form, Item, Lit, Stage, Value
from ..types.kinds import INTEGERS, Kind
from .projection import project_part


class Turn:
    """The elements that an iteration reads of the lists that its loop goes over.

    elements: {path of a list: (the list, the value that is read in the iteration)}.
    """

    def __init__(self, index):
        self.index, self.elements = index, {}

    def add(self, builder, stage):
        """The value that stands for the element that a stage reads."""
        path = builder.scope.list_paths[stage.operands[0]]
        return self.elements.setdefault(path, (stage.operands[0], stage.target))[1]

    def lists(self, side, ends, earlier):
        """{path: (list, gradient of its element)}, appended at the end of an iteration.

        ends: the gradients that the iteration hands on.  earlier: {path: gradients of the elements} by what
        comes after the loop.
        """
        lists, builder = {}, side.builder
        taken = {memory for end in ends if isinstance(end, Value)
                 for memory in owners(end, builder.definitions)}
        for path, (base, element) in self.elements.items():
            if path in earlier:     # another loop goes over the list, too
                so_far = Value(None, f"d{name_in(path)}", in_floats(element.kind))
                builder.append(Stage((so_far,), Form("index", spec=(Item("at", (1,)),)),
                                     (earlier[path], self.index)))
                side.push(element, builder.symbol(so_far))
            gradient = _apart(builder, project_part(builder, element, side.adjoints.get(element)), taken)
            name = f"d{name_in(path)}"
            gradients = Value(name, name, Kind("unknown"))
            builder.append(Stage((), Form("keep"), (gradients, gradient)))
            lists[path] = base, gradients
        return lists


def is_turn(builder, stage):
    """Whether a subscript takes the element of a turn."""
    return len(stage.operands) == 2 and stage.operands[1] in builder.scope.counters \
        and stage.operands[0] in builder.scope.list_paths


def backprop_element(backward, stage, cotangent):
    """The gradient of an element waits for the end of the iteration."""
    if backward.turn is None or backward.turn.index is not stage.operands[1]:
        raise NotInTurns
    element = backward.turn.add(backward.builder, stage)
    if element is not stage.target:
        backward.push(element, backward._wrap(cotangent))
    else:
        backward.adjoints[element] = getattr(cotangent, "operand", cotangent)
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


def name_in(path):
    """What to call a list: its name, or the last key that leads to it.

    >>> name_in("layers"), name_in("params['blocks']"), name_in("model[0]")
    ('layers', 'blocks', 'model')
    """
    return [word for word in re.findall(r"[^\W\d]\w*", path)][-1]


def in_order(builder, gradients, base, is_reversed):
    """The gradients of a list in the order of its elements.

    is_reversed: whether the loop took the last element first, so that the gradients are in order.
    """
    kind = in_floats(base.kind)
    forms = [] if is_reversed else [(Form("index", spec=(Item("slice", (None, None, 1)),)), (Lit(-1),))]
    if base.kind.tag == "tuple":
        builder.externals.setdefault("@tuple", tuple)
        forms.append((Form("call", "@tuple"), ()))
    for form, holes in forms or [(Form("alias"), ())]:
        ordered = Value(None, gradients.name, kind)
        builder.append(Stage((ordered,), form, (gradients, *holes),
                             shares=None if form.kind == "alias" else False))
        gradients = ordered
    gradients.name = gradients.hint
    return gradients


def in_floats(kind):
    """The kind of the gradient of a value of this kind."""
    if kind.items:
        return kind._replace(items=tuple(map(in_floats, kind.items)))
    return kind._replace(dtype="d", known=None) if kind.numeric and kind.dtype in INTEGERS else kind
