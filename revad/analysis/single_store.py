"""Single store: stores in loops that write each element of a new array once.

Their gradient need not be cleared when the reverse loop goes back over them.  A store is single where
each loop around it has an index, the subscript holds all of the indices, and nothing else is stored.

>>> from ..types.affine import of_range
>>> from ..types.kinds import INT, FLOAT, Kind, literal
>>> from ..ir.nodes import Form, Item, Row
>>> from ..types.scope import Scope
>>> old, inner, new, out = (Value("y", kind=Kind("array", "d")) for _ in range(4))
>>> scope = Scope({}, {}, "f")
>>> counted = of_range(scope, "i0", literal(0), literal(9), literal(1))
>>> i, v = Value("i", kind=INT._replace(affine=counted)), Value("v", kind=FLOAT)
>>> store = Stage((new,), Form("store", "", ("",), (Item("at", (2,)),)), (inner, v, i))
>>> stored_once(Loop((i,), None, None, (Row(inner, old, new, out),), (store,)), scope) == [store]
True
"""
from __future__ import annotations

from ..ir.nodes import Branch, Loop, Stage, Value
from ..ir.traversal import targets_of
from ..types.affine import bound


def stored_once(loop, scope):
    """The stores in a loop, and in the loops inside it, that write each element once."""
    stores = []
    for row in loop.rows:
        if isinstance(row.init, Value) and not row.init.varied and loop.indices and loop.until is None:
            stores += _chain(row.next, row.inner, targets_of(loop.block), loop.indices, scope) or []
    return stores


def _chain(value, inner, definitions, indices, scope):
    """The stores by which `inner` becomes `value`; None if it is not by single stores."""
    if value is inner:
        return []
    stage = definitions.get(value)
    if isinstance(stage, Loop):
        row = next((row for row in stage.rows if row.out is value), None)
        if row is None or row.init is not inner or stage.until is not None or not stage.indices:
            return None
        return _chain(row.next, row.inner, targets_of(stage.block), (*indices, *stage.indices), scope)
    if isinstance(stage, Branch):
        row = next((row for row in stage.results if row[0] is value), None)
        if row is None:
            return None
        ends = [_chain(end, inner, targets_of(block), indices, scope)
                for end, block in zip(row[1:], (stage.then, stage.orelse))]
        return None if None in ends else [*ends[0], *ends[1]]
    if not isinstance(stage, Stage) or stage.form.kind != "store" or stage.form.name \
            or stage.operands[0] is not inner:
        return None
    places = [stage.operands[item.holes[0]] for item in stage.form.spec if item.kind == "at"]
    if not indices:
        return None
    is_single = all(any(_counts(place, index, scope) for place in places) for index in indices)
    return [stage] if is_single else None


def _counts(place, index, scope):
    """Whether the place is another one for each value of the index: it must not count from the end."""
    affine, own = getattr(getattr(place, "kind", None), "affine", None), index.kind.affine
    if affine is None or own is None or len(affine.terms) != 1 or affine.terms[0][0] != own.terms[0][0]:
        return False
    least = bound(scope, affine, False)
    if not affine.terms[0][1].exact or affine.terms[0][1].value == 0 or least is None or least.value < 0:
        return False
    if not least.exact:
        scope.rely(f"{least.text} >= 0")
    return True
