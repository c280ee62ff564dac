"""Measure: a backward pass that revad writes, over the one that is written by hand.

Counted are statements, nodes of the syntax tree, and foreign names: those that occur in neither the function
nor the hand pass. The line that unpacks the cache does not count, as a hand pass gets its values as parameters.
"""
import ast
import inspect
import sys
import timeit
import warnings
from typing import NamedTuple

import numpy as np

from revad import grad

from .cases import CASES, KEPT, pair


class Measure(NamedTuple):
    name: str
    statements: tuple       # (revad's, by hand)
    nodes: tuple
    foreign: list
    longest: int            # columns of revad's longest line
    helpers: int            # functions above revad's
    text: str

    @property
    def ratio(self):
        return self.statements[0] / self.statements[1]

    @property
    def size(self):
        return self.nodes[0] / self.nodes[1]


def both(name):
    """(revad's pass, the pass by hand) as functions of nothing, and the text of revad's."""
    function, by_hand = pair(name)
    args, wrt = CASES[name]
    names = [p.name for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    g = grad(function, **({} if wrt is None else {"wrt": wrt}))
    out, cache = g.forward(*args)
    dout = np.random.default_rng(1).normal(size=np.shape(out))
    dout = dout if np.ndim(out) else float(dout)
    known = {**_locals_of(function, args), **dict(zip(names, args)),
             **{key: value(*args) for key, value in KEPT.get(name, {}).items()}}
    kept = [known[parameter] for parameter in list(inspect.signature(by_hand).parameters)[1:]]
    g.backward(dout, cache)
    return lambda: g.backward(dout, cache), lambda: by_hand(dout, *kept), g.backward.source


def _locals_of(function, args):
    """The values of a function's names where it returns."""
    values = {}

    def note(frame, event, _):
        if event == "return" and frame.f_code is function.__code__:
            values.update(frame.f_locals)
    sys.setprofile(note)
    try:
        function(*args)
    finally:
        sys.setprofile(None)
    return values


def measured(name):
    function, by_hand = pair(name)
    text = both(name)[2]
    module = ast.parse(text)
    functions = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    generated, written = functions[-1], _tree(by_hand)
    own = [node for node in generated.body if not _unpacks_cache(node)]
    known = _names(_tree(function)) | _names(written)
    foreign = sorted(set().union(*map(_names, own)) - known - {"np", "math"})
    return Measure(name, (_statements(own), _statements(written.body)), (_nodes(own), _nodes(written.body)), foreign,
                   max(map(len, text.splitlines())), len(functions) - 1, text)


def _tree(function):
    return ast.parse(inspect.getsource(function)).body[0]


def _unpacks_cache(node):
    return isinstance(node, ast.Assign) and isinstance(node.value, ast.Name) and node.value.id == "cache"


def _statements(body):
    return sum(isinstance(node, ast.stmt) for statement in body for node in ast.walk(statement))


def _nodes(body):
    return sum(not isinstance(node, (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop))
               for statement in body for node in ast.walk(statement))


def _names(node):
    return {inner.id if isinstance(inner, ast.Name) else inner.arg for inner in ast.walk(node)
            if isinstance(inner, (ast.Name, ast.arg))}


def times(name, number=200):
    """Seconds of (revad's text, the pass by hand, a call of `.backward`, which finds the text)."""
    revads, by_hand, text = both(name)
    function, _ = pair(name)
    args, wrt = CASES[name]
    out, cache = grad(function, **({} if wrt is None else {"wrt": wrt})).forward(*args)
    dout = np.random.default_rng(1).normal(size=np.shape(out))
    namespace = {**function.__globals__, "np": np}
    exec(text, namespace)
    own = namespace[[node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)][-1]]
    kept = list(inspect.signature(own).parameters)[1:]
    kept = [tuple(cache) if parameter == "cache" else cache[0] for parameter in kept]
    dout = dout if np.ndim(out) else float(dout)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tuple(min(timeit.repeat(run, number=number, repeat=7)) / number
                     for run in (lambda: own(dout, *kept), by_hand, revads))


def all_measured():
    return [measured(name) for name in CASES]
