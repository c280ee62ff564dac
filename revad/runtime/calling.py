"""Calling: the text of a backward pass is called with the parts of `dout` that are its parameters.

>>> def text(dh, dc, cache):
...     return dh, dc, cache
>>> paths = ((("h", False),), ((2, False), ("c", True)))
>>> called = called_with_parts(text, paths)
>>> import types
>>> called({"h": 1.0, 2: types.SimpleNamespace(c=3.0)}, ())
(1.0, 3.0, ())
>>> called_with_parts(text, ((),)) is text
True
>>> called_with_parts(lambda dout, x: dout * x, ((),), True, True)(2.0, (3.0,))
(6.0,)
"""
from __future__ import annotations

import types

from . import compilation


def called_with_parts(text, paths, takes_residual=False, in_tuple=False, objects=()):
    """`text` as a function of `dout` and the tuple of residuals.

    paths: see `Seed`; takes_residual: the text takes the only residual itself; in_tuple: the gradient that it
    returns is to stand in a tuple.  objects: for each gradient where in it a dict stands for an object, None
    where nowhere.
    """
    if any(objects):
        text = _with_namespaces(text, objects)
    if paths == ((),) and not takes_residual and not in_tuple:
        return text
    free = {"text": text}
    arguments = ", ".join([*(_part(path, free) for path in paths), f"cache{'[0]' * takes_residual}"])
    result = f"(text({arguments}),)" if in_tuple else f"text({arguments})"
    listing = compilation.Listing(f"def called(dout, cache):\n    return {result}", "called", "backward")
    return compilation.bind(compilation.compile_text(listing, tuple(free)), {}, free)


def _with_namespaces(text, objects):
    if len(objects) == 1:
        return lambda *args: as_namespace(text(*args), objects[0])
    return lambda *args: tuple(map(as_namespace, text(*args), objects))


def as_namespace(gradient, objects):
    """A gradient with namespaces for the dicts that stand for objects.

    >>> as_namespace([{"W": 1.0}, {"a": 2.0}], (False, {0: (True, {})}))
    [namespace(W=1.0), {'a': 2.0}]
    """
    if objects is None or gradient is None:
        return gradient
    is_object, inside = objects
    if isinstance(gradient, dict):
        parts = {key: as_namespace(part, inside.get(key)) for key, part in gradient.items()}
        return types.SimpleNamespace(**parts) if is_object else parts
    parts = [as_namespace(part, inside.get(position)) for position, part in enumerate(gradient)]
    return type(gradient)(*parts) if hasattr(gradient, "_fields") else type(gradient)(parts)


def _part(path, free):
    """The expression for one part; keys that are no plain literals join `free`."""
    written = "dout"
    for key, is_attribute in path:
        if is_attribute:
            written += f".{key}"
        elif type(key) in (int, str):
            written += f"[{key!r}]"
        else:
            free[f"key_{len(free)}"] = key
            written += f"[key_{len(free) - 1}]"
    return written
