"""Handwritten: a backward pass in any of the forms in which people write one, as gradients of the arguments.

>>> def cube(x):
...     return x**3
>>> def cube_prime(x):
...     return 3 * x**2
>>> hand = HandPass(cube, cube_prime, (np.array([1.0, 2.0]),))
>>> result = hand.run(hand.args)
>>> hand.form, [(leaf.name, (gradient / result.dout).round(6).tolist()) for leaf, gradient in result.pairs]
('derivative', [('x', [3.0, 12.0])])
"""

from __future__ import annotations

import copy
import inspect
import re
from typing import Any, NamedTuple

import numpy as np

from ..errors import CallError
from ..runtime.arguments import split_arguments
from ..runtime.cotangents import layout_of, random_cotangent
from ..runtime.structure import children, in_float64, is_float, replaced
from ..runtime.verification.sandbox import Sandbox
from .pairing import pair, pair_attributes, returned_names
from .reading import definition_of, noting, rebuilt

FORMS = ("layer with a cache", "layer without a cache", "derivative", "object", "loss and gradients")
OUTPUTS = ("out", "output", "y", "result", "s", "p", "a", "h", "z", "sig", "probs", "value")


class Result(NamedTuple):
    """A run of a hand-written pass: out without the cache, dout of its structure, (Leaf, gradient) pairs."""

    out: Any
    dout: Any
    pairs: list


class HandPass:
    """A forward pass and a backward pass written by hand, with the arguments to run them on.

    form: one of FORMS.  names, args: of the forward pass, `self` among them; floats are in float64.
    `backward` may be None where `forward` returns its gradients itself.  wrt: the parameters that the
    gradients are for, in their order; left out, they go by name, by shape and by position.
    """

    def __init__(self, forward, backward, args, keywords=None, seed=0, wrt=None):
        self.seed, self.wrt = seed, (wrt,) if isinstance(wrt, str) else wrt
        self.receiver = inspect.ismethod(forward)
        if self.receiver:
            args, forward = (forward.__self__, *args), forward.__func__
        self.forward = getattr(forward, "primal", forward)
        self.backward = (
            backward.__func__ if inspect.ismethod(backward) else getattr(backward, "primal", backward)
        )
        self.signature = inspect.signature(self.forward)
        bound = self.signature.bind(*args, **(keywords or {}))
        bound.apply_defaults()
        self.names, self.given = tuple(bound.arguments), tuple(bound.arguments.values())
        self.args = tuple(in_float64(arg, False) for arg in self.given)
        self.sandbox = Sandbox(self.forward, (*self.args, *([backward] if backward is not None else [])))
        self.at_output, self.words = False, returned_names(self.written)
        for name in self.wrt or ():
            if name not in self.names:
                raise CallError(
                    f"{self.forward.__name__} has no parameter {name!r}: it has {', '.join(self.names)}"
                )
        self.form = self._form(self.sandbox.run(self._forward, self.args))

    @property
    def written(self):
        """The function that computes the gradients by hand."""
        return self.forward if self.backward is None else self.backward

    def _forward(self, args, forward=None):
        positional, keywords = split_arguments(self.signature, args)
        return (forward or self.forward)(*positional, **keywords)

    def _form(self, result):
        if self.backward is None:
            if not isinstance(result, tuple) or len(result) < 2:
                raise CallError(
                    f"{self.forward.__name__} returns no gradients beside its value, and no backward "
                    "pass is given"
                )
            return "loss and gradients"
        names = self._parameters()
        if self.receiver and names[:1] == ["self"]:
            return "object"
        if isinstance(result, tuple) and len(result) > 1 and (len(names) == 2 or len(names) == len(result)):
            return "layer with a cache"
        if any(_is_upstream(name) and name not in self.names for name in names) or len(names) > len(
            self.names
        ):
            return "layer without a cache"
        return "derivative"

    def _parameters(self):
        """The parameters of the backward pass that have no default."""
        parameters = inspect.signature(self.backward).parameters.values()
        return [
            p.name
            for p in parameters
            if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]

    # ---- running

    def run(self, args, backward=None, before=None, between=None, forward=None) -> Result:
        """The result for these arguments, without side effects.

        backward: in the place of the pass by hand; before: arguments of a whole run before this one; between:
        of a forward pass between the two passes.  Raises whatever the passes raise.
        """
        return self.sandbox.run(self._run, args, backward or self.written, before, between)

    def _run(self, args, backward, before, between):
        if before is not None:
            state = np.random.get_state(legacy=False)
            self._pass(before, backward, None)
            np.random.set_state(state)
        return self._pass(args, backward, between)

    def _pass(self, args, backward, between):
        """Both passes, in the order of the form."""
        state = np.random.get_state(legacy=False)
        if self.form == "loss and gradients":
            result = self._forward(args, backward)
            loss, *gradients = result
            gradients = gradients[0] if len(gradients) == 1 else tuple(gradients)
            words = self.wrt or self.words[1:]
            return Result(loss, self.draw(loss), self._pairs(gradients, words, args))
        before = copy.deepcopy(args)
        result = self._forward(args)
        out, cache = self.split(result)
        dout = self.draw(out)
        if between is not None:
            np.random.set_state(state)
            self._forward(between)
        given = copy.deepcopy(dout)
        if self.form == "object":
            gradients = backward(args[0], *(given if self._takes_several(out) else (given,)))
            pairs = pair_attributes(args[0], self.names[0])
            inputs = [arg for arg in before[1:]]
            if gradients is not None and gradients is not args[0]:
                pairs += [
                    (leaf._replace(path=(leaf.path[0] + 1, *leaf.path[1:])), gradient)
                    for leaf, gradient in pair(gradients, self.wrt or self.words, self.names[1:], inputs)
                ]
            return Result(out, dout, pairs)
        gradients = self._gradients(backward, before, out, cache, given)
        return Result(out, dout, self._pairs(gradients, self.wrt or self.words, before))

    def _pairs(self, gradients, words, args):
        position = int(self.receiver)
        if position and isinstance(gradients, dict):
            return pair(gradients, words, self.names, args)
        pairs = pair(gradients, words, self.names[position:], args[position:])
        return [
            (leaf._replace(path=(leaf.path[0] + position, *leaf.path[1:])), gradient)
            for leaf, gradient in pairs
        ]

    def split(self, result):
        """(out, cache) of what the forward pass returns."""
        if self.form == "loss and gradients":
            return result[0], None
        if self.form == "layer with a cache":
            return (result[0] if len(result) == 2 else result[:-1]), result[-1]
        return result, None

    def _takes_several(self, out):
        return isinstance(out, tuple) and len(self._parameters()) == 1 + len(out)

    def _gradients(self, backward, args, out, cache, dout):
        names = self._parameters()
        if self.form == "derivative":
            local = backward(*((out,) if self.at_output else args[: len(names)]))
            local = local if isinstance(local, tuple) else (local,)
            return tuple(None if part is None else part * dout for part in local)
        if self.form == "layer with a cache":
            douts = (
                list(dout)
                if len(names) == 1 + (len(out) if isinstance(out, tuple) else 1) and isinstance(out, tuple)
                else [dout]
            )
            first = bool(re.search(r"cache|ctx|saved|memory", names[0]))
            return backward(*([cache, *douts] if first else [*douts, cache]))
        known, given = dict(zip(self.names, args)), []
        known = {**self._variables(args, set(names) - set(known)), **known}
        upstream = [name for name in names if name not in known and _is_upstream(name)]
        douts = iter(
            dout if isinstance(out, tuple) and len(upstream) == len(out) else [dout] * len(upstream)
        )
        for name in names:
            if name in known:
                given.append(known[name])
            elif name in upstream:
                given.append(next(douts))
            elif name in OUTPUTS:
                given.append(out)
            else:
                raise CallError(
                    f"{self.written.__name__} takes {name}, which is neither a parameter nor a variable "
                    f"of {self.forward.__name__}, nor the gradient from above (dout)"
                )
        return backward(*given)

    def _variables(self, args, wanted):
        """Variables of the forward pass, which a backward pass may take by their names."""
        tree, held = definition_of(self.forward), {}
        if tree is not None and wanted:
            self._forward(copy.deepcopy(args), noting(self.forward, tree, held))
        return {name: held[name] for name in wanted if name in held}

    # ---- what the passes are compared at

    def draw(self, out):
        """1 for one number, and random numbers of the seed for anything else."""
        if (
            isinstance(out, float)
            or np.ndim(out) == 0
            and not isinstance(out, (tuple, list, dict))
            and children(out) is None
        ):
            return 1.0
        out = in_float64(out, False)
        return random_cotangent(layout_of(out), out, np.random.default_rng(self.seed))

    def other_args(self):
        """Arguments near these, in all arrays of floats."""

        def moved(value):
            parts = children(value)
            if parts is not None:
                for key, part, _ in parts:
                    if children(part) is not None or isinstance(part, np.ndarray):
                        value = replaced(value, (key,), moved(part))
                return value
            return (
                0.9 * value + 0.01 * np.sign(value)
                if isinstance(value, np.ndarray) and is_float(value)
                else value
            )

        return tuple(moved(arg) for arg in self.args)

    def without_cache(self):
        """The forward pass as a function of the output alone; None where its text cannot be changed."""
        from .factors import returning_output

        tree = returning_output(self)
        return None if tree is None else rebuilt(tree, self.forward)


def _is_upstream(name):
    """Whether a parameter is the gradient from above."""
    return bool(re.match(r"(d[a-zA-Z_]|grad|g$|g_|upstream|delta|up$|v$|ct$|cotangent)", name))
