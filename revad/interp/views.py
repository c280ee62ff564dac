"""Views: the new version of an array after a store into a view of it, and whether something is a view.

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
from .numpy_in_place import call_numpy

HOLDERS = ("tuple", "list", "dict")
INSTEAD = "Copy it before, with .copy()."
UNFOLLOWED = "it is a view of another that cannot be followed"


def is_surely_view(interp, stage):
    """Whether a possible view is one: True, False, or None where only running shows it; answers are kept."""
    if not is_view(stage):
        return False
    if stage.shares is not None:
        return None if stage.gate is None or stage.shares == "may" else stage.shares
    if stage.form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "array":
        return gives_view(stage.form.spec, list(map(kind_of_operand, stage.operands)))
    if stage.gate is None or stage.targets[0] in interp.mirrors:
        return True
    is_shared = stage.gate.view(GuardedCallFacts(interp, stage))
    if is_shared is not None:
        for target in stage.targets:
            interp.builder.define(target, dataclasses.replace(stage, shares=is_shared))
    return is_shared


def store_into_base(interp, form, operands):
    """A store into a view as one into its base, where one subscript can say both: (form, operands) or None.

    `row = x[i]; row[0] = v` is `x[i, 0] = v`, and `part = x[1:]; part *= v` is `x[1:] *= v`.
    """
    base_store = None
    while True:
        base, value, *holes = operands
        view = interp.builder.definitions.get(base)
        if form.name.startswith("at") or not isinstance(view, Stage) or view.form.kind != "index" \
                or view.form.name.startswith(".") or kind_of_operand(view.operands[0]).tag != "array" \
                or kind_of_operand(base).tag != "array" or not is_surely_view(interp, view):
            return base_store
        stores_all = all(item.kind == "dots" or item.kind == "slice" and item.holes == (None, None, None)
                         for item in form.spec)
        kinds = [kind_of_operand(operands[item.holes[0]]) for item in form.spec if item.kind == "at"]
        kinds += [kind_of_operand(view.operands[item.holes[0]]) if item.kind == "at" else None
                  for item in view.form.spec]
        if not stores_all and not all(kind and kind.tag == "number" and kind.dtype
                                      and kind.dtype in "lLiIqQhHbB" for kind in kinds):
            return base_store
        spec, view_holes = shifted(view.form.spec, 1), view.operands[1:]
        if stores_all:
            holes = []
        else:
            spec += shifted(form.spec, len(view_holes))
        form = Form("store", form.name, ("tuple" if len(spec) > 1 else view.form.name,), spec)
        operands = view.operands[0], value, *view_holes, *holes
        base_store = form, operands


def write_back(interp, stage, view, child, parent, version):
    """The new version of `parent` after a store into `child`, a view of it, which is `version` now."""
    form, kind = view.form, kind_of_operand(parent)
    if form.kind == "alias":
        return version
    if isinstance(parent, Value):
        plain = beside(stage, Value(parent.name or parent.hint or "x"))
        if kind.tag in HOLDERS and form.kind in ("index", "unpack"):
            key = view.targets.index(child) if form.kind == "unpack" else interp.element_key(view)
            return interp.with_element(stage, parent, key, version)
        if form.kind == "unpack":
            holes = parent, version, Lit(view.targets.index(child))
            return interp.emit(plain, Form("store", "", ("",), (Item("at", (2,)),)), holes,
                               name=plain.target.name)
        if form.kind == "index":
            return interp.emit(plain, Form("store", "", (form.name,), shifted(form.spec, 1)),
                               (parent, version, *view.operands[1:]), name=plain.target.name)
        if not is_surely_view(interp, view):
            raise Refusal("store into an array",
                          "whether it is a view of another or a copy shows only while running", INSTEAD)
        inverse = INVERSES.get(view.gate.name if view.gate else "")
        if inverse is not None:
            result = inverse(interp, plain, view, parent, version)
            interp.mirrors[result] = parent
            return result
    raise Refusal("store into an array", UNFOLLOWED, INSTEAD)


def rederived(interp, view, operand, parts):
    """A view taken again from the new version of its array, or of the list that it is an element of."""
    if view.form.kind != "unpack":
        stage = dataclasses.replace(view, targets=(Value(operand.name),), shares=None)
        if operand in interp.flats:
            return flat(interp, stage, parts[0])
        return interp.emit(
            stage, view.form, parts if view.form.kind in HOLDERS else with_base(view, parts[0]))
    key = view.targets.index(operand)
    if kind_of_operand(parts[0]).tag in HOLDERS:
        return list(interp.parts(view, parts[0]).values())[key]
    stage = dataclasses.replace(view, targets=(Value(operand.name),))
    return interp.emit(stage, Form("index", spec=(Item("at", (1,)),)), (parts[0], Lit(key)))


def flat(interp, stage, array):
    """`x.flat`: the array with one axis, always a view; subscripts of it are copies."""
    flattened = interp.emit(stage, Form("method", "ravel"), (array,))
    interp.flats.add(flattened)
    interp.builder.define(flattened, dataclasses.replace(interp.builder.definitions[flattened], shares=True))
    return flattened


def with_base(view, other):
    """The operands of a view, with another array for its base."""
    base, = viewed_operands(view)
    return tuple(other if operand is base else operand for operand in view.operands)


# ---- the inverse of each gate that makes a view

def _reshaped(interp, stage, view, parent, version):
    """In the shape of the array that was reshaped."""
    shape = interp.emit(beside(stage, Value()), Form("attr", "shape"), (parent,))
    by_columns = "order" in view.gate.defaults and GuardedCallFacts(interp, view).get("order") == "F" and (
        kind_of_operand(version).rank != 1 or parent.kind.rank != 1)
    form, operands = Form("method", "reshape"), (version, shape)
    if by_columns:
        form, operands = Form("method", "reshape", ("order",)), (version, shape, Lit("F"))
    return interp.emit(stage, form, operands, name=stage.target.name)


def _transposed(interp, stage, view, parent, version):
    axes = permutation(interp, view)
    if axes is None and len(view.operands) > 1:
        raise Refusal("store into an array", UNFOLLOWED, INSTEAD)
    if axes is None or axes == tuple(range(len(axes)))[::-1]:
        return interp.emit(stage, Form("attr", "T"), (version,), name=stage.target.name)
    inverse = (Lit(axes.index(i)) for i in range(len(axes)))
    return interp.emit(stage, Form("method", "transpose"), (version, *inverse), name=stage.target.name)


def _self_inverse(interp, stage, view, parent, version):
    """A gate that is its own inverse: np.flip, np.swapaxes."""
    return interp.emit(stage, view.form, with_base(view, version), name=stage.target.name)


def _moved(interp, stage, view, parent, version):
    operands = version, view.bound["destination"], view.bound["source"]
    return interp.emit(stage, view.form._replace(keywords=()), operands, name=stage.target.name)


def _rotated(interp, stage, view, parent, version):
    """np.rot90 in the other direction."""
    k, axes = view.bound.get("k", Lit(1)), view.bound.get("axes")
    reverse = Lit(-k.value) if isinstance(k, Lit) else interp.make(stage, Form("unary", "-"), (k,))
    return call_numpy(interp, stage, np.rot90, (version, reverse, *([] if axes is None else [axes])))


def _concatenated(interp, stage, view, parent, version):
    """The pieces of np.split, concatenated."""
    name = view.gate.name
    axis = {"vsplit": 0, "hsplit": min(1, (parent.kind.rank or 2) - 1), "dsplit": 2}.get(name)
    axis = GuardedCallFacts(interp, view).get("axis") if axis is None else axis
    if axis is UNKNOWN:
        raise Refusal("store into an array", UNFOLLOWED, INSTEAD)
    function = np.stack if name == "unstack" else np.concatenate
    return call_numpy(interp, stage, function, (version,), {"axis": Lit(axis)} if axis else {})


def _inverse_einsum(interp, stage, view, parent, version):
    """np.einsum of one array: its axes in their old order, or its diagonal put back."""
    inputs, arrow, output = GuardedCallFacts(interp, view).get("subscripts").replace(" ", "").partition("->")
    output = output if arrow else "".join(sorted(set(inputs)))
    if "." in inputs or len(set(inputs)) != len(inputs) and (len(inputs), len(output)) != (2, 1):
        raise Refusal("store into an array", UNFOLLOWED, INSTEAD)
    if len(output) == 1 and len(inputs) == 2:
        if not interp.builder.scope.relied_equal(*parent.kind.shape):
            raise Refusal("store into an array", UNFOLLOWED, INSTEAD)
        shape = interp.make(stage, Form("attr", "shape"), (parent,))
        count = interp.make(stage, Form("index", spec=(Item("at", (1,)),)), (shape, Lit(0)))
        places = call_numpy(interp, stage, np.arange, (count,))
        form = Form("store", "", ("tuple",), (Item("at", (2,)), Item("at", (3,))))
        return interp.emit(stage, form, (parent, version, places, places), name=stage.target.name)
    return call_numpy(interp, stage, np.einsum, (Lit(f"{output}->{inputs}"), version))


def _same(interp, stage, view, parent, version):
    return (version if kind_of_operand(version).rank == parent.kind.rank
            else _reshaped(interp, stage, view, parent, version))


INVERSES = {
    **dict.fromkeys(("reshape", "method_reshape", "ravel", "squeeze", "expand_dims"), _reshaped),
    **dict.fromkeys(("T", "transpose", "method_transpose"), _transposed),
    **dict.fromkeys(("flip", "fliplr", "flipud", "swapaxes", "mT", "matrix_transpose"), _self_inverse),
    **dict.fromkeys(("split", "array_split", "hsplit", "vsplit", "dsplit", "unstack"), _concatenated),
    **dict.fromkeys((
        "asarray", "asanyarray", "asarray_chkfinite", "ascontiguousarray", "asfortranarray",
        "array", "require",
        "astype", "atleast", "real", "view", "conjugate", "matrix_power", "diff", "_identity"), _same),
    "moveaxis": _moved, "rot90": _rotated, "einsum": _inverse_einsum,
}


def note_other_names(interp, number):
    """Note that a number which `+=` makes another has two names: arrays without axes of other classes than
    NumPy's would change under both."""
    definitions = interp.builder.definitions

    def origin(value):
        while isinstance(value, Value) and isinstance(definitions.get(value), Stage) \
                and definitions[value].form.kind == "alias":
            value = definitions[value].operands[0]
        return value
    if isinstance(number, Value) and not number.kind.weak:
        number = origin(number)
        if sum(origin(operand) is number for frame in interp.frames for operand in frame.env.values()) > 1:
            interp.builder.scope.numbers_are_shared = True
