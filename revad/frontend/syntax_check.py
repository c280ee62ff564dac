"""check finds everything in a function's source that revad cannot differentiate, all at once.

What is accepted is listed; all else is refused, with the reason and a rewrite that works.
An accepted expression may still turn out to carry a derivative where none can pass, in a dict
say; that is for later passes to see.

>>> from revad.frontend.source import read_source
>>> def f(x):
...     with open(x) as file:
...         x = x * x
...     return x
>>> for problem in check(read_source(f)):
...     print(problem.place.line, problem.what)
2 'with' block
"""
from typing import NamedTuple

import gast

from ..errors import Diagnostic
from ..ir.free_names import imported_by, own_nodes

STATEMENTS = frozenset({
    "Assign", "AnnAssign", "AugAssign", "Return", "Expr", "Assert", "Pass", "If", "For", "While", "Break",
    "Continue", "FunctionDef", "Import", "ImportFrom", "Global", "Delete", "Raise", "With", "Try"})

EXPRESSIONS = frozenset({
    "Name", "Constant", "UnaryOp", "BinOp", "BoolOp", "Compare", "IfExp", "Call", "Attribute",
    "Subscript", "Slice", "Tuple", "List", "Dict", "Set", "Starred", "JoinedStr",
    "FormattedValue", "ListComp", "SetComp", "DictComp", "GeneratorExp", "Lambda", "NamedExpr"})


class UnsupportedSyntax(NamedTuple):
    """What is refused, why, and what to write instead."""

    what: str
    why: str
    instead: str


# The key is the type of the syntax node or, where the type alone does not decide, a
# description.  "other" is for what a newer Python may bring.
REFUSED = {
    "Match": UnsupportedSyntax(
        "'match' statement", "revad does not follow patterns", "Write it with if and elif."),
    "With": UnsupportedSyntax(
        "'with' block", "what it does when it is entered and left cannot be seen",
        "Put it around the call: with np.errstate(over='ignore'): df(x)."),
    "TryStar": UnsupportedSyntax(
        "'except*'", "which of its parts run is known only while running",
        "Put it around the call of the function, or decide with 'if'."),
    "ClassDef": UnsupportedSyntax(
        "class inside the function", "a class carries no derivative",
        "Define it outside of the function."),
    "Global": UnsupportedSyntax(
        "'global' statement", "assigning to a name outside of the function is a side effect",
        "Use a local name, and assign to the outer one where the function is called. "
        "Reading it needs no statement."),
    "decorated": UnsupportedSyntax(
        "decorated function inside the function", "what its decorator does cannot be followed",
        "Leave the decorator out, or define the function outside."),
    "TypeAlias": UnsupportedSyntax(
        "'type' statement", "it computes nothing", "Move it out of the function."),
    "Yield": UnsupportedSyntax(
        "'yield'", "a generator has no single output to differentiate",
        "Return all values at once, for instance with np.stack."),
    "Await": UnsupportedSyntax(
        "'await'", "what it waits for is computed outside of the function",
        "Await it before the call, and pass the result as an argument."),
    "async function": UnsupportedSyntax(
        "'async def'", "its value comes only when it is awaited",
        "Write a plain def, and pass it what has to be awaited as arguments."),
    "async comprehension": UnsupportedSyntax(
        "'async for'", "what it waits for is computed outside of the function",
        "Collect the values before the call, and pass them as an argument."),
    "empty return": UnsupportedSyntax(
        "'return' without a value", "there is no output to differentiate",
        "Return the value to differentiate: return loss."),
    "no return": UnsupportedSyntax(
        "function without 'return'", "there is no output to differentiate",
        "End it with the value to differentiate: return loss."),
    "early end": UnsupportedSyntax(
        "':=' in a generator of 'any' or 'all'", "after which item it ends shows only while running",
        "Write it as a loop with break."),
    "other import": UnsupportedSyntax(
        "import of a name that the function also gives something else",
        "which of them the name is shows only while running",
        "Give one of them another name."),
    "other": UnsupportedSyntax(
        "this syntax", "revad does not know it", "Write it with simpler statements."),
}
REFUSED["AsyncFor"] = REFUSED["async comprehension"]
REFUSED["AsyncWith"] = REFUSED["With"]
REFUSED["Nonlocal"] = REFUSED["Global"]
REFUSED["AsyncFunctionDef"] = REFUSED["async function"]
REFUSED["YieldFrom"] = REFUSED["Yield"]


def check(source, called=False):
    """All that is refused in a Source, as a list of Diagnostics in the order of the text.

    called: another function, which is differentiated, calls this one; it may take and return anything.
    """
    nodes = list(own_nodes(source.tree))
    inner = set(_inner_nonlocals(source.tree, nodes))
    refused = [pair for node in source.tree.body for pair in _statement(node, called) if pair[0] not in inner]
    stored = {node.id for node in nodes if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Store)}
    refused += [(node, "Global") for node in nodes
                if isinstance(node, gast.Global) and stored & set(node.names)]
    refused += [(node, "other import") for node in _ambiguous_imports(source.tree, nodes)]
    refused += [(node, "early end") for node in nodes if _ends_early(node)]
    if not called:
        refused += _interface(source.tree, nodes)
    problems = [Diagnostic(source.place(node), *REFUSED[key if key in REFUSED else "other"])
                for node, key in refused]
    return sorted(problems, key=lambda problem: (problem.place.line, problem.place.column))


def _inner_nonlocals(tree, nodes, outer_names=frozenset()):
    """The `nonlocal` statements whose names are variables of `tree` or of a function inside it.

    nodes: the own nodes of the tree.
    """
    for node in nodes:
        if isinstance(node, gast.Nonlocal) and outer_names.issuperset(node.names):
            yield node
        elif isinstance(node, gast.FunctionDef):
            bound = {inner.id for inner in [*nodes, *gast.walk(tree.args)]
                     if isinstance(inner, gast.Name) and not isinstance(inner.ctx, gast.Load)}
            yield from _inner_nonlocals(node, list(own_nodes(node)), outer_names | bound)


def _ambiguous_imports(tree, nodes):
    """The imports outside a `try` of a name that is also assigned, or that another import binds otherwise."""
    guarded = {inner for node in nodes if isinstance(node, gast.Try) for inner in gast.walk(node)}
    bindings = {node.id: None for node in nodes
                if isinstance(node, gast.Name) and isinstance(node.ctx, (gast.Store, gast.Param))}
    bindings.update((node.id, None) for node in gast.walk(tree.args)
                    if isinstance(node, gast.Name) and isinstance(node.ctx, gast.Param))
    for node in nodes:
        if isinstance(node, (gast.Import, gast.ImportFrom)) and node not in guarded:
            imported = imported_by(node)
            if any(bindings.get(name, path) != path for name, path in imported.items()):
                yield node
            bindings.update(imported)


def _ends_early(node):
    """Whether `any` or `all` may stop a generator early whose items assign a name with `:=`."""
    if not isinstance(node, gast.Call) or not isinstance(node.func, gast.Name):
        return False
    return node.func.id in ("any", "all") and len(node.args) == 1 \
        and isinstance(node.args[0], gast.GeneratorExp) \
        and any(isinstance(part, gast.NamedExpr) for part in gast.walk(node.args[0]))


def _interface(tree, nodes):
    """What is wrong with the results for a gradient."""
    if isinstance(tree, gast.AsyncFunctionDef):
        yield tree, "async function"
    returns = [node for node in nodes if isinstance(node, gast.Return)]
    empty = [node for node in returns
             if node.value is None or isinstance(node.value, gast.Constant) and node.value.value is None]
    if len(empty) == len(returns):      # beside others, the interpreter sees whether it is reached
        yield from ((node, "empty return") for node in empty)
    if not returns:
        yield tree, "no return"


def _statement(node, is_called):
    """is_called: the statement is in a called function, which may be a generator."""
    is_called = is_called or isinstance(node, gast.FunctionDef)
    if is_called and isinstance(node, gast.Expr) and isinstance(node.value, gast.Yield) \
            and node.value.value is not None:
        yield from _expression(node.value.value)
        return
    if _name(node) not in STATEMENTS:
        yield node, _name(node)    # the statements inside need no report: they are rewritten with it
        return
    if isinstance(node, gast.With) \
            and not all(_only_changes_warnings(item.context_expr) for item in node.items):
        yield node, "With"
        return
    if isinstance(node, gast.FunctionDef) and node.decorator_list:
        yield node, "decorated"
    for child in gast.iter_child_nodes(node):
        if child is getattr(node, "annotation", None) or isinstance(child, (gast.arguments, gast.withitem)):
            continue    # the annotation of a local name is not evaluated
        if isinstance(child, gast.stmt):
            yield from _statement(child, is_called)
        elif isinstance(child, gast.ExceptHandler):
            for part in child.body:
                yield from _statement(part, is_called)
        else:
            yield from _expression(child)


def _only_changes_warnings(node):
    """Whether a context manager changes no more than which warnings are shown."""
    if isinstance(node, gast.Call):
        node = node.func
    name = getattr(node, "attr", getattr(node, "id", None))
    return name in ("errstate", "catch_warnings", "printoptions", "nullcontext")


def _expression(node):
    """The problems of a node below a statement."""
    if isinstance(node, gast.expr) and _name(node) not in EXPRESSIONS:
        yield node, _name(node)
    elif isinstance(node, gast.comprehension) and node.is_async:
        yield node.target, "async comprehension"
    for child in gast.iter_child_nodes(node):
        yield from _expression(child)


def _name(node):
    return type(node).__name__
