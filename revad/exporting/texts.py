"""Texts: those that go into a file, and what they rely on, for arguments of the kinds that are asked for.

>>> from ..api import grad
>>> from .kinds import parsed
>>> def product(X, w):
...     return np.sum(X @ w)
>>> texts = Texts(grad(product, wrt="w"), parsed("X: float64[N, D], w: float64[D]"), "grad")
>>> print(texts.functions[-1])
def product_grad(X, w):
    # backprop np.sum(X @ w)
    dw = X.T @ np.ones(X.shape[0])
    return dw
>>> texts.guards()
['X.shape[1] == w.shape[0]']
"""
from __future__ import annotations

import ast
import io
import itertools
import tokenize
import types
import warnings

import numpy as np

from ..errors import ExportError, RevadError
from ..runtime.primal import run_primal
from ..types.kinds import kind_of
from .kinds import of_call, sizes_of
from .outside import MISSING

LETTERS = 4     # of more, only so many are tried as lengths of 1
PARTS = ("grad", "value_and_grad", "passes")


class Texts:
    """The texts of a gradient for arguments of some kinds.

    kinds: of each parameter, those of defaults included.  functions: the texts of the functions, those that a
    text calls before it.
    """

    def __init__(self, gradient, kinds, part):
        self.gradient, self.part = gradient, part
        if gradient.receiver is not None:
            raise ExportError(f"{gradient.__name__} is a method: write a function of the attributes that it "
                              "reads, and export that")
        self.kinds, self.unnamed = _of_all(gradient, kinds)
        self.bounds = self._written()
        self.imports, self.functions = [], []
        for bound in self.bounds:
            for node, lines in _split(bound.variant.text):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    self.imports += [line for line in lines if line not in self.imports]
                    continue
                lines = _with_comments(lines, node.lineno, bound.variant.listing.lines)
                if "\n".join(lines) not in self.functions:
                    self.functions.append("\n".join(lines))

    def _written(self, units=()):
        """The bound texts for example arguments, in which the lengths `units` are 1."""
        sizes = {letter: 1 if letter in units else size for letter, size in sizes_of(self.kinds).items()}
        args = tuple(kind.example(sizes) for kind in self.kinds.values())
        gradient = self.gradient
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                call = gradient.call(args)
                if self.part != "passes":
                    parts = [gradient.bound(self.part, call)]
                else:
                    forward = gradient.bound("forward", call)
                    parts = [forward, forward.backward(True)]
        except RevadError:
            raise
        except Exception as error:
            given = ", ".join(f"{name}: {kind}" for name, kind in self.kinds.items())
            raise ExportError(f"{gradient.__name__} itself raises {type(error).__name__} for arguments of "
                              f"these kinds ({given}): {error}") from error
        return parts

    def runs(self):
        """Whether the function itself takes the example arguments."""
        sizes = sizes_of(self.kinds)
        args = tuple(kind.example(sizes) for kind in self.kinds.values())
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return run_primal(self.gradient.function, self.gradient.signature, args) == (True, None)

    def guards(self, bounds=None):
        """The expressions over the parameters that the texts rely on, besides the kinds."""
        guards = []
        for bound in (bounds or self.bounds)[:1]:
            for conditions in bound.variant.conditions:
                for text in conditions.texts:
                    names = {node.id for node in ast.walk(ast.parse(text, mode="eval"))
                             if isinstance(node, ast.Name)}
                    if names & set(self.kinds):
                        guards.append(self._without_constants(text, conditions.constants))
        return list(dict.fromkeys(guards))

    def _without_constants(self, text, constants):
        tree = ast.parse(text, mode="eval")
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id in constants:
                value = constants[node.id]
                if isinstance(value, type) and value.__module__ == "builtins":
                    node.id = value.__name__
                elif getattr(np, getattr(value, "__name__", ""), None) is value:
                    node.id = f"{self.alias()}.{value.__name__}"
                elif type(value) in (int, float, str, bool, tuple, type(None)):
                    node.id = repr(value)
                else:
                    raise ExportError(f"the text is for {ast.unparse(tree)}, which a file that imports only "
                                      "NumPy cannot ask")
        return ast.unparse(tree)

    def alias(self):
        """The name of NumPy in the texts."""
        text = "\n".join(bound.variant.text for bound in self.bounds)
        names = {node.id for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name)}
        bound_names = {node.id for node in ast.walk(ast.parse(text))
                       if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)} | set(self.kinds)
        for name in sorted(names):
            if any(self.resolved(bound, name) is np for bound in self.bounds):
                return name
        return "np" if "np" not in names | bound_names else "numpy_"

    def resolved(self, bound, name):
        """The object of a name that a text reads from outside, or MISSING."""
        value = bound.cells.get(name, bound.root.function.__globals__.get(name, MISSING))
        if isinstance(value, types.CellType):
            try:
                return value.cell_contents
            except ValueError:
                return MISSING
        return value

    def may_be_unit(self):
        """The letters whose lengths may be 1: the texts are the same ones then, in all combinations."""
        letters = [letter for letter in sizes_of(self.kinds)][:LETTERS]
        alone = [letter for letter in letters if self._is_same((letter,))]
        for count in range(len(alone), 1, -1):
            for chosen in itertools.combinations(alone, count):
                if all(self._is_same(units) for length in range(2, count + 1)
                       for units in itertools.combinations(chosen, length)):
                    return set(chosen)
        return set(alone[:1])

    def _is_same(self, units):
        try:
            bounds = self._written(units)
        except (RevadError, ExportError):
            return False
        return [bound.variant.text for bound in bounds] == [bound.variant.text for bound in self.bounds] \
            and self.guards(bounds) == self.guards()


def _of_all(gradient, kinds):
    """(the kinds of all parameters, the names of those that keep their defaults)."""
    parameters, complete, unnamed = gradient.signature.parameters, {}, []
    for name in kinds:
        if name not in parameters:
            raise ExportError(f"{gradient.__name__} has no parameter {name!r}: it has "
                              f"{', '.join(parameters)}")
    for parameter in parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ExportError(f"{gradient.__name__} takes *{parameter.name}: name its parameters")
        if parameter.name in kinds:
            complete[parameter.name] = kinds[parameter.name]
        elif parameter.default is not parameter.empty:
            complete |= of_call([parameter.name], [kind_of(parameter.default, parameter.name)])
            unnamed.append(parameter.name)
        else:
            raise ExportError(f"{parameter.name} has no kind: write {parameter.name}: float, or "
                              f"{parameter.name}: float64[N]")
    return complete, unnamed


def _split(text):
    """(node, lines) of each statement of a text, comments inside included."""
    lines, nodes = text.split("\n"), ast.parse(text).body
    ends = [following.lineno - 1 for following in nodes[1:]] + [len(lines)]
    for node, end in zip(nodes, ends):
        while end > node.lineno and not lines[end - 1].strip():
            end -= 1
        yield node, lines[node.lineno - 1:end]


def _with_comments(lines, first, places):
    """The lines with the trailing comments of the user's own lines that stand in them as they were."""
    seen, result = set(), []
    for number, line in enumerate(lines, first):
        place = places.get(number)
        comment = _comment(place.text) if place is not None and place.line not in seen else None
        if comment is not None and place.text[:comment[0]].strip() == line.strip():
            seen.add(place.line)
            line = f"{line}{place.text[len(place.text[:comment[0]].rstrip()):].rstrip()}"
        result.append(line)
    return result


def _comment(line):
    """(column, text) of the comment that ends a line, or None.

    >>> _comment("x = '#'  # a comment"), _comment("x = 1")
    ((9, '# a comment'), None)
    """
    try:
        for token in tokenize.generate_tokens(io.StringIO(line.strip()).readline):
            if token.type == tokenize.COMMENT:
                return token.start[1] + len(line) - len(line.lstrip()), token.string
    except (tokenize.TokenError, SyntaxError):
        pass
    return None
