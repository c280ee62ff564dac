"""Reading: the syntax tree of a function of the user's, and functions compiled from changed trees.

>>> import types
>>> tree = ast.parse("def f(x):\\n    return x * k").body[0]
>>> rebuilt(tree, types.FunctionType((lambda: None).__code__, {"k": 3}))(2)
6
"""

from __future__ import annotations

import ast
import inspect
import textwrap
import types

from ..runtime.compilation import function_of_text


def definition_of(function):
    """The syntax tree of a function's own definition, with the line numbers of its file; None without
    source.
    """
    function = inspect.unwrap(function)
    try:
        lines, first = inspect.getsourcelines(function)
        tree = ast.parse(textwrap.dedent("".join(lines)))
    except (OSError, TypeError, SyntaxError):
        return None
    ast.increment_lineno(tree, max(first, 1) - 1)
    name = getattr(function, "__name__", None)
    return next(
        (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name), None
    )


def rebuilt(tree, function, **injected):
    """A function of a changed tree, in the namespace of the function that it was, with names added.

    >>> def g(x):
    ...     return x
    >>> rebuilt(ast.parse("def g(x): return x + extra").body[0], g, extra=1)(2)
    3
    """
    tree = ast.FunctionDef(**{**dict(ast.iter_fields(tree)), "decorator_list": []})
    tree.args = ast.parse(f"def f({ast.unparse(tree.args)}): pass").body[0].args
    for argument in ast.walk(tree.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    tree.returns = None
    count, keyword_count = len(tree.args.defaults), len(tree.args.kw_defaults)
    tree.args.defaults = [ast.Constant(None)] * count
    tree.args.kw_defaults = [ast.Constant(None)] * keyword_count
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    cells.update({name: types.CellType(value) for name, value in injected.items()})
    # A function that calls itself by a name of its module calls what stands there.
    name, tree.name = tree.name, tree.name if tree.name in cells else f"{tree.name}_"
    text = ast.unparse(ast.fix_missing_locations(tree))
    new = function_of_text(text, tree.name, function.__globals__, cells)
    new.__name__ = name
    new.__defaults__ = function.__defaults__
    if function.__kwdefaults__:
        new.__kwdefaults__ = dict(function.__kwdefaults__)
    return new


def helpers_of(function):
    """{name: function} of the user's functions of the same file that a function calls, directly or not."""
    known, pending = {}, [function]
    while pending:
        current = pending.pop()
        for name in current.__code__.co_names:
            other = current.__globals__.get(name)
            if (
                isinstance(other, types.FunctionType)
                and other is not function
                and name not in known
                and other.__code__.co_filename == function.__code__.co_filename
            ):
                known[name] = other
                pending.append(other)
    return known


def with_helper(function, name, helper):
    """A copy of a function, and of its helpers, that calls another function by the name of one of them.

    >>> def square(x):
    ...     return x * x
    >>> def twice(x):
    ...     return square(square(x))
    >>> space = {"square": square}
    >>> inside = types.FunctionType(twice.__code__, space)
    >>> with_helper(inside, "square", lambda x: -x)(2)
    2
    """
    space = dict(function.__globals__)
    for other, known in helpers_of(function).items():
        space[other] = _moved(known, space)
    space[name] = _moved(helper, space)
    return _moved(function, space)


def _moved(function, space):
    new = types.FunctionType(
        function.__code__, space, function.__name__, function.__defaults__, function.__closure__
    )
    new.__kwdefaults__ = function.__kwdefaults__
    return new


def noting(function, tree, held):
    """The function, which keeps its variables in a dict as they are when it returns.

    >>> def double(x):
    ...     y = 2 * x
    ...     return y
    >>> held = {}
    >>> noting(double, definition_of(double), held)(2), held["y"]
    (4, 4)
    """
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value is not None]
    values = [node.value for node in returns]
    for node in returns:
        node.value = ast.Call(
            ast.Name("noted_", ast.Load()),
            [node.value, ast.Call(ast.Name("locals", ast.Load()), [], [])],
            [],
        )

    def note(value, variables):
        held.update(variables)
        return value

    try:
        return rebuilt(tree, function, noted_=note)
    finally:
        for node, value in zip(returns, values):
            node.value = value
