"""Pairing: which parameter, or part of a parameter, each gradient of a hand-written pass belongs to.

A gradient goes by its name (`dW`, `grads["W"]`, `self.dW` or `self.grads["W"]` are on `W`), and where it has
none, by its position among the parameters that hold floats.

>>> import numpy as np
>>> def backward(dout, cache):
...     return dw, dx
>>> pairs = pair((np.ones(3), np.ones(2)), returned_names(backward), ("x", "w"), (np.ones(2), np.ones(3)))
>>> [(leaf.name, leaf.path, gradient.shape) for leaf, gradient in pairs]
[('w', (1,), (3,)), ('x', (0,), (2,))]
"""

from __future__ import annotations

import ast
import re
from typing import NamedTuple

import numpy as np

from ..runtime.structure import child, children, is_float, leaves
from ..types.kinds import is_object
from .reading import definition_of


class Leaf(NamedTuple):
    """A number or array of the arguments: its text, the keys that lead to it, the name its gradient is
    called by.
    """

    name: str
    path: tuple

    @property
    def short(self):
        """The last name of its text: `W` of `self.params['W']`."""
        return re.findall(r"\w+", self.name)[-1]


def is_gradient_of(word, name):
    """Whether a name says that it is the gradient of another.

    >>> is_gradient_of("dW1", "W1"), is_gradient_of("grad_W1", "W1"), is_gradient_of("W1_grad", "W1")
    (True, True, True)
    >>> is_gradient_of("W1", "W1"), is_gradient_of("W2", "W1")
    (True, False)
    """
    return word in (
        name,
        f"d{name}",
        f"d_{name}",
        f"grad_{name}",
        f"{name}_grad",
        f"g{name}",
        f"grad{name}",
        f"d{name}_",
        f"dL_d{name}",
        f"dL{name}",
    )


def returned_names(function):
    """The names of the parts of what a function returns last, `dx` for `dx.sum()`; None for a part without.
    """
    tree = definition_of(function)
    returns = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return)] if tree else []
    if not returns or returns[-1] is None:
        return ()
    parts = returns[-1].elts if isinstance(returns[-1], ast.Tuple) else [returns[-1]]
    return tuple(
        next(
            (
                node.id
                for node in ast.walk(part)
                if isinstance(node, ast.Name) and (node is part or node.id.startswith(("d", "grad")))
            ),
            None,
        )
        for part in parts
    )


def pair(gradients, words, names, args):
    """[(Leaf, gradient)] of what a backward pass returns, of the arguments by their names.

    words: the names of the returned parts, as far as they have any.
    """
    if isinstance(gradients, dict):
        return _by_keys(gradients, names, args)
    if not isinstance(gradients, tuple):
        gradients = (gradients,)
    words = words if len(words) == len(gradients) else (None,) * len(gradients)
    free = [
        position
        for position, arg in enumerate(args)
        if any(map(is_leaf, _values(arg))) and not is_object(arg)
    ]
    named = {}
    for part, word in enumerate(words):
        match = [
            position
            for position in free
            if word and is_gradient_of(word, names[position]) and position not in named.values()
        ]
        if match:
            named[part] = match[0]
    rest, pairs = [position for position in free if position not in named.values()], []
    for part, gradient in enumerate(gradients):
        if (
            isinstance(gradient, dict)
            and part not in named
            and not any(isinstance(args[position], dict) for position in free)
        ):
            pairs += _by_keys(gradient, names, args)
            continue
        position = named.get(part)
        if position is None and rest:
            # Without a name, the first parameter of the gradient's shape: a gradient may be left out.
            position = next((other for other in rest if _shape(args[other]) == _shape(gradient)), rest[0])
            rest.remove(position)
        if position is not None and gradient is not None:
            pairs += _inside(args[position], gradient, names[position], (position,))
    return pairs


def _shape(value):
    return np.shape(value) if children(value) is None else tuple(map(_shape, _values(value)))


def is_leaf(value):
    """Whether a number or array can have a gradient that somebody writes down."""
    return is_float(value)


def _values(value):
    parts = children(value)
    return [value] if parts is None else [leaf for _, part, _ in parts for leaf in _values(part)]


def _inside(value, gradient, name, path):
    """The pairs of one argument with a gradient of its own structure."""
    if children(value) is None:
        return [(Leaf(name, path), gradient)]
    if isinstance(gradient, dict) and isinstance(value, dict):
        gradient = {
            key: next(
                (
                    part
                    for word, part in gradient.items()
                    if isinstance(word, str) and isinstance(key, str) and is_gradient_of(word, key)
                ),
                gradient.get(key),
            )
            for key in value
        }
    return [
        (Leaf(text, where), part)
        for text, where, part in leaves(value, gradient, path, name)
        if _is_given(gradient, where[len(path) :])
    ]


def _is_given(gradient, keys):
    for key in keys:
        try:
            gradient = child(gradient, key)
        except (KeyError, IndexError, TypeError):
            return False
    return gradient is not None


def _by_keys(gradients, names, args):
    """The pairs of a dict of gradients, whose keys are the names of parameters or of parts of them."""
    known = all_leaves(names, args)
    pairs = []
    for word, gradient in gradients.items():
        match = [leaf for leaf in known if isinstance(word, str) and is_gradient_of(word, leaf.short)]
        if match and gradient is not None:
            pairs.append((match[0], gradient))
    return pairs


def all_leaves(names, args):
    """The Leaf of each float in the arguments."""
    return [
        Leaf(text, path)
        for position, (name, arg) in enumerate(zip(names, args))
        for text, path, _ in leaves(arg, None, (position,), name)
    ]


def pair_attributes(layer, name, position=0):
    """The pairs of gradients that a layer keeps: `self.dW` or `self.grads["W"]` for `self.W`."""
    pairs, held = [], dict(vars(layer))
    kept = {word: part for word, part in held.items() if not isinstance(part, dict)}
    of_gradients = set()
    for word, part in held.items():
        if isinstance(part, dict) and re.fullmatch(r"_?(d|grads?|gradients?|dparams)", word):
            of_gradients.add(word)
            kept.update(
                {
                    key if key.startswith("d") and key[1:] in _shorts(held) else f"d{key}": value
                    for key, value in part.items()
                    if isinstance(key, str)
                }
            )
    for leaf in all_leaves((name,), (layer,)):
        if leaf.path[1] in of_gradients:
            continue
        word = next((word for word in kept if word != leaf.short and is_gradient_of(word, leaf.short)), None)
        gradient_of_gradient = any(
            is_gradient_of(leaf.short, other) for other in _shorts(held) if other != leaf.short
        )
        if word is not None and kept[word] is not None and not gradient_of_gradient:
            pairs.append((leaf._replace(path=(position, *leaf.path[1:])), kept[word]))
    return pairs


def _shorts(held):
    return {*held, *(key for part in held.values() if isinstance(part, dict) for key in part)}
