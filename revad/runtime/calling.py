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
"""
from __future__ import annotations

from . import compilation


def called_with_parts(text, paths):
    """`text` as a function of `dout` and the cache; paths: see `Seed`."""
    if paths == ((),):
        return text
    free = {"text": text}
    arguments = ", ".join([*(_part(path, free) for path in paths), "cache"])
    listing = compilation.Listing(f"def called(dout, cache):\n    return text({arguments})", "called",
                                  "backward")
    return compilation.bind(compilation.compile_text(listing, tuple(free)), {}, free)


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
