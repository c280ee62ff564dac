"""Cache: what a backward pass needs of its forward pass, and how their texts hand it over.

What costs nothing is computed again: views, and sizes of an array that is kept.  A tuple that the function
itself returns beside its result, as layers written by hand do, is the cache if it holds all that is needed.

>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form
>>> is_recomputed(Stage((Value(),), Form("attr", "T"), (Value("x", kind=FLOAT),)))
True
"""
from __future__ import annotations

from typing import Any, NamedTuple

from ..analysis.cost import is_cheap
from ..ir.nodes import Lit, Stage, Value
from ..ir.traversal import walk
from ..types.shape_rules import kind_of_operand
from .plan import make_plan


class Slots(NamedTuple):
    """What a cache holds: places in the order of all that it may hold, None for what it holds besides.

    parts: of the cache; a tuple in it has Slots of its own.  name: of a tuple or dict of the function's own,
    or None; keys: of a dict.
    """

    parts: tuple
    name: Any = None
    keys: Any = None

    def mapped(self, function):
        """The same with `function` of each place."""
        return self._replace(parts=tuple(part.mapped(function) if isinstance(part, Slots) else function(part)
                                         for part in self.parts))

    def flat(self):
        return [place for part in self.parts
                for place in (part.flat() if isinstance(part, Slots) else (part,))]

    @property
    def is_residual(self):
        """Whether the only residual is the cache itself."""
        return len(self.parts) == 1 and self.name is None


def own_cache(result, residuals, stand_ins, definitions):
    """(a tuple or dict in the function's result that holds all residuals, its Slots with these), or None.

    stand_ins: {residual: a later version of the array, which has what is read of it}.
    """
    stage = _definition(result, definitions)
    if not isinstance(stage, Stage) or stage.form.kind != "tuple" or len(residuals) < 2:
        return None
    for operand in reversed(stage.operands):
        definition = _definition(operand, definitions)
        if not isinstance(definition, Stage) or definition.form.kind not in ("tuple", "list", "dict") \
                or len(definition.operands) < 2:
            continue
        slots = _slots(operand, definitions)
        held = set(slots.flat()) if slots is not None else ()
        missing = {stand_ins.get(value, value): value for value in residuals if value not in held}
        if slots is not None and set(missing) <= held:
            return operand, slots.mapped(lambda value: missing.get(value, value))
    return None


def _slots(operand, definitions):
    """The Slots of a tuple that is written out in the function, with the values in it."""
    stage, parts = _definition(operand, definitions), []
    is_dict = stage.form.kind == "dict"
    if stage.form.spec is not None or stage.form.name \
            or is_dict and not all(isinstance(key, str) for key in stage.form.keywords):
        return None
    for part in stage.operands:
        definition = _definition(part, definitions)
        if not is_dict and isinstance(part, Value) and part.kind.tag == "tuple" \
                and isinstance(definition, Stage) \
                and definition.form.kind == "tuple":
            slots = _slots(part, definitions)
            if slots is None:
                return None
            parts.append(slots)
        else:
            parts.append(_unaliased(part, definitions))
    return Slots(tuple(parts), operand.name or "cache", stage.form.keywords if is_dict else None)


def _unaliased(operand, definitions):
    stage = definitions.get(operand)
    while isinstance(stage, Stage) and stage.form.kind == "alias":
        operand = stage.operands[0]
        stage = definitions.get(operand)
    return operand


def _definition(operand, definitions):
    return definitions.get(_unaliased(operand, definitions))


def with_needed(residuals, needed, parameters, forward):
    """The residuals and what else a backward pass needs for which only the first result has a gradient."""
    held = {*residuals, *needed}
    return [value for value in (*parameters, *(target for stage in forward for target in stage.targets))
            if value in held]


def residuals_of(parameters, forward, groups, gradients, cached=()):
    """(the forward values that the backward stages read, the forward stages that they repeat, lone sizes).

    cached: what is known to be in the cache, so that sizes among it are not computed again, and others may be
    read from the arrays among it.  A lone size is the only one that a repeated stage is for: such a line is
    longer than a name in the cache.
    """
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
    order = {value: i for i, value in enumerate([*parameters, *definitions])}
    residuals = [value for value in stored if value in order]
    sizes = _sizes(residuals, definitions, cached)
    lone = [target for stage in sizes for target in stage.targets
            if target.name is not None and sum(other in residuals for other in stage.targets) == 1]
    recomputed += [stage for stage in sizes if stage not in recomputed]
    computed = {target for stage in recomputed for target in stage.targets}
    residuals += [operand for stage in sizes for operand in stage.operands
                  if operand in cached and operand not in residuals]
    return (sorted((value for value in dict.fromkeys(residuals) if value not in computed), key=order.get),
            sorted(recomputed, key=lambda stage: order[stage.targets[0]]), lone)


def _sizes(residuals, definitions, cached):
    """The stages that compute sizes among the residuals, `n = x.shape[0]`, and numbers of these."""
    sizes, available = [], {*residuals, *cached}
    others = [value for value in residuals if value not in cached]
    for value in others:
        sizes += [stage for stage in _size(value, available, definitions) if stage not in sizes]
    available.update(target for stage in sizes for target in stage.targets)
    for value in others:
        stage = definitions.get(value)
        if value.name is None and value.kind.tag == "number" and isinstance(stage, Stage) \
                and stage.form.kind in ("binary", "unary") and stage not in sizes \
                and all(isinstance(operand, Lit) or operand in available for operand in stage.operands):
            sizes.append(stage)
    return sizes


def _size(value, available, definitions):
    """The stages that compute a size of an array that is available, in order; none for other values."""
    stage = definitions.get(value)
    if not isinstance(stage, Stage):
        return []
    if stage.form.kind == "attr":
        is_shape = stage.form.name == "shape" and stage.operands[0].kind.tag == "array"
        return [stage] if is_shape and stage.operands[0] in available else []
    if stage.form.kind not in ("unpack", "index") \
            or not all(isinstance(key, Lit) for key in stage.operands[1:]):
        return []
    before = _size(stage.operands[0], available, definitions)
    return [*before, stage] if before else []


def is_recomputed(stage):
    """Whether the backward pass recomputes a forward stage instead of storing its result."""
    if not isinstance(stage, Stage) or len(stage.targets) != 1 or stage.target.name is not None:
        return False
    # The attribute may have changed by the time the backward pass runs.
    of_object = stage.form.kind == "attr" and kind_of_operand(stage.operands[0]).tag == "object"
    return is_cheap(stage, {}) and not of_object
