"""Free names: which names in a piece of syntax are free variables of it.

A comprehension's variables and a lambda's parameters are bound in it; the first iterable of a
comprehension is evaluated outside.

>>> import ast
>>> [name.id for name in free_names(ast.parse("[a + b for a in a]", mode="eval").body)]
['a', 'b']
"""
from __future__ import annotations

import ast
from functools import lru_cache

COMPREHENSIONS = ("ListComp", "SetComp", "DictComp", "GeneratorExp")
LEAVES = frozenset(("Constant", "Add", "Sub", "Mult", "Div", "Load", "Store"))
TEXTS = frozenset(("ctx", "attr", "type_comment"))      # fields without nodes that are looked for
SCOPES = (*COMPREHENSIONS, "FunctionDef", "AsyncFunctionDef", "Lambda", "ClassDef")


def free_names(node, bound=frozenset()) -> list:
    """The Name nodes of free variables of `node`, of a tree of ast or gast."""
    kind = type(node).__name__
    if kind == "Name":
        return [node] if node.id not in bound and type(node.ctx).__name__ == "Load" else []
    if kind == "Lambda":
        arguments = node.args
        parameters = {_parameter(a) for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                                              arguments.vararg, arguments.kwarg] if a is not None}
        defaults = [d for d in [*arguments.defaults, *arguments.kw_defaults] if d is not None]
        return [n for d in defaults for n in free_names(d, bound)] + free_names(node.body, bound | parameters)
    if kind == "FunctionDef":
        arguments, inner = node.args, bound | bound_in(node)
        defaults = [d for d in [*arguments.defaults, *arguments.kw_defaults] if d is not None]
        return [n for part in [*node.decorator_list, *defaults] for n in free_names(part, bound)] \
            + [n for statement in node.body for n in free_names(statement, inner)]
    if kind in COMPREHENSIONS:
        names = []
        for generator in node.generators:
            names += free_names(generator.iter, bound)
            bound = bound | {n.id for n in ast.walk(generator.target) if type(n).__name__ == "Name"}
            names += [n for condition in generator.ifs for n in free_names(condition, bound)]
        parts = (node.key, node.value) if kind == "DictComp" else (node.elt,)
        return names + [n for part in parts for n in free_names(part, bound)]
    return [n for child in ast.iter_child_nodes(node) for n in free_names(child, bound)]


def bound_in(function) -> set:
    """The names that a function has of its own.

    >>> sorted(bound_in(ast.parse("def f(x):\\n    y = [z for z in x]\\n    def g(w): pass").body[0]))
    ['g', 'x', 'y']
    """
    arguments = function.args
    names = {_parameter(a) for a in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                                     arguments.vararg, arguments.kwarg] if a is not None}
    todo = list(function.body)
    while todo:
        node = todo.pop()
        kind = type(node).__name__
        if kind == "Name" and type(node.ctx).__name__ != "Load":
            names.add(node.id)
        elif kind in ("FunctionDef", "ClassDef"):
            names.add(node.name)
        elif kind in ("Import", "ImportFrom"):
            names |= set(imported_by(node))
        elif kind == "ExceptHandler" and node.name:
            names.add(node.name)
        if kind in COMPREHENSIONS:      # `:=` in it binds around it
            names |= {n.target.id for n in ast.walk(node) if type(n).__name__ == "NamedExpr"}
        elif kind not in SCOPES:
            todo += ast.iter_child_nodes(node)
    return names


def _parameter(node):
    return getattr(node, "arg", None) or node.id


@lru_cache(maxsize=32)
def own_nodes(tree):
    """The nodes of a function's body, without those of nested functions and comprehensions; trees stay."""
    nodes, todo = [], list(tree.body)[::-1]
    while todo:
        node = todo.pop()
        nodes.append(node)
        if type(node).__name__ not in SCOPES:
            todo += _children(node)[::-1]
    return tuple(nodes)


def all_nodes(tree):
    """A node and all below it, in no order; names without the nodes that tell whether they are read."""
    todo = [tree]
    while todo:
        node = todo.pop()
        yield node
        todo += _children(node)


def _children(node):
    """The nodes right below a node in the order of the text, contexts (Load, Store) aside."""
    children = []
    for field in _fields_of(type(node)):
        value = getattr(node, field, None)
        if isinstance(value, ast.AST):
            children.append(value)
        elif type(value) is list:
            children += [item for item in value if isinstance(item, ast.AST)]
    return children


@lru_cache(maxsize=None)
def _fields_of(kind):
    """The fields of a class of nodes that may hold nodes."""
    return () if kind.__name__ in LEAVES else tuple(field for field in kind._fields if field not in TEXTS)


def imported_by(node):
    """{name: (module, attribute or None)} of an import statement."""
    if type(node).__name__ == "ImportFrom":
        return {a.asname or a.name: ("." * node.level + (node.module or ""), a.name) for a in node.names}
    return {a.asname or a.name.partition(".")[0]: (a.name if a.asname else a.name.partition(".")[0], None)
            for a in node.names}
