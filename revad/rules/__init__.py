"""The rules that come with revad, by library; importing this package declares them.

>>> from revad.types.registry import lookup
>>> import numpy as np
>>> lookup(np.matmul).name
'matmul'
"""
from . import fused, helpers, matrix_tangents, numpy, python, requirements, scipy

__all__ = ["fused", "helpers", "matrix_tangents", "numpy", "python", "requirements", "scipy"]
