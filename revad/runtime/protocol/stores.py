r"""Stores that may be lost: those of a text that are not seen where parts of an array are copies.

>>> store_that_may_be_lost(ast.parse("a = np.zeros(3)\na[0] = 1\nb = a[1:] * a"))
(None, set())
>>> store_that_may_be_lost(ast.parse("a = np.zeros(3)\nb = a[1:]\na[1] = 1\nb += 1"))
(2, {'b'})
"""
from __future__ import annotations

import ast

from ...ir.free_names import all_nodes

IN_PLACE_METHODS = frozenset("""at copyto fill fill_diagonal itemset partition place put put_along_axis
                             putmask resize setfield shuffle sort""".split())
NEW = frozenset("""zeros zeros_like ones ones_like empty empty_like full full_like copy sum mean prod exp log
                tanh sqrt maximum minimum where dot matmul outer concatenate stack hstack vstack abs sin cos
                log1p expm1 square sign tensordot cumsum""".split())
DISPLAYS = ast.List, ast.Tuple, ast.Dict, ast.ListComp, ast.NamedExpr


def store_that_may_be_lost(tree):
    """(line, names): the first line of a store that another name may have to see, or None; what `+=` changes
    that may have another name.

    What is stored into has to be new and have no other name: it is read only as an operand, or as a result.
    """
    stored, summed, harmless, lines = set(), set(), set(), []
    for node in all_nodes(tree):
        if isinstance(node, ast.Subscript) and not isinstance(node.ctx, ast.Load):
            if isinstance(node.value, ast.Name):
                stored.add(node.value.id)
                harmless.add(node.value)
            else:
                lines.append(node.lineno)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            summed.add(node.target.id)
            harmless.add(node.target)
        elif isinstance(node, ast.NamedExpr) or isinstance(node, ast.Call) and (
                isinstance(node.func, ast.Attribute) and node.func.attr in IN_PLACE_METHODS
                or any(keyword.arg == "out" for keyword in node.keywords)):
            lines.append(node.lineno)
        elif isinstance(node, ast.Assign) and _is_new(node.value):
            harmless.update(target for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.Return) or isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Compare)) \
                and not any(isinstance(part, DISPLAYS) for part in _operands(node)):
            harmless.update(part for part in all_nodes(node) if isinstance(part, ast.Name))
    other_uses = {}
    for node in all_nodes(tree):
        if isinstance(node, (ast.Name, ast.arg)) and node not in harmless:
            other_uses.setdefault(node.arg if isinstance(node, ast.arg) else node.id, []).append(node.lineno)
    lines += [line for name in stored for line in other_uses.get(name, ())]
    return min(lines, default=None), summed & set(other_uses)


def _operands(node):
    """The parts of an expression, those of subscripts aside."""
    yield node
    for part in ast.iter_child_nodes(node):
        if not (isinstance(node, ast.Subscript) and part is node.slice):
            yield from _operands(part)


def _is_new(value):
    """Whether an expression is an array that has no other name, or a number."""
    if isinstance(value, (ast.BinOp, ast.UnaryOp, ast.Constant)):
        return True
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in NEW
