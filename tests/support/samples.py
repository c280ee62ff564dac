"""Samples: of cases that combine the same few kinds, a run takes a part, chosen by a fixed seed.

Another part is taken on each version of Python; with REVAD_ALL=1 in the environment, a run takes all.
"""
import os
import random
import sys


def part_of(cases, parts):
    """One of so many parts of the cases, in their order."""
    cases = list(cases)
    if os.environ.get("REVAD_ALL"):
        return cases
    order = list(range(len(cases)))
    random.Random(0).shuffle(order)
    return [cases[number] for number in sorted(order[sys.version_info.minor % parts::parts])]
