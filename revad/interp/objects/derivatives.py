"""Derivatives inside functions: jvp, vjp, jacobian, hessian, hvp and elementwise_grad that are called there.

Each is followed as a text, as a gradient is: a product as that of forward mode for the kinds at hand, a
pullback as the gradient of the product with what it is called with.

>>> from ...api import grad, hvp, jvp
>>> product = hvp(lambda x: x**3)
>>> grad(lambda x: product(x, vector=2.0))(3.0)
12.0
>>> grad(lambda x: jvp(lambda y: x * y**2)(x, tangents=1.0)[1])(3.0)
12.0
"""
from __future__ import annotations

from typing import Any, NamedTuple

from ...errors import UnsupportedError
from ...ir.nodes import Form, Lit, Value, beside
from ...types.refusals import Refusal
from ...types.shape_rules import kind_of_operand
from ..environment import object_of, object_value
from . import gradients, jacobian_blocks
from .compositions import composed


class Pulled(NamedTuple):
    """A pullback inside a function, or the cache of a forward pass: what it was called with."""

    derivative: Any
    args: tuple
    keywords: dict
    kind: Any       # of the value


def follow(interp, stage, derivative, args, keywords):
    """Follow a call of what `grad`, `jvp` and the others return."""
    return FOLLOW[derivative.follows](interp, stage, derivative, args, dict(keywords))


def follow_tangent(interp, stage, tangent, args, keywords):
    """`jvp`: the text of forward mode, with the directions as its last arguments."""
    if "tangents" not in keywords:
        raise Refusal("call of a jvp", "tangents= is missing", "Give it a direction for each of wrt.",
                      TypeError)
    return _along(interp, stage, tangent, args, keywords, keywords.pop("tangents"))


def _along(interp, stage, tangent, args, keywords, directions):
    parts = (directions,) if tangent.bare else tuple(_parts(interp, stage, directions).values())
    if len(parts) != len(tangent.wrt):
        raise gradients.refusal("it needs a direction for each of wrt")
    bound = gradients.bind(tangent, args, keywords)
    for name, part in zip(tangent.wrt, parts):
        _fits(interp, kind_of_operand(bound.arguments[name]) if name in bound.arguments else None,
              kind_of_operand(part))
    text = gradients.text_of(interp, tangent, bound)
    code = text.function.__code__
    if not code.co_kwonlyargcount:
        ordered = (bound.arguments[name] for name in tangent.signature.parameters)
        return interp.enter(stage, text.function, (*ordered, *parts), {})
    names = code.co_varnames[code.co_argcount:code.co_argcount + code.co_kwonlyargcount][-len(parts):]
    return interp.enter(stage, text.function, args, {**keywords, **dict(zip(names, parts))})


def _parts(interp, stage, operand):
    if kind_of_operand(operand).tag not in ("tuple", "list"):
        raise gradients.refusal("its directions are not a tuple")
    return interp.parts(stage, operand)


def _fits(interp, kind, direction):
    """Refuse a direction that is not of the shape and structure of its parameter."""
    fits = kind is not None and kind.tag == direction.tag
    if fits and kind.tag in ("tuple", "list", "dict"):
        fits = kind.keys == direction.keys and len(kind.items) == len(direction.items)
        for item, other in zip(kind.items, direction.items) if fits else ():
            _fits(interp, item, other)
    elif fits and kind.tag == "array":
        fits = kind.shape is not None and direction.shape is not None and kind.rank == direction.rank \
            and all(map(interp.builder.scope.relied_equal, kind.shape, direction.shape))
    if not fits:
        raise gradients.refusal("a direction is not known to be of the shape of its parameter")


def follow_product(interp, stage, product, args, keywords):
    """`hvp`: the vector may stand behind the point."""
    if "vector" in keywords:
        vector = keywords.pop("vector")
    elif product.bare and len(args) > 1 and list(product.gradient.signature.parameters)[0] == product.wrt[0]:
        args, vector = (args[0], *args[2:]), args[1]
    else:
        raise Refusal("call of a hvp", "vector= is missing", "Give it one for each of wrt.", TypeError)
    return _along(interp, stage, product.along, args, keywords, vector)


def follow_columns(interp, stage, derivative, args, keywords):
    """`jacobian` and `hessian`: by the text for one number or vector, and by blocks of those for others."""
    bound = gradients.bind(derivative.gradient, args, keywords)
    kind = kind_of_operand(bound.arguments.get(derivative.wrt[0], Lit(None)))
    if derivative.bare and kind.tag == "number":
        return _along(interp, stage, derivative.along, args, keywords, Lit(1.0))
    if derivative.bare and kind.tag == "array" and kind.rank == 1:
        try:
            return gradients.follow(interp, stage, derivative.all_columns, args, keywords)
        except UnsupportedError:
            pass
    outputs = None
    if derivative.name == "jacobian":
        outputs = kind_of_operand(_value(interp, stage, derivative.primal, args, keywords))
    function = jacobian_blocks.function_of(interp, derivative, bound, outputs)
    return interp.enter(stage, function, args, keywords)


def follow_elementwise(interp, stage, derivative, args, keywords):
    """`elementwise_grad`: the gradient of the sum."""
    function = composed(interp, derivative, gradients.bind(derivative.gradient, args, keywords).arguments,
                        "return np.sum({called})")
    return gradients.follow(interp, stage, derivative.maker(function, _wrt(derivative)), args, keywords)


def follow_pullback(interp, stage, derivative, args, keywords):
    """`vjp`, and the forward pass of a gradient: the value, and what the pullback needs."""
    value = _value(interp, stage, derivative.primal, args, keywords)
    pulled = Pulled(derivative, args, keywords, kind_of_operand(value))
    return interp.make(stage, Form("tuple"), (value, object_value(pulled)))


def follow_forward(interp, stage, forward, args, keywords):
    """`.forward` of a gradient: the value and a cache."""
    if forward.of.has_aux:
        raise gradients.refusal("it is a pass of a gradient with aux")
    return follow_pullback(interp, stage, forward.of, args, keywords)


def follow_backward(interp, stage, backward, args, keywords):
    """`.backward` with the cache of a forward pass that is followed, too."""
    kept = object_of(args[1]) if len(args) == 2 and not keywords else None
    if not isinstance(kept, Pulled) or kept.derivative is not backward.of:
        raise gradients.refusal("its cache is not that of a forward pass in the same function")
    return pull(interp, stage, kept, args[0])


def pull(interp, stage, pulled, dout):
    """A call of a pullback: the gradient of the product of what it is called with and the value."""
    derivative = pulled.derivative
    given = gradients.bind(derivative.gradient, pulled.args, pulled.keywords).arguments
    extra = "dout"
    while extra in derivative.gradient.signature.parameters:
        extra += "_"
    terms = _products(interp, pulled.kind, kind_of_operand(dout), "out", extra)
    if terms == [f"np.sum({extra} * out)"]:
        body = f"return np.sum({extra} * {{called}})"
    else:
        body = "out = {called}\n    return " + (" + ".join(terms) or "0.0")
    function = composed(interp, derivative, given, body, extra)
    return gradients.follow(interp, stage, derivative.maker(function, _wrt(derivative)), pulled.args,
                            {**pulled.keywords, extra: dout})


def _products(interp, kind, dout, value, given):
    """The products of the numbers of a value with those of the gradient from above, None in it aside."""
    if dout.tag == "static" and dout.known is not None and dout.known.exact and dout.known.value is None:
        return []
    if kind.tag in ("tuple", "list", "dict") and kind.items is not None:
        if dout.tag != kind.tag or dout.items is None or len(dout.items) != len(kind.items) \
                or kind.keys != dout.keys:
            raise gradients.refusal("what the pullback is called with has not the structure of the value")
        keys = kind.keys if kind.tag == "dict" else range(len(kind.items))
        return [term for key, part, other in zip(keys, kind.items, dout.items)
                for term in _products(interp, part, other, f"{value}[{key!r}]", f"{given}[{key!r}]")]
    if not kind.numeric or not dout.numeric or (kind.rank or 0) != (dout.rank or 0):
        raise gradients.refusal("what the pullback is called with is not of the shape of the value")
    if kind.tag == dout.tag == "array" and not (
            kind.shape is not None and dout.shape is not None
            and all(map(interp.builder.scope.relied_equal, kind.shape, dout.shape))):
        return [f"np.vdot({given}, {value})"]       # which refuses other lengths when it runs
    return [f"np.sum({given} * {value})"]


def _wrt(derivative):
    return derivative.wrt[0] if derivative.bare else derivative.wrt


def _value(interp, stage, primal, args, keywords):
    bare = beside(stage, Value())
    if gradients.is_gradient(primal):
        return follow(interp, bare, primal, args, keywords)
    return interp.enter(bare, primal, args, keywords)


FOLLOW = {"gradient": gradients.follow, "tangent": follow_tangent, "hvp": follow_product,
          "columns": follow_columns, "elementwise": follow_elementwise, "vjp": follow_pullback,
          "forward": follow_forward, "backward": follow_backward}
