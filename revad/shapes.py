"""Shapes: a Program and the kinds of its arguments become a Program that knows every value.

Each value gets its kind (number, rank, which axes are 1) and whether it varies with the
parameters that are differentiated; each stage gets its gate.  All stages that would lose a
derivative are reported together.

>>> import gast, numpy as np
>>> from .kinds import FLOAT
>>> from .scope import Scope
>>> from .stage import stage_tree
>>> program = stage_tree(gast.parse("def f(x, n):\\n    return np.exp(x) * n").body[0], "f")
>>> typed, builder = infer_shapes(program, [FLOAT, FLOAT], {"x"}, Scope({"np": np}, {}, "f"))
>>> [(s.gate.name, s.target.varied) for s in typed.block]
[('exp', True), ('multiply', True)]
"""
from __future__ import annotations

import dataclasses

import numpy as np

from .builder import Builder
from .containers import unpacked
from .errors import UnsupportedError
from .inference import infer
from .selection import takes_each_once
from .refusals import Refusal, diagnostic
from .kinds import UNKNOWN, join
from .lengths import kind_of_operand
from .scope import NameMissing
from .program import Branch, Form, Lit, Stage, Value


def infer_shapes(program, kinds, wrt, scope):
    """The typed Program, and the builder that holds its stages.  Raises UnsupportedError."""
    builder = Builder(scope)
    parameters = tuple(Value(p.name, kind=kind, varied=p.name in wrt)
                       for p, kind in zip(program.parameters, kinds))
    walk = _Walk(builder, dict(zip(program.parameters, parameters)), [])
    walk.block(program.block)
    if walk.problems:
        raise UnsupportedError(walk.problems)
    typed = dataclasses.replace(program, parameters=parameters, block=tuple(builder.stages),
                                result=walk.operand(program.result))
    return typed, builder


CONTAINERS = ("tuple", "list", "dict")


class _Walk:
    """Takes the stages of one block in order; `values` maps untyped values to typed ones."""

    def __init__(self, builder, values, problems):
        self.builder, self.values, self.problems = builder, values, problems

    def operand(self, operand):
        return operand if isinstance(operand, Lit) else self.values[operand]

    def block(self, stages):
        for stage in stages:
            try:
                self.branch(stage) if isinstance(stage, Branch) else self.stage(stage)
            except (Refusal, NameMissing) as error:
                self.problems.append(diagnostic(stage, error))
                for target in stage.targets:
                    self.values[target] = Value(target.name, kind=UNKNOWN)

    def stage(self, stage):
        builder = self.builder
        operands = tuple(map(self.operand, stage.operands))
        if stage.form.kind in ("call", "read") and "." in stage.form.name:
            stage, operands = self.outside_array(stage, operands)
        if stage.form.kind == "unpack":
            return self.unpack(stage, operands)
        element = self.written_out(stage, operands)
        if element is not None:
            if stage.target.name is None:
                self.values[stage.target] = element
                return None
            stage = dataclasses.replace(stage, form=Form("alias"))
            operands = (element,)
        found = infer(builder.scope, builder.externals, stage.form, operands)
        targets = tuple(Value(t.name, found.gate and (found.gate.hint or found.gate.name), found.kind, found.varied)
                        for t in stage.targets)
        self.values.update(zip(stage.targets, targets))
        typed = Stage(targets, stage.form, operands, stage.statement, stage.place, found.gate, found.bound)
        if stage.form.kind == "store" and found.varied and not stage.form.name.startswith("at") \
                and not takes_each_once(builder, typed):
            raise Refusal("store into a subscript", "an element may be in it twice, and the last value wins",
                          "Use np.add.at to add up, or a mask, a slice or np.arange(n) as the subscript.")
        builder.append(typed, (stage.form, operands))
        self.narrowed(stage, typed)
        return None

    def narrowed(self, stage, typed):
        """`x += y` leaves an array of single precision one, whatever y is: the sum is cast back."""
        old = kind_of_operand(typed.operands[0]) if typed.form.kind == "augment" else UNKNOWN
        if old.tag == "array" and old.dtype in ("e", "f") and typed.target.kind.dtype != old.dtype:
            typed.target.hint, typed.target.name = typed.target.name, None
            form = Form("method", "astype")
            self.values[stage.operands[0]], kept = typed.target, self.values[stage.operands[0]]
            self.stage(dataclasses.replace(stage, form=form, operands=(stage.operands[0], Lit(np.dtype(old.dtype).name))))
            self.values[stage.operands[0]] = kept

    def outside_array(self, stage, operands):
        """`W.sum()` of an array or number from outside the function is a method of what it holds."""
        path, _, name = stage.form.name.rpartition(".")
        held = self.builder.scope.resolve(path)
        if not isinstance(held, (np.ndarray, np.generic, int, float)):
            return stage, operands
        value = Value(None, path.replace(".", "_"), self.builder.scope.read(path))
        form = Form("read", path)
        self.builder.append(Stage((value,), form, (), stage.statement, stage.place), (form, ()))
        kind = "method" if stage.form.kind == "call" else "attr"
        form = stage.form._replace(kind=kind, name=name)
        return dataclasses.replace(stage, form=form), (value, *operands)

    def written_out(self, stage, operands):
        """The element of a tuple or list that was written out in this function."""
        if stage.form.kind != "index":
            return None
        made = self.builder.definitions.get(operands[0])
        if made is None or isinstance(made, Branch) or made.form.kind not in ("tuple", "list", "dict") \
                or made.form.name == "*":
            return None
        if len(stage.form.spec) != 1 or stage.form.spec[0].kind != "at" or not isinstance(operands[1], Lit):
            return None
        elements = dict(zip(made.form.keywords, made.operands)) if made.form.kind == "dict" else made.operands
        try:
            return elements[operands[1].value]
        except (LookupError, TypeError):
            return None

    def unpack(self, stage, operands):
        kinds = unpacked(operands[0], len(stage.targets), self.builder.scope)
        targets = tuple(Value(t.name, None, kind, operands[0].varied) for t, kind in zip(stage.targets, kinds))
        self.values.update(zip(stage.targets, targets))
        self.builder.append(Stage(targets, stage.form, operands, stage.statement, stage.place))

    def branch(self, branch):
        condition = self.operand(branch.condition)
        blocks = []
        for stages in (branch.then, branch.orelse):
            inner = _Walk(Builder(outer=self.builder), self.values, self.problems)
            inner.block(stages)
            blocks.append(tuple(inner.builder.stages))
        results = []
        for target, then, orelse in branch.results:
            then, orelse = self.operand(then), self.operand(orelse)
            kinds = kind_of_operand(then), kind_of_operand(orelse)
            kind = join(*kinds)
            if kind == UNKNOWN and (then.varied or orelse.varied) and any(k.tag in CONTAINERS for k in kinds):
                raise Refusal(f"name {target.name!r}" if target.name else "conditional expression",
                              f"it is a {kinds[0].tag} on one side and a {kinds[1].tag} on the other, or they differ in "
                              "their elements", "Give it the same structure on both sides.")
            value = Value(target.name, None, kind, then.varied or orelse.varied)
            self.values[target] = value
            results.append((value, then, orelse))
        typed = Branch(condition, *blocks, tuple(results), branch.statement, branch.place)
        self.builder.append_branch(typed)

