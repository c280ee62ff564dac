"""Opaque: syntax and calls that are copied as they stand, with the names of their operands in the text.

>>> formatted(gast.parse("f'W{n}'", mode="eval").body, [2])
'W2'
"""
from __future__ import annotations

import copy
import dataclasses

import gast
import numpy as np

from ..ir.free_names import free_names
from ..ir.nodes import Form, Lit, Stage, Value, beside
from ..syntax import gast_of
from ..types import constants
from ..types.effects import is_harmless, refuse_changes
from ..types.refusals import Refusal
from ..types.scope import NameMissing
from ..types.shape_rules import kind_of_operand
from .environment import RAISE
from .nonlocals import read
from .objects.attributes import is_plain
from .objects.instances import is_local_object


def typed(interp, stage, form, operands, kind, demands=()):
    """A call without a rule, whose result has a known kind."""
    value = Value(stage.targets[0].name if stage.targets else None, None, kind, False)
    interp.builder.append(Stage((value,), form, operands, stage.statement, stage.place, demands=demands),
                          (form, operands))
    return value


def outside_value(interp, stage, path):
    """The value of an array, number, container or object that a path from outside leads to; else None."""
    obj = interp.builder.scope.resolve(path)
    if not isinstance(obj, (np.ndarray, np.generic, int, float, dict, list, tuple)) and not is_plain(obj):
        return None
    return read(interp, beside(stage, Value()), path)


def copied(interp, stage, operands):
    """Copied syntax: its value where all in it is constant, else as it stands."""
    form, operands = respelled(interp, stage.form, operands)
    if any(kind_of_operand(o).tag in ("function", "object",
                                      "iterator") and kind_of_operand(o).known.text.startswith("?")
           for o in operands):
        raise Refusal(form.name or "expression", "it uses a function that is made here",
                      "Write it with simpler statements.")
    return interp.emit(stage, form, operands)


def text(interp, stage, operands):
    """An f-string: its text where all in it is constant (guarded)."""
    constants_known = [constants._known(kind_of_operand(o)) for o in operands]
    if all(k is not None and type(k.value) in (int, str, bool) and (k.exact or not k.text.startswith("?"))
           for k in constants_known):
        values = list(map(interp.builder.scope.static, constants_known))
        try:
            return Lit(formatted(stage.form.keywords.spec, values))
        except (TypeError, ValueError, LookupError):
            pass
    form = stage.form
    bare = dataclasses.replace(stage, form=form.keywords)
    return copied(interp, bare, tuple(map(interp.operand, form.spec)))


def formatted(node, values):
    """The text of an f-string, with its values."""
    return "".join(
        str(part.value) if isinstance(part, gast.Constant) else _formatted_value(part, values.pop(0))
                   for part in node.values)


def _formatted_value(node, value):
    """The text of a replacement field of an f-string.  LookupError where its format is computed."""
    value = {115: str, 114: repr, 97: ascii}.get(node.conversion, lambda v: v)(value)
    parts = node.format_spec.values if node.format_spec is not None else ()
    if not all(isinstance(part, gast.Constant) for part in parts):
        raise LookupError("format")
    return format(value, "".join(str(part.value) for part in parts))


def respelled(interp, form, operands):
    """Copied syntax whose outside names are spelled so that they mean the same in the text, and its operands.

    An outside object that the function stores into becomes an operand.
    """
    tree = copy.deepcopy(form.spec)
    outside = [node for node in free_names(tree) if node.id not in form.keywords]
    spelled = {node: _path_in_text(interp, node.id) for node in outside}
    stored = {}
    for node, path in spelled.items():
        operand = interp.outside.at(interp, path)
        if operand is not None:
            stored[node.id] = operand
    roots = {path.partition(".")[0] for path in spelled.values()}
    interp.builder.scope.roots |= roots
    form = form._replace(keywords=(*form.keywords, *stored))
    if all(node.id == path for node, path in spelled.items()):
        return form, (*operands, *stored.values())
    free = set(free_names(tree))
    # A variable of a comprehension or a lambda must not hide a name that is read from outside.
    for node in gast.walk(tree):
        if isinstance(node, gast.Name) and node not in free and node.id in roots:
            node.id += "_"
    spelled = {node: path for node, path in spelled.items() if node.id not in stored}
    return form._replace(spec=NameSubstitution(spelled).visit(tree)), (*operands, *stored.values())


def _path_in_text(interp, name):
    """The path by which the text reads an outside name; an undefined one stays, and raises in the text."""
    try:
        return interp.frame.rename(name)
    except NameMissing:
        if interp.builder.scope.has(name):
            raise
        return name


class NameSubstitution(gast.NodeTransformer):
    """Replaces outside names by their paths in the text."""

    def __init__(self, paths):
        self.paths = paths

    def visit_Name(self, node):
        first, *attributes = self.paths.get(node, node.id).split(".")
        path_node = gast.copy_location(gast.Name(first, node.ctx, node.annotation, node.type_comment), node)
        for attribute in attributes:
            path_node = gast.copy_location(gast.Attribute(path_node, attribute, gast.Load()), node)
        return path_node


def effect(interp, stage, operands):
    """A statement that is copied as it stands."""
    form, operands = with_attributes(interp, stage, operands)
    form, operands = respelled(interp, form, operands)
    refuse_changes(interp.builder.scope, form, operands)
    written = tuple(
        Lit(None) if kind_of_operand(o).tag in ("iterator",) or kind_of_operand(o).tag == "function"
                    and kind_of_operand(o).known.exact else o for o in operands)
    interp.builder.append(Stage((), form, written, stage.statement, stage.place))


def with_attributes(interp, stage, operands):
    """A statement with attributes as operands instead of the objects made here: `assert self.n > 0`."""
    form = stage.form
    objects = {name: operand for name, operand in zip(form.keywords, operands) if is_local_object(operand)}
    if not objects:
        return form, operands
    operands_by_name = {name: operand for name, operand in zip(form.keywords, operands)
                        if name not in objects}
    tree = copy.deepcopy(form.spec)
    for node in list(gast.walk(tree)):
        for field, child in gast.iter_fields(node):
            for position, inner in enumerate(child) if isinstance(child, list) else ((None, child),):
                if isinstance(inner, gast.Attribute) and isinstance(inner.value, gast.Name) \
                        and inner.value.id in objects:
                    name = f"{inner.value.id}_{inner.attr}"
                    attribute = dataclasses.replace(beside(stage, Value()), form=Form("attr", inner.attr))
                    operands_by_name[name] = interp.attribute(attribute, (objects[inner.value.id],))
                    replacement = gast.Name(name, gast.Load(), None, None)
                    if position is None:
                        setattr(node, field, replacement)
                    else:
                        child[position] = replacement
    if any(isinstance(node, gast.Name) and node.id in objects for node in gast.walk(tree)):
        raise Refusal("statement", "it uses an object that is made in the function",
                      "Use the attributes of the object in it, or leave it out.")
    return form._replace(spec=tree, keywords=tuple(operands_by_name)), tuple(operands_by_name.values())


def raise_no_result(interp, stage):
    """`return` without a value in the function itself, on one side of a branch: there is no output."""
    text = "raise ValueError('the function returns None here: there is nothing to differentiate')"
    node = gast_of(text).body[0]
    effect(interp, Stage((), Form("effect", spec=node), (), stage.statement, stage.place), ())
    return RAISE


def act(interp, stage):
    """A call whose result is not used: copied, or followed for its effects."""
    node = stage.effect.form.spec.value
    callee, _ = respelled(
        interp, Form("copied", keywords=stage.effect.form.keywords, spec=node.func), ())
    if is_harmless(interp.builder.scope, callee.spec, callee.keywords):
        operands = tuple(map(interp.operand, stage.effect.operands))
        effect(interp, stage.effect, operands)
        return None
    *argument_stages, last = stage.block
    interp.run(argument_stages)
    count = len(interp.builder.stages)
    if not isinstance(last, Stage):
        return interp.run((last,))
    operands = tuple(map(interp.operand, last.operands))
    interp.assign(last.target, None)
    interp.stage(last)
    emitted = interp.builder.stages[count:]
    if emitted and isinstance(emitted[-1], Stage) and emitted[-1].gate is None \
            and emitted[-1].form.kind in ("call", "method"):
        if any(kind_of_operand(o).tag not in ("number", "static", "function") for o in operands):
            refuse_changes(interp.builder.scope, respelled(interp, stage.effect.form, ())[0], operands)
        del interp.builder.stages[count:]
        effect(interp, stage.effect, tuple(map(interp.operand, stage.effect.operands)))
    return None
