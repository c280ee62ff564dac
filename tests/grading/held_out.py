"""How often `check_backward` names mistakes that it was not written for.

`python -m tests.grading.held_out SEED COUNT` puts COUNT random mistakes into each pass of `tests.hand`.
A mistake that changes no gradient, or makes the pass raise, is not counted. Prints how many are named, and
which are not.
"""
import ast
import collections
import copy
import itertools
import linecache
import random
import sys
import warnings

import numpy as np

from revad import check_backward
from revad.grading.factors import put
from revad.grading.reading import definition_of
from tests.hand.cases import CASES, KEPT, pair

_numbers = itertools.count()


def changes(tree):
    """(kind, node, what stands in its place) of mistakes in a backward pass."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Assign, ast.AugAssign, ast.Return)) and node.value is not None:
            yield from _of_statement(node)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub)) \
                and not isinstance(node.left, ast.Constant) and not isinstance(node.right, ast.Constant):
            is_sum = isinstance(node.op, ast.Add)
            yield "path forgotten", node, node.left
            yield "path forgotten", node, node.right if is_sum else ast.UnaryOp(ast.USub(), node.right)
            yield "sign", node, ast.BinOp(node.left, ast.Sub() if is_sum else ast.Add(), node.right)
        name = getattr(getattr(node, "func", None), "attr", "")
        if name == "sum" and getattr(node.func.value, "id", "") != "np":
            yield "broadcast not summed", node, node.func.value
        if name == "mean":
            yield "sum for mean", node.func, ast.Attribute(node.func.value, "sum", ast.Load())
        if isinstance(node, ast.keyword) and node.arg == "axis" and isinstance(node.value, ast.Constant):
            yield "wrong axis", node.value, ast.Constant(0 if node.value.value else 1)
        if isinstance(node, ast.Compare):
            yield "wrong mask", node, ast.Compare(node.left, [ast.Lt()], node.comparators)
        if isinstance(node, ast.Attribute) and node.attr == "T":
            yield "transposed product", node, node.value


def _of_statement(node):
    target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
    if isinstance(node, ast.Assign) and not ast.unparse(target).startswith("d"):
        return
    for value in node.value.elts if isinstance(node.value, ast.Tuple) else [node.value]:
        if not isinstance(value, ast.Constant):
            yield "sign", value, ast.UnaryOp(ast.USub(), value)
            yield "factor 2", value, ast.BinOp(ast.Constant(2), ast.Mult(), value)
            yield "doubled 1/N", value, ast.BinOp(value, ast.Div(), ast.Name("N_", ast.Load()))
    if isinstance(node, ast.AugAssign):
        yield "overwritten", node, ast.Assign([node.target], node.value)
        yield "path forgotten", node, ast.Pass()


def compiled(function, tree, args):
    """The function that a changed tree defines, with its source where inspect finds it."""
    file, text = f"<held out {next(_numbers)}>", ast.unparse(ast.fix_missing_locations(tree))
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    rows = [np.shape(arg)[0] for arg in args if np.ndim(arg)]
    namespace = {**function.__globals__, "N_": float(rows[0] if rows else 3)}
    exec(compile(text, file, "exec"), namespace)
    return namespace[function.__name__]


def main(seed, count):
    rng, counts, others = random.Random(seed), collections.Counter(), []
    for name in [name for name in CASES if name not in KEPT]:
        (args, wrt), (forward, backward) = CASES[name], pair(name)
        tree = definition_of(backward)
        mistakes, left = list(changes(tree)), count
        rng.shuffle(mistakes)
        for kind, node, other in mistakes:
            # A part of the node is put in its place as a copy, because the node becomes it.
            with put(node, ast.copy_location(_copy(other, node), node)):
                changed = compiled(backward, tree, args)
            report = check_backward(forward, changed, *args, wrt=wrt)
            if report or "raises" in report.mistakes:
                continue
            is_named = report.mistakes == (kind,)
            counts["named" if is_named else "not named"] += 1
            others += [] if is_named else [(name, kind, report.mistakes)]
            left -= 1
            if not left:
                break
    return counts, others


def _copy(other, node):
    """The replacement, in which the node itself is a copy."""
    known = {id(node): copy.copy(node)}
    if other is node:
        return known[id(node)]
    new = copy.copy(other)
    for field, value in ast.iter_fields(other):
        if value is node:
            setattr(new, field, known[id(node)])
        elif isinstance(value, list):
            setattr(new, field, [known.get(id(part), part) for part in value])
    return new


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    counts, others = main(int(sys.argv[1]), int(sys.argv[2]))
    print(dict(counts))
    for name, kind, told in others:
        print(f"{name}: {kind}, told: {', '.join(told)}")
