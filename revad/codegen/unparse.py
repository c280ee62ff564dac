"""Turn syntax nodes into source text as a person would write it.

Parentheses stand only where the meaning needs them, `**` binds without spaces, and a comment is a
statement like any other:

>>> import ast
>>> tree = ast.parse('''
... def f(x, n):
...     y = (-(x**(2)))*(2**(-n)); return (y[(1):, None], (x,))
... ''')
>>> tree.body[0].body.insert(0, Comment("forward pass"))
>>> print(unparse(tree))
def f(x, n):
    # forward pass
    y = -x**2 * 2**-n
    return y[1:, None], (x,)

The nodes are those of `ast`. What `astunparse` cannot write (f-strings, patterns, type parameters)
is left to `ast.unparse`, piece by piece, so that the statements around it still come from here.
Infinity is written `1e309` and not-a-number `(1e309 - 1e309)`: neither has a literal, and a name
such as `inf` may mean something else where the text is going to run.
"""
from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping

from .unparse_expressions import EXPRESSION, TUPLE, YIELD, ExpressionUnparser

__all__ = ["Comment", "unparse", "unparse_with_lines"]


class Comment(ast.stmt):
    """A statement that is only a comment: `Comment("backprop y = x")`."""

    _fields = ("text",)
    _field_types = {"text": str}


def unparse(node: ast.AST) -> str:
    """The source text of a module, a statement or an expression, with no newline at its end.

    >>> unparse(ast.BinOp(ast.Constant(-2), ast.Pow(), ast.Constant(2)))
    '(-2)**2'
    """
    return unparse_with_lines(node)[0]


def unparse_with_lines(
    node: ast.AST, places: Mapping[ast.stmt, object] | None = None
) -> tuple[str, dict[int, object]]:
    """The source text of a node, and the place that each of its lines came from.

    `places` says where statements came from, in any terms. A line has the place of the innermost
    statement around it that has one, and no entry if there is none.

    >>> loop, = ast.parse("for x in s: a = x; b = a").body
    >>> text, lines = unparse_with_lines(loop, {loop: 10, loop.body[1]: 12})
    >>> for number, line in enumerate(text.splitlines(), 1):
    ...     print(lines[number], line)
    10 for x in s:
    10     a = x
    12     b = a
    """
    unparser = Unparser(node, places or {})
    return "".join(unparser.chunks).lstrip("\n"), unparser.lines


WIDEST = 96     # columns of names in one line, and a few for what stands beside them
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def first(body: list[ast.stmt], index: int = 0) -> ast.stmt | None:
    """The first statement from an index on, comments aside."""
    while index < len(body) and isinstance(body[index], Comment):
        index += 1
    return body[index] if index < len(body) else None


def docstring(text: str) -> str:
    r"""The text of a docstring, which keeps its lines.

    >>> docstring('Say "no"')[3:-3]
    'Say "no\\"'
    """
    text = text.replace("\\", "\\\\")
    if text.endswith('"'):
        text = text[:-1] + '\\"'
    text = text.replace('"""', '""\\"')
    text = "".join(c if c.isprintable() or c in "\n\t" else ascii(c)[1:-1] for c in text)
    return f'"""{text}"""'


class Unparser(ExpressionUnparser):
    """Write one tree: `chunks` is the text, and `lines` says where each line came from."""

    def __init__(self, tree: ast.AST, places: Mapping[ast.stmt, object]):
        super().__init__()
        self.lines: dict[int, object] = {}
        self.line = 0
        self.places = places
        self.place = None
        self.docstring = None
        self.future_imports: list[str] = []
        self._indent = 0
        self.dispatch(tree, YIELD)

    def dispatch(self, tree, loosest=EXPRESSION):
        if isinstance(tree, list):
            self.block(tree)
        elif isinstance(tree, ast.stmt):
            outer = self.place
            self.place = self.places.get(tree, outer)
            getattr(self, "_" + type(tree).__name__, self.delegate)(tree)
            self.place = outer
        else:
            super().dispatch(tree, loosest)

    def fill(self, text=""):
        """Start a line."""
        self.write_lines("\n" + "    " * self._indent + text)

    def write_lines(self, text):
        """Add text that holds line ends."""
        self.write(text)
        for _ in range(text.count("\n")):
            self.line += 1
            if self.place is not None:
                self.lines[self.line] = self.place

    def delegate(self, tree):
        if isinstance(tree, ast.stmt):
            self.fill()
        super().delegate(tree)

    # Blocks

    def block(self, body):
        blank = "\n" if self._indent else "\n\n"
        previous = None
        for index, statement in enumerate(body):
            # Definitions stand apart, together with the comments above them.
            if previous is not None and not isinstance(previous, Comment) and (
                isinstance(previous, DEFINITIONS) or isinstance(first(body, index), DEFINITIONS)
            ):
                self.write_lines(blank)
            self.dispatch(statement)
            previous = statement
        if self._indent and first(body) is None:
            self.fill("pass")

    def suite(self, body, keyword=None):
        """Write an indented block, under a keyword of its own if there is one and it has a body."""
        if keyword:
            if not body:
                return
            self.fill(keyword)
        self.enter()
        self.block(body)
        self.leave()

    def documented(self, body):
        """Remember which statement is the docstring, so that it is written as one."""
        node = first(body)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            self.docstring = node if isinstance(node.value.value, str) else None
        return body

    # Statements

    def _Module(self, tree):
        self.block(self.documented(tree.body))

    def _Comment(self, tree):
        for line in tree.text.splitlines() or [""]:
            self.fill(f"# {line}".rstrip())

    def _Expr(self, tree):
        self.fill()
        if tree is self.docstring:
            self.write_lines(docstring(tree.value.value))
        else:
            self.dispatch(tree.value, YIELD)

    def _Assign(self, tree):
        self.fill()
        for target in tree.targets:
            self.tuple_of_names(target, TUPLE)
            self.write(" = ")
        self.tuple_of_names(tree.value, YIELD)

    def _Return(self, tree):
        self.fill("return")
        if tree.value is not None:
            self.write(" ")
            self.tuple_of_names(tree.value, TUPLE)

    def tuple_of_names(self, tree, loosest):
        """A side of an assignment; too many names for one line stand in brackets, over several lines."""
        is_of_names = isinstance(tree, ast.Tuple) and all(isinstance(part, ast.Name) for part in tree.elts)
        if not is_of_names or not self.bracketed([part.id for part in tree.elts]):
            self.dispatch(tree, loosest)

    def bracketed(self, names):
        """Write names in brackets, over several lines, if one has no room for them; whether that is so."""
        column = 0
        for chunk in reversed(self.chunks):
            column += len(chunk) - (chunk.rfind("\n") + 1)
            if "\n" in chunk:
                break
        if column + len(", ".join(names)) <= WIDEST:
            return False
        lines = textwrap.wrap(", ".join(names), max(WIDEST - column - 2, 1), break_long_words=False)
        self.write_lines("(" + ("\n" + " " * (column + 1)).join(lines) + ")")
        return True

    def _If(self, tree):
        self.fill("if ")
        self.dispatch(tree.test)
        self.suite(tree.body)
        while len(tree.orelse) == 1 and isinstance(tree.orelse[0], ast.If):
            tree, = tree.orelse
            self.place = self.places.get(tree, self.place)
            self.fill("elif ")
            self.dispatch(tree.test)
            self.suite(tree.body)
        self.suite(tree.orelse, "else")

    def _For(self, tree, keyword="for "):
        self.fill(keyword)
        self.dispatch(tree.target, TUPLE)
        self.write(" in ")
        self.dispatch(tree.iter)
        self.suite(tree.body)
        self.suite(tree.orelse, "else")

    def _AsyncFor(self, tree):
        self._For(tree, "async for ")

    def _With(self, tree, keyword="with "):
        self.fill(keyword)
        only = tree.items[0] if len(tree.items) == 1 else None
        if only and isinstance(only.context_expr, ast.Tuple) and only.optional_vars is None:
            # Single parentheses would stand around several items.
            self.write(f"({ast.unparse(only)})")
        else:
            self.separated(tree.items)
        self.suite(tree.body)

    def _AsyncWith(self, tree):
        self._With(tree, "async with ")

    def _Try(self, tree, keyword="except"):
        self.fill("try")
        self.suite(tree.body)
        for handler in tree.handlers:
            self.fill(keyword)
            if handler.type is not None:
                self.write(" ")
                self.dispatch(handler.type)
            if handler.name:
                self.write(f" as {handler.name}")
            self.suite(handler.body)
        self.suite(tree.orelse, "else")
        self.suite(tree.finalbody, "finally")

    def _TryStar(self, tree):
        self._Try(tree, "except*")

    def _Match(self, tree):
        self.fill("match ")
        self.dispatch(tree.subject)
        self.enter()
        for case in tree.cases:
            self.fill(f"case {ast.unparse(case.pattern)}")
            if case.guard is not None:
                self.write(" if ")
                self.dispatch(case.guard)
            self.suite(case.body)
        self.leave()

    def _FunctionDef(self, tree, keyword="def"):
        self.heading(tree, keyword)
        given = tree.args
        is_of_names = not any((given.defaults, given.kwonlyargs, given.posonlyargs, given.vararg, given.kwarg,
                               *(argument.annotation for argument in given.args)))
        if not is_of_names or not self.bracketed([argument.arg for argument in given.args]):
            self.write("(")
            self.dispatch(given)
            self.write(")")
        if tree.returns is not None:
            self.write(" -> ")
            self.dispatch(tree.returns)
        self.suite(self.documented(tree.body))

    def _AsyncFunctionDef(self, tree):
        self._FunctionDef(tree, "async def")

    def _ClassDef(self, tree):
        self.heading(tree, "class")
        if tree.bases or tree.keywords:
            self.write("(")
            self.separated([*tree.bases, *tree.keywords])
            self.write(")")
        self.suite(self.documented(tree.body))

    def heading(self, tree, keyword):
        for decorator in tree.decorator_list:
            self.fill("@")
            self.dispatch(decorator)
        self.fill(f"{keyword} {tree.name}")
        if getattr(tree, "type_params", None):
            self.write(f"[{', '.join(map(ast.unparse, tree.type_params))}]")
