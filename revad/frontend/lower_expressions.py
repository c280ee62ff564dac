"""Lower expressions: a nested expression becomes stages, one operation each.

>>> lowering = ExpressionLowering(lambda node: None)
>>> lowering.names["x"] = Value("x")
>>> lowering.expression(gast.parse("-x * 2", mode="eval").body), lowering.block
(_, [_ = unary '-' (x), _ = binary '*' (_, 2)])
"""
from __future__ import annotations

import gast

from ..ir.free_names import free_names
from ..ir.nodes import Branch, Form, Item, Lit, Stage, Value
from ..ir.untyped import Collected, Each

BINARY = {gast.Add: "+", gast.Sub: "-", gast.Mult: "*", gast.Div: "/", gast.FloorDiv: "//",
          gast.Mod: "%", gast.Pow: "**", gast.MatMult: "@", gast.LShift: "<<", gast.RShift: ">>",
          gast.BitAnd: "&", gast.BitOr: "|", gast.BitXor: "^"}
UNARY = {gast.USub: "-", gast.UAdd: "+", gast.Not: "not", gast.Invert: "~"}
COMPARE = {gast.Lt: "<", gast.LtE: "<=", gast.Gt: ">", gast.GtE: ">=", gast.Eq: "==",
           gast.NotEq: "!=", gast.Is: "is", gast.IsNot: "is not", gast.In: "in", gast.NotIn: "not in"}
NEVER_REAL = {gast.SetComp: "set comprehension", gast.Set: "set"}
COLLECT = {gast.ListComp: "list", gast.GeneratorExp: "generator", gast.DictComp: "dict"}


class ExpressionLowering:
    """Appends stages to `block`; `names` maps each local name to its variable."""

    def __init__(self, place):
        self.place, self.names, self.block, self.statement = place, {}, [], None
        self.rebound = self.shared = frozenset()    # names rebound by the statement, or by an inner function

    def _append(self, form, operands, node=None, target=None):
        value = Value() if target is None else target
        place = self.place(node) if node is not None else self.statement.place
        self.block.append(Stage((value,), form, tuple(operands), self.statement, place))
        return value

    def inside(self, make):
        """What `make` returns, and the stages that it appends, as a separate block."""
        outer, self.block = self.block, []
        result = make()
        inner, self.block = tuple(self.block), outer
        return result, inner

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
            return self.read(node.id, node)
        return self._append(Form("read", node.id), (), node)

    def read(self, name, node):
        """The value of a name; an alias of it, where the statement or an inner function rebinds the name."""
        variable = self.names[name]
        if name in self.rebound or name in self.shared:
            return self._append(Form("alias"), (variable,), node)
        return variable

    def _NamedExpr(self, node):
        value = self.expression(node.value)
        self._append(Form("alias"), (value,), node, self.names[node.target.id])
        return self.read(node.target.id, node)

    def _BinOp(self, node):
        operands = self.expression(node.left), self.expression(node.right)
        return self._append(Form("binary", BINARY[type(node.op)]), operands, node)

    def _UnaryOp(self, node):
        operand = self.expression(node.operand)
        if isinstance(operand, Lit) and type(operand.value) in (int, float) \
                and isinstance(node.op, gast.USub):
            return Lit(-operand.value)
        return self._append(Form("unary", UNARY[type(node.op)]), (operand,), node)

    def _Compare(self, node):
        if len(node.ops) > 1:
            return self._chain(node)
        operands = self.expression(node.left), self.expression(node.comparators[0])
        return self._append(Form("compare", COMPARE[type(node.ops[0])]), operands, node)

    def _chain(self, node):
        """`a < b < c` is `a < b and b < c`, where that is known when compiling; else it is copied."""
        if any(isinstance(part, (gast.Call, gast.NamedExpr)) for part in gast.walk(node)):
            return self._copied(node, "truth")
        names, _, operands = self._syntax(node)
        ends = [node.left, *node.comparators]
        comparisons = [gast.copy_location(gast.Compare(left, [op], [right]), node)
                       for left, op, right in zip(ends, node.ops, ends[1:])]
        parts = tuple(self.inside(lambda comparison=comparison: self.expression(comparison))[::-1]
                      for comparison in comparisons)
        return self._append(Form("decide", "chain", Form("copied", "truth", names, node), parts),
                            operands, node)

    def _BoolOp(self, node):
        """`a and b` is `b if a else a`, where that is known when compiling; else it is copied."""
        decided = all(isinstance(v, (gast.Compare, gast.BoolOp)) or isinstance(v, gast.UnaryOp)
                      and isinstance(v.op, gast.Not) for v in node.values)
        word = "and" if isinstance(node.op, gast.And) else "or"
        copied = Form("copied", "truth" if decided else f"'{word}'", *self._syntax(node)[:2])
        parts = tuple(self.inside(lambda v=v: self.expression(v))[::-1] for v in node.values)
        operands = self._syntax(node)[2]
        return self._append(Form("decide", word, copied, parts), operands, node)

    def _JoinedStr(self, node):
        """Its parts are read in case they are settings; its syntax stands for it in case they are not."""
        values = [part.value for part in node.values if isinstance(part, gast.FormattedValue)]
        if any(isinstance(inner, gast.Call) for value in values for inner in gast.walk(value)) and not all(
                n.id in self.names for value in values for n in free_names(value)):
            return self._copied(node, "f-string")
        parts = [self.expression(value) for value in values]
        names, _, variables = self._syntax(node)
        copied = Form("copied", "f-string", names, node)
        return self._append(Form("text", "", copied, tuple(variables)), parts, node)

    def _Attribute(self, node):
        path = self._path(node)
        if path:
            return self._append(Form("read", path), (), node)
        return self._append(Form("attr", node.attr), (self.expression(node.value),), node)

    def _path(self, node):
        """`np.linalg.norm` as text, if it starts at a name from outside the function."""
        attributes = []
        while isinstance(node, gast.Attribute):
            attributes.append(node.attr)
            node = node.value
        if isinstance(node, gast.Name) and node.id not in self.names:
            return ".".join([node.id, *reversed(attributes)])
        return None

    def _Call(self, node):
        path = self._path(node.func)
        kind, name, operands = "call", path, []
        if not path and isinstance(node.func, gast.Attribute):
            kind, name, operands = "method", node.func.attr, [self.expression(node.func.value)]
        elif not path:
            kind, name, operands = "invoke", "", [self.expression(node.func)]
        marks = [""] * len(operands)
        for a in node.args:
            operands.append(self.expression(a.value if isinstance(a, gast.Starred) else a))
            marks.append("*" if isinstance(a, gast.Starred) else "")
        for k in node.keywords:
            operands.append(self.expression(k.value))
            marks.append("" if k.arg else "**")
        keywords = tuple(k.arg for k in node.keywords)
        return self._append(Form(kind, name, keywords, tuple(marks) if any(marks) else None), operands, node)

    def _Subscript(self, node):
        holes = [self.expression(node.value)]
        form, spec = self.subscript(node.slice, holes)
        return self._append(Form("index", form, spec=spec), holes, node)

    def subscript(self, node, holes):
        """('tuple' or '', the items) of a subscript; the operands of its holes are appended to `holes`."""
        items = []

        def hole(part):
            holes.append(self.expression(part))
            return len(holes) - 1

        if isinstance(node, gast.Tuple) and any(isinstance(part, gast.Starred) for part in node.elts):
            return "", (Item("at", (hole(node),)),)     # one item, which is a tuple
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
        if isinstance(node, gast.Tuple) and len(items) == 1:
            items[0] = items[0]._replace(inside=True)
        return "tuple" if isinstance(node, gast.Tuple) else "", tuple(items)

    def _Tuple(self, node):
        return self._display("tuple", node)

    def _List(self, node):
        return self._display("list", node)

    def _display(self, kind, node):
        """A tuple or list; `spec` says which operands are unpacked with `*`."""
        starred = tuple(isinstance(e, gast.Starred) for e in node.elts)
        operands = [self.expression(e.value if isinstance(e, gast.Starred) else e) for e in node.elts]
        return self._append(Form(kind, "*" if any(starred) else "", spec=starred if any(starred) else None),
                            operands, node)

    def _Dict(self, node):
        """A dict is made empty and filled, unless all its keys are constants."""
        if all(isinstance(k, gast.Constant) for k in node.keys):
            keys = tuple(k.value for k in node.keys)
            return self._append(Form("dict", keywords=keys), [self.expression(v) for v in node.values], node)
        result = self._append(Form("dict"), (), node, Value())
        for key, value in zip(node.keys, node.values):
            if key is None:
                self._append(Form("method", "update"), (result, self.expression(value)), node)
            else:
                self.put(result, self.expression(key), self.expression(value), node)
        return result

    def put(self, base, key, value, node=None):
        """`base[key] = value` of a variable."""
        self._append(Form("store", "", ("",), (Item("at", (2,)),)), (base, value, key), node, base)

    def _IfExp(self, node):
        condition, target = self.expression(node.test), Value()
        blocks = [self.inside(lambda part=part: self._append(
                      Form("alias"), (self.expression(part),), part, target))[1]
                  for part in (node.body, node.orelse)]
        self.block.append(Branch(condition, *blocks, (), self.statement, self.place(node)))
        return target

    def _Lambda(self, node):
        return self.define(node, "lambda")

    def define(self, node, name, target=None):
        """A function inside the function; its defaults are evaluated where it stands."""
        defaults = [self.expression(d) for d in [*node.args.defaults, *node.args.kw_defaults]
                    if d is not None]
        definition = node, dict(self.names), self.source
        return self._append(Form("define", name, self._syntax(node)[0], definition), defaults, node, target)

    def collect(self, node):
        """A comprehension as a loop that appends to a list, or fills a dict."""
        kind, outer = COLLECT[type(node)], dict(self.names)
        copied = self._syntax(node)
        result = Value()

        def innermost():
            if kind == "dict":
                self.put(result, self.expression(node.key), self.expression(node.value), node)
            else:
                self._append(Form("method", "append"), (result, self.expression(node.elt)), node)

        def clause(number):
            if number == len(node.generators):
                return innermost()
            generator = node.generators[number]
            iterable, target = self.expression(generator.iter), generator.target
            self.names.update({n.id: Value(n.id) for n in gast.walk(target) if isinstance(n, gast.Name)})
            item = self.names[target.id] if isinstance(target, gast.Name) else Value()

            def body():
                if item.name is None:
                    self.bind(target, item)
                self.conditions(generator.ifs, lambda: clause(number + 1), node)
            block = self.inside(body)[1]
            self.block.append(Each(item, iterable, block, (), self.statement, self.place(node)))
            return None

        def fill():
            self._append(Form("dict" if kind == "dict" else "list"), (), node, result)
            clause(0)
        block = self.inside(fill)[1]
        self.names = outer
        spec = Collected(block, result), copied[1]
        return self._append(Form("collect", kind, copied[0], spec), copied[2], node)

    _ListComp = _GeneratorExp = _DictComp = collect

    def conditions(self, tests, then, node):
        """The stages of `then` where all tests hold."""
        if not tests:
            return then()
        condition = self.expression(tests[0])
        block = self.inside(lambda: self.conditions(tests[1:], then, node))[1]
        self.block.append(Branch(condition, block, (), (), self.statement, self.place(node)))
        return None

    def bind(self, target, operand):
        """Assign to a name, or to the names of a tuple; returns the operand of a further target."""
        if isinstance(target, gast.Name):
            return self._append(Form("alias"), (operand,), target, self.names[target.id])
        marks = tuple(isinstance(part, gast.Starred) for part in target.elts)
        inner = [part.value if isinstance(part, gast.Starred) else part for part in target.elts]
        # Targets are assigned from the left: a name that an earlier subscript reads is assigned after it.
        later = [isinstance(part, gast.Name)
                 and any(isinstance(n, gast.Name) and n.id == part.id
                         for before in inner[:i] if not isinstance(before, gast.Name)
                         for n in gast.walk(before))
                 for i, part in enumerate(inner)]
        parts = [self.names[part.id] if isinstance(part, gast.Name) and not late else Value()
                 for part, late in zip(inner, later)]
        form = Form("unpack", spec=marks if any(marks) else None)
        self.block.append(Stage(tuple(parts), form, (operand,), self.statement, self.statement.place))
        for part, value, late in zip(inner, parts, later):
            if late or not isinstance(part, gast.Name):
                self.bind(part, value)
        return operand

    def _copied(self, node, description=None):
        """Keep an expression as it stands; `description` names it where a derivative may pass."""
        if description is None:
            description = NEVER_REAL.get(type(node), type(node).__name__)
        names, spec, operands = self._syntax(node)
        return self._append(Form("copied", description, names, spec), operands, node)

    def _syntax(self, node):
        """The local names in a piece of syntax, the syntax, and the variables of the names."""
        names = tuple(dict.fromkeys(n.id for n in free_names(node) if n.id in self.names))
        return names, node, [self.names[name] for name in names]
