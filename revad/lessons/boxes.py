"""Boxes: a trace in which the loops and calls below a depth are boxes, whatever went on inside of them.

>>> from .tracing import traced
>>> def f(x):
...     s = 0.0
...     for i in range(3):
...         s += x**i
...     return s * x
>>> for node in boxed(traced(f, (2.0,)), 1):
...     print(node.kind, node.label, node.name, node.value, node.gradient)
input x x 2.0 17.0
box for i in range(3) s 7.0 2.0
gate *  14.0 1.0
>>> len(boxed(traced(f, (2.0,)), 2))
8
"""

from __future__ import annotations

from .recording import Node
from .tracing import on_the_way_to


def is_bare(node):
    """Whether a node is a box of several values: each of them has a port of its own."""
    return node.kind == "box" and node.value is None


def boxed(trace, depth) -> list:
    """The nodes of a trace on a way to its results, with boxes for what is deeper than a depth.

    A box of one value is a node like a gate; a box of several has a 'port' for each of them.
    """
    nodes = trace.used
    group_of = {id(node): _group(node, depth) for node in nodes}
    last = {id(group): node for node in nodes if (group := group_of[id(node)]) is not None}
    read_outside = {
        id(operand)
        for node in nodes
        for operand in node.operands
        if group_of[id(operand)] is not None and group_of[id(operand)] is not group_of[id(node)]
    } | {id(result) for result in trace.results}
    shown, view = {}, []
    for node in nodes:
        group = group_of[id(node)]
        if group is None:
            shown[id(node)] = _copy(node, [shown[id(operand)] for operand in node.operands])
            view.append(shown[id(node)])
        elif last[id(group)] is node:
            members = [member for member in nodes if group_of[id(member)] is group]
            given = {id(member) for member in members}
            operands = list(
                dict.fromkeys(
                    shown[id(operand)]
                    for member in members
                    for operand in member.operands
                    if id(operand) not in given
                )
            )
            outputs = [member for member in members if id(member) in read_outside]
            view += _box(group, operands, outputs, shown)
    for number, node in enumerate(view):
        node.number = number
    return on_the_way_to([shown[id(result)] for result in trace.results], view)


def _group(node, depth):
    """The loop or call that is a box around a node, or None."""
    chain = node.group.chain if node.group is not None else []
    return chain[depth - 1] if len(chain) >= depth else None


def _copy(node, operands):
    return Node(
        node.number, node.kind, node.label, operands, node.value, node.line, node.text, node.name,
        node.gradient, is_result=node.is_result,
    )  # fmt: skip


def _box(group, operands, outputs, shown):
    """The nodes of a box, which `shown` then has for its outputs."""
    box = Node(0, "box", group.label, operands, None, group.line, group.label)
    if len(outputs) == 1:
        only = outputs[0]
        box.value, box.gradient, box.name = only.value, only.gradient, only.name
        box.is_result = only.is_result
        shown[id(only)] = box
        return [box]
    ports = [
        Node(
            0, "port", "", [box], output.value, output.line, output.text, output.name, output.gradient,
            is_result=output.is_result,
        )
        for output in outputs
    ]  # fmt: skip
    shown.update({id(output): port for output, port in zip(outputs, ports)})
    return [box, *ports]
