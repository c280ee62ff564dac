"""Stems: what the texts of a function are called after: the function, or the class of a method.

>>> stem_of("relu_forward", "relu_forward"), stem_of("step", "f.<locals>.step")
('relu', 'step')
>>> stem_of("forward", "LeakyReLU.forward"), stem_of("__call__", "Conv2D.__call__")
('leaky_relu', 'conv2d')
>>> stem_of("loss", "TwoLayerNet.loss")
'two_layer_net_loss'
>>> text_name("relu", "backward"), text_name("forward", "grad")
('relu_backward', 'forward_grad')
"""
from __future__ import annotations

import re

WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^A-Z_]+|[A-Z]+")
OF_CLASS = ("forward", "__call__")      # methods that have the name of their class alone
FORWARD = re.compile(r"(?:(?<=_)|^)forward(?=_|$)")
SHORTEST = 3    # of a word that stands apart: the Re of ReLU does not


def stem_of(name, qualname):
    """The stem for a function of this name."""
    *_, class_name, own_name = ["<locals>", *qualname.split(".")]
    if class_name == "<locals>" or own_name != name:
        return name.removesuffix("_forward") or name
    stem = _snake(class_name)
    return stem if name in OF_CLASS else f"{stem}_{name.strip('_').removesuffix('_forward')}"


def stem_of_call(name, qualname):
    """The stem for a function that is called in a text: that says of which class `net.loss` is.

    >>> stem_of_call("loss", "TwoLayerNet.loss"), stem_of_call("forward", "Relu.forward")
    ('loss', 'relu')
    """
    return stem_of(name, qualname if name in OF_CLASS else name)


def text_name(stem, part):
    """The name of one of a function's texts; in the name of a pass `forward` becomes `backward`.

    >>> text_name("forward", "backward"), text_name("conv_forward_naive", "backward")
    ('backward', 'conv_backward_naive')
    """
    if part in ("forward", "backward") and FORWARD.search(stem):
        return FORWARD.sub(part, stem, 1)
    return f"{stem}_{part}"


def cache_name(stem):
    """The name of a cache of a function that is called.

    >>> cache_name("relu"), cache_name("conv_forward_naive"), cache_name("forward")
    ('relu_cache', 'conv_naive_cache', 'forward_cache')
    """
    return f"{re.sub('(^|_)forward(?=_)', '', stem).strip('_')}_cache"


def _snake(name):
    """The words of CamelCase: short ones side by side are one, and one by itself belongs to its neighbour."""
    words = _joined(WORDS.findall(name), max)
    return "_".join(_joined(words, min)).lower() or "method"


def _joined(words, length):
    joined = words[:1]
    for word in words[1:]:
        if length(len(joined[-1]), len(word)) < SHORTEST:
            joined[-1] += word
        else:
            joined.append(word)
    return joined
