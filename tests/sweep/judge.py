"""Whether revad's gradient of an expression is right, in all that is promised of it."""
import copy
import functools
import itertools
import warnings

import numpy as np
from differences import (
    _Check,
    _identical,
    _overwrite,
    is_float,
    is_object,
    is_real,
    is_scalar,
    leaves,
    map_leaves,
    numeric_gradient,
    random_dout,
)
from random_programs import is_smooth

import revad

from .family import Outcome, Wrong, reason_of

RTOL = {"d": 1e-5, "l": 1e-5, "i": 1e-5, "B": 3e-3, "?": 3e-3, "g": 1e-5, "D": 1e-5, "f": 3e-3, "e": 6e-2}
LARGEST = 1e6
SECOND = 3              # of how many programs one is differentiated twice
WHOLE = {"l", "i", "B", "?"}
NONE = 3                # of how many programs the gradient is asked for without one from above, too
ORDINARY = {"d", "l", "g"}


class Nothing(Exception):
    """Differences say nothing here: a kink, no finite value, no real one."""


class Refused(Exception):
    pass


def outcome(program):
    """The Outcome of an expression; raises Wrong."""
    options = {"wrt": program.wrt}
    f = program.function
    try:
        split = revad.grad(f, **options)
    except revad.UnsupportedError as error:         # of syntax, which shows before any call
        return Outcome("refused", [reason_of(error)])
    kinds = []
    for again in (False, True):
        try:
            _call(program, f, split, again)
            kinds.append("right")
        except Nothing:
            kinds.append("nothing")
        except Refused as refusal:
            return Outcome("refused", [reason_of(refusal.__cause__)])
    found = Outcome("right" if "right" in kinds else "nothing")
    if found.kind == "right":
        try:
            _scalar(program, f)
            _twice(program)
        except Nothing:
            pass
        except Refused as refusal:
            found.reasons = [f"{refusal.args[0]}: {reason_of(refusal.__cause__)}"]
    return found


def _run(f, args):
    try:
        return f(*args), None
    except Exception as error:
        return None, error


def _call(program, f, split, again):
    """One call of the passes: as the function where it raises, else against differences."""
    args, untouched = program.arguments(again), program.arguments(again)
    value, raised = _run(f, program.arguments(again))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            output, cache = split.forward(*args)
            gradients = None
            if raised is not None:
                gradients = split.backward(np.ones(np.shape(output)) if is_real(output) else None, cache)
    except revad.InternalError as error:
        raise Wrong("internal error", str(error)) from error
    except revad.RevadError as error:
        _unchanged(args, untouched)
        raise Refused from error
    except Exception as error:
        if raised is None:
            raise Wrong(f"raises {type(error).__name__}",
                        f"where the function gives a value: {error}") from error
        if type(error) is not type(raised):
            raise Wrong("another error",
                        f"{type(error).__name__}: {error}, where the function raises "
                        f"{type(raised).__name__}: {raised}") from error
        _unchanged(args, untouched)
        raise Nothing from None
    if raised is not None:
        raise Wrong("no error",
                    f"the function raises {type(raised).__name__}: {raised}; the gradient is {gradients!r}"[:600])
    _unchanged(args, untouched)
    _same_output(output, value, program.dtype)
    reference, real = program.reference, reals(program, program.arguments(again))
    dout = _above(f, reference, real, value, program.wrt)
    with_complex = any(getattr(arg, "dtype", None) == complex for arg in args)
    if with_complex:
        raise Wrong("complex", f"a complex argument is not refused: {output!r}"[:300])
    given = [None if d is None else d.copy() if hasattr(d, "copy") else d for _, d in leaves(dout)]
    try:
        first = split.backward(dout, cache)
        kept = [None if g is None else np.copy(g) for _, g in leaves(first)]
        _overwrite(first)
        second = split.backward(dout, cache)
    except revad.InternalError as error:
        raise Wrong("internal error", str(error)) from error
    except revad.RevadError as error:
        raise Refused from error
    except Exception as error:
        # of Python's numbers, where the slope is infinite, and of decompositions, where there is none
        if isinstance(error, (ZeroDivisionError, np.linalg.LinAlgError)) \
                and (program.dtype == "?" or "linalg.qr" in program.text
                     or not is_smooth(_Sampled(program), real)
                     or not _converges(program.reference, program.wrt, real)):
            raise Nothing from None
        raise Wrong(f"backward raises {type(error).__name__}", str(error)) from error
    _unchanged(args, untouched)
    if not all(_identical(d, old) for (_, d), old in zip(leaves(dout), given)):
        raise Wrong("dout", "backward changed dout")
    if not all(g is None and old is None or np.array_equal(g, old, equal_nan=True)
               for (_, g), old in zip(leaves(second), kept)):
        raise Wrong("twice", "a second backward on one cache gives another gradient")
    _right(program, args, second, expected_of(program, reference, real, dout))
    # 0 times a slope that there is not.
    finite = all(g is None or np.all(np.isfinite(g)) for _, g in leaves(second))
    if (program.seed % NONE == 0 and not isinstance(dout, (list, tuple)) and finite
            and not any(map(is_object, args))):
        try:
            zeros = split.backward(None, cache)
        except Exception as error:
            raise Wrong("no dout", f"backward(None, cache): {error}") from error
        if (any(g is not None and np.any(g) for _, g in leaves(zeros))
                or [np.shape(g) for _, g in leaves(zeros)] != [np.shape(g) for _, g in leaves(second)]):
            raise Wrong("no dout", f"backward(None, cache) gives {zeros!r}"[:300])


def _asked(program):
    """The names of the parameters that are differentiated, in the order of their gradients."""
    return program.wrt if isinstance(program.wrt, tuple) else (program.wrt,)


def reals(program, args):
    """The arguments as the reference sees them; integers that are not differentiated, indices say, stay."""
    asked = _asked(program)
    return [_real(arg) if name in asked or is_float(arg) or isinstance(arg, list) else arg
            for name, arg in zip(program.parameters, args)]


def _real(arg):
    """As the reference sees it; truth values stay."""
    if isinstance(arg, (list, tuple, dict)) or is_object(arg):
        return map_leaves(_real, arg)
    if isinstance(arg, (np.ndarray, np.generic)):
        return (arg.astype(np.float64) if arg.dtype.kind in "iuf" and isinstance(arg, np.ndarray)
                else float(arg) if arg.dtype.kind in "iuf" else arg)
    return float(arg) if isinstance(arg, (int, float)) and not isinstance(arg, bool) else arg


def _above(f, reference, real, value, wrt):
    """A gradient from above for the output; Nothing where double precision takes another course."""
    exact, raised = _run(reference, copy.deepcopy(real))
    if raised is not None:
        raise Nothing
    pairs = list(zip(leaves(value), leaves(exact)))
    if (len(list(leaves(value))) != len(list(leaves(exact)))
            or any(np.shape(a) != np.shape(b) for (_, a), (_, b) in pairs)):
        raise Nothing
    for (_, a), (_, b) in pairs:
        if (is_real(a) and is_real(b)
                and not (np.all(np.isfinite(b)) and np.allclose(np.float64(a), b, 2e-2, 2e-2))):
            raise Nothing
    rng = np.random.default_rng(0)
    drawn = []
    for (_, a), (_, b) in pairs:
        if not is_float(b):
            drawn.append(None)
            continue
        dtype = a.dtype if is_float(a) and hasattr(a, "dtype") else np.float64
        draw = rng.standard_normal(np.shape(b)).astype(dtype)
        drawn.append(draw if isinstance(a, np.ndarray) else draw[()] if hasattr(a, "dtype") else float(draw))
    return _filled(exact, iter(drawn))


def _filled(value, drawn):
    if isinstance(value, (list, tuple)):
        parts = [_filled(item, drawn) for item in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    return next(drawn)


def expected_of(program, reference, real, dout):
    shapes = [np.shape(d) for _, d in leaves(dout) if d is not None]

    def steady(*args):
        """What the function gives; a length that hangs on the numbers jumps."""
        value = reference(*args)
        if [np.shape(leaf) for _, leaf in leaves(value) if is_float(leaf)] != shapes:
            raise Nothing
        return value

    try:
        expected = numeric_gradient(functools.wraps(reference)(steady), real, program.wrt, dout)
    except Exception:
        raise Nothing from None
    if not all(g is None or np.all(np.abs(g) < LARGEST) for _, g in leaves(expected)):
        raise Nothing
    return expected


def _unchanged(args, before):
    for arg, old in zip(args, before):
        if (not _identical(arg, old) or isinstance(arg, np.ndarray)
                and (arg.strides != old.strides or arg.flags.writeable != old.flags.writeable)):
            raise Wrong("argument", "an argument was changed")


def _same_output(output, value, dtype):
    """The forward pass gives what the function gives: type, shape, dtype, numbers."""
    ours, theirs = list(leaves(output)), list(leaves(value))
    if len(ours) != len(theirs) or type(output) is not type(value):
        raise Wrong("output", f"forward gives {output!r} for {value!r}"[:600])
    for (_, a), (_, b) in zip(ours, theirs):
        if (type(a) is not type(b) or np.shape(a) != np.shape(b)
                or getattr(a, "dtype", None) != getattr(b, "dtype", None)):
            raise Wrong("output type",
                        f"forward gives {type(a).__name__} {getattr(a, 'dtype', '')}{np.shape(a)}, the "
                        f"function {type(b).__name__} {getattr(b, 'dtype', '')}{np.shape(b)}")
        if is_real(b) and not _is_near(a, b, RTOL[dtype] / 10):
            raise Wrong("value", f"forward gives {a!r}, the function {b!r}"[:600])


def _is_near(a, b, rtol):
    return np.allclose(np.float64(a), np.float64(b), rtol, rtol, equal_nan=True)


def _right(program, args, gradients, expected):
    """The gradients have the structure, shape, dtype and values that they should.

    A kink where they are asked for is no test.
    """
    if program.dtype == "?":
        return
    check = _check(program, args)
    try:
        check.right(gradients, expected, args)
    except AssertionError as error:
        if "is not close" not in str(error) and "Not equal" not in str(error):
            raise Wrong("gradient's kind", str(error)) from error
        real = reals(program, args)
        if not is_smooth(_Sampled(program), real) or not _converges(program.reference, program.wrt, real) \
                or not _is_additive(program, real):
            raise Nothing from None
        raise Wrong("gradient", " ".join(str(error).split())[:600]) from error


def _converges(function, wrt, real, dout=None):
    """Whether differences with a step that is a tenth agree: they do not where a slope is infinite,
    or at a jump."""
    try:
        pairs = [numeric_gradient(function, real, wrt, dout, step=step) for step in (2e-4, 2e-5)]
    except Exception:
        return False
    return all(a is None or np.allclose(a, b, 1e-2, 1e-3) for (_, a), (_, b) in zip(*map(leaves, pairs)))


def _is_additive(program, real):
    """Whether the slope along a direction is the sum of those along the axes: not of a median of ties."""
    rng = np.random.default_rng(5)
    directions = [map_leaves(lambda v: rng.standard_normal(np.shape(v)) if is_float(v) else 0, arg)
                  for arg in real]

    def along(t):
        return program.reference(*[
            _moved(arg, direction, t) if name in _asked(program) else arg
            for name, arg, direction in zip(program.parameters, real, directions)])

    try:
        slope = numeric_gradient(along, [0.0], "t")
        gradients = numeric_gradient(program.reference, real, program.wrt)
    except Exception:
        return False
    gradients = gradients if isinstance(program.wrt, tuple) else (gradients,)
    asked = [directions[program.parameters.index(name)] for name in _asked(program)]
    total = sum(np.sum(g * d) for gradient, direction in zip(gradients, asked)
                for (_, g), (_, d) in zip(leaves(gradient), leaves(direction)) if g is not None)
    return abs(total - slope) <= 1e-2 * max(1.0, abs(slope))


def _moved(arg, direction, t):
    steps = (d for _, d in leaves(direction))
    return map_leaves(lambda v: v + t * next(steps) if is_float(v) else (next(steps), v)[1], arg)


class _Sampled:
    """What `is_smooth` asks of a program."""

    def __init__(self, program):
        self.function, self.wrt = program.reference, program.wrt


def _check(program, args):
    check = _Check.__new__(_Check)
    check.f, check.args, check.kwargs = program.function, args, {}
    check.names = list(_asked(program))
    check.positions = [program.parameters.index(name) for name in check.names]
    check.bare, check.narrow = not isinstance(program.wrt, tuple), False
    check.rtol = check.atol = RTOL[program.dtype] * (300 if "float32" in program.text
                                                     and program.dtype != "e" else 1)
    return check


def _scalar(program, f):
    """`grad` and `value_and_grad` of a number."""
    args = program.arguments()
    value, raised = _run(f, program.arguments())
    if raised is not None or not is_scalar(value) or not is_float(value) or program.seed % 2:
        return
    try:
        both, gradients = revad.value_and_grad(f, wrt=program.wrt)(*args)
        again = revad.grad(f, wrt=program.wrt)(*args)
    except revad.InternalError as error:
        raise Wrong("internal error", str(error)) from error
    except revad.RevadError as error:
        raise Refused("grad") from error
    except ZeroDivisionError as error:
        real = [_real(arg) for arg in program.arguments()]
        if program.dtype != "?" and _converges(program.reference, program.wrt, real):
            raise Wrong(f"grad raises {type(error).__name__}", str(error)) from error
        return
    except Exception as error:
        raise Wrong(f"grad raises {type(error).__name__}", str(error)) from error
    _same_output(both, value, program.dtype)
    expected = expected_of(program, program.reference, reals(program, program.arguments()), None)
    _unchanged(args, program.arguments())
    for each in (gradients, again):
        _right(program, args, each, expected)


def _twice(program):
    """The second derivative of the sum of squares, against differences of the gradient under weights."""
    if program.dtype not in ORDINARY or program.seed // 2 % SECOND \
            or "float32" in program.text or "float16" in program.text:
        return
    f, args = program.squared, program.arguments()
    if any(map(is_object, args)):
        return              # of an object the gradient has only those attributes that matter
    value, raised = _run(f, program.arguments())
    if raised is not None or not is_float(value) or not np.isfinite(value) or abs(value) > LARGEST:
        raise Nothing
    first = revad.grad(f, wrt=program.wrt)
    real = reals(program, args)
    try:
        dout = random_dout(first, real, program.wrt)
        expected = numeric_gradient(first, real, program.wrt, dout)
    except revad.InternalError as error:
        raise Wrong("internal error", str(error)) from error
    except revad.RevadError as error:
        raise Refused("second order") from error
    except Exception:
        raise Nothing from None
    if not all(g is None or np.all(np.abs(g) < LARGEST) for _, g in leaves(expected)):
        raise Nothing
    try:
        again = revad.grad(first, wrt=program.wrt)
        _, cache = again.forward(*real)
        gradients = again.backward(dout, cache)
    except revad.InternalError as error:
        raise Wrong("second order: internal error", str(error)) from error
    except revad.RevadError as error:
        raise Refused("second order") from error
    except Exception as error:
        raise Wrong(f"second order raises {type(error).__name__}", str(error)) from error
    for (path, a), (_, b) in itertools.zip_longest(leaves(gradients), leaves(expected)):
        if np.shape(a) != np.shape(b):
            raise Wrong("second order", f"shape {np.shape(a)} for {np.shape(b)}, {path}")
        if not np.allclose(np.float64(a), b, 1e-4, 1e-4 * max(1.0, np.max(np.abs(b), initial=0.0))):
            if not all(is_smooth(each, real) for each in (_Sampled(program), _First(first, program.wrt))) \
                    or not _converges(first, program.wrt, real, dout):
                raise Nothing
            raise Wrong("second order", f"{a!r} where differences are {b!r}"[:600])


class _First:
    """A gradient as a program of its own."""

    def __init__(self, function, wrt):
        self.function, self.wrt = function, wrt
