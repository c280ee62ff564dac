"""Stored sums: what is added to one place of a gradient twice is added once, and zeros are not a summand.

`dx[1:] += a`, `dx[1:] -= b` is `dx[1:] += a - b`, as is `dx += a`, `dx -= b` of what a loop carries; and
where `dx` was zeros with parts stored into them before `b` is added to all of it, the parts are added to `b`.

>>> import numpy as np
>>> from .builder import Builder
>>> from ..ir.nodes import Item
>>> from ..types.kinds import Known, array
>>> n = Known(5, "x.shape[0]", False, True)
>>> x, a, b = (Value(name, kind=array((n,), "d")) for name in "xab")
>>> builder, spec = Builder(), (Item("slice", (2, None, None)),)
>>> zeros = np.zeros_like(builder.symbol(x)).operand
>>> dx = Value("dx", kind=x.kind)
>>> builder.append(Stage((dx,), Form("store", "", ("",), spec), (zeros, a, Lit(1))))
>>> summed = onto_summand(builder, dx, (2 * builder.symbol(b)).operand, "dx")
>>> builder.stages[-2:]
[dx = binary '*' (2, b), dx = store '+' (dx, a, 1)]
"""
from __future__ import annotations

from ..ir.nodes import Branch, Call, Form, Lit, Loop, Stage, Value
from ..ir.traversal import read_in
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import is_basic
from .broadcasting import is_full
from .simplify import without_sign

ADDED = ("+", "-")
LONGEST = 8         # stores that are looked through
LARGEST = 8         # operations of what is stored in one line
COMPUTED = frozenset(("binary", "unary", "compare", "call", "method"))
VIEWS = frozenset(("alias", "index", "attr", "read", "ifexp"))


def onto_same_place(builder, accumulator, form, value, holes):
    """The gradient with a value added at a place that it was added to before, in one store; or None."""
    passed, stage = [], _store(builder, accumulator)
    while stage is not None and not _is_at(stage, form, holes):
        if stage.form.name not in ADDED or len(passed) == LONGEST:
            return None
        passed.append(stage)
        stage = _store(builder, stage.operands[0])
    if stage is None or form.name not in ADDED or stage.form.name not in ("", *ADDED) \
            or not _are_unread(builder, [stage, *passed]):
        return None
    before = stage.operands[1]
    kinds = [kind_of_operand(operand) for operand in (before, value)]
    if any(kind.dtype != stage.target.kind.dtype or kind.dtype not in ("f", "d") for kind in kinds) \
            or _size(builder, before) + _size(builder, value) >= LARGEST:
        return None
    name, total = _signed_sum(builder, stage.form.name, before, form.name, value)
    if name == "+" and without_sign(builder, total) is not None:
        total, name = without_sign(builder, total), "-"
    first = stage.form._replace(name=name), (total, *stage.operands[2:])
    return _stored(builder, stage.operands[0], [first, *((s.form, s.operands[1:]) for s in passed[::-1])],
                   accumulator.name)


def onto_update(builder, accumulator, summand):
    """The gradient that a loop carries, with a summand added in one line with the one before; or None."""
    stage = builder.definitions.get(accumulator)
    if not isinstance(stage, Stage) or stage.form.kind != "binary" or stage.form.name not in ADDED \
            or builder.outer is None or not isinstance(stage.operands[0], Value) \
            or stage.operands[0] in builder.definitions or stage.operands[0] is stage.operands[1] \
            or not isinstance(stage.operands[1], Value) or not isinstance(summand, Value) \
            or not _are_unread(builder, [stage]):
        return None
    before, positive = stage.operands[1], without_sign(builder, summand)
    kinds = [kind_of_operand(operand) for operand in (before, summand, accumulator)]
    if any(kind.dtype not in ("f", "d") or kind.dtype != kinds[2].dtype or kind.shape is None
           for kind in kinds) or not any(is_full(builder, kind, kinds[2]) for kind in kinds[:2]) \
            or _size(builder, before) + _size(builder, summand) >= LARGEST:
        return None
    name, total = _signed_sum(builder, stage.form.name, before, *("+", summand) if positive is None
                              else ("-", positive))
    return builder.emit(Form("binary", name), (stage.operands[0], total))


def _signed_sum(builder, first_sign, first, sign, second):
    """(sign, total) for two that are added, or subtracted, one after the other; the first sign may be ''."""
    if first_sign == "-" and sign == "+":
        return "+", builder.emit(Form("binary", "-"), (second, first))
    is_sum = (first_sign == "-") == (sign == "-")
    if is_sum and first is second:
        return first_sign, builder.emit(Form("binary", "*"), (Lit(2), first))
    return first_sign, builder.emit(Form("binary", "+" if is_sum else "-"), (first, second))


def onto_summand(builder, accumulator, summand, name):
    """The sum of a gradient that begins with zeros and another as stores into the other; or None."""
    stores, stage = [], _store(builder, accumulator)
    while stage is not None:
        stores.append(stage)
        last, stage = stage, _store(builder, stage.operands[0])
    if not stores or len(stores) > LONGEST or not _are_zeros(builder, last.operands[0]) \
            or not _may_stand_for_zeros(builder, summand, accumulator) or not _are_unread(builder, stores):
        return None
    added = []
    for store in stores[::-1]:
        form, (value, *holes) = store.form, store.operands[1:]
        if form.name == "":
            if store is not last or not is_basic(form.spec, [*map(kind_of_operand, store.operands)]):
                return None
            positive = without_sign(builder, value)
            form, value = (form._replace(name="+"), value) if positive is None else (
                form._replace(name="-"), positive)
        added.append((form, (value, *holes)))
    builder.forget(summand)
    stage = builder.definitions.get(summand)
    if isinstance(stage, Stage) and stage.form.kind not in VIEWS and builder.is_backward(summand):
        if summand.name is None:
            summand.name = name
        else:
            summand = builder.named(summand, name)
    return _stored(builder, summand, added, name)


def _stored(builder, base, stores, name):
    for form, operands in stores:
        target = Value(name, kind=kind_of_operand(base))
        builder.append(Stage((target,), form, (base, *operands)))
        base = target
    return base


def _store(builder, array):
    stage = builder.definitions.get(array) if isinstance(array, Value) else None
    is_store = isinstance(stage, Stage) and stage.form.kind == "store"
    return stage if is_store and builder.is_backward(array) else None


def _is_at(store, form, holes):
    return (store.form.spec == form.spec and store.form.keywords == form.keywords
            and len(store.operands) == len(holes) + 2
            and all(a is b or type(a) is Lit and a == b for a, b in zip(store.operands[2:], holes)))


def _are_zeros(builder, operand):
    stage = builder.definitions.get(operand)
    return isinstance(stage, Stage) and stage.form.name in ("@np.zeros", "@np.zeros_like")


def _may_stand_for_zeros(builder, summand, accumulator):
    """Whether a summand has the shape and dtype of the gradient; what it is not alone is copied."""
    if not isinstance(summand, Value):
        return False
    kind, whole_kind = summand.kind, accumulator.kind
    return kind.dtype == whole_kind.dtype == "d" and is_full(builder, kind, whole_kind)


def _are_unread(builder, stores):
    """Whether all are in the block at hand, and only each other reads them."""
    inside, targets = [], {store.target for store in stores}
    for stage in reversed(builder.stages):
        if any(stage is store for store in stores):
            inside.append(stage)
            if len(inside) == len(stores):
                return True
        elif isinstance(stage, (Branch, Loop, Call)) or not targets.isdisjoint(read_in((stage,))):
            return False
    return False


def _size(builder, operand):
    """The operations of a nameless value of the backward pass."""
    stage = builder.definitions.get(operand) if isinstance(operand, Value) else None
    if not isinstance(stage, Stage) or operand.name is not None or not builder.is_backward(operand):
        return 0
    return (stage.form.kind in COMPUTED) + sum(_size(builder, inner) for inner in stage.operands)
