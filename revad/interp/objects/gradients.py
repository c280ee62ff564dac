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

from ...syntax import tree_of
from ...types.kinds import Known, kind_of
from ...types.parts import is_record_kind
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..environment import Closure, Partial, object_of, object_value
from .lambda_lifting import LocalGradient, lift, refusal

MAKERS = frozenset(("grad", "value_and_grad", "jvp", "vjp", "jacobian", "hessian", "hvp", "elementwise_grad"))
LENGTHS = frozenset(("len", "range", "max", "min", "abs"))      # built-in functions of which lengths are made


def is_gradient(function):
    """Whether it is what `grad` or another function of derivatives returned."""
    return getattr(type(function), "follows", None) is not None


def makes_gradients(function):
    """Whether it is `grad` or another function of derivatives itself."""
    return getattr(function, "__module__", None) == "revad.api" \
        and getattr(function, "__name__", None) in MAKERS


def make(interp, function, args, keywords):
    """The gradient that a call of `grad` inside a function gives."""
    inner = object_of(args[0])
    if len(args) != 1 or kind_of_operand(args[0]).tag != "function" or inner is None:
        raise refusal("which function it is of is not known when compiling")
    settings = {name: interp.builder.static(operand) for name, operand in keywords.items()}
    if isinstance(inner, (Closure, Partial)):
        return object_value(LocalGradient(inner, ((function, settings),)))
    if isinstance(inner, LocalGradient):
        return object_value(inner._replace(makers=(*inner.makers, (function, settings))))
    known = args[0].kind.known
    if not known.exact:
        interp.builder.scope.static(known)
    return object_value(function(inner, **settings))


def follow_local(interp, stage, local, args, keywords, follow_any):
    """Follow a call of the gradient of a function inside; what that reads around it becomes parameters."""
    lifted = lift(interp, local.function)
    if interp.builder.scope.function_of_text is None or any(name in keywords for name in lifted.free):
        raise refusal("its function cannot be written out by itself")
    gradient = _gradient_of(interp.builder.scope, lifted, local.makers)
    if local.part == "backward":
        return follow_any(interp, stage, gradient.backward, args, keywords)
    if local.part is not None:
        gradient = gradient.forward
    # A vector of hvp may stand behind the point.
    count = len(args) - (gradient.follows == "hvp" and "vector" not in keywords)
    given = {*lifted.parameters[:count], *keywords}
    defaults = {name: operand for name, operand in lifted.defaults.items() if name not in given}
    return follow_any(interp, stage, gradient, args, {**defaults, **keywords, **lifted.free})


def _gradient_of(scope, lifted, makers):
    """The gradient of a lifted function, the same for the same text."""
    objects = tuple((name, id(cell.cell_contents)) for name, cell in lifted.cells.items())
    key = lifted.text, objects, repr(makers)
    if key not in scope.local_gradients:
        namespace, cells = lifted.home
        gradient = scope.function_of_text(lifted.text, lifted.name, namespace, {**cells, **lifted.cells})
        for number, (maker, settings) in enumerate(makers):
            if number == 0 and lifted.defaults and not settings.keys() & {"wrt", "argnums"}:
                required = lifted.required
                settings = {**settings, "wrt": required[0] if len(required) == 1 else required}
            gradient = maker(gradient, **settings)
        scope.local_gradients[key] = gradient, lifted
    return scope.local_gradients[key][0]


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
        _rely(scope, conditions, set(signature.parameters), outer, text)
    scope.rely(f"{scope.constant('fits', text.still_fits)}()")
    return text


def follow(interp, stage, gradient, args, keywords):
    """Follow a call of a gradient."""
    text = text_of(interp, gradient, bind(gradient, args, keywords))
    return interp.enter(stage, text.function, args, keywords)


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
    outer[f"{name}.shape"] = "".join(["(", *(f"{repr(length.value) if length.exact else length.text}, "
                                             for length in kind.shape), ")"])
    for axis, length in enumerate(kind.shape):
        path = f"{name}.shape[{axis}]"
        outer[path] = repr(length.value) if length.exact else length.text
        is_unit = (length.exact or length.unit) and length.value == 1
        shape.append(Known(length.value, path, is_unit, length.exact or length.unit))
    return kind._replace(shape=tuple(shape), known=None, affine=None)


def _rely(scope, conditions, parameters, outer, inner):
    """Guard what the gradient's text relies on of its arguments, in the caller's names.

    inner: the text, whose names from outside of its function the caller reaches by their cells and globals.
    """
    for text in conditions.texts:
        tree = tree_of(text, "eval")
        if parameters.isdisjoint(node.id for node in ast.walk(tree) if isinstance(node, ast.Name)):
            continue
        tree = _InNamesOfCaller(outer).visit(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and not getattr(node, "of_caller", False):
                if node.id not in conditions.constants and node.id in LENGTHS:
                    continue
                cell, space = (inner.cells or {}).get(node.id), inner.function.__globals__
                if node.id not in conditions.constants and cell is not None:
                    node.id = f"{scope.constant(f'{node.id}_cell', cell)}.cell_contents"
                    continue
                if node.id not in conditions.constants and node.id in space:
                    node.id = f"{scope.constant('names', space)}[{node.id!r}]"
                    continue
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
