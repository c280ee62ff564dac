"""What prints is what is compiled: in linecache, in the user's namespace, without a trace in it."""
import gc
import inspect
import linecache
import math
import traceback
import types

import numpy as np
import pytest
from from_text import function

from revad import grad
from revad.runtime.compilation import Listing, bind, compile_check, compile_text, place_of
from revad.runtime.guards import Conditions

TEXT = "def f(x):\n    # a comment\n    return k * x"


def built(text=TEXT, free=(), lines=None, **values):
    listing = Listing(text, "f", "module", lines)
    return bind(compile_text(listing, free), {}, values)


def test_a_text_becomes_a_function():
    f = built(free=("k",), k=3)
    assert f(2) == 6 and f.__name__ == "f" and f.__code__.co_freevars == ("k",)


def test_free_names_may_be_cells_or_objects():
    cell = types.CellType(3)
    f = built(free=("k",), k=cell)
    cell.cell_contents = 5
    assert f(2) == 10


def test_names_that_are_not_free_are_global_and_nothing_is_added():
    namespace = {"k": 4, "__builtins__": {}}
    f = bind(compile_text(Listing(TEXT, "f", "m"), ()), namespace, {})
    assert f(2) == 8 and set(namespace) == {"k", "__builtins__"}
    with pytest.raises(NameError):
        bind(f.__code__, {"__builtins__": {}}, {})(2)


def test_defaults():
    f = bind(compile_text(Listing("def f(x, n=2):\n    return x * n", "f", "m"), ()), {}, {}, (7,))
    assert f(2) == 14


def test_the_text_is_there_to_be_shown():
    f = built(free=("k",), k=3)
    assert inspect.getsource(f) == TEXT
    with pytest.raises(TypeError) as caught:
        f(None)
    assert traceback.extract_tb(caught.value.__traceback__)[-1].line == "return k * x"
    linecache.checkcache()
    assert linecache.getline(f.__code__.co_filename, 2) == "    # a comment\n"


def test_equal_texts_share_a_file_and_others_do_not():
    first, second = built(free=("k",), k=1), built(free=("k",), k=2)
    other = built(TEXT.replace("*", "+"), free=("k",), k=1)
    assert first.__code__.co_filename == second.__code__.co_filename != other.__code__.co_filename
    assert first.__code__.co_filename.startswith("<revad module.f ")
    del first
    gc.collect()
    assert inspect.getsource(second) == TEXT


def test_linecache_forgets_what_nobody_runs():
    f = built(TEXT + "  # once", free=("k",), k=1)
    file = f.__code__.co_filename
    assert file in linecache.cache
    del f
    gc.collect()
    assert file not in linecache.cache and place_of(file, 1) is None


def test_places():
    f = built(TEXT + "  # places", free=("k",), lines={3: "there"}, k=1)
    assert place_of(f.__code__.co_filename, 3) == "there" and place_of(f.__code__.co_filename, 1) is None
    assert place_of("<nothing>", 3) is None


# conditions

def check(texts, parameters=("x",), free=(), namespace=None, **constants):
    code, found = compile_check([Conditions(parameters, texts, constants)], parameters, free)
    return bind(code, namespace or {}, {**found, **dict.fromkeys(free)})


@pytest.mark.parametrize("texts, x, holds", [
    ([], 1, True), (["x > 0"], 1, True), (["x > 0"], -1, False), (["x > 0", "x < 5"], 7, False),
    (["x.shape[0] == 3"], 1, False), (["nothing == 3"], 1, False),
    (["x / 0 > 1"], 1, False)])
def test_a_condition_that_fails_does_not_hold(texts, x, holds):
    assert check(texts)(x) is holds


def test_constants_get_names_that_are_free():
    assert check(["x is marker"], marker=7)(7) is True
    assert check(["marker is marker_0"], namespace={"marker": 3}, marker_0=3)(1) is True
    # A parameter that has the name of the constant.
    assert check(["x is x_0"], ("x", "x_0"), x_0=7)(7, 8) is True


# the whole

def test_gradients_are_functions_of_the_users_module():
    def f(x):
        return np.sum(np.exp(x))
    before = set(f.__globals__)
    df = grad(f)
    df(np.ones(3))
    made = df.compiled(np.ones(3))
    assert made.__globals__ is f.__globals__ and set(f.__globals__) == before
    assert inspect.getsource(made).strip() == df.source.strip()


def test_what_the_user_does_not_have_is_supplied():
    f = function("def f(x):\n    return x.sum() * x[0]")
    del f.__globals__["np"], f.__globals__["math"]
    df = grad(f)
    assert df(np.array([2.0, 3.0])).tolist() == [7.0, 2.0] and "np" not in f.__globals__
    namespace = {}
    exec(df.source, namespace)
    assert namespace["f_grad"](np.array([2.0, 3.0])).tolist() == [7.0, 2.0]


def test_a_name_of_numpy_that_means_something_else():
    f = function("def f(x, y):\n    return (x * x).sum() * np + (y ** 3).sum()", np=5.0)
    df = grad(f)
    assert df(np.ones(2), np.ones(2))[0].tolist() == [10.0, 10.0]
    assert df(np.ones(2), np.ones(2))[1].tolist() == [3.0, 3.0]


def test_closures_of_one_code_share_a_text_and_not_their_values():
    def make(k):
        def f(x):
            return k * x * x
        return f
    first, second = grad(make(2.0)), grad(make(5.0))
    assert (first(1.0), second(1.0)) == (4.0, 10.0)
    assert first.compiled(1.0).__code__ is second.compiled(1.0).__code__


def test_the_text_runs_where_it_is_pasted():
    for text, args in [("def f(x, y):\n    return np.sum(np.exp(x) * y[0])", (np.ones((2, 2)), np.ones(2))),
                       ("def f(x):\n    return math.sin(x) ** 2", (0.5,)),
                       ("def f(x, b):\n    m = x[x > 0]\n    return np.sum(np.exp(m * b[b > 0]))",
                        (np.ones(1), np.ones(4)))]:
        df = grad(function(text))
        expected = df(*args)
        namespace = {"np": np, "math": math}
        exec(df.source, namespace)
        found = namespace["f_grad"](*args)
        assert all(map(np.array_equal, found, expected)) if isinstance(found, tuple) else found == expected
