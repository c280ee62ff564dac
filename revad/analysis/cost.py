"""Cost: what costs nothing to write twice, so that it needs no line.

>>> from ..ir.nodes import Form, Lit, Stage, Value
>>> is_cheap(Stage((Value("y"),), Form("read"), (Value("x"),)), {})
True
"""
from __future__ import annotations

from ..ir.nodes import Lit
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import is_basic


def is_cheap(stage, inside):
    """Whether writing it twice costs nothing: names, views, sizes, comparisons of numbers."""
    form = stage.form
    if not all(isinstance(o, Lit) or o not in inside or is_cheap(inside[o], inside) for o in stage.operands):
        return False
    if form.kind in ("read", "attr") or form.kind == "copied" and isinstance(form.spec, str):
        return True
    kinds = [kind_of_operand(o) for o in stage.operands]
    if form.kind == "index" and stage.gate is None:
        return kinds[0].tag != "array" or is_basic(form.spec, kinds)
    if form.kind == "binary" \
            and all(kind.tag == "number" and kind.weak and kind.dtype == "l" for kind in kinds):
        return form.name in "+-*"
    if form.kind in ("tuple", "compare") or form.kind in ("unary", "binary"):
        if form.kind == "unary":
            return kinds[0].rank == 0
        return all(kind.rank == 0 and (form.kind != "binary" or kind.known is not None) for kind in kinds)
    return stage.gate is not None and stage.gate.cheap
