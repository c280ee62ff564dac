"""Paths: the ways from a parameter to the output that a backward pass has forgotten.

Each value of the forward pass gets a factor on its gradient. Where a factor of 0 turns the generated
gradients into those that were written by hand, that value is the path that is missing there.

>>> from .handwritten import HandPass
>>> from .diagnosis import Diagnosis
>>> def twice(x):
...     y = x * x
...     return y + x, x
>>> hand = HandPass(twice, lambda dout, cache: dout, (np.array([1.0, 3.0]),))
>>> result = hand.run(hand.args)
>>> generated = Generated(hand, ["x"], result)
>>> diagnosis = Diagnosis(hand, result, {"x": generated.gradient_at((0,))}, generated)
>>> [(finding.kind, finding.forward) for finding in diagnosis.findings()]
[('path forgotten', 'x * x in y = x * x')]
"""
from __future__ import annotations

import ast
import math

import numpy as np

from ..runtime.gradient import Gradient
from .factors import Scaled, active_sites, passed, returning_output, statements_of
from .generated import Generated, gradients_of
from .mistakes import Finding
from .ratios import is_close, multiple
from .reading import definition_of


class Paths:
    """The part of a Diagnosis that looks for factors on values of the forward pass."""

    def _paths(self):
        """Factors on values of the forward pass with which the generated gradients are the wrong ones."""
        if self.generated is None or self.generated.gradients is None or self._has_other_shape(self.wrong):
            return []
        try:
            return self._of_paths()
        except Exception:  # what revad refuses, or cannot be copied, is not explained this way
            return []

    def _of_paths(self):
        hand, tree = self.hand, returning_output(self.hand)
        if tree is None:
            return []
        sites = active_sites(hand, tree)
        scaled = Scaled(hand.forward, tree, sites, passed)
        gradient = Gradient(scaled.function, self.generated.wrt)
        result = hand.run(hand.args)

        def gradients():
            gradients_by_parameter = gradients_of(gradient, hand, result, True)
            reader = _Reader(self.generated, gradients_by_parameter)
            return {
                name: np.asarray(reader.gradient_at(self.leaves[name].path), dtype=float)
                for name in self.right
            }

        base = gradients()
        if not all(is_close(base[name], self.right[name]) for name in base):
            return []
        missing = {
            name: self.right[name] - np.asarray(self.written[name], dtype=float) for name in self.right
        }
        scales = {name: np.max(np.abs(self.right[name]), initial=0.0) for name in self.right}

        def contributions():
            parts = []
            for number in range(len(sites)):
                kept, scaled.factors[number] = scaled.factors[number], 0.0
                parts.append({name: base[name] - part for name, part in gradients().items()})
                scaled.factors[number] = kept
            return parts

        parts = contributions()
        findings = self._matching(sites, parts, missing, scales)
        # A shift by a maximum changes nothing, and nobody writes its gradient: without it, paths are others.
        shifts = [
            number
            for number, site in enumerate(sites)
            if "max(" in ast.unparse(site.node)
            and isinstance(site.node, ast.Call)
            and all(
                np.max(np.abs(parts[number][name]), initial=0.0) <= 1e-9 * (scales[name] + 1)
                for name in parts[number]
            )
        ]
        if not findings and shifts:
            scaled.factors[shifts] = 0.0
            findings = self._matching(sites, contributions(), missing, scales)
        return findings

    def _matching(self, sites, parts, missing, scales):
        findings = []

        def agrees(part, name, factor=1.0):
            return is_close(factor * part[name], missing[name], scales[name])

        for names in (self.wrong, *((name,) for name in self.wrong if len(self.wrong) > 1)):
            rest = [name for name in self.right if name not in self.wrong]
            chosen = [
                number
                for number, part in enumerate(parts)
                if all(agrees(part, name) for name in names)
                and all(agrees(part, name) for name in (rest if names == self.wrong else ()))
            ]
            for number in chosen:
                findings.append(self._of_path([sites[number]], names))
            for number, part in enumerate(parts):
                amount = multiple(missing[names[0]], part[names[0]])
                if amount is None or math.isclose(amount, 1, rel_tol=1e-5):
                    continue
                if all(agrees(part, name, amount) for name in names) and all(
                    agrees(part, name, amount) for name in (rest if names == self.wrong else ())
                ):
                    findings.append(self._of_forward_factor(sites[number], 1 - amount, names))
            if not chosen:
                for first in range(len(parts)):
                    for second in range(first):
                        if all(
                            is_close(parts[first][name] + parts[second][name], missing[name], scales[name])
                            for name in names
                        ):
                            findings.append(self._of_path([sites[second], sites[first]], names))
        return findings

    def _of_path(self, sites, names):
        text = "; ".join(dict.fromkeys(f"{ast.unparse(site.node)} in {site.text}" for site in sites))
        kind = "overwritten" if self._assigns_twice(names) else "path forgotten"
        finding = Finding(kind, names, forward=text)
        return self._with_lines(finding, sites[-1].line)

    def _of_forward_factor(self, site, factor, names):
        """The wrong gradients are the right ones with a factor on a value: by hand it is to be undone."""
        kind, amount = self._kind_of(1 / factor)
        finding = Finding(kind, names, amount=amount, forward=f"{ast.unparse(site.node)} in {site.text}")
        return self._with_lines(self._as_average(finding), site.line)

    def _assigns_twice(self, names):
        """Whether the backward pass assigns to one of these gradients more than once, with = each time."""
        for function, _ in self._functions():
            tree = definition_of(function)
            targets = []
            for statement, in_loop in statements_of(tree) if tree is not None else ():
                if isinstance(statement, ast.Assign):
                    words = {
                        node.id
                        for target in statement.targets
                        for node in ast.walk(target)
                        if isinstance(node, ast.Name)
                    }
                    read = {node.id for node in ast.walk(statement.value) if isinstance(node, ast.Name)}
                    targets += [word for word in words - read]
            if any(targets.count(f"d{self.leaves[name].short}") > 1 for name in names):
                return True
        return False



class _Reader:
    """Gradients of another run, read as those of a Generated pass."""

    def __init__(self, generated, gradients):
        self.hand, self.wrt, self.gradients = generated.hand, generated.wrt, gradients

    def gradient_at(self, path):
        return Generated.gradient_at(self, path)
