"""Shape conditions: those that read nothing but shapes are evaluated once for each new tuple of shapes.

A training loop calls a gradient with the same shapes again and again, for which one comparison of tuples is
enough.

>>> texts = ["type(x) is ndarray", "x.ndim == 1", "x.shape[0] != 1", "x.shape[0] == 3", "n == 3"]
>>> tests = [ast.parse(text, mode="eval").body for text in texts]
>>> *others, last = once_per_shapes(tests, "seen", {"ndarray": np.ndarray})
>>> [ast.unparse(test) for test in others], ast.unparse(last)[:45]
(['type(x) is ndarray', 'n == 3'], '(x.shape,) == seen or (x.ndim == 1 and x.shap')
"""
from __future__ import annotations

import ast

import numpy as np

LEAST = 3       # conditions that are worth a tuple


def once_per_shapes(tests, seen, constants):
    """The conditions (syntax), with those on shapes as one: true where the shapes are those in `seen`.

    seen: a variable.  constants: {name: object}.  A condition counts that reads shapes alone, of what another
    condition states to be an array.
    """
    arrays, of_shapes, others, read = set(), [], [], {}
    for test in tests:
        arrays.add(_stated_array(test, constants))
        paths = _shapes_read(test)
        if paths and all(ast.dump(path) in arrays for path in paths):
            of_shapes.append(test)
            read.update((ast.dump(path), path) for path in paths)
        else:
            others.append(test)
    if len(of_shapes) < LEAST:
        return tests
    shapes = ast.Tuple([ast.Attribute(path, "shape", ast.Load()) for path in read.values()], ast.Load())
    new = ast.NamedExpr(ast.Name(seen, ast.Store()), shapes)
    same = ast.Compare(shapes, [ast.Eq()], [ast.Name(seen, ast.Load())])
    return [*others, ast.BoolOp(ast.Or(), [same, ast.BoolOp(ast.And(), [*of_shapes, new])])]


def _stated_array(test, constants):
    """The path, as text, of which a condition states that it is an array: `type(path) is ndarray`."""
    if (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is)
            and isinstance(test.left, ast.Call) and _is(test.left.func, type, {"type": type, **constants})
            and _is(test.comparators[0], np.ndarray, constants)):
        return ast.dump(test.left.args[0])
    return None


def _is(node, value, constants):
    return isinstance(node, ast.Name) and constants.get(node.id) is value


def _shapes_read(test):
    """The paths whose shapes or ranks a condition reads; empty where it reads anything else."""
    paths, work = [], [test]
    while work:
        node = work.pop()
        if isinstance(node, ast.Attribute) and node.attr in ("shape", "ndim") and _is_path(node.value):
            paths.append(node.value)
        elif isinstance(node, (ast.Name, ast.Call, ast.Attribute)):
            return []
        else:
            work += ast.iter_child_nodes(node)
    return paths


def _is_path(node):
    """Whether an expression names an argument, or an attribute or an element of one."""
    while isinstance(node, ast.Attribute) or isinstance(node, ast.Subscript) \
            and isinstance(node.slice, ast.Constant):
        node = node.value
    return isinstance(node, ast.Name)
