"""Comparison: `check_backward` compares a backward pass written by hand with the generated one and with
differences.

>>> def affine(x, w, b):
...     return x @ w + b, (x, w)
>>> def affine_backward(dout, cache):
...     x, w = cache
...     dx = dout @ w.T
...     dw = x.T @ dout
...     db = dout.sum(axis=1)
...     return dx, dw, db
>>> x, w = np.random.default_rng(0).normal(size=(2, 4, 4))
>>> report = check_backward(affine, affine_backward, x[:, :3], w[:3], np.ones(4))
>>> bool(report), report.verdict, report.mistakes
(False, 'db is wrong', ('wrong axis',))
>>> print(report.findings[0])
wrong axis: db is taken along the wrong axis
    line 5:   db = dout.sum(axis=1)
    right is: db = dout.sum(axis=0)
    revad has: db = dout.sum(axis=0)
"""

from __future__ import annotations

import numpy as np

from ..errors import CallError
from ..runtime.cotangents import inner_product
from ..runtime.structure import child, narrowest, replaced
from ..testing.gradient_check import TOLERANCE, compare_leaf
from .diagnosis import Diagnosis
from .generated import Generated
from .handwritten import HandPass
from .mistakes import Finding
from .ratios import is_close
from .table import BackwardReport, Row

FEW = 200  # elements of which differences give the gradient where none is generated


def check_backward(forward, backward, *args, wrt=None, seed=0, rtol=None, **keywords) -> BackwardReport:
    """Compare a backward pass written by hand with the generated one and with central differences.

    forward, backward: a layer and its backward pass in one of these forms.

    - `forward(*args)` returns (out, cache), or (h, c, cache), and `backward(dout, cache)` the gradients;
    - `forward(*args)` returns out, and `backward(dout, *args)`, or some of them by their names, the
    gradients;
    - `backward(*args)` is the derivative of an elementwise function;
    - both are methods of one object, `backward(dout)` leaves `self.dW` and returns the gradient of the input;
    - `backward` is None, and `forward(*args)` returns (loss, gradients).

    args: to run both on; for a test that tells most let no two lengths be equal, and nothing be 0.
    wrt: the parameters that the gradients are for, in their order; left out, a gradient goes by its name
    (`dx`), else by its shape and position.  seed: of the random `dout`.  rtol: the relative error that is
    allowed. Returns a BackwardReport, which is true if every gradient is right, and prints as a table with
    the mistakes by name.  Nothing of the arguments or of the object is changed.  Raises CallError where the
    two functions have none of these forms; what the forward pass raises is raised.
    """
    hand = HandPass(forward, backward, args, keywords, seed, wrt)
    name = getattr(hand.forward, "__qualname__", hand.forward.__name__).rpartition("<locals>.")[2]
    try:
        result = hand.run(hand.args)
    except CallError:
        raise
    except Exception as error:
        return BackwardReport(name, hand.form, [], [_raised(hand, error)])
    return _Comparison(hand, result, rtol).report(name)


class _Comparison:
    """The gradients of a run beside those that are right."""

    def __init__(self, hand, result, rtol):
        self.hand, self.result = hand, result
        if not result.pairs:
            raise CallError(
                f"{hand.written.__name__} gives no gradient that goes with a parameter of "
                f"{hand.forward.__name__}: return them in the order of its parameters, or as d<name>"
            )
        self.rtol = (
            TOLERANCE[min(narrowest(hand.given), narrowest([gradient for _, gradient in result.pairs]))]
            if rtol is None
            else rtol
        )
        # The derivative of sigmoid is often a function of its output.
        if hand.form == "derivative" and not self._agrees(result) and len(hand._parameters()) == 1:
            hand.at_output = True
            other = self._run_or_none()
            if other is not None and self._agrees(other):
                self.result = other
            else:
                hand.at_output = False
        parameters = list(dict.fromkeys(hand.names[leaf.path[0]] for leaf, _ in self.result.pairs))
        self.generated = Generated(hand, parameters, self.result)

    def _run_or_none(self):
        try:
            return self.hand.run(self.hand.args)
        except Exception:
            return None

    # ---- as a program, for `compare_leaf`

    @property
    def args(self):
        return self.hand.args

    def at(self, path):
        part = self.hand.args
        for key in path:
            part = child(part, key)
        return part

    def value(self, path, leaf, dout):
        """sum(dout * output), with one leaf of the arguments replaced."""
        result = self.hand.sandbox.run(self.hand._forward, replaced(self.hand.args, path, leaf))
        return inner_product(self.hand.split(result)[0], dout)

    def _agrees(self, result):
        return all(
            row.agrees for leaf, gradient in result.pairs for row in self._differences(leaf, gradient)
        )

    def _differences(self, leaf, gradient):
        return compare_leaf(
            self, leaf.name, leaf.path, gradient, self.result.dout, np.random.default_rng(0), self.rtol
        )

    # ---- the report

    def report(self, name):
        rows, right, notes = [], {}, []
        for leaf, gradient in self.result.pairs:
            row, gradient_of_leaf = self._row(leaf, gradient)
            rows.append(row)
            if gradient_of_leaf is not None:
                right[leaf.name] = gradient_of_leaf
        if self.generated.refused:
            notes.append(f"compared with differences alone: {self.generated.refused}")
        findings = []
        if not all(row.is_right for row in rows):
            findings = Diagnosis(
                self.hand, self.result, right, None if self.generated.refused else self.generated
            ).findings()
        else:
            findings = [*self._staleness()]
        return BackwardReport(name, self.hand.form, rows, findings, notes)

    def _row(self, leaf, gradient):
        """(Row, the right gradient) of a leaf."""
        generated = None if self.generated.refused else np.asarray(self.generated.gradient_at(leaf.path))
        shape = np.shape(self.at(leaf.path))
        size = int(np.prod(shape))
        differences = self._differences(leaf, gradient)
        agrees = all(row.agrees for row in differences)
        if generated is None:
            if agrees:
                return Row(leaf.name, shape, "right"), gradient
            generated = self._numeric(leaf)
            if generated is None:
                worst = differences[0]
                return Row(
                    leaf.name, shape, "wrong", 0, size, worst.at, worst.generated, worst.numeric
                ), None
        elif is_close(gradient, generated, None, self.rtol):
            return Row(leaf.name, shape, "right"), gradient
        if np.shape(gradient) != shape:
            return Row(
                leaf.name, shape, "wrong", size, size, "", f"shape {np.shape(gradient)}", f"shape {shape}"
            ), generated
        written = np.asarray(gradient, dtype=float)
        wrong = ~_elements_close(written, generated, self.rtol)
        if agrees and self._is_right_there(leaf, written, np.argwhere(wrong)):
            return Row(leaf.name, shape, "kink"), gradient
        at = (
            np.unravel_index(np.argmax(np.where(wrong, np.abs(written - generated), -1)), shape)
            if shape
            else ()
        )
        return Row(
            leaf.name,
            shape,
            "wrong",
            int(np.sum(wrong)),
            size,
            f"[{', '.join(map(str, at))}]" if at else "",
            float(written[at]),
            float(generated[at]),
            _ratio(written[wrong], generated[wrong]),
        ), generated

    def _is_right_there(self, leaf, written, places):
        """Whether differences allow what is written at a sample of the places where it is not as generated.
        """
        rng = np.random.default_rng(1)
        for place in rng.permutation(places)[:5]:
            alone = _Element(self, leaf.path, tuple(place))
            row = compare_leaf(alone, leaf.name, (), written[tuple(place)], self.result.dout, rng, self.rtol)
            if not all(part.agrees for part in row):
                return False
        return True

    def _numeric(self, leaf):
        """The gradient by central differences, of a leaf of few elements."""
        value = np.asarray(self.at(leaf.path), dtype=float)
        if value.size > FEW:
            return None
        gradient = np.zeros(value.shape)
        for place in np.ndindex(value.shape):
            step = 1e-4 * max(abs(value[place]), 0.1)
            sides = []
            for sign in (1, -1, 0.5, -0.5):
                moved = value.copy()
                moved[place] += sign * step
                sides.append(self.value(leaf.path, moved if value.ndim else float(moved), self.result.dout))
            coarse, fine = (sides[0] - sides[1]) / (2 * step), (sides[2] - sides[3]) / step
            gradient[place] = (4 * fine - coarse) / 3
        return gradient

    def _staleness(self):
        """A pass that is right on its own, and wrong after or between other calls, reads an old cache."""
        hand, others = self.hand, self.hand.other_args()
        checks = {"after another call": {"before": others}}
        if hand.form == "layer with a cache":
            checks["after another forward pass"] = {"between": others}
        for when, options in checks.items():
            try:
                pairs = hand.run(hand.args, **options).pairs
            except Exception:
                continue
            before = {leaf.name: gradient for leaf, gradient in self.result.pairs}
            if hand.form == "object" and "before" in options:
                # Another call on the same object may change it lawfully: its gradients are those
                # of a new run.
                continue
            changed = tuple(
                leaf.name for leaf, gradient in pairs if not is_close(gradient, before[leaf.name])
            )
            if changed:
                yield Finding(
                    "stale cache",
                    changed,
                    amount=when,
                    forward=f"right on its own, and wrong {when} with other arguments",
                )
                return


class _Element:
    """One element of an array of the arguments, as a program of its own."""

    def __init__(self, comparison, path, place):
        self.comparison, self.path, self.place = comparison, path, place
        self.args = comparison.args

    def at(self, path):
        return float(np.asarray(self.comparison.at(self.path))[self.place])

    def value(self, path, leaf, dout):
        moved = np.array(self.comparison.at(self.path), dtype=float)
        moved[self.place] = leaf
        return self.comparison.value(self.path, moved if moved.ndim else float(moved), dout)


def _elements_close(a, b, rtol):
    largest = np.max(np.abs(b), initial=0.0)
    return np.abs(a - b) <= rtol * np.abs(b) + 0.01 * rtol * largest + 1e-12


def _ratio(written, right):
    """The ratio that all wrong elements have in common, or its range.

    >>> _ratio(np.array([2.0, 4.0]), np.array([1.0, 2.0])), _ratio(np.array([2.0, 4.0]), np.array([1.0, 1.0]))
    ('2', '2 to 4')
    """
    if np.any(right == 0):
        return "right is 0 for some" if np.any(right != 0) else "right is 0"
    ratios = written / right
    low, high = float(np.min(ratios)), float(np.max(ratios))
    return f"{low:.4g}" if np.isclose(low, high, rtol=1e-4) else f"{low:.4g} to {high:.4g}"


def _raised(hand, error):
    """The finding of a backward pass that raises."""
    trace, line = error.__traceback__, None
    while trace is not None:
        if trace.tb_frame.f_code is hand.written.__code__:
            line = trace.tb_lineno
        trace = trace.tb_next
    text = f"{type(error).__name__}: {error}"
    return Finding(
        "raises", (), amount=f"{hand.written.__name__} raises {text}" + (f" in line {line}" if line else "")
    )
