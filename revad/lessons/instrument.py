"""Instrument: the tree of a function in which each expression is handed to a recorder as it is computed.

>>> tree = ast.parse("def f(x):\\n    y = 2 * x\\n    return y").body[0]
>>> instrument = Instrument(["x"])
>>> print(ast.unparse(instrument.function(tree)))
def f(x):
    y = node_(1, 2 * node_(0, x))
    assign_('y', 1, y)
    return give_(2, node_(2, y))
>>> [site.gate for site in instrument.sites]
['', '2 * p0', '']
"""

from __future__ import annotations

import ast
import builtins
import copy
from typing import NamedTuple

from .symbols import is_module, symbol

NODE, ASSIGN, STORE, RESULT, OPEN = "node_", "assign_", "store_", "give_", "open_"
SCOPES = (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp)
GATES = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Subscript, ast.Attribute, ast.IfExp, ast.BoolOp, ast.Compare)


class Site(NamedTuple):
    """An expression: how it looks, the numbers of the sites of its parts, and itself as a gate of these.

    variable: the name, where it is a variable.  is_read: a value that it gives without a gate is an input.
    """

    kind: str
    label: str
    text: str
    line: int
    operands: tuple = ()
    gate: str = ""
    parameters: tuple = ()
    variable: str = ""
    is_read: bool = False


class Instrument:
    """Changes the tree of a function; `sites` are the expressions by their numbers.

    merge: True to take each statement as one gate, or the names of the variables whose statements are.
    """

    def __init__(self, parameters, merge=()):
        self.merge = (merge,) if isinstance(merge, str) else merge or ()
        self.sites, self.line = [], 0
        self.locals = set(parameters)

    def function(self, tree):
        """An instrumented copy."""
        tree = copy.deepcopy(tree)
        self.locals |= {
            node.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        self.block(tree.body)
        return ast.fix_missing_locations(tree)

    def block(self, block):
        for statement in list(block):
            at = block.index(statement)
            block[at : at + 1] = self.statement(statement)

    def statement(self, node):
        """The statements in the place of one."""
        self.line = node.lineno
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            return [node]
        if isinstance(node, ast.AnnAssign) and node.value is not None:
            node = ast.copy_location(ast.Assign([node.target], node.value), node)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            read = ast.Name(node.target.id, ast.Load())
            node = ast.copy_location(ast.Assign([node.target], ast.BinOp(read, node.op, node.value)), node)
        if isinstance(node, ast.Assign):
            return self.assignment(node)
        if isinstance(node, ast.AugAssign):
            return self.stored(node, node.target)
        if isinstance(node, ast.Return) and node.value is not None:
            value, number = self.whole_expression(node.value)
            if number is not None:
                value = _call(RESULT, ast.Constant(number), value)
            return [ast.copy_location(ast.Return(value), node)]
        for name in ("iter", "test", "value"):
            if isinstance(getattr(node, name, None), ast.expr):
                setattr(node, name, self.expression(getattr(node, name))[0])
        for name in ("body", "orelse", "finalbody"):
            if getattr(node, name, None):
                self.block(getattr(node, name))
        return [node]

    def assignment(self, node):
        target = node.targets[0]
        if isinstance(target, ast.Subscript):
            return self.stored(node, target)
        if (
            isinstance(target, ast.Tuple)
            and isinstance(node.value, ast.Tuple)
            and len(target.elts) == len(node.value.elts)
            and all(isinstance(part, ast.Name) for part in target.elts)
        ):
            parts = [
                self.whole_expression(part, [name.id]) for name, part in zip(target.elts, node.value.elts)
            ]
            node.value = ast.Tuple([part for part, _ in parts], ast.Load())
            notes = [self.note(name.id, number) for name, (_, number) in zip(target.elts, parts)]
            return [node, *filter(None, notes)]
        names = [name.id for name in node.targets if isinstance(name, ast.Name)]
        node.value, number = self.whole_expression(node.value, names)
        return [node, *filter(None, [self.note(name, number) for name in names])]

    def note(self, name, number):
        if number is None:
            return None
        return ast.Expr(_call(ASSIGN, ast.Constant(name), ast.Constant(number), ast.Name(name, ast.Load())))

    def stored(self, node, target):
        """`x[i] = v` and `x[i] += v` are gates of x, i and v that give another x."""
        base = target.value
        text = ast.unparse(node)
        if not isinstance(base, ast.Name):
            node.value = self.expression(node.value)[0]
            return [node]
        plain = copy.deepcopy(node)
        read, parameters = [], []
        self.replaced(
            target,
            "slice",
            getattr(plain.targets[0] if isinstance(plain, ast.Assign) else plain.target, "slice"),
            read,
            parameters,
            plain.targets[0] if isinstance(plain, ast.Assign) else plain.target,
        )
        self.replaced(node, "value", plain.value, read, parameters, plain)
        inner = plain.targets[0] if isinstance(plain, ast.Assign) else plain.target
        inner.value = ast.Name("base", ast.Load())
        gate = f"base = base.copy()\n{ast.unparse(plain)}\nreturn base"
        number = self.site("store", "store", text, tuple(read), gate, ("base", *parameters))
        return [
            node,
            ast.Expr(
                _call(STORE, ast.Constant(base.id), ast.Constant(number), ast.Name(base.id, ast.Load()))
            ),
        ]

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

    def whole_expression(self, node, names=()):
        """An expression that is a statement, which may be one gate; names: of what it is given to."""
        if (
            self.merge is not True
            and not set(names) & set(self.merge)
            or isinstance(node, (ast.Name, ast.Constant, ast.Tuple))
        ):
            return self.expression(node)
        text = ast.unparse(node)
        names = list(
            dict.fromkeys(
                part.id for part in ast.walk(node) if isinstance(part, ast.Name) and part.id in self.locals
            )
        )
        reads = [self.site("gate", name, name, variable=name) for name in names]
        number = self.site("gate", text, text, tuple(reads), text, tuple(names))
        # Each variable is looked at just before the expression.
        looks = [
            _call(NODE, ast.Constant(read), ast.Name(name, ast.Load())) for read, name in zip(reads, names)
        ]
        value = ast.Subscript(ast.Tuple([*looks, node], ast.Load()), ast.Constant(len(looks)), ast.Load())
        return _call(NODE, ast.Constant(number), value), number

    def expression(self, node):
        """(the expression as it is handed on, the number of its site or None for a constant)."""
        if isinstance(node, ast.Name):
            if node.id not in self.locals or not isinstance(node.ctx, ast.Load):
                return node, None
            number = self.site("gate", node.id, node.id, variable=node.id)
            return _call(NODE, ast.Constant(number), node), number
        if isinstance(node, SCOPES):
            return self.scope(node)
        if not isinstance(node, GATES) or is_module(node):
            self.parts(node, copy.deepcopy(node), [], [])
            return node, None
        plain, text = copy.deepcopy(node), ast.unparse(node)
        read, parameters = [], []
        self.parts(node, plain, read, parameters)
        if not read:
            return node, None
        is_call = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        kind = "box" if is_call and node.func.id not in vars(builtins) else "gate"
        is_read = isinstance(node, (ast.Attribute, ast.Subscript))
        number = self.site(
            kind, symbol(plain), text, tuple(read), ast.unparse(plain), tuple(parameters), is_read=is_read
        )
        if kind == "box":
            node.func = _call(OPEN, ast.Constant(number), node.func)
        return _call(NODE, ast.Constant(number), node), number

    def scope(self, node):
        """A comprehension is one gate of the variables that it reads."""
        text = ast.unparse(node)
        own = {
            part.id
            for part in ast.walk(node)
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
        }
        names = list(
            dict.fromkeys(
                part.id
                for part in ast.walk(node)
                if isinstance(part, ast.Name) and part.id in self.locals - own
            )
        )
        reads = [self.site("gate", name, name, variable=name) for name in names]
        number = self.site("gate", "list", text, tuple(reads), text, tuple(names))
        looks = [
            _call(NODE, ast.Constant(read), ast.Name(name, ast.Load())) for read, name in zip(reads, names)
        ]
        value = ast.Subscript(ast.Tuple([*looks, node], ast.Load()), ast.Constant(len(looks)), ast.Load())
        return _call(NODE, ast.Constant(number), value), number

    def parts(self, node, plain, read, parameters):
        """Instrument the parts of a node; in its plain copy parameters stand in their places."""
        for name, value in ast.iter_fields(node):
            other = getattr(plain, name)
            if (
                isinstance(node, ast.Call)
                and name == "func"
                and not (isinstance(value, ast.Attribute) and not is_module(value))
            ):
                continue
            if isinstance(value, ast.expr):
                if isinstance(node, ast.Call) and name == "func":
                    self.replaced(value, "value", other.value, read, parameters, other)
                elif isinstance(value, (*GATES, ast.Name, *SCOPES)) and not is_module(value):
                    self.replaced(node, name, other, read, parameters, plain)
                else:
                    self.parts(value, other, read, parameters)
            elif isinstance(value, list):
                for position, part in enumerate(value):
                    if isinstance(part, (ast.keyword, ast.Starred)):
                        self.replaced(
                            part, "value", other[position].value, read, parameters, other[position]
                        )
                    elif isinstance(part, (*GATES, ast.Name, *SCOPES)) and not is_module(part):
                        value[position], number = self.expression(part)
                        if number is not None:
                            read.append(number)
                            parameters.append(f"p{len(parameters)}")
                            other[position] = ast.Name(parameters[-1], ast.Load())
                    elif isinstance(part, ast.expr):
                        self.parts(part, other[position], read, parameters)

    def site(self, kind, label, text, operands=(), gate="", parameters=(), variable="", is_read=False):
        self.sites.append(Site(kind, label, text, self.line, operands, gate, parameters, variable, is_read))
        return len(self.sites) - 1


def _call(name, *arguments):
    return ast.Call(ast.Name(name, ast.Load()), list(arguments), [])
