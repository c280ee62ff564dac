"""Build: the text of a function becomes a function in the user's own namespace.

The text is compiled as it prints and put in `linecache`, so tracebacks, pdb and
`inspect.getsource` show it; nothing is written to disk and no name is added to the module.

>>> code = compile_text("def f(x):\\n    return k * x", "f", ("k",), "m")
>>> bind(code, {}, {"k": 3})(2)
6
"""
from __future__ import annotations

import ast
import linecache
import types
import weakref
import zlib


def compile_text(text, name, free, stem):
    """The code object of function `name` in `text`, with `free` its names from around it."""
    filename = f"<revad {stem}.{name} {zlib.crc32(text.encode()):08x}>"
    tree = ast.parse(text)
    code = _inner_code(tree.body[-1], free, filename)
    _register(filename, text, code)
    return code


def _inner_code(definition, free, filename):
    """The code object of a function for which the names `free` are variables of a function around it."""
    module = ast.parse(f"def outer({', '.join(free)}): pass")
    module.body[0].body = [definition]
    compiled = compile(module, filename, "exec", dont_inherit=True)
    factory = next(c for c in compiled.co_consts if isinstance(c, types.CodeType))
    return next(c for c in factory.co_consts if isinstance(c, types.CodeType))


def _register(filename, text, code):
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    weakref.finalize(code, linecache.cache.pop, filename, None)


def bind(code, namespace, free, defaults=None):
    """A function of the code in a namespace; `free` maps its free names to cells or objects."""
    cells = tuple(cell if isinstance(cell, types.CellType) else types.CellType(cell)
                  for cell in (free[name] for name in code.co_freevars))
    return types.FunctionType(code, namespace, code.co_name, defaults, cells)


def compile_guard(guards, parameters, free):
    """A function of the arguments that tells whether everything assumed still holds, or None."""
    if not guards:
        return None
    text = f"def guard({', '.join(parameters)}):\n    return {' and '.join(f'({g})' for g in guards)}"
    tree = ast.parse(text)
    return _inner_code(tree.body[0], free, "<revad guard>")
