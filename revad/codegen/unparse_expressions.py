"""Turn expression nodes into text with no more parentheses than the meaning needs.

>>> import ast
>>> writer = ExpressionUnparser()
>>> writer.dispatch(ast.parse("((-x)**(2))*(2**(-n)) - (a - (b*c))", mode="eval").body)
>>> print("".join(writer.chunks))
(-x)**2 * 2**-n - (a - b * c)
"""
from __future__ import annotations

import ast
import re

import astunparse

# How tightly each form binds, loosest first. An operand that binds more loosely than its place
# allows is parenthesised; an EXPRESSION needs no parentheses in most places.
(NAMED, YIELD, TUPLE, EXPRESSION, OR, AND, NOT, COMPARISON, BITOR, BITXOR, BITAND,
 SHIFT, SUM, TERM, FACTOR, POWER, AWAIT, ATOM) = range(18)

OPERATOR_LEVEL = {
    ast.Or: OR, ast.And: AND, ast.Not: NOT, ast.BitOr: BITOR, ast.BitXor: BITXOR,
    ast.BitAnd: BITAND, ast.LShift: SHIFT, ast.RShift: SHIFT, ast.Add: SUM, ast.Sub: SUM,
    ast.Mult: TERM, ast.MatMult: TERM, ast.Div: TERM, ast.FloorDiv: TERM, ast.Mod: TERM,
    ast.UAdd: FACTOR, ast.USub: FACTOR, ast.Invert: FACTOR, ast.Pow: POWER,
}
NODE_LEVEL = {
    ast.NamedExpr: NAMED, ast.Yield: YIELD, ast.YieldFrom: YIELD, ast.Lambda: EXPRESSION,
    ast.IfExp: EXPRESSION, ast.Compare: COMPARISON, ast.Await: AWAIT,
}


def level(node: ast.AST) -> int:
    """How tightly a node binds.

    >>> level(ast.parse("x + y", mode="eval").body) == SUM
    True
    """
    kind = type(node)
    if kind in (ast.BinOp, ast.UnaryOp, ast.BoolOp):
        return OPERATOR_LEVEL[type(node.op)]
    if kind is ast.Tuple:
        return TUPLE if len(node.elts) > 1 else ATOM
    if kind is ast.Constant:
        return FACTOR if constant(node.value).startswith("-") else ATOM
    return NODE_LEVEL.get(kind, ATOM)


def constant(value: object) -> str:
    """The text of a literal.

    >>> constant(1e-5), constant(float("-inf")), constant(float("nan")), constant((1, ...))
    ('1e-5', '-1e309', '(1e309 - 1e309)', '(1, ...)')
    """
    if value is ...:
        return "..."
    if isinstance(value, tuple):
        return f"({', '.join(map(constant, value))}{',' * (len(value) == 1)})"
    if isinstance(value, (float, complex)):
        # The class's own repr, because a NumPy float is a float whose repr names NumPy.
        text = (float if isinstance(value, float) else complex).__repr__(value)
        text = re.sub(r"e([+-])0*", lambda sign: "e" + sign[1].strip("+"), text)
        return text.replace("inf", "1e309").replace("nan", "(1e309 - 1e309)")
    return repr(value)


class ExpressionUnparser(astunparse.Unparser):
    """Write expressions: `chunks` collects the text.

    A method `_Name` writes the node type `Name`, never with parentheses around it: `dispatch`
    adds those, because only the place where a node stands tells whether they are needed.
    """

    def __init__(self):
        # The parent's constructor writes a tree to a file; here the pieces are collected.
        self.chunks: list[str] = []
        self.write = self.chunks.append

    def dispatch(self, tree, loosest=EXPRESSION):
        """Write a node, in parentheses if it binds more loosely than `loosest`."""
        method = getattr(self, "_" + type(tree).__name__, self.delegate)
        if level(tree) < loosest:
            self.write("(")
            method(tree)
            self.write(")")
        else:
            method(tree)

    def delegate(self, tree):
        """Leave a node to the standard library."""
        self.write_lines(ast.unparse(tree))

    def write_lines(self, text):
        """Add text that may hold line ends."""
        self.write(text)

    def separated(self, items):
        """Write nodes with commas between them."""
        for number, item in enumerate(items):
            if number:
                self.write(", ")
            self.dispatch(item)

    # `astunparse` mixes up the quotes.
    _JoinedStr = _FormattedValue = delegate

    def _BinOp(self, tree):
        own = level(tree)
        if own == POWER:
            self.dispatch(tree.left, AWAIT)
            self.write("**")
            self.dispatch(tree.right, FACTOR)
            return
        # A long sum nests to the left: a loop goes down it, clear of the recursion limit.
        spine = []
        while isinstance(tree, ast.BinOp) and level(tree) == own:
            spine.append(tree)
            tree = tree.left
        self.dispatch(tree, own)
        for node in reversed(spine):
            self.write(f" {self.binop[type(node.op).__name__]} ")
            self.dispatch(node.right, own + 1)

    def _UnaryOp(self, tree):
        self.write("not " if isinstance(tree.op, ast.Not) else self.unop[type(tree.op).__name__])
        self.dispatch(tree.operand, level(tree))

    def _BoolOp(self, tree):
        for number, value in enumerate(tree.values):
            if number:
                self.write(f" {self.boolops[type(tree.op)]} ")
            self.dispatch(value, level(tree) + 1)

    def _Compare(self, tree):
        self.dispatch(tree.left, COMPARISON + 1)
        for operator, value in zip(tree.ops, tree.comparators):
            self.write(f" {self.cmpops[type(operator).__name__]} ")
            self.dispatch(value, COMPARISON + 1)

    def _Attribute(self, tree):
        # The dot of `3.real` would belong to the number.
        is_int = isinstance(tree.value, ast.Constant) and type(tree.value.value) is int
        self.dispatch(tree.value, ATOM + 1 if is_int else ATOM)
        self.write(f".{tree.attr}")

    def _Subscript(self, tree):
        self.dispatch(tree.value, ATOM)
        self.write("[")
        index = tree.slice
        items = index.elts if isinstance(index, ast.Tuple) else []
        starred = any(isinstance(item, ast.Starred) for item in items)
        sliced = any(isinstance(item, ast.Slice) for item in items)
        if items and (sliced or not starred):  # x[*a] without a slice is for 3.11 and later
            self.separated(items)
            self.write("," if len(items) == 1 else "")
        else:
            self.dispatch(index)
        self.write("]")

    def _Slice(self, tree):
        if tree.lower is not None:
            self.dispatch(tree.lower, OR)
        self.write(":")
        if tree.upper is not None:
            self.dispatch(tree.upper, OR)
        if tree.step is not None:
            self.write(":")
            self.dispatch(tree.step, OR)

    def _Call(self, tree):
        self.dispatch(tree.func, ATOM)
        if len(tree.args) == 1 and isinstance(tree.args[0], ast.GeneratorExp) and not tree.keywords:
            self.dispatch(tree.args[0])  # has parentheses of its own
        else:
            self.write("(")
            self.separated([*tree.args, *tree.keywords])
            self.write(")")

    def _keyword(self, tree):
        self.write(f"{tree.arg}=" if tree.arg else "**")
        self.dispatch(tree.value, EXPRESSION if tree.arg else BITOR)

    def _arguments(self, tree):
        positional = tree.posonlyargs + tree.args
        defaults = [None] * (len(positional) - len(tree.defaults)) + tree.defaults
        items = [("", *pair) for pair in zip(positional, defaults)]
        if tree.posonlyargs:
            items.insert(len(tree.posonlyargs), ("/", None, None))
        if tree.vararg or tree.kwonlyargs:
            items.append(("*", tree.vararg, None))
        items += [("", *pair) for pair in zip(tree.kwonlyargs, tree.kw_defaults)]
        if tree.kwarg:
            items.append(("**", tree.kwarg, None))
        for number, (star, argument, default) in enumerate(items):
            self.write((", " if number else "") + star)
            if argument is not None:
                self.dispatch(argument)
            if default is not None:
                self.write(" = " if argument.annotation else "=")
                self.dispatch(default)

    def _Constant(self, tree):
        self.write(("u" if tree.kind == "u" else "") + constant(tree.value))

    def _NamedExpr(self, tree):
        self.dispatch(tree.target)
        self.write(" := ")
        self.dispatch(tree.value)

    def _Yield(self, tree):
        self.write("yield")
        if tree.value is not None:
            self.write(" ")
            self.dispatch(tree.value, TUPLE)

    def _YieldFrom(self, tree):
        self.write("yield from ")
        self.dispatch(tree.value)

    def _Await(self, tree):
        self.write("await ")
        self.dispatch(tree.value, ATOM)

    def _Tuple(self, tree):
        if len(tree.elts) > 1:
            self.separated(tree.elts)
        else:
            self.write("(")
            self.separated(tree.elts)
            self.write(",)" if tree.elts else ")")

    def _Starred(self, tree):
        self.write("*")
        self.dispatch(tree.value, BITOR)

    def _Dict(self, tree):
        self.write("{")
        for number, (key, value) in enumerate(zip(tree.keys, tree.values)):
            self.write(", " if number else "")
            if key is None:
                self.write("**")
                self.dispatch(value, BITOR)
            else:
                self.dispatch(key)
                self.write(": ")
                self.dispatch(value)
        self.write("}")

    def _comprehension(self, tree):
        self.write(" async for " if tree.is_async else " for ")
        self.dispatch(tree.target, TUPLE)
        self.write(" in ")
        self.dispatch(tree.iter, OR)
        for condition in tree.ifs:
            self.write(" if ")
            self.dispatch(condition, OR)

    def _Lambda(self, tree):
        some = any(getattr(tree.args, field) for field in tree.args._fields)
        self.write("lambda " if some else "lambda")
        self.dispatch(tree.args)
        self.write(": ")
        self.dispatch(tree.body)

    def _IfExp(self, tree):
        self.dispatch(tree.body, OR)
        self.write(" if ")
        self.dispatch(tree.test, OR)
        self.write(" else ")
        self.dispatch(tree.orelse)
