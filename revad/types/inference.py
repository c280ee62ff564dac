"""Inference: from a form and its operands to its gate and the kind of its result.

>>> import numpy as np
>>> from .. import rules
>>> from ..ir.nodes import Value
>>> from .kinds import Known
>>> from .scope import Scope
>>> x = Value("x", kind=Kind("array", "d", (Known(4, "x.shape[0]", False, True),)), varied=True)
>>> inferred = infer(Scope({"np": np}, {}, "f"), {}, Form("call", "np.sum"), (x,))
>>> inferred.gate.name, inferred.kind.tag, inferred.varied
('sum', 'number', True)
"""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..ir.nodes import Form, Lit
from . import affine, lists, memo
from .containers import element_kind, kind_of_opaque_call, sequence_arithmetic, starred_kind, \
    written_subscript
from .effects import refuse_changes, refuse_stores
from .folding import fold
from .foreign import class_of, keeps_class
from .kinds import (
    BOOL, FLOAT, FOREIGN, INTEGERS, TEXT, UNKNOWN, Kind, Known, in_words, is_complex, is_foreign,
    is_stored_list, is_text, join, record,
)
from .refusals import RankUnknown, Refusal
from .registry import OPERATORS, lookup, lookup_method
from .requirements import (
    Demand, fail, leave_to_run_time, require_broadcast, require_one_element, requirement_of,
)
from .samples import is_total, may_overflow, may_raise, outcome, range_of, require_room
from .scope import Unknown
from .shape_rules import Bound, as_array, dtype_of, floats, kind_of_operand
from .subscripts import subscripted


class Inferred(NamedTuple):
    gate: Any
    bound: Any
    kind: Kind
    varied: bool


def infer(scope, externals, form, operands) -> Inferred:
    """The gate, operands, kind and activity of a stage.  Raises Refusal where a derivative would be lost."""
    key = memo.key_of_operation(form, operands, scope.demanded)
    inferred, demands = memo.recall(scope, key, operands), len(scope.demanded or ())
    if inferred is None:
        inferred = _infer(scope, externals, form, operands)
        if key is not None:
            memo.keep(scope, key, inferred, operands, demands)
    return inferred


def _infer(scope, externals, form, operands):
    varied = any(operand.varied for operand in operands)
    if any(not isinstance(operand, Lit) and operand.kind.tag == "stack" for operand in operands):
        _refuse_lists(scope, externals, form, operands)
    lists.refuse_operation(scope, externals, form, operands)
    foreign = (form.kind in OPERATIONS
               and next((kind for kind in map(kind_of_operand, operands) if is_foreign(kind)), None))
    if foreign and varied and keeps_class(scope, externals, form):
        raise Refusal("expression", f"it uses {class_of(foreign)}, whose operations are its own",
                      "Convert it before, with np.asarray.")
    sample = _sample(scope, externals, form, operands) if form.kind in SAMPLED else None
    inferred = _INFER[form.kind](scope, externals, form, operands, varied)
    if sample is not None and inferred.kind.numeric and inferred.kind.shape == ():
        inferred = inferred._replace(kind=_without_axes(inferred.kind, sample))
    if (scope.demanded is not None and form.kind in SAMPLED
            and may_raise(function_of(scope, externals, form), form, operands)):
        scope.demanded.append(Demand(None, None, unused=inferred.varied))
    elif scope.demanded is not None and may_overflow(function_of(scope, externals, form), form, operands):
        scope.demanded.append(Demand(None, None, unused=True))
    if (inferred.varied and is_complex(inferred.kind)
            or varied and any(operand.varied and is_complex(operand.kind) for operand in operands)):
        raise Refusal("complex value",
                      "it depends on what is differentiated, and complex numbers have no gradient yet",
                      "Compute with the real and the imaginary part.")
    return (inferred._replace(kind=FOREIGN)
            if foreign and not varied and keeps_class(scope, externals, form) else inferred)


SAMPLED = frozenset(("binary", "unary", "compare", "call", "method", "augment"))
OPERATIONS = frozenset(("binary", "unary", "call", "method", "attr", "index", "augment"))


def function_of(scope, externals, form):
    """The function that a call calls."""
    if form.kind != "call":
        return None
    return externals.get(form.name) if form.name.startswith("@") else scope.resolve(form.name)


def _sample(scope, externals, form, operands):
    """The result of NumPy for samples of such operands, or None; fails where NumPy rejects them."""
    sampled = outcome(function_of(scope, externals, form), form, operands)
    if sampled is not None and sampled[0] is not None:
        fail(scope, f"{'call of ' if form.kind == 'call' else ''}{form.name!r}", str(sampled[0]),
             type(sampled[0]))
    fitting = range_of(form, list(map(kind_of_operand, operands)), function_of(scope, externals, form))
    if fitting is not None and scope.demanded is not None:
        number, least, largest = fitting
        text = (f"{least} <= ({number.known.text}) <= {largest}"
                if number.known is not None and "?" not in number.known.text else None)
        if any(operand.varied for operand in operands) and (text is not None or largest < SURELY_FITS):
            # The text computes in float, and takes all.
            for condition in [text] if text is not None else _conditions_of_range(scope, form, *fitting):
                scope.rely(condition)
        else:
            scope.demanded.append(Demand(None, text))
    return None if sampled is None else sampled[1]


def _conditions_of_range(scope, form, number, least, largest):
    """The conditions under which a Python integer that differs between iterations fits the small ones."""
    ends = [number.affine and affine.bound(scope, number.affine, is_largest) for is_largest in (False, True)]
    if None in ends or ends[0].value < least or ends[1].value > largest:
        raise Refusal(f"{form.name!r}",
                      "whether the Python integer beside small integers fits them shows only while running",
                      "Convert them before, with .astype(float).", OverflowError)
    return [f"{least} <= ({end.text}) <= {largest}" for end in ends if not end.exact]


def _without_axes(kind, sample):
    """The kind of a value without axes, by a sample: an array, which may be stored into, or a number."""
    if isinstance(sample, np.ndarray):
        return kind if sample.ndim or kind.tag == "array" else Kind("array", kind.dtype, ())
    if isinstance(sample, (np.generic, bool, int, float, complex)):
        return kind._replace(tag="number", weak=not isinstance(sample, np.generic))
    return kind


ENDS = ("start", "stop", "step")
SURELY_FITS = 2**62     # Python integers that count something are smaller
OF_ROWS = ("stack", "concatenate", "sum")    # rules for lists that also take the rows of an array


def _refuse_lists(scope, externals, form, operands):
    """Refuse operations on a list of unknown length, except those on a copy of it as an array."""
    if (form.kind in ("alias", "tuple", "list", "dict", "index")
            or form.kind == "store"
            and not any(kind_of_operand(operand).tag == "stack" for operand in operands[:2])):
        return      # a list as a subscript is an array of places
    function = None
    if form.kind == "call":
        function = externals.get(form.name) if form.name.startswith("@") else scope.resolve(form.name)
        gate, at = lookup(function), len(operands) - len(form.keywords)
        first = operands[0] if at else None
        if (gate is not None and first is not None
                and not any(kind_of_operand(o).tag == "stack" for o in operands[1:])
                and (not gate.containers or gate.name in OF_ROWS)
                and (gate.mode == "zero" or gate.parameters[0][0] in gate.arrays)):
            return
    if function not in (len, reversed):
        raise Refusal("list whose length shows only while running", "this cannot be done with it",
                      "Make it an array, with np.array.")


READERS = (eval, exec, locals)      # they read variables by their names in a text
_NOTHING = Lit(None)
_USUAL_KIND = {"elementwise": floats, "adjoint": lambda bound: Kind("array", ""),
               "zero": lambda bound: Kind("array", "")}


# Functions whose derivatives hold for arrays of objects, too.
OF_OBJECTS = frozenset(("add", "subtract", "multiply", "divide", "negative", "positive"))


def _gate(scope, gate, bound, varied):
    if not (isinstance(bound.get("out", _NOTHING), Lit) and bound.get("out", _NOTHING).value is None):
        raise Refusal(f"out= of {gate.name}", "it writes into an array that other names may share",
                      "Assign what the function returns.")
    names = Bound(scope, gate, bound)
    if (varied and gate.mode == "elementwise" and gate.name not in OF_OBJECTS
            and any(names.kind(name).dtype == "O" for name in gate.arrays if name in bound)):
        raise Refusal(f"call of {gate.name}", "it is given an array of objects",
                      "Convert it, with .astype(float).")
    if scope.demanded is not None:
        for requirement in (requirement_of("axis"), requirement_of(gate.name)):
            try:
                requirement and requirement(names)
            except (Unknown, RankUnknown):
                pass
    try:
        kind = (gate.kind or _USUAL_KIND[gate.mode])(names)
    except (Unknown, RankUnknown):
        kind = Kind("array", "")
    if gate.is_ufunc and "dtype" in bound:
        kind = kind._replace(dtype=dtype_of(names, otherwise=kind.dtype))
    if gate.view and kind.tag == "number":
        # A view of an array without axes, or of a number, is an array that shares its memory.
        kind = Kind("array", kind.dtype, ())
    if varied and gate.mode == "zero":
        varied = False
    elif varied and kind.dtype and kind.dtype in "mMSUV":
        raise Refusal(f"result of {gate.name}",
                      f"its elements are of {np.dtype(kind.dtype).name}, and not numbers",
                      "Convert them, with .astype(float).")
    elif varied:
        carried = [name for name in bound if name not in gate.steps and _varied(bound[name])]
        varied = any(name in gate.arrays for name in carried)
        for name in carried:
            if (name not in gate.arrays
                    and (not gate.is_structural(name)
                         or any(map(_is_real, _flattened({name: bound[name]}))))):
                raise Refusal(f"{name!r} of {gate.name}", "revad has no gradient for this argument",
                              "Use a value that does not depend on what is "
                              "differentiated, or name the others in wrt.")
        if ("dtype" in bound and kind.dtype in INTEGERS and kind.dtype
                and not _is_none(kind_of_operand(bound["dtype"]))):
            varied = False
    return Inferred(gate, bound, kind, varied)


def _flattened(bound):
    return [o for operand in bound.values() for o in (operand if isinstance(operand, tuple) else (operand,))]


def _is_real(operand):
    return operand.varied and kind_of_operand(operand).real


def _varied(operand):
    return any(map(_varied, operand)) if isinstance(operand, tuple) else operand.varied


def _bind(scope, gate, positional, keywords, varied=True):
    """The operands by name; None where the rule does not cover the call and no derivative depends on it."""
    try:
        return gate.bind(positional, keywords)
    except TypeError as error:
        if not varied or gate.mode == "zero":
            leave_to_run_time(scope)
            return None
        raise Refusal(f"call of {gate.name}", str(error), "Call it with the arguments that it has.",
                      TypeError) from None


def _is_none(kind):
    return (kind.tag == "static" and kind.known is not None and kind.known.value is None
            and not kind.known.text.startswith("?"))


ARITHMETIC = frozenset(("+", "-", "*", "//", "%", "**", "~", "<<", ">>"))


def _operator(scope, externals, form, operands, varied):
    if form.name in ("is", "is not", "in", "not in"):
        return Inferred(None, None, BOOL, False)
    unary = form.kind == "unary"
    gate = OPERATORS["unary " + form.name if unary else form.name]
    kinds = [kind_of_operand(operand) for operand in operands]
    if (form.name not in ("==", "!=", "not", "%") and any(map(_is_none, kinds))
            and (unary or any(kind.numeric for kind in kinds))):
        fail(scope, f"'{form.name}'", "None is no number", TypeError)
    if unary and form.name != "not" and kinds[0].tag in ("tuple", "list", "dict"):
        fail(scope, f"'{form.name}'", f"a {kinds[0].tag} is no number", TypeError)
    if not unary and is_text(kinds[0]) and form.name in ("+", "*", "%"):
        return _text_of(operands) if varied else Inferred(None, None, TEXT, False)
    if (form.kind == "compare" and any(map(is_text, kinds))
            and not any(kind.tag in ("array", "unknown") for kind in kinds)):
        return Inferred(None, None, BOOL, False)
    if not unary and any(kind.tag in ("tuple", "list", "static", "dict", "slice") for kind in kinds):
        plain = sequence_arithmetic(form, kinds, varied)
        if plain is not None:
            return Inferred(None, None, plain, False)
    if form.name == "not":
        require_one_element(scope, kinds[0])
    inferred = _gate(scope, gate, _bind(scope, gate, operands, ()), varied)
    if (form.name in ARITHMETIC and form.kind != "compare" and inferred.kind.weak
            and inferred.kind.dtype == "?"):
        # Python computes with truth values as with 0 and 1.
        inferred = inferred._replace(kind=inferred.kind._replace(dtype="l"))
    if not unary and inferred.kind.tag == "number" and inferred.kind.weak and inferred.kind.dtype == "l":
        inferred = inferred._replace(kind=inferred.kind._replace(affine=affine.combined(form.name, kinds)))
    known = fold(form, kinds)
    if known is not None:
        inferred = inferred._replace(kind=inferred.kind._replace(known=known))
    if form.name == "**" and inferred.kind.weak and inferred.kind.dtype == "l":
        exponent = kinds[1].known
        if exponent is None or exponent.value < 0:
            inferred = inferred._replace(kind=inferred.kind._replace(dtype=""))
    return inferred


def _text_of(operands):
    """Text that shows active values: it may be printed, but the rule of str refuses a gradient through it."""
    return Inferred(lookup(str), {"object": tuple(operands)}, TEXT, True)


def _call(scope, externals, form, operands, varied):
    function = externals.get(form.name) if form.name.startswith("@") else scope.resolve(form.name)
    gate = lookup(function)
    if gate is None:
        if (function in READERS or getattr(function, "__module__", "") == "numexpr.necompiler"
                or function is vars and not operands):
            raise Refusal(f"call of {form.name.lstrip('@')}",
                          "it reads variables of the function that cannot be seen in its text",
                          "Write the expression out.")
        if varied and function is not reversed:      # the iterable of a reversed loop
            raise Refusal(f"call of {form.name.lstrip('@')}", *_no_rule(function, form.name.lstrip("@")))
        return Inferred(None, None, kind_of_opaque_call(function, operands), False)
    split = len(operands) - len(form.keywords)
    bound = _bind(scope, gate, operands[:split], tuple(zip(form.keywords, operands[split:])), varied)
    if bound is None:
        return Inferred(None, None, UNKNOWN, False)
    inferred = _gate(scope, gate, bound, varied)
    if inferred.kind.weak and isinstance(function, np.ufunc):
        return inferred._replace(kind=inferred.kind._replace(weak=False))
    if getattr(function, "__module__", None) == "math" and gate.mode == "elementwise":
        requirement_of("math")(Bound(scope, gate, bound))
    if (getattr(function, "__module__", None) == "math" and gate.mode == "elementwise"
            and (inferred.kind.tag == "number" or inferred.kind.shape is None)):
        return inferred._replace(kind=FLOAT)       # a Python float, whatever the argument is
    return inferred


def _no_rule(function, path):
    name = getattr(function, "__name__", repr(function))
    name = name if name.isidentifier() else path
    if hasattr(function, "primal") and hasattr(function, "wrt"):
        return ("revad follows the gradients of grad and value_and_grad in a function, and this is another",
                "Write it with grad.")
    # np.multiply.at: nothing can be declared for it.
    if isinstance(getattr(function, "__self__", None), np.ufunc):
        return "revad has no rule for it", "Write it with functions that have a rule."
    return ("revad has no rule for it",
            f"Declare its derivative with @revad.elementwise({name}) or @revad.adjoint({name}).")


def _require_attribute(scope, receiver, name):
    """Fail unless an array or a number has the attribute: Python's numbers lack most of those of NumPy's."""
    if receiver.tag in ("array", "number") and not any(hasattr(cls, name) for cls in (
            (float, int) if receiver.tag == "number" and receiver.weak else (range,) if receiver.items
            else (np.ndarray, np.float64, np.int64))):
        fail(scope, f"attribute .{name}",
             f"{in_words(receiver)} does not have it", AttributeError)


def _method(scope, externals, form, operands, varied):
    receiver = kind_of_operand(operands[0])
    gate = lookup_method(form.name)
    _require_attribute(scope, receiver, form.name)
    if varied and is_text(receiver):
        return _text_of(operands)
    numeric = receiver.numeric or receiver.tag == "unknown" and varied
    if gate is None or not numeric:
        if varied:
            raise Refusal(f"method .{form.name}", "revad has no rule for it"
                          if numeric else f"its object is a {receiver.tag}, not an array",
                          "Use an operation on arrays that has a rule.")
        return Inferred(None, None, UNKNOWN, False)
    split = len(operands) - len(form.keywords)
    bound = _bind(scope, gate, operands[:split], tuple(zip(form.keywords, operands[split:])), varied)
    return Inferred(None, None, UNKNOWN, False) if bound is None else _gate(scope, gate, bound, varied)


def _attr(scope, externals, form, operands, varied):
    receiver = kind_of_operand(operands[0])
    if receiver.tag == "slice" and form.name in ENDS:
        return Inferred(None, None, receiver.items[ENDS.index(form.name)], False)
    gate = lookup_method("." + form.name)
    _require_attribute(scope, receiver, form.name)
    if gate is None or not (receiver.numeric or receiver.tag == "unknown"):
        if varied:
            raise Refusal(f"attribute .{form.name}", "a derivative cannot be followed through it",
                          "Pass what it holds as a parameter of its own.")
        return Inferred(None, None, UNKNOWN, False)
    return _gate(scope, gate, _bind(scope, gate, operands, ()), varied)


def _index(scope, externals, form, operands, varied):
    base = kind_of_operand(operands[0])
    kinds = [kind_of_operand(operand) for operand in operands]
    if base.tag == "stack":
        kind = lists.element_of_list(base, form.spec, kinds, operands[0].varied)
        return Inferred(None, None, kind, operands[0].varied)
    if base.tag in ("tuple", "list", "dict"):
        kind = element_kind(scope, form, operands, base, kinds, varied)
        return Inferred(None, None, kind, operands[0].varied and kind.tag not in ("static", "function"))
    if not base.numeric:
        if not varied and not (base.tag == "static"
                               and base.known.value in (np.s_, np.index_exp, np.c_, np.r_)):
            leave_to_run_time(scope)
        if operands[0].varied and is_text(base):
            return _text_of(operands)
        if operands[0].varied and base.tag != "unknown":
            raise Refusal("subscript", f"a derivative cannot be followed through {in_words(base)}",
                          "Use an array.")
        gate = lookup(getattr(base.known, "value", None))
        if gate is not None and all(item.kind == "at" for item in form.spec):
            return _gate(scope, gate, {gate.variadic: operands[1:]}, varied)     # np.c_, np.r_
        if not varied:
            known = getattr(base.known, "value", None)
            plain = written_subscript(form, kinds) if known is np.s_ or known is np.index_exp else UNKNOWN
            return Inferred(None, None, Kind("tuple", items=(plain,))
                            if known is np.index_exp and plain.tag != "tuple" else plain, False)
        if not operands[0].varied and base.tag != "unknown":
            raise Refusal("subscript",
                          "a derivative cannot be followed through "
                          f"a{'n' if base.tag[0] in 'aeiou' else ''} {base.tag}",
                          "Join arrays with np.concatenate or np.column_stack, and write np.arange for a "
                          "slice.")
    if base.dtype == "V":       # a field of a structured array, or some of its records
        return Inferred(None, None, Kind("array", ""), operands[0].varied)
    kind = lists.part_of(base, subscripted(scope, base, form.spec, kinds, operands))
    if not operands[0].varied and any(item.kind == "at" and kinds[item.holes[0]].tag == "array"
                                      and kinds[item.holes[0]].dtype != "?" for item in form.spec):
        # The places may be out of bounds, and no store of a gradient there would raise.
        leave_to_run_time(scope)
    return Inferred(None, None, kind, operands[0].varied)


def _display(scope, externals, form, operands, varied):
    kinds = tuple(kind_of_operand(operand) for operand in operands)
    if form.name == "*":
        if varied:
            raise Refusal("'*' in a display", "a derivative cannot be followed through it",
                          "Write the elements out.")
        return Inferred(None, None, starred_kind(form, kinds), False)
    if form.kind == "tuple" and form.spec is not None:
        return Inferred(None, None, record(form.spec, kinds), varied)
    if form.spec is not None:
        return Inferred(None, None, Kind("dict", items=kinds, keys=form.keywords,
                                         known=Known(form.spec, "?", True)), varied)
    return Inferred(None, None, Kind(form.kind, items=kinds, keys=form.keywords), varied)


def _read(scope, externals, form, operands, varied):
    if form.name.startswith("@math."):
        return Inferred(None, None, FLOAT, False)
    if form.name.startswith("@"):
        target = externals.get(form.name,
                               getattr(np, form.name[4:], None) if form.name.startswith("@np.") else None)
        known = Known(target, form.name[1:], True) if isinstance(target, type) else None
        return Inferred(None, None, Kind("static", known=known), False)
    return Inferred(None, None, scope.read(form.name), False)


def _effect(scope, externals, form, operands, varied):
    refuse_changes(scope, form, operands)
    return Inferred(None, None, UNKNOWN, False)


def _copied(scope, externals, form, operands, varied):
    """Opaque syntax: correct only if no derivative passes through it."""
    if scope.demanded is not None and not varied and not is_total(form, operands):
        leave_to_run_time(scope)
    if form.name == "truth":
        return Inferred(None, None, BOOL, False)
    if form.name == "f-string":
        return _text_of(operands) if varied else Inferred(None, None, TEXT, False)
    if varied and form.name:
        raise Refusal(form.name, "a derivative cannot be followed through it",
                      "Write it with operations on numbers and arrays.")
    return Inferred(None, None, UNKNOWN, False)


def _alias(scope, externals, form, operands, varied):
    return Inferred(None, None, kind_of_operand(operands[0]), varied)


def _ifexp(scope, externals, form, operands, varied):
    return Inferred(None, None, join(*map(kind_of_operand, operands[1:])), varied)


def _augment(scope, externals, form, operands, varied):
    """An array stays an array, also without axes: other names may see the store."""
    inferred = _operator(scope, externals, Form("binary", form.name), operands, varied)
    old = kind_of_operand(operands[0])
    if old.tag == "array":
        stored = inferred.kind if form.name == "@" else as_array(kind_of_operand(operands[1]), scope)
        if form.name == "@" and None not in (stored.rank, old.rank) and stored.rank != old.rank:
            fail(scope, "'@='", "the product has another number of axes")
        require_broadcast(scope, stored, old.shape, f"'{form.name}='", True)
    if old.tag == "array" and (inferred.kind.tag == "number"
                               or inferred.kind.shape is None and old.shape is not None):
        inferred = inferred._replace(kind=Kind("array", inferred.kind.dtype, old.shape))
    return inferred


def _store(scope, externals, form, operands, varied):
    kind = kind_of_operand(operands[0])
    if not is_stored_list(kind):
        refuse_stores(scope, form, operands)
    require_room(scope, kind, kind_of_operand(operands[1]))
    place = subscripted(scope, kind, form.spec, list(map(kind_of_operand, operands)), operands)
    kind = lists.after_store(kind, operands[1], place)
    require_broadcast(scope, as_array(kind_of_operand(operands[1]), scope), place.shape, "store")
    return Inferred(None, None, kind, operands[0].varied or operands[1].varied)


_INFER = {"binary": _operator, "unary": _operator, "compare": _operator, "call": _call,
          "method": _method, "attr": _attr, "index": _index, "tuple": _display, "list": _display,
          "dict": _display, "read": _read, "copied": _copied, "alias": _alias, "effect": _effect,
          "augment": _augment, "store": _store, "ifexp": _ifexp}
