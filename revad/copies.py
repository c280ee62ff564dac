"""Copies: syntax and calls that are left as they stand, with the names that they have in the text.

>>> from .kinds import static
>>> form = Form("copied", "", ("n",), gast.parse("f'W{n}'", mode="eval").body)
>>> evaluated(form, [Lit(2)])
'W2'
"""
from __future__ import annotations

import ast

import gast
import numpy as np

from . import statics
from .attributes import is_plain
from .effects import is_harmless, refuse_changes
from .expressions import BINARY
from .lengths import kind_of_operand
from .program import Form, Lit, Stage, Value, beside
from .refusals import Refusal
from .scoping import free_names

def typed(walk, stage, form, operands, kind):
    """A call that is left alone, of which the kind of the result is known."""
    value = Value(stage.targets[0].name if stage.targets else None, None, kind, False)
    walk.builder.append(Stage((value,), form, operands, stage.statement, stage.place), (form, operands))
    return value


def outside_value(walk, stage, path):
    """An array, number, container or object that a path from outside leads to, as a value; else None."""
    found = walk.builder.scope.resolve(path)
    if not isinstance(found, (np.ndarray, np.generic, int, float, dict, list, tuple)) and not is_plain(found):
        return None
    return walk.emit(beside(stage, Value()), Form("read", path), ())


def copied(walk, stage, operands):
    """Syntax that is left alone: its value where all in it is settled, else as it stands."""
    form = respelled(walk, stage.form)
    if form.name == "" and type(form.spec).__name__ == "JoinedStr":
        text = evaluated(form, operands)
        if text is not None:
            return Lit(text)
    if any(kind_of_operand(o).tag in ("function", "object", "iterator") and kind_of_operand(o).known.text.startswith("?")
           for o in operands):
        raise Refusal(form.name or "expression", "it uses a function that is made here", "Write it with simpler statements.")
    return walk.emit(stage, form, operands)


def evaluated(form, operands):
    """An f-string of settings, as text; None where a part of it is not known."""
    known = [statics._known(kind_of_operand(o)) for o in operands]
    if any(k is None or not k.exact for k in known):
        return None
    names = dict(zip(form.keywords, (k.value for k in known)))
    try:
        return "".join(_piece(node, names) for node in form.spec.values)
    except (LookupError, TypeError, ValueError, ArithmeticError):
        return None


def _piece(node, names):
    """A part of an f-string.  LookupError for what is not known."""
    if isinstance(node, gast.Constant):
        return str(node.value)
    value = _value(node.value, names)
    value = {115: str, 114: repr, 97: ascii}.get(node.conversion, lambda v: v)(value)
    spec = "" if node.format_spec is None else "".join(_piece(part, names) for part in node.format_spec.values)
    return format(value, spec)


def _value(node, names):
    if isinstance(node, gast.Constant):
        return node.value
    if isinstance(node, gast.Name):
        return names[node.id]
    if isinstance(node, gast.BinOp):
        return statics.OPERATIONS[BINARY[type(node.op)]](_value(node.left, names), _value(node.right, names))
    raise LookupError(type(node).__name__)


def respelled(walk, form):
    """Copied syntax with the names from outside as the text spells them."""
    renamed = {}
    for node in free_names(form.spec):
        if node.id not in form.keywords:
            try:
                new = walk.frame.rename(node.id)
            except Exception:
                continue
            if new != node.id:
                renamed[node.id] = new
    if not renamed:
        return form
    tree = gast.gast_to_ast(form.spec)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in renamed and "." not in renamed[node.id]:
            node.id = renamed[node.id]
    return form._replace(spec=gast.ast_to_gast(tree))


def effect(walk, stage, operands):
    """A statement that is copied through."""
    form = respelled(walk, stage.form)
    refuse_changes(walk.builder.scope, form, operands)
    shown = tuple(Lit(None) if kind_of_operand(o).tag in ("iterator",) or kind_of_operand(o).tag == "function"
                  and kind_of_operand(o).known.exact else o for o in operands)
    walk.builder.append(Stage((), form, shown, stage.statement, stage.place))


def act(walk, stage):
    """A call whose result is not used: shown, or followed for what it changes."""
    node = stage.effect.form.spec.value
    if is_harmless(walk.builder.scope, node.func):
        operands = tuple(map(walk.operand, stage.effect.operands))
        effect(walk, stage.effect, operands)
        return None
    *before, last = stage.block
    walk.run(before)
    count = len(walk.builder.stages)
    if not isinstance(last, Stage):
        return walk.run((last,))
    operands = tuple(map(walk.operand, last.operands))
    walk.assign(last.target, None)
    walk.stage(last)
    made = walk.builder.stages[count:]
    if made and isinstance(made[-1], Stage) and made[-1].gate is None and made[-1].form.kind in ("call", "method"):
        if any(kind_of_operand(o).tag not in ("number", "static", "function") for o in operands):
            refuse_changes(walk.builder.scope, stage.effect.form, operands)
        del walk.builder.stages[count:]
        effect(walk, stage.effect, tuple(map(walk.operand, stage.effect.operands)))
    return None
