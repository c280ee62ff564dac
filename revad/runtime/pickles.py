"""Pickles: a gradient goes to another process with the text of its function, which may have no file there.

>>> def f(x):
...     return x * x
>>> sorted(texts_of(f)) == [f.__code__.co_filename]
True
>>> place(f, {"<no such file>": ("y = 1\\n", [])}) is f
True
>>> linecache.getlines("<no such file>")
['y = 1\\n']

Pickle stores a gradient that a module has by its name.  So it does for a script's, which the processes of
multiprocessing import; those of joblib, dask and ray do not, and cloudpickle, which these use, stores the
functions of a script by what they hold: then the gradient is stored in both ways.
"""
from __future__ import annotations

import inspect
import linecache
import sys
import threading
import types
import zlib

from ..errors import SourceError
from ..frontend.decorators import innermost
from . import cache

PICKLERS = ("cloudpickle", "joblib.externals.cloudpickle")
_under_way = threading.local()


def reduced(definition, rebuild, function, arguments):
    """What `__reduce__` returns for a gradient or another derivative.

    rebuild: a function of `function`, `arguments` and the texts.
    """
    if not cache.is_importable(definition):
        return rebuild, (function, arguments, texts_of(function))
    pickler = _by_value()
    ours = getattr(_under_way, "definitions", ())
    if definition.__module__ != "__main__" or pickler is None or definition in ours:
        return definition.__qualname__
    _under_way.definitions = (*ours, definition)
    try:
        content = pickler.dumps((rebuild, function, arguments, texts_of(function)))
    finally:
        _under_way.definitions = ours
    return by_name_or_content, (definition.__qualname__, _digest(function), content)


def by_name_or_content(name, digest, content):
    """The definition of the program at hand that has a name, if its code is the same; else a new one."""
    resolved = sys.modules.get("__main__")
    for step in name.split("."):
        resolved = getattr(resolved, step, None)
    function = getattr(resolved, "primal", None)
    if function is not None and _digest(function) == digest:
        return resolved
    pickler = _by_value() or __import__("pickle")
    rebuild, function, arguments, texts = pickler.loads(content)
    return rebuild(function, arguments, texts)


def _by_value():
    """The module that pickles functions by what they hold, if the program uses one."""
    return next((sys.modules[name] for name in PICKLERS if name in sys.modules), None)


def _digest(function):
    code = getattr(_plain(function), "__code__", None)
    return None if code is None else zlib.crc32(code.co_code + repr(code.co_names).encode())


# ---- texts


def texts_of(function) -> dict:
    """{file name: (text, marks of its functions)} of all that pickle by what they hold."""
    texts = {}
    for reached in _functions(function):
        file = reached.__code__.co_filename
        if file not in texts:
            texts[file] = "".join(linecache.getlines(file, reached.__globals__)), []
        texts[file][1].append(_mark(reached.__code__))
    return {file: content for file, content in texts.items() if content[0]}


def _mark(code):
    """What tells a function from the others in another process, where its file may have no name."""
    return code.co_name, code.co_firstlineno, zlib.crc32(code.co_code)


def place(function, texts):
    """The function, which finds the texts in another process under the names of their files.

    A file of the same name with another text stays what it is: the functions get the name of a new one.
    """
    names = {}
    for file, (text, marks) in texts.items():
        known = "".join(linecache.getlines(file))
        name = file if known in ("", text) else f"<text of {file} {zlib.crc32(text.encode()):08x}>"
        if known != text:
            linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        names.update(dict.fromkeys(marks, name))
    for reached in _functions(function) if names else ():
        name = names.get(_mark(reached.__code__))
        if name is not None and reached.__code__.co_filename != name:
            reached.__code__ = _renamed(reached.__code__, name)
    return function


def _renamed(code, file):
    constants = tuple(_renamed(constant, file) if isinstance(constant, types.CodeType) else constant
                      for constant in code.co_consts)
    return code.replace(co_filename=file, co_consts=constants)


def _plain(function):
    """The function below decorators, derivatives and methods; what is none stays as it is."""
    if not callable(function):
        return function
    try:
        function = innermost(function)
        function = innermost(getattr(function, "primal", function))
    except SourceError:
        return function
    return getattr(function, "__func__", function)


def _functions(function):
    """The function, and all that it reads, as far as they are of a script, a notebook or a function."""
    waiting, seen = [function], set()
    while waiting:
        reached = _plain(waiting.pop())
        if id(reached) in seen:
            continue
        seen.add(id(reached))
        if isinstance(reached, type) and reached.__module__ == "__main__":
            waiting += [value for value in vars(reached).values() if inspect.isfunction(value)]
        if not inspect.isfunction(reached):
            continue
        if reached is not _plain(function) and reached.__module__ != "__main__" \
                and cache.is_importable(reached):
            continue
        yield reached
        waiting += [reached.__globals__[name] for name in _names(reached.__code__)
                    if name in reached.__globals__]
        for cell in reached.__closure__ or ():
            try:
                waiting.append(cell.cell_contents)
            except ValueError:
                pass


def _names(code):
    """The global names that a code reads, also inside of functions in it."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _names(constant)
