"""check accepts what the interpreter can follow and refuses all else, with a place and a way out."""
import ast
import linecache
import sys
import textwrap

import gast
import pytest

from revad.errors import UnsupportedError
from revad.frontend.source import read_source
from revad.frontend.syntax_check import EXPRESSIONS, REFUSED, STATEMENTS, check


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


def test_control_flow_and_changes_are_accepted():
    assert problems('''
        def f(x, y):
            import math
            from numpy import exp as e
            global scale
            def g(a, *rest, k=1, **options):
                nonlocal_ = [*rest, *options.values()]
                if not rest:
                    return
                return g(*nonlocal_, **options)
            for i, (a, *b) in enumerate(x):
                if i > 2:
                    break
                elif a:
                    continue
                x[i][0] = y.a = e(a) * scale
                x[i].b[1:] += 2
            else:
                del b
            while (n := len(x)) > 2:
                x.pop()
            with np.errstate(all="ignore"), warnings.catch_warnings():
                print(*x, **{"sep": ""})
            try:
                return g(n)
            except ValueError as error:
                raise TypeError from error
            finally:
                pass
            return [z := x, z]
    ''') == []


def test_a_lambda_is_accepted():
    assert check(read_source(lambda x: x * 2)) == []


ONE_PROBLEM = {
    "With": "with x: pass", "Match": "match x:\n        case 1: pass",
    "AsyncFunctionDef": "async def g(y): return y", "ClassDef": "class A: pass",
    "Yield": "yield x", "YieldFrom": "yield from x",
}


@pytest.mark.parametrize("key", ONE_PROBLEM)
def test_each_statement_refused(key):
    found = check(source_of(f"def f(x):\n    {ONE_PROBLEM[key]}\n    return x\n"))
    assert [(p.what, p.why, p.instead) for p in found] == [REFUSED[key]]
    assert found[0].place.line == 2 and found[0].place.column >= 5


@pytest.mark.parametrize("key, text", [
    ("empty return", "def f(x): return"),
    ("empty return", "def f(x): return None"),
    ("no return", "def f(x): x = 1"),
    ("decorated", "def f(x):\n @x\n def g(y): return y\n return x"),
    ("Global", "def f(x):\n global y\n y = x\n return x"),
    ("Global", "def f(x):\n global y\n for y in x: pass\n return x"),
    ("Global", "def f(x):\n global y\n y += x\n return x"),
    ("With", "def f(x):\n with np.errstate(all='ignore'), open(x): pass\n return x"),
    ("Yield", "def f(x):\n while x:\n  try: pass\n  except ValueError:\n   yield x\n   raise\n return x"),
    ("ClassDef", "def f(x):\n if x:\n  class A: pass\n return x"),
    ("Yield", "f = lambda x: (yield)"),
    ("async function", "async def f(x): return x"),
    ("Await", "async def f(x):\n return await x"),
    ("AsyncFor", "async def f(x):\n async for i in x: pass\n return x"),
    ("AsyncWith", "async def f(x):\n async with x: pass\n return x"),
    ("async comprehension", "async def f(x):\n return [i async for i in x]"),
    ("Nonlocal", "def g():\n y = 1\n def f(x):\n  nonlocal y\n  y = x\n  return x\n return f\nf = g()"),
])
def test_each_function_refused(key, text):
    assert REFUSED[key].what in [what for _, _, what in problems(text)]


@pytest.mark.skipif(sys.version_info < (3, 11), reason="new syntax")
def test_except_star():
    found = problems("def f(x):\n try: pass\n except* ValueError: pass\n return x")
    assert found == [(2, 2, "'except*'")]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="new syntax")
def test_type_alias():
    assert problems("def f(x):\n type T = int\n return x") == [(2, 2, "'type' statement")]


def test_all_problems_at_once_in_order():
    text = '''
        def f(x, *rest, **options):
            class A: pass
            for i in x:
                with open(i):
                    return i
            z = [(yield x), await_(y)]
            return
            global w
            w = z
    '''
    assert problems(text) == [
        (2, 5, "class inside the function"),
        (4, 9, "'with' block"),
        (6, 11, "'yield'"),
        (8, 5, "'global' statement")]


def test_returns_before_the_end():
    assert problems("def f(x):\n if x: return x\n else: return -x") == []
    assert problems("def f(x):\n if x: return\n return -x") == []
    assert problems("def f(x):\n if x: return\n return None") == [(2, 8, "'return' without a value"),
                                                                  (3, 2, "'return' without a value")]
    assert problems("def f(x):\n for i in x: pass") == [(1, 1, "function without 'return'")]


def test_a_return_of_an_inner_function_does_not_count():
    assert ([p[2] for p in problems("def f(x):\n def g(): return 1\n x = g()")]
            == ["function without 'return'"])


def test_a_function_that_is_called_may_take_and_return_what_it_likes():
    source = source_of("def f(x, *rest, **options):\n if x: return\n x.append(rest)")
    assert check(source, called=True) == []
    assert [p.what for p in check(source)] == ["'return' without a value"]
    assert check(source_of("def f(x):\n yield x"), called=True) == []
    assert [p.what for p in check(source_of("def f(x):\n y = yield x"), called=True)] == ["'yield'"]
    assert ([p.what for p in check(source_of("def f(x):\n yield x"))]
            == ["function without 'return'", "'yield'"])


def test_the_whole_message():
    source = source_of('''
        def f(x):
            out = yield x    # here
            return out
    ''')
    assert str(UnsupportedError(check(source))) == (
        f"{source.file}:2:11: 'yield': a generator has no single output to differentiate. Return all "
        "values at once, "
        "for instance with np.stack.\n"
        "    out = yield x    # here\n"
        "          ^^^^^^^")


@pytest.mark.parametrize("key", REFUSED)
def test_the_table_reads_as_sentences(key):
    what, why, instead = REFUSED[key]
    assert what and not what.endswith(".") and why and not why.endswith(".")
    assert instead[0].isupper() and instead.endswith(".")


def test_every_syntax_of_python_is_accepted_or_refused_by_name():
    names = {kind.__name__ for base in (ast.stmt, ast.expr) for kind in base.__subclasses__()
             if kind.__module__ in ("ast", "_ast") and not kind.__name__.startswith("_")}
    assert names <= STATEMENTS | EXPRESSIONS | set(REFUSED)


def test_the_whitelist_names_syntax():
    assert all(issubclass(getattr(gast, name), gast.stmt) for name in STATEMENTS)
    assert all(issubclass(getattr(gast, name), gast.AST) for name in EXPRESSIONS)
