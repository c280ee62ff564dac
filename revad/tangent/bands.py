"""Bands: which diagonals of a Jacobian can be other than zero, read off the text of forward mode.

An element of a tangent depends on the elements of the direction at some offsets from its own place:
arithmetic joins offsets, slices and stores shift them.  Whatever else is done to a tangent makes the
Jacobian dense.

>>> joined((0, 1), (-1, 0)), joined(None, (0, 0)), moved((0, 1), 2)
((-1, 1), None, (2, 3))
"""
from __future__ import annotations

from ..ir.nodes import Form, Lit, Stage, Value
from ..types.shape_rules import kind_of_operand

UNCHANGED = frozenset(("negative", "positive", "np_copy", "copy", "astype", "ascontiguousarray", "asarray",
                       "array"))


def joined(*bands):
    """The hull of offsets; None where one is dense."""
    if None in bands:
        return None
    return min(band[0] for band in bands), max(band[1] for band in bands)


def moved(band, by):
    return None if band is None else (band[0] + by, band[1] + by)


def band_of(builder, parameter, result):
    """(lowest, highest) offset of the diagonals that are not zero, or None."""
    if parameter.kind.tag != "array" or parameter.kind.rank != 1:
        return None
    bands = {parameter: (0, 0)}
    stages = tuple(builder.stages)
    for stage in stages:
        if not isinstance(stage, Stage):
            if any(operand in bands for operand in stage.operands):
                return None
            continue
        if any(isinstance(operand, Value) and operand in bands for operand in stage.operands):
            band = _of_stage(builder, stage, bands) if len(stage.targets) == 1 else None
            if band is None:
                return None
            bands[stage.target] = band
    return bands.get(result) if isinstance(result, Value) and _is_vector(result) else None


def _is_vector(operand):
    kind = kind_of_operand(operand)
    return kind.tag == "array" and kind.rank == 1


def _same_length(*values):
    """Whether vectors are of one length, so that none is broadcast."""
    return len({kind_of_operand(value).shape[0].text for value in values}) == 1


def _of_stage(builder, stage, bands):
    form, operands = stage.form, stage.operands
    if not _is_vector(stage.target) or not all(_is_vector(o) for o in operands if o in bands):
        return None
    if form.kind == "alias" or form.kind == "unary" and form.name in "+-":
        return bands[operands[0]]
    if form.kind in ("binary", "augment"):
        return _of_arithmetic(form.name, operands, stage.target, bands)
    if form.kind == "index":
        start = _start(form.spec, operands)
        return None if start is None else moved(bands.get(operands[0]), start)
    if form.kind == "store":
        return _of_store(builder, stage, bands)
    if stage.gate is None or form.kind not in ("call", "method"):
        return None
    if stage.gate.name in UNCHANGED and operands[0] in bands and not form.keywords:
        return bands[operands[0]]
    if stage.gate.name == "where" and len(operands) == 3 and operands[0] not in bands:
        sides = [operand for operand in operands[1:] if operand in bands]
        if all(_fits(operand, stage.target) for operand in operands):
            return joined(*(bands[side] for side in sides))
    return None


def _fits(operand, target):
    """Whether an operand has a number for each element of the target, or one for all."""
    kind = kind_of_operand(operand)
    return kind.rank == 0 or _is_vector(operand) and _same_length(operand, target)


def _of_arithmetic(operator, operands, target, bands):
    dependent = [operand for operand in operands if operand in bands]
    if operator not in "+-*/" or operator in "*/" and len(dependent) > 1 \
            or operator == "/" and operands[1] in bands or not all(_fits(o, target) for o in operands):
        return None
    return joined(*(bands[operand] for operand in dependent))


def _start(spec, operands):
    """The place at which a slice of a vector begins, None where that is not known or has steps."""
    if len(spec) != 1 or spec[0].kind != "slice":
        return None
    start, _, step = spec[0].holes
    if step is not None:
        return None
    if start is None:
        return 0
    operand = operands[start]
    return operand.value if isinstance(operand, Lit) and type(operand.value) is int and operand.value >= 0 \
        else 0 if isinstance(operand, Lit) and operand.value is None else None


def _fills(builder, stage):
    """Whether a vector is stored at a place of its own length, and not one number at several."""
    base, value, *holes = stage.operands
    start = builder.checkpoint()
    place = builder.unsimplified(Form("index", spec=stage.form.spec), (Value(kind=base.kind), value, *holes))
    builder.rollback(start)
    return _is_vector(place) and _same_length(place, value)


def _of_store(builder, stage, bands):
    """A vector into which a slice is stored: what it was, and what is stored, at its place."""
    base, value = stage.operands[:2]
    if stage.form.name not in ("", "+", "-") or any(hole in bands for hole in stage.operands[2:]):
        return None
    start = _start(stage.form.spec, stage.operands)
    if start is None:
        return None
    parts = [bands[base]] if base in bands else []
    if value in bands:
        if not _is_vector(value) or not _fills(builder, stage):
            return None
        parts.append(moved(bands[value], -start))
    return joined(*parts)
