"""Dynamic lists: lists whose length only running shows, extended in a loop by `append`.

All elements are of one kind.  Such a list is treated as an array with one axis more wherever it is read;
in the text it is the list that the user wrote.

The array of an empty list has no axes for those of the elements.  Where one is made, the text asserts that
the list has elements; where that fails, the call gets a text in which the list is empty
(`Scope.empty_lists`).

>>> xs = Value("xs")
>>> call = Stage((Value("y"),), Form("method", "append"), (xs, Lit(1.0)))
>>> append = Act(Stage((), Form("effect"), (xs,)), (call,))
>>> [variable.name for variable in appended_variables((append,))]
['xs']
"""
from __future__ import annotations

import re

import numpy as np

from ..errors import Filled
from ..ir.nodes import Branch, Form, Lit, Loop, Stage, Value, beside
from ..ir.untyped import Act, Each, While
from ..syntax import gast_of
from ..types.kinds import INTEGERS, join, literal, stack, unknown_length
from ..types.lists import MAKE, is_of_containers, kind_of_element, kind_of_list
from ..types.refusals import Refusal
from ..types.registry import lookup
from ..types.requirements import Demand
from ..types.shape_rules import kind_of_operand

JOINING = (np.stack, np.concatenate, np.vstack, np.hstack, np.dstack, np.column_stack)   # none of nothing


# ---- operations

def method(interp, stage, base, name, args):
    """`xs.append(x)`, `xs.extend(more)`, seen through every name of the list."""
    if name not in ("append", "extend") or len(args) != 1:
        return NotImplemented
    extend(interp, stage, base, args if name == "append" else interp.elements(stage, args[0]))
    return Lit(None)


def extend(interp, stage, base, values):
    """The list with more elements."""
    for value in values:
        base = interp.propagate_store(stage, base, _pushed(interp, stage, base, value))
    return base


def _pushed(interp, stage, base, value):
    """The list with one more element."""
    element_kind, kind = base.kind.items[0], kind_of_operand(value)
    if is_of_containers(element_kind):
        item = join(element_kind, kind_of_element(kind))
        if not is_of_containers(item):
            raise Refusal(".append", "the elements of the list differ in kind or shape", MAKE)
        return _longer(interp, stage, base, value, item)
    same_shape = kind.tag == element_kind.tag and kind.shape is not None \
        and kind.rank == element_kind.rank and all(
        interp.builder.scope.relied_equal(*pair) for pair in zip(element_kind.shape, kind.shape))
    if not same_shape:
        raise Refusal(".append", "the elements of the list differ in kind or shape", MAKE)
    item = join(element_kind, kind)._replace(shape=element_kind.shape, known=None, affine=None)
    varied = base.varied or value.varied
    if varied and (not item.dtype or item.dtype in INTEGERS):
        raise Refusal(".append", "the elements of the list differ in precision", MAKE)
    return _longer(interp, stage, base, value, item)


def _longer(interp, stage, base, value, item):
    """The list with one more element of the kind `item`."""
    longer = Value(base.name, base.hint, stack(item, unknown_length()), base.varied or value.varied)
    interp.builder.externals.setdefault("@len", len)
    place = interp.emit(beside(stage, Value("place")), Form("call", "@len"), (base,))
    interp.builder.append(
        Stage((longer,), Form("push", spec=place), (base, value), stage.statement, stage.place))
    return longer


def initial_as_dynamic(interp, stage, row):
    """The row of a loop, whose initial list becomes one of unknown length."""
    kind = kind_of_operand(row.init)
    if row.inner.kind.tag != "stack" or kind.tag != "list":
        return row
    return row._replace(init=_as_dynamic(interp, stage, row.init, row.inner.kind, row.inner.name))


def _as_dynamic(interp, stage, operand, kind, name):
    """A list of known elements as one of unknown length."""
    parts = tuple(interp.parts(stage, operand).values())
    dynamic = Value(name, None, kind, any(part.varied for part in parts))
    interp.builder.append(Stage((dynamic,), Form("list"), parts, stage.statement, stage.place))
    return dynamic


def ends_as_dynamic(interp, stage, name, ends, sides):
    """The ends of a branch, with dynamic lists for lists that differ in length."""
    if not all(isinstance(end, Value) for end in ends):
        return ends
    kinds = [end.kind for end in ends]
    if not interp.builder.scope.dynamic_lists or any(kind.tag not in ("list", "stack") for kind in kinds):
        return ends
    try:
        kind = kind_of_list(kinds, _join_elements, unknown_length())
    except Refusal:
        return ends
    if kind is None or not kind.dtype or kind.dtype in INTEGERS and any(end.varied for end in ends):
        return ends
    converted, outer = [], interp.builder
    for end, side in zip(ends, sides):
        interp.builder = side
        if kind_of_operand(end).tag != "stack":
            new_kind = kind._replace(shape=(unknown_length(), *kind.shape[1:]))
            end = _as_dynamic(interp, stage, end, new_kind, name)
        converted.append(end)
    interp.builder, outer.scope.has_dynamic_lists = outer, True
    return converted


def _join_elements(a, b):
    """The kind of an element that is one of two, of one shape."""
    if a.tag != b.tag or a.rank != b.rank or any(m.text != n.text for m, n in zip(a.shape, b.shape)):
        raise Refusal("list", "its elements differ in shape", MAKE)
    return join(a, b)


# ---- appends in a loop

def appended_variables(block):
    """The variables that an untyped block appends to."""
    for stage in block:
        if isinstance(stage, Act):
            last = stage.block[-1]
            if isinstance(last, Stage) and last.form.kind == "method" \
                    and last.form.name in ("append", "extend"):
                yield last.operands[0]
        elif isinstance(stage, Branch):
            yield from appended_variables((*stage.then, *stage.orelse))
        elif isinstance(stage, (Each, While)):
            yield from appended_variables(stage.body)


def is_written_out(iterable):
    """Whether a loop goes over a range with literal bounds."""
    return hasattr(iterable, "stop") and all(isinstance(end, Lit) for end in iterable)


def length_after_loop(interp, length):
    """The length of a list that each iteration appends to once; length: the number of iterations, or None."""
    if length is None or length.value is not None and type(length.value) is not int:
        return unknown_length()
    if length.value is not None and length.value <= 0:
        interp.builder.scope.rely(f"{length.text} <= 0")
        return literal(0)
    if length.value is not None and not length.exact \
            and not re.fullmatch(r"[\w.]+\.shape\[\d+\]", length.text):
        interp.builder.scope.rely(f"{length.text} > 0")
    return length


def length_of(operand, definitions):
    """The length of a list as a Known, where the operand is one; else None."""
    stage = definitions.get(operand) if isinstance(operand, Value) else None
    if not isinstance(stage, Stage) or stage.form[:2] != ("call", "@len"):
        return None
    kind = kind_of_operand(stage.operands[0])
    return kind.shape[0] if kind.tag == "stack" else None


# ---- arrays of lists that may be empty

def with_assertions(interp, stage, form, operands):
    """The operands of a stage, with empty lists for those that have no elements in this text."""
    function = _function(interp, form, operands)
    if function is None or function in JOINING:
        return operands
    return tuple(_asserted(interp, stage, operand) if may_be_empty(operand, interp.builder.definitions)
                 else interp.make(stage, Form("list"), ()) if _is_empty(interp, operand)
                 else operand for operand in operands)


def _is_empty(interp, operand):
    """Whether a list of a known length has no elements; a guard where its array differs then."""
    kind = kind_of_operand(operand)
    if kind.tag != "stack" or kind.shape[0].value is None or not _differs_if_empty(kind):
        return False
    length = kind.shape[0]
    if not length.exact:
        interp.builder.scope.rely(f"{length.text} {'>' if length.value else '=='} 0")
    return not length.value


def demands_of_elements(interp, form, operands):
    """The demands of a stage that joins the elements of a list: it raises if there are none."""
    return [Demand(None, None)] if _function(interp, form, operands) in JOINING and any(
        may_be_empty(operand, interp.builder.definitions) for operand in operands) else []


def _function(interp, form, operands):
    """The function with a rule that a list is passed to, or None."""
    if form.kind != "call" or not any(kind_of_operand(operand).tag == "stack" for operand in operands):
        return None
    function = (interp.builder.externals.get(form.name) if form.name.startswith("@")
                else interp.builder.scope.resolve(form.name))
    return None if function in (len, reversed) or lookup(function) is None else function


def _asserted(interp, stage, operand):
    """The list, behind an assertion that it has elements; an empty one, behind the opposite."""
    place = Filled(**vars(stage.place or stage.statement.place))
    if place.of_some_rounds() in interp.builder.scope.empty_lists:
        return operand
    is_empty = place in interp.builder.scope.empty_lists
    text = "assert not m" if is_empty else "assert m"
    if not any(isinstance(line, Stage) and line.form[:2] == ("effect", text)
               and line.operands == (operand,) for line in interp.builder.stages):
        statement = stage.statement._replace(place=place)
        form = Form("effect", text, ("m",), gast_of(text).body[0])
        interp.builder.append(Stage((), form, (operand,), statement, place))
    return interp.make(stage, Form("list"), ()) if is_empty else operand


def may_be_empty(operand, definitions):
    """Whether only running shows that a list has elements, and its array is another one where it has none."""
    kind = kind_of_operand(operand)
    return kind.tag == "stack" and kind.shape[0].value is None and _differs_if_empty(kind) \
        and not _has_elements(operand, definitions)


def _differs_if_empty(kind):
    """Whether the array of a list without elements is of another rank or type than with elements."""
    return kind.rank != 1 or kind.dtype not in (*INTEGERS, "d")


def _has_elements(operand, definitions):
    stage = definitions.get(operand)
    if isinstance(stage, Branch):
        ends = next((row[1:] for row in stage.results if row[0] is operand), ())
        return bool(ends) and all(_has_elements(end, definitions) for end in ends)
    if isinstance(stage, Loop):
        row = next((row for row in stage.rows if operand in (row.inner, row.out)), None)
        return row is not None and _has_elements(row.init, definitions)
    if not isinstance(stage, Stage):
        return False
    if stage.form.kind == "alias":
        return _has_elements(stage.operands[0], definitions)
    return stage.form.kind == "push" or stage.form.kind == "list" and bool(stage.operands)
