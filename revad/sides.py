"""Sides: the slope of a function is not looked at where nothing of the gradient goes through it.

Where the gradient from above is zero by a mask, `np.where(x > 0, np.sqrt(x), 0)`, and where the operand is held by a clamp,
`np.sqrt(np.maximum(x, 0))`, an infinite slope would give 0 * inf. There the slope is taken at a harmless point instead, so that all
that the text computes is finite, raises nothing and warns of nothing that the function does not.

>>> import gast, numpy as np
>>> from .kinds import Known, array
>>> from .scope import Scope
>>> from .shapes import infer_shapes
>>> from .stage import stage_tree
>>> text = "def f(x):\\n    h = np.maximum(x, 0)\\n    return np.sqrt(h)"
>>> kind = array((Known(3, "x.shape[0]", False, True),))
>>> program, builder = infer_shapes(stage_tree(gast.parse(text).body[0], "f"), [kind], {"x"}, Scope({"np": np}, {}, "f"))
>>> [(side.taken, side.value) for side in held(builder, builder.stages[-2].target)]
[(True, 0)]
"""
from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np

from .kinds import INTEGERS, Kind
from .lengths import kind_of_operand
from .program import Branch, Form, Lit, Stage, Value
from .refusals import RankUnknown, Refusal
from .scope import Unknown
from .symbolic import Symbol

TESTS = frozenset(("isnan", "isfinite", "isinf"))       # a mask that asks for these says that data may be so
HARMLESS = 1.0          # where most functions have a finite slope; the others have a point of their own
POINTS = {"arcsin": 0.0, "arccos": 0.0, "arctanh": 0.0, "arccosh": 2.0}
BOUNDED = frozenset(("tanh", "sin", "cos", "arctan", "sign", "logistic", "falling_logistic", "softmax", "heaviside"))
KEPT_FINITE = frozenset((
    "add", "subtract", "multiply", "negative", "positive", "maximum", "minimum", "clip", "absolute", "fabs", "square", "where", "select",
    "relu", "sum", "mean", "max", "min", "matmul", "dot", "reshape", "transpose", "ravel", "swapaxes", "squeeze", "expand_dims", "concatenate",
    "stack", "astype", "copy", "array", "asarray", "cumsum", "broadcast_to", "diag", "shift", "outer", "full_like", "zeros_like", "ones_like",
    "zeros", "ones", "full", "arange", "linspace", "eye"))
KEPT_FORMS = frozenset(("index", "alias", "attr", "tuple", "list", "unpack", "compare", "ifexp", "store", "unary"))


class Side(NamedTuple):
    """Where `mask` is not `taken`, nothing goes through a value; it is `value` there, None if that is not known.

    point: that is one point, at which a function that is infinite itself keeps its slope.
    """

    mask: Any
    taken: bool
    value: Any = None
    point: bool = False


# ---- where the gradient from above is zero ----

def left_out(builder, gradient, depth=12) -> list:
    """The sides on which a gradient is zero, whatever else is in it."""
    if _is_truth(gradient):
        return [Side(gradient, True)]
    stage = builder.definitions.get(gradient) if isinstance(gradient, Value) and depth else None
    if isinstance(stage, Branch):
        row = next(row for row in stage.results if row[0] is gradient)
        return _zero_side(stage.condition, row[1], row[2])
    if not isinstance(stage, Stage):
        return []
    form, operands = stage.form, stage.operands

    def inner(operand):
        return left_out(builder, operand, depth - 1)
    if form.kind == "ifexp" or form.name in ("@np.where", "np.where") and len(operands) == 3 and not form.keywords:
        condition, x, y = operands
        sides = _zero_side(condition, x, y)
        return sides + (inner(x) if _is_zero(y) else inner(y) if _is_zero(x) else [])
    if form == Form("binary", "*"):
        return [side for operand in operands for side in inner(operand)]
    if form == Form("binary", "/") or form == Form("unary", "-") or form.kind == "alias":
        return inner(operands[0])
    if form.kind == "binary" and form.name in ("+", "-"):
        others = inner(operands[1])
        return [side for side in inner(operands[0]) if side in others]
    if form.kind == "store" and len(form.spec) == 1 and form.spec[0].kind == "at" and _is_zeros(builder, operands[0]):
        mask = operands[form.spec[0].holes[0]]
        return [Side(mask, True)] if _is_truth(mask) and _same_shape(mask, operands[0]) else []
    if form.kind == "method" and form.name == "sum" and stage.gate is not None and not set(stage.bound) - {"a", "axis", "keepdims"}:
        return _reduced(builder, stage, operands[0], inner(operands[0]))
    return _moved(builder, stage, inner)


def _zero_side(condition, x, y):
    return [Side(condition, True)] if _is_zero(y) else [Side(condition, False)] if _is_zero(x) else []


def _is_zero(operand):
    return isinstance(operand, Lit) and operand.value == 0


def _is_zeros(builder, operand):
    stage = builder.definitions.get(operand)
    return isinstance(stage, Stage) and stage.form.name in ("@np.zeros", "@np.zeros_like")


def _is_truth(operand):
    kind = kind_of_operand(operand)
    return kind.dtype == "?" and kind.tag in ("array", "number") and not isinstance(operand, Lit)


def _same_shape(one, other):
    kinds = kind_of_operand(one), kind_of_operand(other)
    return None not in (kinds[0].shape, kinds[1].shape) and [n.text for n in kinds[0].shape] == [n.text for n in kinds[1].shape]


def _moved(builder, stage, inner):
    """Of elements put elsewhere: the mask is put there too."""
    form, operands = stage.form, stage.operands
    spread = form.kind == "index" and stage.gate is None and all(
        item.kind in ("new", "dots") or item.kind == "slice" and item.holes == (None,) * 3 for item in form.spec)
    if not spread and (form.kind, form.name) not in (("attr", "T"), ("method", "reshape"), ("method", "ravel")):
        return []
    return [side._replace(mask=builder.emit(form, (side.mask, *operands[1:])))
            for side in inner(operands[0]) if _same_shape(side.mask, operands[0])]


# ---- where the operand is held ----

def held(builder, operand, depth=12) -> list:
    """The sides on which an operand does not depend on anything, by a clamp or a choice, and what it is there."""
    stage = builder.definitions.get(operand) if isinstance(operand, Value) and operand.varied and depth else None
    if isinstance(stage, Branch):
        row = next(row for row in stage.results if row[0] is operand)
        return _chosen(builder, stage.condition, row[1], row[2])
    if not isinstance(stage, Stage):
        return []

    def inner(value):
        return held(builder, value, depth - 1)
    if stage.form.kind == "alias":
        return inner(stage.operands[0])
    if stage.gate is None:
        return _moved(builder, stage, inner)
    if stage.gate.name in ("sum", "mean") and not set(stage.bound) - {"a", "axis", "keepdims"}:
        return _reduced(builder, stage, stage.bound["a"], inner(stage.bound["a"]))
    if stage.gate.name == "where":
        condition, x, y = (stage.bound[name] for name in ("condition", "x", "y"))
        return _chosen(builder, condition, x, y) + (inner(x) if not y.varied else inner(y) if not x.varied else [])
    if stage.gate.name == "select":
        return _selected(builder, stage)
    if stage.gate.mode == "elementwise":
        return _elementwise(builder, stage, inner)
    return _extreme(builder, stage, inner) if stage.gate.name in ("max", "min") and "arguments" in stage.bound else _moved(builder, stage, inner)


def _chosen(builder, condition, x, y):
    if x.varied == y.varied:
        return []
    return [Side(condition, True, _number(builder, y))] if x.varied else [Side(condition, False, _number(builder, x))]


def _number(builder, operand):
    """The value of an operand that is made of numbers of the text, or None."""
    if isinstance(operand, Lit):
        return operand.value if type(operand.value) in (int, float) else None
    stage = builder.definitions.get(operand)
    if not isinstance(stage, Stage) or stage.form.kind not in ("binary", "unary") or stage.gate is None or len(stage.operands) > 2:
        return None
    return _computed(stage.gate, [_number(builder, o) for o in stage.operands])


def _computed(gate, operands):
    """What a function makes of numbers, None if one is not known or there is no value."""
    if None in operands or not gate.functions:
        return None
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return float(gate.functions[0](*operands))
    except (ArithmeticError, ValueError, TypeError):
        return None


def _selected(builder, stage):
    """np.select of which one choice varies: on the sides of those before it, and where its own condition does not hold."""
    default = stage.bound.get("default", Lit(0))
    lists = [builder.definitions.get(stage.bound[name]) for name in ("condlist", "choicelist")]
    if not all(isinstance(made, Stage) and made.form.kind in ("list", "tuple") and not made.form.name for made in lists):
        return []
    conditions, choices = (made.operands for made in lists)
    varied = [i for i, choice in enumerate((*choices, default)) if choice.varied]
    if len(varied) != 1 or len(conditions) != len(choices):
        return []
    sides = [Side(condition, False, _number(builder, choice)) for condition, choice in zip(conditions[:varied[0]], choices)]
    only = _number(builder, default) if varied[0] == len(choices) - 1 else None
    return sides + [Side(condition, True, only) for condition in conditions[varied[0]:varied[0] + 1]]


def _reduced(builder, stage, operand, sides):
    """Of a sum: where all that goes into it is left out, or held."""
    names = [name for name in ("axis", "keepdims") if name in stage.bound]
    form = Form("method", "any", tuple(names))
    return [Side(builder.emit(form, (side.mask, *(stage.bound[name] for name in names))), True, 0 if side.value == 0 else None)
            for side in sides if side.taken and kind_of_operand(side.mask)[:2] == ("array", "?") and _same_shape(side.mask, operand)]


def _elementwise(builder, stage, inner):
    """A kink holds its value where its slope is 0; any other function does where all its operands are held."""
    names = [name for name in stage.gate.arrays if name in stage.bound]
    varied = list(dict.fromkeys(stage.bound[name] for name in names if stage.bound[name].varied))
    sides = inner(varied[0])
    if len(varied) > 1:
        if stage.gate.name == "multiply":
            return [side for operand in varied for side in inner(operand) if side.value == 0]
        others = [inner(operand) for operand in varied[1:]]
        return [side._replace(value=None) for side in sides if all(any(o[:2] == side[:2] for o in other) for other in others)]
    sides = [side._replace(value=_computed(stage.gate, _values(builder, stage, varied[0], side.value))) for side in sides]
    if stage.gate.name in ("maximum", "minimum", "clip", "relu"):
        sides += _kinks(builder, stage, names, varied[0])
    elif stage.gate.name in ("absolute", "fabs"):
        sides.append(Side(builder.emit(Form("compare", "!="), (varied[0], Lit(0))), True, 0, True))
    elif stage.gate.name == "multiply":
        sides += [Side(stage.bound[name], True, 0) for name in names if _is_truth(stage.bound[name])]
    return sides


def _kinks(builder, stage, names, operand):
    """The bounds of a clamp, one by one."""
    bound, symbol = stage.bound, builder.symbol
    if stage.gate.name == "clip":
        sides = []
        for options, sign in ((("a_min", "min"), ">="), (("a_max", "max"), "<=")):
            for limit in (bound[name] for name in options if name in bound and getattr(bound[name], "value", 0) is not None):
                if kind_of_operand(limit).tag != "static":
                    sides.append(Side(builder.emit(Form("compare", sign), (operand, limit)), True, _number(builder, limit)))
        return sides
    local = stage.gate.rule(symbol(stage.target), *(symbol(bound[name]) for name in names))
    local = local if isinstance(local, tuple) else (local,)
    other = next((bound[name] for name in names if bound[name] is not operand), Lit(0))
    return [Side(part.operand, True, _number(builder, other)) for name, part in zip(names, local) if bound[name] is operand]


def _values(builder, stage, operand, value):
    """The operands of a stage as numbers, where one of them has a value."""
    bound = [stage.bound[name] for name in stage.gate.arrays if name in stage.bound]
    return [value if one is operand else _number(builder, one) for one in bound]


def _extreme(builder, stage, inner):
    """max(0.0, x) of two numbers."""
    parts = stage.bound["arguments"]
    varied = [operand for operand in parts if operand.varied]
    if len(parts) != 2 or len(varied) != 1 or any(kind_of_operand(o).tag != "number" for o in parts):
        return []
    above = builder.symbol(Value(kind=Kind("number", "d", (), True)))
    (local,) = stage.gate.rule(builder.symbol(stage.target), above, [builder.symbol(o) for o in parts])
    other = next(operand for operand in parts if operand is not varied[0])
    part = builder.definitions[local[parts.index(varied[0])].operand]
    return [Side(o, True, _number(builder, other)) for o in part.operands if _is_truth(o)] + inner(varied[0])


# ---- the slope ----

def slopes(builder, stage, above, y, arguments, rule) -> Any:
    """The local gradients of a stage, at a harmless point on the sides that are left out or held."""
    local = rule(y, *arguments)
    parts = local if isinstance(local, tuple) else (local,)
    names = [name for name, _ in stage.gate.parameters]
    guarded = list(parts)
    for number, (name, part) in enumerate(zip(stage.gate.arrays, parts)):
        operand = stage.bound.get(name)
        if not isinstance(operand, Value) or not operand.varied or not isinstance(part, Symbol):
            continue
        sides = [side for side in left_out(builder, above.operand) if not is_finite(builder, part.operand, side.mask)]
        if _reads(builder, part.operand, (operand, stage.target)) and not is_finite(builder, part.operand, None):
            sides += [side for side in held(builder, operand) if _is_steep(builder, stage, operand, number, side)]
        sides = list(dict.fromkeys(side[:2] for side in sides))
        if sides:
            point = POINTS.get(stage.gate.name, HARMLESS)
            again = rule(_at(builder, y, sides, point), *(_at(builder, a, sides, point) if n in stage.gate.arrays else a
                                                          for n, a in zip(names, arguments)))
            guarded[number] = again[number] if isinstance(again, tuple) else again
    return tuple(guarded) if isinstance(local, tuple) else guarded[0]


def _at(builder, symbol, sides, point):
    """A value, or on the other sides the point."""
    if not isinstance(symbol, Symbol) or _number(symbol.builder, symbol.operand) is not None \
            or kind_of_operand(symbol.operand).tag not in ("array", "number"):
        return symbol
    for mask, taken in sides:
        pair = (symbol, point) if taken else (point, symbol)
        if all(kind_of_operand(o).tag == "number" for o in (symbol.operand, mask)):
            symbol = builder.symbol(builder.emit(Form("ifexp"), (mask, *map(builder.operand, pair))))
        else:
            symbol = np.where(builder.symbol(mask), *pair)
    return symbol


def _is_steep(builder, stage, operand, number, side):
    """Whether the slope at a value that is held is infinite, or may be; what else goes into it is taken as some number."""
    if side.value is None:
        return not side.point
    operands = [0.7 if one is None else one for one in _values(builder, stage, operand, side.value)]
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            y = stage.gate.functions[0](*operands)
            local = stage.gate.rule(y, *operands)
            steep = not np.isfinite(local[number] if isinstance(local, tuple) else local)
            return steep and bool(np.isfinite(y) or not side.point)
    except (ArithmeticError, ValueError, TypeError, AttributeError):
        return not side.point


def _reads(builder, operand, values, depth=12):
    """Whether a slope depends on where the function is taken."""
    if operand in values:
        return True
    stage = builder.definitions.get(operand) if isinstance(operand, Value) and depth else None
    return isinstance(stage, Stage) and builder.is_backward(operand) and any(_reads(builder, o, values, depth - 1) for o in stage.operands)


def is_finite(builder, operand, mask, depth=40):
    """Whether a value is finite where the data are, for certain; of data that a mask tests it is not certain."""
    if isinstance(operand, Lit):
        return True
    if kind_of_operand(operand).dtype in INTEGERS:
        return True
    stage = builder.definitions.get(operand)
    if stage is None:
        return mask is None or not _tests(builder, mask)
    if not isinstance(stage, Stage) or not depth:
        return False

    def inner(value):
        return is_finite(builder, value, mask, depth - 1)
    form, operands = stage.form, stage.operands
    name = stage.gate.name if stage.gate is not None else ""
    if name in BOUNDED:
        return mask is None or all(map(inner, operands))
    if form == Form("binary", "/") or name == "divide":
        return all(map(inner, operands)) and _number(builder, operands[1]) not in (None, 0)
    if form == Form("binary", "**") or name == "power":
        exponent = _number(builder, operands[1])
        return inner(operands[0]) and exponent is not None and exponent >= 0 and (exponent >= 1 or exponent == 0)
    if form.kind == "read":
        return True
    if form.kind in KEPT_FORMS or name in KEPT_FINITE \
            or form.kind in ("call", "method") and form.name.rpartition(".")[2] in KEPT_FINITE:
        return all(map(inner, operands))
    return form.kind == "binary" and form.name in ("+", "-", "*", "@") and all(map(inner, operands))


def _tests(builder, mask, depth=8):
    """Whether a mask asks which data are numbers."""
    stage = builder.definitions.get(mask) if isinstance(mask, Value) and depth else None
    if not isinstance(stage, Stage):
        return False
    return stage.form.name.rpartition(".")[2] in TESTS or any(_tests(builder, operand, depth - 1) for operand in stage.operands)
