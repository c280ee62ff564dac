"""Views: what an array becomes where a view of it was stored into, and whether something is a view.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import array, literal
>>> from .interpreter import Interpreter
>>> interp, x = Interpreter(Builder()), Value("x", kind=array((literal(3), literal(2))))
>>> y = interp.make(Stage((), Form("alias"), ()), Form("binary", "*"), (x, Lit(2.0)))
>>> shape = interp.make(Stage((), Form("alias"), ()), Form("tuple"), (Lit(6),))
>>> z = interp.make(Stage((), Form("alias"), ()), Form("method", "reshape"), (y, shape))
>>> is_surely_view(interp, interp.builder.definitions[z])
>>> interp.builder.scope.layouts["x"] = True, False
>>> is_surely_view(interp, interp.builder.definitions[z])
True
"""
from __future__ import annotations

import dataclasses

import numpy as np

from ..analysis.aliases import is_view, viewed_operands
from ..analysis.memory_order import GuardedCallFacts, permutation
from ..ir.nodes import Form, Item, Lit, Stage, Value, beside
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand
from ..types.sharing import UNKNOWN
from ..types.subscripts import gives_view, shifted
from .numpy_in_place import made as called

HOLDERS = ("tuple", "list", "dict")
INSTEAD = "Copy it before, with .copy()."
UNFOLLOWED = "it is a view of another that cannot be followed"


def is_surely_view(interp, stage):
    """Whether what may be a view is one: True, False, or None where only running shows it.  What is settled stays so."""
    if not is_view(stage):
        return False
    if stage.shares is not None:
        return None if stage.gate is None else stage.shares
    if stage.form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "array":
        return gives_view(stage.form.spec, list(map(kind_of_operand, stage.operands)))
    if stage.gate is None or stage.targets[0] in interp.mirrors:
        return True
    found = stage.gate.view(GuardedCallFacts(interp, stage))
    if found is not None:
        for target in stage.targets:
            interp.builder.define(target, dataclasses.replace(stage, shares=found))
    return found


def whole(interp, form, operands):
    """A store into a view as one into the array that it is of, where one subscript can say both: (form, operands) or None.

    `row = x[i]; row[0] = v` is `x[i, 0] = v`, and `part = x[1:]; part *= v` is `x[1:] *= v`.
    """
    found = None
    while True:
        base, value, *holes = operands
        made = interp.builder.definitions.get(base)
        if not isinstance(made, Stage) or made.form.kind != "index" or made.form.name.startswith(".") \
                or kind_of_operand(made.operands[0]).tag != "array" or kind_of_operand(base).tag != "array" or not is_surely_view(interp, made) \
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


def written_back(interp, stage, view, child, parent, now):
    """The new value of `parent` where `child`, a view of it, has become `now`."""
    form, kind = view.form, kind_of_operand(parent)
    if form.kind == "alias":
        return now
    if isinstance(parent, Value):
        plain = beside(stage, Value(parent.name or parent.hint or "x"))
        if kind.tag in HOLDERS and form.kind in ("index", "unpack"):
            key = view.targets.index(child) if form.kind == "unpack" else interp.element_key(view)
            return interp.with_element(stage, parent, key, now)
        if form.kind == "unpack":
            return interp.emit(plain, Form("store", "", ("",), (Item("at", (2,)),)), (
                parent, now, Lit(view.targets.index(child))), name=plain.target.name)
        if form.kind == "index":
            return interp.emit(plain, Form("store", "", (form.name,), shifted(form.spec, 1)), (parent, now, *view.operands[1:]),
                             name=plain.target.name)
        if not is_surely_view(interp, view):
            raise Refusal("store into an array", "whether it is a view of another or a copy shows only while running", INSTEAD)
        inverse = INVERSES.get(view.gate.name if view.gate else "")
        if inverse is not None:
            found = inverse(interp, plain, view, parent, now)
            interp.mirrors[found] = parent
            return found
    raise Refusal("store into an array", UNFOLLOWED, INSTEAD)


def again(interp, made, operand, parts):
    """A view of what an array, or the list it is taken out of, has become."""
    if made.form.kind != "unpack":
        stage = dataclasses.replace(made, targets=(Value(operand.name),), shares=None)
        if operand in interp.flats:
            return flat(interp, stage, parts[0])
        return interp.emit(stage, made.form, parts if made.form.kind in HOLDERS else with_base(made, parts[0]))
    key = made.targets.index(operand)
    if kind_of_operand(parts[0]).tag in HOLDERS:
        return list(interp.parts(made, parts[0]).values())[key]
    stage = dataclasses.replace(made, targets=(Value(operand.name),))
    return interp.emit(stage, Form("index", spec=(Item("at", (1,)),)), (parts[0], Lit(key)))


def flat(interp, stage, array):
    """`x.flat`: the array with one axis, always a view; what is taken of it is a copy."""
    found = interp.emit(stage, Form("method", "ravel"), (array,))
    interp.flats.add(found)
    interp.builder.define(found, dataclasses.replace(interp.builder.definitions[found], shares=True))
    return found


def with_base(view, other):
    """The operands of a view, of another array."""
    base, = viewed_operands(view)
    return tuple(other if operand is base else operand for operand in view.operands)


# ---- one for each gate that makes a view

def _reshaped(interp, stage, view, parent, now):
    """In the shape of the array that was reshaped."""
    shape = interp.emit(beside(stage, Value()), Form("attr", "shape"), (parent,))
    by_columns = "order" in view.gate.defaults and GuardedCallFacts(interp, view).get("order") == "F" and (
        kind_of_operand(now).rank != 1 or parent.kind.rank != 1)
    form, operands = (Form("method", "reshape", ("order",)), (now, shape, Lit("F"))) if by_columns else (Form("method", "reshape"), (now, shape))
    return interp.emit(stage, form, operands, name=stage.target.name)


def _transposed(interp, stage, view, parent, now):
    axes = permutation(interp, view)
    if axes is None and len(view.operands) > 1:
        raise Refusal("store into an array", UNFOLLOWED, INSTEAD)
    if axes is None or axes == tuple(range(len(axes)))[::-1]:
        return interp.emit(stage, Form("attr", "T"), (now,), name=stage.target.name)
    return interp.emit(stage, Form("method", "transpose"), (now, *(Lit(axes.index(i)) for i in range(len(axes)))), name=stage.target.name)


def _likewise(interp, stage, view, parent, now):
    """What undoes itself: np.flip, np.swapaxes."""
    return interp.emit(stage, view.form, with_base(view, now), name=stage.target.name)


def _moved(interp, stage, view, parent, now):
    operands = now, view.bound["destination"], view.bound["source"]
    return interp.emit(stage, view.form._replace(keywords=()), operands, name=stage.target.name)


def _turned(interp, stage, view, parent, now):
    """np.rot90, the other way round."""
    k, axes = view.bound.get("k", Lit(1)), view.bound.get("axes")
    back = Lit(-k.value) if isinstance(k, Lit) else interp.make(stage, Form("unary", "-"), (k,))
    return called(interp, stage, np.rot90, (now, back, *([] if axes is None else [axes])))


def _joined(interp, stage, view, parent, now):
    """The pieces of np.split, together again."""
    name = view.gate.name
    axis = {"vsplit": 0, "hsplit": min(1, (parent.kind.rank or 2) - 1), "dsplit": 2}.get(name)
    axis = GuardedCallFacts(interp, view).get("axis") if axis is None else axis
    if axis is UNKNOWN:
        raise Refusal("store into an array", UNFOLLOWED, INSTEAD)
    return called(interp, stage, np.stack if name == "unstack" else np.concatenate, (now,), {"axis": Lit(axis)} if axis else {})


def _summed_back(interp, stage, view, parent, now):
    """np.einsum of one array: its axes in their old order, or its diagonal put back."""
    inputs, arrow, output = GuardedCallFacts(interp, view).get("subscripts").replace(" ", "").partition("->")
    output = output if arrow else "".join(sorted(set(inputs)))
    if "." in inputs or len(set(inputs)) != len(inputs) and (len(inputs), len(output)) != (2, 1):
        raise Refusal("store into an array", UNFOLLOWED, INSTEAD)
    if len(output) == 1 and len(inputs) == 2:
        if not interp.builder.scope.relied_equal(*parent.kind.shape):
            raise Refusal("store into an array", UNFOLLOWED, INSTEAD)
        count = interp.make(stage, Form("index", spec=(Item("at", (1,)),)), (interp.make(stage, Form("attr", "shape"), (parent,)), Lit(0)))
        places = called(interp, stage, np.arange, (count,))
        form = Form("store", "", ("tuple",), (Item("at", (2,)), Item("at", (3,))))
        return interp.emit(stage, form, (parent, now, places, places), name=stage.target.name)
    return called(interp, stage, np.einsum, (Lit(f"{output}->{inputs}"), now))


def _same(interp, stage, view, parent, now):
    return now if kind_of_operand(now).rank == parent.kind.rank else _reshaped(interp, stage, view, parent, now)


INVERSES = {
    **dict.fromkeys(("reshape", "method_reshape", "ravel", "squeeze", "expand_dims"), _reshaped),
    **dict.fromkeys(("T", "transpose", "method_transpose"), _transposed),
    **dict.fromkeys(("flip", "fliplr", "flipud", "swapaxes", "mT", "matrix_transpose"), _likewise),
    **dict.fromkeys(("split", "array_split", "hsplit", "vsplit", "dsplit", "unstack"), _joined),
    **dict.fromkeys(("asarray", "asanyarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray", "array", "require", "astype",
                     "atleast", "real", "view", "conjugate", "matrix_power", "diff", "_identity"), _same),
    "moveaxis": _moved, "rot90": _turned, "einsum": _summed_back,
}
