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

import types

import numpy as np

from ..builder.broadcasting import full, may_differ
from ..builder.builder import Builder
from ..errors import NotInTurns
from ..ir.nodes import Form, Item, Lit, Loop, Stage, Value
from ..syntax import gast_of
from ..types.kinds import INT, NUMPY_1, UNKNOWN, Known, is_object
from ..types.parts import CONTAINERS, display_form, is_record_kind, keys_of, kind_of_part, part
from ..types.shape_rules import kind_of_operand
from ..types.uniform_lists import Counter, uniform_kind

NO_LISTS: dict = {}
REAL = frozenset("efdg")
SETTINGS = frozenset("?USOMmVFDG")    # inside of a container these have no gradient


def project(builder, parameter, adjoint, lists=NO_LISTS):
    """The operand to return for one parameter.

    lists: {path: the gradients of the elements of a list that a loop went over}.
    """
    gradient = _project(builder, parameter, parameter.kind, adjoint, lists, parameter.name)
    if isinstance(gradient, Value) and gradient.name is None:
        gradient.name = "d" + parameter.name
    return gradient


def project_part(builder, value, adjoint):
    """The gradient of an element of a parameter."""
    return _project(builder, value, value.kind, adjoint, NO_LISTS, None)


def _project(builder, value, kind, adjoint, lists, path):
    if path in lists:
        if adjoint:
            raise NotInTurns        # elements are read one by one, too
        return lists[path]
    if path in builder.scope.rolled and not adjoint:
        return _zeros_of_list(builder, value, path)
    if kind.tag in ("tuple", "list", "dict"):
        return _container(builder, value, kind, adjoint or {}, lists, path)
    if kind.tag == "object":
        return _attributes(builder, value, kind, adjoint or {})
    if kind.tag == "number":
        return _number(builder, kind, adjoint)
    if kind.tag == "array":
        return _array(builder, value, kind, adjoint)
    return Lit(None) if adjoint is None else adjoint


def _zeros_of_list(builder, value, path):
    """Zeros for each element of a list of an argument, of which this text serves any number."""
    for name, function in (("len", len), ("range", range), ("tuple", tuple)):
        builder.externals.setdefault(f"@{name}", function)
    count, rounds, index = Value(kind=INT), Value(kind=UNKNOWN), Value(None, "i", INT)
    builder.append(Stage((count,), Form("call", "@len"), (value,)))
    builder.append(Stage((rounds,), Form("call", "@range"), (count,)))
    inner, counter = Builder(outer=builder), Counter(f"k{len(builder.scope.counters)}_", Known(None, "?"))
    element = Value(None, "element", uniform_kind(value.kind, path, counter))
    inner.append(Stage((element,), Form("index", spec=(Item("at", (1,)),)), (value, index)))
    zeros = project_part(inner, element, None)
    gradients = Value(None, f"d{value.name or value.hint or 'items'}", UNKNOWN)
    inner.append(Stage((), Form("keep"), (gradients, zeros)))
    builder.append(Stage((gradients,), Form("list"), ()))
    builder.append_blocks(Loop((index,), rounds, None, (), tuple(inner.stages)))
    result = Value(None, gradients.hint, value.kind)
    form = Form("call", "@tuple") if value.kind.tag == "tuple" else Form("alias")
    builder.append(Stage((result,), form, (gradients,), shares=None if value.kind.tag == "list" else False))
    return result


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
