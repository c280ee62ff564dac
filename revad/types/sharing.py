"""Sharing: which functions return a view of their first argument, which a copy, and which either.

This is the only table of it; the tests compare it with `np.shares_memory`.  A function that is not in it
allocates its result.  An entry is a function of the call: True for a view, False for a copy, None where
neither is certain.  It reads of the call:

    call.get(name)          a setting's value, UNKNOWN where it is not known, None where it is left out
    call.is_array           whether the first argument is an array: True, False or None
    call.rank               its rank, or None; call.result_rank: that of the result
    call.is_cast            whether its dtype changes: True, False or None
    call.is_contiguous(order)        whether its elements are contiguous, by rows ('C') or by columns ('F')
    call.is_respaced        whether the result's shape differs in more than axes of length 1
    call.has_plain_array    whether an argument is an array without axes
    call.count              how many arguments there are that the result may be a view of

>>> class Transposed:
...     is_array, rank, result_rank, is_cast, is_respaced, count = True, 2, 2, False, True, 1
...     def get(self, name):
...         return {"order": "C"}.get(name)
...     def is_contiguous(self, order):
...         return order == "F"
>>> shares(np.asarray)(Transposed()), shares(np.swapaxes)(Transposed()), shares(np.exp)
(False, True, None)
"""
from __future__ import annotations

import numpy as np


class _Unknown:
    def __repr__(self):
        return "UNKNOWN"


UNKNOWN = _Unknown()


def _view(call):
    """A view of an array; a new array for a number or a list."""
    return call.is_array


def _maybe(call):
    return None


def _one_of(call):
    """max and min of Python give one of their arguments itself, which only an array can show."""
    return None if call.has_plain_array else False


def _each(call):
    """A view of a single array; for several, a tuple of views."""
    return call.is_array if call.count == 1 else None


def _all(*answers):
    """A view where all answers allow it, a copy where one does not."""
    return False if False in answers else None if None in answers else True


def _in_order(call, order):
    """Whether the memory is in the requested order."""
    if order is UNKNOWN:
        return None
    return call.is_contiguous(order) if order in ("C", "F") else True


def _unless_cast(call):
    return _all(call.is_array, None if call.is_cast is None else not call.is_cast)


def _converted(order=None):
    """np.asarray: a copy only where the dtype or the order in memory changes."""
    def shared(call):
        copy = call.get("copy")
        if copy is UNKNOWN:
            return None if _unless_cast(call) is not False else False
        if copy:
            return False
        return _all(_unless_cast(call), _in_order(call, order or call.get("order")))
    return shared


def _astype(call):
    copy = call.get("copy")
    if copy is None or copy is True or copy == 1 and copy is not UNKNOWN:
        return False
    order = call.get("order")
    either = _any_order(call) if order == "A" else _in_order(call, order)
    return _all(_unless_cast(call), either, None if copy is UNKNOWN else True)


def _any_order(call):
    """Contiguous in one order or the other."""
    answers = call.is_contiguous("C"), call.is_contiguous("F")
    return True if True in answers else False if answers == (False, False) else None


def _require(call):
    """np.require: requirements other than an order depend on where the memory comes from."""
    requirements = call.get("requirements")
    if requirements is UNKNOWN:
        return None
    requirements = {str(requirement).upper()[0]
                    for requirement in ([requirements] if isinstance(requirements, str)
                                        else requirements or ())}
    orders = [order for order in "CF" if order in requirements]
    return _all(_unless_cast(call), *(call.is_contiguous(order) for order in orders),
                None if requirements - {"C", "F", "E"} else True)


def _reshape(call):
    copy, order = call.get("copy"), call.get("order") or "C"
    if copy is True or call.is_array is False:
        return False
    if UNKNOWN in (copy, order) or call.is_array is None:
        return None
    if call.rank is not None and call.rank < 2 or call.is_respaced is False and order in ("C", "F"):
        return True
    if order not in ("C", "F"):
        return True if copy is False or _any_order(call) else None
    if copy is False or call.is_contiguous(order):
        return True
    flattened = call.result_rank == 1 and call.is_contiguous("F" if order == "C" else "C")
    return False if flattened and call.is_contiguous(order) is False else None


def _ravel(call):
    order = call.get("order") or "C"
    if call.is_array is False:
        return False
    if order is UNKNOWN or call.is_array is None:
        return None
    if order == "K":
        return _any_order(call) or (call.is_contiguous("C") if call.rank == 1 else None)
    return _any_order(call) if order == "A" else call.is_contiguous(order)


def _diag(call):
    """The diagonal of a matrix is a view of it; a vector is copied onto one."""
    return False if call.result_rank == 2 else None if call.result_rank is None else call.is_array


def _einsum(call):
    """np.einsum of one array that only permutes its axes."""
    text = call.get("subscripts")
    if call.count != 1:
        return False
    if not isinstance(text, str):
        return None
    inputs, arrow, output = text.replace(" ", "").partition("->")
    if not arrow:
        output = "".join(letter for letter in inputs if inputs.count(letter) == 1)
    return set(inputs.replace(".", "")) <= set(output) and call.is_array


def _matrix_power(call):
    """np.linalg.matrix_power: the first power of an array is the array itself."""
    n = call.get("n")
    return None if n is UNKNOWN else n == 1 and call.is_array


def _diff(call):
    n = call.get("n")
    return None if n is UNKNOWN else n == 0 and call.is_array


def _scalar_type(call):
    """np.float64(x) of an array: as np.asarray."""
    return _unless_cast(call)


def _meshgrid(call):
    copy = call.get("copy")
    return False if copy in (None, True) else None


def _available(*names):
    """Those of the functions that this version of NumPy has."""
    for name in names:
        function = np
        for step in name.split("."):
            function = getattr(function, step, None)
        if function is not None:
            yield function


SHARES = {
    **dict.fromkeys(_available("transpose", "permute_dims", "matrix_transpose", "linalg.matrix_transpose",
                               "swapaxes", "moveaxis", "rollaxis", "expand_dims", "squeeze", "flip", "fliplr",
                               "flipud", "rot90", "diagonal", "linalg.diagonal", "broadcast_to", "split",
                         "array_split", "hsplit", "vsplit", "dsplit", "unstack", "real", "real_if_close",
                               "lib.stride_tricks.sliding_window_view", "lib.stride_tricks.as_strided",
                               "trim_zeros"), _view),
    **dict.fromkeys((".T", ".mT", ".real", "transpose()", "view()", "swapaxes()", "squeeze()", "diagonal()",
                     "conj()", "conjugate()"), _view),
    **dict.fromkeys(_available("atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays"), _each),
    **dict.fromkeys(_available("asarray", "asanyarray", "asarray_chkfinite"), _converted()),
    **dict.fromkeys((np.float64, np.float32, np.float16, np.longdouble), _scalar_type),
    np.ascontiguousarray: _converted("C"),
    np.asfortranarray: _converted("F"),
    np.array: _converted(),
    np.require: _require,
    "astype()": _astype,
    np.reshape: _reshape, "reshape()": _reshape,
    np.ravel: _ravel, "ravel()": _ravel,
    np.diag: _diag,
    np.einsum: _einsum,
    np.meshgrid: _meshgrid, np.ix_: _maybe,
    np.linalg.matrix_power: _matrix_power,
    max: _one_of, min: _one_of,
    np.diff: _diff,
}
SHARES.update(dict.fromkeys(_available("astype"), _astype))
# Functions and methods without a rule that expose the memory of their arguments.
SHOWN = frozenset(("flat", "data", "base", "getfield", "newbyteorder", "__array__", "__getitem__", "__iter__",
                   "frombuffer", "ndarray", "memoryview", "iter", "nditer", "ndenumerate", "ix_",
                   "trim_zeros"))
# All other functions of these modules allocate their results.
KNOWN = frozenset(("numpy", "math", "builtins", "scipy", "operator"))
READ_ONLY = frozenset(("broadcast_to", "diag", "diagonal", "sliding_window_view"))
OVERLAPPING = frozenset(("broadcast_arrays", "meshgrid"))       # a store may change several elements


def shares(*keys):
    """The entry of a function, a method `name()` or an attribute `.name`; None if it allocates its result."""
    for key in keys:
        try:
            if key in SHARES:
                return SHARES[key]
        except TypeError:       # not hashable
            pass
    return None


def may_expose(function):
    """Whether a function (or method name) without a rule may return memory of any of its arguments."""
    name = function if isinstance(function, str) else getattr(function, "__name__", "")
    if isinstance(function, str) or name in SHOWN:
        return name in SHOWN
    module = getattr(function, "__module__", None) or getattr(type(function), "__module__", None) or ""
    first, *subpackages = module.split(".")
    return (name != "deepcopy"
            and (first not in KNOWN or not {"ma", "matrixlib", "records", "rec"}.isdisjoint(subpackages)))
