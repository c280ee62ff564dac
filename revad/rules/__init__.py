"""The rules that come with revad, by family; importing this package declares them.

>>> from revad.gates import lookup
>>> import numpy as np
>>> lookup(np.matmul).name
'matmul'
"""
from . import (
    arithmetic, array_api, axes, choices, conformable, contractions, creation, decompositions, diagonals, domains, elementwise,
    helpers, joining, linear_algebra, matrices, moving, patterns, products, python, ranks, reductions, scans,
    selecting, shapes, special, splitting, windows, without)

__all__ = [
    "arithmetic", "array_api", "axes", "choices", "conformable", "contractions", "creation", "decompositions", "diagonals", "domains",
    "elementwise", "helpers", "joining", "linear_algebra", "matrices", "moving", "patterns", "products",
    "python", "ranks", "reductions", "scans", "selecting", "shapes", "special", "splitting", "windows",
    "without"]
