"""Diagnosis: which mistake makes a backward pass wrong, told by what would make it right.

Three searches, each confirmed by running it: a regulariser's gradient that is missing; a small edit or a
factor in the backward pass with which it gives the right gradients; a path of the forward pass without
which the right gradients would be the wrong ones.

>>> from .handwritten import HandPass
>>> def layer(x, w):
...     return x @ w, (x, w)
>>> def backward(dout, cache):
...     x, w = cache
...     dx = dout @ w.T
...     dw = -x.T @ dout
...     return dx, dw
>>> hand = HandPass(layer, backward, (np.arange(6.0).reshape(2, 3), np.ones((3, 4))))
>>> result = hand.run(hand.args)
>>> right = {leaf.name: np.abs(gradient) * np.sign(-gradient if leaf.name == "w" else gradient)
...          for leaf, gradient in result.pairs}
>>> [(finding.kind, finding.right) for finding in Diagnosis(hand, result, right).findings()]
[('sign', 'dw = -(-x.T @ dout)')]
"""

from __future__ import annotations

import ast
import copy
import math
import re
import time

import numpy as np

from .edits import edits
from .factors import (
    Scaled,
    backward_sites,
    multiply,
    of_gradients,
    put,
    statements_of,
)
from .mistakes import Finding, gradient_name
from .paths import Paths
from .ratios import axes_between, is_close, multiple
from .reading import definition_of, helpers_of, noting, rebuilt, with_helper

SECONDS = 30.0
# Of several explanations the first of these is told.
ORDER = (
    "broadcast not summed",
    "overwritten",
    "accumulated",
    "sign",
    "factor 2",
    "sum for mean",
    "missing 1/N",
    "doubled 1/N",
    "regulariser forgotten",
    "transposed product",
    "wrong axis",
    "wrong mask",
    "path forgotten",
    "factor",
    "unsummed",
    "stale cache",
    "local gradient",
)


# Edits of the words of a pass are many more than those of its shapes and signs, and are tried last.
# An inner part that is not summed is unsummed here, and told as broadcast not summed.
WORDS = ("wrong mask", "path forgotten", "unsummed", "stale cache", "local gradient")
SHAPES = tuple(kind for kind in ORDER if kind not in WORDS)


class Diagnosis(Paths):
    """What is wrong with a hand-written pass.

    result: of its run; right: {name of a leaf: its right gradient}; generated: the Generated pass, or None.
    """

    def __init__(self, hand, result, right, generated=None):
        self.hand, self.right, self.generated = hand, right, generated
        self.written = {leaf.name: gradient for leaf, gradient in result.pairs}
        self.leaves = {leaf.name: leaf for leaf, _ in result.pairs}
        self.wrong = tuple(name for name in right if not is_close(self.written[name], right[name]))
        self.started = time.monotonic()
        self.value = result.out

    def findings(self):
        """A list of Findings that explain the wrong gradients between them, the likeliest first."""
        return [finding._replace(kind="broadcast not summed") if finding.kind == "unsummed" else finding
                for finding in self._explained()]

    def _explained(self):
        explained = []
        for search in (
            lambda: [*self._regularisers(), *self._edits(SHAPES)],
            self._factors,
            self._paths,
            lambda: self._edits(WORDS),
        ):
            explained += search()
            explained.sort(key=self._rank)
            if explained and self._rank(explained[0])[:2] == (-len(self.wrong), False):
                return explained[:1]
        if explained and len(explained[0].gradients) == len(self.wrong):
            return explained[:1]
        chosen, rest = [], set(self.wrong)
        for finding in sorted(explained, key=lambda finding: -len(finding.gradients)):
            if rest & set(finding.gradients):
                chosen.append(finding)
                rest -= set(finding.gradients)
        return chosen + [self._unnamed(name) for name in self.wrong if name in rest]

    @staticmethod
    def _rank(finding):
        """The order in which explanations are told: of more gradients, by a change that has a name, by
        ORDER.
        """
        is_loose = finding.kind in ("factor", "local gradient") or bool(
            finding.forward and finding.kind not in ("path forgotten", "overwritten")
        )
        return -len(finding.gradients), is_loose, ORDER.index(finding.kind)

    # ---- comparing

    def _explains(self, pairs):
        """The names of wrong gradients that these pairs get right; () if a right one gets wrong."""
        gradients = {leaf.name: gradient for leaf, gradient in pairs}
        if set(gradients) != set(self.written):
            return ()
        if not all(
            is_close(gradients[name], self.right[name]) for name in self.right if name not in self.wrong
        ):
            return ()
        return tuple(name for name in self.wrong if is_close(gradients[name], self.right[name]))

    def _run(self, backward):
        """The pairs of a changed backward pass; None if it raises."""
        try:
            with np.errstate(all="ignore"):
                result = self.hand.run(self.hand.args, backward)
        except Exception:
            return None
        if self.hand.form == "loss and gradients" and not is_close(result.out, self.value):
            return None
        return result.pairs

    def _is_late(self):
        return time.monotonic() - self.started > SECONDS

    # ---- a regulariser

    def _regularisers(self):
        """The gradient of a sum of squares of the parameter itself is missing."""
        for name in self.wrong:
            value = self.hand.args[self.leaves[name].path[0]]
            for key in self.leaves[name].path[1:]:
                value = value[key] if isinstance(value, (dict, list, tuple)) else getattr(value, key)
            written, right = self.written[name], self.right[name]
            if np.shape(written) != np.shape(right) or np.size(right) < 2 or self._ratio(name) is not None:
                continue
            if not _is_regularised(self.hand.forward, self.leaves[name].short):
                continue
            for power in (value, np.sign(value)):
                amount = multiple(right - written, power)
                if amount is not None:
                    what = f"{name}" if power is value else f"np.sign({name})"
                    yield self._with_lines(
                        Finding(
                            "regulariser forgotten",
                            (name,),
                            right=f"{gradient_name(name)} += {amount:.6g} * {what}",
                        )
                    )
                    break

    def _ratio(self, name):
        """By which number a gradient is to be multiplied to be right, or None."""
        return multiple(self.right[name], self.written[name])

    # ---- changes of the backward pass

    def _functions(self):
        """(function, how a changed one is put in the place of it) of the backward pass and its helpers."""
        written = self.hand.written
        yield written, lambda changed: changed
        for name, helper in helpers_of(written).items():
            if helper is not self.hand.forward:
                yield helper, lambda changed, name=name: with_helper(written, name, changed)

    def _statements(self, function, tree):
        if self.hand.form == "loss and gradients" and function is self.hand.written:
            return list(of_gradients(tree))
        return list(statements_of(tree))

    def _edits(self, kinds):
        findings = []
        for function, in_place in self._functions():
            tree = definition_of(function)
            if tree is None:
                continue
            values, extras, injected = self._values(function, tree, in_place)
            for edit in edits(tree, self._statements(function, tree), values, extras, kinds):
                if self._is_late():
                    break
                try:
                    changed = in_place(rebuilt(tree, function, **injected))
                except (SyntaxError, ValueError, TypeError, AttributeError):
                    continue
                pairs = self._run(changed)
                names = self._explains(pairs) if pairs is not None else ()
                if names:
                    findings.append(self._from_edit(edit, names, values))
        return findings

    def _from_edit(self, edit, names, values):
        kind = edit.kind
        if kind == "broadcast not summed" and "sum(" in edit.wrong and not self._has_other_shape(names):
            kind = "wrong axis"
        finding = Finding(kind, names, edit.wrong, edit.line, edit.right, "N")
        return self._with_lines(self._as_average(finding))

    def _has_other_shape(self, names):
        return any(np.shape(self.written[name]) != np.shape(self.right[name]) for name in names)

    def _as_average(self, finding):
        """A missing 1/N is a sum for a mean where the forward pass says so."""
        tree = definition_of(self.hand.forward)
        text = "" if tree is None else ast.unparse(tree)
        if finding.kind in ("sum for mean", "missing 1/N"):
            averages = re.search(r"\b(mean|average|var|std)\(", text)
            return finding._replace(kind="sum for mean" if averages else "missing 1/N")
        return finding

    def _sizes(self):
        """Numbers that sums and means go over: lengths of axes, and products of them."""
        shapes = {
            np.shape(value) for value in (*self.right.values(), *map(np.asarray, _arrays(self.hand.args)))
        }
        shapes |= {np.shape(value) for value in (_arrays((self.value,)))}
        sizes = {length for shape in shapes for length in shape} | {math.prod(shape) for shape in shapes}
        sizes |= {math.prod(shape[:-1]) for shape in shapes} | {
            shape[0] * math.prod(shape[2:]) for shape in shapes if len(shape) == 4
        }
        return sorted((size for size in sizes if size > 1), key=lambda size: (size != self._batch(), size))

    def _batch(self):
        return next((np.shape(value)[0] for value in _arrays(self.hand.args) if np.ndim(value) > 1), 0)

    def _values(self, function, tree, in_place):
        """({text: value} of what a function reads, texts of what it could read, {name: value} to give it)."""
        hand, held, of_forward = self.hand, {}, {}
        forward = hand.forward
        noted = in_place(noting(function, tree, held))
        if function is not forward and definition_of(forward) is not None:
            hand.forward = noting(forward, definition_of(forward), of_forward)
        try:
            hand.run(hand.args, noted)
        finally:
            hand.forward = forward
        values = {name: value for name, value in held.items() if _is_numeric(value)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                values.update(_element(node, held))
            if isinstance(node, ast.Attribute):
                values.update(_element(node, held))
        for name, value in held.items():
            if isinstance(value, dict):
                values.update({f"{name}[{key!r}]": part for key, part in value.items() if _is_numeric(part)})
            elif self.hand.form == "object" and name == self.hand.names[0]:
                values.update(
                    {f"{name}.{key}": part for key, part in vars(value).items() if _is_numeric(part)}
                )
        others = {
            name: value
            for name, value in of_forward.items()
            if _is_numeric(value)
            and name not in held
            and function is self.hand.written
            and self.hand.form != "loss and gradients"
        }
        return {**values, **others}, tuple(others), others

    # ---- factors in the backward pass

    def _factors(self):
        findings = []
        for function, in_place in self._functions():
            tree = definition_of(function)
            if tree is None:
                continue
            sites = backward_sites(tree, self._statements(function, tree))
            scaled = Scaled(function, tree, sites, multiply)
            changed = in_place(scaled.function)
            base = self._run(changed)
            if base is None:
                continue
            for number, site in enumerate(sites):
                for factor, names in self._solved(scaled, number, changed, base, site.in_loop):
                    findings.append(self._of_factor(site, factor, names))
        return findings

    def _solved(self, scaled, number, changed, base, in_loop):
        """(factor, names) of factors at a site with which gradients get right."""
        if self._is_late():
            return

        def gradients(factor):
            scaled.factors[number] = factor
            try:
                pairs = self._run(changed)
            finally:
                scaled.factors[number] = 1.0
            return pairs

        without = gradients(0.0)
        if without is None:
            return
        tried, known = set(), {leaf.name: gradient for leaf, gradient in base}
        none = {leaf.name: gradient for leaf, gradient in without}
        if set(none) != set(known) or all(is_close(none[name], known[name]) for name in known):
            return
        candidates = []
        for name in self.wrong:
            if np.shape(known[name]) == np.shape(self.right[name]) == np.shape(none[name]):
                amount = multiple(self.right[name] - known[name], np.asarray(known[name]) - none[name])
                candidates += [] if amount is None else [1 + amount]
        if in_loop:
            candidates += [-1.0, 2.0, 0.5, *(1 / size for size in self._sizes()[:3])]
        for factor in candidates:
            if round(factor, 9) in tried:
                continue
            tried.add(round(factor, 9))
            pairs = gradients(factor)
            names = self._explains(pairs) if pairs is not None else ()
            # Of one number, some factor always gets it right: it has to be one that is known.
            if names and (any(np.size(self.right[name]) > 1 for name in names) or self._is_known(factor)):
                yield factor, names

    def _is_known(self, factor):
        """Whether a factor is a sign, or a power of a length or of a number of the arguments or the texts."""
        numbers = {2.0, *map(float, self._sizes())}
        values = list(self.hand.args)
        for tree in map(definition_of, (self.hand.forward, self.hand.written)):
            if tree is not None:
                values += [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)]
        numbers |= {abs(float(value)) for value in values if isinstance(value, (int, float)) and value}
        known = {number**power for number in numbers for power in (1, -1, 2, -2, 0.5, -0.5)} | {0.0, 1.0}
        return any(math.isclose(abs(factor), number, rel_tol=1e-5, abs_tol=1e-9) for number in known)

    def _of_factor(self, site, factor, names):
        kind, amount = self._kind_of(factor)
        text, node = site.text, site.node
        inner = copy.copy(node)
        number = ast.parse(amount, mode="eval").body
        if kind == "accumulated":
            number = ast.Constant(0)
        change = (
            ast.BinOp(inner, ast.Div(), number)
            if kind == "missing 1/N"
            else ast.BinOp(inner, ast.Mult(), number)
            if kind == "doubled 1/N"
            else ast.UnaryOp(ast.USub(), inner)
            if kind == "sign"
            else ast.BinOp(number, ast.Mult(), inner)
        )
        with put(node, change):
            right = ast.unparse(site.statement)
        return self._with_lines(self._as_average(Finding(kind, names, text, site.line, right, amount)))

    def _kind_of(self, factor):
        """(kind, amount) of a number by which a gradient is to be multiplied."""
        sizes = self._sizes()
        if math.isclose(factor, -1, rel_tol=1e-5):
            return "sign", "-1"
        for size in sizes:
            if math.isclose(factor * size, 1, rel_tol=1e-5) and size != 2:
                return "missing 1/N", str(size)
            if math.isclose(factor, size, rel_tol=1e-5) and size != 2:
                return "doubled 1/N", str(size)
        if math.isclose(factor, 2, rel_tol=1e-5) or math.isclose(factor, 0.5, rel_tol=1e-5):
            return "factor 2", "2" if factor > 1 else "1/2"
        return ("accumulated", "0") if abs(factor) < 1e-7 else ("factor", f"{factor:.6g}")

    # ---- telling

    def _with_lines(self, finding, place=None):
        """The finding with the generated lines of the statement that it is about."""
        if self.generated is None or not self.generated.text:
            return finding
        target = re.match(r"\(?d(\w+)", finding.wrong)
        lines = ()
        if place is not None:
            lines = self.generated.lines_of("", place)
        elif target:
            lines = self.generated.lines_of(target[1])
        if not lines or lines[0].startswith("return"):
            names = [self.leaves[name].short for name in finding.gradients]
            lines = tuple(dict.fromkeys(line for name in names for line in self.generated.lines_of(name)))
        return finding._replace(generated=lines[:4])

    def _unnamed(self, name):
        written, right = self.written[name], self.right[name]
        if np.shape(written) != np.shape(right):
            for axes in axes_between(written, right):
                return self._with_lines(
                    Finding(
                        "broadcast not summed", (name,), right=f"d{self.leaves[name].short}.sum(axis={axes})"
                    )
                )
            kind = "transposed product" if np.shape(written) == np.shape(right)[::-1] else "shape"
            return self._with_lines(Finding(kind, (name,)))
        ratio = self._ratio(name)
        if ratio is not None:
            kind, amount = self._kind_of(ratio)
            return self._with_lines(self._as_average(Finding(kind, (name,), amount=amount)))
        if np.ndim(right) == 2 and np.shape(right)[0] == np.shape(right)[1] and is_close(written, right.T):
            return self._with_lines(Finding("transposed product", (name,)))
        return self._with_lines(Finding("unknown", (name,)))


def _arrays(values):
    for value in values:
        if isinstance(value, np.ndarray):
            yield value
        elif isinstance(value, dict):
            yield from _arrays(value.values())
        elif isinstance(value, (list, tuple)):
            yield from _arrays(value)
        elif hasattr(value, "__dict__") and not isinstance(value, type):
            yield from _arrays(vars(value).values())


def _is_numeric(value):
    return isinstance(value, (np.ndarray, np.generic, float)) and not isinstance(value, bool)


def _element(node, held):
    """{text: value} of a subscript or an attribute of a name of a frame."""
    owner = held.get(getattr(node.value, "id", None))
    try:
        value = owner[node.slice.value] if isinstance(node, ast.Subscript) else vars(owner).get(node.attr)
    except (TypeError, KeyError, IndexError):
        return {}
    return {ast.unparse(node): value} if _is_numeric(value) else {}


def _is_regularised(forward, name):
    """Whether a forward pass has a square or an absolute value of a parameter, or names a regulariser."""
    tree = definition_of(forward)
    name = re.escape(name)
    words = r"\b(reg\w*|lam|lambda_|l1|l2|weight_decay|decay|penalty)\b"
    return tree is not None and bool(re.search(
        rf"\b{name} \*\* 2|\b{name} \* {name}\b|(abs|norm|square)\({name}\b|{words}", ast.unparse(tree)))
