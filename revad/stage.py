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

from .expressions import BINARY, Expressions
from .program import Branch, Form, Lit, Program, Stage, Statement, Value

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


class _Stager(Expressions):
    """Walks statements in order."""

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
        if isinstance(target, gast.Subscript):
            self._store(target, "", operand)
            return operand
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
        operator = BINARY[type(node.op)]
        if isinstance(node.target, gast.Subscript):
            if operator in "+-":
                return self._store(node.target, operator, self.expression(node.value))
            old = self.expression(node.target)
            new = self._append(Form("binary", operator), (old, self.expression(node.value)))
            return self._store(node.target, "", new)
        left = self.expression(node.target)
        right = self.expression(node.value)
        name = node.target.id
        self.names[name] = self._append(Form("augment", operator), (left, right), name=name)
        return None

    def _store(self, target, operator, value):
        """`x[i] = v` and `x[i] += v`: a new value of the name x."""
        holes = [self.read(target.value.id, target.value), value]
        form, spec = self.subscript(target.slice, holes)
        self._stored(target.value.id, Form("store", operator, (form,), spec), holes)

    def _stored(self, name, form, operands):
        self.names[name] = self._append(form, operands, name=name)

    def _Expr(self, node):
        if isinstance(node.value, gast.Constant):
            return
        call = node.value
        path = self._path(call.func) if isinstance(call, gast.Call) else None
        if path and path.endswith((".add.at", ".subtract.at")) and len(call.args) == 3 and not call.keywords \
                and isinstance(call.args[0], gast.Name) and call.args[0].id in self.names:
            base, index, value = call.args
            holes = [self.read(base.id, base), self.expression(value)]
            form, spec = self.subscript(index, holes)
            sign = "+" if path.endswith(".add.at") else "-"
            self._stored(base.id, Form("store", "at" + sign, (form, path), spec), holes)
            return
        self._effect(node)

    def _If(self, node):
        """Both sides from the same names; a name that either gives a value has that of the side taken."""
        statement, place = self.statement, self.statement.place
        condition = self.expression(node.test)
        outer, before = self.block, self.names
        blocks, after = [], []
        for statements in (node.body, node.orelse):
            self.block, self.names = [], dict(before)
            for inner in statements:
                self.statement = Statement(self.place(inner), inner)
                getattr(self, "_" + type(inner).__name__)(inner)
            blocks.append(tuple(self.block))
            after.append(self.names)
        self.block, self.names, self.statement = outer, before, statement
        results = []
        for name in dict.fromkeys([*after[0], *after[1]]):
            ends = [names.get(name) for names in after]
            if ends[0] is ends[1]:
                continue
            target = Value(name)
            self.names[name] = target
            results.append((target, *(Lit(None) if end is None else end for end in ends)))
            if None in ends:
                self.unsure.add(target)
        self.block.append(Branch(condition, *blocks, tuple(results), statement, place))

    def _Assert(self, node):
        self._effect(node)

    def _Pass(self, node):
        pass

    def _effect(self, node):
        names = self._locals(node)
        operands = tuple(self.read(name, node) for name in names)
        self.block.append(Stage((), Form("effect", "", names, node), operands, self.statement, self.place(node)))
