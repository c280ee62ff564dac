"""Decorators: unwrap `functools.wraps` decorators that leave a function as it is.

A decorator that logs, times or checks is passed over.  One that changes what goes in or comes out
is refused: the function below it has another gradient than the one that was asked for.

>>> import functools
>>> def logged(function):
...     @functools.wraps(function)
...     def wrapper(*args, **keywords):
...         print("called")
...         return function(*args, **keywords)
...     return wrapper
>>> def f(x):
...     return x**2
>>> innermost(logged(f)) is f
True
"""
from __future__ import annotations

import ast
import functools
import types

from ..errors import SourceError
from ..syntax import tree_of
from .source import read_source

KNOWN = (functools._lru_cache_wrapper, staticmethod, classmethod)


def innermost(function, stop=()):
    """The function below all decorators, or the first of the type `stop`.  Raises SourceError."""
    seen = set()
    while not isinstance(function, stop) and not isinstance(function, type) and id(function) not in seen:
        seen.add(id(function))
        inner = getattr(function, "__wrapped__", None)
        if inner is None:
            break
        if not isinstance(function, KNOWN) and not _leaves_alone(function, inner):
            name = getattr(inner, "__name__", "function")
            raise SourceError(
                f"{name} has a decorator that may change what goes into it or comes out of it: give revad "
                f"the function below it ({name}.__wrapped__), or decorate the gradient instead")
        function = inner
    return function


def _leaves_alone(wrapper, inner):
    """Whether a wrapper returns the inner function's result for the wrapper's own arguments only."""
    wrapper = getattr(wrapper, "__func__", wrapper)
    if not isinstance(wrapper, types.FunctionType):
        return False
    try:
        tree = _definition(wrapper)
    except SourceError:
        return False
    if isinstance(tree, ast.Lambda):
        return _passes_on(tree.body, tree.args, wrapper, inner)
    nodes = list(_own_nodes(tree))
    assigned = [node.id for node in nodes
                if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)]
    results = {node.targets[0].id for node in nodes if isinstance(node, ast.Assign) and len(node.targets) == 1
               and isinstance(node.targets[0], ast.Name) and assigned.count(node.targets[0].id) == 1
               and _passes_on(node.value, tree.args, wrapper, inner)}
    returned = [node.value for node in nodes if isinstance(node, ast.Return)]
    return bool(returned) and not any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in nodes) \
        and not set(assigned) & set(_names(tree.args)) \
        and all(isinstance(value, ast.Name) and value.id in results
                or _passes_on(value, tree.args, wrapper, inner)
                for value in returned)


def _definition(wrapper):
    """The syntax of the wrapper itself (read_source would follow `__wrapped__`)."""
    unwrapped = types.FunctionType(wrapper.__code__, wrapper.__globals__, wrapper.__name__, None,
                                   wrapper.__closure__)
    statement = tree_of(read_source(unwrapped).text).body[0]
    return statement.value if isinstance(statement, ast.Expr) else statement


def _passes_on(call, arguments, wrapper, inner):
    """Whether an expression calls the inner function with exactly the wrapper's arguments."""
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) \
            or _meaning(call.func.id, wrapper) is not inner:
        return False
    expected = [ast.Name(a.arg) for a in (*arguments.posonlyargs, *arguments.args)]
    expected += [ast.Starred(ast.Name(arguments.vararg.arg))] if arguments.vararg else []
    keywords = {a.arg: ast.Name(a.arg) for a in arguments.kwonlyargs}
    keywords.update({None: ast.Name(arguments.kwarg.arg)} if arguments.kwarg else {})
    return list(map(_bare, call.args)) == list(map(_bare, expected)) \
        and {k.arg: _bare(k.value) for k in call.keywords} == {k: _bare(v) for k, v in keywords.items()}


def _bare(node):
    return ("*", _bare(node.value)) if isinstance(node, ast.Starred) else getattr(node, "id", None)


def _meaning(name, function):
    """The object that a name in a function refers to, if it is no local."""
    code = function.__code__
    if name in code.co_freevars:
        try:
            return function.__closure__[code.co_freevars.index(name)].cell_contents
        except ValueError:
            return None
    return function.__globals__.get(name)


def _own_nodes(tree):
    """The nodes of a function, without those of functions inside it."""
    todo = list(tree.body)
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            todo.extend(ast.iter_child_nodes(node))


def _names(arguments):
    every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg,
             arguments.kwarg)
    return [argument.arg for argument in every if argument is not None]
