"""Inference: from a form and its operands to the gate that it is and the kind of its result.

>>> import numpy as np
>>> from . import rules
>>> from .program import Value
>>> from .scope import Scope
>>> x = Value("x", kind=Kind("array", "d", (Known(4, "x.shape[0]", False, True),)), varied=True)
>>> found = infer(Scope({"np": np}, {}, "f"), {}, Form("call", "np.sum"), (x,))
>>> found.gate.name, found.kind.tag, found.varied
('sum', 'number', True)
"""
from __future__ import annotations

import logging
import warnings
from typing import Any, NamedTuple

import numpy as np

from .errors import Diagnostic
from .gates import OPERATORS, lookup, lookup_method
from .kinds import BOOL, INTEGERS, UNKNOWN, Kind, Known, join
from .lengths import Bound, as_array, floats, kind_of_operand
from .program import Form, Lit
from .scope import NameMissing, Unknown
from .subscripts import subscripted
from .symbolic import RankUnknown


class Refusal(Exception):
    """A stage that cannot be differentiated: what, why and what to write instead."""

    def __init__(self, what, why, instead):
        super().__init__(what)
        self.what, self.why, self.instead = what, why, instead


class Inferred(NamedTuple):
    gate: Any
    bound: Any
    kind: Kind
    varied: bool


def diagnostic(stage, error) -> Diagnostic:
    """What a refusal, or an error in a rule, says of a stage."""
    if isinstance(error, Refusal):
        return Diagnostic(stage.place, error.what, error.why, error.instead)
    if isinstance(error, NameMissing):
        return Diagnostic(stage.place, f"name '{error.args[0]}'", "it is not defined",
                          "Define it before the gradient is called.")
    what = getattr(stage, "gate", None)
    what = f"gradient of {what.name}" if what is not None else "gradient"
    if isinstance(error, RankUnknown):
        return Diagnostic(stage.place, what, "the number of axes of an array in it is not known when compiling",
                          "Give the array a known rank, for instance with reshape.")
    if isinstance(error, Unknown):
        return Diagnostic(stage.place, what, "a setting in it (an axis, a shape) is not known when compiling",
                          "Use a constant, a parameter or a global for it.")
    return Diagnostic(stage.place, what, str(error) or "its rule failed", "Use another spelling, or declare a rule.")


def infer(scope, externals, form, operands) -> Inferred:
    """What a stage is.  Raises Refusal where a derivative would be lost."""
    varied = any(operand.varied for operand in operands)
    return _INFER[form.kind](scope, externals, form, operands, varied)


_NOTHING = Lit(None)
_USUAL_KIND = {"elementwise": floats, "adjoint": lambda bound: Kind("array", ""),
               "zero": lambda bound: Kind("array", "")}


def _gate(scope, gate, bound, varied):
    if not (isinstance(bound.get("out", _NOTHING), Lit) and bound.get("out", _NOTHING).value is None):
        raise Refusal(f"out= of {gate.name}", "it writes into an array that other names may share",
                      "Assign what the function returns.")
    names = Bound(scope, gate, bound)
    try:
        kind = (gate.kind or _USUAL_KIND[gate.mode])(names)
    except (Unknown, RankUnknown):
        kind = Kind("array", "")
    if varied and gate.mode == "zero":
        varied = False
    elif varied:
        carried = [name for name in bound if _varied(bound[name])]
        varied = bool(carried)
        for name in carried:
            if name not in gate.arrays and kind_of_operand(bound[name]).real:
                raise Refusal(f"{name!r} of {gate.name}", "revad has no gradient for this argument",
                              "Use a value that does not depend on what is differentiated.")
        if "dtype" in bound and kind.dtype in INTEGERS and kind.dtype:
            varied = False
    return Inferred(gate, bound, kind, varied)


def _varied(operand):
    return any(map(_varied, operand)) if isinstance(operand, tuple) else operand.varied


def _bind(gate, positional, keywords, varied=True):
    """The operands by name; None for a use that no rule is for, where no derivative depends on it."""
    try:
        return gate.bind(positional, keywords)
    except TypeError as error:
        if not varied or gate.mode == "zero":
            return None
        raise Refusal(f"call of {gate.name}", str(error), "Call it with the arguments that it has.") from None


def _operator(scope, externals, form, operands, varied):
    unary = form.kind == "unary"
    gate = OPERATORS["unary " + form.name if unary else form.name]
    kinds = [kind_of_operand(operand) for operand in operands]
    if not unary and any(kind.tag in ("tuple", "list", "static", "dict") for kind in kinds):
        plain = _sequence_arithmetic(form, kinds, varied)
        if plain is not None:
            return plain
    found = _gate(scope, gate, _bind(gate, operands, ()), varied)
    known = _fold(form, kinds)
    if known is not None:
        found = found._replace(kind=found.kind._replace(known=known))
    if form.name == "**" and found.kind.weak and found.kind.dtype == "l":
        exponent = kinds[1].known
        if exponent is None or exponent.value < 0:
            found = found._replace(kind=found.kind._replace(dtype=""))
    return found


def _sequence_arithmetic(form, kinds, varied):
    """`(1,) + shape`, `[0] * n`, `'%d' % n`: Python's own meaning, not NumPy's."""
    if any(kind.tag == "array" or kind.tag == "number" and not kind.weak for kind in kinds):
        return None
    tags = [kind.tag for kind in kinds]
    if form.name == "+" and tags[0] == tags[1] and tags[0] in ("tuple", "list"):
        if varied:
            raise Refusal(f"'+' of two {tags[0]}s", f"it joins the {tags[0]}s and adds nothing",
                          "Make them arrays with np.array to add, or index their elements.")
        return Inferred(None, None, Kind(tags[0], items=kinds[0].items + kinds[1].items), False)
    if varied:
        raise Refusal(f"{form.name!r} of a {tags[0]} and a {tags[1]}", "it has no derivative",
                      "Make lists arrays with np.array.")
    return Inferred(None, None, UNKNOWN, False)


def _fold(form, kinds):
    """The value of integer arithmetic on sizes and settings, with its expression."""
    known = [kind.known for kind in kinds]
    if any(k is None or type(k.value) not in (int, bool) for k in known):
        return None
    texts = [k.text if k.text.isidentifier() or k.exact or "[" in k.text and " " not in k.text
             else f"({k.text})" for k in known]
    try:
        if form.kind == "unary":
            value = {"-": lambda a: -a, "+": lambda a: +a, "not": lambda a: not a, "~": lambda a: ~a}[form.name](known[0].value)
            text = f"{form.name}{' ' if form.name == 'not' else ''}{texts[0]}"
        else:
            value = _FOLDS[form.name](known[0].value, known[1].value)
            text = f"{texts[0]} {form.name} {texts[1]}"
    except (KeyError, ZeroDivisionError, OverflowError, MemoryError):
        return None
    exact = all(k.exact for k in known)
    return Known(value, repr(value) if exact else text, exact, exact)


_FOLDS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b,
          "//": lambda a, b: a // b, "%": lambda a, b: a % b,
          "<": lambda a, b: a < b, ">": lambda a, b: a > b, "<=": lambda a, b: a <= b,
          ">=": lambda a, b: a >= b, "==": lambda a, b: a == b, "!=": lambda a, b: a != b}


def _call(scope, externals, form, operands, varied):
    function = externals.get(form.name) if form.name.startswith("@") else scope.resolve(form.name)
    gate = lookup(function)
    if gate is None:
        if varied:
            raise Refusal(f"call of {form.name}", *_no_rule(function))
        return Inferred(None, None, UNKNOWN, False)
    split = len(operands) - len(form.keywords)
    bound = _bind(gate, operands[:split], tuple(zip(form.keywords, operands[split:])), varied)
    if bound is None:
        return Inferred(None, None, UNKNOWN, False)
    found = _gate(scope, gate, bound, varied)
    if found.kind.weak and isinstance(function, np.ufunc):
        return found._replace(kind=found.kind._replace(weak=False))
    return found


def _no_rule(function):
    name = getattr(function, "__name__", repr(function))
    if hasattr(function, "__code__"):
        return ("a function of yours is not differentiated when it is called by another",
                f"Write the body of {name} in place, or declare its derivative with @revad.elementwise({name}) "
                f"or @revad.adjoint({name}).")
    return ("revad has no rule for it",
            f"Declare its derivative with @revad.elementwise({name}) or @revad.adjoint({name}).")


def _method(scope, externals, form, operands, varied):
    receiver = kind_of_operand(operands[0])
    gate = lookup_method(form.name)
    numeric = receiver.numeric or receiver.tag == "unknown" and varied
    if gate is None or not numeric:
        if varied:
            raise Refusal(f"method .{form.name}", "revad has no rule for it"
                          if numeric else f"its object is a {receiver.tag}, not an array",
                          "Use an operation on arrays that has a rule.")
        return Inferred(None, None, UNKNOWN, False)
    split = len(operands) - len(form.keywords)
    bound = _bind(gate, operands[:split], tuple(zip(form.keywords, operands[split:])), varied)
    return Inferred(None, None, UNKNOWN, False) if bound is None else _gate(scope, gate, bound, varied)


def _attr(scope, externals, form, operands, varied):
    receiver = kind_of_operand(operands[0])
    gate = lookup_method("." + form.name)
    if gate is None or not (receiver.numeric or receiver.tag == "unknown"):
        if varied:
            raise Refusal(f"attribute .{form.name}", "a derivative cannot be followed through it",
                          "Pass what it holds as a parameter of its own.")
        return Inferred(None, None, UNKNOWN, False)
    return _gate(scope, gate, _bind(gate, operands, ()), varied)


def _index(scope, externals, form, operands, varied):
    base = kind_of_operand(operands[0])
    kinds = [kind_of_operand(operand) for operand in operands]
    if base.tag in ("tuple", "list", "dict"):
        return _element(scope, form, operands, base, kinds, varied)
    if not base.numeric:
        if operands[0].varied and base.tag != "unknown":
            raise Refusal("subscript", f"a derivative cannot be followed through a {base.tag}", "Use an array.")
        if not varied:
            return Inferred(None, None, UNKNOWN, False)
    kind = subscripted(scope, base, form.spec, kinds, operands)
    return Inferred(None, None, kind, operands[0].varied)


def _element(scope, form, operands, base, kinds, varied):
    item = form.spec[0]
    known = kinds[item.holes[0]].known if len(form.spec) == 1 and item.kind == "at" else None
    try:
        if item.kind == "slice" and len(form.spec) == 1:
            ends = [None if h is None else scope.static(kinds[h].known) for h in item.holes]
            return Inferred(None, None, base._replace(items=base.items[slice(*ends)]), operands[0].varied)
        key = scope.static(known)
        items = dict(zip(base.keys, base.items)) if base.tag == "dict" else base.items
        return Inferred(None, None, items[key], operands[0].varied)
    except Unknown:
        pass
    except (LookupError, TypeError):
        raise Refusal("subscript", f"the {base.tag} has no such element", "Use an element that it has.") from None
    if not operands[0].varied:
        return Inferred(None, None, UNKNOWN, False)
    raise Refusal(f"subscript of a {base.tag}", "which element it takes is not known when compiling",
                  "Use a constant subscript, or an array instead.")


def _display(scope, externals, form, operands, varied):
    kinds = tuple(kind_of_operand(operand) for operand in operands)
    return Inferred(None, None, Kind(form.kind, items=kinds, keys=form.keywords), varied)


def _read(scope, externals, form, operands, varied):
    if form.name.startswith("@"):
        return Inferred(None, None, Kind("static"), False)
    return Inferred(None, None, scope.read(form.name), False)


def _effect(scope, externals, form, operands, varied):
    """A statement copied through: a call may not write into an array or list of the function's."""
    call = getattr(form.spec, "value", None)
    if type(call).__name__ == "Call" and not _is_harmless(scope, call.func):
        held = [o for o in operands if kind_of_operand(o).tag not in ("number", "static", "function")]
        if held:
            raise Refusal("call whose result is not used", "it may change its arguments, which the gradient "
                          "would not follow", "Use what it returns, or take the call out of the function.")
    return Inferred(None, None, UNKNOWN, False)


def _is_harmless(scope, node):
    """print, warnings and logging: calls that only show their arguments."""
    steps = []
    while type(node).__name__ == "Attribute":
        steps.append(node.attr)
        node = node.value
    if type(node).__name__ != "Name":
        return False
    root = scope.root(node.id)
    return root is print or not steps and root is warnings.warn or \
        (root is warnings or root is logging or isinstance(root, logging.Logger)) and len(steps) == 1


def _copied(scope, externals, form, operands, varied):
    """Syntax that is left alone: right only if no derivative passes through it."""
    if form.name == "truth":
        return Inferred(None, None, BOOL, False)
    if varied and form.name:
        raise Refusal(form.name, "a derivative cannot be followed through it",
                      "Write it with operations on numbers and arrays.")
    return Inferred(None, None, UNKNOWN, False)


def _alias(scope, externals, form, operands, varied):
    return Inferred(None, None, kind_of_operand(operands[0]), varied)


def _ifexp(scope, externals, form, operands, varied):
    return Inferred(None, None, join(*map(kind_of_operand, operands[1:])), varied)


def _augment(scope, externals, form, operands, varied):
    return _operator(scope, externals, Form("binary", form.name), operands, varied)


def _store(scope, externals, form, operands, varied):
    return Inferred(None, None, kind_of_operand(operands[0]), varied)


_INFER = {"binary": _operator, "unary": _operator, "compare": _operator, "call": _call,
          "method": _method, "attr": _attr, "index": _index, "tuple": _display, "list": _display,
          "dict": _display, "read": _read, "copied": _copied, "alias": _alias, "effect": _effect,
          "augment": _augment, "store": _store,
          "ifexp": _ifexp}


def unpacked(scope, operand, count) -> list:
    """The kinds of the parts of an unpacked value."""
    kind = kind_of_operand(operand)
    if kind.tag in ("tuple", "list"):
        if len(kind.items) != count:
            raise Refusal("unpacking", f"{len(kind.items)} values into {count} names",
                          "Give as many names as there are values.")
        return list(kind.items)
    if kind.tag == "array" and kind.shape:
        rest = kind.shape[1:]
        return [Kind("array", kind.dtype, rest) if rest else Kind("number", kind.dtype, ()) for _ in range(count)]
    if operand.varied:
        if isinstance(operand, Lit) or kind.tag == "number":
            raise Refusal("unpacking", "a number has no parts", "Unpack an array, a list or a tuple.")
        if as_array(kind, scope).shape is None:
            raise Refusal("unpacking", "what it unpacks is not known when compiling",
                          "Index its parts: x[0], x[1].")
    return [UNKNOWN] * count
