"""Functions given as text, taken as far as a pass of the compiler that is to be tested.

    function("def f(x): ...")             the function, with its source in linecache
    staged("def f(x): ...")               the Program of single gates
    typed("def f(x): ...", np.ones(3))    the typed Program and its builder, for such arguments
    written("def f(x): ...", np.ones(3))  the text of its gradient
    assert_kind("x[1:]", (np.ones(3),))   the kind of an expression is what NumPy makes of it
    assert_right(f, np.ones(3))           its gradient is that of finite differences
    assert_second(f, np.ones(3))          the gradient of its gradient, too
"""
import inspect
import itertools
import linecache
import math
import textwrap
import types

import numpy as np
from differences import leaves, numeric_gradient, random_dout

from revad import grad, value_and_grad
from revad.interp.specialize import infer_shapes
from revad.pipeline import read_front
from revad.runtime.arguments import kinds_of
from revad.types.kinds import key_of
from revad.types.scope import of_function
from revad.types.shape_rules import kind_of_operand

_numbers = itertools.count()


def function(text, **outside):
    """The function that a text defines; `outside` are its globals besides np and math."""
    text = textwrap.dedent(text).lstrip("\n")
    file = f"<text {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {"np": np, "math": math, **outside}
    before = set(namespace)
    exec(compile(text, file, "exec"), namespace)
    return next(value for name, value in namespace.items() if name not in before | {"__builtins__"})


def staged(text, **outside):
    return read_front(function(text, **outside)).program


def typed(text, *args, wrt=None, **outside):
    """(typed Program, builder) for arguments like `args`; all of them vary unless `wrt` names some."""
    f = function(text, **outside)
    program = read_front(f).program
    names = [p.name for p in program.parameters]
    wrt = names if wrt is None else wrt
    return infer_shapes(program, kinds_of(names, args, wrt), frozenset(wrt), of_function(f))


def written(text, *args, want="grad", wrt=None, **outside):
    """The text of the gradient (or of the forward or backward pass) for arguments like `args`."""
    f = function(text, **outside)
    if want in ("grad", "value_and_grad"):
        df = (grad if want == "grad" else value_and_grad)(f, wrt=wrt)
        df(*args)
        return df.source
    df = grad(f, wrt=wrt)
    out, cache = df.forward(*args)
    if want == "forward":
        return df.forward.source
    df.backward(out, cache)
    return df.backward.source


def lines(text, *args, **options):
    """The lines of a gradient without its first line and its comments."""
    whole = written(text, *args, **options).splitlines()
    start = next(i for i, line in enumerate(whole) if line.startswith("def "))
    return [line.strip() for line in whole[start + 1:] if not line.strip().startswith("#")]


def result_kind(text, *args, wrt=None, **outside):
    """(kind of the result, the scope with its guards) of an expression in x, y, z."""
    names = "xyz"[:len(args)]
    program, builder = typed(f"def f({', '.join(names)}):\n    return {text}", *args, wrt=wrt, **outside)
    return kind_of_operand(program.result), builder.scope


def assert_kind(text, *calls, known=True, **outside):
    """What is known of an expression's result for the first of the calls is so in each of them.

    A call is a tuple of arguments.  The lengths are those of NumPy, and so are their expressions,
    in every call with the same key for which the guards hold.  Returns the kind.
    """
    kind, scope = result_kind(text, *calls[0], **outside)
    if known:
        assert kind.shape is not None and all(n.value is not None for n in kind.shape), f"{text}: {kind}"
    for number, args in enumerate(calls):
        names = {"np": np, "math": math, **outside, **dict(zip("xyz", args))}
        same = [key_of(a) for a in args] == [key_of(a) for a in calls[0]] and \
            all(eval(guard, {**names, **scope.constants, "key_of": key_of}) for guard in scope.guards)
        assert same or number
        if same:
            _assert_kind_of(text, kind, eval(text, dict(names)), names, number == 0)
    return kind


def _assert_kind_of(text, kind, real, names, first):
    if kind.shape is None:
        return
    assert np.ndim(real) == kind.rank, f"{text}: rank {np.ndim(real)}, not {kind.rank}"
    if kind.dtype:
        assert np.asarray(real).dtype.char == kind.dtype, (
            f"{text}: {np.asarray(real).dtype.char}, not {kind.dtype}")
    for axis, (length, n) in enumerate(zip(np.shape(real), kind.shape)):
        message = f"{text}: axis {axis} has length {length}, not {n}"
        if n.value is not None:
            assert eval(n.text, dict(names)) == length, message
            assert not (first or n.exact) or n.value == length, message
        if n.unit or n.exact:
            assert (n.value == 1) == (length == 1), message


def assert_right(f, *args, rtol=1e-6):
    """The gradient is that of finite differences, and each part has memory of its own: for many cases,
    quickly."""
    kept = [np.array(a) for a in args]
    found = grad(f)(*args)
    expected = numeric_gradient(f, args)
    parts = list(zip(found, expected)) if isinstance(expected, tuple) else [(found, expected)]
    for part, wanted in parts:
        np.testing.assert_allclose(part, wanted, rtol=rtol,
                                   atol=rtol * max(1.0, np.max(np.abs(wanted), initial=0.0)))
        assert np.shape(part) == np.shape(wanted)
    arrays = [a for a in (*args, *(part for part, _ in parts)) if isinstance(a, np.ndarray)]
    for first, second in itertools.combinations(arrays, 2):
        assert (not np.shares_memory(first, second)
                or any(first is a for a in args) and any(second is a for a in args))
    for argument, before in zip(args, kept):
        assert np.array_equal(argument, before)


def assert_second(f, *args, wrt=None, rtol=1e-4):
    """The gradient of the gradient, by its passes and from its text as it is pasted, is that
    of differences of the gradient."""
    names = list(inspect.signature(f).parameters) if wrt is None else wrt
    g = grad(f, wrt=wrt)
    g(*args)
    dout = random_dout(g, args, names)
    expected = numeric_gradient(g, args, names, dout=dout)
    for gradient in (g, _pasted(g.source)):
        again = grad(gradient, wrt=names)
        _, cache = again.forward(*args)
        for (path, part), (_, wanted) in zip(leaves(again.backward(dout, cache)),
                                             leaves(expected), strict=True):
            assert np.shape(part) == np.shape(wanted), path
            np.testing.assert_allclose(part, wanted, rtol,
                                       rtol * max(1.0, np.max(np.abs(wanted), initial=0.0)), err_msg=path)


def _pasted(text):
    """The last function of a text, with its source where inspect finds it."""
    file = f"<text {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {"np": np, "math": math}
    exec(compile(text, file, "exec"), namespace)
    return [value for name, value in namespace.items() if isinstance(value, types.FunctionType)][-1]
