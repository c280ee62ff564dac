"""Tables in the interpreter: how they are made, and how elements are put into them and read.

A change makes another record of the parts, under all names of the table; the list or dict of entries is a
new one each time, so that the backward pass may read any of them.  What the elements of a table are shows
when the first is put into it: then all is followed again from the start, with that known (`Learned`).

>>> from ...builder.builder import Builder
>>> from ...types.kinds import INT
>>> from ..interpreter import Interpreter
>>> interp = Interpreter(Builder())
>>> stage = Stage((Value("xs"),), Form("list"), ())
>>> interp.builder.scope.tables = Sites()
>>> xs = created(interp, stage, "list")
>>> is_table(xs.kind), interp.builder.scope.tables.types.popitem()[1].element
(True, None)
>>> put(interp, stage, xs, Lit(3))
Traceback (most recent call last):
revad.interp.tables.types.Learned
"""
from __future__ import annotations

from ...analysis.identity import candidates
from ...ir.nodes import Branch, Form, Item, Lit, Stage, Value
from ...ir.untyped import Act, Each, While
from ...syntax import gast_of
from ...types.kinds import BOOL, ENTRIES, FLOAT, INT, INTEGERS
from ...types.parts import display_form
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from .types import (
    Element,
    Sites,
    TableType,
    holds_table,
    is_table,
    joined,
    kind_in_table,
    kind_of_table,
    leaf_kinds,
    name_of_part,
    other_element,
    part_kind,
    table_class,
    type_of,
)

AT = Form("index", spec=(Item("at", (1,)),))
PUSH = Form("store", "push", ("",), (Item("at", (2,)),))
CHANGES = frozenset("append appendleft extend insert pop popleft popitem remove clear sort reverse "
                    "setdefault update add discard".split())
FUNCTIONS = ("heappush", "heappop", "heapify", "heapreplace", "heappushpop", "insort", "insort_left",
             "insort_right")


def changed_variables(block, in_loop=False):
    """The variables of an untyped block that hold lists or dicts which a loop changes."""
    for stage in block:
        if isinstance(stage, Branch):
            yield from changed_variables((*stage.then, *stage.orelse), in_loop)
        elif isinstance(stage, (Each, While)):
            yield from changed_variables((*getattr(stage, "test", ()), *stage.body, *stage.orelse), True)
        elif isinstance(stage, Act):
            yield from changed_variables(stage.block, in_loop)
        elif isinstance(stage, Stage) and stage.form[:2] == ("method", "sort"):
            yield stage.operands[0]
        elif in_loop and isinstance(stage, Stage) and stage.operands and (
                stage.form.kind == "method" and stage.form.name in CHANGES
                or stage.form.kind == "call" and stage.form.name.rpartition(".")[2] in FUNCTIONS
                or stage.form.kind == "store" or stage.form[:2] == ("delete", "item")):
            yield stage.operands[0]
        elif isinstance(stage, Stage) and stage.form.kind == "decide":
            for inner, _ in stage.form.spec:
                yield from changed_variables(inner, in_loop)


# ---- expressions of the text

def expression(interp, stage, text, kind=ENTRIES, name=None, hint=None, **operands):
    """A value that an expression of Python gives, in which `operands` stand for their names."""
    value = Value(name, hint, kind)
    form = Form("copied", "", tuple(operands), gast_of(text).body[0].value)
    interp.builder.append(Stage((value,), form, tuple(operands.values()), stage.statement, stage.place))
    return value


def count_of(interp, stage, table):
    """`len` of a table."""
    if type_of(table.kind).element is None:
        return Lit(0)
    return expression(interp, stage, "len(m)", INT, hint="size", m=entries_of(interp, stage, table))


def truth(interp, stage, table):
    """Whether a table has elements."""
    if type_of(table.kind).element is None:
        return Lit(False)
    return expression(interp, stage, "len(m) > 0", BOOL, m=entries_of(interp, stage, table))


def fields_of(interp, stage, table):
    """{field: operand} of a table."""
    return dict(zip(table.kind.keys, interp.parts(stage, table).values()))


def entries_of(interp, stage, table):
    return fields_of(interp, stage, table)["entries"]


# ---- tables

def created(interp, stage, container, default=None, limit=None, variable=None):
    """An empty table."""
    sites = interp.builder.scope.tables
    site = sites.first((sites.site(stage), variable and variable.name))
    table_type = sites.types.setdefault(
        site, TableType(site, container, default=default, has_limit=limit is not None))
    if (table_type.container, table_type.default) != (container, default):
        raise other_element()
    cls, name = table_class(table_type), stage.targets[0].name if stage.targets else None
    parts = {"entries": expression(interp, stage, "{}" if container == "dict" else "[]", hint=name)}
    if table_type.has_limit:
        parts["limit"] = limit
    for field in cls._fields[len(parts):]:
        parts[field] = Lit(0)
        if field != "count":
            leaf = leaf_kinds(table_type.element.kind)[int(field.removeprefix("part"))]
            parts[field] = expression(interp, stage, "[]", part_kind(cls, leaf),
                                      name_of_part(name, field, cls))
    return _record(interp, stage, cls, parts, name)


def _record(interp, stage, cls, parts, name=None):
    kind = kind_of_table(cls, tuple(map(kind_of_operand, parts.values())))
    bare = Stage((Value(name),), Form("alias"), (), stage.statement, stage.place)
    operands = tuple(parts[field] for field in cls._fields)
    return interp.emit(bare, display_form(interp.builder, kind), operands, name=name)


def derived(interp, stage, table, entries, name=None):
    """Another table with elements of a table."""
    parts = {**fields_of(interp, stage, table), "entries": entries}
    return _record(interp, stage, table.kind.known.value, parts, name)


def changed(interp, stage, table, **parts):
    """The table with other parts, under all its names."""
    parts = {**fields_of(interp, stage, table), **parts}
    new = _record(interp, stage, table.kind.known.value, parts, table.name)
    return interp.propagate_store(stage, table, new)


def converted(interp, stage, operand, variable=None):
    """A list or dict whose elements are known one by one as a table; itself where that is not needed."""
    scope, kind = interp.builder.scope, kind_of_operand(operand)
    site = scope.tables.first((scope.tables.site(stage), variable and variable.name))
    if kind.tag not in ("list", "dict") or kind.known is not None or site in scope.tables.plain:
        return operand
    elements = interp.parts(stage, operand)
    if any(kind_in_table(kind_of_operand(e), e.varied) is None for e in elements.values()):
        return operand
    table = created(interp, stage, kind.tag, variable=variable)
    for key, element in elements.items():
        parts = put(interp, stage, table, element)
        entry, old = parts.pop("entry"), entries_of(interp, stage, table)
        if kind.tag == "dict":
            key = key_operand(interp, stage, table, Lit(key) if not isinstance(key, Lit) else key)
            entries = expression(interp, stage, "{**m, k: e}", name=table.name, m=old, k=key, e=entry)
        else:
            entries = expression(interp, stage, "[*m, e]", name=table.name, m=old, e=entry)
        parts = {**fields_of(interp, stage, table), **parts, "entries": entries}
        table = _record(interp, stage, table.kind.known.value, parts, table.name)
    return table


def unsuited(interp, table):
    """Follow the function again with the container as it would be without tables."""
    sites = interp.builder.scope.tables
    sites.plain.add(type_of(table.kind).site)
    sites.follow_again()


def unite(interp, kinds, variable):
    """Let tables that a variable may be be of one type; a list or dict that may be a table becomes one."""
    are_tables = list(map(is_table, kinds))
    if not any(are_tables):
        return
    sites = interp.builder.scope.tables
    if all(are_tables):
        if kinds[0].known.value is not kinds[1].known.value:
            sites.unite(*map(type_of, kinds))
    elif any(kind.tag in ("list", "dict") for kind in kinds) and variable is not None \
            and variable not in sites.variables:
        sites.variables.add(variable)
        sites.follow_again()


# ---- elements

def leaves_of(interp, stage, operand):
    """The numbers and settings that an element consists of."""
    if kind_of_operand(operand).tag != "tuple":
        return [operand]
    return [leaf for part in interp.parts(stage, operand).values() for leaf in leaves_of(interp, stage, part)]


def element_of(interp, stage, operand, what):
    """The Element that a value is."""
    leaves = leaves_of(interp, stage, operand)
    kind = kind_in_table(kind_of_operand(operand), operand.varied)
    if kind is None:
        raise other_element()
    return Element(_in_float(kind, iter(leaves)), tuple(leaf.varied for leaf in leaves))


def _in_float(kind, leaves):
    """The kind of an element, in which an active integer counts as a float."""
    if kind.tag == "tuple":
        return kind._replace(items=tuple(_in_float(item, leaves) for item in kind.items))
    is_active = next(leaves).varied
    return FLOAT if is_active and kind.weak and kind.dtype in INTEGERS and kind.dtype != "?" else kind


def convert_variables(interp, stage):
    """Let the lists and dicts become tables that a loop makes tables of, and that nothing else holds."""
    scope = interp.builder.scope
    for variable, operand in list(interp.frame.env.items()) if scope.tables is not None else ():
        if variable not in scope.tables.variables or not isinstance(operand, Value) \
                or operand.kind.tag not in ("list", "dict") or operand.kind.known is not None:
            continue
        same = set(candidates(operand, interp.builder.definitions, interp.choices))
        if not any(value in same for frame in interp.frames for other, value in frame.env.items()
                   if other is not variable and isinstance(value, Value)):
            bare = Stage((Value(variable.name),), Form("alias"), (), stage.statement, stage.place)
            interp.frame.env[variable] = converted(interp, bare, operand, variable)


def _known(interp, table, field, element):
    """The Element of a field, to which a value is to belong; Learned where it has to become another."""
    table_type = type_of(table.kind)
    before = getattr(table_type, field)
    after = element if before is None else joined(before, element)
    if after is None:
        raise other_element()
    if after != before:
        interp.builder.scope.tables.learn(table_type._replace(**{field: after}))
    return after


def require(interp, table, **facts):
    """Follow the function again where a table was not made as it has to be."""
    table_type = type_of(table.kind)
    if any(getattr(table_type, name) != value for name, value in facts.items()):
        interp.builder.scope.tables.learn(table_type._replace(**facts))


def put(interp, stage, table, operand):
    """The parts that a table has after an element is put into it, besides `entries`, and its `entry`."""
    kind = kind_of_operand(operand)
    if kind_in_table(kind, operand.varied) is None:
        if type_of(table.kind).element is None and not holds_table(kind):
            unsuited(interp, table)
        raise other_element()
    element = _known(interp, table, "element", element_of(interp, stage, operand, "element"))
    leaves, cls = leaves_of(interp, stage, operand), table.kind.known.value
    parts, held = fields_of(interp, stage, table), {}
    for number in element.places:
        field = f"part{number}"
        _refuse_fork(interp, parts[field])
        bare = Stage((Value(),), PUSH, (), stage.statement, stage.place)
        held[field] = interp.emit(bare, PUSH, (parts[field], leaves[number], parts["count"]),
                                  name=parts[field].name)
    shown = [leaf for number, leaf in enumerate(leaves)
             if cls.type.is_ordered or not element.active[number]]
    if element.places:
        shown.append(parts["count"])
        held["count"] = interp.make(stage, Form("binary", "+"), (parts["count"], Lit(1)))
    return {**held, "entry": _tuple_of(interp, stage, shown, len(shown) > 1 or not element.is_scalar
                                       and not element.places)}


def _refuse_fork(interp, values):
    """Refuse a stored list that another table has extended: both would put elements in one place."""
    if any(isinstance(stage, Stage) and stage.form == PUSH and stage.operands[0] is values
           for stage in interp.builder.definitions.values()):
        raise Refusal("container that changes while running", "a copy of it changes as well",
                      "Fill the copy element by element, in a loop.")


def _tuple_of(interp, stage, operands, is_tuple):
    if not is_tuple:
        return operands[0]
    names = [f"e{number}" for number in range(len(operands))]
    return expression(interp, stage, f"({', '.join(names)},)", hint="entry", **dict(zip(names, operands)))


def key_operand(interp, stage, table, operand):
    """A key of a dict as its entries have it."""
    if operand.varied:
        raise Refusal("key of a dict", "a derivative cannot be followed through it",
                      "Keep a list of pairs, or name the others in wrt.")
    element = _known(interp, table, "key", element_of(interp, stage, operand, "key"))
    return _tuple_of(interp, stage, leaves_of(interp, stage, operand), not element.is_scalar)


def element_at(interp, stage, table, entry):
    """The element of an entry."""
    element, parts = type_of(table.kind).element, fields_of(interp, stage, table)
    is_ordered = type_of(table.kind).is_ordered
    kinds = leaf_kinds(element.kind)
    shown = [n for n in range(len(kinds)) if is_ordered or not element.active[n]]
    is_tuple = len(shown) + bool(element.places) > 1 or not element.is_scalar and not element.places
    place, leaves = None, []
    if element.places:
        place = expression(interp, stage, "e[-1]" if is_tuple else "e", INT, hint="place", e=entry)
    for number, kind in enumerate(kinds):
        if element.active[number]:
            leaves.append(interp.make(stage, AT, (parts[f"part{number}"], place)))
        elif is_tuple:
            leaves.append(expression(interp, stage, f"e[{shown.index(number)}]", kind, e=entry))
        else:
            leaves.append(expression(interp, stage, "e", kind, e=entry))
    return built(interp, stage, element.kind, iter(leaves))


def key_at(interp, stage, table, key):
    """A key of a dict as the function sees it."""
    return plain(interp, stage, type_of(table.kind).key, key)


def plain(interp, stage, element, entry):
    """An element without active parts, of its entry."""
    leaves = [expression(interp, stage, "e" if element.is_scalar else f"e[{number}]", kind, e=entry)
              for number, kind in enumerate(leaf_kinds(element.kind))]
    return built(interp, stage, element.kind, iter(leaves))


def built(interp, stage, kind, leaves):
    """An element of a kind, of its leaves."""
    if kind.tag != "tuple":
        return next(leaves)
    items = tuple(built(interp, stage, item, leaves) for item in kind.items)
    return interp.make(stage, display_form(interp.builder, kind), items)


def listed(interp, stage, element, entries):
    """A list of elements without active parts, of its entries: the keys of a dict."""
    table_type = TableType((interp.builder.scope.tables.site(stage), "keys"), "list", element)
    interp.builder.scope.tables.types.setdefault(table_type.site, table_type)
    return _record(interp, stage, table_class(table_type), {"entries": entries})


def refuse_in(form, operands):
    """Refuse a table in a stage that stands in the text as it is."""
    if form.kind not in ("alias", "tuple", "list", "dict") or form.name == "*":
        refuse(operands)


def refuse(operands):
    """Refuse an operation on a table that is not followed."""
    if any(holds_table(kind_of_operand(operand)) for operand in operands):
        raise Refusal("container that changes while running", "this cannot be done with it",
                      "Take its elements one by one, in a loop.")
