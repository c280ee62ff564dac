"""Stored lists: `[0.0] * n` and lists that a loop has filled become lists that count as arrays.

See `types/lists.py`.  The strategy says whether such lists may be; where an operation on one is
refused, the text is written without them.

>>> from ...types.kinds import FLOAT, INT, Known
>>> from ...types.scope import Scope
>>> from ...builder.builder import Builder
>>> from ..interpreter import Interpreter
>>> interp = Interpreter(Builder(Scope({}, {}, "f")))
>>> interp.builder.scope.stored_lists = True
>>> stage = Stage((Value("v"),), Form("binary", "*"), ())
>>> n = Value("n", None, INT._replace(known=Known(4, "n")))
>>> zeros = interp.make(stage, Form("list"), (Lit(0.0),))
>>> repeated(interp, stage, zeros, n).kind.shape[0].text, list(interp.builder.scope.guards)
('n', ['n >= 0'])
"""
from __future__ import annotations

import numpy as np

from ...analysis.aliases import owner
from ...ir.nodes import Branch, Form, Lit, Loop, Stage, Value
from ...ir.traversal import pushes, targets_of
from ...ir.untyped import Each, While
from ...types.kinds import INTEGERS, is_stored_list, literal, number, stack, unknown_length
from ...types.lists import FUNCTIONS, element_of, is_number, refuse, stored_list
from ...types.registry import lookup
from ...types.shape_rules import kind_of_operand
from ...types.uniform_lists import Stretch
from ..dynamic_lists import appended_variables

# Forms of the user's text that treat a list as they treat an array, or that inference looks at.
PARTS = tuple(("call", name) for name in ("zip", "enumerate", "reversed"))
ALIKE = frozenset(("alias", "index", "store", "tuple", "list", "dict", "call", "invoke", "return", "setattr",
                   "collect", "define"))


def repeated(interp, stage, operand, count):
    """`[0.0] * n` as a list that counts as an array; None where it is written out."""
    kind, times = kind_of_operand(operand), kind_of_operand(count)
    scope = interp.builder.scope
    if not scope.stored_lists or kind.tag != "list" or len(kind.items) != 1 or not is_number(kind.items[0]) \
            or isinstance(count, Lit) or times.dtype == "?" \
            or times.known is not None and times.known.exact:
        return None
    length = times.known
    if length is None or type(length.value) is not int or "?" in length.text:
        length = unknown_length()
    else:
        scope.rely(f"{length.text} {'>=' if length.value >= 0 else '<'} 0")
        length = length if length.value >= 0 else literal(0)
    scope.has_stored_lists = True
    target = Value(stage.target.name if stage.targets else None, None,
                   stored_list(kind.items[0], (length,)), operand.varied)
    if operand.varied and target.kind.dtype in INTEGERS:
        refuse()
    form = Form("binary", "*")
    interp.builder.append(Stage((target,), form, (operand, count), stage.statement, stage.place))
    return target


def stored_variables(block):
    """The variables that an untyped block stores into by a subscript, or into parts of which it does."""
    sources, stored = {}, {}
    _note_stores(block, sources, stored)
    pending = list(stored)
    while pending:
        new = [source for source in sources.get(pending.pop(), ()) if source not in stored]
        stored.update(dict.fromkeys(new))
        pending += new
    return list(stored)


def _note_stores(block, sources, stored):
    """Note what a block stores into, and {variable: the variables that it may be a part of}."""
    for stage in block:
        if isinstance(stage, Stage):
            form = stage.form
            if form.kind == "store":
                stored[stage.operands[0]] = None
            if form.kind in ("index", "alias", "unpack") or form[:2] in PARTS:
                for target in stage.targets:
                    sources.setdefault(target, []).extend(
                        stage.operands[:1 if form.kind == "index" else None])
        elif isinstance(stage, Branch):
            _note_stores((*stage.then, *stage.orelse), sources, stored)
        elif isinstance(stage, (Each, While)):
            if isinstance(stage, Each):
                sources.setdefault(stage.target, []).append(stage.iterable)
            _note_stores((*stage.body, *stage.orelse), sources, stored)


def convert_stored(interp, stage):
    """Let the lists that earlier loops have filled, and this one stores into, count as arrays."""
    for variable in dict.fromkeys(stored_variables(stage.body)) if interp.builder.scope.stored_lists else ():
        operand = interp.frame.find(variable)
        if isinstance(operand, Value) and operand.kind.tag == "stack":
            converted(interp, stage, operand)


def convert_ends(interp, stage, before):
    """Let lists count as arrays that take the place of such lists in an iteration.

    before: the variables of each frame before the loop.  The lists among them that do not count as arrays,
    and in whose place such lists come, are returned.
    """
    filled = {}
    for frame, env in zip(interp.frames, before):
        for variable, init in env.items():
            end = frame.env.get(variable)
            if not isinstance(init, Value) or not isinstance(end, Value) or init is end:
                continue
            if is_stored_list(init.kind) and end.kind.tag == "stack":
                converted(interp, stage, end)
            elif is_stored_list(end.kind) and init.kind.tag == "stack" and _number_in(init.kind) is not None:
                filled[init] = None
    return tuple(filled)


def convert_filled(interp, stage, continuation):
    """Let the lists that a loop or a comprehension has filled count as arrays where later stages store.

    continuation: gives the later stages.
    """
    is_loop = isinstance(stage, (Each, While))
    if not interp.builder.scope.has_dynamic_lists or not interp.builder.scope.stored_lists \
            or not is_loop and (not isinstance(stage, Stage) or stage.form.kind != "collect"):
        return
    variables = {*appended_variables(stage.body)} if is_loop else {stage.target}
    filled = {variable: interp.frame.find(variable) for variable in variables}
    if not any(isinstance(value, Value) and value.kind.tag == "stack" for value in filled.values()):
        return
    stages = continuation()
    variables = variables.intersection(stored_variables(stages)).difference(appended_variables(stages))
    for variable in filled:
        value = interp.frame.find(variable)
        if variable in variables and isinstance(value, Value) and value.kind.tag == "stack":
            converted(interp, stage, value)


def base_of_store(interp, stage, base):
    """What a store goes into, as a list or row that counts as an array where a loop has filled the list."""
    root, definitions = base, interp.builder.definitions
    while True:
        definition = definitions.get(root)
        if not isinstance(definition, Stage) or definition.form.kind not in ("index", "alias") \
                or kind_of_operand(definition.operands[0]).tag != "stack" or is_conversion(definition):
            break
        root = definition.operands[0]
    if root.kind.tag != "stack":
        return base
    converted(interp, stage, root)
    return interp.latest_version(base, interp.later)


def converted(interp, stage, operand):
    """A list that a loop has filled with numbers, or with lists, as one that counts as an array.

    It does so under all its names.
    """
    item = _number_in(operand.kind)
    if not interp.builder.scope.stored_lists or item is None or not is_number(item):
        return operand
    interp.builder.scope.has_stored_lists = True
    if operand.kind.rank > 1 and not _has_rows_apart(operand, interp.builder.definitions):
        refuse()
    target = Value(operand.name, operand.hint, stored_list(item, operand.kind.shape), operand.varied)
    interp.builder.append(Stage((target,), Form("alias"), (operand,), stage.statement, stage.place))
    return interp.propagate_store(stage, operand, target)


def argument(interp, parameter):
    """A parameter that is a list of numbers, as a list of any length that counts as an array."""
    scope, size, path = interp.builder.scope, len(parameter.kind.items), parameter.name
    stretch = Stretch(None, path, size)
    scope.rolled.add(stretch)
    value = Value(path, None, stored_list(parameter.kind.items[0], (stretch.length,)), parameter.varied)
    interp.builder.append(Stage((value,), Form("alias"), (parameter,)))
    return value


def _number_in(kind):
    """The kind of the numbers in a list, or in the lists in it; None where it holds something else."""
    while kind.tag == "stack":
        kind = kind.items[0]
    return number(kind.dtype, kind.weak) if is_stored_list(kind) else kind if kind.tag == "number" else None


def _has_rows_apart(table, definitions):
    """Whether all elements of a list of lists are lists of their own.

    So they are where each round of a loop appends lists that it has made.
    """
    loop = definitions.get(table)
    while isinstance(loop, Stage) and loop.form.kind == "alias":
        table, loop = loop.operands[0], definitions.get(loop.operands[0])
    if not isinstance(loop, Loop):
        return False
    row = next(row for row in loop.rows if row.out is table)
    inside, initial = targets_of(loop.block), definitions.get(row.init)
    chain = pushes(row.next, row.inner, inside)
    if chain is None or not isinstance(initial, Stage) or initial.form.kind != "list" or initial.operands:
        return False
    rows = [push.operands[1] for push in chain]
    memory = [owner(value, inside) for value in rows]
    return len(set(memory)) == len(memory) and all(list_ in inside for list_ in memory) and all(
        value.kind.rank == 1 or _has_rows_apart(value, {**definitions, **inside}) for value in rows)


def is_conversion(stage):
    """Whether a stage lets a list that a loop has filled count as an array: no name is left for the list."""
    return stage.form.kind == "alias" and is_stored_list(stage.target.kind) \
        and not is_stored_list(kind_of_operand(stage.operands[0]))


def check(stage, operands):
    """Refuse an operation of the user's text that treats a list otherwise than an array."""
    is_pair = stage.form.kind in ("index", "store") and len(stage.form.spec) > 1     # of the list itself
    if is_pair and operands and is_stored_list(kind_of_operand(operands[0])):
        refuse()
    is_appended = stage.form[:2] == ("method", "append") and not is_stored_list(kind_of_operand(operands[0]))
    if stage.form.kind not in ALIKE and not is_appended \
            and any(is_stored_list(kind_of_operand(o)) for o in operands):
        refuse()


def arguments(interp, stage, function, args, keywords):
    """The arguments of a call of a function with a rule: NumPy's own make an array of a list."""
    if not any(is_stored_list(kind_of_operand(o)) for o in (*args, *keywords.values())):
        return args
    if any(function is allowed for allowed in FUNCTIONS):
        return args
    if lookup(function) is None or "out" in keywords \
            or any(is_stored_list(kind_of_operand(operand)) for operand in keywords.values()) \
            or getattr(function, "__module__", "").partition(".")[0] != "numpy":
        refuse()
    interp.builder.externals.setdefault("@np.array", np.array)
    return tuple(interp.make(stage, Form("call", "@np.array"), (operand,))
                 if is_stored_list(kind_of_operand(operand)) else operand for operand in args)


def returned(interp, stage, operand):
    """A list that the function returns, as one of unknown length."""
    kind = operand.kind
    item = element_of(kind)
    result = Value(None, operand.name or operand.hint, stack(item, kind.shape[0]), operand.varied)
    interp.builder.append(Stage((result,), Form("alias"), (operand,), stage.statement, stage.place))
    return result
