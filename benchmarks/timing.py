"""Time functions in turn, in one process, after checking that they agree.

Each round times every function for a few milliseconds, so that a slow spell of the machine hits
all of them. Of the rounds of a function the best counts; the ratio is the median over the rounds,
in which the two were timed side by side.
"""
from __future__ import annotations

import gc
import statistics
import time
import tracemalloc
from typing import NamedTuple

import numpy as np

from revad import value_and_grad

from .workload import Workload

ROUND = 0.005


def flat(tree) -> list:
    """The numbers and arrays inside tuples and lists.

    >>> flat((1.0, ([2.0, 3.0], 4.0)))
    [1.0, 2.0, 3.0, 4.0]
    """
    if isinstance(tree, (tuple, list)):
        return [leaf for item in tree for leaf in flat(item)]
    return [tree]


def check(workload: Workload) -> None:
    """Refuse to time what is not the same to 1e-8."""
    gradient = value_and_grad(workload.function, wrt=workload.wrt)
    ours, theirs = gradient(*workload.arguments), workload.by_hand(*workload.arguments)
    for generated, hand in zip(flat(ours), flat(theirs), strict=True):
        scale = np.abs(hand).max()
        np.testing.assert_allclose(generated, hand, rtol=1e-8, atol=1e-8 * scale,
                                   err_msg=workload.name)


def seconds(function, arguments, calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        function(*arguments)
    return (time.perf_counter() - start) / calls


def peak(function, arguments) -> int:
    """The bytes that a call holds at its worst, besides its arguments.

    >>> peak(np.ones, (1000,)) > 8000
    True
    """
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class Times(NamedTuple):
    """Microseconds of a call, and what the generated pass costs in times of the one by hand.

    `text` is the generated function alone; `call` includes finding it for the kinds of argument.
    `memory` is None for a workload without a goal for it.
    """

    plain: float
    by_hand: float
    text: float
    call: float
    ratio: float
    memory: float | None


def compare(workload: Workload, rounds: int) -> Times:
    """Check a workload and time it."""
    check(workload)
    gradient = value_and_grad(workload.function, wrt=workload.wrt)
    text = gradient.compiled(*workload.arguments)
    functions = [workload.function, workload.by_hand, text, gradient]
    calls = [max(1, round(ROUND / min(seconds(f, workload.arguments, 1) for _ in range(5))))
             for f in functions]
    columns: list[list[float]] = [[] for _ in functions]
    collecting = gc.isenabled()
    gc.disable()
    try:
        for number in range(rounds):
            # Each function takes its turn at going first.
            for turn in range(len(functions)):
                place = (number + turn) % len(functions)
                columns[place].append(seconds(functions[place], workload.arguments, calls[place]))
    finally:
        if collecting:
            gc.enable()
    ratio = statistics.median(ours / hand for hand, ours in zip(columns[1], columns[3]))
    memory = None
    if workload.memory_goal is not None:
        memory = peak(gradient, workload.arguments) / peak(workload.by_hand, workload.arguments)
    return Times(*(min(column) * 1e6 for column in columns), ratio, memory)
