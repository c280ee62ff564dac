"""Sandbox: runs of a function on copies of its arguments that have no side effects.

Each run draws the same random numbers, stores outside the function are undone, and what it prints, logs or
warns of is discarded.

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

LARGEST = 100_000       # objects outside a function; where it reaches more, it is not run
GENERATORS = (np.random.Generator, np.random.RandomState, np.random.BitGenerator, random.Random)
UNCHANGING = (int, float, complex, str, bytes, bool, type(None), np.generic, np.dtype, range, slice,
              types.CodeType)
lock = threading.RLock()       # the output, the warnings and the random states are those of the process


class NotRepeatable(CallError):
    """A function whose effects cannot be undone."""


class Sandbox:
    """Runs without side effects, of a function and of texts generated from it.

    warned: warnings and floating point errors are as the caller has set them, and may be exceptions.
    """

    def __init__(self, function, args=(), warned=False):
        self._undo, self._warned = _restorers_of(function, args), warned

    def run(self, function, *args, **keywords):
        """A copy of the result of a call with copies of the arguments; exceptions reach the caller."""
        return self.call(function, *copy.deepcopy((args, keywords)))

    def call(self, function, args, keywords=None):
        """As `run`, with the arguments themselves, where the caller has copied them."""
        warned = contextlib.nullcontext() if self._warned else warnings_ignored()
        with lock, output_discarded(), random_states_restored(), warned:
            try:
                result = function(*args, **(keywords or {}))
                return self._copied(result)
            finally:
                self.changed = self._restore()

    def _copied(self, result):
        """A copy, so that restoring objects outside does not change the result."""
        try:
            return copy.deepcopy(result)
        except Exception as error:
            raise NotRepeatable(f"what it returns cannot be copied ({error})") from error

    def _restore(self):
        """Restore the objects outside; returns whether one was changed."""
        return bool([undo for undo in self._undo if undo()])


# ---- the state that every run changes


@contextlib.contextmanager
def random_states_restored():
    """Restore the states of NumPy's and Python's global random generators."""
    states = np.random.get_state(legacy=False), random.getstate()
    try:
        yield
    finally:
        np.random.set_state(states[0])
        random.setstate(states[1])


@contextlib.contextmanager
def output_discarded():
    """Discard what this thread prints or logs."""
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
def warnings_ignored():
    """Ignore all warnings."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


class _Discarding:
    """A stream that discards the writes of one thread and passes on all others."""

    def __init__(self, stream):
        self._stream, self._thread = stream, threading.get_ident()

    def write(self, text):
        return len(text) if threading.get_ident() == self._thread else self._stream.write(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self._stream, name)


# ---- objects outside a function


def _restorers_of(function, args):
    """Functions that restore the objects that the function can reach; each returns whether it was changed."""
    undo, seen, names, modules = [], set(), set(), []
    pending = [(function, False)] + [(arg, True) for arg in args]
    while pending:
        obj, is_copied = pending.pop()
        if (isinstance(obj, UNCHANGING) or _is_logger(obj) or (id(obj), is_copied) in seen
                or (id(obj), False) in seen):
            continue
        seen.add((id(obj), is_copied))
        if len(seen) > LARGEST:
            raise NotRepeatable("too much is outside of it")
        if isinstance(obj, collections.abc.Iterator) and not is_copied:
            raise NotRepeatable(f"it may go on with {type(obj).__name__} from outside of it")
        if isinstance(obj, types.ModuleType):
            if not _is_library(obj.__name__):
                modules.append(obj)
            continue
        if isinstance(obj, types.FunctionType):
            if not obj.__code__.co_filename.startswith(LIBRARIES):
                new, kept = _of_function(obj)
                names |= new
                undo += kept[0]
                pending += [(part, False) for part in kept[1]]
            continue
        is_copied = is_copied and not isinstance(obj, (type, types.BuiltinMethodType))
        if not is_copied:
            undo += _restorers_of_object(obj)
        pending += [(part, is_copied) for part in _parts(obj)]
        if isinstance(obj, type) is False and type(obj).__module__ not in ("builtins", "numpy"):
            pending.append((type(obj), False))
        if not pending and modules:
            for module in modules:
                kept = [(vars(module), name) for name in names if name in vars(module)]
                undo += [functools.partial(_restore_name, space, name, space[name]) for space, name in kept]
                pending += [(space[name], False) for space, name in kept]
            modules = []
    return undo


def _of_function(function):
    """(names that a function's code reads, (functions that restore them, their values))."""
    names, codes = set(), [function.__code__]
    while codes:
        code = codes.pop()
        names |= set(code.co_names)
        codes += [constant for constant in code.co_consts if isinstance(constant, types.CodeType)]
    space = function.__globals__
    undo = [functools.partial(_restore_name, space, name, space[name])
            for name in names if name in space and name not in vars(builtins)]
    parts = [space[name] for name in names if name in space]
    for cell in function.__closure__ or ():
        with contextlib.suppress(ValueError):       # an empty cell
            undo.append(functools.partial(_restore_cell, cell, cell.cell_contents))
            parts.append(cell.cell_contents)
    parts += [function.__defaults__, function.__kwdefaults__, function.__dict__]
    return names, (undo, parts)


def _parts(obj):
    """The objects that an object contains or calls."""
    if isinstance(obj, dict):
        parts = [*obj.values()]
    elif isinstance(obj, (list, tuple, set, frozenset, collections.deque)):
        parts = [*obj]
    elif isinstance(obj, np.ndarray):
        parts = [*obj.ravel()] if obj.dtype.hasobject else []
    elif isinstance(obj, (types.MethodType, types.BuiltinMethodType)):
        parts = [obj.__self__, getattr(obj, "__func__", None)]
    elif isinstance(obj, functools.partial):
        parts = [obj.func, obj.args, obj.keywords]
    elif isinstance(obj, property):
        parts = [obj.fget, obj.fset]
    elif isinstance(obj, (staticmethod, classmethod)):
        parts = [obj.__func__]
    elif isinstance(obj, type):
        parts = [] if _is_library(obj.__module__) else [*vars(obj).values(), *obj.__mro__[1:]]
    else:
        parts = ([getattr(obj, "__wrapped__", None), getattr(obj, "primal", None)]
                 if type(obj).__module__.startswith(("functools", "revad")) else [])
    if _has_attributes(obj):
        held = [*getattr(obj, "__dict__", {}).values(), *_slots(obj).values()]
        # An iterator in an attribute may never be used, so it is no reason to refuse.
        parts += [part for part in held if not isinstance(part, collections.abc.Iterator)]
    return parts


def _restorers_of_object(obj):
    """Functions that restore the present state of an object."""
    if isinstance(obj, GENERATORS):
        yield _restorer_of_generator(obj)
    elif isinstance(obj, np.ndarray):
        if obj.flags.writeable:
            yield functools.partial(_restore_array, obj, obj.copy())
    elif isinstance(obj, (list, collections.deque, bytearray)):
        yield functools.partial(_restore_items, obj, list(obj))
    elif isinstance(obj, dict):
        yield functools.partial(_restore_dict, obj, list(dict.items(obj)))
    elif isinstance(obj, set):
        yield functools.partial(_restore_set, obj, set(obj))
    elif isinstance(obj, type) and not _is_library(obj.__module__):
        yield functools.partial(_restore_attributes, obj, dict(vars(obj)), type.__setattr__,
                                type.__delattr__)
    if _has_attributes(obj):
        if hasattr(obj, "__dict__"):
            yield functools.partial(_restore_dict, vars(obj), list(vars(obj).items()))
        if _slots(obj):
            yield functools.partial(_restore_attributes, obj, _slots(obj), object.__setattr__,
                                    object.__delattr__)


def _has_attributes(obj):
    """Whether an object is of a user's class, and may have attributes."""
    return (is_object(obj) or not isinstance(obj, (type, types.ModuleType, types.FunctionType))
            and not _is_library(type(obj).__module__))


def _slots(obj):
    names = [name for cls in type(obj).__mro__ for name, part in vars(cls).items()
             if isinstance(part, types.MemberDescriptorType)]
    return ({name: getattr(obj, name) for name in names if hasattr(obj, name)}
            if not _is_library(type(obj).__module__) else {})


def _is_logger(obj):
    """Loggers keep notes of what is enabled, which are no state of the program."""
    logging = sys.modules.get("logging")
    return logging is not None and isinstance(obj, logging.Filterer)


def _is_library(name):
    """Whether a module is Python's own or installed; an unknown module is the user's."""
    module = sys.modules.get(name)
    if name == "__main__" or module is None:
        return False
    if name.partition(".")[0] == "revad":
        return True
    return (getattr(module, "__file__", None) or LIBRARIES[0]).startswith(LIBRARIES)


# ---- restoring


def _restorer_of_generator(generator):
    if isinstance(generator, random.SystemRandom):
        return lambda: False
    holder = generator.bit_generator if isinstance(generator, np.random.Generator) else generator
    state = holder.getstate() if isinstance(holder, random.Random) else holder.get_state(legacy=False) \
        if isinstance(holder, np.random.RandomState) else holder.state

    def restore():
        if isinstance(holder, random.Random):
            holder.setstate(state)
        elif isinstance(holder, np.random.RandomState):
            holder.set_state(state)
        else:
            holder.state = state
        return False        # drawing random numbers is no store
    return restore


def _restore_array(array, kept):
    if is_same_bits(array, kept):
        return False
    array[...] = kept
    return True


def is_same_bits(a, b):
    """Whether two arrays of one dtype and shape are equal bit by bit: signs of zeros, payloads of nan."""
    if a.dtype.hasobject:
        return all(x is y for x, y in zip(a.ravel(), b.ravel()))
    if a.dtype.char in "gG":        # long doubles have padding bytes
        return np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a.real), np.signbit(b.real))
    return a.tobytes() == b.tobytes()


def _restore_items(items, kept):
    if len(items) == len(kept) and all(a is b for a, b in zip(items, kept)):
        return False
    items.clear()
    items.extend(kept)
    return True


def _restore_dict(space, kept):
    now = list(dict.items(space))
    if len(now) == len(kept) and all(a is c and b is d for (a, b), (c, d) in zip(now, kept)):
        return False
    dict.clear(space)
    dict.update(space, kept)
    return True


def _restore_set(items, kept):
    if items == kept:
        return False
    items.clear()
    items.update(kept)
    return True


def _restore_attributes(obj, kept, put, delete):
    now = dict(vars(obj)) if isinstance(obj, type) else _slots(obj)
    # Python itself stores names with underscores in classes: __slotnames__ where an object is copied.
    changed = [name for name in {**now, **kept}
               if now.get(name, kept) is not kept.get(name, kept) and not name.startswith("__")]
    for name in changed:
        with contextlib.suppress(AttributeError, TypeError):
            put(obj, name, kept[name]) if name in kept else delete(obj, name)
    return bool(changed)


def _restore_cell(cell, kept):
    try:
        if cell.cell_contents is kept:
            return False
    except ValueError:
        pass
    cell.cell_contents = kept
    return True


def _restore_name(space, name, kept):
    if space.get(name, space) is kept:
        return False
    space[name] = kept
    return True
