"""Random pieces of programs: operands, expressions, conditions, subscripts and views, of what there is when they are written.

A `Pieces` has the variables with their values, so that shapes fit and what is written runs.

    >>> import random
    >>> pieces = Pieces(random.Random(1).randrange, {"x": np.ones(3), "s": 2.0})
    >>> pieces.place(np.ones(3)) in pieces.places(1, [])
    True
"""

import math
import types
import warnings

import numpy as np
from differences import leaves

LARGEST = 60.0
NAMES = list("uvwpqrst") + ["h", "acc", "total", "out", "row", "y", "dx", "e"]
# Functions beside the program, after 'def name'.
HELPERS = [
    "(p):\n    return np.tanh(p) * p\n",
    "(p, q=0.5):\n    r = p * q\n    s = np.sin(r)\n    return s + r * p\n",
    "(p, q):\n    if np.sum(p) > 0.2:\n        return p * q\n    return q - p\n",
    "(p):\n    p *= 0.5\n    return p + 1.0\n",
    "(p):\n    p[0] = 2.0\n    return p.sum()\n",
    "(p):\n    t = 0.0\n    for r in p:\n        t = t + np.sum(r) ** 2\n    return t\n",
    "(p, q):\n    u, v = p * 2.0, np.sin(q)\n    for i in range(2):\n        u, v = v, u * 0.5\n"
    "    return u - v\n",
    "(p, c=1.5):\n    out = np.zeros_like(p)\n    for i in range(len(p)):\n        if i % 2:\n"
    "            out[i] = p[i] * c\n"
    "        else:\n            out[i] = p[i] ** 2\n    return out\n",
    "(p):\n    for i in range(3):\n        if np.sum(p) > i:\n            return p * i\n    return p * p\n",
]


class Pieces:
    """What one can write down here; choose(n) is a number below n, 0 the simplest."""

    def __init__(self, choose, names):
        self.choose, self.env = choose, {"np": np, "math": math, **names}

    def pick(self, options):
        return options[self.choose(len(options))]

    def one_in(self, n):
        return self.choose(n) == n - 1

    # ---- what there is

    def variables(self, fits):
        return [name for name, value in self.env.items() if not name.startswith("_") and fits(value)]

    def arrays(self):
        return self.variables(lambda v: isinstance(v, np.ndarray) and v.ndim and v.size and v.dtype.kind == "f")

    def integers(self):
        """Variables of loops and counters, and 0."""
        return self.variables(lambda v: type(v) is int and 0 <= v < 4)

    def functions(self):
        return [(name, value) for name, value in self.env.items() if isinstance(value, types.FunctionType)]

    def target(self):
        if self.one_in(2):
            return self.pick(self.variables(is_numeric) or NAMES)
        return self.pick(NAMES)

    def value(self, text):
        """The value of an expression, or None where it is not an ordinary one."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                value = eval(text, dict(self.env))
        except Exception:
            return None
        return value if is_ordinary(value) else None

    # ---- operands and expressions

    def operand(self, scalar=False):
        """(text, value) of a number or an array."""
        found = []
        for name, value in self.env.items():
            if name.startswith("_"):
                continue
            if is_numeric(value):
                found.append((name, value))
                if np.ndim(value) and value.size:
                    place = self.place(value)
                    found.append((f"{name}[{place}]", self.value(f"{name}[{place}]")))
            elif isinstance(value, (list, tuple)) and value:
                at = self.choose(len(value))
                found.append((f"{name}[{self.pick([at, at - len(value)])}]", value[at]))
            elif isinstance(value, dict) and value:
                key = self.pick(list(value))
                found.append((f"{name}[{key!r}]", value[key]))
        found = [(text, value) for text, value in found
                 if is_numeric(value) and (not scalar or np.ndim(value) == 0)]
        if not found:
            return "1.5", 1.5
        return self.pick(found[::-1])

    def literal(self):
        return self.pick(["2", "0.5", "1.0", "-1.5", "0.25", "3.0"])

    def expression(self, depth=None, scalar=False):
        text, value = self.operand()
        for _ in range(self.choose(3) if depth is None else depth):
            new = self.step(text, value)
            found = self.value(new)
            if is_numeric(found):
                text, value = f"({new})", found
        if scalar and np.ndim(value):
            text = self.pick([f"np.sum({text})", f"{text}.mean()", f"({text} ** 2).sum()"])
        return text[1:-1] if text.startswith("(") and _is_whole(text) else text

    def fitting(self, shape, depth=1):
        """An expression that can be stored in that shape."""
        for _ in range(4):
            text = self.expression(depth)
            value = self.value(text)
            if value is not None:
                try:
                    np.broadcast_to(value, shape)
                    return text
                except ValueError:
                    pass
        return self.expression(depth, scalar=True)

    def step(self, x, value):
        y, other = self.operand()
        if self.one_in(3):
            y = self.literal()
        if self.one_in(4):
            x, y = y, x
        options = [f"{x} * {y}", f"{x} + {y}", f"{x} - {y}", f"{x} / ({y} * {y} + 1.0)", f"np.sin({x})",
                   f"np.tanh({x})", f"{x} ** 2", f"-{x}", f"np.maximum({x}, {y})", f"np.exp(-{x} * {x})",
                   f"{x} * 0.5 + {y}", f"np.where({x} > 0.1, {x}, {y})", f"{x} * ({y} > 0.3)",
                   f"({x} if {self.condition()} else {y})", f"{y} * {self.pick(self.integers() or ['2'])}"]
        for name, function in self.functions():
            given = ", ".join([x, y][:len(required(function))])
            options += [f"{name}({given})"] * 3
        if np.ndim(value):
            axis = self.choose(np.ndim(value))
            options += [f"{x} @ {y}", f"{x}.sum()", f"{x}.mean(axis={axis})",
                        f"np.sum({x}, axis={axis}, keepdims=True)", f"{x}.T", f"{x}.copy()", f"{x}[::-1]",
                        f"{x}.reshape(-1)", f"np.zeros_like({x})", f"{x} @ {x}.T", f"np.max({x})",
                        f"{x}[None]", f"np.cumsum({x}, axis={axis})", f"np.concatenate([{x}, {y}])",
                        f"np.stack([{x}, {y}])", f"np.array([{y}, 1.0])", f"{x}[{x} > 0.0]",
                        f"np.outer({x}, {y})", f"{x}.sum(axis={axis}) * {y}"]
        else:
            options += [f"math.sin({x})", f"max({x}, {y})", f"abs({x})", f"float({x})", f"np.full(3, {x})"]
        return self.pick(options)

    def condition(self):
        """A condition on data, on integers, or on both."""
        if self.one_in(5):
            return self.pick([f"{self._condition()} and {self._condition()}",
                              f"{self._condition()} or {self._condition()}",
                              f"not {self._condition()}"])
        return self._condition()

    def _condition(self):
        integers = self.integers()
        if integers and self.one_in(2):
            i = self.pick(integers)
            return self.pick([f"{i} % 2 == 0", f"{i} > 1", f"{i} == 0", f"{i} != 1", f"{i} < 2"])
        text, value = self.operand()
        if np.ndim(value):
            text = f"{text}.{self.pick(['sum()', 'max()', 'shape[0]', 'mean()', 'size'])}"
        other = self.literal() if self.one_in(2) else self.operand(scalar=True)[0]
        return f"{text} {self.pick(['>', '<', '>=', '<='])} {other}"

    # ---- subscripts and views

    def place(self, value):
        return self.pick(self.places(np.ndim(value), self.integers()))

    def places(self, rank, integers):
        found = ["0", "-1", "1:", ":2", "::2", "::-1", "-2:", "..."]
        for i in integers:
            found += [i, i, f"-1 - {i}", f"{i}:", f"{i}:{i} + 2", f":{i} + 1", f"{i} % 2"]
        if rank > 1:
            i, j = self.pick(integers or ["0"]), self.pick(integers or ["-1"])
            found += [":, 0", "0, 1", f"{i}, {j}", f":, {i}", f"{i}, :", f"1:, {j}", f"..., {i}", ":, ::-1",
                      "::2, 1:", ":, None, 0"]
        return found

    def stored_place(self, name, value):
        """A subscript to store at: also masks and lists of positions."""
        n = value.shape[0]
        special = [f"{name} > 0.2", f"np.arange({n})", "[0, -1]", "[1, 0]"]
        if value.ndim > 1:
            special += [f"np.arange({n}), np.zeros({n}, int)", f"np.arange(len({name})), [0] * {n}",
                        "[0, 1], [1, 0]"]
        return self.pick(special) if self.one_in(3) else self.place(value)

    def view(self, name, value):
        return self.pick([name, f"{name}[{self.place(value)}]", f"{name}.T", f"{name}.reshape(-1)",
                          f"{name}.ravel()", f"{name}[:]", f"{name}[1:]", f"{name}[::-1]", f"{name}[0]",
                          f"{name}[None]", f"np.asarray({name})", f"{name}.reshape({value.size}, 1)",
                          f"{name}[..., None]", f"np.squeeze({name})"])


def required(function):
    count = function.__code__.co_argcount - len(function.__defaults__ or ())
    return function.__code__.co_varnames[:count]


def is_numeric(value):
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "iuf"
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_ordinary(value):
    """Numbers of ordinary size, and not too many."""
    return all(_is_ordinary_leaf(leaf) for _, leaf in leaves(value))


def _is_ordinary_leaf(leaf):
    if isinstance(leaf, (np.ndarray, np.generic)):
        if leaf.dtype.kind == "b":
            return True
        small = leaf.dtype.kind in "iuf" and leaf.size <= 40 and np.ndim(leaf) <= 3
        return small and bool(np.all(np.isfinite(leaf))) and np.max(np.abs(leaf), initial=0.0) < LARGEST
    if isinstance(leaf, (int, float)):
        return math.isfinite(leaf) and abs(leaf) < LARGEST
    return leaf is None or isinstance(leaf, (str, types.ModuleType, types.FunctionType))


def _is_whole(text):
    """Whether the first parenthesis is closed by the last."""
    depth = 0
    for at, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return at == len(text) - 1
    return False
