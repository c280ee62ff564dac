"""Conditions: the lines of an exported function that refuse arguments for which it is not written.

>>> from .kinds import parsed
>>> kinds = parsed("X: float64[N, D], w: float64[D], lr: float")
>>> print("\\n".join(lines(kinds, "np", set(), ["axis == 0"])))
if type(X) is not np.ndarray or X.dtype != np.float64 or X.ndim != 2 or 1 in X.shape:
    raise ValueError("X must be float64[N, D], with no length of 1")
if type(w) is not np.ndarray or w.dtype != np.float64 or w.ndim != 1 or 1 in w.shape:
    raise ValueError("w must be float64[D], with no length of 1")
if not isinstance(lr, float):
    raise ValueError("lr must be float")
if w.shape[0] != X.shape[1]:
    raise ValueError("w.shape[0] and X.shape[1] must be equal")
if axis != 0:
    raise ValueError("this is written for axis == 0")
"""
from __future__ import annotations

import ast

from .kinds import Array, Container, Number, Setting, axes_of, leaves

INVERSES = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn,
            ast.NotIn: ast.In}
OF_LENGTHS = {ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.Lt: ast.GtE, ast.LtE: ast.Gt}      # never NaN


def lines(kinds: dict, np_: str, may_be_unit: set, guards: list[str], is_numpy: bool = True) -> list[str]:
    """The lines, not indented.

    np_: the name of NumPy.  may_be_unit: the letters of lengths that may be 1.  guards: expressions that the
    text relies on.  is_numpy: arrays are NumPy's own, else of a namespace with the same interface.
    """
    written = []
    for path, kind in leaves(kinds):
        tests, note = _tests(path, kind, np_, may_be_unit, is_numpy)
        if tests:
            what = str(kind) if not isinstance(kind, Container) else f"of the form {kind}"
            written += _raise(" or ".join(tests), f"{path} must be {what}{note}")
    by_letter: dict[str, list[str]] = {}
    for length, axis in axes_of(kinds):
        if axis.letter:
            by_letter.setdefault(axis.letter, []).append(length)
    equal = set()
    for first, *others in by_letter.values():
        for other in others:
            equal |= {f"{first} == {other}", f"{other} == {first}"}
            written += _raise(f"{other} != {first}", f"{other} and {first} must be equal")
    # What a setting must be is said already.
    equal |= {f"{path} == {kind}" for path, kind in leaves(kinds) if isinstance(kind, Setting)}
    for guard in guards:
        if _plain(guard) not in equal:
            written += _raise(_negated(guard), f"this is written for {_plain(guard)}")
    return written


def _raise(test, message):
    quoted = f'"{message}"' if '"' not in message and "\\" not in message else repr(message)
    return [f"if {test}:", f"    raise ValueError({quoted})"]


def _tests(path, kind, np_, may_be_unit, is_numpy):
    """(tests of which any refuses a value, what the message says of lengths of 1)."""
    if isinstance(kind, Array) and kind.axes is None:
        return [f"type({path}) is not {np_}.{kind.dtype}"], ""
    if isinstance(kind, Array):
        tests = ([f"type({path}) is not {np_}.ndarray", f"{path}.dtype != {np_}.{kind.dtype}"] if is_numpy
                 else [f'str({path}.dtype).split(".")[-1] != "{kind.dtype}"'])
        tests.append(f"{path}.ndim != {len(kind.axes)}")
        tests += [f"{path}.shape[{i}] != {axis.size}" for i, axis in enumerate(kind.axes) if not axis.letter]
        apart = [f"{path}.shape[{i}] == 1" for i, axis in enumerate(kind.axes)
                 if axis.letter and axis.letter not in may_be_unit]
        if not apart:
            return tests, ""
        tests += [f"1 in {path}.shape"] if len(apart) == len(kind.axes) else apart
        if len(apart) == len(kind.axes):
            return tests, ", with no length of 1"
        letters = " and ".join(dict.fromkeys(axis.letter for axis in kind.axes
                                             if axis.letter and axis.letter not in may_be_unit))
        return tests, f", where {letters} is not 1"
    if isinstance(kind, Number):
        return [f"not isinstance({path}, float)" if kind.type == "float" else
                f"type({path}) is not {kind.type}"], ""
    if isinstance(kind, Setting):
        return [f"{path} is not {kind.value!r}" if kind.value is None or isinstance(kind.value, bool)
                else f"{path} != {kind.value!r}"], ""
    own = (f"[*{path}] != {list(kind.keys)!r}" if kind.type == "dict"
           else f"len({path}) != {len(kind.parts)}")
    return [f"type({path}) is not {kind.type}", own], ""


def _plain(guard):
    """An expression without parentheses around it."""
    return ast.unparse(ast.parse(guard, mode="eval"))


def _negated(guard):
    node = ast.parse(guard, mode="eval").body
    inverses = INVERSES | (OF_LENGTHS if ".shape[" in guard else {})
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in inverses:
        node.ops = [inverses[type(node.ops[0])]()]
        return ast.unparse(node)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ast.unparse(node.operand)
    return f"not ({ast.unparse(node)})" if isinstance(node, (ast.BoolOp, ast.Compare)) \
        else f"not {ast.unparse(node)}"
