"""Shrinking: the smallest program that still fails, by leaving out statements and parts of expressions.

    smaller(text, fails)        the text; `fails` says of a text whether it still shows the fault

>>> print(smaller("def f(x):\\n    y = x * 2 + 1\\n    if x > 0:\\n        z = 3\\n    return y", lambda text: "* 2" in text))
def f(x):
    1.0 * 2
"""

import ast
import copy
import itertools


def smaller(text, fails):
    """Try every way to leave something out, and go on from each that still fails."""
    tree, tried, progress = ast.parse(text), {text}, True
    while progress:
        progress, at = False, 0
        while True:
            change = next(itertools.islice(_changes(tree), at, None), None)
            if change is None:
                break
            shorter = copy.deepcopy(tree)
            change(shorter)
            new = _text(shorter)
            if new is not None and new not in tried and (tried.add(new) or fails(new)):
                tree, progress = ast.parse(new), True
            else:
                at += 1
    return ast.unparse(tree)


def _text(tree):
    try:
        return ast.unparse(ast.fix_missing_locations(tree))
    except Exception:
        return None


def _changes(tree):
    """Functions that make a copy of the tree smaller, the largest steps first."""
    for number, node in enumerate(ast.walk(tree)):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                for at in reversed(range(len(block))):
                    if len(block) > 1 or field == "orelse":
                        yield _replaced(number, field, at, lambda one: [])
                    if isinstance(block[at], (ast.If, ast.For, ast.While)):
                        yield _replaced(number, field, at, lambda one: one.body)
                        if block[at].orelse:
                            yield _replaced(number, field, at, lambda one: one.orelse)
                    if isinstance(block[at], ast.Assign):
                        yield _replaced(number, field, at, lambda one: [ast.Expr(one.value)])
    for number, node in enumerate(ast.walk(tree)):
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr) and isinstance(getattr(value, "ctx", ast.Load()), ast.Load):
                for part in (*ast.iter_child_nodes(value), ast.Constant(1.0)):
                    if isinstance(part, ast.expr) and not isinstance(value, ast.Constant):
                        yield _set(number, field, part)
            elif isinstance(value, list) and len(value) > 1 and isinstance(value[0], ast.expr):
                for at in range(len(value)):
                    yield _replaced(number, field, at, lambda one: [])


def _node(tree, number):
    return next(node for at, node in enumerate(ast.walk(tree)) if at == number)


def _replaced(number, field, at, new):
    def change(tree):
        block = getattr(_node(tree, number), field)
        block[at:at + 1] = new(block[at])
    return change


def _set(number, field, part):
    return lambda tree: setattr(_node(tree, number), field, copy.deepcopy(part))
