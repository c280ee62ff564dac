"""Staging: `stages` shows the value and the gradient of each statement of a function, as a table.

>>> def f(x, y):
...     q = x + y
...     s = 1 / (1 + np.exp(-q))
...     return s * x
>>> print(stages(f, 3.0, -4.0))
stages of f: 0.806824
line  stage  value     gradient
      x      3         0.858777
      y      -4        0.589836
2     q      -1        0.589836
3     s      0.268941  3
4     f      0.806824  1
"""

from __future__ import annotations

import html

import numpy as np

from ..errors import CallError
from .tracing import traced

HEADINGS = ("line", "stage", "value", "gradient")
STYLE = (
    "border-collapse:collapse;font:13px/1.6 ui-monospace,Menlo,Consolas,monospace",
    "padding:1px 12px;text-align:left",
    "color:#1a7f37",
    "color:#cf222e",
)


def stages(f, *args, wrt=None, **keywords):
    """The value of each statement of a function at these arguments, and the gradient of the result on it.

    f: a function that returns a number, or arrays, whose sum is taken; or its gradient.  wrt: the inputs
    to show; left out, every argument that is a number or holds floats.  A number is shown as it is, an
    array by its shape and its norm.  In a loop each round has its stages.  Returns Stages, which print as a
    table and show as one in a notebook. Raises CallError for a function that does not come apart into
    statements.
    """
    try:
        return Stages(traced(f, args, keywords, True, wrt))
    except CallError:  # a statement that is no gate as a whole: it joins lists, say, or stores into a view
        return Stages(traced(f, args, keywords, (), wrt))


class Stages:
    """A table of stages: rows of (line, name, value, gradient)."""

    def __init__(self, trace):
        self.trace, self.name = trace, trace.function.__name__
        self.rows = tuple(
            (node.line, trace.name_of(node), node.value, node.gradient)
            for node in trace.nodes
            if trace.name_of(node)
        )

    def __getitem__(self, name):
        """(value, gradient) of the last stage of a name."""
        for _, other, value, gradient in reversed(self.rows):
            if other == name:
                return value, gradient
        raise KeyError(name)

    def cells(self):
        """The rows as texts."""
        return [
            (str(line or ""), name, shown(value), shown(gradient))
            for line, name, value, gradient in self.rows
        ]

    def __str__(self):
        table = [HEADINGS, *self.cells()]
        widths = [max(map(len, column)) for column in zip(*table)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip() for cells in table
        ]
        results = ", ".join(shown(node.value) for node in self.trace.results)
        return "\n".join([f"stages of {self.name}: {results}", *lines])

    __repr__ = __str__

    def _repr_html_(self):
        table, cell, green, red = STYLE
        rows = ["".join(f'<th style="{cell};border-bottom:1px solid #999">{word}</th>' for word in HEADINGS)]
        for line, name, value, gradient in self.cells():
            styles = zip((line, name, value, gradient), ("color:#888", "", green, red))
            rows.append(
                "".join(f'<td style="{cell};{style}">{html.escape(text)}</td>' for text, style in styles)
            )
        return f'<table style="{table}">' + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>"


def shown(value, places=None) -> str:
    """A number, or the shape and the norm of an array.

    >>> shown(2.0), shown(1 / 3), shown(1 / 3, 2), shown(np.ones((2, 2)))
    ('2', '0.333333', '0.33', '(2, 2) norm 2')
    """
    if isinstance(value, tuple):
        return f"({', '.join(shown(part, places) for part in value)})"
    if np.ndim(value):
        return (
            f"{np.shape(value)} norm {shown(float(np.linalg.norm(np.asarray(value, dtype=float))), places)}"
        )
    text = f"{float(value):.6g}" if places is None else f"{float(value):.{places}f}"
    return text[1:] if text.strip("-0.") == "" and text.startswith("-") else text
