"""Drawing: `circuit` draws a function as a circuit of gates, with values in green and gradients in red.

>>> def f(x, y, z):
...     q = x + y
...     return q * z
>>> picture = circuit(f, -2, 5, -4)
>>> print(picture)
circuit of f
gate  name  of    value  gradient
      x           -2     -4
      y           5      -4
      z           -4     3
+     q     x, y  3      -4
*     f     q, z  -12    1
>>> picture._repr_svg_().count("<circle")
2
"""

from __future__ import annotations

import html
import pathlib

import numpy as np

from .boxes import boxed, is_bare
from .layout import LETTER, RADIUS, WIRE, Layout, Spot
from .staging import shown
from .tracing import traced

GREEN, RED, BLACK = "green", "red", "black"
ARROW = (
    '<defs><marker id="revad-arrow" refX="6" refY="2" markerWidth="6" markerHeight="4" orient="auto">'
    '<path d="M 0,0 V 4 L 6,2 Z"/></marker></defs>'
)
LONGEST = 28  # letters of a symbol
DOT = 4.0  # the radius of a port


def circuit(f, *args, wrt=None, merge=(), depth=1, places=None, **keywords):
    """The circuit of a function at these arguments, as a picture in SVG.

    Gates are circles with their symbol, inputs stand at the left; above each wire is its value in green,
    below it in red the gradient of the result on it.  Constants are parts of gates (`*2`, `+1`, `1/x`).
    Arrays show their shape and norm.  f: a function that returns a number, or arrays, whose sum is taken, or
    its gradient.  wrt: the inputs; left out, every argument that is a number or holds floats.  merge:
    True to draw each statement as one gate, or the names of the variables whose statements are.  depth: how
    deep loops and calls of your own functions are opened; 1 draws them as boxes.  places: decimals; left
    out, none if all numbers are integers, else two. Returns a Circuit, which shows in a notebook;
    `.save(path)` writes it.  Raises CallError for a function that does not come apart into gates.
    """
    return Circuit(traced(f, args, keywords, merge, wrt), places, depth)


class Circuit:
    """A picture of a trace: nodes, and their places in the picture."""

    def __init__(self, trace, places=None, depth=1):
        self.trace, self.name, self.nodes = trace, trace.function.__name__, boxed(trace, depth)
        numbers = [
            number for node in self.nodes if not is_bare(node) for number in (node.value, node.gradient)
        ]
        if places is None:
            places = (
                0 if all(not np.ndim(number) and float(number).is_integer() for number in numbers) else 2
            )
        self.places = places
        position = {id(node): at for at, node in enumerate(self.nodes)}
        self.layout = Layout(
            [
                self._spot(node, tuple(position[id(operand)] for operand in node.operands))
                for node in self.nodes
            ]
        )

    def _spot(self, node, operands):
        label = self._label(node)
        room = max(RADIUS, LETTER * len(label) / 2 + 8 if len(label) > 3 else RADIUS)
        room = DOT if node.kind == "port" else room
        texts = max(len(self._number(node.value)), len(self._number(node.gradient)))
        name = self.trace.name_of(node)
        if is_bare(node):
            return Spot(operands, room, 2 * DOT)
        return Spot(operands, room, max(WIRE, LETTER * texts + 10), LETTER * len(name) + 6 if name else 0)

    @staticmethod
    def _label(node):
        return node.label if len(node.label) <= LONGEST else node.label[: LONGEST - 3] + "..."

    def _number(self, value):
        return "" if value is None else shown(value, self.places)

    # ---- the picture

    def svg(self) -> str:
        """The picture as a text of SVG."""
        layout = self.layout
        height = layout.bottom - layout.top
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{layout.width:.4g}" height="{height:.4g}" '
            f'viewBox="0 {layout.top:.4g} {layout.width:.4g} {height:.4g}" '
            f'font-family="Helvetica, Arial, sans-serif" role="img">',
            f"<title>circuit of {html.escape(self.name)}</title>",
            f'<rect y="{layout.top:.4g}" width="100%" height="100%" fill="white"/>',
            ARROW,
        ]
        for position, spot in enumerate(layout.spots):
            parts += [
                _line(layout.way(operand, position), arrow=True) for operand in dict.fromkeys(spot.operands)
            ]
        for node, spot in zip(self.nodes, layout.spots):
            parts += self._gate(node, spot)
        return "\n".join([*parts, "</svg>\n"])

    def _gate(self, node, spot):
        parts = []
        if node.kind == "port":
            parts.append(f'<circle cx="{spot.x:g}" cy="{spot.y:g}" r="{DOT:g}"/>')
            parts.append(_line([(spot.x, spot.y), (spot.start, spot.y)]))
        elif spot.operands:
            label = self._label(node)
            parts.append(_outline(node, spot))
            size = 20 if len(label) <= 2 else 16
            # An asterisk stands high in its line.
            lowered = spot.y + size * (0.5 if label == "*" else 0.3)
            parts.append(_text(spot.x, lowered, label, BLACK, size, "middle"))
            if is_bare(node):
                return [*parts, _line([(spot.x + spot.half_width, spot.y), (spot.end, spot.y)])]
            parts.append(_line([(spot.x + spot.half_width, spot.y), (spot.start, spot.y)], arrow=True))
        parts.append(_line([(spot.start, spot.y), (spot.end, spot.y)]))
        parts.append(_text(spot.start + 5, spot.y - 6, self._number(node.value), GREEN))
        parts.append(_text(spot.start + 5, spot.y + 17, self._number(node.gradient), RED))
        name = self.trace.name_of(node)
        if name:
            parts.append(_text(spot.start - 5, spot.y - 6, name, BLACK, anchor="end"))
        return parts

    def save(self, path):
        """Write the picture to a file."""
        pathlib.Path(path).write_text(self.svg(), encoding="utf-8")

    def _repr_svg_(self):
        return self.svg()

    def __str__(self):
        table = [("gate", "name", "of", "value", "gradient")]
        names = {
            id(node): self.trace.name_of(node) or f"({number})" for number, node in enumerate(self.nodes)
        }
        for node in self.nodes:
            table.append(
                (
                    "" if node.is_input else self._label(node),
                    names[id(node)],
                    ", ".join(names[id(operand)] for operand in node.operands),
                    self._number(node.value),
                    self._number(node.gradient),
                )
            )
        widths = [max(map(len, column)) for column in zip(*table)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(cells, widths)).rstrip() for cells in table
        ]
        return "\n".join([f"circuit of {self.name}", *lines])

    __repr__ = __str__


def _outline(node, spot):
    """The circle of a gate; around a long symbol it is a box, with a thick line where it opens."""
    style = f'fill="white" stroke="black" stroke-width="{2 if node.kind == "box" else 1}"'
    title = f"<title>{html.escape(node.text)}</title>"
    if spot.half_width > RADIUS:
        left, top = spot.x - spot.half_width, spot.y - RADIUS
        size = f'width="{2 * spot.half_width:g}" height="{2 * RADIUS:g}" rx="12"'
        return f'<rect x="{left:g}" y="{top:g}" {size} {style}>{title}</rect>'
    return f'<circle cx="{spot.x:g}" cy="{spot.y:g}" r="{RADIUS:g}" {style}>{title}</circle>'


def _line(points, arrow=False):
    """A line through points."""
    written = " ".join(f"{x:.4g},{y:.4g}" for x, y in points)
    end = ' marker-end="url(#revad-arrow)"' if arrow else ""
    return f'<polyline points="{written}" fill="none" stroke="black" stroke-width="1"{end}/>'


def _text(x, y, text, color, size=16, anchor="start"):
    """A text at a place.

    >>> _text(1, 2, "<", "red")
    '<text x="1" y="2" font-size="16" fill="red" text-anchor="start">&lt;</text>'
    """
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{color}" text-anchor="{anchor}">'
        f"{html.escape(text)}</text>"
    )
