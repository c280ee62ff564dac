"""Straight-line functions as people write them, each with arguments: what the compiler must be able to do.

`all_cases()` gives every case of every module. `python -m tests.corpus` says which are right, wrong, refused, crashed.
"""

import importlib

from .case import Case, cases_of

MODULES = (
    "layers",
    "networks",
    "activations",
    "losses",
    "similarities",
    "fitting",
    "likelihoods",
    "optimisation",
    "optimisation_sums",
    "kernels",
    "geometry",
    "linear_algebra",
    "language",
    "expressions",
    "array_reads",
    "array_methods",
)


def all_cases():
    """Every case, in order; the name of each is unique."""
    return cases_of(importlib.import_module(f".{name}", __name__) for name in MODULES)


__all__ = ["MODULES", "Case", "all_cases"]
