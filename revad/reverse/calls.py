"""Adjoint of calls: the adjoint of a function that is called is a backward pass of its own, as of a hand-written layer.

What it needs of the forward pass is the cache, which that leaves besides its results; of its
inputs it gives the gradients, and the caller adds them up.

>>> import numpy as np
>>> from ..api import grad
>>> def cell(x, w):
...     a = x * w
...     h = a * a + x
...     return h
>>> cell.__module__ = "example"     # functions of revad itself are left alone
>>> layer = grad(lambda x, w: cell(x, w) + 1)
>>> out, cache = layer.forward(np.ones(3), np.ones(3))
>>> print(layer.backward.source)
def cell_backward(dh, cache):
    x, w, a = cache
    # backprop h = a * a + x
    da = 2 * a * dh
    dx = dh
    # backprop a = x * w
    dx = dx + w * da
    dw = x * da
    return dx, dw
<BLANKLINE>
<BLANKLINE>
def function_backward(dout, cache):
    (cell_cache,) = cache
    # backprop cell(x, w) + 1
    dx, dw = cell_backward(dout, cell_cache)
    return dx, dw
"""
from __future__ import annotations

from ..analysis.aliases import stored_owners
from ..analysis.liveness import alive
from ..builder.broadcasting import as_floats, full
from ..errors import NotApart
from ..ir.nodes import Call, Lit, Value
from ..ir.traversal import read_in, substituted, targets_of
from ..types.kinds import Kind
from ..types.shape_rules import kind_of_operand
from .finite import ends_in_a_root
from .masks import left_out
from .residuals import Additions, Again, left_by

CACHE = Kind("cache")


def backprop_call(backward, call):
    """Append the call of the backward pass; returns (operand, gradient) for each input."""
    outer = backward.builder
    builder = outer.of_layer([value for value, _ in call.inputs if value.kind.tag == "array"])
    stored = backward.stored | stored_owners(call.block, outer.definitions)
    side = type(backward)(builder, call.block, additions=backward.additions, stored=stored)
    given = []
    for target, end in call.results:
        above = backward.adjoints.pop(target, None)
        if above is None:
            continue
        if isinstance(above, dict):
            raise NotApart
        if ends_in_a_root(outer, end) and left_out(outer, above, target):
            raise NotApart      # the pass of the function does not know where its gradient is zero by a mask
        whole = as_floats(full(outer, outer.symbol(above), target)).operand
        kind = kind_of_operand(whole)._replace(known=None, affine=None)
        given.append((Value(f"d{end.name}" if end.name else "dout", None, kind), whole))
        side.push(end, builder.symbol(given[-1][0]))
        side.uses[end] += 1
    sections = [(None, list(builder.stages))]
    sections += side.block(call.block)
    ends = _gradients(builder, side, call, sections)
    sections = alive(sections, ends.values())
    sections, ends, kept = _with_needs(backward, call, sections, ends)
    results, found = [], []
    for value, operand in call.inputs:
        end = ends.get(value)
        if isinstance(end, Lit):
            found.append((operand, outer.symbol(end)))
        elif end is not None:
            results.append((Value(None, f"d{operand.name or operand.hint or value.name}", end.kind), end))
            found.append((operand, outer.symbol(results[-1][0])))
    if results:
        cache = backward.additions[call].cache
        outer.append_blocks(Call(call.layer, "backward", tuple(given), tuple(sections), tuple(results),
                                 cache, kept, call.statement, call.place))
    return found


def _gradients(builder, side, call, sections):
    """{input: its gradient}; the stages that bring them to the inputs' shapes join the last section."""
    start, found = len(builder.stages), {}
    for value, _ in call.inputs:
        gradient = side.adjoints.get(value)
        if isinstance(gradient, dict):
            raise NotApart
        if gradient is not None and value.varied:
            end = full(builder, as_floats(builder.symbol(gradient)), value).operand
            made = targets_of(builder.stages)
            if isinstance(end, Value) and end.name is None and end in made:
                end.name = f"d{value.name or value.hint or 't'}"
            found[value] = end
    if len(builder.stages) > start:
        sections.append((sections[-1][0], builder.stages[start:]))
    return found


def _with_needs(backward, call, sections, ends):
    """The sections with what they need of the forward pass, the gradients, and what the cache holds."""
    outer, extra = backward.builder, backward.additions.setdefault(call, Additions())
    extra.__init__()
    made = targets_of(call.block)
    again = Again(made,
                  {*made, *(value for value, _ in call.inputs), *left_by(call.block, backward.additions)})
    stages = [stage for _, part in sections for stage in part]
    again.new.update((value, value) for value in _seen_through(again, call, stages))
    free, keep = again.needed(stages, ends.values())
    keep = [*dict.fromkeys([*again.new, *keep])]
    order = {value: i for i, value in enumerate([*(value for value, _ in call.inputs), *made])}
    keep.sort(key=lambda value: order.get(value, len(order)))
    kept = []
    for value in keep:
        here = again.new[value] = Value(value.name, value.hint, value.kind)
        outer.note_forward(here)
        kept.append((here, value))
    opening = [stage for value in free for stage in again.make(value)]
    for stage in opening:
        outer.note_forward(stage.target)
    sections = [(heading, substituted(stages, again.new)) for heading, stages in sections]
    if keep:
        names = [target.name for target, _ in call.results if target.name and target.name.strip("_")]
        extra.cache = Value(None, f"{[*names, call.layer.name][0]}_cache", CACHE)
        extra.kept = tuple(keep)
        outer.note_forward(extra.cache)
        outer.define(extra.cache,
                     Call(call.layer, "forward", call.inputs, call.sections, call.results, extra.cache,
                          tuple((value, value) for value in keep)))
    ends = {value: again.new.get(end, end) if isinstance(end, Value) else end for value, end in ends.items()}
    return [(None, tuple(opening)), *sections], ends, tuple(kept)



def _seen_through(again, call, stages):
    """The inputs of which the stages read views: these are kept, and not the views."""
    inputs = {value: value for value, _ in call.inputs}
    trial, found = Again(again.made, again.inside, inputs), {}

    def note(value):
        if value in inputs:
            found[value] = None
        elif value in again.made:
            for operand in again.made[value].operands:
                note(operand)
    for value in read_in(stages):
        if value in again.made and value.kind.tag == "array" and trial.can(value):
            note(value)
    return found
