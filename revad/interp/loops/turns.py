"""Turns: a loop over a list of an argument whose elements are alike takes one element a turn.

Such a loop stays a loop, and serves lists of any number of elements (`types.uniform_lists`).  What is done
with the list besides looks at its elements one by one; then the text is for this list alone.

>>> from ...ir.nodes import Item, Lit
>>> from ...types.kinds import Kind
>>> params = Value("params", kind=Kind("dict", items=(Kind("list"),), keys=("layers",)))
>>> layers = Value(kind=Kind("list"))
>>> read = Stage((layers,), Form("index", spec=(Item("at", (1,)),)), (params, Lit("layers")))
>>> builder = type("Builder", (), {"definitions": {layers: read}})
>>> path_of_list(builder, layers)
"params['layers']"
"""
from __future__ import annotations

import builtins

from ...analysis.argument_paths import parameter_of, path_of
from ...ir.nodes import Form, Stage, Value
from ...types.kinds import Known
from ...types.shape_rules import kind_of_operand
from ...types.uniform_lists import Counter, NotUniform, after_last, carried, uniform_kind

SEQUENCES, UNKNOWN_COUNT = ("list", "tuple"), Known(None, "?")


def path_of_list(builder, operand):
    """How a text reads a list or tuple of an argument; None for others."""
    if not isinstance(operand, Value) or operand.kind.tag not in SEQUENCES:
        return None
    definitions = builder.definitions
    is_of_argument = parameter_of(operand, definitions) not in definitions
    return path_of(operand, definitions) if is_of_argument else None


def is_uniform(builder, operand):
    """Whether it is a list of an argument whose elements are alike: a loop over it can stay a loop."""
    path = path_of_list(builder, operand) if builder.scope.uniform_lists else None
    if path is None:
        return False
    try:
        uniform_kind(operand.kind, path, Counter("k_", UNKNOWN_COUNT))
    except NotUniform:
        return False
    return True


def length_of_list(interp, stage, operand):
    """`len(layers)` of a list of an argument, which is another one in other calls; None for other lists."""
    path = path_of_list(interp.builder, operand) if interp.builder.scope.uniform_lists else None
    if path is None:
        return None
    interp.builder.externals.setdefault("@len", builtins.len)
    known = Known(len(operand.kind.items), f"len({path})")
    return interp.emit(stage, Form("call", "@len"), (operand,), known)


def note_elements(builder, operand):
    """Note that the elements of a list are looked at one by one: then the text is for this list alone."""
    path = path_of_list(builder, operand) if builder.scope.uniform_lists else None
    if path is not None:
        builder.scope.exact.add(path)


def note_operands(interp, form, operands):
    """Note the lists that an operation looks into; calls are followed, and then their operations are."""
    scope = interp.builder.scope
    if form.kind == "index" and len(operands) == 2 and operands[1] in scope.counters:
        path = path_of_list(interp.builder, operands[0])
        if path is not None:
            scope.list_paths[operands[0]] = path
            return
    if form.kind in ("alias", "call", "invoke", "tuple", "list", "dict") and not form.name.startswith("*"):
        return
    for operand in operands:
        note_elements(interp.builder, operand)


class Turns:
    """The Counter of a rolled loop, if it takes the elements of lists in order; None for other loops."""

    def __init__(self, interp, iterable):
        self.scope, self.counter = interp.builder.scope, None
        definition = interp.builder.definitions.get(iterable)
        if not self.scope.uniform_lists or not isinstance(definition, Stage):
            return
        is_reversed = definition.form.name == "@reversed"
        if is_reversed:
            definition = interp.builder.definitions.get(definition.operands[0])
        if not isinstance(definition, Stage) or definition.form.name != "@range" \
                or len(definition.operands) != 1:
            return
        count = kind_of_operand(definition.operands[0]).known
        if count is not None and type(count.value) is int and "?" not in count.text:
            self.counter = Counter(f"k{len(self.scope.counters)}_", count, is_reversed)

    def begin(self, index):
        """Note the index of the loop."""
        if self.counter is not None:
            self.scope.counters[index] = self.counter

    def carried(self, first, last):
        """The kind of an array at the head of the loop, from those before it and after a turn, or None."""
        if self.counter is None or not first.numeric or first.rank is None or first.rank != last.rank:
            return None
        lengths = [before if self.scope.relied_equal(before, after) else carried(before, after, self.counter)
                   for before, after in zip(first.shape, last.shape)]
        return None if None in lengths else lengths


def lengths_after(kind):
    """A kind with the lengths that it has after the last turn."""
    if kind.shape is None or all(n.rounds is None for n in kind.shape):
        return kind
    return kind._replace(shape=tuple(
        n if n.rounds is None else after_last(n) or Known(None, f"?last {n.text}") for n in kind.shape))
