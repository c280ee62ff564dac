"""check accepts straight-line code and refuses all else, with a place and a way out."""
import ast
import linecache
import sys
import textwrap

import gast
import pytest

from revad.check import EXPRESSIONS, REFUSED, STATEMENTS, check
from revad.errors import UnsupportedError
from revad.source import read_source


def source_of(text, name="f"):
    text = textwrap.dedent(text).lstrip("\n")
    file = f"<check {hash(text)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = {}
    exec(compile(text, file, "exec"), namespace)
    return read_source(namespace[name])


def problems(text):
    return [(p.place.line, p.place.column, p.what) for p in check(source_of(text))]


def test_straight_line_code_is_accepted():
    assert problems('''
        def f(x, y: float, /, W, *, axis=0, flag=True) -> float:
            """Text."""
            a = b = x @ W
            (c, [d, e]), g = (a, [b, y]), 2
            h: "int" = c[..., None, 1:2] + d.T
            h += -e if flag else e ** g
            assert h.ndim, f"{h!r:>{g}}"
            print("h", h, sep="")
            z = {"a": 1, **{}}["a"] + len({1, 2}) + len([*h.shape, 1]) + (not x or y and x < y <= 2)
            s = sum([i for i in range(3) if i]) + sum(j for j in (1,))
            s += len({k: k for k in {m for m in ""}})
            r = (lambda *a, **k: a)(s)
            pass
            return np.sum(h, axis=axis), z, r
    ''') == []


def test_a_lambda_is_accepted():
    assert check(read_source(lambda x: x * 2)) == []


ONE_PROBLEM = {
    "For": "for i in x: pass", "While": "while x: pass",
    "With": "with x: pass", "Try": "try: pass\n    finally: pass",
    "Match": "match x:\n        case 1: pass",
    "Raise": "raise x", "FunctionDef": "def g(y): return y",
    "AsyncFunctionDef": "async def g(y): return y", "ClassDef": "class A: pass",
    "Import": "import numpy", "ImportFrom": "from numpy import sum",
    "Global": "global y", "Delete": "del x", "NamedExpr": "print(y := x)",
    "nested store": "x[0][1] = 1", "attribute store": "x.a = 1",
    "starred target": "a, *b = x", "starred argument": "print(*x)",
    "keywords argument": "print(**x)",
    "Yield": "yield x", "YieldFrom": "yield from x", "early return": "return x",
}


@pytest.mark.parametrize("key", ONE_PROBLEM)
def test_each_statement_refused(key):
    found = check(source_of(f"def f(x):\n    {ONE_PROBLEM[key]}\n    return x\n"))
    assert [(p.what, p.why, p.instead) for p in found] == [REFUSED[key]]
    assert found[0].place.line == 2 and found[0].place.column >= 5


@pytest.mark.parametrize("key, text", [
    ("starred parameter", "def f(x, *a): return x"),
    ("keywords parameter", "def f(x, **a): return x"),
    ("empty return", "def f(x): return"),
    ("empty return", "def f(x): return None"),
    ("no return", "def f(x): x = 1"),
    ("NamedExpr", "def f(x): return [y := x, x]"),
    ("NamedExpr", "def f(x): return f'{(y := x)}'"),
    ("NamedExpr", "def f(x): return [(y := i) for i in x]"),
    ("nested store", "def f(x):\n x[0][1] = 2\n return x"),
    ("starred argument", "def f(x): return f(1, f(*x))"),
    ("attribute store", "def f(x):\n (a, [x.b]), c = x\n return x"),
    ("NamedExpr", "def f(x):\n x[(y := 0)]\n return x"),
    ("NamedExpr", "f = lambda x: (y := x)"),
    ("Yield", "f = lambda x: (yield)"),
    ("async function", "async def f(x): return x"),
    ("Await", "async def f(x):\n return await x"),
    ("AsyncFor", "async def f(x):\n async for i in x: pass\n return x"),
    ("AsyncWith", "async def f(x):\n async with x: pass\n return x"),
    ("async comprehension", "async def f(x):\n return [i async for i in x]"),
    ("Nonlocal", "def g():\n y = 1\n def f(x):\n  nonlocal y\n  return x\n return f\nf = g()"),
])
def test_each_function_refused(key, text):
    assert REFUSED[key].what in [what for _, _, what in problems(text)]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="new syntax")
def test_except_star():
    found = problems("def f(x):\n try: pass\n except* ValueError: pass\n return x")
    assert found == [(2, 2, "'try' block")]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new syntax")
def test_type_alias():
    assert problems("def f(x):\n type T = int\n return x") == [(2, 2, "'type' statement")]


def test_all_problems_at_once_in_order():
    text = '''
        def f(x, *rest, **options):
            x[0], y = 1, 2
            for i in x:
                return i
            z = (w := x) + g(*y)
            return
            z.a += 1
    '''
    assert problems(text) == [
        (1, 11, "'*' parameter"), (1, 19, "'**' parameter"),
        (3, 5, "'for' loop"),
        (5, 10, "':=' in an expression"), (5, 22, "'*' in a call"),
        (6, 5, "'return' before the end"), (6, 5, "'return' without a value"),
        (7, 5, "assignment to an attribute")]


def test_returns_before_the_end():
    assert problems("def f(x):\n if x: return x\n else: return -x") == [
        (2, 8, "'return' before the end"), (3, 8, "'return' before the end")]
    assert [p[2] for p in problems("def f(x):\n for i in x: pass")] == [
        "function without 'return'", "'for' loop"]


def test_a_return_of_an_inner_function_does_not_count():
    assert [p[2] for p in problems("def f(x):\n def g(): return 1\n x = g()")] == [
        "function without 'return'", "function inside the function"]


def test_the_whole_message():
    source = source_of('''
        def f(x):
            out = np.zeros(3)
            out.a = x    # here
            return out
    ''')
    assert str(UnsupportedError(check(source))) == (
        f"{source.file}:3:5: assignment to an attribute: changing an object outside of the function is a side "
        "effect. Assign to a local name, and set the attribute where the function is called.\n"
        "    out.a = x    # here\n"
        "    ^^^^^")


@pytest.mark.parametrize("key", REFUSED)
def test_the_table_reads_as_sentences(key):
    what, why, instead = REFUSED[key]
    assert what and not what.endswith(".") and why and not why.endswith(".")
    assert instead[0].isupper() and instead.endswith(".")


def test_every_syntax_of_python_is_accepted_or_refused_by_name():
    inside_loops = {"Break", "Continue"}    # and so never seen, as loops are refused whole
    names = {kind.__name__ for base in (ast.stmt, ast.expr) for kind in base.__subclasses__()
             if kind.__module__ in ("ast", "_ast") and not kind.__name__.startswith("_")}
    assert names - inside_loops <= STATEMENTS | EXPRESSIONS | set(REFUSED)


def test_the_whitelist_names_syntax():
    assert all(issubclass(getattr(gast, name), gast.stmt) for name in STATEMENTS)
    assert all(issubclass(getattr(gast, name), gast.AST) for name in EXPRESSIONS)
