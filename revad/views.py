"""Views: what an array becomes where a view of it was stored into, and what surely is a view.

>>> from .kinds import array, literal
>>> x, y = (Value(name, kind=array((literal(3),))) for name in "xy")
>>> made = {y: Stage((y,), Form("binary", "*"), (x, Lit(2)))}
>>> is_contiguous(y, made), is_contiguous(x, made)
(True, False)
"""
from __future__ import annotations

import dataclasses

from .lengths import kind_of_operand
from .own import is_view
from .program import Form, Item, Lit, Stage, Value, beside
from .refusals import Refusal
from .subscripts import shifted

HOLDERS = ("tuple", "list", "dict")
INSTEAD = "Copy it before, with .copy()."
# NumPy copies what it cannot lay out in the other shape.
MAY_COPY = frozenset(("reshape", "method_reshape", "ravel"))
IN_ROWS = frozenset(("zeros", "ones", "empty", "ndarray", "full", "eye", "outer", "stack"))


def is_surely_view(walk, view):
    """Whether what may be a view is one whatever the layout of the array is."""
    if view.form.kind == "call" and kind_of_operand(view.operands[0]).tag == "unknown":
        return False
    if view.gate is None or view.gate.name not in MAY_COPY or view.targets[0] in walk.mirrors:
        return True
    return _by_rows(view) and is_contiguous(view.operands[0], walk.builder.definitions)


def _by_rows(view):
    """Whether an array is reshaped row by row, not with order='F'."""
    order = (view.bound or {}).get("order", Lit("C"))
    return isinstance(order, Lit) and order.value == "C"


def is_contiguous(value, made):
    """Whether the elements of an array surely lie one after the other, row by row."""
    stage = made.get(value)
    if not isinstance(stage, Stage):
        return False
    if stage.form.kind in ("alias", "store", "augment"):
        return is_contiguous(stage.operands[0], made)
    if is_view(stage):
        return bool(stage.gate) and stage.gate.name in MAY_COPY and _by_rows(stage) and is_contiguous(stage.operands[0], made)
    if stage.gate is None and stage.form.kind not in ("binary", "unary", "compare", "index"):
        return False
    return value.kind.rank in (0, 1) or stage.form[:2] == ("method", "copy") or \
        stage.gate is not None and stage.gate.name in IN_ROWS and _by_rows(stage)


def whole(walk, form, operands):
    """A store into a view as one into the array that it is of, where one subscript can say both: (form, operands) or None.

    `row = x[i]; row[0] = v` is `x[i, 0] = v`, and `part = x[1:]; part *= v` is `x[1:] *= v`.
    """
    found = None
    while True:
        base, value, *holes = operands
        made = walk.builder.definitions.get(base)
        if not isinstance(made, Stage) or made.form.kind != "index" or made.form.name.startswith(".") \
                or kind_of_operand(made.operands[0]).tag != "array" or kind_of_operand(base).tag != "array" or not is_view(made) \
                or form.name.startswith("at"):
            return found
        all_of_it = all(item.kind == "dots" or item.kind == "slice" and item.holes == (None, None, None) for item in form.spec)
        kinds = [kind_of_operand(operands[item.holes[0]]) for item in form.spec if item.kind == "at"] + \
            [kind_of_operand(made.operands[item.holes[0]]) if item.kind == "at" else None for item in made.form.spec]
        if not all_of_it and not all(kind and kind.tag == "number" and kind.dtype and kind.dtype in "lLiIqQhHbB" for kind in kinds):
            return found
        spec, above = shifted(made.form.spec, 1), made.operands[1:]
        if all_of_it:
            holes = []
        else:
            spec += shifted(form.spec, len(above))
        form = Form("store", form.name, ("tuple" if len(spec) > 1 else made.form.name,), spec)
        operands = made.operands[0], value, *above, *holes
        found = form, operands


def written_back(walk, stage, view, child, parent, now):
    """The new value of `parent` where `child`, a view of it, has become `now`."""
    form, kind = view.form, kind_of_operand(parent)
    if form.kind == "alias":
        return now
    if isinstance(parent, Value):
        plain = beside(stage, Value(parent.name or parent.hint or "x"))
        if kind.tag in HOLDERS and form.kind in ("index", "unpack"):
            key = view.targets.index(child) if form.kind == "unpack" else walk.element_key(view)
            return walk.with_element(stage, parent, key, now)
        if form.kind == "unpack":
            return walk.emit(plain, Form("store", "", ("",), (Item("at", (2,)),)), (
                parent, now, Lit(view.targets.index(child))), name=plain.target.name)
        if form.kind == "index":
            return walk.emit(plain, Form("store", "", (form.name,), shifted(form.spec, 1)), (parent, now, *view.operands[1:]),
                             name=plain.target.name)
        inverse = INVERSES.get(view.gate.name if view.gate else "")
        if inverse is not None and not is_surely_view(walk, view):
            raise Refusal("store into an array", "whether it is a view of another or a copy shows only while running", INSTEAD)
        if inverse is not None:
            found = inverse(walk, plain, view, parent, now)
            walk.mirrors.add(found)
            return found
    raise Refusal("store into an array", "it is a view of another that cannot be followed", INSTEAD)


def again(walk, made, operand, parts):
    """A view of what an array, or the list it is taken out of, has become."""
    if made.form.kind != "unpack":
        stage = dataclasses.replace(made, targets=(Value(operand.name),))
        return walk.emit(stage, made.form, (*parts, *made.operands[len(parts):]))
    key = made.targets.index(operand)
    if kind_of_operand(parts[0]).tag in HOLDERS:
        return list(walk.parts(made, parts[0]).values())[key]
    stage = dataclasses.replace(made, targets=(Value(operand.name),))
    return walk.emit(stage, Form("index", spec=(Item("at", (1,)),)), (parts[0], Lit(key)))


# ---- one for each gate that makes a view

def _reshaped(walk, stage, view, parent, now):
    """In the shape of the array that was reshaped."""
    shape = walk.emit(beside(stage, Value()), Form("attr", "shape"), (parent,))
    return walk.emit(stage, Form("method", "reshape"), (now, shape), name=stage.target.name)


def _transposed(walk, stage, view, parent, now):
    if len(view.operands) > 1:
        raise Refusal("store into an array", "it is a view of another that cannot be followed", INSTEAD)
    return walk.emit(stage, Form("attr", "T"), (now,), name=stage.target.name)


def _likewise(walk, stage, view, parent, now):
    """What undoes itself: np.flip, np.swapaxes."""
    return walk.emit(stage, view.form, (now, *view.operands[1:]), name=stage.target.name)


def _moved(walk, stage, view, parent, now):
    source, destination = view.operands[1:]
    return walk.emit(stage, view.form._replace(keywords=()), (now, destination, source), name=stage.target.name)


def _same(walk, stage, view, parent, now):
    return now if kind_of_operand(now).rank == parent.kind.rank else _reshaped(walk, stage, view, parent, now)


INVERSES = {"reshape": _reshaped, "method_reshape": _reshaped, "ravel": _reshaped, "squeeze": _reshaped,
            "expand_dims": _reshaped, "T": _transposed, "transpose": _transposed, "method_transpose": _transposed,
            "flip": _likewise, "fliplr": _likewise, "flipud": _likewise, "swapaxes": _likewise, "mT": _likewise,
            "moveaxis": _moved, "asarray": _same, "atleast": _same}
