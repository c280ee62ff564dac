"""Finite differences of the program itself: the reference for every gradient in these tests.

The reference knows nothing of the compiler. It runs the function on float64 copies of its inputs, moves one
number at a time, and extrapolates two central differences (Richardson), which leaves an error near 1e-10
for smooth functions of ordinary size. An output that is an array, a tuple or a list is reduced to a number
by a fixed random projection `dout`, so that one sweep checks all of it.

    numeric_gradient(f, args, wrt)      the gradient, in the structure of the inputs
    assert_gradient(f, args, wrt)       revad's gradient is right in value, structure, shape, dtype and manners
    assert_reference(f, args, wrt)      f itself is fit for a test: smooth where it is, repeatable, not constant

The gradient on an object with attributes (a dataclass, or a network whose method has it as `self`) is a
SimpleNamespace with the gradients on the attributes that the function reads; what it leaves out has to be
zero. Integers inside of an object are settings (a number of layers), not inputs.

All three take, by keyword: `fresh`, called before every evaluation (to seed np.random; a Generator among
the arguments is copied for each evaluation anyway); `output`, the index or key, or a tuple of them, of the
parts of the output that are differentiated, where the others are a cache; and `integers=True` where
integers inside of containers are settings.
"""

import copy
import functools
import inspect
import numbers
import types

import numpy as np

STEP = 2e-4
GENERATORS = (np.random.Generator, np.random.RandomState)
NO_OBJECTS = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.MethodType,
              functools.partial)


# --- structures: numbers and arrays inside lists, tuples, dicts and objects


def is_object(value):
    """True for what holds its parts in attributes: a dataclass, a network of layers, a SimpleNamespace."""
    if isinstance(value, (np.ndarray, np.generic, np.ufunc, list, tuple, dict, *NO_OBJECTS)):
        return False
    return hasattr(value, "__dict__")


def is_real(value):
    """True for what may carry a derivative: a real number or a real array, but no truth value."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "iuf"
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def is_float(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind == "f"
    return isinstance(value, float)


def is_scalar(value):
    return not isinstance(value, (list, tuple, dict)) and not is_object(value) and np.ndim(value) == 0


def leaves(value, path=""):
    """All (path, leaf) of a structure, in order; the path reads as the subscripts that lead there."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from leaves(item, f"{path}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    elif is_object(value):
        for name, item in vars(value).items():
            yield from leaves(item, f"{path}.{name}")
    else:
        yield path, value


def map_leaves(function, value, make=None):
    """The same structure, with the function applied to everything that is not a list, tuple, dict or object.

    An object becomes another of its class, or what `make` gives for its attributes.
    """
    if isinstance(value, dict):
        items = {key: map_leaves(function, item, make) for key, item in value.items()}
        return items if type(value) is dict else type(value)(items)
    if isinstance(value, (list, tuple)):
        items = [map_leaves(function, item, make) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if is_object(value):
        items = {name: map_leaves(function, item, make) for name, item in vars(value).items()}
        if make is not None:
            return make(**items)
        other = copy.copy(value)
        vars(other).update(items)
        return other
    return function(value)


def with_leaves(value, new, make=None):
    """The same structure with the leaves replaced, in order."""
    new = iter(new)
    return map_leaves(lambda _: next(new), value, make)


def as_float64(value, integers=False):
    """A copy with every real number a float and every real array float64: integers are real numbers here.

    Those inside of an object stay as they are, and with `integers` those inside of any container.
    """

    def convert(leaf):
        if not is_real(leaf):
            return copy.deepcopy(leaf)
        return leaf.astype(np.float64) if isinstance(leaf, np.ndarray) else float(leaf)

    if isinstance(value, dict):
        return {key: _inside(item, integers) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        items = [_inside(item, integers) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    return widened(value) if is_object(value) else convert(value)


def _inside(item, integers):
    return widened(item) if integers else as_float64(item)


def widened(value):
    """A copy with every float in float64 and integers as they are, for inputs that are not differentiated."""

    def convert(leaf):
        return as_float64(leaf) if is_float(leaf) else copy.deepcopy(leaf)

    return map_leaves(convert, value)


def parameters(f, args, wrt=None):
    """The positions and names of the inputs that `wrt` asks for, and whether their gradient stands bare."""
    signature = inspect.signature(f).parameters
    names = list(signature)
    if wrt is None:
        required = [p.name for p in signature.values()
                    if p.default is p.empty and p.kind <= p.POSITIONAL_OR_KEYWORD]
        positions, bare = [names.index(name) for name in required], len(required) == 1
    else:
        bare = isinstance(wrt, (str, int))
        positions = [names.index(w) if isinstance(w, str) else w for w in ((wrt,) if bare else wrt)]
    missing = [names[i] for i in positions if i >= len(args)]
    if missing:
        raise ValueError(f"no positional argument is given for {', '.join(missing)}")
    return positions, [names[i] for i in positions], bare


# --- the reference


def real_inputs(f, args, wrt, integers=False):
    """The arguments as the reference sees them: float64 where they are differentiated."""
    positions, _, _ = parameters(f, args, wrt)
    return [as_float64(arg, integers) if i in positions else widened(arg) for i, arg in enumerate(args)]


def random_dout(f, args, wrt=None, kwargs=None, seed=0, fresh=None, output=None, integers=False):
    """A gradient from above for the output of f(*args): random where the output is real, None elsewhere.

    An output is real if it is a float when every differentiated input is. So `cache = (x, labels, axis)`
    has numbers for an integer x, and None for the labels and the axis.
    """
    rng = np.random.default_rng(seed)
    like = [leaf for _, leaf in leaves(call(f, args, kwargs, fresh))]
    real = call(f, real_inputs(f, args, wrt, integers), widened(kwargs or {}), fresh)

    def draw(leaf, like):
        if not is_float(leaf):
            return None
        dtype = like.dtype if is_float(like) and hasattr(like, "dtype") else np.float64
        drawn = rng.standard_normal(np.shape(leaf))
        return np.array(drawn, dtype=dtype) if isinstance(leaf, np.ndarray) else np.dtype(dtype).type(drawn)

    drawn = [draw(leaf, other) for (_, leaf), other in zip(leaves(real), like, strict=True)]
    return only(output, with_leaves(real, drawn, types.SimpleNamespace))


def only(output, dout):
    """The same dout, with None for every part of it but those that `output` names."""
    if output is None:
        return dout
    wanted = output if isinstance(output, tuple) else (output,)
    if isinstance(dout, dict):
        return {key: part if key in wanted else None for key, part in dout.items()}
    parts = [part if number in wanted else None for number, part in enumerate(dout)]
    return type(dout)(*parts) if hasattr(dout, "_fields") else type(dout)(parts)


def spread(dout, output):
    """One gradient from above for every leaf of the output: a None stands for all that is below it."""
    if dout is None:
        return [None for _ in leaves(output)]
    if isinstance(output, dict):
        return [leaf for key in output for leaf in spread(dout[key], output[key])]
    if isinstance(output, (list, tuple)):
        return [leaf for d, item in zip(dout, output, strict=True) for leaf in spread(d, item)]
    if is_object(output):
        return [leaf for name, item in vars(output).items() for leaf in spread(getattr(dout, name), item)]
    return [dout]


def call(f, args, kwargs=None, fresh=None):
    """f(*args, **kwargs) on copies; a bound method has a copy of its object, too."""
    if fresh is not None:
        fresh()
    f, args, kwargs = _copies(f, args, kwargs or {})
    return f(*args, **kwargs)


def _copies(f, args, kwargs):
    """Deep copies; arrays and numbers that a plain function gets are copied without looking for more."""
    if (type(f) is types.FunctionType and not kwargs
            and all(type(arg) in (float, int, np.ndarray) for arg in args)):
        arrays = [id(arg) for arg in args if type(arg) is np.ndarray]
        if (len(set(arrays)) == len(arrays)
                and all(type(arg) is not np.ndarray or arg.dtype != object for arg in args)):
            return f, [arg.copy(order="K") if type(arg) is np.ndarray else arg for arg in args], kwargs
    return copy.deepcopy((f, tuple(args), kwargs))


def numeric_gradient(
    f, args, wrt=None, dout=None, kwargs=None, step=STEP, fresh=None, output=None, integers=False
):
    """The gradient of sum(dout * f(*args)) by central differences, in the structure that revad.grad returns.

    `dout` is 1.0 for a scalar output if left out, and `random_dout` for any other. The arguments are never
    changed, and f gets fresh copies for every evaluation. Numbers have a float, arrays a float64 array as
    their gradient.
    """
    kwargs = widened(kwargs or {})
    inputs = real_inputs(f, args, wrt, integers)
    if dout is None:
        scalar = is_scalar(call(f, inputs, kwargs, fresh))
        dout = 1.0 if scalar else random_dout(f, args, wrt, kwargs, 0, fresh, output, integers)

    def outputs(position, value):
        result = call(f, inputs[:position] + [value] + inputs[position + 1 :], kwargs, fresh)
        return [(d, leaf) for d, (_, leaf) in zip(spread(dout, result), leaves(result)) if d is not None]

    def derivative(position, moved, x):
        """The derivative on a number x, where moved(x) is the whole input with x in its place."""

        def difference(h):
            both = zip(outputs(position, moved(x + h)), outputs(position, moved(x - h)))
            return sum(np.sum(np.float64(d) * (above - below)) for (d, above), (_, below) in both) / (2 * h)

        h = step * max(abs(x), 0.1)
        return float(4 * difference(h / 2) - difference(h)) / 3

    def gradient(position):
        whole = inputs[position]
        flat = [leaf for _, leaf in leaves(whole)]
        found = []
        for number, leaf in enumerate(flat):

            def replaced(new, number=number):
                return with_leaves(whole, flat[:number] + [new] + flat[number + 1 :])

            if isinstance(leaf, float):
                found.append(derivative(position, replaced, leaf))
            elif isinstance(leaf, np.ndarray) and is_float(leaf):
                found.append(np.zeros(leaf.shape))
                for index in np.ndindex(leaf.shape):

                    def moved(x, leaf=leaf, index=index):
                        other = leaf.copy("K")      # the order in memory decides what is a view
                        other[index] = x
                        return replaced(other)

                    found[-1][index] = derivative(position, moved, leaf[index])
            else:
                found.append(None)
        return with_leaves(whole, found, types.SimpleNamespace)

    positions, _, bare = parameters(f, args, wrt)
    gradients = tuple(gradient(position) for position in positions)
    return gradients[0] if bare else gradients


# --- the checks


def assert_reference(f, args, wrt=None, rtol=1e-6, atol=1e-8, kwargs=None, fresh=None, output=None,
                     integers=False):
    """f is fit for a test: finite, repeatable, and with differences that converge to a gradient that is not zero.

    Returns that gradient.
    """
    found = [call(f, args, kwargs, fresh) for _ in range(2)]
    for (path, a), (_, b) in zip(*map(leaves, found), strict=True):
        if is_real(a):
            assert np.array_equal(a, b), f"output{path} is another one in a second call"
            assert np.all(np.isfinite(a)), f"output{path} is not finite"
    options = dict(kwargs=kwargs, fresh=fresh, output=output, integers=integers)
    sweeps = [numeric_gradient(f, args, wrt, step=step, **options) for step in (STEP, STEP / 3)]
    _, names, bare = parameters(f, args, wrt)
    largest = 0.0
    for name, *pair in zip(names, *([sweep] if bare else sweep for sweep in sweeps)):
        for (path, a), (_, b) in zip(*map(leaves, pair), strict=True):
            if a is not None:
                scale = max(1.0, float(np.max(np.abs(a), initial=0.0)))
                np.testing.assert_allclose(a, b, rtol, atol * scale, err_msg=f"differences on {name}{path}")
                largest = max(largest, float(np.max(np.abs(a), initial=0.0)))
    assert largest > 1e-9, "the gradient is zero"
    return sweeps[0]


def assert_gradient(
    f, args, wrt=None, rtol=1e-6, atol=1e-8, kwargs=None, fresh=None, output=None, integers=False,
    expected=None
):
    """revad's gradient of f is right: values, structure, shapes, dtypes, and no side effects.

    Scalar outputs go through `grad` and `value_and_grad`, all outputs through `.forward` and `.backward`.
    The tuple `(out, cache)` is differentiated both as a whole and with None for the cache. `expected`: what
    `numeric_gradient` gives without `dout`, if it is there already.
    """
    import revad

    options = {} if wrt is None else {"wrt": wrt}
    numeric = dict(kwargs=kwargs, fresh=fresh, integers=integers)
    check = _Check(f, args, wrt, rtol, atol, kwargs or {}, fresh)
    split = revad.grad(f, **options)
    if expected is None:
        expected = numeric_gradient(f, args, wrt, output=output, **numeric)
    dout = random_dout(f, args, wrt, output=output, **numeric)
    if is_scalar(check.value):
        check.run(split, expected)
        both = revad.value_and_grad(f, **options)

        def through_value_and_grad(*args, **kwargs):
            value, gradients = both(*args, **kwargs)
            check.same_output(value, "value_and_grad")
            return gradients

        check.run(through_value_and_grad, expected)
        # The differences of one number have what is given from above as a factor.
        factor = 1.0 if dout is None else float(dout)
        expected = map_leaves(lambda g: None if g is None else factor * g, expected)
    check.run_split(split, expected, dout)
    if output is None and isinstance(dout, tuple) and len(dout) == 2 and isinstance(dout[1], tuple):
        dout = (dout[0], None)
        check.run_split(split, numeric_gradient(f, args, wrt, dout, **numeric), dout)


class _Check:
    def __init__(self, f, args, wrt, rtol, atol, kwargs, fresh=None):
        self.f, self.args, self.kwargs, self.rtol, self.atol, self.fresh = f, args, kwargs, rtol, atol, fresh
        self.positions, self.names, self.bare = parameters(f, args, wrt)
        self.value = call(f, args, kwargs, fresh)
        self.receiver = copy.deepcopy(getattr(f, "__self__", None))
        # One float32 anywhere limits the precision of all that is computed from it.
        self.narrow = any(getattr(v, "dtype", None) in (np.float32, np.float16) for _, v in leaves(args))

    def run(self, gradient, expected):
        """The gradient function twice on the same arguments, with its first result overwritten in between."""
        args, kwargs = copy.deepcopy((tuple(self.args), self.kwargs))
        first = self.evaluate(gradient, args, kwargs)
        self.untouched(args, kwargs)
        self.right(first, expected, args)
        kept = copy.deepcopy(first)
        _overwrite(first)
        self.untouched(args, kwargs)
        again = self.evaluate(gradient, args, kwargs)
        self.identical(again, kept, "a second call gives another gradient")

    def evaluate(self, function, args, kwargs):
        """Every call sees the same draws: a Generator is passed as a copy."""
        if self.fresh is not None:
            self.fresh()
        if any(isinstance(leaf, GENERATORS) for _, leaf in leaves((args, kwargs))):
            args, kwargs = map_leaves(lambda x: copy.deepcopy(x) if isinstance(x, GENERATORS) else x,
                                      (args, kwargs))
        return function(*args, **kwargs)

    def run_split(self, split, expected, dout):
        """Forward, then backward twice on one cache, with the first gradients overwritten in between."""
        args, kwargs = copy.deepcopy((tuple(self.args), self.kwargs))
        output, cache = self.evaluate(split.forward, args, kwargs)
        self.same_output(output, "forward")
        self.untouched(args, kwargs)
        given = copy.deepcopy(dout)
        first = split.backward(given, cache)
        self.untouched(args, kwargs)
        self.right(first, expected, args)
        assert _identical(given, dout), "backward changed dout"
        kept = copy.deepcopy(first)
        _overwrite(first)
        again = split.backward(copy.deepcopy(dout), cache)
        self.identical(again, kept, "a second backward on one cache gives another gradient")
        self.untouched(args, kwargs)
        self.same_output(output, "forward, after backward,")

    def right(self, gradients, expected, args):
        if self.bare:
            gradients, expected = (gradients,), (expected,)
        assert isinstance(gradients, tuple), f"{type(gradients).__name__} where a tuple of gradients belongs"
        assert len(gradients) == len(expected), f"{len(gradients)} gradients for {', '.join(self.names)}"
        for gradient, reference, position, name in zip(gradients, expected, self.positions, self.names):
            self.of_one_input(gradient, reference, args[position], name)
        named = [(name + path, g) for name, whole in zip(self.names, gradients) for path, g in leaves(whole)]
        arrays = [(path, g) for path, g in named if isinstance(g, np.ndarray)]
        for number, (path, array) in enumerate(arrays):
            assert array.flags.writeable, f"the gradient on {path} is read-only"
            for other, array2 in arrays[:number]:
                assert not np.shares_memory(array, array2), (
                    f"the gradients on {other} and {path} share memory")
            for argument_path, argument in leaves(args, "args"):
                if isinstance(argument, np.ndarray):
                    assert not np.shares_memory(array, argument), (
                        f"the gradient on {path} shares {argument_path}")

    def of_one_input(self, gradient, reference, argument, name):
        """The gradient has the structure of the argument, and of an object the attributes that matter."""
        if is_object(argument):
            assert isinstance(gradient, types.SimpleNamespace), (
                f"the gradient on {name} is a {type(gradient).__name__}, not a SimpleNamespace of attributes"
            )
            extra = vars(gradient).keys() - vars(argument).keys()
            assert not extra, (
                f"the gradient on {name} has attributes that it has not: {', '.join(sorted(extra))}")
            for attribute, part in vars(argument).items():
                expected = getattr(reference, attribute)
                if hasattr(gradient, attribute):
                    if any(r is not None for _, r in leaves(expected)):
                        self.of_one_input(getattr(gradient, attribute), expected, part, f"{name}.{attribute}")
                else:
                    zero = all(r is None or not np.any(np.abs(r) > self.atol) for _, r in leaves(expected))
                    assert zero, f"the gradient on {name} has no {attribute}"
        elif isinstance(argument, (dict, list, tuple)):
            keyed = isinstance(argument, dict)
            if keyed:
                same = isinstance(gradient, dict) and gradient.keys() == argument.keys()
            else:
                same = type(gradient) is type(argument) and len(gradient) == len(argument)
            assert same, f"the gradient on {name} is {_shape_of(gradient)} for an input {_shape_of(argument)}"
            for key in argument if keyed else range(len(argument)):
                self.of_one_input(gradient[key], reference[key], argument[key], f"{name}[{key!r}]")
        elif is_real(argument) and reference is not None:
            self.of_one_leaf(gradient, reference, argument, name)

    def of_one_leaf(self, g, r, x, name):
        assert _shape_of(g) == _shape_of(x), (
            f"the gradient on {name} is {_shape_of(g)} for an input {_shape_of(x)}")
        dtype = x.dtype if is_float(x) and hasattr(x, "dtype") else np.dtype(np.float64)
        found = g.dtype if hasattr(g, "dtype") else np.dtype(type(g))
        if isinstance(x, numbers.Real) and not isinstance(x, np.generic):
            assert isinstance(g, float), f"the gradient on {name} is {type(g).__name__}, not float"
        elif np.ndim(x):
            assert isinstance(g, np.ndarray), f"the gradient on {name} is {type(g).__name__}, not an array"
        assert found == dtype, f"the gradient on {name} is {found}, not {dtype}"
        rtol, atol = (max(self.rtol, 1e-3), max(self.atol, 1e-4)) if self.narrow else (self.rtol, self.atol)
        scale = max(1.0, float(np.max(np.abs(r), initial=0.0)))
        np.testing.assert_allclose(
            np.asarray(g, dtype=np.float64), r, rtol, atol * scale, err_msg=f"the gradient on {name}"
        )

    def same_output(self, value, where):
        assert _shape_of(value) == _shape_of(self.value), f"{where} gives {_shape_of(value)}"
        for (path, a), (_, b) in zip(leaves(value), leaves(self.value)):
            if not is_real(b):
                assert _identical(a, b), f"{where} gives another output{path}"
                continue
            if isinstance(b, np.ndarray):
                assert a.dtype == b.dtype, f"{where} gives {a.dtype} for {b.dtype}, output{path}"
            rtol = 1e-5 if getattr(b, "dtype", None) == np.float32 else 1e-12
            np.testing.assert_allclose(a, b, rtol, rtol, err_msg=f"{where}: output{path}")

    def untouched(self, args, kwargs):
        given, now = (tuple(self.args), self.kwargs), (args, kwargs)
        if isinstance(self.f, types.MethodType):
            given, now = (vars(self.receiver), *given), (vars(self.f.__self__), *now)
        paths = [path for path, _ in leaves(now)]
        assert paths == [path for path, _ in leaves(given)], "an argument has other parts than before"
        for (path, now), (_, before) in zip(leaves(now), leaves(given)):
            if isinstance(now, GENERATORS):
                continue
            assert _identical(now, before), f"the argument at {path} was changed"

    def identical(self, again, kept, message):
        assert _identical(again, kept), message


def _shape_of(value):
    """The structure of a value in words, with the shape of arrays.

    A number and a 0-d array are the same here.
    """
    if isinstance(value, dict):
        return {key: _shape_of(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value).__name__, [_shape_of(item) for item in value]
    if is_object(value):
        return type(value).__name__, {name: _shape_of(item) for name, item in vars(value).items()}
    return np.shape(value) if is_real(value) else "other"


def _identical(a, b):
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        same = (isinstance(a, np.ndarray) == isinstance(b, np.ndarray) and a.dtype == b.dtype
                and a.shape == b.shape)
        return same and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")
    if isinstance(a, (list, tuple, dict)):
        paths_a, paths_b = dict(leaves(a)), dict(leaves(b))
        return type(a) is type(b) and paths_a.keys() == paths_b.keys() and all(
            _identical(paths_a[path], paths_b[path]) for path in paths_a
        )
    if isinstance(a, types.MethodType):
        return isinstance(b, types.MethodType) and a.__func__ is b.__func__
    if hasattr(a, "__dict__") and not callable(a):
        return type(a) is type(b) and _identical(vars(a), vars(b))
    return type(a) is type(b) and (a == b or a != a)


def _overwrite(gradients):
    for _, gradient in leaves(gradients):
        if isinstance(gradient, np.ndarray):
            gradient[...] = np.nan
