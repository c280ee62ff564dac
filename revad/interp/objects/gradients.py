"""Gradients inside functions: a gradient that is called is followed as its text for the kinds at hand.

So the derivative of what calls it is that of the text, to any depth, and no two directions are confused.

>>> from ...api import grad
>>> energy = grad(lambda x, k: k * x**2, wrt="x")
>>> force = grad(lambda x, k: -energy(x, k), wrt="k")
>>> force(3.0, 2.0)
-6.0
"""
from __future__ import annotations

import ast
import copy
from typing import Any, NamedTuple

import gast

from ...syntax import tree_of
from ...types.kinds import Known, kind_of
from ...types.parts import is_record_kind
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..environment import Closure, object_of, object_value

MAKERS = frozenset(("grad", "value_and_grad", "jvp", "vjp", "jacobian", "hessian", "hvp", "elementwise_grad"))
INSTEAD = "Give it numbers, arrays, and dicts and lists of them, by its parameters."


def is_gradient(function):
    """Whether it is what `grad` or another function of derivatives returned."""
    return getattr(type(function), "follows", None) is not None


def makes_gradients(function):
    """Whether it is `grad` or another function of derivatives itself."""
    return getattr(function, "__module__", None) == "revad.api" \
        and getattr(function, "__name__", None) in MAKERS


class LocalGradient(NamedTuple):
    """The gradient of a function that is defined inside a function.

    makers: (`grad` or `value_and_grad`, its settings) of the gradient, that of the gradient, and so on.
    """

    closure: Any
    makers: tuple


def make(interp, function, args, keywords):
    """The gradient that a call of `grad` inside a function gives."""
    inner = object_of(args[0])
    if len(args) != 1 or kind_of_operand(args[0]).tag != "function" or inner is None:
        raise refusal("which function it is of is not known when compiling")
    settings = {name: interp.builder.static(operand) for name, operand in keywords.items()}
    if isinstance(inner, Closure):
        return object_value(LocalGradient(inner, ((function, settings),)))
    if isinstance(inner, LocalGradient):
        return object_value(inner._replace(makers=(*inner.makers, (function, settings))))
    known = args[0].kind.known
    if not known.exact:
        interp.builder.scope.static(known)
    return object_value(function(inner, **settings))


def follow_local(interp, stage, local, args, keywords, follow_any):
    """Follow a call of the gradient of a function inside; what that reads around it becomes parameters."""
    scope, program = interp.builder.scope, local.closure.program
    free = _free_variables(local.closure)
    if scope.function_of_text is None or any(name in keywords for name in free):
        raise refusal("its function cannot be written out by itself")
    key = id(program.tree), repr(local.makers), tuple(free)
    gradient = scope.local_gradients.get(key)
    if gradient is None:
        namespace, cells = local.closure.frame.namespace() or (scope.namespace, scope.closure)
        name = "inner" if program.name == "lambda" else program.name
        gradient = scope.function_of_text(_lifted(program, name, free), name, namespace, cells)
        for maker, settings in local.makers:
            gradient = maker(gradient, **settings)
        scope.local_gradients[key] = gradient
    return follow_any(interp, stage, gradient, args, {**keywords, **free})


def _free_variables(closure):
    """{name: operand} of the variables around a function inside that it reads."""
    tree, around, frame = closure.program.tree, {}, closure.frame
    while frame is not None:
        for variable, operand in frame.env.items():
            if variable.name is not None:
                around.setdefault(variable.name, operand)
        frame = frame.enclosing
    arguments = tree.args
    own = {n.id for n in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs,
                          arguments.vararg, arguments.kwarg) if n is not None}
    body = tree.body if isinstance(tree.body, list) else [tree.body]
    names = [node for statement in body for node in gast.walk(statement) if isinstance(node, gast.Name)]
    stored = {node.id for node in names if not isinstance(node.ctx, gast.Load)}
    if any(isinstance(node, (gast.Nonlocal, gast.Global, gast.FunctionDef, gast.Lambda, gast.comprehension))
           and not own.issuperset(_bound_in(node)) and not around.keys().isdisjoint(_bound_in(node))
           or isinstance(node, (gast.Nonlocal, gast.Global))
           for statement in body for node in gast.walk(statement)):
        raise refusal("its function gives a name of the function around it something else")
    read = dict.fromkeys(node.id for node in names if isinstance(node.ctx, gast.Load))
    return {name: around[name] for name in read if name in around and name not in own | stored}


def _bound_in(node):
    """The names that a nested function or a comprehension has of its own."""
    parts = node.args if isinstance(node, (gast.FunctionDef, gast.Lambda)) else node
    names = {inner.id for inner in gast.walk(parts)
             if isinstance(inner, gast.Name) and not isinstance(inner.ctx, gast.Load)}
    return names | ({node.name} if isinstance(node, gast.FunctionDef) else set())


def _lifted(program, name, free):
    """The text of a function inside, with the variables around it as parameters that come by name."""
    tree = gast.gast_to_ast(copy.deepcopy(program.tree))
    tree.args.kwonlyargs += [ast.arg(name) for name in free]
    tree.args.kw_defaults += [None] * len(free)
    if tree.args.defaults or any(default is not None for default in tree.args.kw_defaults):
        raise refusal("its function has parameters with defaults")
    body = tree.body if isinstance(tree.body, list) else [ast.Return(tree.body)]
    lifted = ast.FunctionDef(name=name, args=tree.args, body=body, decorator_list=[], returns=None,
                             type_comment=None, type_params=[])
    return ast.unparse(ast.fix_missing_locations(ast.Module([lifted], [])))


def bind(derivative, args, keywords):
    """The arguments of a call by the parameters of the function."""
    signature = derivative.signature
    if derivative.receiver is not None or any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
                                              for p in signature.parameters.values()):
        raise refusal("it is that of a method, or of a function with *args")
    try:
        return signature.bind(*args, **keywords)
    except TypeError as error:
        raise Refusal(f"call of {derivative.__name__}", str(error), "Call it as it is defined.",
                      TypeError) from None


def text_of(interp, derivative, bound):
    """The text for the kinds of the arguments, whose conditions become those of the caller."""
    signature, scope = derivative.signature, interp.builder.scope
    kinds, outer = [], {}
    for name, parameter in signature.parameters.items():
        if name in bound.arguments:
            kinds.append(_renamed(kind_of_operand(bound.arguments[name]), name, outer))
        else:
            kinds.append(kind_of(parameter.default, name))
            outer[name] = repr(parameter.default)
    # The flags of the arguments' layouts are not known.
    paths = {path.partition(".shape[")[0] for path in outer if ".shape[" in path}
    text = derivative.for_kinds(kinds, tuple((path, (None, None, None)) for path in sorted(paths)))
    if text.variant.apart or text.variant.draws or text.variant.asserts_lists:
        raise refusal("it depends on more than the kinds of its arguments")
    for conditions in text.variant.conditions:
        _rely(scope, conditions, set(signature.parameters), outer)
    scope.rely(f"{scope.constant('fits', text.still_fits)}()")
    return text


def follow(interp, stage, gradient, args, keywords):
    """Follow a call of a gradient."""
    text = text_of(interp, gradient, bind(gradient, args, keywords))
    return interp.enter(stage, text.function, args, keywords)


def refusal(why):
    return Refusal("call of a gradient", why, INSTEAD)


def _renamed(kind, name, outer):
    """The kind of an argument in the names of the gradient's parameters; outer: {its text: the caller's}."""
    if kind.tag in ("tuple", "list", "dict"):
        keys = kind.keys if kind.keys else range(len(kind.items))
        items = tuple(_renamed(item, f"{name}.{key}" if is_record_kind(kind) else f"{name}[{key!r}]", outer)
                      for key, item in zip(keys, kind.items))
        return kind._replace(items=items)
    known = kind.known
    if known is not None:
        outer[name] = repr(known.value) if known.exact else known.text
        known = None if known.value is None and kind.tag != "static" else Known(known.value, name)
    if kind.tag == "number" and not kind.items or kind.tag == "static":
        return kind._replace(known=known, affine=None)
    if kind.tag != "array" or kind.shape is None or not kind.dtype or kind.items:
        raise refusal(f"what its argument {name} is, is not known when compiling")
    shape = []
    for axis, length in enumerate(kind.shape):
        path = f"{name}.shape[{axis}]"
        outer[path] = repr(length.value) if length.exact else length.text
        is_unit = (length.exact or length.unit) and length.value == 1
        shape.append(Known(length.value, path, is_unit, length.exact or length.unit))
    return kind._replace(shape=tuple(shape), known=None, affine=None)


def _rely(scope, conditions, parameters, outer):
    """Guard what the gradient's text relies on of its arguments, in the caller's names."""
    for text in conditions.texts:
        tree = tree_of(text, "eval")
        if parameters.isdisjoint(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)):
            continue
        tree = _InNamesOfCaller(outer).visit(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and not getattr(node, "of_caller", False):
                if node.id not in conditions.constants:
                    raise refusal("its text relies on more of its arguments than their kinds")
                node.id = scope.constant(node.id, conditions.constants[node.id])
        scope.rely(ast.unparse(tree))


class _InNamesOfCaller(ast.NodeTransformer):
    """Replaces lengths and settings of the gradient's parameters by what the caller calls them."""

    def __init__(self, outer):
        self.outer = outer

    def visit(self, node):
        text = self.outer.get(ast.unparse(node)) if isinstance(node, ast.expr) else None
        if text is None:
            return self.generic_visit(node)
        if "?" in text:
            raise refusal("its text relies on a length that is not known when compiling")
        tree = tree_of(text, "eval").body
        for part in ast.walk(tree):
            part.of_caller = True
        return tree
