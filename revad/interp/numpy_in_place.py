"""NumPy in place: NumPy functions that write into an argument are interpreted as stores.

>>> import numpy as np
>>> np.fill_diagonal in WRITERS, np.exp in WRITERS
(True, False)
"""
from __future__ import annotations

import dataclasses

import numpy as np

from ..ir.nodes import Form, Item, Lit, Stage, Value, beside
from ..types.kinds import Known, literal
from ..types.refusals import Refusal
from ..types.shape_rules import as_array, kind_of_operand, product, static_value
from ..types.subscripts import shifted

NONE = Lit(None)        # stands for an empty sequence of values, of which NumPy stores none
# In the domain of every function of NumPy that has an `out` parameter, and takes floats.
NEUTRAL = Lit(1.0)
WITHOUT_DOMAIN = (np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.invert, np.left_shift, np.right_shift)


def _store(interp, stage, base, value, spec, holes, form=""):
    if value is NONE:
        return NONE
    if kind_of_operand(base).tag != "array" or kind_of_operand(base).rank is None:
        raise Refusal("store into an array", "what it stores into is not an array of known type",
                      "Assign to a subscript instead.")
    store = dataclasses.replace(stage, form=Form("store", "", (form,), spec), targets=(Value(base.name),))
    interp.stored(store, (base, value, *holes))
    return Lit(None)


def _arguments(args, keywords, *names):
    """Arguments by name; Refusal where there are others."""
    by_name = {**dict(zip(names, args)), **keywords}
    if len(args) > len(names) or set(by_name) - set(names):
        raise Refusal("store into an array", "revad does not know this argument",
                      "Assign to a subscript instead.")
    return [by_name.get(name) for name in names]


def _copyto(interp, stage, args, keywords):
    keywords = {name: value for name, value in keywords.items() if name != "casting"}
    target, source, casting, where = _arguments(args, keywords, "dst", "src", "casting", "where")
    if where is not None:
        source = call_numpy(interp, stage, np.where, (where, source, target))
    return _store(interp, stage, target, source, (Item("dots"),), ())


def _put(interp, stage, args, keywords):
    """`a.flat[ind] = v`, where v is repeated to the length of ind."""
    target, places, value, mode = _arguments(args, keywords, "a", "ind", "v", "mode")
    if mode not in (None, Lit("raise")):
        raise Refusal("np.put", "its mode sends places to other places", "Assign to a subscript instead.")
    count = _length(interp, stage, places)
    value = value if count is None else _repeated(interp, stage, value, count)
    if count is None and kind_of_operand(value).rank != 0:
        raise Refusal("np.put", "how many of its values it takes is not known",
                      "Assign to a subscript instead.")
    return _store_as_flat(interp, stage, target, value, (Item("at", (2,)),), (places,))


def _store_as_flat(interp, stage, target, value, spec, holes):
    """A store into an array as if it had one axis."""
    if kind_of_operand(target).rank == 1 or value is NONE:
        return _store(interp, stage, target, value, spec, holes)
    flat = _call_method(interp, stage, "reshape", target, Lit(-1))
    flat = interp.emit(beside(stage, Value()), Form("store", "", ("",), spec), (flat, value, *holes))
    reshaped = _call_method(interp, stage, "reshape", flat,
                            interp.make(stage, Form("attr", "shape"), (target,)))
    return _store(interp, stage, target, reshaped, (Item("dots"),), ())


def store_flat(interp, stage, operands):
    """`x.flat[i] = v`, where v is repeated to the length of `x.flat[i]`."""
    flat, value, *holes = operands
    form, target = stage.form, flat_of(interp, flat)
    current = interp.make(stage, Form("index", form.keywords[0], spec=shifted(form.spec, -1)), (flat, *holes))
    if form.name.startswith("at") or kind_of_operand(current).rank is None:
        raise Refusal("store into .flat", "what it stores into is not known",
                      "Assign to a subscript of the array.")
    if form.name:
        value = interp.make(stage, Form("binary", form.name), (current, value))
    elif kind_of_operand(current).rank:
        value = _repeated(
            interp, stage, value, (_axis(interp, stage, current, 0), kind_of_operand(current).shape[0]))
    elif as_array(kind_of_operand(value), interp.builder.scope).rank != 0:
        raise Refusal("store into .flat", "one element takes one value", "Assign a number.", ValueError)
    _store_as_flat(interp, stage, target, value, form.spec, holes)
    return interp.operand(stage.operands[0])


def flat_of(interp, value):
    """The array whose `.flat` a value is, or None."""
    definition = interp.builder.definitions.get(value)
    while isinstance(definition, Stage) and definition.form.kind == "alias":
        value = definition.operands[0]
        definition = interp.builder.definitions.get(value)
    return definition.operands[0] if value in interp.flats and isinstance(definition, Stage) else None


def _call_method(interp, stage, name, receiver, *args):
    return interp.make(stage, Form("method", name), (receiver, *args))


def _length(interp, stage, operand):
    """(operand, Known or None): the length of an array with one axis or of a list; None for a number."""
    kind = kind_of_operand(operand)
    if kind.tag in ("list", "tuple"):
        return Lit(len(kind.items)), literal(len(kind.items))
    if kind.rank == 0:
        return None
    if kind.rank != 1:
        raise Refusal("store into an array", "its places do not have one axis",
                      "Assign to a subscript instead.")
    return _axis(interp, stage, operand, 0), kind.shape[0]


def _axis(interp, stage, array, axis):
    shape = interp.make(stage, Form("attr", "shape"), (array,))
    return interp.make(stage, Form("index", spec=(Item("at", (1,)),)), (shape, Lit(axis)))


def _repeated(interp, stage, value, count):
    """A value repeated to a number of elements; `count`: (operand, Known)."""
    kind = as_array(kind_of_operand(value), interp.builder.scope)
    if kind.rank == 0:
        return value
    if kind.rank is None:
        raise Refusal("store into an array", "how many values it takes is not known",
                      "Assign to a subscript instead.")
    if kind_of_operand(value).tag != "array":
        value = call_numpy(interp, stage, np.array, (value,))
    if kind.rank != 1:
        value = _call_method(interp, stage, "reshape", value, Lit(-1))
    length = kind_of_operand(value).shape[0]
    if length.value == 0:
        interp.builder.scope.static(length)
        return NONE
    if length.value is not None and not length.exact and "?" not in length.text:
        interp.builder.scope.rely(f"({length.text}) != 0")
    if count[1] is not None and interp.builder.scope.relied_equal(length, count[1]):
        return value
    indices = call_numpy(interp, stage, np.arange, count[:1])
    places = interp.make(stage, Form("binary", "%"), (indices, _axis(interp, stage, value, 0)))
    return interp.make(stage, Form("index", spec=(Item("at", (1,)),)), (value, places))


def _fill_diagonal(interp, stage, args, keywords):
    """The values, repeated, along the diagonal of all axes."""
    target, value, wrap = _arguments(args, keywords, "a", "val", "wrap")
    shape, scope = kind_of_operand(target).shape, interp.builder.scope
    if shape is None or len(shape) < 2:
        raise Refusal("np.fill_diagonal", "its array does not have two axes or more",
                      "Assign to a subscript instead.", Exception)
    if len(shape) > 2 and not all(scope.relied_equal(shape[0], n) for n in shape[1:]):
        raise Refusal("np.fill_diagonal", "the axes of its array are not of one length",
                      "Assign to a subscript instead.")
    square = scope.relied_equal(*shape[:2])
    if not square and wrap is not None and static_value(kind_of_operand(wrap), scope):
        return _wrapped(interp, stage, target, value, *shape)
    count, length = _axis(interp, stage, target, 0), shape[0]
    if not square:
        count, length = (interp.make(stage, Form("call", "@min"), (count, _axis(interp, stage, target, 1))),
                         None)
        interp.builder.externals.setdefault("@min", min)
        if None not in (shape[0].value, shape[1].value) and "?" not in shape[0].text + shape[1].text:
            length = Known(min(n.value for n in shape), f"min({shape[0].text}, {shape[1].text})")
    places = call_numpy(interp, stage, np.arange, (count,))
    value = _repeated(interp, stage, value, (count, length))
    spec = tuple(Item("at", (2 + axis,)) for axis in range(len(shape)))
    return _store(interp, stage, target, value, spec, (places,) * len(shape), "tuple")


def _wrapped(interp, stage, target, value, rows, columns):
    """The diagonal of a tall matrix, which wraps around: every (columns + 1)th element of the flat array."""
    if kind_of_operand(value).rank != 0:
        raise Refusal("np.fill_diagonal with wrap=True", "how many values it takes is not known",
                      "Fill with one number.")
    step = interp.make(stage, Form("binary", "+"), (_axis(interp, stage, target, 1), Lit(1)))
    return _store_as_flat(interp, stage, target, value, (Item("slice", (None, None, 2)),), (step,))


def _place(interp, stage, args, keywords):
    """`arr[mask] = vals`, where vals are repeated to the number of elements."""
    target, mask, value = _arguments(args, keywords, "arr", "mask", "vals")
    mask = _as_mask(interp, stage, target, mask)
    value = _repeated(interp, stage, value, (call_numpy(interp, stage, np.count_nonzero, (mask,)), None))
    if value is NONE:
        raise Refusal("np.place", "there are no values to place", "Give it one or more.", Exception)
    return _store(interp, stage, target, value, (Item("at", (2,)),), (mask,))


def _putmask(interp, stage, args, keywords):
    """`a[mask] = values[mask]`, where the values are repeated to the array's size."""
    target, mask, value = _arguments(args, keywords, "a", "mask", "values")
    mask = _as_mask(interp, stage, target, mask)
    kind, target_kind = as_array(kind_of_operand(value), interp.builder.scope), kind_of_operand(target)
    if kind.rank == 0:
        return _store(interp, stage, target, value, (Item("at", (2,)),), (mask,))
    if kind.rank is None or target_kind.rank is None:
        raise Refusal("np.putmask", "how many values it takes is not known", "Use np.where.")
    if kind.rank != target_kind.rank or not all(
            interp.builder.scope.relied_equal(m, n) for m, n in zip(kind.shape, target_kind.shape)):
        size = interp.make(stage, Form("attr", "size"), (target,))
        value = _repeated(interp, stage, value, (size, product(target_kind.shape)))
        if value is not NONE and target_kind.rank != 1:
            value = _call_method(interp, stage, "reshape", value,
                                 interp.make(stage, Form("attr", "shape"), (target,)))
    if value is NONE:
        return NONE
    merged = call_numpy(interp, stage, np.where, (mask, value, target))
    return _store(interp, stage, target, merged, (Item("dots"),), ())


def _as_mask(interp, stage, target, mask):
    """A truth array of the array's shape."""
    kind, target_kind = as_array(kind_of_operand(mask), interp.builder.scope), kind_of_operand(target)
    if target_kind.tag != "array" or kind.rank is None or kind.rank != target_kind.rank:
        raise Refusal("store into an array", "its mask does not have the array's shape",
                      "Assign to a subscript instead.")
    if kind_of_operand(mask).tag != "array":
        mask = call_numpy(interp, stage, np.array, (mask,))
    return mask if kind.dtype == "?" else interp.make(stage, Form("compare", "!="), (mask, Lit(0)))


def _nan_to_num(interp, stage, args, keywords):
    """With copy=False, a store into the array; the result is the array, or its element if it has no axes."""
    settings = dict(zip(("x", "copy", "nan", "posinf", "neginf"), args), **keywords)
    copy = settings.pop("copy", Lit(True))
    if "x" not in settings or kind_of_operand(settings["x"]).tag != "array" \
            or static_value(kind_of_operand(copy), interp.builder.scope):
        return NotImplemented
    target = settings.pop("x")
    store = dataclasses.replace(stage, form=Form("store", "", ("",), (Item("dots"),)),
                                targets=(Value(target.name),))
    stored = interp.stored(store, (target, call_numpy(interp, stage, np.nan_to_num, (target,), settings)))
    if kind_of_operand(stored).rank == 0:
        return interp.make(stage, Form("index", "tuple", spec=()), (stored,))
    return stored


def method(interp, stage, receiver, name, args, keywords):
    """A method of an array that writes into it, or NotImplemented."""
    if name == "fill" and len(args) == 1 and not keywords:
        if as_array(kind_of_operand(args[0]), interp.builder.scope).rank != 0:
            raise Refusal("method .fill", "what it fills with is not one number",
                          "Assign to x[...] instead.", ValueError)
        interp.fill_array(stage, receiver, args[0])
        return Lit(None)
    if name == "put":
        return _put(interp, stage, (receiver, *args), keywords)
    if name in SORTS:
        ordered = call_numpy(interp, stage, SORTS[name], (receiver, *args), keywords)
        return _store(interp, stage, receiver, ordered, (Item("dots"),), ())
    if name in ("resize", "setfield", "setflags", "itemset", "byteswap"):
        raise Refusal(f"method .{name}", "what it makes of its array cannot be followed",
                      "Make a new array, or assign to a subscript.")
    return NotImplemented


def masked_call(interp, stage, function, args, where, out):
    """`f(x, out=out, where=mask)`: f where the mask holds, the old element elsewhere."""
    safe = tuple(arg if isinstance(arg, Lit) or function in WITHOUT_DOMAIN
                 or function in (np.divide, np.true_divide) and arg is args[0]
                 else call_numpy(interp, stage, np.where, (where, arg, NEUTRAL)) for arg in args)
    return call_numpy(interp, stage, np.where, (where, call_numpy(interp, stage, function, safe), out))


def call_numpy(interp, stage, function, operands, keywords=()):
    """A call of a NumPy function."""
    path = f"@np.{function.__name__}"
    interp.builder.externals.setdefault(path, function)
    keywords = dict(keywords)
    return interp.make(beside(stage, Value()), Form("call", path, tuple(keywords)),
                       (*operands, *keywords.values()))


WRITERS = {np.copyto: _copyto, np.put: _put, np.fill_diagonal: _fill_diagonal, np.place: _place,
           np.putmask: _putmask,
           np.nan_to_num: _nan_to_num}
SORTS = {"sort": np.sort, "partition": np.partition}
