"""Rows of values in which every pair of values of any two factors meets.

>>> rows = covering([3, 2, 2], 0)
>>> first = [next(rows) for _ in range(20)]
>>> {(a, c) for a, b, c in first} == {(a, c) for a in range(3) for c in range(2)}
True
"""
import itertools
import random

CANDIDATES = 12


def covering(sizes, seed):
    """Numbers below the sizes, without end: once all pairs have met, it begins again with other rows."""
    rng = random.Random(seed)
    while True:
        missing = {(i, a, j, b) for i, j in itertools.combinations(range(len(sizes)), 2)
                   for a in range(sizes[i]) for b in range(sizes[j])}
        order = sorted(missing)
        rng.shuffle(order)
        if not missing:
            yield tuple(rng.randrange(size) for size in sizes)
        for i, a, j, b in order:
            if (i, a, j, b) not in missing:
                continue
            row = {i: a, j: b}
            others = [k for k in range(len(sizes)) if k not in row]
            rng.shuffle(others)
            for k in others:
                values = rng.sample(range(sizes[k]), min(CANDIDATES, sizes[k]))
                row[k] = max(values,
                             key=lambda value: sum(_pair(k, value, m, row[m]) in missing for m in row))
            missing -= {_pair(k, row[k], m, row[m]) for k, m in itertools.combinations(row, 2)}
            yield tuple(row[k] for k in range(len(sizes)))


def _pair(i, a, j, b):
    return (i, a, j, b) if i < j else (j, b, i, a)
