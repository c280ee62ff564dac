"""Assembly: a Jacobian from its columns or rows, in the structure of the output and that of the inputs.

>>> inputs = layout_of({"w": np.ones(2), "name": "a"})
>>> [(path, index) for path, leaf in leaf_paths(inputs) for index in np.ndindex(leaf.shape)]
[(('w',), (0,)), (('w',), (1,))]
>>> with_unit(inputs, ("w",), (1,))
{'w': array([0., 1.]), 'name': None}
"""
from __future__ import annotations

import numpy as np

from .cotangents import Node, layout_of, rebuild
from .structure import child


def leaf_paths(layout, path=()):
    """(path, Leaf) of each number and array."""
    if isinstance(layout, Node):
        for key, part in zip(layout.keys, layout.parts):
            yield from leaf_paths(part, (*path, key))
    elif layout is not None:
        yield path, layout


def size_of(layout):
    """How many numbers there are."""
    return sum(int(np.prod(leaf.shape)) for _, leaf in leaf_paths(layout))


def with_unit(layout, path, index):
    """The structure with 1 in one place, zeros in its array, and None for all other parts."""
    if path:
        return rebuild(layout, [with_unit(part, path[1:], index) if key == path[0] else None
                                for key, part in zip(layout.keys, layout.parts)])
    if layout.kind is not None:
        return layout.kind(1)
    array = np.zeros(layout.shape, layout.dtype)
    array[index] = 1
    return array


class Blocks:
    """The blocks of a Jacobian, one for each pair of leaves of the output and the inputs."""

    def __init__(self, outputs, inputs):
        self.outputs, self.inputs = outputs, inputs
        self.arrays = {(out_path, in_path): np.zeros(out.shape + leaf.shape,
                                                     np.result_type(out.dtype, leaf.dtype))
                       for out_path, out in leaf_paths(outputs) for in_path, leaf in leaf_paths(inputs)}

    def set_column(self, path, index, tangent):
        """The derivative of the whole output on one element of an input."""
        for out_path, out in leaf_paths(self.outputs):
            part = _at(tangent, out_path)
            if part is not None:
                self.arrays[out_path, path][(*(slice(None),) * len(out.shape), *index)] = part

    def set_columns(self, path, places, tangents, directions):
        """The derivatives of the whole output on elements of an input, which are numbered by `places`.

        directions: which of the tangents, along their first axis, belong to them.
        """
        for out_path, out in leaf_paths(self.outputs):
            part = _at(tangents, out_path)
            if part is not None:
                array = self.arrays[out_path, path].reshape(*out.shape, -1)
                array[..., places] = np.moveaxis(part[directions], 0, -1)

    def set_row(self, path, index, gradients):
        """The gradient of one element of the output on the inputs."""
        for in_path, _ in leaf_paths(self.inputs):
            part = _at(gradients, in_path)
            if part is not None:
                self.arrays[path, in_path][index] = part

    def assembled(self):
        """The outer structure is that of the output, the inner one that of the inputs."""
        return _built(self.outputs, (), lambda out_path, out: _built(
            self.inputs, (), lambda in_path, leaf: _block(self.arrays[out_path, in_path], out, leaf)))


def _block(array, out, leaf):
    if array.ndim:
        return array
    return float(array) if float in (out.kind, leaf.kind) else array[()]


def _at(value, path):
    for key in path:
        value = child(value, key)
    return value


def _built(layout, path, of_leaf):
    if isinstance(layout, Node):
        return rebuild(layout, [_built(part, (*path, key), of_leaf)
                                for key, part in zip(layout.keys, layout.parts)])
    return None if layout is None else of_leaf(path, layout)


def inputs_layout(values, is_bare):
    """The layout of the arguments that are differentiated: of one, or of a tuple of them."""
    layouts = list(map(layout_of, values))
    return layouts[0] if is_bare else Node(tuple, tuple(layouts), range(len(layouts)))
