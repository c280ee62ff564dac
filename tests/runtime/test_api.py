"""The interface of `grad` and `value_and_grad`: how they are applied, what they return, what they say."""

import copy
import functools
import inspect
import linecache
import math
import multiprocessing
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import pytest
from from_text import function

import revad
from revad import CallError, RevadError, SourceError, UnsupportedError, grad, value_and_grad

pytestmark = pytest.mark.quick

STAGED = '''\
def f_grad(x, y):
    # forward pass
    sigy = 1.0 / (1 + math.exp(-y))
    num = x + sigy
    sigx = 1.0 / (1 + math.exp(-x))
    xpy = x + y
    xpysqr = xpy**2
    den = sigx + xpysqr
    invden = 1.0 / den
    # backprop f = num * invden
    dnum = invden
    dinvden = num
    # backprop invden = 1.0 / den
    dden = -invden / den * dinvden
    # backprop den = sigx + xpysqr
    dsigx = dden
    dxpysqr = dden
    # backprop xpysqr = xpy**2
    dxpy = 2 * xpy * dxpysqr
    # backprop xpy = x + y
    dx = dxpy
    dy = dxpy
    # backprop sigx = 1.0 / (1 + math.exp(-x))
    dx += (1 - sigx) * sigx * dsigx
    # backprop num = x + sigy
    dx += dnum
    dsigy = dnum
    # backprop sigy = 1.0 / (1 + math.exp(-y))
    dy += (1 - sigy) * sigy * dsigy
    return dx, dy'''


def staged():
    def f(x, y):
        sigy = 1.0 / (1 + math.exp(-y))
        num = x + sigy
        sigx = 1.0 / (1 + math.exp(-x))
        xpy = x + y
        xpysqr = xpy**2
        den = sigx + xpysqr
        invden = 1.0 / den
        f = num * invden
        return f
    return f


@grad
def circuit(x, y, z):
    """The circuit of the notes."""
    q = x + y
    return q * z


@value_and_grad(wrt="w")
def with_options(w, x):
    return w * x


def plain(x, y):
    return x * y


# ---- how it is applied


def test_decorator_and_function_forms_agree():
    assert circuit(-2, 5, -4) == (-4.0, -4.0, 3.0)
    assert grad(circuit.primal)(-2, 5, -4) == (-4.0, -4.0, 3.0)
    assert with_options(3.0, 4.0) == (12.0, 4.0)
    assert value_and_grad(plain)(3.0, 4.0) == (12.0, (4.0, 3.0))
    assert value_and_grad(wrt=("y",))(plain)(3.0, 4.0) == (12.0, (3.0,))


@pytest.mark.parametrize("wrt, expected", [
    (None, (4.0, 3.0)), ("x", 4.0), ("y", 3.0), (0, 4.0), (1, 3.0), (-1, 3.0), (-2, 4.0),
    (np.int64(1), 3.0), (("x",), (4.0,)), (("y", "x"), (3.0, 4.0)), ((1, "x"), (3.0, 4.0)),
    (["x", "y"], (4.0, 3.0)), ((-1,), (3.0,)),
])
def test_wrt(wrt, expected):
    assert grad(plain, wrt=wrt)(3.0, 4.0) == expected


@pytest.mark.parametrize("wrt, message", [
    ("w", "plain has no parameter 'w': it has x, y"),
    (2, "plain has no parameter at position 2: it has x, y"),
    (-3, "plain has no parameter at position -3: it has x, y"),
    ((), "wrt is empty: name at least one parameter"),
    (("x", 0), "wrt names a parameter twice: x, x"),
    (1.5, "wrt is 1.5: give a parameter's name or position, or a tuple of them"),
    (True, "wrt is True: give a parameter's name or position, or a tuple of them"),
    ((None,), "wrt is None: give a parameter's name or position, or a tuple of them"),
])
def test_a_wrong_wrt(wrt, message):
    with pytest.raises(CallError) as caught:
        grad(plain, wrt=wrt)
    assert str(caught.value) == message


def test_settings_are_not_differentiated_unless_named():
    def f(x, power=3, *, scale=2.0):
        return scale * x**power

    assert grad(f)(2.0) == 24.0
    assert grad(f)(2.0, 2) == 8.0
    assert grad(f)(2.0, scale=1.0) == 12.0
    assert grad(f)(2.0, 2, scale=1.0) == 4.0
    assert grad(f)(x=2.0, power=2) == 8.0
    assert grad(f, wrt=("scale", "x"))(2.0) == (8.0, 24.0)


def test_no_input_at_all():
    with pytest.raises(CallError,
                       match="> has no positional parameter without a default: name the parameters"):
        grad(lambda f=1: f)
    with pytest.raises(CallError):
        grad(lambda: 1.0)


def test_keyword_calls_in_any_order_at_any_time():
    g = grad(lambda x, y, z: x * y + z)
    for _ in range(3):
        assert g(z=1.0, y=2.0, x=3.0) == (2.0, 3.0, 1.0)
        assert g(3.0, z=1.0, y=2.0) == (2.0, 3.0, 1.0)
        assert g(3.0, 2.0, 1.0) == (2.0, 3.0, 1.0)


def test_positional_only_and_keyword_only_parameters():
    def f(x, /, y, *, z):
        return x * y * z

    g = grad(f, wrt=("x", "y", "z"))
    for _ in range(3):
        assert g(2.0, 3.0, z=4.0) == (12.0, 8.0, 6.0)
        assert g(2.0, y=3.0, z=4.0) == (12.0, 8.0, 6.0)
        with pytest.raises(TypeError):
            g(x=2.0, y=3.0, z=4.0)
        with pytest.raises(CallError):
            g(2.0, 3.0, 4.0)


@pytest.mark.parametrize("call, message", [
    (lambda g: g(1.0), "f() misses its arguments 'y' and 'z'"),
    (lambda g: g(1.0, z=2.0), "f() misses its argument 'y'"),
    (lambda g: g(), "f() misses its arguments 'x' and 'y' and 'z'"),
    (lambda g: g(1.0, 2.0, 3.0, 4.0), "f() takes 3 positional arguments (x, y, z), 4 are given"),
])
def test_a_wrong_call_is_a_call_error_before_and_after_compiling(call, message):
    def f(x, y, z):
        return x * y * z

    g = grad(f)
    for _ in range(2):
        with pytest.raises(CallError) as caught:
            call(g)
        assert str(caught.value) == message
        g(1.0, 2.0, 3.0)


def test_an_unknown_keyword_is_a_type_error():
    g = grad(plain)
    for _ in range(2):
        with pytest.raises(TypeError, match="'q'"):
            g(1.0, 2.0, q=1)
        with pytest.raises(TypeError, match="'x'"):
            g(1.0, 2.0, x=1)
        g(1.0, 2.0)


# ---- bad arguments


@pytest.mark.parametrize("value, words", [
    (1j, "x is complex"),
    (np.complex64(1), "x is complex"),
    (np.ones(2, complex), "x is complex"),
    ([1.0, 2j], "x[1] is complex"),
    ({"a": 1j}, "x['a'] is complex"),
    (np.array([None, 1.0]), "x is an array of objects"),
    ("word", "x is a str, which has no gradient"),
    (np.array(["a"]), "x is an array of <U1"),
    (None, "x is None, which has no gradient"),
    (np.ones((1, 1)).view(np.matrix), "x is a matrix"),
    (np.ma.masked_array([1.0, 2.0], [True, False]), "x is a MaskedArray"),
    (np.array(["2020-01-01"], "M8[D]"), "x is an array of datetime64[D]"),
    (object(), "x is an object"),
    (print, "x is a builtin_function_or_method"),
])
def test_arguments_without_a_gradient(value, words):
    g = grad(lambda x: np.sum(x))
    for _ in range(2):
        with pytest.raises(CallError) as caught:
            g(value)
        assert str(caught.value).startswith(words)
        assert "\n" not in str(caught.value)
        g(1.0)


def test_gradients_have_the_type_of_their_input():
    g = grad(lambda x: np.sum(x * x))
    for dtype in (np.float16, np.float32, np.float64, np.longdouble):
        assert g(np.ones(3, dtype)).dtype == dtype
    for dtype in (np.int8, np.int64, bool):
        assert g(np.ones(3, dtype)).dtype == np.float64
    assert type(g(2)) is float and type(g(2.0)) is float
    assert type(g(np.float32(2))) is np.float32


# ---- outputs


@pytest.mark.parametrize("function, args, words", [
    (lambda x: x * 2, (np.ones((2, 3)),),
     "returns an array of shape (2, 3): a gradient needs one number. Reduce it"),
    (lambda x: x * 2, (np.ones(3),), "returns an array of shape (3,)"),
    (lambda x: (x, x), (1.0,), "returns a tuple of 2: a gradient needs one number"),
    (lambda x: [x, x, x], (1.0,), "returns a list of 3"),
    (lambda x: {"a": x}, (1.0,), "returns a dict of 1"),
])
def test_outputs_that_are_not_one_number(function, args, words):
    with pytest.raises(CallError) as caught:
        grad(function)(*args)
    assert words in str(caught.value)
    assert ".forward" in str(caught.value)
    grad(function).forward(*args)


def test_a_string_or_nothing_as_output():
    def nothing(x):
        x * 2

    for function in (nothing, lambda x: "a", lambda x: None):
        with pytest.raises(RevadError):
            grad(function)(1.0)


# ---- what the result has


def test_it_looks_like_the_function():
    assert circuit.__name__ == "circuit"
    assert circuit.__doc__ == "The circuit of the notes."
    assert circuit.__module__ == __name__
    assert circuit.__qualname__ == "circuit"
    assert circuit.__wrapped__ is circuit.primal
    assert circuit.primal(-2, 5, -4) == -12
    circuit(1.0, 2.0, 3.0)
    assert str(inspect.signature(circuit)) == "(x, y, z)"
    assert inspect.unwrap(circuit) is circuit.primal
    assert callable(circuit)
    assert repr(circuit) == "<grad of circuit wrt x, y, z>"
    assert repr(with_options) == "<value_and_grad of with_options wrt w>"


def test_the_signature_is_the_users():
    def f(x: float, n: int = 3, *, mode="a") -> float:
        return x * n

    g = grad(f)
    g(1.0)
    without_result = inspect.signature(f).replace(return_annotation=inspect.Signature.empty)
    assert inspect.signature(g) == without_result


def test_source_of_the_staged_function():
    g = grad(staged())
    assert g.source == "# for numbers: x, y\n" + STAGED
    g(3.0, -4.0)
    assert g.source == STAGED


def test_integers_give_floats():
    g = grad(staged())
    found = g(3, -4)
    assert found == grad(staged())(3.0, -4.0)
    assert all(type(d) is float for d in found)


def test_source_is_that_of_the_last_call():
    g = grad(lambda x: np.sum(x * x))
    texts = {}
    for _ in range(2):
        for value in (2.0, np.ones(3), np.ones((2, 3))):
            g(value)
            assert texts.setdefault(np.ndim(value), g.source) == g.source
    assert len(texts) == 3


def test_source_where_numbers_are_no_use():
    g = grad(lambda x: x[0] + x.sum())
    with pytest.raises(RevadError):
        g.source
    g(np.ones(3))
    assert g.source.startswith("def ")


def test_the_passes_have_their_texts():
    g = grad(plain)
    assert g.forward.source.startswith("# for numbers: x, y\ndef plain_forward(x, y):")
    assert g.backward.source.startswith("# for numbers: x, y\ndef plain_backward(dout, cache):")
    g(np.float32(1), 2.0)
    assert g.forward.source.startswith("def plain_forward(x, y):")
    out, cache = g.forward(1.0, 2.0)
    g.backward(1.0, cache)
    assert g.backward.source == (
        "def plain_backward(dout, cache):\n    x, y = cache\n    # backprop x * y\n"
        "    dx = y * dout\n    dy = x * dout\n    return dx, dy")


# ---- pickle, copy


def test_a_pickle_that_names_the_modules_of_before_the_packages():
    for made in (grad(plain), grad(grad(plain, wrt="x"), wrt="y")):
        before = pickle.dumps(made, 0).replace(b"revad.runtime.", b"revad.")
        assert b"revad.gradient" in before
        assert pickle.loads(before)(1.5, 2.0) == made(1.5, 2.0)


def test_pickle():
    for made in (circuit, with_options):
        assert pickle.loads(pickle.dumps(made)) is made
    made = grad(plain, wrt="y")
    again = pickle.loads(pickle.dumps(made))
    assert again(3.0, 4.0) == 3.0 and again.wrt == ("y",)
    second = pickle.loads(pickle.dumps(grad(grad(plain, wrt="x"), wrt="y")))
    assert second(3.0, 4.0) == 1.0


def test_processes():
    for method in multiprocessing.get_all_start_methods():
        with multiprocessing.get_context(method).Pool(1) as pool:
            assert pool.apply(circuit, (-2.0, 5.0, -4.0)) == (-4.0, -4.0, 3.0)


def test_copies():
    assert copy.copy(circuit) is circuit and copy.deepcopy(circuit) is circuit
    made = grad(lambda x: x**2)
    made(1.0)
    for again in (copy.copy(made), copy.deepcopy(made)):
        assert again(3.0) == 6.0


# ---- classes


class Layer:
    rate = 2.0

    def __init__(self, scale=3.0):
        self.scale = scale

    @grad(wrt="x")
    def loss(self, x, y):
        """A loss."""
        return x * x * y

    @value_and_grad
    @staticmethod
    def static(x, y):
        return x * y

    @staticmethod
    @grad
    def static_outside(x, y):
        return x * y

    @classmethod
    @grad(wrt=("x", "y"))
    def of_class(cls, x, y):
        return x * y

    @grad(wrt=("x", "y"))
    @classmethod
    def of_class_inside(cls, x, y):
        return x * y

    def later(self, x):
        return x**3


def test_methods():
    layer = Layer()
    for _ in range(3):
        assert layer.loss(3.0, 2.0) == 12.0
        assert Layer.loss(layer, 3.0, y=2.0) == 12.0
        assert layer.static(3.0, 4.0) == (12.0, (4.0, 3.0)) == Layer.static(3.0, 4.0)
        assert layer.static_outside(3.0, 4.0) == (4.0, 3.0)
        assert layer.of_class(3.0, 4.0) == (4.0, 3.0) == Layer.of_class(3.0, 4.0)
        assert layer.of_class_inside(3.0, 4.0) == (4.0, 3.0) == Layer.of_class_inside(3.0, 4.0)
    out, cache = layer.loss.forward(3.0, 2.0)
    assert out == 18.0 and layer.loss.backward(1.0, cache) == 12.0
    assert layer.loss.primal(3.0, 2.0) == 18.0
    assert layer.loss.source == Layer.loss.source
    assert layer.loss.__doc__ == "A loss." and layer.loss.__name__ == "loss"
    assert layer.loss == layer.loss and layer.loss != Layer().loss


def test_the_gradient_of_a_method():
    layer = Layer()
    second = grad(layer.loss)
    assert second(3.0, 2.0) == 4.0 and second.wrt == ("x",)
    assert grad(layer.loss, wrt="y")(3.0, 2.0) == 6.0
    assert grad(Layer.loss)(layer, 3.0, 2.0) == 4.0


def test_bound_methods_given_to_grad():
    layer = Layer()
    g = grad(layer.later)
    assert g(2.0) == 12.0 == g(x=2.0)
    assert grad(g)(2.0) == 12.0
    out, cache = g.forward(2.0)
    assert out == 8.0 and g.backward(1.0, cache) == 12.0
    with pytest.raises(CallError, match=r"later\(\) takes 1 positional arguments \(x\), 2 are given"):
        g(1.0, 2.0)
    with pytest.raises(CallError, match=r"later\(\) misses its argument 'x'"):
        g()
    assert grad(layer.later, wrt=0)(2.0) == 12.0


# ---- decorated functions


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **keywords):
        return function(*args, **keywords)
    return wrapper


def test_functions_under_wraps():
    @logged
    @logged
    def f(x, y):
        return x * y

    assert grad(f)(3.0, 4.0) == (4.0, 3.0)
    assert grad(f).primal is f


def timed(function):
    """Other ways to leave a function as it is."""
    @functools.wraps(function)
    def wrapper(x, *more, scale=1.0, **others):
        if x is None:
            raise ValueError("no x")
        with np.errstate(all="ignore"):
            found = function(x, *more, scale=scale, **others)
        return found
    return wrapper


def doubled(function):
    @functools.wraps(function)
    def wrapper(*args, **keywords):
        return 2 * function(*args, **keywords)
    return wrapper


def shifted(function):
    @functools.wraps(function)
    def wrapper(x):
        x = x + 1
        return function(x)
    return wrapper


def swapped(function):
    return functools.wraps(function)(lambda x, y: function(y, x))


def test_a_decorator_that_passes_all_on():
    f = timed(logged(lambda x, y, *, scale=1.0: x * y * scale))
    assert grad(f)(3.0, 4.0) == (4.0, 3.0)
    assert grad(np.errstate(all="ignore")(plain))(3.0, 4.0) == (4.0, 3.0)
    assert grad(functools.wraps(plain)(lambda x, y: plain(x, y)))(3.0, 4.0) == (4.0, 3.0)


@pytest.mark.parametrize("decorator", [doubled, shifted, swapped, lambda f: logged(doubled(f))])
def test_a_decorator_that_changes_the_function_is_refused(decorator):
    with pytest.raises(SourceError,
                       match="has a decorator that may change what goes into it or comes out of it"):
        grad(decorator(plain))


def test_a_decorated_gradient_is_a_gradient():
    second = grad(logged(grad(lambda x: x**3)))
    assert second(2.0) == 12.0


def test_functions_in_a_cache():
    @functools.lru_cache
    def f(x):
        return x**2

    assert grad(f)(3.0) == 6.0


def test_what_has_no_source():
    for thing in (len, 3, print, functools.partial(print, 2.0), int):
        with pytest.raises(SourceError):
            grad(thing)


# ---- where functions come from


def test_lambdas_and_closures():
    k = 3.0
    square = lambda x: k * x**2  # noqa: E731
    assert grad(square)(2.0) == 12.0
    assert grad(lambda x: x * k)(2.0) == 3.0


def run(text, *options, **environment):
    import os
    return subprocess.run([sys.executable, *options, "-c", textwrap.dedent(text)], capture_output=True, text=True,
                          env={**os.environ, **environment})


def test_exec_with_linecache():
    text = "def f(x):\n    return x**3\n"
    name = "<typed>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    namespace = {}
    exec(compile(text, name, "exec"), namespace)
    assert grad(namespace["f"])(2.0) == 12.0
    del linecache.cache[name]


def test_exec_without_text():
    namespace = {}
    exec(compile("def f(x):\n    return x**3\n", "<a text that nobody keeps>", "exec"), namespace)
    with pytest.raises(SourceError, match="linecache"):
        grad(namespace["f"])


def test_ipython_cells():
    interactive = pytest.importorskip("IPython.core.interactiveshell")
    shell = interactive.InteractiveShell.instance()
    shell.run_cell("from revad import grad\nimport numpy as np\n@grad\ndef f(x):\n"
                   "    return np.sum(np.exp(x))")
    shell.run_cell("found = f(0.0)")
    assert shell.user_ns["found"] == 1.0
    shell.run_cell("@grad\ndef f(x):\n    return x**2\nfound = f(3.0)")
    assert shell.user_ns["found"] == 6.0


def test_no_name_is_added_to_the_module():
    before = set(globals())
    circuit(1.0, 2.0, 3.0)
    grad(lambda x: np.sum(np.exp(x)))(np.ones(3))
    assert set(globals()) == before


# ---- the gradient of a gradient


def test_to_third_order():
    f = lambda x: x**4  # noqa: E731
    second = grad(grad(f))
    third = grad(second)
    for _ in range(2):
        assert second(2.0) == 48.0 and third(2.0) == 48.0 and second(3) == 108.0
    assert second.wrt == ("x",)
    assert second.__name__ == f.__name__ and second.primal(2.0) == 32.0
    assert second.source.startswith("def f_grad_grad(x):")
    assert value_and_grad(grad(f))(2.0) == (32.0, 48.0)


def test_second_order_through_arrays():
    x = np.array([1.0, 2.0])
    second = grad(grad(lambda x: np.sum(x**3)))
    slope, cache = second.forward(x)
    np.testing.assert_allclose(slope, 3 * x**2)
    np.testing.assert_allclose(second.backward(np.ones(2), cache), 6 * x)
    with pytest.raises(CallError, match="an array of shape"):
        second(x)


def test_mixed_derivatives():
    def f(x, y):
        return x**2 * y**3

    assert grad(grad(f, wrt="x"), wrt="y")(2.0, 3.0) == 108.0
    assert grad(grad(f, wrt="y"), wrt=0)(2.0, 3.0) == 108.0
    with pytest.raises(CallError, match="returns a tuple of 2"):
        grad(grad(f))(2.0, 3.0)


def test_the_passes_of_a_second_gradient():
    second = grad(grad(lambda x: x**3))
    out, cache = second.forward(2.0)
    assert out == 12.0 and second.backward(1.0, cache) == 12.0
    assert "second" not in second.forward.source
    assert second.backward.source.startswith("def ")


def test_second_gradients_follow_globals():
    k = 2.0

    def f(x):
        return k * x**3

    second = grad(grad(f))
    assert second(1.0) == 12.0
    k = 3.0
    assert second(1.0) == 18.0
    k = np.float32(1.0)
    assert second(1.0) == 6.0


# ---- the text is ordinary Python


def layer_loss(x, w, b):
    hidden = np.maximum(x @ w + b, 0)
    return np.mean(np.log(1 + hidden) * math.pi) + float(np.sum(hidden))


def test_pasted_text_gives_the_same_numbers():
    rng = np.random.default_rng(0)
    args = rng.normal(size=(4, 3)), rng.normal(size=(3, 2)), rng.normal(size=2)
    for made in (grad(layer_loss), value_and_grad(layer_loss)):
        found = made(*args)
        namespace = {"np": np, "math": math}
        exec(made.source, namespace)
        pasted = namespace[f"layer_loss_{made.part}"](*args)
        for a, b in zip(np.concatenate([np.ravel(v) for v in _flat(found)]),
                        np.concatenate([np.ravel(v) for v in _flat(pasted)])):
            assert a == b


def _flat(value):
    return [leaf for part in value for leaf in _flat(part)] if isinstance(value, tuple) else [value]


def test_getsource_shows_the_text():
    circuit(1.0, 2.0, 3.0)
    function = circuit.compiled(1.0, 2.0, 3.0)
    assert inspect.getsource(function).rstrip() == circuit.source
    assert function(1.0, 2.0, 3.0) == (3.0, 3.0, 3.0)


def test_the_same_bytes_in_every_process():
    text = """
        import numpy as np, sys
        sys.path[:0] = ["tests/runtime", "tests/support"]
        import test_api
        args = np.ones((4, 3)), np.ones((3, 2)), np.ones(2)
        for made in (test_api.grad(test_api.layer_loss), test_api.value_and_grad(test_api.layer_loss)):
            made(*args)
            made.backward(1.0, made.forward(*args)[1])
            print(made.source, made.forward.source, made.backward.source)
    """
    found = {run(text, PYTHONHASHSEED=seed, PYTHONPATH=".").stdout for seed in ("0", "1", "77")}
    assert len(found) == 1 and "def layer_loss_grad" in found.pop()


def test_warnings_as_errors():
    done = run("""
        import numpy as np, sys
        sys.path[:0] = ["tests/runtime", "tests/support"]
        import test_api
        test_api.circuit(1.0, 2.0, 3.0)
    """, "-W", "error", PYTHONPATH=".")
    assert done.returncode == 0, done.stderr


# ---- errors


def test_errors_of_generated_code_name_the_users_line():
    def f(x, w):
        h = x @ w
        return np.sum(h**2)

    g = grad(f)
    g(np.ones((2, 3)), np.ones((3, 2)))
    for _ in range(2):
        with pytest.raises(ValueError) as caught:
            g(np.ones((2, 3)), np.ones((4, 2)))
        line = inspect.getsourcelines(f)[1] + 1
        said = "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])
        assert f"{__file__}, line {line}: h = x @ w" in said
        assert said.count("in the gradient of") == 1
        import traceback
        shown = "".join(traceback.format_exception(caught.type, caught.value, caught.tb))
        assert "in f_grad\n    h = x @ w" in shown


def test_an_unsupported_function_is_a_syntax_error():
    def f(x):
        with open(x) as file:
            return file

    with pytest.raises(SyntaxError) as caught:
        grad(f)
    assert isinstance(caught.value, UnsupportedError) and caught.value.filename == __file__


def test_a_mistake_of_the_compiler_is_an_internal_error(monkeypatch):
    def f(x):
        return x * 2

    def broken(*args, **keywords):
        raise ZeroDivisionError("oh")

    monkeypatch.setattr("revad.pipeline.differentiate", broken)
    with pytest.raises(revad.InternalError) as caught:
        grad(f)(1.0)
    assert isinstance(caught.value, RevadError)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert f"{__file__}:{inspect.getsourcelines(f)[1]}: f" in str(caught.value)
    assert "report" in str(caught.value)
    monkeypatch.setattr("revad.runtime.cache.read_front", broken)
    with pytest.raises(revad.InternalError):
        grad(lambda x: x * 3)


@pytest.mark.parametrize("text, args", [
    ("return np.exp(x)", (np.ones(3),)), ("return x ** y", (np.ones(3), np.array(2.0))),
    ("return np.min(x, axis=1, initial=0)", (np.ones((3, 2)),)),
    ("return np.linalg.inv(x)", (np.eye(2),)), ("return math.exp(x)", (0.5,)), ("return x", (np.zeros(0),)),
    ("h = x\n    for i in range(3):\n        h = np.sin(h) * x\n    return h", (np.ones(3),))], ids=str)
def test_without_a_gradient_from_above_the_gradient_is_zero(text, args):
    """What the cache holds is the same, whether there is a gradient of the output or none at all."""
    df = grad(function(f"def f({', '.join('xy'[:len(args)])}):\n    {text}"))
    _, cache = df.forward(*args)
    gradients = df.backward(None, cache)
    for gradient, arg in zip(gradients if len(args) > 1 else (gradients,), args):
        assert np.shape(gradient) == np.shape(arg) and not np.any(gradient)


@pytest.mark.parametrize("product, wanted", [
    ("np.prod(x * np.array([1.0, 2.0, 3.0]))", 36.0), ("np.cumprod(x * np.array([1.0, 2.0, 3.0]))[-1]", 36.0),
    ("np.prod([x, x, x])", 6.0), ("math.prod([x, x, x])", 6.0), ("x * x * x", 6.0),
    ("np.prod(np.array([2.0, 3.0])) * x**3", 36.0)])
@pytest.mark.parametrize("x", [0.0, 0.5])
def test_third_derivatives_of_products_are_right_or_refused(product, wanted, x):
    f = function(f"def f(x):\n    return {product}")
    second = grad(grad(f))
    assert second(x) == pytest.approx(wanted * x)
    try:
        assert grad(second)(x) == pytest.approx(wanted)
    except revad.UnsupportedError as error:
        assert "np.prod" in product or "np.cumprod" in product
        assert str(error).startswith("<text ") and "third derivative of np.prod or np.cumprod: " in str(error)
        assert str(error).splitlines()[0].endswith("Multiply the factors in a loop, or with math.prod.")
