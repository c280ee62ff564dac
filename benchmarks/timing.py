"""Time functions in turn, in one process, after checking that they agree.

Each round times every function for a few milliseconds, so that a slow spell of the machine hits
all of them. Of the rounds of a function the best counts; the ratio is the median over the rounds,
in which the two were timed side by side.
"""
from __future__ import annotations

import gc
import statistics
import time

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


def compare(workload: Workload, rounds: int) -> tuple[float, float, float, float]:
    """Microseconds of the plain function, the pass by hand and the generated one; the ratio."""
    check(workload)
    functions = [workload.function, workload.by_hand,
                 value_and_grad(workload.function, wrt=workload.wrt)]
    calls = [max(1, round(ROUND / min(seconds(f, workload.arguments, 1) for _ in range(5))))
             for f in functions]
    times: list[list[float]] = [[], [], []]
    collecting = gc.isenabled()
    gc.disable()
    try:
        for number in range(rounds):
            # Each function takes its turn at going first.
            for place in (number % 3, (number + 1) % 3, (number + 2) % 3):
                times[place].append(seconds(functions[place], workload.arguments, calls[place]))
    finally:
        if collecting:
            gc.enable()
    ratio = statistics.median(ours / hand for hand, ours in zip(times[1], times[2]))
    plain, hand, generated = (min(column) * 1e6 for column in times)
    return plain, hand, generated, ratio
