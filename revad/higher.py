"""The gradient of a gradient, under the module name that old pickles of it contain.

>>> import pickle
>>> pickle.loads(b"crevad.higher\\nHigherGradient\\n.") is HigherGradient
True
"""
from .runtime.higher import HigherGradient

__all__ = ["HigherGradient"]
