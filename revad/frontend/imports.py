"""Imports: whether an import of the function's finds what it names.

>>> there("math.exp"), there("math.exponential")
(True, False)
"""
from __future__ import annotations

import functools
import importlib


def there(path, package=None):
    """Whether an import finds a module, or a name in one.  A path that begins with dots is of the package, or of one around it."""
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
