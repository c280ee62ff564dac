"""A writer that composes forms of expressions, those which NumPy takes.

>>> import random
>>> writer = Writer(random.Random(1), [{"x": np.ones((2, 3)), "w": np.ones(3)}])
>>> writer.holds(writer.expression(2))
True
"""
import ast
import math
import re
import warnings

import numpy as np

from .numpy_forms import FORMS, MASKS, TABLES

LARGEST = 300.0
TRIES = 6
NAMES = {"np": np, "math": math}
INTEGERS = ["0", "-1", "1", "-2", "2"]
SLICES = [":", "1:", ":-1", "::2", "::-1", ":1", "-1:", "1::2", "-2:", ":2", "2::-1", "::-2", "0:2", "1:2",
          "3:", "None"]
ADVANCED = ["[0]", "[0, -1]", "[0, 0]", "[-1, 0, 0]", "[[0], [-1]]", "np.array([0, -1])",
            "np.array([[0, 0]])", "[1, 0]", "np.arange(2)", "np.zeros(2, int)", "[True]", "[True, False]",
            "[True, False, True]", "np.array([], int)"]


def is_number(value):
    return (isinstance(value, (int, float, np.generic)) and not isinstance(value, (bool, np.bool_))
            and np.asarray(value).dtype.kind in "iuf")


def is_array(value):
    return isinstance(value, np.ndarray) and value.dtype.kind in "iufb"


def is_wholes(value):
    return isinstance(value, np.ndarray) and value.dtype.kind == "i" and value.ndim == 1


def is_operand(value):
    return is_number(value) or is_array(value) and value.dtype.kind != "b"


def is_ordinary(value):
    """Real numbers that are finite and of ordinary size, in not too large an array."""
    if isinstance(value, (list, tuple)):
        return len(value) < 12 and all(map(is_ordinary, value))
    if isinstance(value, (bool, np.bool_, str)):
        return True
    if not (is_number(value) or is_array(value)):
        return False
    return (np.ndim(value) <= 4 and np.size(value) <= 72
            and bool(np.all(np.abs(np.asarray(value, dtype=float)) < LARGEST)))


def wrapped(text):
    """The text as an operand of a method or an operator."""
    node = ast.parse(text, mode="eval").body
    plain = (isinstance(node, (ast.Name, ast.Call, ast.Subscript, ast.Attribute, ast.List))
             or isinstance(node, ast.Constant) and "-" not in text)
    return text if plain or re.fullmatch(r"\((?:[^()])*\)", text) else f"({text})"


class Writer:
    """Writes expressions over the names of a scope, whose values it knows for each of several calls.

    The slots of a form are x (what it is applied to), y (what may be broadcast with it), s (of its shape),
    v (whose first axis fits its last), m (a mask), k (integers), a, A, e, P (an axis, axes, an axis of the
    result, a permutation), b, c, d (a flag, a number, a dtype).
    """

    def __init__(self, rng, scopes):
        self.rng, self.scopes = rng, scopes

    def values(self, text):
        """The values of an expression in each of the calls, or None where the first does not run."""
        values = []
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            for scope in self.scopes:
                try:
                    values.append(eval(text, {**NAMES, **scope}))
                except Exception:
                    values.append(None)
        return values

    def value(self, text):
        return self.values(text)[0]

    def holds(self, text):
        """Whether the expression gives ordinary numbers in each call."""
        return all(value is not None and is_ordinary(value) for value in self.values(text))

    def names(self, fits):
        return [name for name, value in self.scopes[0].items() if fits(value)]

    def pick(self, options):
        return options[self.rng.randrange(len(options))]

    def constant(self):
        return self.pick(["0.5", "1.5", "0.3", "2.0", "1", "2", "0.7", "1e-1", "3"])

    def operand(self, deep=0):
        """A name, at times an expression over one."""
        names = self.names(is_operand)
        varied = [name for name in names if not is_wholes(self.scopes[0][name])]
        text = self.pick(varied if varied and self.rng.randrange(8) else names) if names else self.constant()
        return self.applied(text) or text if deep and not self.rng.randrange(3) else text

    def expression(self, forms):
        """So many forms, one applied to the result of the other."""
        text = self.operand()
        for _ in range(forms):
            text = self.applied(text) or text
        return text

    def applied(self, text, table=None):
        """A form of that text that NumPy takes, or None."""
        if not is_operand(self.value(text)):
            return None
        for _ in range(TRIES):
            chosen = table or self.rng.choices(list(TABLES), [weight for _, weight in TABLES.values()])[0]
            new = self.filled(self.pick(FORMS[chosen]), text)
            if new is not None and len(new) < 240 and self.holds(new):
                return new
        return None

    def filled(self, form, text):
        """The form with its slots filled, or None where nothing fits."""
        value, letters = self.value(text), {}
        shape = np.shape(value)

        def slot(match):
            letter = match[1]
            if letter == "x":
                return wrapped(text)
            if letter in "npqj":
                return getattr(self, f"slot_{letter}")(text, shape)
            if letter in "aAe":
                return getattr(self, f"axis_{letter if letter != 'A' else 'any'}")(len(shape))
            if letter not in letters:
                letters[letter] = getattr(self, f"slot_{letter}")(text, shape)
            return letters[letter]

        try:
            return re.sub(r"\{\{|\}\}|\{(\w)\}", lambda match: slot(match) if match[1] else match[0][0], form)
        except LookupError:
            return None

    def slot_m(self, text, shape):
        return self.filled(self.pick(MASKS), text) or "True"

    def slot_c(self, text, shape):
        return self.constant()

    def slot_b(self, text, shape):
        return self.pick(["True", "False"])

    def slot_d(self, text, shape):
        return self.pick(["np.float64", "float", "'float64'", "np.float32", "'float32'",
                          "np.float64", "np.double"])

    def slot_P(self, text, shape):
        if len(shape) < 2:
            raise LookupError
        order = list(range(len(shape)))
        self.rng.shuffle(order)
        return str(tuple(n - len(shape) if self.rng.randrange(4) == 0 else n for n in order))

    def axis_a(self, rank):
        if not rank:
            raise LookupError
        return str(self.rng.randrange(-rank, rank))

    def axis_e(self, rank):
        return str(self.rng.randrange(-rank - 1, rank + 1))

    def axis_any(self, rank):
        kind = self.rng.randrange(8)
        if kind == 0 or not rank:
            return "None"
        if kind < 3 and rank > 1:
            axes = self.rng.sample(range(rank), self.rng.randrange(1, rank + 1))
            return str(tuple(n - rank if self.rng.randrange(2) else n for n in axes))
        return self.axis_a(rank)

    def others(self, fits):
        names = [name for name in self.names(is_operand) if fits(np.shape(self.scopes[0][name]))]
        if not names:
            raise LookupError
        return self.pick(names)

    def slot_y(self, text, shape):
        def fits(other):
            return all(1 in (a, b) or a == b for a, b in zip(shape[::-1], other[::-1]))
        if self.rng.randrange(8) == 0:
            return self.constant()
        return wrapped(self.nested(self.others(fits)))

    def slot_s(self, text, shape):
        try:
            return wrapped(self.nested(self.others(lambda other: other == shape)))
        except LookupError:
            return wrapped(text)

    def slot_v(self, text, shape):
        def fits(other):
            return other and shape and (other[-2:][0] == shape[-1] or other[-1] == shape[-1])
        return wrapped(self.nested(self.others(fits)))

    def slot_i(self, text, shape):
        """An index of every kind, axis by axis, with new axes and an ellipsis among them."""
        parts = []
        for length in shape[:self.rng.randrange(1, len(shape) + 1) if shape else 0]:
            parts.append(self.pick(INTEGERS if self.rng.randrange(3) == 0 else SLICES if self.rng.randrange(2)
                                   else ADVANCED))
        if self.rng.randrange(4) == 0:
            parts.insert(self.rng.randrange(len(parts) + 1), "None")
        if len(parts) < len(shape) and self.rng.randrange(3) == 0 or not parts:
            parts.insert(self.rng.randrange(len(parts) + 1), "...")
        return ", ".join(parts)

    def slot_n(self, text, shape):
        return self.pick(["0", "1", "-1", "2", "-2"])

    def slot_p(self, text, shape):
        return self.pick(["0", "1", "1", "2"])

    def slot_q(self, text, shape):
        return self.pick(["1", "2", "2", "3"])

    def slot_E(self, text, shape):
        """A sum over products of this and of others, with letters for the axes as the lengths let them be."""
        operands = [text] + [self.others(lambda other: len(other) > 0) for _ in range(self.rng.randrange(3))]
        lengths, terms = {}, []
        for operand in operands:
            term = ""
            for length in np.shape(self.value(operand)):
                fits = [letter for letter, other in lengths.items() if other == length]
                letter = self.pick(fits) if fits and self.rng.randrange(3) else "abcdefghijkl"[len(lengths)]
                lengths[letter] = length
                term += letter
            terms.append(term)
        kept = [letter for letter in lengths if self.rng.randrange(2)]
        self.rng.shuffle(kept)
        result = "->" + "".join(kept) if self.rng.randrange(5) else ""
        optimize = self.pick(["", "", "", ", optimize=True"])
        return f"np.einsum('{','.join(terms)}{result}', {', '.join(operands)}{optimize})"

    def slot_j(self, text, shape):
        return self.pick([*INTEGERS, *SLICES, "None", "...", "..., 0", ":, 0", "[0, 0]", "[-1, 0]"])

    def slot_k(self, text, shape):
        names = self.names(is_wholes)
        if not names:
            raise LookupError
        return self.pick(names)

    def nested(self, name):
        """A name, or a short expression over it of the same shape."""
        if self.rng.randrange(4):
            return name
        return self.filled(self.pick(["np.sin({x})", "{x} + 1", "2 * {x}", "{x}**2", "-{x}",
                                      "np.exp({x} / 4)", "{x} * {x}"]), name)
