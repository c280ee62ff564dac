"""Expressions: a nested expression comes apart into stages, one operation each.

>>> walk = Expressions(lambda node: None)
>>> walk.names["x"] = Value("x")
>>> walk.expression(gast.parse("-x * 2", mode="eval").body), walk.block
(_, [_ = unary '-' (x), _ = binary '*' (_, 2)])
"""
from __future__ import annotations

import gast

from .errors import Diagnostic, UnsupportedError
from .program import Branch, Form, Item, Lit, Stage, Value
from .scoping import free_names

BINARY = {gast.Add: "+", gast.Sub: "-", gast.Mult: "*", gast.Div: "/", gast.FloorDiv: "//",
          gast.Mod: "%", gast.Pow: "**", gast.MatMult: "@", gast.LShift: "<<", gast.RShift: ">>",
          gast.BitAnd: "&", gast.BitOr: "|", gast.BitXor: "^"}
UNARY = {gast.USub: "-", gast.UAdd: "+", gast.Not: "not", gast.Invert: "~"}
COMPARE = {gast.Lt: "<", gast.LtE: "<=", gast.Gt: ">", gast.GtE: ">=", gast.Eq: "==",
           gast.NotEq: "!=", gast.Is: "is", gast.IsNot: "is not", gast.In: "in", gast.NotIn: "not in"}
NEVER_REAL = {gast.JoinedStr: "", gast.Lambda: "lambda", gast.ListComp: "list comprehension",
              gast.SetComp: "set comprehension", gast.DictComp: "dict comprehension",
              gast.GeneratorExp: "generator expression", gast.Set: "set"}


class Expressions:
    """Appends stages to `block`; `names` says which value each name stands for now."""

    def __init__(self, place):
        self.place, self.names, self.block, self.statement = place, {}, [], None
        self.unsure = set()     # values of names that only one side of a branch assigns

    def _append(self, form, operands, node=None, name=None):
        value = Value(name)
        place = self.place(node) if node is not None else self.statement.place
        self.block.append(Stage((value,), form, tuple(operands), self.statement, place))
        return value

    def expression(self, node):
        """The operand that holds an expression's value."""
        handler = getattr(self, "_" + type(node).__name__, None)
        if handler is None:
            return self._copied(node)
        return handler(node)

    def _Constant(self, node):
        return Lit(node.value)

    def _Name(self, node):
        return self.read(node.id, node) if node.id in self.names else self._append(Form("read", node.id), (), node)

    def read(self, name, node):
        """The value that a local name stands for."""
        if self.names[name] in self.unsure:
            raise UnsupportedError([Diagnostic(
                self.place(node), f"name '{name}'", "it has a value on one side of an 'if' only",
                "Give it a value before the 'if'.")])
        return self.names[name]

    def _BinOp(self, node):
        operands = self.expression(node.left), self.expression(node.right)
        return self._append(Form("binary", BINARY[type(node.op)]), operands, node)

    def _UnaryOp(self, node):
        operand = self.expression(node.operand)
        if isinstance(operand, Lit) and type(operand.value) in (int, float) and isinstance(node.op, gast.USub):
            return Lit(-operand.value)
        return self._append(Form("unary", UNARY[type(node.op)]), (operand,), node)

    def _Compare(self, node):
        if len(node.ops) > 1 or isinstance(node.ops[0], (gast.Is, gast.IsNot, gast.In, gast.NotIn)):
            return self._copied(node, "truth")
        operands = self.expression(node.left), self.expression(node.comparators[0])
        return self._append(Form("compare", COMPARE[type(node.ops[0])]), operands, node)

    def _BoolOp(self, node):
        decided = all(isinstance(v, (gast.Compare, gast.BoolOp)) or isinstance(v, gast.UnaryOp)
                      and isinstance(v.op, gast.Not) for v in node.values)
        word = "'and'" if isinstance(node.op, gast.And) else "'or'"
        return self._copied(node, "truth" if decided else word)

    def _Attribute(self, node):
        path = self._path(node)
        if path:
            return self._append(Form("read", path), (), node)
        return self._append(Form("attr", node.attr), (self.expression(node.value),), node)

    def _path(self, node):
        """`np.linalg.norm` as text, if it starts at a name from outside the function."""
        steps = []
        while isinstance(node, gast.Attribute):
            steps.append(node.attr)
            node = node.value
        if isinstance(node, gast.Name) and node.id not in self.names:
            return ".".join([node.id, *reversed(steps)])
        return None

    def _Call(self, node):
        arguments = [self.expression(a) for a in node.args]
        keywords = tuple(k.arg for k in node.keywords)
        path = self._path(node.func)
        if path:
            arguments += [self.expression(k.value) for k in node.keywords]
            return self._append(Form("call", path, keywords), arguments, node)
        if isinstance(node.func, gast.Attribute):
            receiver = self.expression(node.func.value)
            arguments += [self.expression(k.value) for k in node.keywords]
            return self._append(Form("method", node.func.attr, keywords), [receiver, *arguments], node)
        return self._copied(node)

    def _Subscript(self, node):
        holes = [self.expression(node.value)]
        form, spec = self.subscript(node.slice, holes)
        return self._append(Form("index", form, spec=spec), holes, node)

    def subscript(self, node, holes):
        """('tuple' or '', the items) of a subscript; the operands of its holes go behind `holes`."""
        items = []

        def hole(part):
            holes.append(self.expression(part))
            return len(holes) - 1

        for part in node.elts if isinstance(node, gast.Tuple) else [node]:
            if isinstance(part, gast.Constant) and part.value is None or \
                    isinstance(part, gast.Attribute) and part.attr == "newaxis":
                items.append(Item("new"))
            elif isinstance(part, gast.Constant) and part.value is Ellipsis:
                items.append(Item("dots"))
            elif isinstance(part, gast.Slice):
                ends = (part.lower, part.upper, part.step)
                items.append(Item("slice", tuple(None if e is None else hole(e) for e in ends)))
            else:
                items.append(Item("at", (hole(part),)))
        return "tuple" if isinstance(node, gast.Tuple) else "", tuple(items)

    def _Tuple(self, node):
        return self._display("tuple", node)

    def _List(self, node):
        return self._display("list", node)

    def _display(self, kind, node):
        """A tuple or list; where `*` lays out others in it, `spec` says which operands those are."""
        starred = tuple(isinstance(e, gast.Starred) for e in node.elts)
        operands = [self.expression(e.value if isinstance(e, gast.Starred) else e) for e in node.elts]
        return self._append(Form(kind, "*" if any(starred) else "", spec=starred if any(starred) else None),
                            operands, node)

    def _Dict(self, node):
        if all(isinstance(k, gast.Constant) for k in node.keys):
            keys = tuple(k.value for k in node.keys)
            return self._append(Form("dict", keywords=keys), [self.expression(v) for v in node.values], node)
        return self._copied(node, "dict")

    def _IfExp(self, node):
        condition = self.expression(node.test)
        outer = self.block
        blocks, values = [], []
        for part in (node.body, node.orelse):
            self.block = []
            values.append(self.expression(part))
            blocks.append(tuple(self.block))
        self.block = outer
        target = Value()
        self.block.append(Branch(condition, *blocks, ((target, *values),), self.statement, self.place(node)))
        return target

    def _copied(self, node, what=None):
        """Keep an expression as it stands; `what` names it where a derivative may pass."""
        if what is None:
            what = NEVER_REAL.get(type(node), type(node).__name__)
        names = self._locals(node)
        return self._append(Form("copied", what, names, node), [self.read(name, node) for name in names], node)

    def _locals(self, node):
        return tuple(dict.fromkeys(n.id for n in free_names(node) if n.id in self.names))
