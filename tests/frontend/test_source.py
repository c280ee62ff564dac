"""read_source reads the function's own definition, whatever the file says, or refuses."""
import ast
import asyncio
import functools
import importlib.util
import linecache
import math
import os
import sys
import textwrap
import threading
import time

import gast
import numpy as np
import pytest

from revad.errors import SourceError
from revad.frontend.source import read_source

SCALE = 2.0


def module_of(path, text):
    """Write a file and import it."""
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def namespace_of(text, file, mode="exec", keep=True):
    """Execute a text, known to linecache or not."""
    text = textwrap.dedent(text)
    if keep:
        linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {}
    exec(compile(text, file, mode), namespace)
    return namespace


def passes(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper


def keep(**options):
    return lambda function: function


# where it stands

def test_a_function_of_a_file():
    def f(x, y=3):
        """Text."""
        return x * y

    source = read_source(f)
    line = f.__code__.co_firstlineno
    assert source.function is f and source.name == "f" and source.file == __file__
    assert source.first_line == line and source.freevars == () and not source.is_lambda
    assert source.text == 'def f(x, y=3):\n    """Text."""\n    return x * y'
    assert source.lines[line - 1] == "    def f(x, y=3):"
    result = source.tree.body[-1]
    place = source.place(result.value)
    assert (place.line, place.column) == (line + 2, 16)
    assert (place.end_line, place.end_column) == (line + 2, 21)
    assert place.text == "        return x * y" and source.segment(result.value) == "x * y"


def test_decorators_are_dropped_and_followed():
    @keep(key=lambda x: x)
    @passes
    @keep(
        more=1)
    def f(x):
        return x

    source = read_source(f)
    assert source.text == "def f(x):\n    return x" and source.tree.decorator_list == []
    assert source.first_line == f.__wrapped__.__code__.co_firstlineno + 4
    assert isinstance(source.tree, gast.FunctionDef) and source.function is f.__wrapped__


def test_a_closure():
    a, b = 1, 2

    def f(x):
        return lambda y: x * a + y * b
    source = read_source(f)
    assert source.freevars == ("a", "b")
    assert read_source(f(1)).freevars == ("a", "b", "x") and read_source(f(1)).name == "function"


def test_recursion_by_free_and_by_global_name():
    def inner(x):
        return inner(x) if x else test_recursion_by_free_and_by_global_name
    assert read_source(inner).freevars == ("inner",)
    assert read_source(_recursive).name == "_recursive"


def _recursive(x):
    return _recursive(x)


class Layer:
    __secret = 1

    def method(self, x):
        return self.__secret * x + __class__.__secret    # noqa: F821

    @staticmethod
    def static(x):
        return x

    @classmethod
    def make(cls, x):
        return super().__new__(cls), Layer, x

    @property
    def prop(self):
        def inner(x):
            return x * self.__secret
        return inner

    square = lambda self, x: self.__secret * x    # noqa: E731

    class __Inner(Exception):
        def __private(self, __x):
            return self.__private(__x)

    private = __Inner._Inner__private

    def __call__(self, x):
        return x


@pytest.mark.parametrize("function, name", [
    (Layer().method, "method"), (Layer.method, "method"), (Layer.static, "static"),
    (Layer.make, "make"), (Layer().prop, "inner"), (Layer.square, "square"),
    (Layer.private, "__private"), (Layer().__call__, "__call__"),
    (Layer.__dict__["static"], "static")])
def test_methods_and_private_names(function, name):
    assert read_source(function).name == name


def test_a_class_named_as_what_it_uses():
    class f:
        def f(self):
            return f

        def g(self):
            return Layer
    assert [read_source(m).text.split("\n")[-1] for m in (f.f, f.g)] == [
        "    return f", "    return Layer"]


def test_globals_that_a_module_imports_and_locals_that_hide_them():
    def f(np):
        return np.sum(math.sin(1)) + [np.exp(i) for i in (1,)][0]

    def g(x):
        return (lambda y: np.tanh(y) + ast.parse(x))(x)
    assert read_source(f).name == "f" and read_source(g).name == "g"


def test_asserts_rewritten_by_pytest():
    def f(x):
        y = x * SCALE
        assert y.shape == (3,) and x.size, f"wrong {x}"
        z = [i for i in y]
        assert z
        return np.sum(y) + z[0]
    assert read_source(f).text.count("assert") == 2


@pytest.mark.parametrize("second", [
    "", "    y = y * 2\n", "    y = x + 1\n    assert y\n", "    assert y\n    assert x\n"])
def test_a_file_with_rewritten_asserts_edited_after_the_import(tmp_path, second):
    rewrite = pytest.importorskip("_pytest.assertion.rewrite")
    text = "def f(x):\n    assert x\n    y = x * 2\n{}    return [i for i in y]\n"
    path = tmp_path / "edited.py"
    first = text.format("    y = y + 1\n")
    tree = ast.parse(first)
    rewrite.rewrite_asserts(tree, first.encode())
    namespace = {}
    exec(compile(tree, str(path), "exec"), namespace)
    path.write_text(first)
    assert read_source(namespace["f"]).name == "f"
    path.write_text(text.format(second))
    with pytest.raises(SourceError):
        read_source(namespace["f"])


# lambdas

def test_a_lambda_gets_the_name_it_is_assigned_to():
    f = lambda x: x + 1    # noqa: E731
    g: object = lambda x: x + 2    # noqa: E731
    a = b = lambda x: x + 3    # noqa: E731
    pair = (lambda x: x + 4, 1)
    if (h := lambda x: x + 5):
        pass
    assert [read_source(each).name for each in (f, g, a, b, pair[0], h)] == [
        "f", "g", "function", "function", "function", "h"]


def test_the_tree_of_a_lambda():
    f = keep()(lambda x, *, n=1: (x
                                  ** n))    # noqa: E131
    source = read_source(f)
    (result,) = source.tree.body
    assert isinstance(source.tree, gast.FunctionDef) and isinstance(result, gast.Return)
    assert source.is_lambda and source.tree.name == "function"
    assert source.text == f"lambda x, *, n=1: (x\n{' ' * 34}** n)"
    assert source.segment(result) == f"x\n{' ' * 34}** n" == source.segment(result.value)
    place = source.place(result)
    assert (place.line, place.column) == (f.__code__.co_firstlineno, 35)
    assert (place.end_line, place.end_column) == (place.line + 1, 39)


def test_two_lambdas_on_a_line():
    f, g = lambda x: x * 2, lambda x: x * 3
    assert read_source(f).text == "lambda x: x * 2" and read_source(g).text == "lambda x: x * 3"


def test_one_lambda_inside_another():
    f = lambda x: lambda y: lambda x: x    # noqa: E731
    assert [read_source(each).text for each in (f, f(1), f(1)(2))] == [
        "lambda x: lambda y: lambda x: x", "lambda y: lambda x: x", "lambda x: x"]


def test_constants_that_are_equal_but_not_the_same():
    f, g, h = lambda x: x * 1, lambda x: x * 1.0, lambda x: x * True
    a, b = lambda x: x + 0.0, lambda x: x + -0.0
    c, d = lambda x: x in {1, 2}, lambda x: x in {1.0, 2.0}
    assert [read_source(each).segment(read_source(each).tree.body[0].value)
            for each in (f, g, h, a, b, c, d)] == [
        "x * 1", "x * 1.0", "x * True", "x + 0.0", "x + -0.0", "x in {1, 2}", "x in {1.0, 2.0}"]


def test_lambdas_that_differ_in_free_names_or_parameters_only():
    a, b = 1, 2
    f, g = lambda x: x * a, lambda x: x * b
    assert read_source(f).text.endswith("a") and read_source(g).text.endswith("b")
    f, g, h = lambda x: 1, lambda *, x: 1, lambda *x: 1
    assert [read_source(each).text for each in (f, g, h)] == [
        "lambda x: 1", "lambda *, x: 1", "lambda *x: 1"]


def test_the_same_lambda_twice_on_a_line():
    f, g = lambda x: x * 2, lambda x: x * 2
    assert read_source(f).text == read_source(g).text == "lambda x: x * 2"
    if sys.version_info >= (3, 11):
        assert read_source(f).place(read_source(f).tree).column < read_source(g).place(
            read_source(g).tree).column


def test_lambdas_of_a_line_that_differ_in_their_defaults():
    f, g = lambda x, n=2: x * n, lambda x, n=3: x * n
    if sys.version_info >= (3, 11):
        assert read_source(f).text == "lambda x, n=2: x * n"
        assert read_source(g).text == "lambda x, n=3: x * n"
    else:
        with pytest.raises(SourceError, match="Put each on a line of its own"):
            read_source(f)


def test_a_lambda_in_the_arguments_of_a_decorator():
    kept = []

    def collect(function, *more):
        kept.append(function)
        return lambda decorated: decorated

    @collect(lambda x: x * 2,
             "more")
    @collect(
        lambda x: (x
                   + 1))
    def f(x):
        return x
    assert [read_source(each).text for each in (*kept, f)] == [
        "lambda x: x * 2", f"lambda x: (x\n{' ' * 19}+ 1)", "def f(x):\n    return x"]


def test_a_lambda_in_a_call_over_several_lines():
    found = dict(
        one=1, f=lambda x: np.sum(
            x), other={"g": [lambda x: (
                x)]})
    assert read_source(found["f"]).text == "lambda x: np.sum(\n            x)"
    assert read_source(found["other"]["g"][0]).text == "lambda x: (\n                x)"


def test_lambdas_in_comprehensions_and_defaults():
    fs = [lambda x: x * i for i in range(2)]

    def f(x, g=lambda y: y * SCALE):
        return g(x)
    assert read_source(fs[1]).freevars == ("i",) and read_source(f).name == "f"
    assert read_source(f.__defaults__[0]).text == "lambda y: y * SCALE"


# files

def test_columns_count_characters(tmp_path):
    module = module_of(tmp_path / "accents.py", "# -*- coding: utf-8 -*-\nclass A:\n"
                                                "\tdef f(é, x): ü = 'ﬁé', x; return ü + é\n")
    source = read_source(module.A.f)
    place = source.place(source.tree.body[1].value)
    assert (place.line, place.column, place.end_column) == (3, 35, 40)
    assert place.text[place.column - 1:place.end_column - 1] == "ü + é"
    assert source.text.startswith("def f(é, x)")


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r", "\n\x0c\n# \u2028 x\n"])
def test_line_ends(tmp_path, newline):
    path = tmp_path / "ends.py"
    text = newline.join(["import math", "a = 1", "def f(x):", "    return math.sin(x)", ""])
    path.write_bytes(text.encode())
    spec = importlib.util.spec_from_file_location("ends", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    source = read_source(module.f)
    assert source.place(source.tree.body[0]).text == "    return math.sin(x)"


def test_future_annotations(tmp_path):
    module = module_of(tmp_path / "future.py", """
        from __future__ import annotations
        import numpy as np
        def f(x: Unknown, *, y: Other = 1) -> Unknown[int]:
            z: Unknown = lambda q: np.sin(q)
            return z(x)
    """)
    assert read_source(module.f).tree.returns is not None


FIRST = "def f(x):\n    y = x * 2\n    return y\n"


@pytest.mark.parametrize("second", [
    FIRST.replace("2", "3"), FIRST.replace("2", "2.0"), FIRST.replace("x", "z"),
    FIRST.replace("f", "g"), "\n" + FIRST, FIRST.replace("x * 2", "2 * x"),
    FIRST.replace("return y", "return x"), "def f(x", "", "f = lambda x: x\n",
    FIRST.replace("(x)", "(x, y=1)"), FIRST.replace("    y", "    w = 1\n    y"),
    "def f(x):\n    global y\n    y = x * 2\n    return y\n",
    "class f:\n    def f(x):\n        return x\n"])
@pytest.mark.parametrize("known", [False, True])
def test_a_file_edited_after_the_import_is_refused(tmp_path, second, known):
    path = tmp_path / "stale.py"
    module = module_of(path, FIRST)
    if known:
        assert read_source(module.f).text == FIRST.strip()
    path.write_text(second)
    later = time.time() + 10
    os.utime(path, (later, later))
    with pytest.raises(SourceError) as caught:
        read_source(module.f)
    assert "reload" in str(caught.value) or "cannot be read" in str(caught.value)


def test_an_edit_that_leaves_the_function_as_it_is(tmp_path):
    path = tmp_path / "commented.py"
    module = module_of(path, FIRST)
    path.write_text(FIRST.replace("return y", "return y    # better") + "a = 1\n")
    assert read_source(module.f).lines[2] == "    return y    # better"


def test_the_message_of_a_stale_file(tmp_path):
    path = tmp_path / "stale.py"
    module = module_of(path, FIRST)
    path.write_text(FIRST.replace("2", "3"))
    with pytest.raises(SourceError) as caught:
        read_source(module.f)
    assert str(caught.value) == (
        f"{path}:1: the text found for 'f' is not what the function was compiled from. If the "
        "file was edited after the import, reload the module or start Python anew; if the "
        "function was made by a tool that rewrites code, write it without.")


def test_a_file_that_is_gone(tmp_path):
    path = tmp_path / "gone.py"
    module, other = module_of(path, FIRST), module_of(tmp_path / "lost.py", FIRST)
    read_source(module.f)
    path.unlink()
    (tmp_path / "lost.py").unlink()
    assert read_source(module.f).name == "f"    # its text is still known, and is checked
    with pytest.raises(SourceError, match="cannot be read"):
        read_source(other.f)


def test_a_function_that_took_the_code_of_another():
    def f(x):
        return x

    def g(x):
        return x * 2
    f.__code__ = g.__code__
    assert read_source(f).text == "def g(x):\n    return x * 2"
    f.__code__ = g.__code__.replace(co_consts=(None, 3))
    with pytest.raises(SourceError):
        read_source(f)


def test_many_functions_of_a_long_file_are_parsed_once(tmp_path):
    text = "import numpy as np\n" + "".join(
        f"def f{i}(x):\n" + "".join(f"    y{j} = np.sin(x) + {i}\n" for j in range(10))
        + "    return y9\n" for i in range(400))
    module = module_of(tmp_path / "long.py", text)
    read_source(module.f0)
    start = time.perf_counter()
    for i in range(100):
        assert read_source(getattr(module, f"f{i}")).name == f"f{i}"
    assert time.perf_counter() - start < 2    # a parse alone takes a tenth of a second


def test_threads():
    problems = []

    def work():
        try:
            for _ in range(20):
                assert read_source(_recursive).name == "_recursive"
        except Exception as error:
            problems.append(error)
    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


# prompts and cells

CELL = """
import numpy as np
def f(x):
    return np.sum(x) + (lambda y: np.sin(y))(x)
g = lambda x: np.sum(x * 2)
"""


def test_ipython():
    shell_module = pytest.importorskip("IPython.core.interactiveshell")
    from traitlets.config import Config
    config = Config()
    config.HistoryManager.enabled = False
    main = sys.modules["__main__"]
    shell = shell_module.InteractiveShell(config=config)
    try:
        assert shell.run_cell(CELL + "%pwd\n", silent=True).success
        assert shell.run_cell("from __future__ import annotations", silent=True).success
        assert shell.run_cell("def h(x: q) -> q:\n    return x", silent=True).success
        f, g, h = (shell.user_ns[name] for name in "fgh")
    finally:
        if sys.modules.get("__main__") is shell.user_module:
            sys.modules["__main__"] = main
    assert read_source(f).text == CELL.strip().partition("\n")[2].rpartition("\n")[0]
    assert read_source(g).name == "g" and read_source(h).name == "h"
    assert read_source(f).place(read_source(f).tree.body[0]).text == CELL.split("\n")[3]


def test_the_prompt_of_python_3_13():
    # It compiles statement by statement, and puts the text into linecache.
    file = "<python-input-0>"
    linecache.cache[file] = (len(CELL), None, [line + "\n" for line in CELL.splitlines()], file)
    namespace = {}
    for statement in ast.parse(CELL).body:
        exec(compile(ast.Interactive([statement]), file, "single"), namespace)
    assert read_source(namespace["f"]).name == "f" and read_source(namespace["g"]).name == "g"


def test_a_cell_run_again_under_the_same_name():
    old = namespace_of("def f(x):\n    return x\n", "<cell>")["f"]
    new = namespace_of("def f(x):\n    return -x\n", "<cell>")["f"]
    assert read_source(new).text.endswith("-x")
    with pytest.raises(SourceError, match="<cell>:1"):
        read_source(old)


def test_exec_with_linecache():
    assert read_source(namespace_of(CELL, "<made>")["f"]).file == "<made>"


def test_a_linecache_entry_with_a_time_but_no_file():
    f = namespace_of(FIRST, "<timed>", keep=False)["f"]
    linecache.cache["<timed>"] = (len(FIRST), time.time(), FIRST.splitlines(True), "<timed>")
    assert [read_source(f).name for _ in range(3)] == ["f"] * 3


def test_warnings_of_the_text_are_not_given_again():
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        f = namespace_of("def f(x):\n    '\\d'\n    return x is 1\n", "<warns>")["f"]
    assert read_source(f).name == "f"


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new syntax")
def test_type_parameters():
    names = namespace_of("def f[T](x: T) -> T:\n    return x\ndef g[T](x: T):\n    return T(x)\n",
                         "<types>")
    assert read_source(names["f"]).name == "f" and read_source(names["g"]).name == "g"


def test_async_and_generators_are_read():
    async def f(x):
        return x

    def g(x):
        yield x
    assert isinstance(read_source(f).tree, gast.AsyncFunctionDef)
    assert read_source(g).name == "g"
    asyncio.run(f(1))


# no source

def no_source(function):
    with pytest.raises(SourceError) as caught:
        read_source(function)
    return str(caught.value)


def test_messages_for_what_has_no_source():
    assert no_source(math.sin) == (
        "'sin' is not written in Python, so it has no source to read. Give revad a Python "
        "function that calls it, or declare a rule for it.")
    assert no_source(np.exp).startswith("'exp' is not written in Python")
    assert no_source(Layer) == (
        "'Layer' is a class, not a function. Give revad one of its methods, or a function "
        "that makes and uses an object of it.")
    assert no_source(functools.partial(_recursive, 2)) == (
        "a functools.partial has no source. Write a function that calls the one behind it: "
        "def g(x): return f(x, 2).")
    assert no_source(Layer()) == (
        "an object of class 'Layer' is not a function. Give revad its method instead: "
        "the_object.__call__.")
    assert no_source(3) == "'3' is not a function. Give revad a function written in Python."


def test_messages_for_text_that_was_not_kept():
    f = namespace_of(FIRST, "<mine>", keep=False)["f"]
    assert no_source(f) == (
        "'f' was made from a string (<mine>), of which Python keeps no source. Write the "
        "function in a file, or put its text in linecache.cache under the file name given to "
        "compile().")
    f = namespace_of("f = lambda x: x", "<stdin>", keep=False)["f"]
    assert no_source(f) == (
        "the lambda was typed at the prompt, which keeps no source before Python 3.13. Use "
        "IPython, or write the function in a file.")


def test_a_circle_of_wrappers():
    def f(x):
        return x
    f.__wrapped__ = f
    assert read_source(f).name == "f"


def test_text_that_is_not_python():
    f = namespace_of(FIRST, "<template>", keep=False)["f"]
    text = "{% def %}\n"
    linecache.cache["<template>"] = (len(text), None, [text], "<template>")
    assert no_source(f) == ("<template>:1: the file that 'f' came from cannot be parsed as "
                            "Python. If it was edited, correct and reload it.")
