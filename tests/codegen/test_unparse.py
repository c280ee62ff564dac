"""What `revad.unparse` writes: the text, its meaning, its comments, the places of its lines."""
import ast
import math
import os
import sys
import textwrap
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import revad.codegen.unparse
from revad.codegen.unparse import Comment, unparse, unparse_with_lines


def expression(source):
    return ast.parse(source, mode="eval").body


def same(source):
    """Check that the source is written back with the same meaning; return the text."""
    tree = ast.parse(source)
    text = unparse(tree)
    assert ast.dump(ast.parse(text)) == ast.dump(tree), text
    return text


# Each of these is written back letter for letter.
EXPRESSIONS = """
xpy**2
-invden**2 * d
(-x)**2
2**-n
2**-n**2
a**b**c
(a**b)**c
(a + b) * c
a - (b - c)
a - b - c
a + (b + c)
a / b * c
a / (b * c)
-x * y
-(x * y)
a - -b
+a
~a & b | c ^ d
(a & b) << 2
a << (b >> c)
x @ w.T
a @ (b @ c)
not a in b
not (a and b)
-(not a)
a and (b or c) and d
a or b and c
(a and b) and c
a < b <= c
(a < b) < c
a < (b < c)
(a < b) + 1
(a < b) * (c == d)
a if b else c
(a if b else c) if d else e
a if (b if c else d) else e
a if b else c if d else e
(a if b else c) + 1
lambda: 0
lambda x, *y, z=1, **k: x
lambda x, /, y=2, *, z: (x, y)
(lambda x: x)(3)
x[0]
x[-1]
x[:, None]
x[1:, ::2]
x[i, j]
x[i:i + 2]
x[i + 1:]
x[::-1]
x[...]
x[..., 0]
x[:]
x[:,]
x[i,]
x[()]
x[(i, j), k]
x[(a if b else c):d]
x[i][j]
(x + y)[0]
(x + y).T
(-x).T
-x.T
x.T**2
x.sum(axis=0)**2
np.sum(x, axis=1, keepdims=True)
f(*a, b, **k)
f(*a or b)
f((a, b), c)
f(a)(b)
sum(x * x for x in y)
sum((x * x for x in y), 1)
[x for x in y if x if z]
[x for x, in y]
[x for x, y in z for w in (x, y)]
[x for x in (a if b else c)]
{k: v for k, v in z}
{x for x in y}
{}
{**a, 'b': 1}
{1, 2}
[]
()
(x,)
(x, y)
[(x, y), *z]
[(x := 1), 2]
f(y := 1)
1e-5
1e22
1.5e-10
1e309
2j
(1.0).real
(1).real
True.real
'x'.join
b'x'
...
None
'a"b'
"it's"
u'x'
""".strip().splitlines()


@pytest.mark.parametrize("source", EXPRESSIONS)
def test_expression_is_written_as_people_write_it(source):
    text = unparse(expression(source))
    expected = {
        "f(*a or b)": "f(*(a or b))",
        "[x for x, in y]": "[x for (x,) in y]",
        "f(y := 1)": "f((y := 1))",
        "(x, y)": "x, y",
        "not a in b": "not a in b",
        "(1.0).real": "1.0.real",
    }.get(source, source)
    assert text == expected
    assert ast.dump(expression(text)) == ast.dump(expression(source))


STATEMENTS = '''
a = b = c
a, b = c
a, b = b, a
(a,) = b
a = (b,)
a, (b, c) = d
a, *b = c
[a, b] = c
x[i] = y
x[i, :] += y * 2
x: int = 3
(x): int = 3
x.y: int
del a, b
assert a, 'b'
raise ValueError('x') from e
import numpy as np, math
from . import a
from ..b import c as d
global a, b
pass
x = lambda: (yield)
f(x)
(x := 3)
with a:
    pass
with a as b, c as (d, e):
    pass
with ((a, b)):
    pass
for i, x in enumerate(y):
    continue
for i in (1, 2):
    break
else:
    pass
while x:
    y
else:
    z
if a:
    b
elif c:
    d
elif e:
    f
else:
    g
if a:
    b
else:
    if c:
        d
    e
try:
    a
except (B, C) as e:
    d
except E:
    f
else:
    g
finally:
    h
'''.strip()


def split(source):
    """The statements of a text, each with the lines that belong to it."""
    chunks = []
    for line in source.splitlines():
        continues = line.startswith(" ") or line.split()[0].rstrip(":") in {
            "else", "elif", "except", "finally"}
        if continues:
            chunks[-1] += "\n" + line
        else:
            chunks.append(line)
    return chunks


@pytest.mark.parametrize("source", split(STATEMENTS))
def test_statement_is_written_as_people_write_it(source):
    assert same(source) == source


OTHERS = '''
assert (a, b)
x = (y := 3)
1; 'a string that is no docstring'
x = *a, b
x += (yield)
if a:
    b
else:
    if c:
        d
match x:
    case [1, a] if a > 2:
        b
    case {'k': v, **rest} | (B(v, z=rest)):
        c
    case -1 | None | 'x':
        pass
    case _:
        d
print(f'{x!r:>{w}} {{}} {y["k"]} {z=}')
print(f"{a['b']} it's {c:.3f}")
'''.strip()


@pytest.mark.parametrize("source", split(OTHERS))
def test_statement_keeps_its_meaning(source):
    same(source)


FUNCTION = '''
@decorator(1)
@other
async def f(a, /, b: int, c: int = 2, *args, d, e=3, **kwargs) -> float:
    """Say \\"\\"\\"so\\"\\"\\": a \\\\ back\\tslash.

    And "quote\\""""
    x = await g(a)
    async with h as i:
        async for j in k:
            yield j
    x = yield
    y = yield x, 1
    z = 1 + (yield)
    await x**2
    return [q async for q in r], (await s)[0]
'''


def test_function_keeps_its_meaning():
    same(FUNCTION)
    same("class A(B, *c, metaclass=D, **k):\n    '''Doc.'''\n    def f(self): return\n    x = 1")
    same("def f():\n    return (yield)\ndef g():\n    return *a, b")


def test_layout_of_definitions():
    source = textwrap.dedent('''
        """A module."""


        import a


        def f(x):
            """Double.

            Twice.
            """
            y = 2

            def g(z):
                return z

            return g(x) * y


        class A:

            def h(self):
                pass
    ''').strip()
    text = unparse(ast.parse(source))
    assert text == source.replace('"""\n\n\nimport', '"""\nimport').replace("A:\n\n", "A:\n")


@pytest.mark.parametrize("text", [
    "", "plain", 'ends with "', '"', '""', '"""', '""""', "\\", 'back\\"', "a\nb\n    ",
    "tab\there", "\r\n", "\x00\x0c\ud800", "\\N{BULLET} \u2022 \u2028", "'''", "\x85",
])
def test_docstring_is_kept(text):
    module = ast.parse("def f():\n    'x'")
    module.body[0].body[0].value.value = text
    written = unparse(module)
    assert written.startswith('def f():\n    """')
    assert ast.literal_eval(written.partition("\n")[2].strip(" ")) == text


@pytest.mark.skipif(sys.version_info < (3, 11), reason="syntax of 3.11")
def test_syntax_of_3_11():
    same("try:\n    a\nexcept* B as c:\n    try:\n        d\n    except E:\n        f")
    same("x[*a, b]; x[*a]; x[*a, 1:2]\ndef f(*args: *T): pass")


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
def test_syntax_of_3_12():
    same("type A[T: int, *U, **V] = list[T]\ndef f[T](x: T): return x\nclass C[T](B): pass")
    same("""print(f"{x["a"]} {'"'} {f'{y}'}")""")


@pytest.mark.skipif(sys.version_info < (3, 13), reason="syntax of 3.13")
def test_syntax_of_3_13():
    same("def f[T = int, *U = *tuple[int]](x: T): return x")


def test_constants_that_have_no_literal():
    def value(constant):
        return eval(unparse(ast.Constant(constant)), {})

    assert value(math.inf) == math.inf
    assert value(-math.inf) == -math.inf
    assert math.isnan(value(math.nan))
    assert str(value(-0.0)) == "-0.0"
    assert value(complex(1, -2)) == complex(1, -2)
    assert value((1, (2.5,), None)) == (1, (2.5,), None)


@pytest.mark.parametrize("constant", [-2, -2.5, -2j, complex(-1, 2)])
def test_negative_constants_are_guarded(constant):
    power = ast.BinOp(ast.Constant(constant), ast.Pow(), ast.Constant(2))
    assert eval(unparse(power), {}) == constant**2
    attribute = ast.Attribute(ast.Constant(constant), "real", ast.Load())
    assert eval(unparse(attribute), {}) == constant.real


def test_numpy_scalars_are_written_as_numbers():
    np = pytest.importorskip("numpy")
    assert unparse(ast.Constant(np.float64(0.5))) == "0.5"


def test_comments():
    tree = ast.parse("def f(x):\n    'Doc.'\n    if x:\n        y = 1\n    return y\ndef g(): pass")
    f = tree.body[0]
    f.body.insert(0, Comment("first"))
    f.body[2].body.append(Comment("two\nlines"))
    f.body[2].orelse = [Comment("nothing")]
    f.body.append(Comment(""))
    tree.body.insert(1, Comment("about g"))
    tree.body.append(Comment("last"))
    assert unparse(tree) == textwrap.dedent('''
        def f(x):
            # first
            """Doc."""
            if x:
                y = 1
                # two
                # lines
            else:
                # nothing
                pass
            return y
            #


        # about g
        def g():
            pass


        # last
    ''').strip()
    assert unparse(Comment("alone")) == "# alone"
    ast.fix_missing_locations(tree)


def test_lines_have_the_place_of_their_statement():
    tree = ast.parse(textwrap.dedent('''
        def f(x):
            """Two
            lines."""
            a = 1
            if x:
                b = 2
            elif y:
                c = 3
            else:
                d = 4
            return f"""{a}
                {b}"""
    '''))
    f = tree.body[0]
    places = {f.body[1]: "a", f.body[2].orelse[0]: "elif", f.body[2].orelse[0].orelse[0]: "d",
              f.body[3]: "return"}
    text, lines = unparse_with_lines(tree, places)
    numbered = {number: line.strip() for number, line in enumerate(text.splitlines(), 1)}
    assert {numbered[number]: place for number, place in lines.items() if place != "return"} == {
        "a = 1": "a", "elif y:": "elif", "c = 3": "elif", "else:": "elif", "d = 4": "d"}
    assert [numbered[n] for n, place in lines.items() if place == "return"][0].startswith("return")
    assert unparse_with_lines(tree)[1] == {}


def test_long_sums_do_not_recurse():
    tree = ast.Name("x")
    for _ in range(20_000):
        tree = ast.BinOp(tree, ast.Add(), ast.Name("x"))
    assert unparse(tree) == " + ".join(["x"] * 20_001)


def test_time_is_linear():
    def seconds(statements):
        source = "def f(x):\n" + "    y = np.sum(x[:, None] * -y**2, axis=0) + 1\n" * statements
        tree = ast.parse(source)
        places = dict.fromkeys(tree.body[0].body, 1)
        start = time.perf_counter()
        unparse_with_lines(tree, places)
        return time.perf_counter() - start

    assert min(seconds(5000) for _ in range(3)) < 2.0


names = st.sampled_from(["x", "y", "np", "_a"]).map(lambda name: ast.Name(name, ast.Load()))
constants = st.one_of(
    st.integers(0, 10**6), st.floats(0, allow_nan=False), st.booleans(), st.none(), st.text(),
    st.binary(), st.just(...), st.floats(0, allow_nan=False).map(lambda real: complex(0, real)),
).map(ast.Constant)
operators = [ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult,
             ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor]
comparisons = [ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Is, ast.IsNot, ast.In,
               ast.NotIn]


def instance(kinds):
    return st.sampled_from(kinds).map(lambda kind: kind())


def larger(smaller):
    some = st.lists(smaller, min_size=1, max_size=3)
    maybe = st.none() | smaller
    starred = smaller.map(lambda value: ast.Starred(value, ast.Load()))
    elements = st.lists(smaller | starred, max_size=3)
    keywords = st.lists(st.builds(ast.keyword, st.sampled_from(["axis", "k", None]), smaller),
                        max_size=2)
    slices = st.builds(ast.Slice, maybe, maybe, maybe)
    several = st.lists(smaller | slices, min_size=1, max_size=3).map(
        lambda elts: ast.Tuple(elts, ast.Load()))
    no_arguments = ast.arguments([], [], None, [], [], None, [])
    store = ast.Name("i", ast.Store())
    loops = st.builds(ast.comprehension, st.just(store), smaller, st.lists(smaller, max_size=2),
                      st.just(0)).map(lambda loop: [loop])
    return st.one_of(
        st.builds(ast.BinOp, smaller, instance(operators), smaller),
        st.builds(ast.BinOp, smaller, instance(operators), smaller),
        st.builds(ast.UnaryOp, instance([ast.USub, ast.UAdd, ast.Invert, ast.Not]), smaller),
        st.builds(ast.BoolOp, instance([ast.And, ast.Or]),
                  st.lists(smaller, min_size=2, max_size=3)),
        some.flatmap(lambda right: st.builds(
            ast.Compare, smaller,
            st.lists(instance(comparisons), min_size=len(right), max_size=len(right)),
            st.just(right))),
        st.builds(ast.IfExp, smaller, smaller, smaller),
        st.builds(ast.Lambda, st.just(no_arguments), smaller),
        st.builds(ast.NamedExpr, st.just(store), smaller),
        st.builds(ast.Attribute, smaller, st.sampled_from(["T", "real"]), st.just(ast.Load())),
        st.builds(ast.Subscript, smaller, smaller | slices | several, st.just(ast.Load())),
        st.builds(ast.Call, smaller, elements, keywords),
        st.builds(ast.Tuple, elements, st.just(ast.Load())),
        st.builds(ast.List, elements, st.just(ast.Load())),
        some.map(ast.Set),
        some.map(lambda values: ast.Dict([None, *values[1:]], values)),
        st.builds(ast.ListComp, smaller, loops),
        st.builds(ast.GeneratorExp, smaller, loops),
        st.builds(ast.Yield, maybe),
        smaller.map(ast.Await),
    )


EXAMPLES = int(os.environ.get("REVAD_PROGRAMS", "0"))


@settings(max_examples=EXAMPLES or 400, derandomize=not EXAMPLES, database=None, deadline=None,
          suppress_health_check=list(HealthCheck))
@given(st.recursive(names | constants, larger, max_leaves=12))
def test_random_expressions_keep_their_meaning(tree):
    source = unparse(ast.Return(tree))
    back = ast.parse("async def f():\n    " + source).body[0].body[0].value
    assert ast.dump(back) == ast.dump(tree), source


def test_public_names():
    assert revad.codegen.unparse.__all__ == ["Comment", "unparse", "unparse_with_lines"]
