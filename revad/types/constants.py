"""Constants: operations on settings, evaluated when compiling, so that `if mode == 'train'` has one side.

>>> from .kinds import static
>>> from ..ir.nodes import Form
>>> evaluate(Form("compare", "=="), [Kind("static", known=Known("train", "mode")), static("test")])[:2]
(False, "mode == 'test'")
"""
from __future__ import annotations

import builtins
import operator
import sys

import numpy as np

from .kinds import INTEGERS, Kind, Known

PLAIN = (int, bool, str, type(None), tuple)
PURE = {builtins.str: "str", builtins.int: "int", builtins.len: "len", builtins.bool: "bool",
        builtins.abs: "abs", builtins.min: "min", builtins.max: "max", builtins.repr: "repr",
        builtins.sorted: "sorted", builtins.sum: "sum"}
STRING_METHODS = frozenset(("format", "lower", "upper", "strip", "startswith", "endswith", "split", "join",
                            "replace", "isdigit", "title", "capitalize", "zfill", "rstrip", "lstrip"))
OPERATIONS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt,
              ">=": operator.ge, "is": operator.is_, "is not": operator.is_not, "+": operator.add,
              "-": operator.sub, "*": operator.mul, "//": operator.floordiv, "%": operator.mod,
              "/": operator.truediv, "in": lambda a, b: a in b, "not in": lambda a, b: a not in b}
CONTAINERS = ("tuple", "list", "dict")


def evaluate(form, kinds, function=None):
    """The value of an operation on settings, as a Known; None where an operand is not known."""
    decided = _by_kind(form, kinds)
    if decided is not None:
        return Known(decided, repr(decided), True, True)
    if form.kind == "compare" and form.name in ("in", "not in") and kinds[1].tag == "dict":
        return _among_keys(form, *kinds)
    known = [_known(kind) for kind in kinds]
    if any(k is None or type(k.value) not in PLAIN or k.text.startswith("?") and not k.exact for k in known):
        return None
    if form.name in ("is", "is not"):
        known = [_interned(k) for k in known]
        if None in known:
            return None
    try:
        value, text = _apply(form, known, function)
    except Exception:
        return None     # an error is left to the function, at run time
    if type(value) not in PLAIN and type(value) is not list:
        return None
    exact = all(k.exact for k in known)
    return Known(value, repr(value) if exact else text, exact, exact)


def _among_keys(form, kind, of_dict):
    """Whether a setting is a key of a dict, all of whose keys are known; None where the setting is not."""
    key = _known(kind)
    if key is None or type(key.value) not in PLAIN or key.text.startswith("?") and not key.exact:
        return None
    answer = (key.value in of_dict.keys) == (form.name == "in")
    text = repr(answer) if key.exact else f"{_parenthesised(key)} {form.name} {of_dict.keys!r}"
    return Known(answer, text, key.exact, key.exact)


def _apply(form, known, function):
    values, texts = [k.value for k in known], [_parenthesised(k) for k in known]
    if form.kind in ("compare", "binary"):
        return OPERATIONS[form.name](*values), f"{texts[0]} {form.name} {texts[1]}"
    if form.kind == "unary" and form.name == "not":
        return not values[0], f"not {texts[0]}"
    if form.kind == "unary" and form.name == "-":
        return -values[0], f"-{texts[0]}"
    if form.kind == "call" and function in PURE and not form.keywords:
        return function(*values), f"{PURE[function]}({', '.join(k.text for k in known)})"
    if form.kind == "method" and type(values[0]) is str and form.name in STRING_METHODS and not form.keywords:
        return getattr(values[0], form.name)(*values[1:]), f"{texts[0]}.{form.name}({', '.join(texts[1:])})"
    raise LookupError(form.name)


def _interned(known):
    """A constant that `is` may compare, or None: of strings, only those that Python interns as names."""
    if not known.exact or type(known.value) is not str:
        return known
    if not known.value.isidentifier():
        return None
    # Python warns of a literal that is compared in this way.
    return known._replace(value=sys.intern(known.value), text=f"{known.value!r}.__str__()")


def _parenthesised(known):
    plain = known.exact or known.text.replace(".", "").replace("_", "").isalnum()
    return known.text if plain else f"({known.text})"


def _known(kind):
    """A setting, or a tuple of settings, as one Known."""
    if kind.tag in ("tuple", "list") and kind.known is None:
        parts = [_known(item) for item in kind.items]
        if any(part is None or part.text.startswith("?") and not part.exact for part in parts):
            return None
        inner = ", ".join(part.text for part in parts) + ("," if len(parts) == 1 else "")
        exact = all(part.exact for part in parts)
        return Known(tuple(part.value for part in parts), f"({inner})", exact, exact)
    return kind.known


def _by_kind(form, kinds):
    """The result of a comparison that the kinds alone decide: `x is None`, `'W' in params`."""
    if form.kind != "compare":
        return None
    if form.name in ("is", "is not"):
        nones = [kind.tag == "static" and kind.known is not None and kind.known.value is None
                 for kind in kinds]
        if any(nones) and all(kind.tag not in ("unknown",) for kind in kinds):
            return all(nones) == (form.name == "is")
        functions = [kind.known for kind in kinds
                     if kind.tag in ("function", "object") and kind.known is not None]
        if len(functions) == 2 and all(k.exact for k in functions):
            return (functions[0].value is functions[1].value) == (form.name == "is")
    if form.name in ("==", "!="):
        if (kinds[0].tag == kinds[1].tag and kinds[0].tag in ("tuple", "list")
                and min(len(kind.items) for kind in kinds) == 0):
            return (len(kinds[0].items) == len(kinds[1].items)) == (form.name == "==")
        nones = [kind.tag == "static" and kind.known is not None and kind.known.value is None
                 for kind in kinds]
        if nones[0] != nones[1] and all(kind.tag in ("static", "number", *CONTAINERS) for kind in kinds):
            return form.name == "!="
        strings = [kind.tag == "static" and kind.known is not None and isinstance(kind.known.value, str)
                   for kind in kinds]
        if strings[0] != strings[1] and all(kind.tag in ("static", "number") for kind in kinds):
            return form.name == "!="
    return None


def is_instance(kind: Kind, classes):
    """Whether a value of this kind is an instance of the classes: True, False, or None if not known."""
    if kind.tag == "array" and kind.shape is None:
        answers = {issubclass(cls, classes) for cls in _classes_of_any_rank(kind.dtype)}
        return answers.pop() if len(answers) == 1 else None
    known_type = type_of(kind)
    if known_type is dict and not issubclass(dict, classes):
        # It may be an OrderedDict.
        return None if any(issubclass(cls, dict) for cls in _classes_in(classes)) else False
    return None if known_type is None else issubclass(known_type, classes)


def _classes_of_any_rank(dtype):
    """The classes of what may be an array or a number, of Python or of NumPy."""
    numbers = [np.dtype(dtype).type] if dtype else [np.float64, np.float32, np.int64, np.bool_]
    return np.ndarray, float, int, bool, *numbers


def _classes_in(classes):
    return ([single for cls in classes for single in _classes_in(cls)] if isinstance(classes, tuple)
            else [classes])


def type_of(kind: Kind):
    """The type of a value of this kind, or None."""
    if kind.tag == "number":
        if kind.weak:
            return {"?": bool, "l": int, "d": float}.get(kind.dtype)
        return np.dtype(kind.dtype).type if kind.dtype else None
    if kind.tag == "array":
        return None if kind.shape is None else np.ndarray       # it may be a number
    if kind.tag in CONTAINERS:
        record = record_class(kind)
        return record or {"tuple": tuple, "list": list, "dict": dict}[kind.tag]
    return (type(kind.known.value)
            if kind.tag in ("static", "object", "function") and kind.known is not None else None)


def record_class(kind):
    """The class of a record (named tuple, dataclass) that counts as a container."""
    known = kind.known
    return (known.value if kind.tag in CONTAINERS and known is not None
            and isinstance(known.value, type) else None)


def settled(kind: Kind):
    """The truth of a condition that is decided when compiling, as a Known; None where it is left to run time.

    Numbers other than exact ones are left to run time: the text then has both sides of the branch.
    """
    known = kind.known
    if kind.tag in CONTAINERS:
        return Known(bool(kind.items), "", True)
    if kind.tag == "function":
        return Known(True, "", True)
    if kind.tag == "object":
        plain = known is not None and not any(hasattr(type(known.value), n) for n in ("__bool__", "__len__"))
        return Known(True, "", True) if plain else None
    if known is None or known.text.startswith("?") and not known.exact:
        return None
    if known.exact or type(known.value) in (bool, str, type(None)):
        return known
    if type(known.value) is int and known.text.startswith("len("):
        return Known(known.value > 0, "", True)     # one text serves all lists that are not empty
    return None


def is_integer(kind: Kind):
    return kind.tag == "number" and bool(kind.dtype) and kind.dtype in INTEGERS
