"""Lower: the syntax tree of a function becomes a Program, one operation per stage.

Nested expressions become one stage per operation; each local name is one variable, which stages read and
assign; syntax without an operation of its own (f-strings) is kept as it stands.

>>> import gast
>>> tree = gast.parse("def f(x, y):\\n    x = x + y\\n    return x * y").body[0]
>>> program = lower_tree(tree, "f")
>>> program.block
(x = binary '+' (x, y), _ = binary '*' (x, y), return (_))
"""
from __future__ import annotations

import gast

from ..errors import Tried
from ..ir.free_names import SCOPES, all_nodes, imported_by, own_nodes
from ..ir.nodes import Branch, Form, Lit, Program, Stage, Statement, TryCondition, Value
from ..ir.untyped import Act, Each, While
from .imports import exists
from .lower_expressions import BINARY, ExpressionLowering


def lower(source) -> Program:
    """The Program of a function's source."""
    return lower_tree(source.tree, source.name, source)


def lower_tree(tree, name, source=None, outer_names=None) -> Program:
    """The Program of a tree; `outer_names`: {name: variable} of the functions around it."""
    lowering = StatementLowering(source)
    lowering.names.update(outer_names or {})
    nodes = list(all_nodes(tree))
    lowering.shared = frozenset(name for inner in nodes if isinstance(inner, gast.Nonlocal)
                                for name in inner.names)
    lowering.rebinds = any(isinstance(inner, gast.NamedExpr) for inner in nodes)
    arguments = tree.args
    parameters = {
        node.id: Value(node.id) for node in [*arguments.posonlyargs, *arguments.args, arguments.vararg,
                                             *arguments.kwonlyargs, arguments.kwarg]
        if node is not None}
    lowering.names.update(parameters)
    if isinstance(tree, gast.Lambda):
        lowering.statement, lowering.rebound = Statement(lowering.place(tree), tree, source), rebound_by(tree)
        lowering.block.append(
            Stage((), Form("return"), (lowering.expression(tree.body),), lowering.statement))
        return Program(name, tuple(parameters.values()), tuple(lowering.block), None, source, tree)
    package, imports = source.package if source else None, {}
    for node in own_nodes(tree):
        if isinstance(node, (gast.Import, gast.ImportFrom)):        # of two, the first that can be resolved
            imports.update((name, (*path, package)) for name, path in imported_by(node).items()
                           if name not in imports or not exists(_path_of(*imports[name]), package))
    assigned = assigned_names(tree)
    imports = {name: path for name, path in imports.items()
               if name not in assigned or exists(_path_of(*path), package)}
    for name_bound in assigned:
        if name_bound not in imports and name_bound not in parameters:
            lowering.names[name_bound] = Value(name_bound)
    for name_bound in imports:
        lowering.names.pop(name_bound, None)
    lowering.statements(tree.body)
    return Program(name, tuple(parameters.values()), tuple(lowering.block), None, source, tree, imports)


def rebound_by(statement):
    """The names that `:=` rebinds in the expressions of a statement, those of inner statements aside."""
    expressions = [child for child in gast.iter_child_nodes(statement)
                   if not isinstance(child, (gast.stmt, gast.ExceptHandler))]
    return frozenset(node.target.id for expression in expressions for node in all_nodes(expression)
                     if isinstance(node, gast.NamedExpr))


def assigned_names(tree):
    """The names that a function assigns, those declared global aside, in the order of the text."""
    assigned, declared = {}, set()
    for node in own_nodes(tree):
        if isinstance(node, (gast.Global, gast.Nonlocal)):
            declared.update(node.names)
        elif isinstance(node, (gast.FunctionDef, gast.ClassDef)):
            assigned[node.name] = None
        elif isinstance(node, gast.Name) and isinstance(node.ctx, gast.Store):
            assigned[node.id] = None
        elif type(node).__name__ in SCOPES:
            assigned.update((n.target.id, None) for n in gast.walk(node) if isinstance(n, gast.NamedExpr))
    return [name for name in assigned if name not in declared]


def _path_of(module, attribute, package=None):
    """The dotted path of what an import binds; a relative module begins with dots."""
    return module if attribute is None else f"{module}{'' if module.endswith('.') else '.'}{attribute}"


class StatementLowering(ExpressionLowering):
    """Lowers statements in order."""

    def __init__(self, source):
        super().__init__(source.place if source else lambda node: None)
        self.source, self.rebinds = source, True

    def statements(self, nodes):
        outer = self.statement, self.rebound
        for node in nodes:
            self.statement, self.rebound = Statement(self.place(node), node, self.source), rebound_by(
                node) if self.rebinds else frozenset()
            getattr(self, "_" + type(node).__name__)(node)
        self.statement, self.rebound = outer

    def block_of(self, nodes):
        """The stages of a block."""
        return self.inside(lambda: self.statements(nodes))[1]

    def _append_statement(self, kind, *operands, name="", node=None):
        self.block.append(Stage((), Form(kind, name), operands, self.statement,
                                self.place(node or self.statement.node)))

    # ---- assignments

    def _Assign(self, node):
        self._assign(node.targets, node.value)

    def _AnnAssign(self, node):
        if node.value is not None:
            self._assign([node.target], node.value)

    def _assign(self, targets, value):
        parts = self._elementwise(targets, value)
        if parts is not None:
            names = [target.id for target in targets[0].elts]
            values = [self.expression(part) for part in parts]
            values = [self._append(Form("alias"), (v,)) if v in [self.names[n] for n in names[:i]] else v
                      for i, v in enumerate(values)]
            for target, operand in zip(targets[0].elts, values):
                self.bind(target, operand)
            return
        operand = self.expression(value)
        for target in targets:
            operand = self.bind(target, operand)

    def _elementwise(self, targets, value):
        """The parts of `a, b = c, d`, where the tuple itself is not needed."""
        if len(targets) == 1 and isinstance(targets[0], (gast.Tuple, gast.List)) \
                and isinstance(value, (gast.Tuple, gast.List)) \
                and len(targets[0].elts) == len(value.elts) \
                and all(isinstance(t, gast.Name) for t in targets[0].elts) \
                and not any(isinstance(e, gast.Starred) for e in value.elts):
            return value.elts
        return None

    def bind(self, target, operand):
        if isinstance(target, gast.Subscript):
            self._store(target, "", operand)
            return operand
        if isinstance(target, gast.Attribute):
            self._append_statement("setattr", self.expression(target.value), operand,
                                   name=target.attr, node=target)
            return operand
        if isinstance(target, gast.Name):
            variable, last_stage = self.names[target.id], self.block[-1] if self.block else None
            if isinstance(last_stage, Stage) and isinstance(operand, Value) and operand.name is None \
                    and last_stage.targets == (operand,) and last_stage.statement is self.statement:
                self.block[-1] = Stage((variable,), last_stage.form, last_stage.operands,
                                       last_stage.statement, last_stage.place)
                return variable
        return super().bind(target, operand)

    def _AugAssign(self, node):
        operator = BINARY[type(node.op)]
        target = node.target
        if isinstance(target, gast.Subscript):
            holes = [self.expression(target.value), None]
            form, spec = self.subscript(target.slice, holes)
            holes[1] = self.expression(node.value)
            self._stored(Form("store", operator, (form,), spec), holes, target)
            return
        if isinstance(target, gast.Attribute):
            base = self.expression(target.value)
            value_before = self._append(Form("attr", target.attr), (base,), target)
            result = self._append(
                Form("augment", operator), (value_before, self.expression(node.value)), node)
            self._append_statement("setattr", base, result, name=target.attr, node=target)
            return
        variable, value_before = self.names[target.id], self.expression(target)
        self._append(Form("augment", operator), (value_before, self.expression(node.value)), None, variable)

    def _store(self, target, operator, value):
        """`x[i] = v` and `x[i] += v`: a new value of the variable x."""
        holes = [self.expression(target.value), value]
        form, spec = self.subscript(target.slice, holes)
        self._stored(Form("store", operator, (form,), spec), holes, target)

    def _stored(self, form, operands, node):
        is_named = isinstance(operands[0], Value) and operands[0].name
        self._append(form, operands, None if is_named else node, operands[0] if is_named else Value())

    # ---- statements

    def _Return(self, node):
        self._append_statement("return", Lit(None) if node.value is None else self.expression(node.value))

    def _Break(self, node):
        self._append_statement("break")

    def _Continue(self, node):
        self._append_statement("continue")

    def _Expr(self, node):
        if isinstance(node.value, gast.Constant):
            return
        call = node.value
        path = self._path(call.func) if isinstance(call, gast.Call) else None
        if path and path.endswith((".add.at", ".subtract.at")) and len(call.args) == 3 and not call.keywords:
            base, index, value = call.args
            holes = [self.expression(base), self.expression(value)]
            form, spec = self.subscript(index, holes)
            sign = "+" if path.endswith(".add.at") else "-"
            self._stored(Form("store", "at" + sign, (form, path), spec), holes, node)
            return
        if isinstance(call, gast.Call):
            block = self.inside(lambda: self.expression(call))[1]
            self.block.append(Act(self._effect(node), block, self.statement, self.statement.place))
            return
        if isinstance(call, gast.Yield):
            self._append_statement("yield", self.expression(call.value))
            return
        if any(isinstance(part, gast.NamedExpr) for part in gast.walk(call)):
            self.expression(call)
            return
        self.block.append(self._effect(node))

    def _Assert(self, node):
        self.block.append(self._effect(node))

    def _Raise(self, node):
        self.block.append(self._effect(node))
        self._append_statement("raise")

    def _effect(self, node):
        names, _, operands = self._syntax(node)
        return Stage((), Form("effect", "", names, node), tuple(operands), self.statement, self.place(node))

    def _Pass(self, node):
        pass

    _Global = _Nonlocal = _Pass

    def _Delete(self, node):
        for target in node.targets:
            if isinstance(target, gast.Name):
                self._append_statement("delete", self.names[target.id], name=target.id)
            elif isinstance(target, gast.Attribute):
                self._append_statement("delete", self.expression(target.value), name=".")
            else:
                self._append_statement("delete", self.expression(target.value),
                                       self.expression(target.slice), name="item")

    def _FunctionDef(self, node):
        self.define(node, node.name, self.names[node.name])

    def _If(self, node):
        condition = self.expression(node.test)
        self.block.append(
            Branch(condition, self.block_of(node.body), self.block_of(node.orelse), (), self.statement,
                   self.statement.place))

    def _For(self, node):
        iterable = self.expression(node.iter)
        item = Value(node.target.id if isinstance(node.target, gast.Name) else None)
        if isinstance(node.target, gast.Name):
            item = self.names[node.target.id]
        bound = self.inside(lambda: None if item.name else self.bind(node.target, item))[1]
        self.block.append(Each(item, iterable, bound + self.block_of(node.body), self.block_of(node.orelse),
                               self.statement, self.statement.place))

    def _While(self, node):
        condition, test = self.inside(lambda: self.expression(node.test))
        if any(isinstance(inner, gast.NamedExpr) for inner in gast.walk(node.test)):
            leave = Stage((), Form("break"), (), self.statement, self.statement.place)
            ends = Branch(condition, (), (leave,), (), self.statement, self.statement.place)
            self.block.append(
                While((), Lit(True), (*test, ends, *self.block_of(node.body)), self.block_of(node.orelse),
                      self.statement, self.statement.place))
            return
        self.block.append(While(test, condition, self.block_of(node.body), self.block_of(node.orelse),
                                self.statement, self.statement.place))

    def _With(self, node):
        """The syntax check lets only context managers pass that change warnings."""
        self.statements(node.body)

    def _Try(self, node):
        """The body, where handlers would only raise; else a branch that the interpreter decides."""
        if all(isinstance(handler.body[-1], gast.Raise) for handler in node.handlers):
            return self.statements([*node.body, *node.orelse, *node.finalbody])
        place = self.place
        self.place = lambda inner: Tried(**vars(place(inner)))
        body = self.block_of([*node.body, *node.orelse])
        self.place = place
        names = dict(self.names)
        for handler in node.handlers:       # names that elsewhere an import binds
            self.names.update(
                (name, Value(name)) for name in assigned_names(handler) if name not in self.names)
        handlers = [(self._caught(handler.type), self.block_of(handler.body)) for handler in node.handlers]
        self.names = names
        handler_stages = tuple(s for _, block in handlers for s in block)
        self.block.append(Branch(TryCondition(tuple(handlers)), body, handler_stages, (),
                                 self.statement, self.statement.place))
        self.statements(node.finalbody)

    def _caught(self, node):
        """The paths of the exceptions that a handler catches; None for all."""
        if node is None:
            return None
        return [self._path(part) for part in (node.elts if isinstance(node, gast.Tuple) else [node])]

    def _Import(self, node):
        """A stage, since it may raise; `import a.b.c` imports all of the path, though it binds the name a."""
        for alias in node.names:
            path = (alias.name if isinstance(node, gast.Import)
                    else _path_of(*imported_by(node)[alias.asname or alias.name]))
            self._append_statement("import", name=path)

    _ImportFrom = _Import
