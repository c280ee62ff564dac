"""Instrument: the tree of a function in which each expression is handed to a recorder as it is computed.

>>> tree = ast.parse("def f(x):\\n    y = 2 * x\\n    return y").body[0]
>>> instrument = Instrument(["x"])
>>> print(ast.unparse(instrument.function(tree)))
def f(x):
    y = node_(1, 2 * node_(0, x))
    assign_('y', y)
    return node_(2, y)
>>> [site.gate for site in instrument.sites]
['', '2 * p0', '']
"""

from __future__ import annotations

import ast
import builtins
import copy
from typing import NamedTuple

from .symbols import is_module, symbol

# The hooks: what a recorder puts under these names is called by the instrumented function.
NODE, ASSIGN, STORE, KEEP, UPDATE = "node_", "assign_", "store_", "keep_", "update_"
OPEN, EACH, ENTER, LEAVE, AUGMENT = "open_", "each_", "enter_", "leave_", "augment_"
INDEX = "index_"  # subscripted, it gives the subscript
COMPREHENSIONS = (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
SCOPES = (ast.Lambda, *COMPREHENSIONS)
DISPLAYS = (ast.Tuple, ast.List, ast.Dict)
CHOICES = (ast.IfExp, ast.BoolOp, ast.NamedExpr)
GATES = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Subscript, ast.Attribute, ast.Compare, *CHOICES)
ITERATING = ("zip", "enumerate", "reversed", "list", "tuple", "iter")
LAZY = ("any", "all", "next", "iter")  # they may leave elements of a generator alone
# Their result may be the very object that an argument is, and is another value of the circuit all the same.
HANDING_ON = ("max", "min", "stop_gradient")


class Site(NamedTuple):
    """An expression: how it looks, the numbers of the sites of its parts, and itself as a gate of these.

    kind: 'gate', which hands on the value that it is if another gate computed that; 'fresh', which does not;
    'read' (a variable or a container, never a gate); 'store'.
    """

    kind: str
    label: str
    text: str
    line: int
    operands: tuple = ()
    gate: str = ""
    parameters: tuple = ()


class Instrument:
    """Changes trees of functions; `sites` are the expressions of all of them by their numbers.

    merge: True to take each statement as one gate, or the names of the variables whose statements are.
    """

    def __init__(self, variables=(), merge=(), sites=None):
        self.merge = (merge,) if isinstance(merge, str) else merge or ()
        self.sites, self.line = [] if sites is None else sites, 0
        self.locals, self.inner = set(variables), set()

    def function(self, tree):
        """An instrumented copy."""
        tree = copy.deepcopy(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                self.locals.add(node.id)
            elif isinstance(node, ast.arg):
                self.locals.add(node.arg)
            elif isinstance(node, ast.FunctionDef) and node is not tree:
                self.inner.add(node.name)
            elif isinstance(node, ast.alias):
                self.inner.add((node.asname or node.name).split(".")[0])
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                self.inner |= {name.id for name in node.targets if isinstance(name, ast.Name)}
        self.block(tree.body)
        return ast.fix_missing_locations(tree)

    def block(self, block):
        block[:] = [new for statement in block for new in self.statement(statement)]

    def statement(self, node):
        """The statements in the place of one."""
        self.line = node.lineno
        if isinstance(node, ast.ClassDef):
            return [node]
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            node = ast.copy_location(ast.Assign([node.target], node.value), node)
        if isinstance(node, ast.AugAssign):
            return self.update(node)
        if isinstance(node, ast.Assign):
            return self.assignment(node)
        if isinstance(node, ast.Return) and node.value is not None:
            node.value = self.statement_value(node.value)
            return [node]
        if isinstance(node, (ast.For, ast.While)):
            return self.loop(node)
        grown = _grown_list(node)
        for name in ("test", "value"):
            if isinstance(getattr(node, name, None), ast.expr):
                setattr(node, name, self.expression(getattr(node, name))[0])
        self.blocks(node)
        return [node] if grown is None else [node, self.note(grown)]

    def blocks(self, node):
        """Instrument what stands below a statement."""
        for name in ("body", "orelse", "finalbody"):
            if getattr(node, name, None):
                self.block(getattr(node, name))
        for handler in getattr(node, "handlers", ()):
            self.block(handler.body)

    def loop(self, node):
        """A loop says where it begins, and where it ends, however it does."""
        header = ast.unparse(node).split("\n")[0].rstrip(":")
        enter = ast.Expr(_call(ENTER, ast.Constant(header), ast.Constant(node.lineno)))
        if isinstance(node, ast.For):
            node.iter = self.iterable(node.iter)
        else:
            node.test = self.expression(node.test)[0]
        self.blocks(node)
        return [enter, ast.Try([node], [], [], [ast.Expr(_call(LEAVE))])]

    def assignment(self, node):
        pairs = self.pairs(node.targets[0], node.value)
        if len(node.targets) == 1 and pairs:
            node.value = ast.Tuple(
                [self.statement_value(value, _names(target)) for target, value in pairs], ast.Load()
            )
        else:
            node.value = self.statement_value(
                node.value, [name for target in node.targets for name in _names(target)]
            )
            if any(isinstance(target, (ast.Tuple, ast.List)) for target in node.targets):
                node.value = _call(EACH, ast.Constant(True), node.value)
        before, after = [], []
        for target in _targets(node.targets):
            if isinstance(target, ast.Name):
                after.append(self.note(target.id))
            elif isinstance(target, ast.Subscript):
                value = node.value if len(node.targets) == 1 and target is node.targets[0] else None
                kept, stored = self.stored(target, value)
                before += kept
                after += stored
        return [*before, node, *after]

    @staticmethod
    def pairs(target, value):
        """`a, b = x, y` as pairs of a target and a value, if it is of that kind."""
        if (
            isinstance(target, ast.Tuple)
            and isinstance(value, ast.Tuple)
            and len(target.elts) == len(value.elts)
            and not any(isinstance(part, ast.Starred) for part in (*target.elts, *value.elts))
        ):
            return list(zip(target.elts, value.elts))
        return []

    @staticmethod
    def note(name):
        return ast.Expr(_call(ASSIGN, ast.Constant(name), ast.Name(name, ast.Load())))

    def update(self, node):
        """`x += v` gives x another value, in place if it is an array; `x[i] += v` is a store."""
        sign = type(node.op).__name__
        if isinstance(node.target, ast.Subscript):
            return [self.augmented(node, sign)]
        if isinstance(node.target, ast.Attribute):
            base = ast.Attribute(copy.deepcopy(node.target.value), node.target.attr, ast.Load())
            gate = ast.BinOp(base, node.op, node.value)
            read, parameters = [], []
            self.parts(gate, plain := copy.deepcopy(gate), read, parameters)
            number = self.site(
                "fresh", symbol(plain), ast.unparse(node), read, ast.unparse(plain), parameters
            )
            value = _call(UPDATE, ast.Constant(number), ast.Constant(sign), gate.left, gate.right)
            return [ast.copy_location(ast.Assign([node.target], value), node)]
        name = node.target.id
        text, gate = ast.unparse(node), ast.BinOp(ast.Name(name, ast.Load()), node.op, node.value)
        if self.is_merged([name]) and self.is_one_gate(node.value):
            names, looks, reads = self.looked_at(gate)
            number = self.site("fresh", text, text, reads, ast.unparse(gate), names)
            left, right = ast.Name(name, ast.Load()), node.value
        else:
            plain, read, parameters = copy.deepcopy(gate), [], []
            self.parts(gate, plain, read, parameters)
            number = self.site("fresh", symbol(plain), text, read, ast.unparse(plain), parameters)
            looks, left, right = [], gate.left, gate.right
        value = _call(UPDATE, ast.Constant(number), ast.Constant(sign), left, right)
        value = _after(looks, value)
        return [ast.copy_location(ast.Assign([node.target], value), node), self.note(name)]

    def augmented(self, node, sign):
        """`x[i] += v` is one call, which also does it."""
        target, text = node.target, ast.unparse(node)
        name = ast.Constant(ast.unparse(target.value))
        base = self.expression(target.value)[0]
        plain, read, parameters = copy.deepcopy(target), [], []
        self.replaced(target, "slice", plain.slice, read, parameters, plain)
        value = self.expression(node.value)[0]
        index = ast.Subscript(ast.Name(INDEX, ast.Load()), target.slice, ast.Load())
        place = ast.Subscript(ast.Name("base", ast.Load()), plain.slice, ast.Load())
        written = f"{ast.unparse(place)} {SIGNS[sign]}= stored"
        gate = f"base = base.copy()\n{written}\nreturn base"
        site = self.site("store", "store", text, read, gate, ("base", *parameters, "stored"))
        call = _call(AUGMENT, ast.Constant(site), ast.Constant(sign), name, base, index, value)
        return ast.copy_location(ast.Expr(call), node)

    def stored(self, target, value):
        """(what stands before, what after) `x[i] = v`, a gate of x, i and v that gives another x.

        value: that of a statement with this target alone.
        """
        base, text = copy.deepcopy(target.value), ast.unparse(target)
        plain, read, parameters = copy.deepcopy(target), [], []
        self.replaced(target, "slice", plain.slice, read, parameters, plain)
        if value is None or any(not isinstance(part, _PLAIN) for part in ast.walk(base)):
            return [], []  # a part of what is unpacked
        number = self.number_of(value)
        written = ast.unparse(value) if number is None else f"p{len(parameters)}"
        if number is not None:
            read.append(number)
            parameters.append(written)
        place = ast.Subscript(ast.Name("base", ast.Load()), plain.slice, ast.Load())
        gate = f"base = base.copy()\n{ast.unparse(place)} = {written}\nreturn base"
        site = self.site("store", "store", f"{text} = ...", read, gate, ("base", *parameters))
        name = ast.Constant(ast.unparse(base))
        return (
            [ast.Expr(_call(KEEP, ast.Constant(site), base))],
            [ast.Expr(_call(STORE, name, ast.Constant(site), copy.deepcopy(base)))],
        )

    @staticmethod
    def number_of(value):
        """The number of the site that an instrumented expression is, or None."""
        is_node = isinstance(value, ast.Call) and getattr(value.func, "id", "") == NODE
        return value.args[0].value if is_node else None

    def replaced(self, owner, name, plain, read, parameters, plain_owner):
        """Instrument a field of a node; in the plain copy a parameter stands in its place."""
        value = getattr(owner, name)
        if not isinstance(value, (*GATES, ast.Name, *SCOPES)):  # a tuple, a slice
            self.parts(value, plain, read, parameters)
            return
        inside, number = self.expression(value)
        setattr(owner, name, inside)
        if number is not None:
            read.append(number)
            parameters.append(f"p{len(parameters)}")
            setattr(plain_owner, name, ast.Name(parameters[-1], ast.Load()))

    # ---- expressions

    def statement_value(self, node, names=()):
        """The value of a statement, which may be one gate; names: of what it is given to."""
        if not self.is_merged(names) or not self.is_one_gate(node):
            return self.expression(node)[0]
        text = ast.unparse(node)
        parameters, looks, reads = self.looked_at(node)
        number = self.site(_kind_of(node), text, text, reads, text, parameters)
        return _call(NODE, ast.Constant(number), _after(looks, node))

    def is_merged(self, names):
        return self.merge is True or bool(set(names) & set(self.merge))

    def is_one_gate(self, node):
        """Whether an expression may be a gate as it stands: it binds no name, and reads no function that the
        function itself defines.
        """
        parts = list(ast.walk(node))
        return not isinstance(node, (ast.Name, ast.Constant, ast.Tuple, ast.List, ast.Dict)) and not any(
            isinstance(part, (ast.NamedExpr, *SCOPES))
            or isinstance(part, ast.Name) and part.id in self.inner
            or isinstance(part, ast.Call) and getattr(part.func, "attr", "") in ("pop", "append")
            for part in parts
        )

    def looked_at(self, node):
        """(names, looks, sites) of the variables of an expression, each of which is looked at before it."""
        names = tuple(
            dict.fromkeys(
                part.id for part in _in_order(node) if isinstance(part, ast.Name) and part.id in self.locals
            )
        )
        reads = tuple(self.site("read", name, name) for name in names)
        looks = [
            _call(NODE, ast.Constant(read), ast.Name(name, ast.Load())) for read, name in zip(reads, names)
        ]
        return names, looks, reads

    def expression(self, node):
        """(the expression as it is handed on, the number of its site or None for a constant)."""
        if isinstance(node, ast.Name):
            if node.id not in self.locals or not isinstance(node.ctx, ast.Load):
                return node, None
            number = self.site("read", node.id, node.id)
            return _call(NODE, ast.Constant(number), node), number
        if isinstance(node, SCOPES):
            return self.scope(node)
        if not isinstance(node, GATES) or is_module(node):
            self.parts(node, copy.deepcopy(node), [], [])
            if not isinstance(node, DISPLAYS):
                return node, None
            number = self.site("read", "list", "")
            return _call(NODE, ast.Constant(number), node), number
        text, function = ast.unparse(node), getattr(node, "func", None)
        name = getattr(function, "attr", getattr(function, "id", ""))
        if isinstance(function, ast.Name) and name in ITERATING and name not in self.locals:
            return self.iterated(node), None
        subscript = f"[{ast.unparse(node.slice)}]" if isinstance(node, ast.Subscript) else ""
        plain, read, parameters = copy.deepcopy(node), [], []
        self.parts(node, plain, read, parameters)
        is_own = isinstance(function, ast.Name) and name not in vars(builtins) or (
            isinstance(function, ast.Attribute) and not is_module(function)
        )
        if not read and not is_own:
            return node, None
        label = symbol(plain)
        if isinstance(function, ast.Name) or label == "[...]" and len(subscript) <= 10:
            label = name or subscript
        number = self.site(_kind_of(node), label, text, read, ast.unparse(plain), parameters)
        if is_own:
            node.func = _call(OPEN, ast.Constant(number), node.func)
        return _call(NODE, ast.Constant(number), node), number

    def scope(self, node):
        """A lambda or a comprehension: what is inside of it is looked at when it runs."""
        text = ast.unparse(node)
        if isinstance(node, ast.Lambda):
            node.body = self.expression(node.body)[0]
            return node, None
        for part in node.generators:
            part.iter = self.iterable(part.iter)
            part.ifs = [self.expression(test)[0] for test in part.ifs]
        for name in ("elt", "key", "value"):
            if hasattr(node, name):
                setattr(node, name, self.expression(getattr(node, name))[0])
        number = self.site("read", "list", text)
        return _call(NODE, ast.Constant(number), node), number

    def iterable(self, node):
        """What a loop goes over, whose elements are handed out one by one."""
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ITERATING:
            return self.iterated(node)
        return _call(EACH, ast.Constant(False), self.expression(node)[0])

    def iterated(self, node):
        """`zip(x, y)` and the like, which go over their arguments."""
        is_whole = node.func.id in ("reversed", "list", "tuple")
        for position, part in enumerate(node.args):
            inside = part.value if isinstance(part, ast.Starred) else part
            inside = self.iterable(inside) if isinstance(inside, ast.Call) else self.expression(inside)[0]
            inside = _call(EACH, ast.Constant(is_whole), inside)
            node.args[position] = ast.Starred(inside, ast.Load()) if isinstance(part, ast.Starred) else inside
        return node

    def parts(self, node, plain, read, parameters):
        """Instrument the parts of a node; in its plain copy parameters stand in their places."""
        for name, value in ast.iter_fields(node):
            other = getattr(plain, name)
            is_function = isinstance(node, ast.Call) and name == "func"
            if is_function and isinstance(value, ast.Name) and value.id in self.locals - self.inner:
                self.replaced(node, name, other, read, parameters, plain)
            elif is_function and not (isinstance(value, ast.Attribute) and not is_module(value)):
                continue
            elif isinstance(node, ast.NamedExpr) and name == "target":
                continue
            elif isinstance(value, ast.expr):
                if is_function:
                    self.replaced(value, "value", other.value, read, parameters, other)
                elif isinstance(value, (*GATES, ast.Name, *SCOPES)) and not is_module(value):
                    self.replaced(node, name, other, read, parameters, plain)
                else:
                    self.parts(value, other, read, parameters)
            elif isinstance(value, list):
                for position, part in enumerate(value):
                    self.element(node, value, position, part, other, read, parameters)

    def element(self, node, value, position, part, other, read, parameters):
        """Instrument an element of a list of parts."""
        if isinstance(part, ast.GeneratorExp) and getattr(getattr(node, "func", 0), "id", "") not in LAZY:
            part = value[position] = ast.ListComp(part.elt, part.generators)
        if isinstance(part, (ast.keyword, ast.Starred)):
            self.replaced(part, "value", other[position].value, read, parameters, other[position])
        elif isinstance(part, (*GATES, ast.Name, *SCOPES)) and not is_module(part):
            value[position], number = self.expression(part)
            if number is not None:
                read.append(number)
                parameters.append(f"p{len(parameters)}")
                other[position] = ast.Name(parameters[-1], ast.Load())
        elif isinstance(part, ast.expr):
            self.parts(part, other[position], read, parameters)

    def site(self, kind, label, text, operands=(), gate="", parameters=()):
        self.sites.append(Site(kind, label, text, self.line, tuple(operands), gate, tuple(parameters)))
        return len(self.sites) - 1


_PLAIN = (ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.expr_context, ast.UnaryOp, ast.unaryop)
SIGNS = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "Pow": "**", "MatMult": "@", "FloorDiv": "//",
    "Mod": "%", "BitAnd": "&", "BitOr": "|", "BitXor": "^", "LShift": "<<", "RShift": ">>",
}  # fmt: skip


def _in_order(node):
    """A node and what is in it, from the left to the right."""
    yield node
    for part in ast.iter_child_nodes(node):
        yield from _in_order(part)


def _kind_of(node):
    """The kind of the site of an expression."""
    function = getattr(node, "func", None)
    return "fresh" if getattr(function, "attr", getattr(function, "id", "")) in HANDING_ON else "gate"


def _grown_list(node):
    """The name of the list that a statement appends to, or None."""
    call = node.value if isinstance(node, ast.Expr) else None
    function = call.func if isinstance(call, ast.Call) else None
    is_growing = isinstance(function, ast.Attribute) and function.attr in ("append", "insert", "extend")
    return function.value.id if is_growing and isinstance(function.value, ast.Name) else None


def _names(target):
    return [name.id for name in _targets([target]) if isinstance(name, ast.Name)]


def _targets(targets):
    """The single targets of an assignment, out of its tuples."""
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield from _targets(target.elts)
        else:
            yield target.value if isinstance(target, ast.Starred) else target


def _after(looks, node):
    """An expression before which others are evaluated."""
    if not looks:
        return node
    return ast.Subscript(ast.Tuple([*looks, node], ast.Load()), ast.Constant(len(looks)), ast.Load())


def _call(name, *arguments):
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
