"""Emission: the finished stages of a gradient, a forward or a backward pass become text.

The forward and the backward pass share one adjoint: the forward values that the backward stages
read are the cache.

>>> import numpy as np
>>> from ..api import grad
>>> def scaled(x, w):
...     n = x.shape[0]
...     out = x * w / n
...     cache = (x, w)
...     return out, cache
>>> layer = grad(scaled)
>>> out, cache = layer.forward(np.ones(3), np.ones(3))
>>> dx, dw = layer.backward((out[0], None), cache)
>>> print(layer.forward.source, layer.backward.source, sep="\\n\\n\\n")
def scaled_forward(x, w):
    n = x.shape[0]
    out = x * w / n
    cache = x, w
    return (out, cache), cache
<BLANKLINE>
<BLANKLINE>
def scaled_backward(dout, cache):
    x, w = cache
    n = x.shape[0]
    # backprop out = x * w / n
    dprod = dout / n
    return w * dprod, x * dprod
"""
from __future__ import annotations

import ast

from ..analysis.array_versions import by_latest, read_for_shape_only
from ..errors import NotKept
from ..ir.nodes import Value
from ..ir.stems import text_name
from ..ir.traversal import targets_of
from .cache import Slots, own_cache, residuals_of, with_needed
from .module import FunctionEmitter, reserved_for


def write_gradient(front, program, builder, adjoint, request, aux=None):
    has_value = request.part == "value_and_grad"
    roots = [*adjoint.gradients, *([program.returned] if has_value else []),
             *([aux] if request.has_aux else [])]
    emitter = FunctionEmitter.of_program(front, program, builder,
                                         [("forward pass", adjoint.forward), *adjoint.groups], roots,
                                         program.parameters)
    returned = emitter.gradients(adjoint.gradients, request.is_bare)
    aux_values = [emitter.writer.expression(aux)] if request.has_aux else []
    if has_value:
        value = emitter.writer.expression(program.returned)
        returned = ast.Tuple(
            [ast.Tuple([value, *aux_values], ast.Load()) if aux_values else value, returned], ast.Load())
    elif aux_values:
        returned = ast.Tuple([returned, *aux_values], ast.Load())
    return emitter.finish(text_name(program.stem, request.part), emitter.signature(), returned)


def write_forward(front, program, builder, adjoint, request, seed):
    forward, groups, gradients = adjoint
    _name_result(program.returned, builder)
    _, latest = by_latest([(None, forward)])

    def residuals_with_stand_ins(cached=()):
        """The residuals, {residual: a later version of the array that may stand for it}, the lone sizes."""
        residuals, recomputed, lone = residuals_of(program.parameters, forward, groups, gradients, cached)
        residuals = with_needed(residuals, seed.needed, program.parameters, forward)
        shapes = read_for_shape_only([(None, recomputed), *groups]) - set(gradients)
        stand_ins = {value: latest[value] for value in residuals if value in shapes and value in latest}
        return residuals, stand_ins, lone
    residuals, stand_ins, lone = residuals_with_stand_ins()
    own = own_cache(program.returned, residuals, stand_ins, targets_of(forward))
    if own is None and lone:
        residuals, stand_ins, _ = residuals_with_stand_ins(lone)
    cached_values = [stand_ins.get(value, value) for value in residuals]
    slots = Slots((*residuals,))
    if own is not None:
        own, slots = own
        own.name, cached_values = slots.name, [own]
    emitter = FunctionEmitter.of_program(front, program, builder, [(None, forward)],
                                         [program.returned, *cached_values],
                                         program.parameters, reserved_for(cached_values))
    closing, cache = emitter.stored(cached_values)
    returned = ast.Tuple([emitter.writer.expression(program.returned), cache], ast.Load())
    text = emitter.finish(text_name(program.stem, request.part), emitter.signature(), returned,
                          closing=closing)
    places = {value: place for place, value in enumerate(_cacheable(builder, forward, seed))}
    # Of another version of the array, which has the shape alone, the place is negative.
    places.update((value, ~places[value]) for value, other in stand_ins.items() if other is not value)
    return text._replace(slots=slots.mapped(places.get))


def write_backward(front, program, builder, adjoint, request, seed):
    forward, groups, gradients = adjoint
    _name_result(program.returned, builder)
    cacheable = _cacheable(builder, forward, seed)
    slots = request.slots.mapped(lambda place: None if place is None else cacheable[max(place, ~place)])
    residuals, recomputed, _ = residuals_of(program.parameters, forward, groups, gradients,
                                             set(slots.flat()))
    shapes = read_for_shape_only([(None, recomputed), *groups]) - set(gradients)
    only_shapes = {cacheable[~place] for place in request.slots.flat() if place is not None and place < 0}
    if not set(residuals) <= set(slots.flat()) or not only_shapes & set(residuals) <= shapes:
        raise NotKept
    emitter = FunctionEmitter.of_program(front, program, builder, [(None, recomputed), *groups],
                                         list(gradients), (*seed.paths, *residuals),
                                         () if slots.name else reserved_for(slots.parts))
    opening, cache = emitter.loaded(slots)
    signature = [(name, None) for name in (*emitter.parameter_names(seed.paths, cache), cache)]
    returned = emitter.gradients(gradients, len(gradients) == 1)
    text = emitter.finish(text_name(program.stem, request.part), signature, returned, opening,
                          in_one_line=True)
    return text._replace(paths=tuple(seed.paths.values()))


def _name_result(result, builder):
    if isinstance(result, Value) and result.name is None and result.kind.tag not in ("tuple", "list", "dict"):
        result.name = "out"


def _cacheable(builder, forward, seed):
    """All that a cache may hold, in one order for every text of the same kinds, whatever the seed is."""
    return [*(model for model in builder.models if model not in seed.paths),
            *(target for stage in forward for target in stage.targets)]
