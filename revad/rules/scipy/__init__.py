"""Rules of SciPy's functions, declared once the program has imported them."""
from . import linalg, special

__all__ = [
    "linalg", "special",
]
