"""Projection: the gradient of a parameter in the parameter's own structure, shape and precision.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT, INT, Kind
>>> from ..ir.nodes import Value
>>> builder = Builder()
>>> project(builder, Value("n", None, INT, True), None)
0.0
>>> x = Value("w", None, Kind("list", items=(FLOAT, FLOAT)), True)
>>> project(builder, x, {1: Lit(2.0)}), builder.stages
(dw, [dw = list (0.0, 2.0)])
"""
from __future__ import annotations

import re
import types
from typing import Any, NamedTuple

import numpy as np

from ..analysis.argument_paths import part_in_place as part
from ..analysis.argument_paths import reread
from ..builder.broadcasting import full, may_differ
from ..builder.builder import Builder
from ..errors import NotInTurns
from ..ir.nodes import Form, Item, Lit, Loop, Stage, Value
from ..syntax import gast_of
from ..types.kinds import INT, INTEGERS, NUMPY_1, UNKNOWN, Kind, Known, is_object
from ..types.parts import CONTAINERS, display_form, is_record_kind, keys_of, kind_of_part, read
from ..types.shape_rules import kind_of_operand
from ..types.uniform_lists import Counter, Stretch, hull, uniform_kind

NO_LISTS: dict = {}
REAL = frozenset("efdg")
SETTINGS = frozenset("?USOMmVFDG")    # inside of a container these have no gradient


class Gathered(NamedTuple):
    """The gradients of consecutive elements of a list, in order, as a list.

    base: the list itself.  start, stop: how many of its elements are before and after these.
    """

    base: Value
    start: int
    stop: int
    value: Any


def project(builder, parameter, adjoint, lists=NO_LISTS):
    """The operand to return for one parameter.

    lists: {path: the Gathered gradients of a list that a loop went over}.
    """
    gradient = _project(builder, parameter, parameter.kind, adjoint, lists, parameter.name)
    if isinstance(gradient, Value) and gradient.name is None:
        gradient.name = "d" + parameter.name
    return gradient


def project_part(builder, value, adjoint):
    """The gradient of an element of a parameter."""
    return _project(builder, value, value.kind, adjoint, NO_LISTS, None)


def _project(builder, value, kind, adjoint, lists, path):
    if path in lists or path is not None and builder.scope.use_of(path) is not None:
        return _of_list(builder, value, kind, adjoint or {}, lists.get(path), path)
    if kind.tag in ("tuple", "list", "dict"):
        return _container(builder, value, kind, adjoint or {}, lists, path)
    if kind.tag == "object":
        return _attributes(builder, value, kind, adjoint or {})
    if kind.tag == "number":
        return _number(builder, kind, adjoint)
    if kind.tag == "array":
        return _array(builder, value, kind, adjoint)
    return Lit(None) if adjoint is None else adjoint


def _of_list(builder, value, kind, parts, gathered, path):
    """The gradient of a list that loops go over, with those of elements that are taken one by one."""
    if parts and builder.scope.use_of(path) is None:
        raise NotInTurns        # it is of this list alone: then there is a text with all elements one by one
    if gathered is None:
        gathered = zeros_of_list(builder, value, path, *hull(builder.scope.use_of(path)))
    for key in sorted(parts):
        if gathered.start <= key < len(kind.items) - gathered.stop and parts[key] is not None:
            gathered = _with_element(builder, value, gathered, key, parts[key])
    result = with_ends(builder, gathered._replace(base=value), parts, 0, 0).value
    if kind.tag == "tuple":
        result = _list(builder, Form("call", "@tuple"), (result,), result.hint)
        builder.externals.setdefault("@tuple", tuple)
    if isinstance(builder.definitions.get(result), Stage):      # a loop or branch gives a list of any length
        result.kind = in_floats(kind)
    result.name = result.name or result.hint
    return result


def with_ends(builder, gathered, parts, start, stop, own=lambda gradient: gradient):
    """Gathered gradients with those of elements before and after them: all but `start` and `stop`.

    parts: the gradients of elements that are taken one by one, of which those are taken away.
    own: a gradient in memory of its own.
    """
    base, pieces = gathered.base, [gathered.value]
    size, is_short = len(base.kind.items), start < gathered.start or stop < gathered.stop
    value = reread(builder, base) if is_short else base
    for keys, place in ((range(start, gathered.start), 0), (range(size - gathered.stop, size - stop), 2)):
        elements = tuple(own(_project(builder, part(builder, value, key), kind_of_part(value.kind, key),
                                      parts.pop(key, None), NO_LISTS, None)) for key in keys)
        if elements:
            pieces.insert(place, builder.emit_container(Form("list"), elements))
    return Gathered(base, min(start, gathered.start), min(stop, gathered.stop), joined(builder, pieces))


def joined(builder, pieces):
    """Lists of gradients as one."""
    first, *others = pieces
    for piece in others:
        first = _list(builder, Form("binary", "+"), (first, piece), first.hint or piece.hint)
    return first


def sliced(builder, value, *ends):
    """A list of gradients without some at its beginning or its end."""
    holes, given = iter(range(1, 4)), [end for end in ends if end is not None]
    ends = tuple(None if end is None else next(holes) for end in (*ends, None, None)[:3])
    return _list(builder, Form("index", spec=(Item("slice", ends),)), (value, *map(Lit, given)), value.hint)


def _list(builder, form, operands, hint):
    result = Value(None, hint, Kind("list"))
    builder.append(Stage((result,), form, operands, shares=None if form.kind == "alias" else False))
    return result


def _with_element(builder, value, gathered, key, adjoint):
    """Gathered gradients with more added to that of one element."""
    element, place = part(builder, value, key), key - gathered.start
    use = builder.scope.use_of(builder.scope.stretches[value].path)
    if use is not None and key >= use.first:
        place = key - len(value.kind.items) + gathered.stop
    so_far = Value(None, "so_far", in_floats(element.kind))
    builder.append(Stage((so_far,), Form("index", spec=(Item("at", (1,)),)), (gathered.value, Lit(place))))
    new = builder.emit_container(Form("list"), (_added(builder, element, so_far, adjoint),))
    ends = (sliced(builder, gathered.value, None, place) if place else None, new,
            sliced(builder, gathered.value, place + 1) if place != -1 else None)
    gathered.value.name = gathered.value.name or gathered.value.hint
    result = joined(builder, [piece for piece in ends if piece is not None])
    result.hint = gathered.value.hint
    return gathered._replace(value=result)


def _added(builder, element, so_far, adjoint):
    """The gradient of an element, with more added to it."""
    if adjoint is None:
        return so_far
    if element.kind.tag in ("tuple", "list", "dict"):
        return builder.emit_container(display_form(builder, element.kind), tuple(
            _added(builder, part(builder, element, key), _read(builder, so_far, key), adjoint.get(key))
            for key in keys_of(element.kind)))
    gradient = _project(builder, element, element.kind, adjoint, NO_LISTS, None)
    return builder.emit(Form("binary", "+"), (so_far, gradient))


def _read(builder, value, key):
    return builder.emit(read(value.kind, key), (value, Lit(key)))


def summed(builder, stretch, element, first, second):
    """The sum of the Gathered gradients of two stretches of a list, which have all but their ends in common.

    stretch: one of them; element: the list and an element of it.
    """
    start, stop = max(first.start, second.start), max(first.stop, second.stop)
    low, high = min(first.start, second.start), min(first.stop, second.stop)
    pieces, (base, one_element) = [], element
    for gradients in (first, second):
        gradients.value.name = gradients.value.name or gradients.value.hint
    begin, end = (next(g for g in (first, second) if getattr(g, side) == least)
                  for side, least in (("start", low), ("stop", high)))

    def add(inner, index):
        terms = []
        for gradients in (first, second):
            term = Value(None, "so_far", in_floats(one_element.kind))
            inner.append(Stage((term,), Form("index", spec=(Item("at", (1,)),)),
                               (gradients.value, shifted(inner, index, start - gradients.start))))
            terms.append(term)
        return _sum_of(inner, *terms)
    middle = _each(builder, reread(builder, base), start + stop, first.value.hint, add)
    pieces = [*[sliced(builder, begin.value, None, start - low)][:start - low], middle,
              *[sliced(builder, end.value, high - stop)][:stop - high]]
    return Gathered(base, low, high, joined(builder, pieces))


def _sum_of(builder, first, second):
    if first.kind.tag in ("tuple", "list", "dict"):
        return builder.emit_container(display_form(builder, first.kind), tuple(
            _sum_of(builder, _read(builder, first, key), _read(builder, second, key))
            for key in keys_of(first.kind)))
    return builder.emit(Form("binary", "+"), (first, second))


def shifted(builder, index, number):
    """The index of a loop plus a number."""
    return index if not number else builder.emit(Form("binary", "-" if number < 0 else "+"),
                                                 (index, Lit(abs(number))))


def in_floats(kind):
    """The kind of the gradient of a value of this kind."""
    if kind.items:
        return kind._replace(items=tuple(map(in_floats, kind.items)))
    return kind._replace(dtype="d", known=None) if kind.numeric and kind.dtype in INTEGERS else kind


def zeros_of_list(builder, base, path, start, stop):
    """Zeros for each element of a list of an argument but some, as the Gathered gradients."""
    value = reread(builder, base)
    counter = Counter(f"k{len(builder.scope.counters)}_", Known(None, "?"))
    size = len(value.kind.items)
    items = value.kind.items[start:size - stop]
    kind = uniform_kind(items, Stretch(value, path, size, start, stop), counter)

    def zeros(inner, index):
        element = Value(None, "element", kind)
        inner.append(Stage((element,), Form("index", spec=(Item("at", (1,)),)),
                           (value, shifted(inner, index, start))))
        return project_part(inner, element, None)
    return Gathered(base, start, stop, _each(builder, value, start + stop, f"d{name_in(path)}", zeros))


def name_in(path):
    """What to call a list: its name, or the last key that leads to it.

    >>> name_in("layers"), name_in("params['blocks']"), name_in("model[0]")
    ('layers', 'blocks', 'model')
    """
    return [word for word in re.findall(r"[^\W\d]\w*", path)][-1]


def _each(builder, value, left_out, hint, gradient_of):
    """A list with a gradient for each element of a list but some: of the number of the element."""
    for name, function in (("len", len), ("range", range)):
        builder.externals.setdefault(f"@{name}", function)
    count, rounds, index = Value(kind=INT), Value(kind=UNKNOWN), Value(None, "i", INT)
    builder.append(Stage((count,), Form("call", "@len"), (value,)))
    builder.append(Stage((rounds,), Form("call", "@range"), (shifted(builder, count, -left_out),)))
    inner, gradients = Builder(outer=builder), Value(None, hint, Kind("list"))
    inner.append(Stage((), Form("keep"), (gradients, gradient_of(inner, index))))
    builder.append(Stage((gradients,), Form("list"), ()))
    builder.append_blocks(Loop((index,), rounds, None, (), tuple(inner.stages)))
    return gradients


def _container(builder, value, kind, parts, lists, path):
    """A container with the gradients of all elements, None for those that have none."""
    elements = []
    for key in keys_of(kind):
        inner = path and (f"{path}.{kind.keys[key]}" if is_record_kind(kind) else f"{path}[{key!r}]")
        item = kind_of_part(kind, key)
        settings = item.tag not in CONTAINERS and (not item.numeric or item.dtype in SETTINGS)
        elements.append(Lit(None) if settings and parts.get(key) is None else
                        _project(builder, part(builder, value, key), item, parts.get(key), lists, inner))
    return builder.emit_container(display_form(builder, kind), tuple(elements))


def _attributes(builder, value, kind, parts):
    """The attributes that have a gradient, in the order of the object's, as a namespace or a dict."""
    if not is_object(kind.known.value):
        return Lit(None)
    order = {name: i for i, name in enumerate(getattr(kind.known.value, "__dict__", ()))}
    names = tuple(sorted(parts, key=lambda name: order.get(name, len(order))))
    elements = tuple(_project(builder, part(builder, value, name), kind_of_part(kind, name), parts[name],
                              NO_LISTS, None)
                     for name in names)
    if builder.objects_as_dicts:
        for name, element in zip(names, elements):
            _name_attribute(builder, name, element)
        return builder.emit_container(Form("dict", keywords=names), elements)
    builder.externals.setdefault("@types.SimpleNamespace", types.SimpleNamespace)
    return builder.emit_container(Form("dict", "@types.SimpleNamespace", names), elements)


def _name_attribute(builder, name, gradient):
    """Give the gradient of an attribute a line of its own, before the dict."""
    if isinstance(gradient, Value) and gradient.name is None and builder.is_backward(gradient) \
            and gradient.kind.tag not in CONTAINERS:
        gradient.name = f"d{name}"


def objects_in_gradients(builder, program, wrt, gradients):
    """For each gradient where in it a dict stands for an object: (whether it is one, {key: what is inside}).

    None where nowhere.
    """
    kinds = {parameter.name: parameter.kind for parameter in program.parameters}
    return tuple(_objects_in(builder, gradient, kinds[name]) for name, gradient in zip(wrt, gradients))


def _objects_in(builder, operand, kind):
    _, stage = builder.origin(operand)
    if not isinstance(stage, Stage) or stage.form.kind not in ("tuple", "list", "dict"):
        return None
    keys = stage.form.keywords if stage.form.kind == "dict" else range(len(stage.operands))
    parts = {key: _objects_in(builder, part, kind_of_part(kind, key))
             for key, part in zip(keys, stage.operands)}
    parts = {key: part for key, part in parts.items() if part is not None}
    return (kind.tag == "object", parts) if parts or kind.tag == "object" else None


def _number(builder, kind, adjoint):
    wanted = kind.dtype if kind.dtype in REAL else "d"
    if adjoint is None:
        adjoint = Lit(0.0)
    have = kind_of_operand(adjoint)
    if wanted != "d" and not kind.weak:
        return _cast(builder, np.dtype(wanted).type, adjoint)
    if isinstance(adjoint, Lit):
        return Lit(float(adjoint.value))
    may_be_complex = builder.scope.powers and not builder.scope.testing
    if have.dtype == "d" and have.tag == "number" and not _mixes_precisions(builder) and not may_be_complex:
        # A side of a branch may be of single precision where the other is a Python number.
        return adjoint
    return _call(builder, "@float", float, adjoint)


def _cast(builder, scalar_type, operand):
    return _call(builder, f"@np.{scalar_type.__name__}", scalar_type, operand)


def _call(builder, path, function, operand):
    """A call that is not value-numbered: each gradient is converted where it is returned."""
    builder.externals.setdefault(path, function)
    result = builder.emit(Form("call", path), (operand,))
    builder.forget(result)
    return result


def _mixes_precisions(builder):
    """Whether a parameter is of lower precision than double.

    NumPy 1 then promotes by values, and every version by whether a number is one of Python's.
    """
    return any(part.dtype in ("e", "f")
               for value in builder.models for part in (value.kind, *value.kind.items))


def _has_length_of_program(builder, gradient):
    """Whether a gradient has the shape of a value of the program, which was broadcast.

    If it is not of the whole shape, one element stands for all along an axis.
    """
    definition = builder.definitions.get(gradient)
    return isinstance(definition, Stage) and definition.form.kind == "binary" and any(
        isinstance(operand, Value) and not builder.is_backward(operand)
        and kind_of_operand(operand).shape == gradient.kind.shape for operand in definition.operands)


def _check(builder, gradient, value):
    """Append a comparison of the shapes, for a gradient with a length that depends on the data."""
    node = gast_of("if d.shape != x.shape:\n    raise ValueError('a gradient has another shape than "
                      "its parameter')").body[0]
    builder.append(Stage((), Form("effect", "", ("d", "x"), node), (gradient, value)))


def _array(builder, value, kind, adjoint):
    symbol = builder.symbol(Lit(0.0) if adjoint is None else adjoint)
    if kind.rank == 0:
        symbol = (np.full_like(builder.symbol(value), symbol) if kind.dtype in REAL
                  else symbol._call(np.asarray, (symbol,), {"dtype": float}))
        return symbol.operand
    if may_differ(builder, symbol.kind, kind):
        if symbol.kind.rank == kind.rank and _has_length_of_program(builder, symbol.operand):
            symbol = np.full_like(builder.symbol(value), symbol,
                                  **({} if kind.dtype in REAL else {"dtype": float}))
        else:
            _check(builder, symbol.operand, value)
    else:
        symbol = full(builder, symbol, value)
    wanted = kind.dtype if kind.dtype in REAL else "d"
    form = getattr(builder.definitions.get(symbol.operand), "form", None)
    certain = (not NUMPY_1 or form is not None and form.name.endswith("_like")
               or not _mixes_precisions(builder))
    if symbol.kind.dtype != wanted or not certain:
        symbol = symbol.astype(np.dtype(wanted).type if wanted != "d" else float)
    return symbol.operand
