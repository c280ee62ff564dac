"""Tables: lists, deques, heaps and dicts whose elements come and go while running.

Each program here was refused without them; it is right for several lengths, in one pass and in two.
"""
import bisect
import heapq
from collections import defaultdict, deque

import numpy as np
import pytest
from differences import assert_gradient, numeric_gradient
from from_text import function

import revad

NAMES = {"bisect": bisect, "heapq": heapq, "deque": deque, "defaultdict": defaultdict}
NUMBERS = [0.3, 1.2, 0.7, 0.9, 0.2]

PROGRAMS = {
    "a stack": """
        def f(x, n):
            stack, total = [], 0.0
            for i in range(n):
                while stack and stack[-1] < x[i]:
                    total += stack.pop()**2 * (i + 1)
                stack.append(x[i])
            for value in stack:
                total = total * 0.9 + value**3
            return total
    """,
    "a queue with two ends": """
        def f(x, n):
            queue = deque()
            total = 0.0
            for i in range(n):
                queue.append(x[i]**2)
                if i % 2:
                    total += queue.popleft() * (i + 1)
                if x[i] > 0.8:
                    queue.appendleft(x[i] * 3.0)
            return total + sum(queue) + len(queue)
    """,
    "a heap of pairs": """
        def f(x, n):
            heap = []
            total = 0.0
            for i in range(n):
                heapq.heappush(heap, (x[i], i))
            rank = 1
            while heap:
                value, i = heapq.heappop(heap)
                total += rank * value**2 + i * value
                rank += 1
                if value > 0.5 and rank < 9:
                    heapq.heappush(heap, (value + 0.4, i))
            return total
    """,
    "insertion by bisection": """
        def f(x, n):
            ranked = []
            for i in range(n):
                at = bisect.bisect_left(ranked, x[i])
                ranked.insert(at, x[i])
            total = 0.0
            for rank, value in enumerate(ranked):
                total += (rank + 1) * value**2
            return total
    """,
    "an order by a key": """
        def f(x, n):
            pairs = []
            for i in range(n):
                if x[i] > 0.25:
                    pairs.append((x[i], i, x[i]**2))
            pairs.sort(key=lambda p: p[0], reverse=True)
            total = 0.0
            for rank, (a, i, b) in enumerate(pairs[:2]):
                total += (rank + 1) * a * b * (i + 1)
            return total
    """,
    "a dict by keys of data": """
        def f(x, n):
            totals = {}
            for i in range(n):
                key = int(x[i] * 5 + 0.3)
                totals[key] = totals.get(key, 0.0) + x[i]**2
            value = 0.0
            for key, total in totals.items():
                value += (key + 1) * total**2
            return value
    """,
    "a defaultdict by pairs": """
        def f(x, n):
            totals = defaultdict(float)
            for i in range(n):
                totals[int(x[i] * 3), i % 2] += x[i]**2
            value = 0.0
            for key in sorted(totals):
                value = value * 0.5 + (key[0] + 1) * totals[key]**2
            return value
    """,
    "deletion from a dict": """
        def f(x, n):
            d = {}
            for i in range(n):
                d[int(x[i] * 4)] = x[i] * (i + 1)
                if x[i] > 1.0:
                    del d[int(x[i] * 4)]
            value = 0.0
            for key in d:
                value += d[key]**2
            if 1 in d:
                value += 3 * d[1]
            return value
    """,
    "a list made anew each round": """
        def f(x, n):
            points = [(1.0, 2.0)]
            for i in range(n):
                kept = []
                for a, b in points:
                    if a < x[i] * 5:
                        kept.append((a * x[i], b))
                    kept.append((a + x[i], b * 0.5))
                points = kept
            total = 0.0
            for a, b in points:
                total += a * b
            return total
    """,
    "two names of a list": """
        def f(x, n):
            xs = []
            ys = xs
            for i in range(n):
                xs.append(x[i]**2)
                if x[i] > 0.8:
                    ys.append(x[i] * 3)
            return sum(ys) + len(xs)
    """,
    "a deque of limited length": """
        def f(x, n):
            d = deque(maxlen=2)
            total = 0.0
            for i in range(n):
                d.append(x[i] * 2)
                total += sum(d)**2
            return total
    """,
    "pairs of settings": """
        def f(x, n):
            pairs = []
            for i in range(n):
                for j in range(i):
                    if x[i] < x[j]:
                        pairs.append((i, j))
            total = 0.0
            for i, j in pairs:
                total += x[i] * x[j]
            return total
    """,
}
REFUSED = {
    "a heap in its order": """
        def f(x, n):
            heap, total = [], 0.0
            for i in range(n):
                heapq.heappush(heap, x[i])
            for v in heap:
                total = total * 0.5 + v
            return total
    """,
    "a place in a heap": """
        def f(x, n):
            heap = []
            for i in range(n):
                heapq.heappush(heap, x[i])
            return heap[1]
    """,
    "a change of what a loop goes over": """
        def f(x, n):
            pairs, total = [], 0.0
            for i in range(n):
                pairs.append((x[i], i))
            for v, i in pairs:
                total += v
                if i > 3 and total < 20:
                    pairs.append((v, 0))
            return total
    """,
    "a copy that is changed as well": """
        def f(x, n):
            stack = []
            for i in range(n):
                stack.append(x[i])
                if x[i] > 1:
                    stack.pop()
            more = stack[1:]
            more.append(2.0)
            stack.append(x[0])
            return sum(more) + sum(stack) * 3
    """,
    "a result": """
        def f(x, n):
            totals = {}
            for i in range(n):
                totals[int(x[i])] = x[i]
            return totals
    """,
}


def program(name):
    return function(PROGRAMS[name], **NAMES)


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_is_right(name):
    assert_gradient(program(name), (np.array(NUMBERS), 5), "x")


@pytest.mark.parametrize("name, n", [("a queue with two ends", 5), ("an order by a key", 5), ("a stack", 1)])
def test_a_program_is_right_of_a_list(name, n):
    assert_gradient(program(name), (NUMBERS, n), "x")


@pytest.mark.parametrize("name", ["a stack", "a heap of pairs", "a defaultdict by pairs"])
def test_without_elements(name):
    assert np.array_equal(revad.grad(program(name), wrt="x")(np.array(NUMBERS), 0), np.zeros(5))


@pytest.mark.parametrize("name", ["a stack", "two names of a list", "a dict by keys of data", "pairs of settings"])
def test_second_and_forward_derivatives_are_right_or_refused(name):
    f, x, weights = program(name), np.array(NUMBERS), np.arange(1.0, 6.0)
    first = revad.grad(f, wrt="x")

    def weighted(x):
        return np.sum(first(x, 5) * weights)
    try:
        second = revad.grad(weighted)(x)
    except revad.RevadError as error:
        assert type(error) is revad.UnsupportedError
    else:
        np.testing.assert_allclose(second, numeric_gradient(weighted, (x,), 0), rtol=1e-4, atol=1e-4)
    try:
        _, tangent = revad.jvp(f, wrt="x")(x, 5, tangents=weights)
    except revad.RevadError as error:
        assert type(error) is revad.UnsupportedError
    else:
        np.testing.assert_allclose(tangent, first(x, 5) @ weights)


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_followed_is_refused(name):
    with pytest.raises(revad.UnsupportedError):
        revad.grad(function(REFUSED[name], **NAMES), wrt="x")(np.array(NUMBERS), 5)


def test_the_loops_stay_loops_and_nothing_is_copied():
    gradient = revad.grad(program("a stack"), wrt="x")
    gradient(np.array(NUMBERS), 5)
    text = gradient.source
    gradient(np.ones(50), 50)
    assert gradient.source == text and "stack_values.append(x[i])" in text and ".copy()" not in text
    assert "dstack_values = np.zeros(len(stack_values))" in text


def test_the_errors_are_those_of_the_function():
    f = function("""
        def f(x, n):
            stack = []
            total = 0.0
            for i in range(n):
                stack.append(x[i])
                if x[i] > 1:
                    total += stack.pop() + stack.pop()
            return total
    """)
    gradient = revad.grad(f, wrt="x")
    assert np.array_equal(gradient(np.array([0.5, 1.5]), 2), [1, 1])
    with pytest.raises(IndexError):
        gradient(np.array([1.5, 0.5]), 2)
