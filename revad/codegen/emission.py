"""Emission: the finished stages of a gradient, a forward or a backward pass become text.

The forward and the backward pass share one adjoint: the forward values that the backward stages
read are the cache, except those that cost nothing to recompute (views, sizes).

>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form, Stage
>>> is_recomputed(Stage((Value(),), Form("attr", "T"), (Value("x", kind=FLOAT),)))
True
"""
from __future__ import annotations

import ast

from ..analysis.array_versions import by_latest, read_for_shape_only
from ..analysis.cost import is_cheap
from ..errors import NotKept
from ..ir.nodes import Stage, Value
from ..ir.traversal import walk
from ..types.shape_rules import kind_of_operand
from .module import FunctionEmitter, reserved_for
from .plan import make_plan


def write_gradient(front, program, builder, adjoint, request, aux=None):
    has_value = request.part == "value_and_grad"
    roots = [*adjoint.gradients, *([program.result] if has_value else []),
             *([aux] if request.has_aux else [])]
    emitter = FunctionEmitter.of_program(front, program, builder,
                                         [("forward pass", adjoint.forward), *adjoint.groups], roots,
                                         program.parameters)
    returned = emitter.gradients(adjoint.gradients, request.is_bare)
    aux_values = [emitter.writer.expression(aux)] if request.has_aux else []
    if has_value:
        value = emitter.writer.expression(program.result)
        returned = ast.Tuple(
            [ast.Tuple([value, *aux_values], ast.Load()) if aux_values else value, returned], ast.Load())
    elif aux_values:
        returned = ast.Tuple([returned, *aux_values], ast.Load())
    return emitter.finish(f"{program.name}_{request.part}", emitter.signature(), returned)


def write_forward(front, program, builder, adjoint, request, seed):
    forward, groups, gradients = adjoint
    residuals, recomputed = residuals_of(program.parameters, forward, groups, gradients)
    _name_result(program.result, builder)
    _, latest = by_latest([(None, forward)])
    shapes = read_for_shape_only([(None, recomputed), *groups]) - set(gradients)
    cached_values = [latest.get(v, v) if v in shapes else v for v in residuals]
    roots = [program.result, *cached_values]
    emitter = FunctionEmitter.of_program(front, program, builder, [(None, forward)], roots,
                                         program.parameters, reserved_for(cached_values))
    closing, cache = emitter.stored(cached_values)
    returned = ast.Tuple([emitter.writer.expression(program.result), cache], ast.Load())
    text = emitter.finish(f"{program.name}_{request.part}", emitter.signature(), returned, closing=closing)
    return text._replace(slots=tuple(map(_cacheable(builder, forward, seed).index, residuals)))


def write_backward(front, program, builder, adjoint, request, seed):
    forward, groups, gradients = adjoint
    residuals, recomputed = residuals_of(program.parameters, forward, groups, gradients)
    _name_result(program.result, builder)
    cached_values = (residuals if request.slots is None
                     else [_cacheable(builder, forward, seed)[slot] for slot in request.slots])
    if not set(residuals) <= set(cached_values):
        raise NotKept
    emitter = FunctionEmitter.of_program(front, program, builder, [(None, recomputed), *groups],
                                         list(gradients), (*seed.paths, *residuals),
                                         reserved_for(cached_values))
    opening, cache = emitter.loaded(cached_values)
    signature = [*((emitter.names[part], None) for part in seed.paths), (cache, None)]
    returned = emitter.gradients(gradients, len(gradients) == 1)
    text = emitter.finish(f"{program.name}_{request.part}", signature, returned, opening, in_one_line=True)
    return text._replace(paths=tuple(seed.paths.values()))


def _name_result(result, builder):
    if isinstance(result, Value) and result.name is None and result.kind.tag not in ("tuple", "list", "dict"):
        result.name = "out"


def residuals_of(parameters, forward, groups, gradients):
    """(the forward values that the backward stages read, the forward stages that they repeat)."""
    definitions = {target: stage for stage in forward for target in stage.targets}
    stored, seen, recomputed = [], set(), []
    plan = make_plan(groups, gradients)
    sections, plan_inside = plan.sections, plan.inside
    defined_here = {t for _, stages in groups for s in stages for t in s.targets}

    def need(value):
        if not isinstance(value, Value) or value in seen:
            return
        seen.add(value)
        if value in plan_inside and value not in definitions:
            for operand in plan_inside[value].operands:
                need(operand)
            return
        if value in defined_here:
            return
        stage = definitions.get(value)
        if stage is not None and is_recomputed(stage):
            for operand in stage.operands:
                need(operand)
            recomputed.append(stage)
        else:
            stored.append(value)

    for _, lines in sections:
        for line in walk(lines, into_calls=False):
            for operand in (*line.operands, *(end for region in line.regions for end in region.ends)):
                need(operand)
    for gradient in gradients:
        need(gradient)
    forward_values = set(definitions)
    order = {value: i for i, value in enumerate([*parameters, *definitions])}
    residuals = [v for v in stored if v in order and (v in forward_values or v in parameters)]
    return sorted(residuals, key=order.get), sorted(recomputed, key=lambda s: order[s.target])


def _cacheable(builder, forward, seed):
    """All that a cache may hold, in one order for every text of the same kinds, whatever the seed is."""
    return [*(model for model in builder.models if model not in seed.paths),
            *(target for stage in forward for target in stage.targets)]


def is_recomputed(stage):
    """Whether the backward pass recomputes a forward stage instead of storing its result."""
    if not isinstance(stage, Stage) or len(stage.targets) != 1 or stage.target.name is not None:
        return False
    # The attribute may have changed by the time the backward pass runs.
    of_object = stage.form.kind == "attr" and kind_of_operand(stage.operands[0]).tag == "object"
    return is_cheap(stage, {}) and not of_object
