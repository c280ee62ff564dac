"""Elements: the Jacobian by a vector whose elements are read one by one, each column by its own formula.

>>> from ..types.kinds import Known, array
>>> p = Value("p", kind=array((Known(2, "p.shape[0]", False, True),)))
>>> read = Stage((Value("a"),), Form("index", spec=(Item("at", (1,)),)), (p, Lit(-1)))
>>> element(read, p), element(Stage((Value("b"),), Form("unary", "-"), (p,)), p)
(1, None)
"""
from __future__ import annotations

import numpy as np

from ..ir.nodes import Form, Item, Lit, Stage, Value
from ..ir.traversal import values_of
from ..rules.axes import call
from ..types.shape_rules import as_array, kind_of_operand
from .kinds import is_active
from .structure import Tangents, in_precision
from .sweep import Sweep, is_truncated

MOST = 24       # columns that are written out


def element(stage, parameter):
    """The number of the element of a vector that a stage reads, or None."""
    length = parameter.kind.shape[0].value
    if not isinstance(stage, Stage) or stage.form.kind != "index" or stage.operands[0] is not parameter \
            or len(stage.form.spec) != 1 or stage.form.spec[0].kind != "at" or not length:
        return None
    place = stage.operands[1]
    if not isinstance(place, Lit) or type(place.value) is not int or not -length <= place.value < length:
        return None
    return place.value % length


def elements_read(stages, parameter):
    """The elements that straight-line stages read of a vector, or None where they read it otherwise."""
    if parameter.kind.tag != "array" or parameter.kind.rank != 1 or parameter.kind.shape[0].value is None \
            or parameter.kind.shape[0].value > MOST:
        return None
    places = set()
    for stage in stages:
        if not isinstance(stage, Stage):
            return None
        if parameter in values_of(stage.operands):
            place = element(stage, parameter)
            if place is None:
                return None
            places.add(place)
    return places if 2 * len(places) > parameter.kind.shape[0].value else None


class ElementSweep(Sweep):
    """The tangents along one element, beside those along others: they have no names of their own."""

    def finished(self, value, tangent, start, is_alias=False):
        operand = self.builder.operand(tangent)
        return in_precision(self.builder, self.builder.symbol(operand), value.kind) \
            if value.kind.numeric else operand

    def follow(self, stage):
        """Append the tangent of a stage that stands in the builder."""
        if stage.form.kind == "unpack":
            self.unpack(stage)
            return
        tangent = self.tangent(stage)
        if tangent is not None:
            self.tangents[stage.target] = tangent if isinstance(tangent, dict) \
                else self.finished(stage.target, tangent, 0)


def by_elements(builder, program, parameter):
    """The Jacobian as a value, the builder then holding the stages; None where it is not written so."""
    stages, result = tuple(builder.stages), program.result
    kind = as_array(kind_of_operand(result), builder.scope)
    if elements_read(stages, parameter) is None or not isinstance(result, Value) or not kind.rank \
            or not kind_of_operand(result).numeric:
        return None
    length = parameter.kind.shape[0]
    if not length.exact:
        builder.scope.guards.setdefault(f"({length.text}) == {length.value}")
    builder.stages.clear()
    builder.numbers.clear()
    sweeps = [ElementSweep(builder, Tangents()) for _ in range(length.value)]
    for stage in stages:
        builder.place = stage.place if stage.statement is None else stage.statement.place
        builder.append(stage, (stage.form, stage.operands) if len(stage.targets) == 1 else None)
        place = element(stage, parameter)
        if place is not None:
            sweeps[place].tangents[stage.target] = Lit(1.0)
        elif any(map(is_active, stage.targets)) and not is_truncated(stage):
            for sweep in sweeps:
                sweep.guarded(stage, sweep.follow)
    return _assembled(builder, result, kind, [sweep.tangents.get(result) for sweep in sweeps])


def _assembled(builder, result, kind, columns):
    """An array with a row for each element, transposed."""
    shape = builder.symbol(result).shape
    lengths = (len(columns), *(shape[i] for i in range(kind.rank)))
    dtype = () if kind.dtype in ("d", "") or kind.integral else (np.dtype(kind.dtype).type,)
    builder.externals.setdefault("@np.empty", np.empty)
    rows = builder.operand(call(np.empty, lengths, *dtype, like=shape))
    rows.name = "J"
    for number, column in enumerate(columns):
        value = Lit(0.0) if column is None else builder.operand(column)
        stored = Value("J", kind=rows.kind)
        builder.forget(rows)
        builder.append(Stage((stored,), Form("store", "", ("",), (Item("at", (2,)),)),
                             (rows, value, Lit(number)), place=builder.place))
        rows = stored
    symbol = builder.symbol(rows)
    return (symbol.T if kind.rank == 1 else np.moveaxis(symbol, 0, -1)).operand
