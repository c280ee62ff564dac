"""Syntax: the syntax tree of a stage, from its form and the syntax of its operands.

>>> writer = ExpressionWriter()
>>> writer.plan, writer.names = type("Plan", (), {"inside": {}}), {}
>>> ast.unparse(writer.form(Form("binary", "*"), (Lit(2), Lit(3))))
'2 * 3'
"""
from __future__ import annotations

import ast

import gast

from ..analysis.aliases import allocates_array
from ..ir.free_names import free_names
from ..ir.nodes import Form, Lit
from ..syntax import tree_of
from ..types.kinds import is_stored_list
from ..types.shape_rules import kind_of_operand

BINARY = {"+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod,
          "**": ast.Pow, "@": ast.MatMult, "<<": ast.LShift, ">>": ast.RShift, "&": ast.BitAnd,
          "|": ast.BitOr, "^": ast.BitXor}


_UNARY = {"-": ast.USub, "+": ast.UAdd, "not": ast.Not, "~": ast.Invert}


_COMPARE = {"<": ast.Lt, "<=": ast.LtE, ">": ast.Gt, ">=": ast.GtE, "==": ast.Eq, "!=": ast.NotEq,
            "is": ast.Is, "is not": ast.IsNot, "in": ast.In, "not in": ast.NotIn}

LOAD, STORE = ast.Load(), ast.Store()


def copied(node, kind):
    """A copy of an array or a list, with copies of the lists that it holds."""
    if not is_stored_list(kind) or kind.rank == 1:
        return ast.Call(ast.Attribute(node, "copy", LOAD), [], [])
    row = copied(ast.Name("row", LOAD), kind._replace(shape=kind.shape[1:]))
    return ast.ListComp(row, [ast.comprehension(ast.Name("row", STORE), node, [], 0)])


class ExpressionWriter:
    """The part of a Writer that writes expressions."""

    def copy(self, operand):
        """A copy of an array, to store into; a value without axes may be a number."""
        inner = self.plan.inside.get(operand)
        if inner is not None and allocates_array(inner):
            return self.expression(operand)
        if kind_of_operand(operand).rank:
            return copied(self.expression(operand), kind_of_operand(operand))
        return ast.Call(self.path("@np.array"), [self.expression(operand)], [])

    def as_index(self, items):
        """A subscript as an argument: slices are spelled `slice(...)`."""
        if isinstance(items, ast.Tuple):
            return ast.Tuple([self.as_index(e) for e in items.elts], LOAD)
        if isinstance(items, ast.Slice):
            ends = [e or ast.Constant(None) for e in (items.lower, items.upper, items.step)]
            return ast.Call(ast.Name("slice", LOAD), ends if items.step else ends[:2], [])
        return items

    def expression(self, operand):
        if isinstance(operand, Lit):
            return ast.Constant(operand.value)
        inner = self.plan.inside.get(operand)
        if inner is not None:
            node = self.form(inner.form, inner.operands)
            node.is_users, node.rank = inner.statement is not None, kind_of_operand(operand).rank
            return node
        name = ast.Name(self.names[operand], LOAD)
        name.rank = kind_of_operand(operand).rank
        return name

    def form(self, form, operands):
        return getattr(self, "form_" + form.kind)(form, operands)

    def each(self, operands):
        return [self.expression(operand) for operand in operands]

    def form_alias(self, form, operands):
        return self.expression(operands[0])

    def form_binary(self, form, operands):
        left, right = self.each(operands)
        return ast.BinOp(left, BINARY[form.name](), right)

    form_augment = form_binary

    def form_unary(self, form, operands):
        return ast.UnaryOp(_UNARY[form.name](), self.expression(operands[0]))

    def form_compare(self, form, operands):
        left, right = self.each(operands)
        return ast.Compare(left, [_COMPARE[form.name]()], [right])

    def form_call(self, form, operands):
        split = len(operands) - len(form.keywords)
        parts = self.each(operands)
        keywords = [ast.keyword(k, v) for k, v in zip(form.keywords, parts[split:])]
        return ast.Call(self.path(form.name), parts[:split], keywords)

    def form_method(self, form, operands):
        split = len(operands) - len(form.keywords)
        parts = self.each(operands)
        keywords = [ast.keyword(k, v) for k, v in zip(form.keywords, parts[split:])]
        return ast.Call(ast.Attribute(parts[0], form.name, LOAD), parts[1:split], keywords)

    def form_attr(self, form, operands):
        return ast.Attribute(self.expression(operands[0]), form.name, LOAD)

    def form_index(self, form, operands):
        if form.name.startswith("."):
            return ast.Attribute(self.expression(operands[0]), form.name[1:], LOAD)
        return self.subscript(self.expression(operands[0]), form, operands, form.name == "tuple", LOAD)

    def subscript(self, base, form, operands, as_tuple, context):
        """`x[i, j]`, or `x[i][j]` of a list of lists."""
        items = self.items(form.spec, operands, as_tuple)
        if isinstance(items, ast.Tuple) and is_stored_list(kind_of_operand(operands[0])):
            for item in items.elts[:-1]:
                base = ast.Subscript(base, item, LOAD)
            items = items.elts[-1]
        return ast.Subscript(base, items, context)

    def items(self, spec, operands, as_tuple):
        parts = []
        for item in spec:
            if item.kind == "new":
                parts.append(ast.Constant(None))
            elif item.kind == "dots":
                parts.append(ast.Constant(Ellipsis))
            elif item.kind == "slice":
                parts.append(
                    ast.Slice(*(None if h is None else self.expression(operands[h]) for h in item.holes)))
            else:
                parts.append(self.expression(operands[item.holes[0]]))
        return ast.Tuple(parts, LOAD) if as_tuple or len(parts) != 1 else parts[0]

    def elements(self, form, operands):
        parts = self.each(operands)
        return [ast.Starred(e, LOAD) if s else e for e, s in zip(parts, form.spec)] if form.spec else parts

    def form_tuple(self, form, operands):
        if form.spec is not None and form.name != "*":
            return ast.Call(self.path(form.name), self.each(operands), [])
        return ast.Tuple(self.elements(form, operands), LOAD)

    def form_list(self, form, operands):
        return ast.List(self.elements(form, operands), LOAD)

    def form_dict(self, form, operands):
        if form.name:
            keywords = [ast.keyword(k, v) for k, v in zip(form.keywords, self.each(operands))]
            return ast.Call(self.path(form.name), [], keywords)
        return ast.Dict([ast.Constant(k) for k in form.keywords], self.each(operands))

    def form_read(self, form, operands):
        return self.path(form.name)

    def form_ifexp(self, form, operands):
        condition, then, orelse = self.each(operands)
        return ast.IfExp(condition, then, orelse)

    def form_copied(self, form, operands):
        return self.copied(form, operands)

    def copied(self, form, operands):
        """The user's own syntax, with the names that its values have in this text."""
        node = tree_of(form.spec, "eval").body if isinstance(form.spec, str) else \
            gast.gast_to_ast(form.spec)
        replaced = {name: self.expression(operand) for name, operand in zip(form.keywords, operands)}
        by_node = {id(name): replaced[name.id] for name in free_names(node) if name.id in replaced}
        return _Rename(by_node).visit(node)

    def path(self, path):
        first, *attributes = self.externals.get(path, path).split(".")
        node = ast.Name(first, LOAD)
        for attribute in attributes:
            node = ast.Attribute(node, attribute, LOAD)
        return node


class _Rename(ast.NodeTransformer):
    def __init__(self, replaced):
        self.replaced = replaced

    def visit_Name(self, node):
        return self.replaced.get(id(node), node)
