"""Lower: the syntax tree of a function becomes a Program, one operation per stage.

Nested expressions come apart; each local name is one variable, which stages read and assign;
what the compiler does not look into (f-strings) is kept as it stands.

>>> import gast
>>> tree = gast.parse("def f(x, y):\\n    x = x + y\\n    return x * y").body[0]
>>> program = lower_tree(tree, "f")
>>> program.block
(x = binary '+' (x, y), _ = binary '*' (x, y), return (_))
"""
from __future__ import annotations

import gast

from ..errors import Tried
from ..ir.free_names import SCOPES, imported_by, own_nodes
from ..ir.nodes import Branch, Form, Lit, Program, Stage, Statement, Trial, Value
from ..ir.untyped import Act, Each, While
from .imports import there
from .lower_expressions import BINARY, ExpressionLowering


def lower(source) -> Program:
    """The Program of a function's source."""
    return lower_tree(source.tree, source.name, source)


def lower_tree(tree, name, source=None, around=None) -> Program:
    """`around`: the variables of the functions around it, by name."""
    stager = StatementLowering(source)
    stager.names.update(around or {})
    stager.shared = frozenset(name for inner in gast.walk(tree) if isinstance(inner, gast.Nonlocal) for name in inner.names)
    arguments = tree.args
    parameters = {node.id: Value(node.id) for node in [*arguments.posonlyargs, *arguments.args, arguments.vararg,
                                                       *arguments.kwonlyargs, arguments.kwarg] if node is not None}
    stager.names.update(parameters)
    if isinstance(tree, gast.Lambda):
        stager.statement, stager.rebound = Statement(stager.place(tree), tree, source), rebound_by(tree)
        stager.block.append(Stage((), Form("return"), (stager.expression(tree.body),), stager.statement))
        return Program(name, tuple(parameters.values()), tuple(stager.block), None, source, tree)
    package, imports = source.package if source else None, {}
    for node in own_nodes(tree):
        if isinstance(node, (gast.Import, gast.ImportFrom)):        # of two, the first that can be had
            imports.update((name, (*wanted, package)) for name, wanted in imported_by(node).items()
                           if name not in imports or not there(_path_of(*imports[name]), package))
    assigned = assigned_names(tree)
    imports = {name: wanted for name, wanted in imports.items() if name not in assigned or there(_path_of(*wanted), package)}
    for bound in assigned:
        if bound not in imports and bound not in parameters:
            stager.names[bound] = Value(bound)
    for bound in imports:
        stager.names.pop(bound, None)
    stager.statements(tree.body)
    return Program(name, tuple(parameters.values()), tuple(stager.block), None, source, tree, imports)


def rebound_by(statement):
    """The names that `:=` in an expression of a statement gives another value; not in the statements that stand inside of it."""
    heads = [child for child in gast.iter_child_nodes(statement) if not isinstance(child, (gast.stmt, gast.ExceptHandler))]
    return frozenset(node.target.id for head in heads for node in gast.walk(head) if isinstance(node, gast.NamedExpr))


def assigned_names(tree):
    """The names that a function assigns, those declared global aside, in the order of the text."""
    found, outside = {}, set()
    for node in own_nodes(tree):
        if isinstance(node, (gast.Global, gast.Nonlocal)):
            outside.update(node.names)
        elif isinstance(node, (gast.FunctionDef, gast.ClassDef)):
            found[node.name] = None
        elif isinstance(node, gast.Name) and isinstance(node.ctx, gast.Store):
            found[node.id] = None
        elif type(node).__name__ in SCOPES:
            found.update((n.target.id, None) for n in gast.walk(node) if isinstance(n, gast.NamedExpr))
    return [name for name in found if name not in outside]


def _path_of(module, attribute, package=None):
    """The path of what an import gives, of which a module begins with dots for each package around it."""
    return module if attribute is None else f"{module}{'' if module.endswith('.') else '.'}{attribute}"


class StatementLowering(ExpressionLowering):
    """Walks statements in order."""

    def __init__(self, source):
        super().__init__(source.place if source else lambda node: None)
        self.source = source

    def statements(self, nodes):
        outer = self.statement, self.rebound
        for node in nodes:
            self.statement, self.rebound = Statement(self.place(node), node, self.source), rebound_by(node)
            getattr(self, "_" + type(node).__name__)(node)
        self.statement, self.rebound = outer

    def within(self, nodes):
        """The stages of a block."""
        return self.inside(lambda: self.statements(nodes))[1]

    def _do(self, kind, *operands, name="", node=None):
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
            self._do("setattr", self.expression(target.value), operand, name=target.attr, node=target)
            return operand
        if isinstance(target, gast.Name):
            variable, last = self.names[target.id], self.block[-1] if self.block else None
            if isinstance(last, Stage) and isinstance(operand, Value) and operand.name is None \
                    and last.targets == (operand,) and last.statement is self.statement:
                self.block[-1] = Stage((variable,), last.form, last.operands, last.statement, last.place)
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
            old = self._append(Form("attr", target.attr), (base,), target)
            new = self._append(Form("augment", operator), (old, self.expression(node.value)), node)
            self._do("setattr", base, new, name=target.attr, node=target)
            return
        variable, old = self.names[target.id], self.expression(target)
        self._append(Form("augment", operator), (old, self.expression(node.value)), None, variable)

    def _store(self, target, operator, value):
        """`x[i] = v` and `x[i] += v`: a new value of the variable x."""
        holes = [self.expression(target.value), value]
        form, spec = self.subscript(target.slice, holes)
        self._stored(Form("store", operator, (form,), spec), holes, target)

    def _stored(self, form, operands, node):
        named = isinstance(operands[0], Value) and operands[0].name
        self._append(form, operands, None if named else node, operands[0] if named else Value())

    # ---- statements

    def _Return(self, node):
        self._do("return", Lit(None) if node.value is None else self.expression(node.value))

    def _Break(self, node):
        self._do("break")

    def _Continue(self, node):
        self._do("continue")

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
            self._do("yield", self.expression(call.value))
            return
        if any(isinstance(part, gast.NamedExpr) for part in gast.walk(call)):
            self.expression(call)
            return
        self.block.append(self._effect(node))

    def _Assert(self, node):
        self.block.append(self._effect(node))

    def _Raise(self, node):
        self.block.append(self._effect(node))
        self._do("raise")

    def _effect(self, node):
        names, _, operands = self._syntax(node)
        return Stage((), Form("effect", "", names, node), tuple(operands), self.statement, self.place(node))

    def _Pass(self, node):
        pass

    _Global = _Nonlocal = _Pass

    def _Delete(self, node):
        for target in node.targets:
            if isinstance(target, gast.Name):
                self._do("delete", self.names[target.id], name=target.id)
            elif isinstance(target, gast.Attribute):
                self._do("delete", self.expression(target.value), name=".")
            else:
                self._do("delete", self.expression(target.value), self.expression(target.slice), name="item")

    def _FunctionDef(self, node):
        self.define(node, node.name, self.names[node.name])

    def _If(self, node):
        condition = self.expression(node.test)
        self.block.append(Branch(condition, self.within(node.body), self.within(node.orelse), (), self.statement,
                                 self.statement.place))

    def _For(self, node):
        iterable, item = self.expression(node.iter), Value(node.target.id if isinstance(node.target, gast.Name) else None)
        if isinstance(node.target, gast.Name):
            item = self.names[node.target.id]
        bound = self.inside(lambda: None if item.name else self.bind(node.target, item))[1]
        self.block.append(Each(item, iterable, bound + self.within(node.body), self.within(node.orelse),
                               self.statement, self.statement.place))

    def _While(self, node):
        condition, test = self.inside(lambda: self.expression(node.test))
        if any(isinstance(inner, gast.NamedExpr) for inner in gast.walk(node.test)):
            leave = Stage((), Form("break"), (), self.statement, self.statement.place)
            ends = Branch(condition, (), (leave,), (), self.statement, self.statement.place)
            self.block.append(While((), Lit(True), (*test, ends, *self.within(node.body)), self.within(node.orelse),
                                    self.statement, self.statement.place))
            return
        self.block.append(While(test, condition, self.within(node.body), self.within(node.orelse),
                                self.statement, self.statement.place))

    def _With(self, node):
        """The check lets pass only what changes warnings."""
        self.statements(node.body)

    def _Try(self, node):
        """The body, where a handler would only raise; else a branch that the walk decides."""
        if all(isinstance(handler.body[-1], gast.Raise) for handler in node.handlers):
            return self.statements([*node.body, *node.orelse, *node.finalbody])
        place = self.place
        self.place = lambda inner: Tried(**vars(place(inner)))
        body = self.within([*node.body, *node.orelse])
        self.place = place
        names = dict(self.names)
        for handler in node.handlers:       # what it gives a name that an import gives else
            self.names.update((name, Value(name)) for name in assigned_names(handler) if name not in self.names)
        handlers = [(self._caught(handler.type), self.within(handler.body)) for handler in node.handlers]
        self.names = names
        self.block.append(Branch(Trial(tuple(handlers)), body, tuple(s for _, block in handlers for s in block), (),
                                 self.statement, self.statement.place))
        self.statements(node.finalbody)

    def _caught(self, node):
        """The paths of the exceptions that a handler catches; None for all."""
        if node is None:
            return None
        return [self._path(part) for part in (node.elts if isinstance(node, gast.Tuple) else [node])]

    def _Import(self, node):
        """It may raise; all of `import a.b.c` is imported, though its name is that of a."""
        for alias in node.names:
            self._do("import", name=alias.name if isinstance(node, gast.Import) else _path_of(*imported_by(node)[alias.asname or alias.name]))

    _ImportFrom = _Import
