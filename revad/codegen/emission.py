"""Emission: the finished stages of a gradient, a forward or a backward pass become text.

The forward and the backward pass share one adjoint: what the backward stages read of the
forward ones is the cache, and what is free to recompute (views, sizes) is not in it.

>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form, Stage
>>> cheap_enough(Stage((Value(),), Form("attr", "T"), (Value("x", kind=FLOAT),)))
True
"""
from __future__ import annotations

import ast

from ..analysis.array_versions import by_latest, read_for_shape_only
from ..analysis.cost import is_cheap
from ..errors import NotKept
from ..ir.nodes import Branch, Loop, Stage, Value
from ..request import WITH_AUX
from ..types.shape_rules import kind_of_operand
from .headers import unused
from .module import FunctionEmitter
from .plan import make_plan


def write_gradient(front, program, builder, forward, groups, gradients, bare, want, aux=None):
    result, with_aux = program.result, want.endswith(WITH_AUX)
    want = want.removesuffix(WITH_AUX)
    roots = [*gradients, *([result] if want == "value_and_grad" else []), *([aux] if with_aux else [])]
    writing = FunctionEmitter.of_program(front, program, builder, [("forward pass", forward), *groups], roots, program.parameters)
    returned = writing.gradients(gradients, bare)
    shown = [writing.writer.expression(aux)] if with_aux else []
    if want == "value_and_grad":
        value = writing.writer.expression(result)
        returned = ast.Tuple([ast.Tuple([value, *shown], ast.Load()) if shown else value, returned], ast.Load())
    elif shown:
        returned = ast.Tuple([returned, *shown], ast.Load())
    return writing.finish(f"{program.name}_{want}", writing.signature(), returned)


def write_forward(front, program, builder, forward, groups, gradients, bare, want, seed):
    kept, again = cached(program.parameters, forward, groups, gradients)
    _name_result(program.result, builder)
    _, latest = by_latest([(None, forward)])
    shapes = read_for_shape_only([(None, again), *groups]) - set(gradients)
    held = [latest.get(v, v) if v in shapes else v for v in kept]
    roots = [program.result, *held]
    writing = FunctionEmitter.of_program(front, program, builder, [(None, forward)], roots, program.parameters, ("cache",))
    cache = writing.reserved[0]
    values = ast.Tuple([writing.writer.expression(v) for v in held], ast.Load())
    closing = [ast.Assign([ast.Name(cache, ast.Store())], values, lineno=0)]
    returned = ast.Tuple([writing.writer.expression(program.result), ast.Name(cache, ast.Load())], ast.Load())
    text = writing.finish(f"{program.name}_forward", writing.signature(), returned, closing=closing)
    return text._replace(slots=tuple(map(_cacheable(builder, forward, seed).index, kept)))


def write_backward(front, program, builder, forward, groups, gradients, bare, want, seed, slots=None):
    kept, again = cached(program.parameters, forward, groups, gradients)
    _name_result(program.result, builder)
    writing = FunctionEmitter.of_program(front, program, builder, [(None, again), *groups], list(gradients), (seed, *kept), ("cache",))
    cache = writing.reserved[0]
    opening = []
    if kept:
        held = kept if slots is None else [_cacheable(builder, forward, seed)[slot] for slot in slots]
        if not set(kept) <= set(held):
            raise NotKept
        other = unused("_", writing.taken)
        names = ast.Tuple([ast.Name(writing.names[v] if v in kept else other, ast.Store()) for v in held], ast.Store())
        opening = [ast.Assign([names], ast.Name(cache, ast.Load()), lineno=0)]
    signature = [(writing.names[seed], None), (cache, None)]
    return writing.finish(f"{program.name}_backward", signature, writing.gradients(gradients, bare), opening)


def _name_result(result, builder):
    if isinstance(result, Value) and result.name is None and result.kind.tag not in ("tuple", "list", "dict"):
        result.name = "out"


def cached(parameters, forward, groups, gradients):
    """The values that the backward stages need from the forward part, and its stages to repeat."""
    made = {target: stage for stage in forward for target in stage.targets}
    wanted, seen, again = [], set(), []
    plan = make_plan(groups, gradients)
    sections, plan_inside = plan.sections, plan.inside
    local = {t for _, stages in groups for s in stages for t in s.targets}

    def need(value):
        if not isinstance(value, Value) or value in seen:
            return
        seen.add(value)
        if value in plan_inside and value not in made:
            for operand in plan_inside[value].operands:
                need(operand)
            return
        if value in local:
            return
        stage = made.get(value)
        if stage is not None and cheap_enough(stage):
            for operand in stage.operands:
                need(operand)
            again.append(stage)
        else:
            wanted.append(value)

    def walk(lines):
        for line in lines:
            if isinstance(line, Branch):
                need(line.condition)
                walk(line.then)
                walk(line.orelse)
                for row in line.results:
                    need(row[1])
                    need(row[2])
            elif isinstance(line, Loop):
                for operand in line.operands:
                    need(operand)
                walk(line.block)
            else:
                for operand in line.operands:
                    need(operand)
    for _, lines in sections:
        walk(lines)
    for gradient in gradients:
        need(gradient)
    known = set(made)
    order = {value: i for i, value in enumerate([*parameters, *made])}
    kept = [v for v in wanted if v in order and (v in known or v in parameters)]
    return sorted(kept, key=order.get), sorted(again, key=lambda s: order[s.target])


def _cacheable(builder, forward, seed):
    """All that a cache may hold, in one order for every text of the same kinds: whether there is a gradient from above or not."""
    return [*(model for model in builder.models if model is not seed), *(target for stage in forward for target in stage.targets)]


def cheap_enough(stage):
    """Whether the backward pass does a forward stage again rather than keep its result."""
    if not isinstance(stage, Stage) or len(stage.targets) != 1 or stage.target.name is not None:
        return False
    # An attribute may be another when the backward pass runs.
    of_object = stage.form.kind == "attr" and kind_of_operand(stage.operands[0]).tag == "object"
    return is_cheap(stage, {}) and not of_object
