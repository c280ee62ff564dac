"""Imports: whether an import of the function's can be resolved.

>>> exists("math.exp"), exists("math.exponential")
(True, False)
"""
from __future__ import annotations

import functools
import importlib


def exists(path, package=None):
    """Whether an import finds a module, or a name in one; leading dots are relative to the package."""
    module = path.lstrip(".")
    if module != path:
        try:
            module = importlib.util.resolve_name(path, package)
        except ImportError:
            return False
    parts = module.split(".")
    for count in range(len(parts), 0, -1):
        try:
            functools.reduce(getattr, parts[count:], importlib.import_module(".".join(parts[:count])))
        except (ImportError, AttributeError):
            continue
        return True
    return False
