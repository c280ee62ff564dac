"""Python: the built-in functions on numbers, arrays and lists, and functions that only `math` has.

>>> prod(6.0, 1.0, [2.0, 3.0])[0]
[3.0, 2.0]
"""
import bisect
import builtins
import math

import numpy as np

from ..types.folding import rounded
from ..types.kinds import BOOL, INT, INTEGERS, TEXT, UNKNOWN, Kind, array, number, promote, static
from ..types.registry import adjoint, elementwise, nondifferentiable
from ..types.shape_rules import as_array, broadcast, kind_of_operand, product_of_sizes, same
from .axes import call, fitted, placed, refuse
from .numpy.arithmetic import literal_value, power
from .numpy.reductions import others

nondifferentiable(math.trunc, builtins.int, parameters="x", kind=rounded("int"))
nondifferentiable(math.floor, parameters="x", kind=rounded("floor"))
nondifferentiable(math.ceil, parameters="x", kind=rounded("ceil"))
nondifferentiable(math.isnan, math.isinf, math.isfinite, builtins.bool, parameters="x",
                  kind=lambda bound: BOOL)
nondifferentiable(math.isclose, parameters="a b rel_tol= abs_tol=", kind=lambda b: BOOL)
nondifferentiable(math.comb, math.gcd, math.factorial, parameters="n k=", kind=lambda b: INT)
nondifferentiable(bisect.bisect_left, bisect.bisect_right, parameters="a x lo= hi= key=", kind=lambda b: INT)
nondifferentiable(builtins.round, parameters="number ndigits=", kind=lambda b: _rounded(b))
nondifferentiable(builtins.isinstance, parameters="x classes", kind=lambda b: BOOL)
nondifferentiable(builtins.any, builtins.all, parameters="iterable", kind=lambda b: BOOL)
nondifferentiable(builtins.type, builtins.id, builtins.print, parameters="x= y= z=", kind=lambda b: UNKNOWN)


@adjoint(builtins.str, builtins.repr, builtins.ascii, builtins.format,
         arrays=("object", "encoding", "errors"), kind=lambda b: TEXT)
def text(y, dy, object="", encoding=None, errors=None):
    """Text that is shown, compared or raised needs no gradient; text that is parsed as a number does."""
    refuse("text of a value that is differentiated", "a derivative cannot be followed through text",
           "Use the value itself.")


def _rounded(bound):
    """Without digits a Python integer, of NumPy's numbers too."""
    kind = same(bound)
    has_digits = bound.has("ndigits") and not (bound.raw("ndigits").known is not None
                                               and bound.static("ndigits") is None)
    return number("l", True) if not has_digits and kind.tag == "number" else kind._replace(known=None)


def _length(bound):
    kind = kind_of_operand(bound.operands["x"])
    if kind.tag in ("tuple", "list", "dict"):
        return static(len(kind.items))
    return INT._replace(known=kind.shape[0]) if kind.tag == "array" and kind.shape else INT


nondifferentiable(builtins.len, parameters="x", kind=_length, cheap=True)


@elementwise(math.pow, kind=lambda b: number("d", True))
def pow(z, x, y):
    return power(z, x, y)


@elementwise(math.log, arrays=("x", "base"), kind=lambda b: number("d", True), hint="log")
def log_to_base(z, x, base=None):
    if base is None:
        return 1 / x
    return 1 / (x * np.log(base)), -z / (base * np.log(base))


@elementwise(math.fmod, kind=lambda b: number("d", True))
def fmod(z, x, y):
    return 1, -np.trunc(x / y)


@elementwise(math.copysign, kind=lambda b: number("d", True))
def copysign(z, x, y):
    return np.sign(x) * np.sign(z), None


@elementwise(math.erf, kind=lambda b: number("d", True))
def erf(y, x):
    return 2 / math.sqrt(math.pi) * np.exp(-x * x)


@elementwise(math.erfc, kind=lambda b: number("d", True))
def erfc(y, x):
    return -2 / math.sqrt(math.pi) * np.exp(-x * x)


@adjoint(math.hypot, variadic="coordinates", kind=lambda b: number("d", True))
def hypot(z, dz, coordinates):
    length = z + (z == 0)
    return ([x / length * dz for x in coordinates],)


@adjoint(math.fsum, arrays=("seq",), containers=True, kind=lambda b: number("d", True))
def fsum(y, dy, seq):
    if seq.kind.tag in ("list", "tuple"):
        return ([dy] * len(seq),)
    return dy


def _has_no_rows(scope, kind):
    """Whether an array has no rows, which becomes a guard: a sum or product is its start then."""
    rows = kind.shape[0] if kind.rank and kind.rank > 1 else None
    if rows is None or rows.value is None:
        return False
    if not rows.exact:
        scope.rely(f"({rows.text}) {'==' if rows.value == 0 else '!='} 0")
    return rows.value == 0


def _multiplied(bound):
    """math.prod multiplies along the first axis, as sum adds."""
    kind, start = bound.raw("iterable"), bound.kind("start")
    if kind.tag not in ("list", "tuple"):
        kind = bound.kind("iterable")
        if _has_no_rows(bound.scope, kind):
            return start
        shapes, factors = [start.shape, None if kind.shape is None else kind.shape[1:]], [kind]
    else:
        if builtins.any(item.tag in ("list", "tuple") for item in (bound.raw("start"), *kind.items)):
            refuse("math.prod of lists", "Python repeats a list that it multiplies",
                   "Multiply arrays: math.prod(np.array(rows)).", TypeError)
        factors = [as_array(item, bound.scope) for item in kind.items]
        shapes = [start.shape, *(factor.shape for factor in factors)]
    shape, are_integers = (broadcast(bound.scope, shapes),
                           builtins.all(factor.weak and factor.dtype in INTEGERS and factor.dtype
                                        for factor in (start, *factors)))
    if shape != ():
        return Kind("array", "", shape)
    sizes = product_of_sizes(kind) if set(bound.operands) == {"iterable"} else None
    return number("l" if are_integers else "d", True)._replace(known=sizes)


@adjoint(math.prod, arrays=("iterable", "start"), containers=True, kind=_multiplied)
def prod(y, dy, iterable, start=1):
    """Each element's gradient is the product of the others."""
    cotangent = dy if literal_value(start) == 1 or type(start) is int and start == 1 else dy * start
    if hasattr(iterable, "kind") and iterable.kind.tag not in ("list", "tuple"):
        if iterable.ndim > 1 and getattr(start, "ndim", 0):
            refuse("math.prod from an array", "revad has a rule for a number as start",
                   "Multiply afterwards.")
        return others(cotangent, iterable, 0 if iterable.ndim > 1 else None, False), \
            lambda: (dy * (iterable.prod() if iterable.ndim == 1 else iterable.prod(axis=0))).sum()
    elements, gradients = list(iterable), []
    for i in range(len(elements)):
        product_of_others = cotangent
        for other in elements[:i] + elements[i + 1:]:
            product_of_others = product_of_others * other
        gradients.append(fitted(product_of_others, elements[i]))

    def on_start():
        product = dy
        for element in elements:
            product = product * element
        return fitted(product, start)
    return gradients, on_start


@adjoint(math.dist, containers=True, kind=lambda b: number("d", True))
def dist(z, dz, p, q):
    length = z + (z == 0)       # between equal points the gradient is 0
    if p.kind.tag not in ("list", "tuple") or q.kind.tag not in ("list", "tuple"):
        dp = dz / length * (np.asarray(p) - np.asarray(q))
        return dp, -dp
    gradients = [dz * (a - b) / length for a, b in zip(p, q)]
    return [fitted(g, a) for g, a in zip(gradients, p)], [fitted(-g, b) for g, b in zip(gradients, q)]


def _summed(bound):
    kind, start = bound.raw("iterable"), bound.raw("start")
    if start.tag in ("list", "tuple"):
        return UNKNOWN      # the sum of known lists is a list, which `comprehensions.summed` handles
    start = bound.kind("start")
    if kind.tag in ("list", "tuple"):
        items = [as_array(item, bound.scope) for item in kind.items]
        shape = broadcast(bound.scope, [start.shape, *(item.shape for item in items)])
        dtype = promote(*items, start)
        return (number(dtype, builtins.all(i.weak for i in (*items, start))) if shape == ()
                else Kind("array", dtype, shape))
    kind = bound.kind("iterable")
    dtype = promote(kind, start)
    if kind.shape is None:
        return Kind("array", dtype)
    if _has_no_rows(bound.scope, kind):
        return bound.kind("start")
    return array(broadcast(bound.scope, [start.shape, kind.shape[1:]]), dtype)


@adjoint(builtins.sum, arrays=("iterable", "start"), containers=True, lazy=True, kind=_summed)
def sum(y, dy, iterable, start=0):
    """Adds along the first axis, or the elements of a list."""
    if getattr(getattr(start, "kind", None), "tag", "") in ("list", "tuple"):
        refuse("sum of lists", "how many elements they have is not known when compiling",
               "Write [v for row in rows for v in row].")
    if not hasattr(iterable, "kind") or iterable.kind.tag not in ("list", "tuple"):
        row = iterable[0] if hasattr(iterable, "kind") and y.ndim else iterable
        return fitted(dy, row, y) if y.ndim else dy, fitted(dy, start, y)
    if dy.ndim == 0 and y.ndim and builtins.any(x.kind.shape != y.kind.shape for x in iterable):
        dy = call(np.full, y.shape, dy)
    return [dy if dy.ndim == 0 else fitted(dy, x) for x in iterable], fitted(dy, start, y)


def _route(y, dy, parts, is_first):
    """The gradient goes to the first element that equals the result."""
    if len(parts) == 2:
        a, b = parts
        if literal_value(b) == 0:       # a relu gives 0 at 0
            return [dy * is_first(a, b, True), dy * is_first(b, a, True)]
        return [dy * is_first(a, b), dy * is_first(b, a, True)]
    gradients, already_found = [], None
    for part in parts:
        is_extreme = part == y
        gradients.append(dy * (is_extreme if already_found is None else is_extreme > already_found))
        already_found = is_extreme if already_found is None else already_found | is_extreme
    return gradients


def _routed(y, dy, parts, is_first):
    """As `_route`, for numbers and arrays of one element: Python rejects others."""
    gradients = _route(y, dy, parts, is_first)
    if builtins.any(part.kind.rank != 0 for part in parts):
        return [call(np.sum, g) if part.kind.rank == 0 else g for part, g in zip(parts, gradients)]
    return gradients


def _refuse_lists(parts):
    if builtins.any(getattr(getattr(part, "kind", None), "tag", "") in ("list", "tuple") for part in parts):
        refuse("max or min of lists", "it compares their first elements, then the next",
               "Compare what decides: max(row[0] for row in rows).")


def _choice(is_first, index):
    """max and min of Python: of several numbers, or of the elements of one list or array."""
    def rule(y, dy, arguments, default=None):
        parts = list(arguments)
        if len(parts) > 1:
            _refuse_lists(parts)
            return (_routed(y, dy, parts, is_first),)
        only = parts[0]
        if only.kind.tag in ("list", "tuple"):
            _refuse_lists(only)         # whether a list is empty, so that the default is used, is known
            return ([_routed(y, dy, list(only), is_first)],)
        if default is not None:
            refuse("max or min of an array with a default",
                   "whether it has elements shows only while running",
                   "Write max(x) if len(x) else the default.")
        if only.ndim != 1:
            refuse("max or min of an array of several axes", "it compares rows",
                   "Use np.max or np.min.", Exception)
        return ([dy * (call(np.arange, only.shape[0]) == index(only))],)
    return rule


def _not_less(a, b, strictly=False):
    return a > b if strictly else a >= b


def _not_greater(a, b, strictly=False):
    return a < b if strictly else a <= b


def _chosen(bound):
    items = bound.raw("arguments").items
    if len(items) == 1:
        if items[0].tag == "array":
            return array(items[0].shape and items[0].shape[1:], items[0].dtype)
        items = items[0].items or (Kind("number", "d", ()),)
    if builtins.any(kind.tag in ("list", "tuple") for kind in items):
        return UNKNOWN
    if builtins.any(kind.rank not in (0, None) for kind in items):
        return Kind("array", "")
    weak = builtins.all(k.weak for k in items)
    kinds = ({kind.dtype for kind in items if kind.dtype not in INTEGERS}
             or ({"l"} if weak else {kind.dtype for kind in items}))
    dtype = kinds.pop() if len(kinds) == 1 else ""
    if builtins.any(kind.tag == "array" for kind in items):     # one of the arguments itself
        return Kind("array", dtype, ())
    return number(dtype, weak)


for _function, _first, _index, _name in ((builtins.max, _not_less, lambda a: a.argmax(), "max"),
                                         (builtins.min, _not_greater, lambda a: a.argmin(), "min")):
    _rule = _choice(_first, _index)
    _rule.__name__ = _name
    adjoint(_function, variadic="arguments", containers=True, kind=_chosen)(_rule)


@adjoint(builtins.float, lazy=True, kind=lambda b: number("d", True))
def float_(y, dy, x):
    """The gradient of a number, or of an array with one element."""
    return dy


@adjoint(method="item", arrays=("a",), variadic="args", structural=("args",), lazy=True,
         kind=lambda b: number("d", True))
def item(y, dy, a, args=()):
    args = tuple(args)
    if not args:
        return dy
    if len(args) == 1 and a.ndim != 1:
        dx = placed(dy, a.reshape(-1), args)
        return dx if dx.ndim == 0 else dx.reshape(a.shape)
    return placed(dy, a, args)
