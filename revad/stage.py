"""Stage: the syntax tree of a function becomes a Program, one operation per stage.

Nested expressions come apart, each name refers to the value it was last given, and what
the compiler does not look into (f-strings, comprehensions) is kept as it stands.

>>> import gast
>>> tree = gast.parse("def f(x, y):\\n    x = x + y\\n    return x * y").body[0]
>>> program = stage_tree(tree, "f")
>>> program.block
(x = binary '+' (x, y), _ = binary '*' (x, y))
"""
from __future__ import annotations

import gast

from .program import Branch, Form, Item, Lit, Program, Stage, Statement, Value

BINARY = {gast.Add: "+", gast.Sub: "-", gast.Mult: "*", gast.Div: "/", gast.FloorDiv: "//",
          gast.Mod: "%", gast.Pow: "**", gast.MatMult: "@", gast.LShift: "<<", gast.RShift: ">>",
          gast.BitAnd: "&", gast.BitOr: "|", gast.BitXor: "^"}
UNARY = {gast.USub: "-", gast.UAdd: "+", gast.Not: "not", gast.Invert: "~"}
COMPARE = {gast.Lt: "<", gast.LtE: "<=", gast.Gt: ">", gast.GtE: ">=", gast.Eq: "==",
           gast.NotEq: "!=", gast.Is: "is", gast.IsNot: "is not", gast.In: "in", gast.NotIn: "not in"}
NEVER_REAL = {gast.JoinedStr: "", gast.Lambda: "lambda", gast.ListComp: "list comprehension",
              gast.SetComp: "set comprehension", gast.DictComp: "dict comprehension",
              gast.GeneratorExp: "generator expression", gast.Set: "set"}


def stage(source) -> Program:
    """The Program of a function's source."""
    return stage_tree(source.tree, source.name, source)


def stage_tree(tree, name, source=None) -> Program:
    stager = _Stager(source.place if source else lambda node: None)
    arguments = tree.args
    parameters = []
    for node in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        parameters.append(Value(node.id))
        stager.names[node.id] = parameters[-1]
    result = stager.body(tree.body)
    return Program(name, tuple(parameters), tuple(stager.block), result, source)


class _Stager:
    """Walks statements in order; `names` says which value each name stands for now."""

    def __init__(self, place):
        self.place, self.names, self.block, self.statement = place, {}, [], None

    # ---- statements ----

    def body(self, statements):
        for node in statements:
            self.statement = Statement(self.place(node), node)
            if isinstance(node, gast.Return):
                return self.expression(node.value)
            getattr(self, "_" + type(node).__name__)(node)
        return Lit(None)

    def _Assign(self, node):
        self._assign(node.targets, node.value)

    def _AnnAssign(self, node):
        if node.value is not None:
            self._assign([node.target], node.value)

    def _assign(self, targets, value):
        parts = self._elementwise(targets, value)
        if parts is not None:
            values = [self.expression(part) for part in parts]
            fresh = [self._own(name.id, v) for name, v in zip(targets[0].elts, values)]
            for name, v in zip(targets[0].elts, fresh):
                self.names[name.id] = v
            return
        operand = self.expression(value)
        for target in targets:
            operand = self._bind(target, operand)

    def _elementwise(self, targets, value):
        """The parts of `a, b = c, d`, where the tuple itself is not needed."""
        if len(targets) == 1 and isinstance(targets[0], (gast.Tuple, gast.List)) \
                and isinstance(value, (gast.Tuple, gast.List)) \
                and len(targets[0].elts) == len(value.elts) \
                and all(isinstance(t, gast.Name) for t in targets[0].elts):
            return value.elts
        return None

    def _own(self, name, operand):
        """Give a value the user's name: its own stage takes it, or an alias is added."""
        last = self.block[-1] if self.block else None
        if isinstance(operand, Value) and operand.name is None and last is not None \
                and operand in last.targets and last.statement is self.statement:
            operand.name = name
            return operand
        return self._append(Form("alias"), (operand,), name=name)

    def _bind(self, target, operand):
        if isinstance(target, gast.Name):
            value = self._own(target.id, operand)
            self.names[target.id] = value
            return value
        nested = []
        parts = []
        for part in target.elts:
            if isinstance(part, gast.Name):
                parts.append(Value(part.id))
            else:
                parts.append(Value())
                nested.append((part, parts[-1]))
        self.block.append(Stage(tuple(parts), Form("unpack"), (operand,), self.statement, self.statement.place))
        for part, value in zip(target.elts, parts):
            if isinstance(part, gast.Name):
                self.names[part.id] = value
        for part, value in nested:
            self._bind(part, value)
        return operand

    def _AugAssign(self, node):
        left = self.expression(node.target)
        right = self.expression(node.value)
        name = node.target.id
        self.names[name] = self._append(Form("augment", BINARY[type(node.op)]), (left, right), name=name)

    def _Expr(self, node):
        if isinstance(node.value, gast.Constant):
            return
        self._effect(node)

    def _Assert(self, node):
        self._effect(node)

    def _Pass(self, node):
        pass

    def _effect(self, node):
        names = self._locals(node)
        operands = tuple(self.names[name] for name in names)
        self.block.append(Stage((), Form("effect", "", names, node), operands, self.statement, self.place(node)))

    # ---- expressions ----

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
        if node.id in self.names:
            return self.names[node.id]
        return self._append(Form("read", node.id), (), node)

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
        base = self.expression(node.value)
        items, holes = [], [base]

        def hole(part):
            holes.append(self.expression(part))
            return len(holes) - 1

        parts = node.slice.elts if isinstance(node.slice, gast.Tuple) else [node.slice]
        for part in parts:
            if isinstance(part, gast.Constant) and part.value is None:
                items.append(Item("new"))
            elif isinstance(part, gast.Constant) and part.value is Ellipsis:
                items.append(Item("dots"))
            elif isinstance(part, gast.Slice):
                ends = (part.lower, part.upper, part.step)
                items.append(Item("slice", tuple(None if e is None else hole(e) for e in ends)))
            else:
                items.append(Item("at", (hole(part),)))
        single = not isinstance(node.slice, gast.Tuple)
        return self._append(Form("index", "" if single else "tuple", spec=tuple(items)), holes, node)

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
        return self._append(Form("copied", what, names, node), [self.names[name] for name in names], node)

    def _locals(self, node):
        bound = {n.id for n in gast.walk(node) if isinstance(n, gast.Name) and not isinstance(n.ctx, gast.Load)}
        found = {n.id: None for n in gast.walk(node) if isinstance(n, gast.Name) and n.id in self.names}
        return tuple(name for name in found if name not in bound)
