"""Gradient and what pickles of it name: they were made when the class stood here.

>>> import pickle
>>> from revad import grad
>>> import math
>>> pickle.loads(b"crevad.gradient\\nGradient\\n.") is Gradient
True
"""
from .runtime.gradient import Gradient, _from_parts, _rebuilt

__all__ = ["Gradient", "_from_parts", "_rebuilt"]
