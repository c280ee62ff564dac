"""Jacobian blocks: a Jacobian inside a function is a text that calls one derivative for each block.

So is a Hessian, that of a gradient.  The structure of the output is outside, that of the parameters inside.
A block is a gradient where the output is a number, a product where the input is one, and else the columns by
a vector, into which other arrays are raveled.

>>> from ...types.kinds import kind_of
>>> _replaced(kind_of({"w": 1.0, "b": [2.0]}, "p"), "p", "p['b'][0]", "leaf")
"{'w': p['w'], 'b': [leaf, ]}"
"""
from __future__ import annotations

import numpy as np

from ...types.parts import is_record_kind
from ...types.shape_rules import kind_of_operand
from .compositions import arguments_of, parameters_of, text_function
from .lambda_lifting import refusal

CONTAINERS = ("tuple", "list", "dict")


def function_of(interp, derivative, bound, outputs):
    """The function that gives all blocks; outputs: the kind of the value, None for that of a gradient."""
    if derivative.gradient.receiver is not None:
        raise refusal("it is that of a method")
    blocks = _Blocks(interp, derivative, bound.arguments)
    if outputs is not None:
        result = blocks.of_output(outputs, "")
    elif derivative.bare:
        result = blocks.of_output(blocks.kinds[derivative.wrt[0]], "")
    else:
        rows = [blocks.of_output(blocks.kinds[name], f"[{i}]") for i, name in enumerate(derivative.wrt)]
        result = f"({', '.join(rows)},)"
    text = f"def blocks({', '.join(blocks.parameters)}):\n    " + "\n    ".join(
        [*blocks.lines, f"return {result}"]) + "\n"
    return text_function(interp, text, blocks.names, derivative, "blocks")


class _Blocks:
    """The statements of the text, the functions that it calls, and how parts of a result are written."""

    def __init__(self, interp, derivative, given):
        self.interp, self.derivative, self.signature = interp, derivative, derivative.gradient.signature
        self.given = given
        self.kinds = {name: kind_of_operand(given[name]) for name in derivative.wrt if name in given}
        if len(self.kinds) != len(derivative.wrt):
            raise refusal("a parameter of wrt is left out")
        self.parameters = list(parameters_of(self.signature, given))
        self.inner = derivative.primal if derivative.name == "jacobian" else derivative.gradient
        self.lines, self.names, self.leaf = [], {}, self.unused("leaf")

    def unused(self, base):
        while base in self.signature.parameters:
            base += "_"
        return base

    def of_output(self, kind, path):
        """The blocks of a part of the output."""
        if kind.tag in CONTAINERS:
            return _structure(kind, lambda key, part: self.of_output(part, f"{path}[{key!r}]"))
        if not kind.numeric:
            return "None"
        inner = [self.of_input(kind, path, name, self.kinds[name], name) for name in self.derivative.wrt]
        return inner[0] if self.derivative.bare else f"({', '.join(inner)},)"

    def of_input(self, output, path, name, kind, place):
        """The blocks of a part of a parameter."""
        if kind.tag in CONTAINERS:
            return _structure(kind, lambda key, part: self.of_input(output, path, name, part,
                                                                    f"{place}[{key!r}]"))
        if not kind.numeric:
            return "None"
        return self.block(output, path, name, kind, place)

    def block(self, output, path, name, kind, place):
        """One block, as an expression of what a line calls."""
        is_raveled = output.tag == "array" and output.rank and kind.tag == "array" and kind.rank != 1
        leaf = f"{self.leaf}.reshape({place}.shape)" if is_raveled else self.leaf
        changed = arguments_of(self.signature, self.given,
                               {name: _replaced(self.kinds[name], name, place, leaf)})
        product = text_function(
            self.interp, f"def product({', '.join([self.leaf, *self.parameters])}):\n"
            f"    return inner({changed}){path}\n", {"inner": self.inner}, self.derivative)
        plain = arguments_of(self.signature, self.given)
        own, result = self.unused(f"part{len(self.lines)}"), self.unused(f"block{len(self.lines)}")
        called = f"{own}({place}.reshape(-1), {plain})" if is_raveled else f"{own}({place}, {plain})"
        if output.tag == "number" or not output.rank:
            self.names[own] = self.derivative.maker(product, self.leaf)
        elif kind.tag == "number":
            self.names[own] = self.derivative.product_maker(product, self.leaf)
            called = f"{called[:-1]}, tangents=1.0)[1]"
        elif self.derivative.bare and name == place and kind.rank == 1 and not path:
            return self.columns(output, name, kind)
        else:
            self.names[own] = self.derivative.columns_maker(product, self.leaf)
        self.lines.append(f"{result} = {called}")
        return f"{result}.reshape({result}.shape[:-1] + {place}.shape)" if is_raveled else result

    def columns(self, output, name, kind):
        """The columns by a vector one by one, where they are not one text."""
        along, value, result, unit, i = map(self.unused, ("along", "value", "J", "unit", "i"))
        self.names |= {along: self.derivative.along, "inner": self.inner}
        plain = arguments_of(self.signature, self.given)
        dtypes = [np.dtype(k.dtype if k.dtype and np.dtype(k.dtype).kind == "f" else float).name
                  for k in (output, kind)]
        self.lines += [
            f"{value} = inner({plain})",
            f"{result} = np.zeros({value}.shape + ({name}.shape[0],), {dtypes[0]!r})",
            f"for {i} in range({name}.shape[0]):",
            f"    {unit} = np.zeros({name}.shape[0], {dtypes[1]!r})",
            f"    {unit}[{i}] = 1.0",
            f"    {result}[..., {i}] = {along}({plain}, tangents={unit})"]
        return result


def _structure(kind, part):
    """A container of the parts of a kind, as an expression."""
    if kind.items is None or is_record_kind(kind) or kind.tag == "tuple" and kind.keys:
        raise refusal("it is by or of a list of unknown length, or an object")
    if kind.tag == "dict":
        parts = [f"{key!r}: {part(key, item)}" for key, item in zip(kind.keys, kind.items)]
        return "{" + ", ".join(parts) + "}"
    parts = "".join(f"{part(i, item)}, " for i, item in enumerate(kind.items))
    return f"[{parts}]" if kind.tag == "list" else f"({parts})"


def _replaced(kind, path, place, leaf):
    """A parameter with something else in the place of one part."""
    if path == place:
        return leaf
    if kind.tag not in CONTAINERS or not place.startswith(path):
        return path
    return _structure(kind, lambda key, part: _replaced(part, f"{path}[{key!r}]", place, leaf))
