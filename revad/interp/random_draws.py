"""Random draws: the kinds of random numbers, and draws with an active location or scale from standard draws.

A draw happens once, in the forward pass, where it stands; the backward pass reads its result.  Integer
draws have no derivative.

>>> from ..types.shape_rules import kind_of_operand
>>> from ..ir.nodes import Lit
>>> kind_of_draw("randn", (Lit(3), Lit(2)), {}).rank, kind_of_draw("uniform", (Lit(0.0), Lit(1.0)), {}).tag
(2, 'number')
"""
from __future__ import annotations

import random

import numpy as np

from ..ir.nodes import Form, Lit, Value, beside
from ..types.kinds import FLOAT, INT, UNKNOWN
from ..types.random_draws import INTEGER_DRAWS, kind_of_draw
from ..types.refusals import Refusal
from ..types.requirements import Demand
from ..types.shape_rules import kind_of_operand

# A draw of which nothing reads the result stays: the next one is the next number.
STAYS = (Demand(None, None),)
# A draw is location + scale * standard, where standard is the draw without these parameters.
LOCATION_SCALE = {
    "normal": ("loc", "scale"), "laplace": ("loc", "scale"), "logistic": ("loc", "scale"),
    "gumbel": ("loc", "scale"), "uniform": ("low", "high"), "exponential": ("scale",), "rayleigh": ("scale",)}
# The functions of Python's module random, and the parameters of those that draw floats.
PYTHON_DRAWS = {
    "random": (), "uniform": ("a", "b"), "gauss": ("mu", "sigma"), "normalvariate": ("mu", "sigma"),
    "randint": None, "randrange": None, "getrandbits": None}


def drawn(interp, stage, owner, form, args, keywords, receiver=()):
    """The value of a draw by a function or a method of a generator; NotImplemented for other calls.

    form: of the call; receiver: of a method, the operand that is the generator.
    """
    name = form.name.rpartition(".")[2]
    flat = (*receiver, *args, *keywords.values())
    if isinstance(owner, random.Random):
        return _drawn_by_python(interp, stage, form, name, args, keywords)
    if not isinstance(owner, (np.random.RandomState, np.random.Generator)):
        return NotImplemented
    interp.builder.scope.draws = True
    kind = kind_of_draw(name, args, keywords)
    if not any(o.varied for o in flat) or name in INTEGER_DRAWS or name == "choice" and not args[0].varied:
        return (interp.typed(stage, form, flat, kind or UNKNOWN, STAYS) if kind is not None or receiver
                else NotImplemented)
    if name in ("shuffle", "permutation"):
        raise Refusal(f"call of {name}", "what it moves where is drawn",
                      "Draw the places: x[np.random.permutation(len(x))].")
    if name not in LOCATION_SCALE:
        raise Refusal(f"call of {name}", "a derivative cannot be followed through this draw",
                      "Draw standard numbers, and scale and shift them: "
                      "mu + sigma * np.random.normal(size=n).")
    names = LOCATION_SCALE[name]
    arguments = {**dict(zip((*names, "size"), args)), **keywords}
    size = arguments.pop("size", Lit(None))
    if size == Lit(None) and any(kind_of_operand(o).rank != 0 for o in arguments.values()):
        size = _size_for(interp, stage, arguments)
    sizes = {} if size == Lit(None) else {"size": size}
    standard_form = form._replace(keywords=tuple(sizes))
    standard = interp.typed(_unnamed(stage), standard_form, (*receiver, *sizes.values()),
                            kind_of_draw(name, (), sizes), STAYS)
    return _location_scale(interp, stage, names, arguments, standard)


def _drawn_by_python(interp, stage, form, name, args, keywords):
    """A draw by Python's module random."""
    interp.builder.scope.draws = True
    flat = (*args, *keywords.values())
    if name == "choice" and not args[0].varied:
        kinds = {item._replace(known=None) for item in kind_of_operand(args[0]).items}
        return interp.typed(stage, form, flat, kinds.pop() if len(kinds) == 1 else UNKNOWN, STAYS)
    if name not in PYTHON_DRAWS:
        raise Refusal(f"call of random.{name}", "what it draws, or changes, is not known when compiling",
                      "Draw before the call, or with np.random.")
    if PYTHON_DRAWS[name] is None or not any(o.varied for o in flat):
        return interp.typed(stage, form, flat, INT if PYTHON_DRAWS[name] is None else FLOAT,
                            STAYS)
    names = ("low", "high") if name == "uniform" else ("loc", "scale")
    arguments = dict(zip(names, {**dict(zip(PYTHON_DRAWS[name], args)), **keywords}.values()))
    ends = (Lit(0), Lit(1))
    standard = interp.typed(_unnamed(stage), form._replace(keywords=()), ends, FLOAT, STAYS)
    return _location_scale(interp, stage, names, arguments, standard)


def _location_scale(interp, stage, names, arguments, standard):
    """`low + (high - low) * standard`, `loc + scale * standard`."""
    start = arguments.get(names[0])
    end = arguments.get(names[-1]) if len(names) > 1 or names[0] in arguments else None
    if names == ("low", "high"):
        start = Lit(0.0) if start is None else start
        end = Lit(1.0) if end is None else end
        end = end if start == Lit(0.0) else interp.make(stage, Form("binary", "-"), (end, start))
    elif len(names) == 1:
        start = None
    value = standard if end is None else interp.make(stage, Form("binary", "*"), (end, standard))
    return (value if start is None or start == Lit(0.0)
            else interp.emit(stage, Form("binary", "+"), (start, value)))


def _size_for(interp, stage, arguments):
    """The shape to which the parameters broadcast."""
    if any(kind_of_operand(o).rank is None for o in arguments.values()):
        raise Refusal("draw", "the shape of what it draws is not known when compiling", "Say it with size=.")
    first, *others = arguments.values()
    for other in others:
        first = interp.make(stage, Form("binary", "+"), (first, other))
    return interp.make(stage, Form("attr", "shape"), (first,))


def _unnamed(stage):
    return beside(stage, Value())
