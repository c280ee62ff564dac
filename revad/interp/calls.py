"""Calls: a function with source is followed, with its parameters bound; others have rules or are copied.

The stages of the callee stand in the caller's text.  Names that the callee reads from outside are
spelled so that they mean the same there.
>>> from ..types.kinds import FLOAT
>>> from ..pipeline import read_front
>>> from ..types.scope import of_function
>>> from .specialize import infer_shapes
>>> def square(x):
...     return x * x
>>> square.__module__ = "example"     # functions of revad itself are left alone
>>> def f(x):
...     return square(x) + 1
>>> infer_shapes(read_front(f).program, [FLOAT], {"x"}, of_function(f))[0].block
(_ = binary '*' (x, x), _ = binary '+' (_, 1))
"""
from __future__ import annotations

import builtins
import dataclasses
import functools
import operator
import types

import numpy as np

from .. import support
from ..analysis.aliases import is_immutable, owners
from ..ir.nodes import Form, Lit, Stage, Value, beside
from ..types import constants
from ..types.kinds import INTEGERS, Kind, Known, is_object
from ..types.refusals import Refusal
from ..types.registry import home_of, lookup, lookup_method
from ..types.shape_rules import kind_of_operand
from . import builtin_functions, numpy_in_place
from .environment import Closure, Partial, object_of, object_value
from .inline import source_function
from .loops import itertools, stored_lists
from .nonlocals import read
from .objects import attributes, derivatives, gradients, superclasses
from .purity import changes_outside
from .random_draws import drawn

GENERATORS = (np.random.default_rng, np.random.RandomState, np.random.Generator)


# ---- the called function

def call(interp, stage, operands):
    """A call by a name from outside: `np.exp(x)`, `helper(x)`."""
    path = interp.frame.rename(stage.form.name)
    scope = interp.builder.scope
    base = interp.outside_value(stage, path.rpartition(".")[0]) if "." in path else None
    if base is not None:
        form = stage.form._replace(kind="method", name=path.rpartition(".")[2],
                                   spec=stage.form.spec and ("", *stage.form.spec))
        return method(interp, dataclasses.replace(stage, form=form), (base, *operands))
    function = scope.resolve(path)
    args, keywords = arguments_of(interp, stage, operands)
    if is_object(function):
        return _method_of(interp, stage, read(interp, beside(stage, Value()), path), "__call__",
                          args, keywords)
    receiver = None
    is_bound = isinstance(function, types.MethodType) and lookup(function) is None
    if is_bound and not isinstance(function.__self__, np.random.RandomState):
        receiver = (object_value(function.__self__) if isinstance(function.__self__, type)
                    else _bound_to(interp, stage, path, function))
    return apply(interp, stage, function, path, args, keywords, receiver)


def _bound_to(interp, stage, path, method):
    """The object of a bound method, as the text can read it."""
    owner = path.rpartition(".")[0]
    if not owner or interp.builder.scope.resolve(owner) is not method.__self__:
        owner = f"{path}.__self__"
    return read(interp, beside(stage, Value()), owner)


def invoke(interp, stage, operands):
    """A call of a local name or of an expression: a parameter that is a function, a nested function."""
    function, *arguments = operands
    args, keywords = arguments_of(interp, stage, tuple(arguments), 1)
    return apply_operand(interp, stage, function, args, keywords)


def apply_operand(interp, stage, function, args, keywords):
    """A call of a function that is an operand."""
    obj, kind = object_of(function), kind_of_operand(function)
    if kind.tag == "object" and obj is not None:
        return _method_of(interp, stage, function, "__call__", args, keywords)
    if kind.tag != "function" and not (kind.tag == "static" and isinstance(obj, type)) or obj is None:
        raise Refusal("call", "which function it calls is not known when compiling",
                      "Call a function by its name, or pass it as an argument.")
    if not isinstance(obj, (Closure, Partial)) and not kind.known.exact:
        interp.builder.scope.static(kind.known)
    path = None if isinstance(obj, (Closure, Partial)) else f"@{_external(interp, obj, kind.known.text)}"
    receiver = None
    if isinstance(obj, types.MethodType) and lookup(obj) is None and isinstance(function, Value) \
            and not kind.known.exact:
        receiver = (object_value(obj.__self__) if isinstance(obj.__self__, type)
                    else attributes.bound_to(interp, stage, function, obj, kind.known.text))
    return apply(interp, stage, obj, path, args, keywords, receiver)


def _reduce(interp, stage, args, keywords):
    """`functools.reduce`: one call after the other."""
    if not 2 <= len(args) <= 3 or keywords:
        raise Refusal("call of reduce", "it takes a function, what it goes over and what it begins with",
                      "Give it these, by their places.", TypeError)
    function, sequence, *start = args
    items = [*start, *interp.elements(stage, sequence)]
    if not items:
        raise Refusal("call of reduce", "it goes over nothing", "Give it a value to begin with.", TypeError)
    bare = Stage((Value(),), Form("invoke"), (), stage.statement, stage.place)
    return functools.reduce(
        lambda total, item: apply_operand(interp, bare, function, (total, item), {}), items)


def method(interp, stage, operands):
    """A call of a method."""
    receiver, *arguments = operands
    name, kind = stage.form.name, kind_of_operand(receiver)
    args, keywords = arguments_of(interp, stage, tuple(arguments), 1)
    if kind.tag == "object" and kind.known is not None:
        return _method_of(interp, stage, receiver, name, args, keywords)
    if isinstance(object_of(receiver), gradients.LocalGradient):
        return apply_operand(interp, stage, attributes.attribute(
            interp, dataclasses.replace(stage, form=Form("attr", name)), (receiver,)), args, keywords)
    looked_up = superclasses.method(interp, stage, receiver, name, args, keywords)
    if looked_up is not NotImplemented:
        return looked_up
    changed = interp.container_method(stage, receiver, name, args, keywords)
    if changed is not NotImplemented:
        return changed
    if name in OPERATOR_METHODS and len(args) < 2 and not keywords:
        result = _operator_method(interp, stage, name, receiver, *args)
        if result is not NotImplemented:
            return result
    form = Form("method", name, tuple(keywords))
    flat = (receiver, *args, *keywords.values())
    known = constants.evaluate(form, list(map(kind_of_operand, flat)))
    if known is not None:
        return _known(interp, stage, form, flat, known)
    out = keywords.get("out")
    if out is not None:
        return _call_with_out(interp, stage, form, (receiver, *args), keywords)
    return interp.emit(stage, form, flat)


OPERATOR_METHODS = {"__add__": "+", "__sub__": "-", "__mul__": "*", "__truediv__": "/", "__pow__": "**",
                    "__matmul__": "@", "__radd__": "+", "__rsub__": "-", "__rmul__": "*", "__rtruediv__": "/",
                    "__rpow__": "**", "__rmatmul__": "@", "__neg__": "-", "__pos__": "+"}


def _operator_method(interp, stage, name, *operands):
    """`x.__add__(y)` is x + y, but where a number of Python has no answer for the other one."""
    kinds = list(map(kind_of_operand, operands))
    if any(kind.tag not in ("number", "array") for kind in kinds) or len(operands) != 1 + (
            name not in ("__neg__", "__pos__")):
        return NotImplemented
    if kinds[0].weak and not (kinds[-1].weak and (kinds[0].dtype == kinds[-1].dtype == "d")):
        return NotImplemented
    if name.startswith("__r"):
        operands = operands[::-1]
    form = Form("binary" if len(operands) == 2 else "unary", OPERATOR_METHODS[name])
    return interp.evaluate_or_emit(dataclasses.replace(stage, form=form, operands=operands), operands)


def _known(interp, stage, form, operands, known):
    if type(known.value) is list:
        if not known.exact and form.kind != "method":
            return interp.emit(stage, form, operands)
        for operand in operands if not known.exact else ():     # the words of a string: it is always this one
            interp.static_of(operand)
        return interp.make(stage, Form("list"), tuple(map(Lit, known.value)))
    return Lit(known.value) if known.exact else interp.emit(stage, form, operands, known)


def _method_of(interp, stage, receiver, name, args, keywords):
    """A method of an object, or a function that is an attribute of it."""
    obj, text = object_of(receiver), kind_of_operand(receiver).known.text
    if isinstance(obj, (np.random.Generator, np.random.RandomState)):
        return drawn(interp, stage, obj, Form("method", name, tuple(keywords)), args, keywords, (receiver,))
    scope, class_attribute = interp.builder.scope, attributes.class_member(type(obj), name)
    assigned = interp.attributes.get((text, name))
    assigned = assigned is not None and interp.frames[0].find(assigned) is not None
    computed = isinstance(class_attribute, (property, functools.cached_property)) \
        or attributes.is_data_descriptor(class_attribute)
    is_shadowed = assigned or computed or class_attribute is None or name in getattr(obj, "__dict__", ())
    method = None if is_shadowed else getattr(obj, name, None)
    if not isinstance(method, types.MethodType):
        if name == "__call__":
            raise Refusal(f"method .{name}", "its object does not have it", "Call a method that it has.",
                          AttributeError)
        function = interp.attribute(dataclasses.replace(stage, form=Form("attr", name)), (receiver,))
        plain = object_of(function)
        if plain is None:
            raise Refusal(f"method .{name}", "what it calls is not known when compiling",
                          "Call a function by its name.")
        return apply_operand(interp, stage, function, args, keywords)
    if text.startswith("?"):
        scope.rely_on_class(type(obj), name)
    else:
        scope.guards.setdefault(f"{text}.{name}.__func__ is {scope._constant(name, method.__func__)}")
    if isinstance(method.__self__, type):
        receiver = object_value(method.__self__)
    return apply(interp, stage, method.__func__, None, (receiver, *args), keywords)


def arguments_of(interp, stage, operands, before=0):
    """(positional operands, {keyword: operand}), with `*` and `**` unpacked."""
    form = stage.form
    marks = form.spec[before:] if form.spec else ("",) * len(operands)
    split = len(operands) - len(form.keywords)
    args, keywords = [], {}
    for operand, mark in zip(operands[:split], marks):
        args += interp.elements(stage, operand) if mark else [operand]
    for name, operand in zip(form.keywords, operands[split:]):
        if name is None:
            if kind_of_operand(operand).tag != "dict":
                raise Refusal("'**' in a call", "the names in it are not known when compiling",
                              "Write the arguments out.")
            keywords.update(interp.parts(stage, operand))
        else:
            keywords[name] = operand
    return tuple(args), keywords


# ---- the result

def apply(interp, stage, function, path, args, keywords, receiver=None):
    """The result of a call, as an operand."""
    if isinstance(function, Closure):
        return interp.enter_closure(stage, function, args, keywords)
    if isinstance(function, Partial):
        bare = beside(stage, Value(stage.targets[0].name if stage.targets else None))
        bare = dataclasses.replace(bare, form=Form("invoke"), operands=())
        keywords = {**function.keywords, **keywords}
        return apply_operand(interp, bare, function.function, (*function.args, *args), keywords)
    if isinstance(function, gradients.LocalGradient):
        return gradients.follow_local(interp, stage, function, args, keywords, derivatives.follow)
    if isinstance(function, derivatives.Pulled):
        return derivatives.pull(interp, stage, function, *args)
    if gradients.makes_gradients(function) and args:
        return gradients.make(interp, function, args, keywords)
    if gradients.is_gradient(function) and any(o.varied or isinstance(object_of(o), derivatives.Pulled)
                                               for o in (*args, *keywords.values())):
        return derivatives.follow(interp, stage, function, args, keywords)
    if function is support.stop_gradient and len(args) == 1 and not keywords:
        return _stopped(interp, stage, args[0], path)
    if function is functools.partial:
        return object_value(Partial(args[0], args[1:], keywords))
    if function is functools.reduce:
        return _reduce(interp, stage, args, keywords)
    if isinstance(function, operator.itemgetter):
        return builtin_functions.apply_itemgetter(interp, stage, function, *args)
    if isinstance(function, functools.partial):
        merged = {k: interp.constant(stage, v, f"{path}.keywords[{k!r}]")
                  for k, v in function.keywords.items()}
        merged.update(keywords)
        first = tuple(interp.constant(stage, v, f"{path}.args[{i}]") for i, v in enumerate(function.args))
        inner = function.func
        inner_path = f"@{_external(interp, inner, getattr(inner, '__name__', 'f'))}"
        return apply(interp, stage, inner, inner_path, (*first, *args), merged)
    if args and kind_of_operand(args[0]).tag == "object":
        result = interp.function_of_object(stage, function, args)
        if result is not NotImplemented:
            return result
        args = (interp.truth(stage, args[0]), *args[1:]) if function is builtins.bool else args
    special = _special_handler(function)
    if special is not None or source_function(function) is None or lookup(function) is not None:
        args = stored_lists.arguments(interp, stage, function, args, keywords)
    if special is not None:
        result = special(interp, stage, args, keywords)
        if result is not NotImplemented:
            return result
    result = (interp.construct(stage, function, args, keywords) if isinstance(function, type)
              else NotImplemented)
    if result is not NotImplemented:
        return result
    is_operator = function in OPERATORS and len(args) == 2 and not keywords
    if is_operator and any(kind_of_operand(o).tag in ("list", "tuple") for o in args):
        binary = Form("binary", OPERATORS[function])
        return interp.evaluate_or_emit(dataclasses.replace(stage, form=binary, operands=args), args)
    if function in GENERATORS and path is not None:
        flat = (*args, *keywords.values())
        kind = Kind("object", known=Known(np.random.default_rng(0), "?generator", False, True))
        return interp.typed(stage, Form("call", path, tuple(keywords)), flat, kind)
    draw = NotImplemented
    if path:
        draw = drawn(interp, stage, getattr(function, "__self__", None), Form("call", path, tuple(keywords)),
                     args, keywords)
    if draw is not NotImplemented:
        return draw
    # The reverse sweep may read the input.
    if "overwrite_input" in keywords and lookup(function) is not None:
        keywords = {name: operand for name, operand in keywords.items() if name != "overwrite_input"}
    form = Form("call", path, tuple(keywords))
    flat = tuple(interp.as_operand(stage, o) for o in (*args, *keywords.values()))
    known = constants.evaluate(form, list(map(kind_of_operand, flat)), function)
    # These stay in the text, unless all operands are literals.
    is_operation = function in (builtins.len, max, min, sum, abs, int)
    if known is not None and (not is_operation or known.exact and any(
            isinstance(o, Value) or not isinstance(u, Lit) for o, u in zip(flat, stage.operands))):
        return _known(interp, stage, form, flat, known)
    if lookup(function) is not None or path is not None and path.startswith("@np."):
        if isinstance(function, np.ufunc) and len(args) > function.nargs:
            raise Refusal("call", f"{function.__name__} takes at most {function.nargs} arguments",
                          "Call it with the arguments that it has.", TypeError)
        if "out" in keywords or isinstance(function, np.ufunc) and len(args) > function.nin:
            return _call_with_out(interp, stage, form, args, keywords, function)
        is_setting = function in (max, min, len) and known is not None and type(known.value) is int \
            and not any(o.varied for o in flat)
        return interp.emit(stage, form, flat, known if is_setting else None)
    inner = source_function(function)
    if inner is not None:
        result = _follow_or_copy(interp, stage, inner, path, (form, flat), args, keywords, receiver)
        if isinstance(function, functools._lru_cache_wrapper) and isinstance(result, Value):
            interp.outside.keep(result, function)
        return result
    if path is None:
        raise Refusal("call", "its function has no source and no rule", "Call a function that has either.")
    return interp.emit(stage, form, flat)


def _stopped(interp, stage, operand, path):
    """The same numbers as constants, part by part."""
    kind = kind_of_operand(operand)
    if kind.tag in ("tuple", "list", "dict"):
        parts = interp.parts(stage, operand)
        parts = {key: _stopped(interp, beside(stage, Value()), part, path) for key, part in parts.items()}
        form = Form(kind.tag, "", tuple(parts)) if kind.tag == "dict" else Form(kind.tag)
        return interp.make(stage, form, tuple(parts.values()))
    interp.builder.scope.stops_gradients = True
    interp.builder.externals.setdefault("@stop_gradient", support.stop_gradient)
    return interp.emit(stage, Form("call", path or "@stop_gradient"), (operand,))


def _follow_or_copy(interp, stage, function, path, written, args, keywords, receiver):
    """A call of a function with source: followed, or left as it is `written` where it is not active."""
    frame_args = (receiver, *args) if receiver is not None else args
    is_active = any(o.varied for o in (*frame_args, *keywords.values()))
    if is_active or path is None or path.startswith("@") or receiver is not None:
        return interp.enter(stage, function, frame_args, keywords)
    checkpoint, before = interp.builder.checkpoint(), interp.snapshot()[1]
    result = interp.attempt(lambda: interp.enter(stage, function, args, keywords),
                            bool(interp.outside.entries) or changes_outside(function))
    if result is None:
        return interp.emit(stage, *written)
    if interp.outside.entries or interp.outside.sources(result, interp.builder.definitions) \
            or any(kind_of_operand(o).tag in ("function", "object", "iterator")
                   for o in (*written[1], result)) \
            or kind_of_operand(result).tag in constants.CONTAINERS or isinstance(result, Lit) \
            or interp.snapshot()[1][:len(before)] != before \
            or _may_alias_arguments(interp, result, written[1]):
        return result
    interp.builder.rollback(checkpoint)       # the call itself stands in the text
    return interp.typed(stage, *written, kind_of_operand(result))


def _may_alias_arguments(interp, result, operands):
    """Whether a result may lie in the memory of the arguments."""
    definitions = interp.builder.definitions
    return not is_immutable(result) and any(
        owners(result, definitions) & owners(o, definitions) for o in operands if not is_immutable(o))


def _special_handler(function):
    """The handler of a call that no rule covers."""
    try:
        return (builtin_functions.SPECIAL.get(function) or itertools.SPECIAL.get(function)
                or numpy_in_place.WRITERS.get(function))
    except TypeError:       # an unhashable callable
        return None


def _external(interp, obj, text):
    """A path under which the text can call a function object."""
    module = (getattr(obj, "__module__", None) or "").split(".")[0]
    name = getattr(obj, "__name__", None) or "function"
    if (isinstance(obj, np.ufunc) or module == "numpy") and getattr(np, name, None) is obj:
        name = f"np.{name}"
    elif home_of(obj):
        name = home_of(obj)
    elif module == "math" or getattr(builtins, name, None) is obj:
        name = f"math.{name}" if module == "math" else name
    interp.builder.externals.setdefault(f"@{name}", obj)
    return name


def _call_with_out(interp, stage, form, args, keywords, function=None):
    """`out=`: the result, stored into the array that is passed for it."""
    if isinstance(function, np.ufunc) and function.nout > 1:
        raise Refusal("out= of a function with several results",
                      "each would be stored into an array of its own",
                      "Assign the results to names instead.", TypeError)
    keywords = dict(keywords)
    if isinstance(function, np.ufunc) and len(args) > function.nin:
        out, args = args[function.nin], args[:function.nin]
        if "out" in keywords:
            raise Refusal("out=", "it is given twice", "Give it once.", TypeError)
    else:
        out = keywords.pop("out")
    is_tuple = kind_of_operand(out).tag == "tuple"
    outs = interp.elements(stage, out) if is_tuple else [out]
    takes_a_tuple = isinstance(function, np.ufunc) or form.name.rpartition(".")[2] in TUPLES_FOR_OUT
    if is_tuple and not takes_a_tuple or any(
            kind_of_operand(array).tag in ("list", "dict", "text") or kind_of_operand(array).weak
            for array in outs):
        raise Refusal("out=", "what it is given is no array", "Give it an array.", TypeError)
    flat = (*args, *keywords.values())
    form = form._replace(keywords=tuple(keywords))
    out = outs[0]
    if isinstance(out, Lit) and out.value is None:
        return interp.emit(stage, form, flat)
    if "where" in keywords:
        if not isinstance(function, np.ufunc) or set(keywords) != {"where"}:
            raise Refusal("out= with where=", "what stays of the old array cannot be followed",
                          "Use np.where.")
        result = numpy_in_place.masked_call(interp, stage, function, args, keywords["where"], out)
    else:
        result = interp.make(stage, form, flat)
        if "casting" in keywords or isinstance(function, np.ufunc):
            casting = interp.builder.static(keywords["casting"]) if "casting" in keywords else "same_kind"
            _refuse_cast(kind_of_operand(result), kind_of_operand(out), casting)
        if not isinstance(function, np.ufunc):
            gate = lookup(function) if function is not None else lookup_method(form.name)
            _refuse_another_shape(kind_of_operand(result), kind_of_operand(out), gate)
            _refuse_another_type(kind_of_operand(result), kind_of_operand(out), form.name)
            result_type, out_type = kind_of_operand(result).dtype, kind_of_operand(out).dtype
            if "initial" in keywords and result_type in INTEGERS and out_type != result_type:
                raise Refusal("initial= with out=", "NumPy computes in the type of that array",
                              "Convert what is reduced: x.astype(float).")
        elif function is np.matmul:
            rows_and_columns = sum(kind_of_operand(arg).rank != 1 for arg in args)
            _refuse_another_core(interp.builder.scope, kind_of_operand(result),
                                 kind_of_operand(out), rows_and_columns)
    return interp.fill_array(stage, out, result)


# Of the functions that are no ufuncs those that hand `out` on to one.
TUPLES_FOR_OUT = frozenset(("clip", "fix", "nanmax", "nanmin"))
# Python's operators do with lists what NumPy's functions of the same gates do not.
OPERATORS = {operator.add: "+", operator.mul: "*"}


def _refuse_cast(result, out, casting):
    """Refuse a result whose cast to the array's dtype the call does not allow."""
    if not (result.dtype and out.dtype and casting in ("no", "equiv", "safe", "same_kind")):
        return
    if not np.can_cast(np.dtype(result.dtype), np.dtype(out.dtype), casting):
        raise Refusal(f"out= with casting={casting!r}", "the result is of another type than the array",
                      "Give it an array of that type.", TypeError)


def _refuse_another_shape(result, out, gate):
    """Refuse an array of another shape than the result, which only elementwise functions broadcast into."""
    if gate is None or gate.mode == "elementwise" or result.shape is None or out.shape is None:
        return
    is_unequal = any(None not in (m.value, n.value) and m.value != n.value
                     for m, n in zip(result.shape, out.shape))
    if len(result.shape) != len(out.shape) or is_unequal:
        raise Refusal("out= of another shape", "NumPy takes an array of the shape of the result",
                      "Give it one, or assign to a subscript.", ValueError)


def _refuse_another_type(result, out, name):
    """Refuse an array of another type than the result, which NumPy rejects or computes in."""
    if not result.dtype or not out.dtype or result.dtype == out.dtype:
        return
    casting = {"dot": "no", "take": "no", "einsum": "no" if result.dtype in INTEGERS else "safe"}.get(
        name.rpartition(".")[2], "same_kind")
    if not np.can_cast(result.dtype, out.dtype, casting):
        raise Refusal("out= of another type", "NumPy takes an array of the type of the result",
                      "Give it one, or assign to a subscript.", ValueError if casting == "no" else TypeError)


def _refuse_another_core(scope, result, out, core):
    """Refuse an array whose last `core` lengths are not those of the result: only the axes before are
    broadcast."""
    if not core or result.shape is None or out.shape is None:
        return
    pairs = list(zip(result.shape[-core:], out.shape[-core:]))
    if len(pairs) < core or any(
            m.text != n.text and (m.value is None or m.value != n.value) for m, n in pairs):
        raise Refusal("out= of another shape", "NumPy takes an array of the shape of the result",
                      "Give it one, or assign to a subscript.", ValueError)
    for m, n in pairs:
        if m.text != n.text and not (m.exact and n.exact):
            scope.guards.setdefault(f"({m.text}) == ({n.text})")
