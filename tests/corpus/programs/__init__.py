"""Programs as people write them: stores, loops, branches, calls and containers, each with arguments.

`all_cases()` gives every case of every module. `python -m tests.corpus.programs` says which are right, wrong, refused
and crashed; with -r it checks the cases themselves, without revad.
"""

import importlib

from ..case import Case, cases_of

MODULES = (
    "stores",
    "loops",
    "recurrences",
    "branches",
    "calls",
    "functions",
    "containers",
    "bodies",
    "course_layers",
    "course_networks",
    "course_recurrent",
    "scratch_networks",
    "losses_options",
    "optimisation_loops",
    "stencils",
    "matrices",
    "sweeps",
    "benchmarks",
    "simulations",
    "inference",
    "combinations",
    "combined_control",
    "combined_state",
    "small",
)


def all_cases():
    """Every case, in order; the name of each is unique."""
    return cases_of(importlib.import_module(f".{name}", __name__) for name in MODULES)


__all__ = ["MODULES", "Case", "all_cases"]
