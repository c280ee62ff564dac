"""Masked stores: an array that is filled by masks may be one smooth function, or a maximum with 0.

`z[x < 0] = np.exp(x[x < 0])` and the same of -x on the other side make exp(-|x|), of which `top / (1 + z)` is
the logistic function.  A 0 that is stored into np.maximum(0, a) is in the mask of the result.

>>> import gast, numpy as np
>>> from .patterns import recognise
>>> from ..types.kinds import Known, array
>>> from ..types.scope import Scope
>>> from ..interp.specialize import infer_shapes
>>> from ..frontend.lower import lower_tree
>>> text = "def f(x):\\n    m = np.maximum(0, x)\\n    m[0] = 0\\n    return m"
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> typed, builder = infer_shapes(lower_tree(gast.parse(text).body[0], "f"), [kind], {"x"},
...                               Scope({"np": np}, {}, "f"))
>>> [stage.gate.name for stage in recognise(builder, typed.result)]
['maximum', 'cleared_relu']
"""
from __future__ import annotations

from typing import Any, NamedTuple

from ..ir.nodes import Lit, Stage, Value
from ..rules import fused
from ..types.shape_rules import kind_of_operand
from .masks import mask_of_store, same_shape
from .smooth import is_zero, without_sign

EVERYWHERE = NEGATIVE, ZERO, POSITIVE = "-", "0", "+"
SETS = {"greater": {POSITIVE}, "greater_equal": {ZERO, POSITIVE}, "less": {NEGATIVE},
        "less_equal": {NEGATIVE, ZERO}}
TURNED = {"greater": "less", "greater_equal": "less_equal", "less": "greater", "less_equal": "greater_equal"}
FLOATS = frozenset("dfg")
LONGEST = 4         # stores that are followed


class Piece(NamedTuple):
    """(1 + e if `above` else e) to the power `times`, with e = exp(sign * x); for sign 0, 1.

    The logistic function of sign * x has `times` -1 and the sign -sign.
    """

    sign: int
    above: bool = False
    times: int = 1


ONE = Piece(0)


def cleared(patterns, stage):
    """A store with the gate of a maximum with 0, where it stores 0 into such; another stage as it is."""
    before = patterns.definitions.get(stage.operands[0])
    if stage.form.name or not is_zero(stage.operands[1]) or not isinstance(before, Stage) \
            or before.gate is None or len(before.targets) != 1:
        return stage
    bound = before.bound
    if before.gate.name == "maximum" and len(before.operands) == 2 and "where" not in bound:
        pair = bound["x"], bound["y"]
        sides = [side for side, other in zip(pair, pair[::-1]) if is_zero(other)]
        operand = sides[0] if len(sides) == 1 else None
    else:
        operand = bound["x"] if before.gate.name in ("relu", "cleared_relu") else None
    if not isinstance(operand, Value) or not operand.varied or not same_shape(operand, stage.target):
        return stage
    return patterns.replaced(stage, fused.cleared_relu_function, x=operand)


def logistic_store(patterns, stage):
    """A store that completes the logistic function, side by side, with its gate; another one as it is."""
    mask = mask_of_store(stage)
    base = None if mask is None or stage.form.name else _compared(patterns, mask)
    return stage if base is None else _logistic(patterns, stage, base, lambda side: _piece(
        patterns, stage.target, base, side, {stage.target: stage}))


def logistic_quotient(patterns, stage, above, below):
    """top / (1 + z), of arrays that are filled by masks, with its gate; None for others."""
    for operand in (below, *(patterns.gate(below, "add") or {}).values()):
        store = patterns.definitions.get(operand) if isinstance(operand, Value) else None
        mask = mask_of_store(store) if isinstance(store, Stage) and store.form.kind == "store" else None
        base = None if mask is None else _compared(patterns, mask)
        if base is not None:
            replaced = _logistic(patterns, stage, base, lambda side: _over(
                _piece(patterns, above, base, side), _piece(patterns, below, base, side)))
            return None if replaced is stage else replaced
    return None


def _logistic(patterns, stage, base, piece):
    """The stage with the gate of the logistic function, if it is that on each side."""
    kind = stage.target.kind
    if kind.dtype not in FLOATS or not same_shape(base, stage.target) or not base.varied:
        return stage
    sides = [piece(side) for side in EVERYWHERE]
    signs = {side and side.sign for side in (sides[0], sides[2])}
    if any(side is None or (side.above, side.times) != (True, -1) for side in sides) or len(signs) != 1:
        return stage
    return patterns.replaced(stage, fused.logistic_function if signs == {-1}
                             else fused.falling_logistic_function, x=base)


def _compared(patterns, mask):
    """The array that a mask compares with 0, or None."""
    inverted = patterns.gate(mask, "invert", "logical_not")
    if inverted is not None:
        return _compared(patterns, inverted["x"])
    parts = patterns.gate(mask, *SETS)
    values = [] if parts is None else [o for o in (parts["x"], parts["y"]) if not is_zero(o)]
    return values[0] if len(values) == 1 and isinstance(values[0], Value) else None


def _sides(patterns, mask, base):
    """The sides of the base that a mask takes; None where it is not that of a comparison with 0."""
    inverted = patterns.gate(mask, "invert", "logical_not")
    if inverted is not None:
        taken = _sides(patterns, inverted["x"], base)
        return None if taken is None else set(EVERYWHERE) - taken
    stage = patterns.definitions.get(mask)
    name = stage.gate.name if isinstance(stage, Stage) and stage.gate is not None else ""
    if name not in SETS or _compared(patterns, mask) is not base:
        return None
    return SETS[name if is_zero(stage.bound["y"]) else TURNED[name]]


def _piece(patterns, operand, base, side, new=None) -> Any:
    """The Piece that an array is on one side of the base; `new`: stages that the definitions lack."""
    if isinstance(operand, Lit):
        return ONE if type(operand.value) in (int, float) and operand.value == 1 else None
    for _ in range(LONGEST + 1):
        stage = (new or {}).get(operand) or patterns.definitions.get(operand)
        if not isinstance(stage, Stage) or stage.form.kind != "store":
            break
        mask = mask_of_store(stage)
        taken = None if mask is None or stage.form.name else _sides(patterns, mask, base)
        if taken is None or operand.kind.dtype not in FLOATS:
            return None
        if side in taken:
            return _selected(patterns, stage.operands[1], base, side, taken)
        operand = stage.operands[0]
    if isinstance(stage, Stage) and stage.form.kind == "call" \
            and stage.form.name.rpartition(".")[2] in ("ones", "ones_like") and operand.kind.dtype in FLOATS:
        return ONE
    added = patterns.gate(operand, "add")
    for x, y in () if added is None else ((added["x"], added["y"]), (added["y"], added["x"])):
        inner = _piece(patterns, y, base, side) if _piece(patterns, x, base, side) == ONE else None
        if inner is not None and not inner.above and inner.times == 1:
            return inner._replace(above=True)
    return None


def _selected(patterns, operand, base, side, taken):
    """The Piece of what is stored on the sides `taken`: from elements of arrays there."""
    if isinstance(operand, Lit):
        return ONE if type(operand.value) in (int, float) and operand.value == 1 else None
    for name, way in (("logistic", -1), ("falling_logistic", 1), ("exp", 1)):
        inner = patterns.gate(operand, name)
        if inner is not None:
            sign, inside = without_sign(patterns, inner["x"])
            if _loaded(patterns, inside, base, taken) is not base:
                return None
            return Piece(sign) if name == "exp" else Piece(sign * way, True, -1)
    loaded = _loaded(patterns, operand, base, taken)
    return None if loaded is None or loaded is base else _piece(patterns, loaded, base, side)


def _loaded(patterns, operand, base, taken):
    """The array of which a value has the elements on the sides `taken`, or None."""
    stage = patterns.definitions.get(operand) if isinstance(operand, Value) else None
    if not isinstance(stage, Stage) or stage.form.kind != "index" or stage.gate is not None \
            or [item.kind for item in stage.form.spec] != ["at"] \
            or not same_shape(stage.operands[0], base) or _sides(patterns, stage.operands[1], base) != taken:
        return None
    return stage.operands[0]


def _over(above, below):
    """The quotient of two Pieces, if it is the logistic function of x or of -x."""
    if None in (above, below) or not below.above or below.times != 1 or above.above:
        return None
    if above == ONE:
        return Piece(below.sign, True, -1)
    return Piece(-below.sign, True, -1) if above == Piece(below.sign) else None
