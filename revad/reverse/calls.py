"""Adjoint of calls: a called function gets a backward pass of its own, as a layer written by hand does.

It reads the residuals of its forward pass from a cache, which that returns besides its results, and returns
the gradients of its inputs, which the caller accumulates.

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
    # backprop a = x * w
    dx = dh + w * da
    dw = x * da
    return dx, dw
<BLANKLINE>
<BLANKLINE>
def function_backward(dout, cell_cache):
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
from ..ir.stems import cache_name
from ..ir.traversal import read_in, substituted, targets_of
from ..types.kinds import Kind
from ..types.shape_rules import kind_of_operand
from .finite import ends_in_infinite_slope
from .masks import zero_sides
from .residuals import Rematerialisation, Residuals, saved_values

CACHE = Kind("cache")


def backprop_call(backward, call):
    """Append the call of the backward pass; returns (operand, gradient) for each input."""
    outer = backward.builder
    builder = outer.of_layer([value for value, _ in call.inputs if value.kind.tag == "array"])
    stored = backward.stored | stored_owners(call.block, outer.definitions)
    side = type(backward)(builder, call.block, residuals=backward.residuals, stored=stored)
    inputs = []
    for target, end in call.results:
        cotangent = backward.adjoints.pop(target, None)
        if cotangent is None:
            continue
        if isinstance(cotangent, dict):
            raise NotApart
        if ends_in_infinite_slope(outer, end) and zero_sides(outer, cotangent, target):
            raise NotApart      # inside its own pass, the function cannot see where the gradient is masked
        materialised = as_floats(full(outer, outer.symbol(cotangent), target)).operand
        kind = kind_of_operand(materialised)._replace(known=None, affine=None)
        inputs.append((Value(f"d{end.name}" if end.name else "dout", None, kind), materialised))
        side.push(end, builder.symbol(inputs[-1][0]))
        side.uses[end] += 1
    sections = [(None, list(builder.stages))]
    sections += side.block(call.block)
    if side.lists:
        raise NotApart      # a loop goes over a list of the caller's argument, whose gradients it gathers
    ends = _gradients(builder, side, call, sections)
    sections = alive(sections, ends.values())
    sections, ends, kept = _with_residuals(backward, call, sections, ends)
    results, contributions = [], []
    for value, operand in call.inputs:
        end = ends.get(value)
        if isinstance(end, Lit):
            contributions.append((operand, outer.symbol(end)))
        elif end is not None:
            results.append((Value(None, f"d{operand.name or operand.hint or value.name}", end.kind), end))
            contributions.append((operand, outer.symbol(results[-1][0])))
    if results:
        cache = backward.residuals[call].cache
        outer.append_blocks(Call(call.layer, "backward", tuple(inputs), tuple(sections), tuple(results),
                                 cache, kept, call.statement, call.place))
    return contributions


def _gradients(builder, side, call, sections):
    """{input: its gradient}; the stages that broadcast them to the inputs' shapes join the last section."""
    start, gradients = len(builder.stages), {}
    for value, _ in call.inputs:
        gradient = side.adjoints.get(value)
        if isinstance(gradient, dict):
            raise NotApart
        if gradient is not None and value.varied:
            end = full(builder, as_floats(builder.symbol(gradient)), value).operand
            definitions = targets_of(builder.stages)
            if isinstance(end, Value) and end.name is None and end in definitions:
                end.name = f"d{value.name or value.hint or 't'}"
            gradients[value] = end
    if len(builder.stages) > start:
        sections.append((sections[-1][0], builder.stages[start:]))
    return gradients


def _with_residuals(backward, call, sections, ends):
    """The sections with loads of the residuals, the gradients, and what the cache holds."""
    outer, extra = backward.builder, backward.residuals.setdefault(call, Residuals())
    extra.__init__()
    definitions = targets_of(call.block)
    remat = Rematerialisation(definitions,
                              {*definitions, *(value for value, _ in call.inputs),
                               *saved_values(call.block, backward.residuals)})
    stages = [stage for _, part in sections for stage in part]
    remat.substitution.update((value, value) for value in _viewed_inputs(remat, call, stages))
    free, keep = remat.needed(stages, ends.values())
    keep = [*dict.fromkeys([*remat.substitution, *keep])]
    order = {value: i for i, value in enumerate([*(value for value, _ in call.inputs), *definitions])}
    keep.sort(key=lambda value: order.get(value, len(order)))
    kept = []
    for value in keep:
        loaded = remat.substitution[value] = Value(value.name, value.hint, value.kind)
        outer.note_forward(loaded)
        kept.append((loaded, value))
    opening = [stage for value in free for stage in remat.recompute(value)]
    for stage in opening:
        outer.note_forward(stage.target)
    sections = [(heading, substituted(stages, remat.substitution)) for heading, stages in sections]
    if keep:
        extra.cache = Value(None, cache_name(call.layer.stem), CACHE)
        extra.kept = tuple(keep)
        outer.note_forward(extra.cache)
        outer.define(extra.cache,
                     Call(call.layer, "forward", call.inputs, call.sections, call.results, extra.cache,
                          tuple((value, value) for value in keep)))
    ends = {value: remat.substitution.get(end, end) if isinstance(end, Value) else end
            for value, end in ends.items()}
    return [(None, tuple(opening)), *sections], ends, tuple(kept)



def _viewed_inputs(remat, call, stages):
    """The inputs of which the stages read views: the inputs are stored in the cache, not the views."""
    inputs = {value: value for value, _ in call.inputs}
    trial, viewed = Rematerialisation(remat.definitions, remat.inside, inputs), {}

    def note(value):
        if value in inputs:
            viewed[value] = None
        elif value in remat.definitions:
            for operand in remat.definitions[value].operands:
                note(operand)
    for value in read_in(stages):
        if value in remat.definitions and value.kind.tag == "array" and trial.is_free(value):
            note(value)
    return viewed
