"""Sandbox: runs of a function on copies of its arguments that leave everything as it was.

Random numbers are drawn anew from the same states in each run, what the function stores outside of itself
is put back, and what it prints, logs or warns of is discarded.

>>> import random
>>> calls = []
>>> def f(x):
...     calls.append(random.random())
...     x *= 2
...     return x + calls[-1]
>>> x = np.ones(2)
>>> sandbox = Sandbox(f, (x,))
>>> bool((sandbox.run(f, x) == sandbox.run(f, x)).all()), x, calls
(True, array([1., 1.]), [])
"""
from __future__ import annotations

import builtins
import collections.abc
import contextlib
import copy
import functools
import random
import sys
import threading
import types
import warnings

import numpy as np

from ...errors import CallError
from ...types.kinds import is_object
from ...types.refusals import LIBRARIES

LARGEST = 100_000       # things outside of a function, of which more are not gone through
GENERATORS = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random)
UNCHANGING = (int, float, complex, str, bytes, bool, type(None), np.generic, np.dtype, range, slice,
              types.CodeType)
lock = threading.RLock()       # the output, the warnings and the random states are those of the process


class NotRepeatable(CallError):
    """A function that cannot be run as if it had not been."""


class Sandbox:
    """Runs that leave no trace, of a function and of what was generated from it.

    warned: warnings and floating point errors are as the caller has set them, and may be exceptions.
    """

    def __init__(self, function, args=(), warned=False):
        self._undo, self._warned = _outside(function, args), warned

    def run(self, function, *args, **keywords):
        """The result of a call with copies of the arguments, and a copy itself; what the call raises goes on to the caller."""
        return self.call(function, *copy.deepcopy((args, keywords)))

    def call(self, function, args, keywords=None):
        """As `run`, with the arguments themselves, where the caller has copied them."""
        with lock, silent(), drawn_again(), contextlib.nullcontext() if self._warned else unwarned():
            try:
                result = function(*args, **(keywords or {}))
                return self._copied(result)
            finally:
                self.changed = self._restore()

    def _copied(self, result):
        """What is put back outside is not the result."""
        try:
            return copy.deepcopy(result)
        except Exception as error:
            raise NotRepeatable(f"what it returns cannot be copied ({error})") from error

    def _restore(self):
        """Put back what is outside; whether something was changed."""
        return bool([undo for undo in self._undo if undo()])


# ---- what every run changes


@contextlib.contextmanager
def drawn_again():
    """The random numbers of NumPy and Python that are drawn within are those that come after it, too."""
    states = np.random.get_state(legacy=False), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(states[0])
        random.setstate(states[1])


@contextlib.contextmanager
def silent():
    """What this thread prints or logs is discarded."""
    logging = sys.modules.get("logging")
    disabled = logging.root.manager.disable if logging is not None else 0
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = (None if stream is None else _Discarding(stream) for stream in streams)
    if logging is not None:
        logging.disable(sys.maxsize)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = streams
        if logging is not None:
            logging.disable(disabled)


@contextlib.contextmanager
def unwarned():
    """Nothing is warned of."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


class _Discarding:
    """A stream that takes what one thread writes and hands on the rest."""

    def __init__(self, stream):
        self._stream, self._thread = stream, threading.get_ident()

    def write(self, text):
        return len(text) if threading.get_ident() == self._thread else self._stream.write(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self._stream, name)


# ---- what is outside of a function


def _outside(function, args):
    """Functions that put back what the function may reach and change, each telling whether it was changed."""
    undo, seen, names, modules = [], set(), set(), []
    left = [(function, False)] + [(arg, True) for arg in args]
    while left:
        thing, is_copied = left.pop()
        if isinstance(thing, UNCHANGING) or (id(thing), is_copied) in seen or (id(thing), False) in seen:
            continue
        seen.add((id(thing), is_copied))
        if len(seen) > LARGEST:
            raise NotRepeatable("too much is outside of it")
        if isinstance(thing, collections.abc.Iterator) and not is_copied:
            raise NotRepeatable(f"it may go on with {type(thing).__name__} from outside of it")
        if isinstance(thing, types.ModuleType):
            if not _is_library(thing.__name__):
                modules.append(thing)
            continue
        if isinstance(thing, types.FunctionType):
            if not thing.__code__.co_filename.startswith(LIBRARIES):
                new, kept = _of_function(thing)
                names |= new
                undo += kept[0]
                left += [(part, False) for part in kept[1]]
            continue
        is_copied = is_copied and not isinstance(thing, (type, types.BuiltinMethodType))
        if not is_copied:
            undo += _undone(thing)
        left += [(part, is_copied) for part in _parts(thing)]
        if isinstance(thing, type) is False and type(thing).__module__ not in ("builtins", "numpy"):
            left.append((type(thing), False))
        if not left and modules:
            for module in modules:
                kept = [(vars(module), name) for name in names if name in vars(module)]
                undo += [functools.partial(_name_back, space, name, space[name]) for space, name in kept]
                left += [(space[name], False) for space, name in kept]
            modules = []
    return undo


def _of_function(function):
    """(the names that a function's code reads, (what puts them back, what they stand for))."""
    names, codes = set(), [function.__code__]
    while codes:
        code = codes.pop()
        names |= set(code.co_names)
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    space = function.__globals__
    undo = [functools.partial(_name_back, space, name, space[name])
            for name in names if name in space and name not in vars(builtins)]
    parts = [space[name] for name in names if name in space]
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):       # a cell that is empty yet
            undo.append(functools.partial(_cell_back, cell, cell.cell_contents))
            parts.append(cell.cell_contents)
    parts += [function.__defaults__, function.__kwdefaults__, function.__dict__]
    return names, (undo, parts)


def _parts(thing):
    """What a thing holds or calls."""
    if isinstance(thing, dict):
        parts = [*thing.values()]
    elif isinstance(thing, (list, tuple, set, frozenset, collections.deque)):
        parts = [*thing]
    elif isinstance(thing, np.ndarray):
        parts = [*thing.ravel()] if thing.dtype.hasobject else []
    elif isinstance(thing, (types.MethodType, types.BuiltinMethodType)):
        parts = [thing.__self__, getattr(thing, "__func__", None)]
    elif isinstance(thing, functools.partial):
        parts = [thing.func, thing.args, thing.keywords]
    elif isinstance(thing, property):
        parts = [thing.fget, thing.fset]
    elif isinstance(thing, (staticmethod, classmethod)):
        parts = [thing.__func__]
    elif isinstance(thing, type):
        parts = [] if _is_library(thing.__module__) else [*vars(thing).values(), *thing.__mro__[1:]]
    else:
        parts = ([getattr(thing, "__wrapped__", None), getattr(thing, "primal", None)]
                 if type(thing).__module__.startswith(("functools", "revad")) else [])
    if _has_attributes(thing):
        held = [*getattr(thing, "__dict__", {}).values(), *_slots(thing).values()]
        # It need not be used.
        parts += [part for part in held if not isinstance(part, collections.abc.Iterator)]
    return parts


def _undone(thing):
    """What puts a thing back as it is now."""
    if isinstance(thing, GENERATORS):
        yield _generator_back(thing)
    elif isinstance(thing, np.ndarray):
        if thing.flags.writeable:
            yield functools.partial(_array_back, thing, thing.copy())
    elif isinstance(thing, (list, collections.deque, bytearray)):
        yield functools.partial(_items_back, thing, list(thing))
    elif isinstance(thing, dict):
        yield functools.partial(_dict_back, thing, list(dict.items(thing)))
    elif isinstance(thing, set):
        yield functools.partial(_set_back, thing, set(thing))
    elif isinstance(thing, type) and not _is_library(thing.__module__):
        yield functools.partial(_attributes_back, thing, dict(vars(thing)), type.__setattr__,
                                type.__delattr__)
    if _has_attributes(thing):
        if hasattr(thing, "__dict__"):
            yield functools.partial(_dict_back, vars(thing), list(vars(thing).items()))
        if _slots(thing):
            yield functools.partial(_attributes_back, thing, _slots(thing), object.__setattr__,
                                    object.__delattr__)


def _has_attributes(thing):
    """Whether a thing is of a class of the user's, and may hold something in attributes."""
    return (is_object(thing) or not isinstance(thing, (type, types.ModuleType, types.FunctionType))
            and not _is_library(type(thing).__module__))


def _slots(thing):
    names = [name for cls in type(thing).__mro__ for name, part in vars(cls).items()
             if isinstance(part, types.MemberDescriptorType)]
    return ({name: getattr(thing, name) for name in names if hasattr(thing, name)}
            if not _is_library(type(thing).__module__) else {})


def _is_library(name):
    """Whether a module is Python's own or installed; what has none is the user's."""
    module = sys.modules.get(name)
    if name == "__main__" or module is None:
        return False
    if name.partition(".")[0] == "revad":
        return True
    return (getattr(module, "__file__", None) or LIBRARIES[0]).startswith(LIBRARIES)


# ---- putting back


def _generator_back(generator):
    if isinstance(generator, random.SystemRandom):
        return lambda: False
    holder = generator.bit_generator if isinstance(generator, np.random.Generator) else generator
    state = holder.getstate() if isinstance(holder, random.Random) else holder.get_state(legacy=False) \
        if isinstance(holder, np.random.RandomState) else holder.state

    def back():
        if isinstance(holder, random.Random):
            holder.setstate(state)
        elif isinstance(holder, np.random.RandomState):
            holder.set_state(state)
        else:
            holder.state = state
        return False        # to draw is no store
    return back


def _array_back(array, kept):
    if is_same_bits(array, kept):
        return False
    array[...] = kept
    return True


def is_same_bits(a, b):
    """Whether two arrays of one dtype and shape hold the same, signs of zeros and kinds of nan included."""
    if a.dtype.hasobject:
        return all(x is y for x, y in zip(a.ravel(), b.ravel()))
    if a.dtype.char in "gG":        # there are bytes in such numbers that mean nothing
        return np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a.real), np.signbit(b.real))
    return a.tobytes() == b.tobytes()


def _items_back(items, kept):
    if len(items) == len(kept) and all(a is b for a, b in zip(items, kept)):
        return False
    items.clear()
    items.extend(kept)
    return True


def _dict_back(space, kept):
    now = list(dict.items(space))
    if len(now) == len(kept) and all(a is c and b is d for (a, b), (c, d) in zip(now, kept)):
        return False
    dict.clear(space)
    dict.update(space, kept)
    return True


def _set_back(items, kept):
    if items == kept:
        return False
    items.clear()
    items.update(kept)
    return True


def _attributes_back(thing, kept, put, delete):
    now = dict(vars(thing)) if isinstance(thing, type) else _slots(thing)
    # Python itself keeps names with underscores in classes: __slotnames__ where an object is copied.
    changed = [name for name in {**now, **kept}
               if now.get(name, kept) is not kept.get(name, kept) and not name.startswith("__")]
    for name in changed:
        with contextlib.suppress(AttributeError, TypeError):
            put(thing, name, kept[name]) if name in kept else delete(thing, name)
    return bool(changed)


def _cell_back(cell, kept):
    try:
        if cell.cell_contents is kept:
            return False
    except ValueError:
        pass
    cell.cell_contents = kept
    return True


def _name_back(space, name, kept):
    if space.get(name, space) is kept:
        return False
    space[name] = kept
    return True
