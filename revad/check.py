"""check finds everything in a function's source that revad cannot differentiate, all at once.

What is accepted is listed; all else is refused, with the reason and a rewrite that works.
Expressions that are accepted may still turn out to carry a derivative where none can
pass, in a dict say; that is for later passes to see.

>>> from revad.source import read_source
>>> def f(x):
...     for i in range(3):
...         x = x * x
...     return x
>>> for problem in check(read_source(f)):
...     print(problem.place.line, problem.what)
2 'for' loop
"""
from typing import NamedTuple

import gast

from .errors import Diagnostic

STATEMENTS = frozenset({"Assign", "AnnAssign", "AugAssign", "Return", "Expr", "Assert", "Pass", "If"})

EXPRESSIONS = frozenset({
    "Name", "Constant", "UnaryOp", "BinOp", "BoolOp", "Compare", "IfExp", "Call", "Attribute",
    "Subscript", "Slice", "Tuple", "List", "Dict", "Set", "Starred", "JoinedStr",
    "FormattedValue", "ListComp", "SetComp", "DictComp", "GeneratorExp", "Lambda"})


class Refusal(NamedTuple):
    """What is refused, why, and what to write instead."""

    what: str
    why: str
    instead: str


# The key is the type of the syntax node or, where the type alone does not decide, a
# description.  "other" is for what a newer Python may bring.
REFUSED = {
    "Match": Refusal(
        "'match' statement", "revad follows straight-line code, in which every statement runs",
        "Write y = a if condition else b for one truth value, or "
        "y = np.where(condition, a, b) for one per element."),
    "For": Refusal(
        "'for' loop", "revad follows straight-line code, in which every statement runs once",
        "Compute with whole arrays, such as np.sum(x * y) for a loop that adds up "
        "x[i] * y[i], or write the rounds out one after the other."),
    "While": Refusal(
        "'while' loop", "revad follows straight-line code, in which every statement runs once",
        "Compute with whole arrays, or write a fixed number of rounds out one after the other."),
    "With": Refusal(
        "'with' block", "what it does when it is entered and left cannot be seen",
        "Put it around the call: with np.errstate(over='ignore'): df(x)."),
    "Try": Refusal(
        "'try' block", "which of its parts run is known only while running",
        "Put it around the call of the function, and leave only the computation inside."),
    "Raise": Refusal(
        "'raise' statement", "a function that always raises has no output to differentiate",
        "Write assert condition, 'message' for a check."),
    "FunctionDef": Refusal(
        "function inside the function",
        "its statements run where it is called, not where it stands",
        "Write its statements in the place of its calls."),
    "ClassDef": Refusal(
        "class inside the function", "a class carries no derivative",
        "Define it outside of the function."),
    "Import": Refusal(
        "'import' inside the function", "the gradient would repeat it, and only names outside "
        "of the function tell what is called before it runs",
        "Import at the top of the module."),
    "Global": Refusal(
        "'global' statement", "assigning to a name outside of the function is a side effect",
        "Use a local name, and assign to the outer one where the function is called. "
        "Reading it needs no statement."),
    "Nonlocal": Refusal(
        "'nonlocal' statement", "assigning to a name outside of the function is a side effect",
        "Use a local name, and assign to the outer one where the function is called. "
        "Reading it needs no statement."),
    "Delete": Refusal(
        "'del' statement", "the backward pass may need what it deletes",
        "Leave it out: local names go when the function returns."),
    "TypeAlias": Refusal(
        "'type' statement", "it computes nothing", "Move it out of the function."),
    "NamedExpr": Refusal(
        "':=' in an expression", "revad follows assignments one statement at a time",
        "Assign on a line of its own before it: y = x + 1."),
    "Yield": Refusal(
        "'yield'", "a generator has no single output to differentiate",
        "Return all values at once, for instance with np.stack."),
    "Await": Refusal(
        "'await'", "what it waits for is computed outside of the function",
        "Await it before the call, and pass the result as an argument."),
    "async function": Refusal(
        "'async def'", "its value comes only when it is awaited",
        "Write a plain def, and pass it what has to be awaited as arguments."),
    "async comprehension": Refusal(
        "'async for'", "what it waits for is computed outside of the function",
        "Collect the values before the call, and pass them as an argument."),
    "nested store": Refusal(
        "store into a part of something", "which array it writes into cannot be followed",
        "Store into a name with one subscript: x[i, j] = v for x[i][j] = v."),
    "attribute store": Refusal(
        "assignment to an attribute", "changing an object outside of the function is a side effect",
        "Assign to a local name, and set the attribute where the function is called."),
    "starred target": Refusal(
        "'*' in an assignment", "how many values it takes is known only while running",
        "Take them by index: first, rest = x[0], x[1:]."),
    "starred argument": Refusal(
        "'*' in a call", "which parameters its values go to is known only while running",
        "Write the arguments out: f(a[0], a[1])."),
    "keywords argument": Refusal(
        "'**' in a call", "which parameters its values go to is known only while running",
        "Write the arguments out: f(x, axis=0)."),
    "starred parameter": Refusal(
        "'*' parameter", "each input of a gradient needs a name of its own",
        "Name each parameter, or take one parameter that is a list."),
    "keywords parameter": Refusal(
        "'**' parameter", "each input of a gradient needs a name of its own",
        "Name each parameter, or take one parameter that is a dict."),
    "early return": Refusal(
        "'return' before the end", "what comes after it may not run",
        "Give the value a name, and return it at the end: y = a if condition else b."),
    "empty return": Refusal(
        "'return' without a value", "there is no output to differentiate",
        "Return the value to differentiate: return loss."),
    "no return": Refusal(
        "function without 'return'", "there is no output to differentiate",
        "End it with the value to differentiate: return loss."),
    "other": Refusal(
        "this syntax", "revad does not know it", "Write it with simpler statements."),
}
REFUSED["AsyncFor"] = REFUSED["async comprehension"]
REFUSED["AsyncWith"] = REFUSED["With"]
REFUSED["TryStar"] = REFUSED["Try"]
REFUSED["AsyncFunctionDef"] = REFUSED["FunctionDef"]
REFUSED["ImportFrom"] = REFUSED["Import"]
REFUSED["YieldFrom"] = REFUSED["Yield"]


def check(source):
    """All that is refused in a Source, as a list of Diagnostics in the order of the text."""
    problems = [Diagnostic(source.place(node), *REFUSED[key if key in REFUSED else "other"])
                for node, key in _function(source.tree)]
    return sorted(problems, key=lambda problem: (problem.place.line, problem.place.column))


def _function(tree):
    """Pairs of a node and the key of its refusal, for a whole function."""
    if isinstance(tree, gast.AsyncFunctionDef):
        yield tree, "async function"
    if tree.args.vararg:
        yield tree.args.vararg, "starred parameter"
    if tree.args.kwarg:
        yield tree.args.kwarg, "keywords parameter"
    for statement in tree.body:
        yield from _statement(statement, is_last=statement is tree.body[-1])
    if not _returns(tree.body):
        yield tree, "no return"


def _returns(statements):
    """Whether there is a return among them, or in a block of theirs."""
    return any(isinstance(node, gast.Return)
               or not isinstance(node, (gast.FunctionDef, gast.AsyncFunctionDef, gast.expr))
               and _returns(gast.iter_child_nodes(node)) for node in statements)


def _statement(node, is_last):
    if _name(node) not in STATEMENTS:
        yield node, _name(node)    # and not what is inside, which is rewritten with it
        return
    if isinstance(node, gast.Return):
        if not is_last:
            yield node, "early return"
        if node.value is None or isinstance(node.value, gast.Constant) and node.value.value is None:
            yield node, "empty return"
    if isinstance(node, gast.If):
        yield from _expression(node.test)
        for statement in (*node.body, *node.orelse):
            yield from _statement(statement, is_last=False)
        return
    for child in gast.iter_child_nodes(node):
        if child is getattr(node, "annotation", None):
            continue    # the annotation of a local name is not evaluated
        yield from _expression(child)


def _expression(node):
    """The problems of a node below a statement."""
    stored = isinstance(getattr(node, "ctx", None), gast.Store)
    if isinstance(node, gast.expr) and _name(node) not in EXPRESSIONS:
        yield node, _name(node)
    elif stored and isinstance(node, gast.Subscript) and not isinstance(node.value, gast.Name):
        yield node, "nested store"
    elif stored and isinstance(node, gast.Attribute):
        yield node, "attribute store"
    elif stored and isinstance(node, gast.Starred):
        yield node, "starred target"
    elif isinstance(node, gast.comprehension) and node.is_async:
        yield node.target, "async comprehension"
    elif isinstance(node, gast.Call):
        yield from ((a, "starred argument") for a in node.args if isinstance(a, gast.Starred))
        yield from ((k.value, "keywords argument") for k in node.keywords if k.arg is None)
    for child in gast.iter_child_nodes(node):
        yield from _expression(child)


def _name(node):
    return type(node).__name__
