"""Describe one thing to time: a plain function, its joint pass written by hand, and arguments.

>>> def f(x):
...     return x**2
>>> def f_by_hand(x):
...     return x**2, 2 * x
>>> Workload("square", f, f_by_hand, (3.0,), ("x",), 1.5).name
'square'
"""
from __future__ import annotations

import linecache
from collections.abc import Callable
from typing import NamedTuple

SCALAR_GOAL = 1.5
ARRAY_GOAL = 1.3
CALL_GOAL = 1.2
MEMORY_GOAL = 1.2


class Workload(NamedTuple):
    """`by_hand` returns the value of `function` and its gradients on the parameters in `wrt`.

    `goal` is the most that the generated pass may cost, in times of the hand-written one;
    `memory_goal` is the same for the most memory that it holds at a time, which is measured if it is set.
    """

    name: str
    function: Callable
    by_hand: Callable
    arguments: tuple
    wrt: str | tuple[str, ...]
    goal: float
    memory_goal: float | None = None


def define(source: str, name: str, namespace: dict) -> Callable:
    """Make a function of a text, and let `inspect` find the text.

    >>> import inspect
    >>> inspect.getsource(define("def f(x):\\n    return 2 * x\\n", "f", {}))
    'def f(x):\\n    return 2 * x\\n'
    """
    filename = f"<benchmark {name}>"
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    namespace = dict(namespace)
    exec(compile(source, filename, "exec"), namespace)
    return namespace[name]
