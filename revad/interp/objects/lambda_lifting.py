"""Lambda lifting: a function inside a function as its own text; what it reads around it becomes parameters.

Numbers and arrays around it are parameters that come by name; functions that are defined around it are
defined at the start of its text, and so are gradients of them. A name that means two things is changed.

>>> from ...api import grad
>>> def f(a, x):
...     def inner(y):
...         return a * y**2
...     def outer(a):
...         return grad(inner)(a) * a
...     return grad(outer)(x)
>>> f(2.0, 3.0), grad(f)(2.0, 3.0)
(24.0, (12.0, 8.0))
"""
from __future__ import annotations

import ast
import copy
import functools
import inspect
from types import CellType
from typing import Any, NamedTuple

import gast

from ...ir.free_names import bound_in, free_names
from ...ir.nodes import Lit
from ...types.kinds import is_plain_key
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..environment import Closure, Partial, object_of, object_value

INSTEAD = "Give it numbers, arrays, and dicts and lists of them, by its parameters."


def refusal(why):
    return Refusal("call of a gradient", why, INSTEAD)


class LocalGradient(NamedTuple):
    """The gradient of a function that is defined inside a function.

    function: a Closure or a Partial.  makers: (`grad` or `value_and_grad`, its settings) of the gradient,
    that of the gradient, and so on.  part: 'forward' or 'backward' where it is one of its passes.
    """

    function: Any
    makers: tuple
    part: Any = None


class Lifted(NamedTuple):
    """free: {parameter that comes by name: operand}.  cells: {name: object} of what the text reads besides.

    defaults: {parameter: operand}, of which the text has none.  required: the parameters without a default.
    """

    text: str
    name: str
    free: dict
    cells: dict
    defaults: dict
    required: tuple
    parameters: tuple
    home: tuple


def lift(interp, function):
    """The text of a Closure, or of a Partial of a function that has source."""
    return _Lift(interp).lifted(function)


class _Lift:
    """What a text is made of: first all functions in it are visited, then each known gets its name."""

    def __init__(self, interp):
        scope = interp.builder.scope
        self.own_home = scope.namespace, scope.closure
        self.visited, self.identifiers, self.outside = {}, set(), set()
        self.names, self.kept, self.free, self.cells, self.definitions = {}, [], {}, {}, []

    def home_of(self, closure):
        return closure.frame.namespace() or self.own_home

    def lifted(self, root):
        inner = root
        while isinstance(inner, Partial):
            inner = object_of(inner.function)
        self.home = self.home_of(inner) if isinstance(inner, Closure) else self.own_home
        self.visit(root)
        own = set()
        if isinstance(root, Closure):
            own = bound_in(self.visited[id(root.frame), id(root.program.tree)].tree)
            if own & self.outside:
                raise refusal("it gives a name something else that a function which it calls reads")
        self.taken = own | self.outside
        name, tree, defaults = self.root(root)
        tree.args.kwonlyargs += [ast.arg(parameter) for parameter in self.free]
        tree.args.kw_defaults += [None] * len(self.free)
        tree.body[:0] = self.definitions
        text = ast.unparse(ast.fix_missing_locations(ast.Module([tree], [])))
        positional = tuple(a.arg for a in (*tree.args.posonlyargs, *tree.args.args))
        required = tuple(parameter for parameter in positional if parameter not in defaults)
        return Lifted(text, name, self.free, self.cells, defaults, required, positional, self.home)

    # ---- visiting

    def visit(self, function):
        if isinstance(function, Closure):
            self.visit_closure(function)
        elif isinstance(function, LocalGradient):
            if function.part is not None:
                raise refusal("its function uses a pass of a gradient that is made around it")
            self.visit(function.function)
        elif isinstance(function, Partial):
            for operand in (function.function, *function.args, *function.keywords.values()):
                self.visit_operand(operand)

    def visit_operand(self, operand):
        kind = kind_of_operand(operand)
        if kind.tag == "object":
            raise refusal("it is that of a method")
        if kind.tag == "function" and object_of(operand) is not None:
            self.visit(object_of(operand))

    def visit_closure(self, closure):
        key = id(closure.frame), id(closure.program.tree)
        if key in self.visited:
            return
        if self.home_of(closure)[0] is not self.home[0] or self.home_of(closure)[1] is not self.home[1] \
                and self.home_of(closure)[1] != self.home[1]:
            raise refusal("its function uses one of another module")
        tree = _function(closure)
        if any(isinstance(node, (ast.Nonlocal, ast.Global)) for node in ast.walk(tree)):
            raise refusal("its function gives a name of the function around it something else")
        around = _around(closure.frame)
        names = free_names(tree)
        read = {node.id: around[node.id] for node in names if node.id in around}
        self.visited[key] = _Visited(closure, tree, read)
        self.identifiers |= bound_in(tree)
        self.identifiers |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        if len(self.visited) > 1:
            self.outside |= {node.id for node in names if node.id not in around}
        for operand in (*read.values(), *_defaults(closure)):
            self.visit_operand(operand)

    # ---- naming

    def root(self, function):
        """(name, tree, {parameter: default})."""
        if isinstance(function, Closure):
            tree = self.renamed(function)
            defaults = dict(zip(_with_default(tree.args), _defaults(function)))
            tree.args.defaults, tree.args.kw_defaults = [], [None] * len(tree.args.kwonlyargs)
            return tree.name, tree, defaults
        given = tuple(map(self.expression, (function.function, *function.args)))
        keywords = {name: self.expression(operand) for name, operand in function.keywords.items()}
        left = _parameters_of(object_value(function))
        names = [ast.Name(name, ast.Load()) for name in left]
        call = ast.Call(given[0], [*given[1:], *(() if keywords else names)],
                        [*(ast.keyword(name, node) for name, node in keywords.items()),
                         *(ast.keyword(name, node) for name, node in zip(left, names) if keywords)])
        arguments = ast.arguments([], list(map(ast.arg, left)), None, [], [], None, [])
        return "inner", _definition("inner", arguments, [ast.Return(call)]), {}

    def name_of(self, base, operand):
        """The name of what an operand stands for."""
        known = object_of(operand) if kind_of_operand(operand).tag == "function" else None
        key = id(operand) if known is None else (id(known.frame), id(known.program.tree)) \
            if isinstance(known, Closure) else id(known)
        if key in self.names:
            return self.names[key]
        name = self.names[key] = self.unused(base)
        self.kept.append((operand, known))      # so that ids stay theirs
        if isinstance(known, Closure):
            tree = self.renamed(known)
            tree.name, defaults = name, list(map(self.expression, _defaults(known)))
            count = len(tree.args.defaults)
            tree.args.defaults, rest = defaults[:count], iter(defaults[count:])
            tree.args.kw_defaults = [None if d is None else next(rest) for d in tree.args.kw_defaults]
            self.definitions.append(tree)
        elif isinstance(known, LocalGradient):
            node = self.partial(known.function) if isinstance(known.function, Partial) else \
                ast.Name(self.name_of("inner", object_value(known.function)), ast.Load())
            for maker, settings in known.makers:
                node = ast.Call(self.outside_object(maker), [node], [
                    ast.keyword(key, self.constant(key, value)) for key, value in settings.items()])
            self.definitions.append(ast.Assign([ast.Name(name, ast.Store())], node))
        elif isinstance(known, Partial):
            self.definitions.append(ast.Assign([ast.Name(name, ast.Store())], self.partial(known)))
        elif isinstance(known, tuple) and type(known).__module__.startswith("revad."):
            raise refusal("its function uses a pullback that is made around it")
        elif known is not None:
            self.cells[name] = CellType(known)
        else:
            self.free[name] = operand
        return name

    def partial(self, partial):
        return ast.Call(self.outside_object(functools.partial),
                        [self.expression(operand) for operand in (partial.function, *partial.args)],
                        [ast.keyword(name, self.expression(o)) for name, o in partial.keywords.items()])

    def outside_object(self, known):
        key = id(known)
        if key not in self.names:
            name = self.names[key] = self.unused(known.__name__)
            self.kept.append(known)
            self.cells[name] = CellType(known)
        return ast.Name(self.names[key], ast.Load())

    def constant(self, name, value):
        if value is None or is_plain_key(value):
            return ast.parse(repr(value), mode="eval").body
        cell = self.unused(name)
        self.cells[cell] = CellType(value)
        return ast.Name(cell, ast.Load())

    def expression(self, operand):
        if isinstance(operand, Lit) and (operand.value is None or is_plain_key(operand.value)):
            return ast.parse(repr(operand.value), mode="eval").body
        known = object_of(operand)
        base = getattr(getattr(known, "program", known), "name", None) or getattr(known, "__name__", None) \
            or getattr(operand, "name", None) or "given"
        return ast.Name(self.name_of(base if base.isidentifier() else "inner", operand), ast.Load())

    def unused(self, base):
        name = base
        while name in self.taken or name != base and name in self.identifiers:
            name += "_"
        self.taken.add(name)
        return name

    def renamed(self, closure):
        """The tree of a function, in which each name around it is that of the text."""
        visited = self.visited[id(closure.frame), id(closure.program.tree)]
        for node in free_names(visited.tree):
            if node.id in visited.read:
                node.id = self.name_of(node.id, visited.read[node.id])
        return visited.tree


class _Visited(NamedTuple):
    closure: Any
    tree: Any
    read: dict      # {name around it: operand}


def _function(closure):
    """The definition of a function, without decorators and annotations; a lambda is one that returns."""
    tree = gast.gast_to_ast(copy.deepcopy(closure.program.tree))
    body = tree.body if isinstance(tree.body, list) else [ast.Return(tree.body)]
    name = closure.program.name if isinstance(tree, ast.FunctionDef) else "inner"
    for argument in (node for node in ast.walk(tree.args) if isinstance(node, ast.arg)):
        argument.annotation = None
    return _definition(name, tree.args, body)


def _definition(name, arguments, body):
    return ast.FunctionDef(name=name, args=arguments, body=body, decorator_list=[], returns=None,
                           type_comment=None, type_params=[])


def _around(frame):
    """{name: operand} of the variables around a function, the nearest of each name."""
    around = {}
    while frame is not None:
        for variable, operand in frame.env.items():
            if variable.name is not None:
                around.setdefault(variable.name, operand)
        frame = frame.enclosing
    return around


def _defaults(closure):
    return tuple(closure.frame.env.get(default, default) for default in closure.defaults)


def _with_default(arguments):
    """The parameters that have a default, in the order of a Closure's."""
    positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    return [*positional[len(positional) - len(arguments.defaults):],
            *(a.arg for a, default in zip(arguments.kwonlyargs, arguments.kw_defaults)
              if default is not None)]


def _parameters_of(operand):
    """The names of the parameters of a function that a Partial is of."""
    known = object_of(operand)
    if isinstance(known, Closure):
        arguments = gast.gast_to_ast(copy.deepcopy(known.program.tree)).args
        if arguments.vararg is None and arguments.kwarg is None and not arguments.kwonlyargs:
            return [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    elif isinstance(known, Partial):
        return [name for name in _parameters_of(known.function)[len(known.args):]
                if name not in known.keywords]
    elif inspect.isfunction(known):
        parameters = inspect.signature(known).parameters.values()
        if all(p.kind is p.POSITIONAL_OR_KEYWORD for p in parameters):
            return [p.name for p in parameters if p.default is p.empty]
    raise refusal("it is that of a method, or of a function with *args")
