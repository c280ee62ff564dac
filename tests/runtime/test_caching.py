"""What is compiled when: once for each kind of call; again when a name from outside means something else."""

import gc
import linecache
import sys
import threading
import types

import numpy as np
import pytest

import revad
from revad import CallError, RevadError, UnsupportedError, grad, pipeline, value_and_grad
from revad.runtime import cache


@pytest.fixture
def compiled(monkeypatch):
    """The kinds of text that the compiler has made, in order."""
    made = []
    real = pipeline.differentiate

    def counted(front, names, kinds, request, *rest):
        made.append(request.part)
        return real(front, names, kinds, request, *rest)

    monkeypatch.setattr(pipeline, "differentiate", counted)
    return made


# ---- once


def test_one_text_for_each_kind_of_argument(compiled):
    g = grad(lambda x, y: np.sum(x * y))
    for size in (2, 3, 50):
        g(np.ones(size), 2.0)
    assert len(compiled) == 1
    g(np.ones(1), 2.0)
    g(np.ones((2, 2)), 2.0)
    g(np.ones(2, np.float32), 2.0)
    g(np.ones(2), 2)
    assert len(compiled) == 5
    for _ in range(2):
        for x in (np.ones(3), np.ones(1), np.ones((3, 4)), np.ones(4, np.float32)):
            np.testing.assert_allclose(g(x, 2.0)[0], 2.0 * x)
    assert len(compiled) == 5


def test_a_second_gradient_compiles_nothing(compiled):
    def f(x, y):
        return x * y

    for made in (grad(f), grad(f), grad(f, wrt=("x", "y")), grad(f, wrt=(0, -1)), grad(wrt=["x", "y"])(f)):
        assert made(2.0, 3.0) == (3.0, 2.0)
        assert made(y=3.0, x=2.0) == (3.0, 2.0)
    assert compiled == ["grad"]
    grad(f, wrt="x")(2.0, 3.0)
    value_and_grad(f)(2.0, 3.0)
    value_and_grad(f)(2.0, 3.0)
    assert compiled == ["grad", "grad", "value_and_grad"]


def test_the_passes_compile_once(compiled):
    def f(x, y):
        return x * y, x

    for _ in range(2):
        g = grad(f)
        for _ in range(2):
            _, kept = g.forward(2.0, 3.0)
            for dout in ((1.0, 1.0), (2, 3), (1.0, None), (None, 2)):
                g.backward(dout, kept)
    assert compiled == ["forward", "backward", "backward", "backward"]


def test_arrays_with_a_dtype_object_of_their_own(compiled):
    g = grad(lambda x: np.sum(x**2))
    own = np.dtype(np.float64, metadata={"unit": "m"})
    for _ in range(3):
        for dtype in (np.float64, own, ">f8"):
            np.testing.assert_allclose(g(np.ones(3, dtype)), 2 * np.ones(3))
    assert len(compiled) == 1


def test_many_variants_of_one_function(compiled):
    g = grad(lambda x: np.sum(x * 2.0))
    shapes = [tuple(1 if bits >> i & 1 else 2 for i in range(4)) for bits in range(16)]
    for _ in range(3):
        for shape in shapes:
            assert g(np.ones(shape)).shape == shape
    assert len(compiled) == 16
    assert len(g._chain) <= 8


def test_tuples_of_settings(compiled):
    g = grad(lambda x, axis: np.sum(np.sum(x, axis=axis) ** 2), wrt="x")
    for _ in range(3):
        g(np.ones((2, 3, 4)), tuple([0, 1]))
        g(np.ones((2, 3, 4)), axis=tuple([0, 2]))
    assert len(compiled) == 2


def test_infinite_settings(compiled):
    g = grad(lambda x, p: np.linalg.norm(x, p), wrt="x")
    for _ in range(3):
        assert g(np.array([1.0, -3.0]), float("inf")).tolist() == [0.0, -1.0]
    assert len(compiled) == 1


# ---- bounds


def closures(number):
    def make(k):
        def f(x):
            return k * x**2
        return f
    return [make(k) for k in range(number)]


def test_closures_in_a_loop_share_one_text(compiled):
    made = [grad(f) for f in closures(50)]
    assert [g(3.0) for g in made] == [6.0 * k for k in range(50)]
    assert len(compiled) == 1


def test_nothing_grows_with_closures():
    def one(k):
        assert grad(lambda x: k * x)(2.0) == k
        grad(grad(lambda x: k * x**3))(2.0)

    for k in range(20):
        one(k)
    gc.collect()
    entries, lines, objects = len(cache._entries), len(linecache.cache), len(gc.get_objects())
    for k in range(200):
        one(k)
    gc.collect()
    assert len(cache._entries) == entries
    assert len(linecache.cache) == lines
    assert len(gc.get_objects()) < objects + 500


def test_nothing_grows_with_new_functions(monkeypatch):
    monkeypatch.setattr(cache, "FUNCTIONS", 10)

    def one(number):
        text = f"def f(x):\n    return x * {number}\n"
        name = f"<made {number}>"
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        namespace = {}
        exec(compile(text, name, "exec"), namespace)
        assert grad(namespace["f"])(1.0) == number
        del linecache.cache[name]

    for number in range(30):
        one(number)
    gc.collect()
    lines = sum(name.startswith("<revad ") for name in linecache.cache)
    for number in range(30, 60):
        one(number)
    gc.collect()
    assert len(cache._entries) == 10
    assert sum(name.startswith("<revad ") for name in linecache.cache) <= lines


def test_settings_that_are_always_new_are_forgotten():
    g = grad(lambda x, n: x**n, wrt="x")
    for n in range(2 * cache.GUARDED):
        assert g(1.0, n) == n
    entry = g._root.entry
    assert all(len(row) <= cache.GUARDED for row in entry.variants.values())


def test_the_text_stays_as_long_as_the_function():
    def f(x):
        return x * 7.25

    function = grad(f).compiled(1.0)
    name = function.__code__.co_filename
    cache._entries.clear()
    again = grad(f)
    again(1.0)
    del again
    cache._entries.clear()
    gc.collect()
    assert name in linecache.cache
    linecache.checkcache()
    assert name in linecache.cache
    del function
    gc.collect()
    assert name not in linecache.cache


# ---- threads


def test_many_threads_calling_first_at_once(compiled):
    def f(x, y):
        return np.sum(np.tanh(x) * y)

    g = grad(f)
    kinds = [np.ones(3), np.ones((2, 2)), 2.0]
    barrier, found, failed = threading.Barrier(24), [], []

    def work(number):
        try:
            x = kinds[number % 3]
            barrier.wait()
            for made in (g, grad(f)):
                dx, dy = made(x, 3.0)
                np.testing.assert_allclose(dx, 3 * (1 - np.tanh(x) ** 2))
                found.append(dy)
                _, kept = made.forward(x, 3.0)
                np.testing.assert_allclose(made.backward(1.0, kept)[0], dx)
        except BaseException as error:
            failed.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert not failed and len(found) == 48
    assert sorted(compiled) == ["backward"] * 3 + ["forward"] * 3 + ["grad"] * 3


# ---- late values


def module(text, **names):
    """A module made of a text, with its own globals."""
    name = f"<late {abs(hash(text))}>"
    linecache.cache[name] = (len(text), None, text.splitlines(True), name)
    made = types.ModuleType("late")
    vars(made).update({"np": np, **names})
    exec(compile(text, name, "exec"), vars(made))
    return made


def test_a_number_that_changes_its_value(compiled):
    late = module("def f(x):\n    return k * x\n", k=2.0)
    g = grad(late.f)
    assert g(1.0) == 2.0
    late.k = 3.0
    assert g(1.0) == 3.0
    assert len(compiled) == 1


def test_a_number_that_becomes_an_array_and_a_number_again(compiled):
    late = module("def f(x):\n    return np.sum(k * x)\n", k=2.0)
    g = grad(late.f)
    for _ in range(2):
        late.k = 2.0
        assert g(1.0) == 2.0
        late.k = np.ones(3)
        assert g(1.0) == 3.0
        late.k = np.ones((2, 2))
        assert g(1.0) == 4.0
        late.k = 2
        assert g(1.0) == 2.0
    assert len(compiled) == 4


def test_arrays_from_outside_are_guarded_by_kind_alone(compiled):
    late = module("def f(x):\n    return np.sum(k * x)\n", k=np.ones(3))
    g = grad(late.f)
    for size in (3, 4, 10):
        late.k = np.full(size, 2.0)
        np.testing.assert_allclose(g(np.ones(size)), np.full(size, 2.0))
    assert len(compiled) == 1


def test_closure_variables():
    k = 2.0

    def f(x):
        return np.sum(k * x)

    g = grad(f)
    assert g(1.0) == 2.0
    k = np.ones(3)
    assert g(1.0) == 3.0
    k = 4.0
    assert g(1.0) == 4.0


def test_a_name_that_is_gone_and_comes_back():
    late = module("def f(x):\n    return np.exp(x) * k\n", k=2.0)
    g = grad(late.f)
    assert g(0.0) == 2.0
    del late.k
    for call in (g, g.forward):
        with pytest.raises((NameError, UnsupportedError), match="'k'"):
            call(0.0)
    late.k = 3.0
    assert g(0.0) == 3.0
    del late.np
    with pytest.raises((NameError, UnsupportedError), match="'np'"):
        g(0.0)
    late.np = np
    assert g(0.0) == 3.0


def test_a_closure_variable_that_is_gone():
    def make():
        k = 2.0

        def f(x):
            return k * x

        def drop():
            nonlocal k
            del k
        return f, drop

    f, drop = make()
    g = grad(f)
    assert g(1.0) == 2.0
    drop()
    with pytest.raises((NameError, UnsupportedError), match="'k'"):
        g(1.0)


def test_another_function_behind_the_same_name():
    late = module("def f(x):\n    return act(x)\n", act=np.sin)
    g = grad(late.f)
    assert g(0.0) == 1.0
    late.act = np.cos
    assert g(0.0) == 0.0
    late.act = np.exp
    assert g(0.0) == 1.0
    late.act = lambda x: x
    try:
        found = g(0.0)
    except RevadError:
        pass
    else:
        assert found == 1.0


def test_np_bound_to_something_else():
    class Fake:
        exp = staticmethod(np.sin)

    late = module("def f(x):\n    return np.exp(x)\n")
    g = grad(late.f)
    assert g(1.0) == np.exp(1.0)
    late.np = Fake
    try:
        found = g(1.0)
    except RevadError:
        pass
    else:
        assert found == np.cos(1.0)
    late.np = np
    assert g(1.0) == np.exp(1.0)


def test_a_builtin_that_is_hidden_later():
    late = module("def f(x):\n    return abs(x)\n")
    g = grad(late.f)
    assert g(-2.0) == -1.0
    late.abs = np.exp
    assert g(0.0) == 1.0
    del late.abs
    assert g(-2.0) == -1.0


def test_names_that_the_guards_use_themselves():
    late = module(
        "def f(x, type, float_0, key_of=2.0):\n"
        "    return np.exp(x) * np_0 * type * float_0 * float_1 * key_of\n",
        np_0=2.0, float_1=3.0, ndarray=1, float64=2)
    g = grad(late.f)
    for _ in range(2):
        assert g(0.0, 1.0, 1.0) == (12.0, 12.0, 12.0)
        np.testing.assert_allclose(grad(lambda x: np.sum(x * late.np_0))(np.ones(2)), [2.0, 2.0])
    late.np_0 = 1.0
    assert g(0.0, 1.0, 1.0) == (6.0, 6.0, 6.0)
    late.float_1 = np.float64(1.0)
    assert g(0.0, 1.0, 1.0)[0] == 2.0


def test_a_function_with_the_names_of_the_entry():
    def f(rest, error, told, other, last, this, text):
        return rest * error * told * other * last * this * text

    g = grad(f)
    for _ in range(3):
        assert g(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0) == (2.0,) * 6 + (1.0,)


def test_an_argument_whose_comparison_fails():
    def f(x, mode):
        return x * 2 if mode == "double" else x * x

    g = grad(f, wrt="x")
    assert g(3.0, "double") == 2.0
    assert g(3.0, "square") == 6.0
    assert g(3.0, "double") == 2.0
    assert g(3.0, None) == 6.0


def test_values_that_decide_a_branch_are_read_late():
    late = module("def f(x):\n    return x * 2 if training else x * x\n", training=True)
    g = grad(late.f)
    assert g(3.0) == 2.0
    late.training = False
    assert g(3.0) == 6.0


def test_the_same_code_in_two_namespaces():
    text = "def f(x):\n    return np.sum(k * x)\n"
    one, two = module(text, k=2.0), module(text, k=np.ones(3))
    g, h = grad(one.f), grad(two.f)
    for _ in range(2):
        assert g(1.0) == 2.0 and h(1.0) == 3.0


def test_defaults_are_those_of_each_closure():
    made = [lambda x, k=k: k * x for k in (2.0, 3, np.ones(2))]
    found = [grad(lambda x, k=k: np.sum(k * x))(1.0) for k in (2.0, 3, np.ones(2))]
    assert found == [2.0, 3.0, 2.0]
    assert [grad(f)(1.0) for f in made[:2]] == [2.0, 3.0]


def test_an_error_compiles_nothing_into_the_cache():
    g = grad(lambda x: x * 2)
    for _ in range(2):
        with pytest.raises(revad.CallError):
            g(np.ones(3))
        assert g(1.0) == 2.0


# ---- a function that is given another code, as a module that is loaded again in its place gives it


def square(x, scale=1.0):
    return x * x * scale


def again(calls):
    """A gradient of a function of its own, and what replaces the function's code and defaults."""
    f = types.FunctionType(square.__code__, globals(), "square", square.__defaults__)

    def replace(other, defaults=None):
        f.__code__, f.__defaults__ = other.__code__, defaults or other.__defaults__
    return (grad(grad(f)) if calls == "second" else grad(f)), replace


@pytest.mark.parametrize("calls", ("call", "forward", "compiled", "second"))
def test_a_function_whose_code_is_replaced(calls):
    def cube(x, scale=1.0):
        return x * x * x * scale
    df, replace = again(calls)
    call = {"call": df, "second": df, "compiled": lambda x: df.compiled(x)(x),
            "forward": lambda x: df.backward(1.0, df.forward(x)[1])}[calls]
    for function, wanted in ((square, (2.0, 4.0)), (cube, (12.0, 12.0)), (square, (2.0, 4.0))):
        replace(function)
        assert [call(2.0), call(2.0)] == [wanted[calls != "second"]] * 2
        assert f"{function.__name__}_grad" in df.source or calls == "forward"


def test_a_cache_goes_back_through_the_code_that_made_it():
    df, replace = again("call")
    _, cache = df.forward(2.0)
    backward = df.backward
    replace(lambda x, scale=1.0: x**3)
    assert (backward(1.0, cache), df(2.0), backward(1.0, df.forward(2.0)[1])) == (4.0, 12.0, 12.0)


def test_a_function_with_other_parameters():
    df, replace = again("call")
    assert df(2.0) == 4.0
    replace(lambda x, y: x * y, ())
    assert df(2.0, 3.0) == (3.0, 2.0)
    with pytest.raises(CallError, match="misses its argument 'y'"):
        df(2.0)


def test_a_function_with_other_defaults():
    df, replace = again("call")
    assert df(3.0) == 6.0
    replace(square, (5.0,))
    with pytest.raises(CallError,
                       match="the defaults of square have changed since its last call: call it again"):
        df(3.0)
    assert (df(3.0), df(3.0, 1.0)) == (30.0, 6.0)
