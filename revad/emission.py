"""Emission: the finished stages of a gradient, a forward or a backward pass become text.

The forward and the backward pass share one adjoint: what the backward stages read of the
forward ones is the cache, and what is free to recompute (views, sizes) is not in it.

>>> from .kinds import FLOAT
>>> from .program import Form, Stage
>>> cheap_enough(Stage((Value(),), Form("attr", "T"), (Value("x", kind=FLOAT),)))
True
"""
from __future__ import annotations

import ast
from typing import Any, NamedTuple

import gast
import numpy as np

from . import own
from .auxiliary import WITH_AUX
from .errors import RevadError
from .lengths import kind_of_operand
from .headers import Paths, header_of, module_name, unused
from .names import assign, grown, loop_rows, named
from .plan import is_cheap, make_plan
from .program import Branch, Loop, Value
from .write import Writer


class Text(NamedTuple):
    """A function's text, its name, {line: user's place}, and the names that it takes from around it."""

    text: str
    name: str
    lines: dict
    injected: dict
    slots: Any = None    # of a forward pass: what its cache holds, for a backward pass without all of dout


def write_gradient(front, program, builder, forward, groups, gradients, bare, want, aux=None):
    result, with_aux = program.result, want.endswith(WITH_AUX)
    want = want.removesuffix(WITH_AUX)
    roots = [*gradients, *([result] if want == "value_and_grad" else []), *([aux] if with_aux else [])]
    writing = _Writing(front, program, builder, [("forward pass", forward), *groups], roots, program.parameters)
    returned = writing.gradients(gradients, bare)
    shown = [writing.writer.expression(aux)] if with_aux else []
    if want == "value_and_grad":
        value = writing.writer.expression(result)
        returned = ast.Tuple([ast.Tuple([value, *shown], ast.Load()) if shown else value, returned], ast.Load())
    elif shown:
        returned = ast.Tuple([returned, *shown], ast.Load())
    return writing.finish(f"{program.name}_{want}", writing.signature(), returned)


def write_forward(front, program, builder, forward, groups, gradients, bare, want, seed):
    kept, _ = cached(program.parameters, forward, groups, gradients)
    _name_result(program.result, builder)
    roots = [program.result, *kept]
    writing = _Writing(front, program, builder, [(None, forward)], roots, program.parameters, ("cache",))
    cache = writing.reserved[0]
    values = ast.Tuple([writing.writer.expression(v) for v in kept], ast.Load())
    closing = [ast.Assign([ast.Name(cache, ast.Store())], values, lineno=0)]
    returned = ast.Tuple([writing.writer.expression(program.result), ast.Name(cache, ast.Load())], ast.Load())
    text = writing.finish(f"{program.name}_forward", writing.signature(), returned, closing=closing)
    return text._replace(slots=tuple(map(_cacheable(builder, forward).index, kept)))


def write_backward(front, program, builder, forward, groups, gradients, bare, want, seed, slots=None):
    kept, again = cached(program.parameters, forward, groups, gradients)
    _name_result(program.result, builder)
    writing = _Writing(front, program, builder, [(None, again), *groups], list(gradients), (seed, *kept), ("cache",))
    cache = writing.reserved[0]
    opening = []
    if kept:
        held = kept if slots is None else [_cacheable(builder, forward)[slot] for slot in slots]
        if not set(kept) <= set(held):
            raise NotKept
        other = unused("_", writing.taken)
        names = ast.Tuple([ast.Name(writing.names[v] if v in kept else other, ast.Store()) for v in held], ast.Store())
        opening = [ast.Assign([names], ast.Name(cache, ast.Load()), lineno=0)]
    signature = [(writing.names[seed], None), (cache, None)]
    return writing.finish(f"{program.name}_backward", signature, writing.gradients(gradients, bare), opening)


class NotKept(RevadError):
    """A backward pass for a part of `dout` needs what the one for all of it, and so the cache, does not."""


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


def _cacheable(builder, forward):
    """All that a cache may hold, in one order for every text of the same kinds."""
    return [*builder.models, *(target for stage in forward for target in stage.targets)]


def cheap_enough(stage):
    """Whether the backward pass does a forward stage again rather than keep its result."""
    if isinstance(stage, (Branch, Loop)) or len(stage.targets) != 1 or stage.target.name is not None:
        return False
    # An attribute may be another when the backward pass runs.
    of_object = stage.form.kind == "attr" and kind_of_operand(stage.operands[0]).tag == "object"
    return is_cheap(stage, {}) and not of_object


class _Writing:
    """Plan, names and writer of one function, with the names of what it calls."""

    def __init__(self, front, program, builder, sections, roots, parameters, reserved=()):
        self.front, self.program, self.builder = front, program, builder
        self.plan = make_plan(sections, roots)
        users = {t for stage in _all_stages(sections) for t in made_by(stage) if not builder.is_backward(t)}
        users |= {value for value in parameters if not builder.is_backward(value)}
        self.taken, self.bound = front.names, front.bound
        self.alias, self.supplied = module_name(self, np, "np")
        self.injected = {}      # what the text needs and the user's module does not have
        self.reserved = tuple(unused(name, self.taken) for name in reserved)
        blocked = self.taken | set(self.reserved) | {self.alias, "math"} | set(builder.externals)
        adjoints = {f"d{name}" for name in self.taken}
        rows, pairs = loop_rows(self.plan.sections), grown(self.plan.sections)
        ranges, self.names = named(self.plan.sections, self.plan.inside, parameters, roots, lambda ranges: assign(
            ranges, set(parameters) & set(program.parameters), blocked, users & set(ranges), adjoints, rows,
            builder.scope.roots, pairs))
        in_place = own.in_place(self.plan, ranges, builder.definitions, self.names, builder.is_backward)
        self.writer = Writer(self.plan, self.names, in_place, Paths(self), front.source)

    def signature(self):
        """The user's own parameters, with their markers and defaults."""
        tree = self.front.source.tree.args

        def named(nodes):
            return [ast.arg(node.id) for node in nodes]
        return ast.arguments(
            posonlyargs=named(tree.posonlyargs), args=named(tree.args), kwonlyargs=named(tree.kwonlyargs),
            vararg=tree.vararg and ast.arg(tree.vararg.id), kwarg=tree.kwarg and ast.arg(tree.kwarg.id),
            defaults=list(map(gast.gast_to_ast, tree.defaults)),
            kw_defaults=[default and gast.gast_to_ast(default) for default in tree.kw_defaults])

    def gradients(self, gradients, bare):
        parts = [self.writer.expression(g) for g in gradients]
        return parts[0] if bare else ast.Tuple(parts, ast.Load())

    def finish(self, name, signature, returned, opening=(), closing=()):
        text, lines = self.writer.function(name, signature, returned, opening, closing)
        supplied = self.builder.scope.supplied
        used = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        for guard in self.builder.scope.guards:
            used.update(node.id for node in ast.walk(ast.parse(guard, mode="eval")) if isinstance(node, ast.Name))
        self.injected.update((name, thing) for name, thing in supplied.items() if name in used)
        header = header_of(self.injected, self.alias)
        lines = {line + header.count("\n"): place for line, place in lines.items()}
        return Text(header + text, name, lines, self.injected)


def _all_stages(sections):
    for _, stages in sections:
        for stage in stages:
            yield stage
            if isinstance(stage, Branch):
                yield from _all_stages([(None, stage.then), (None, stage.orelse)])
            elif isinstance(stage, Loop):
                yield from _all_stages([(None, stage.block), (None, stage.test[0] if stage.test else ())])


def made_by(stage):
    """The values that a stage defines, those at the start of a loop's rounds included."""
    if isinstance(stage, Loop):
        return (*stage.indices, *stage.targets, *(row.inner for row in stage.rows))
    return stage.targets
