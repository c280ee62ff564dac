"""Rules of NumPy's functions and methods, by family."""
from . import (
    arithmetic,
    array_api,
    block,
    concatenate,
    creation,
    cumulative,
    decompositions,
    diagonals,
    einsum,
    elementary,
    linalg,
    matmul,
    rearrange,
    reductions,
    reshape,
    split,
    statistics,
    take,
    where,
    windows,
    without_derivative,
)

__all__ = [
    "arithmetic", "array_api", "block", "concatenate", "creation", "cumulative", "decompositions",
    "diagonals", "einsum", "elementary", "linalg", "matmul", "rearrange", "reductions", "reshape", "split",
    "statistics", "take", "where", "windows", "without_derivative",
]
