"""Syntax: the syntax tree of a text, made by one thread at a time.

CPython counts the depth of a tree that it hands out in one place for all threads, and raises SystemError
where two threads do so at once.

>>> tree_of("x + 1", "eval").body.op.__class__.__name__, gast_of("x = 1").body[0].__class__.__name__
('Add', 'Assign')
"""
from __future__ import annotations

import ast
import threading

import gast

_LOCK = threading.RLock()


def tree_of(text, mode="exec"):
    """`ast.parse(text, mode=mode)`.  Raises SyntaxError."""
    with _LOCK:
        return ast.parse(text, mode=mode)


def gast_of(text):
    """`gast.parse(text)`."""
    return gast.ast_to_gast(tree_of(text))
