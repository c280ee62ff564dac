"""Residuals: the primal values inside a loop, branch or call that the backward pass reads.

A value that costs nothing is recomputed.  Others are stored: by a branch under their names, by a loop in
lists, one element for each iteration.

>>> from ..types.kinds import FLOAT
>>> x, y = Value("x", kind=FLOAT), Value(kind=FLOAT)
>>> stage = Stage((y,), Form("unary", "-"), (x,))
>>> z = Value("z", kind=FLOAT)
>>> substituted((stage,), {x: z})
(_ = unary '-' (z),)
"""
from __future__ import annotations

import dataclasses

from ..analysis.cost import is_cheap
from ..ir.nodes import BLOCKS, Branch, Call, Form, Lit, Loop, Row, Stage, Unset, Value
from ..ir.traversal import as_subscript, read_in, substituted
from ..types.kinds import INTEGERS, Kind
from ..types.shape_rules import kind_of_operand


def reached(block, ends):
    """The values, of the block and from outside, that the values `ends` depend on through derivatives."""
    values = {end for end in ends if isinstance(end, Value)}
    for stage in reversed(block):
        if not any(target in values and target.varied for target in stage.targets):
            continue
        if isinstance(stage, Branch):
            values.update(row[column] for row in stage.results if row[0] in values for column in (1, 2)
                          if isinstance(row[column], Value))
            for inner in (stage.then, stage.orelse):
                values |= reached(inner, values)
        elif isinstance(stage, Loop):
            ends = {row.next for row in stage.rows} | {row.init for row in stage.rows}
            values |= {end for end in ends if isinstance(end, Value)}
            values |= reached(stage.block, values)
        else:
            values.update(operand for operand in stage.operands if operand.varied)
    return values


# Operations that are worth recomputing for arrays, too, as in `(1 - z) * h`.
SMALL = {("binary", "+"), ("binary", "-"), ("binary", "*"), ("unary", "-")}


class Rematerialisation:
    """Values of a forward block that its backward block computes again.

    definitions: {value: stage} of the forward block; inside: the values that the block computes, or that an
    iteration begins with; substitution: the value in the backward block that stands for each; in_loop:
    whether the block is that of a loop, in which a stored value is stored once for each iteration.
    is_stored_into: whether an array is, so that an element of it can be recomputed only from a stored copy.
    """

    def __init__(self, definitions, inside, substitution=(), in_loop=False,
                 is_stored_into=lambda value: False):
        self.definitions, self.inside, self.substitution = definitions, inside, dict(substitution)
        self.in_loop, self.is_stored_into = in_loop, is_stored_into

    def is_free(self, value):
        """Whether a value can be recomputed at no cost."""
        if not isinstance(value, Value) or value in self.substitution or value not in self.inside:
            return True
        stage = _read_alone(self.definitions.get(value), value)
        return isinstance(stage, Stage) and len(stage.targets) == 1 and _is_free_stage(stage) \
            and all(map(self.is_free, stage.operands)) and not (
                stage.form.kind == "index" and value.kind.tag == "number"
                and self.is_stored_into(stage.operands[0]))

    def is_affordable(self, value):
        """Whether recomputing a value costs at most a scalar operation, or a small part of an expression."""
        stage = self.definitions.get(value)
        if (self.is_free(value) or not isinstance(stage, Stage)
                or stage.form.kind not in ("binary", "unary", "compare")):
            return self.is_free(value)
        numbers = all(kind_of_operand(o).tag == "number" for o in stage.operands)
        small = self.in_loop and value.name is None and (stage.form.kind, stage.form.name) in SMALL
        return (numbers or small) and all(map(self.is_free, stage.operands))

    def is_loop_invariant(self, value):
        """Whether no operand of a value changes from iteration to iteration."""
        if not isinstance(value, Value) or value not in self.inside:
            return True
        stage = self.definitions.get(value)
        return (isinstance(stage, Stage)
                and (stage.gate is not None or stage.form.kind in ("index", "attr", "alias"))
                and all(map(self.is_loop_invariant, stage.operands)))

    def duplicates(self, values):
        """{value: an earlier one that is the same element, slice or comparison of the same operands}."""
        copies, first = {}, {}
        for value in values:
            stage = self.definitions.get(value)
            if (isinstance(stage, Stage) and stage.form.kind in ("index", "compare")
                    and len(stage.targets) == 1):
                if first.setdefault((stage.form, stage.operands), value) is not value:
                    copies[value] = first[stage.form, stage.operands]
        return copies

    def recompute(self, value):
        """The stages that compute a value again; `substitution` has it from then on."""
        if not isinstance(value, Value) or value in self.substitution or value not in self.inside:
            return []
        stage = _read_alone(self.definitions[value], value)
        before = [needed_stage for operand in stage.operands for needed_stage in self.recompute(operand)]
        copy, = substituted((stage,), self.substitution)
        self.substitution[value] = Value(value.name, value.hint, value.kind, False)
        return [*before, dataclasses.replace(copy, targets=(self.substitution[value],))]

    def needed(self, block, others):
        """(values to recompute at no cost, values that must be stored), of those that a block reads."""
        read = [v for v in dict.fromkeys([*read_in(block), *others])
                if v in self.inside and v not in self.substitution]
        keep = [v for v in read if not self.is_free(v)]
        # A value that can be recomputed from stored values need not be stored.
        trial = Rematerialisation(self.definitions, self.inside,
                                  {**self.substitution, **{v: v for v in keep}}, self.in_loop,
                                  self.is_stored_into)
        for value in list(keep):
            del trial.substitution[value]
            if not trial.is_affordable(value) or self.definitions.get(value) is None:
                trial.substitution[value] = value
        keep = [v for v in keep if v in trial.substitution]
        return [v for v in read if v not in keep], keep


def _read_alone(stage, value):
    """The stage that defines a value; of `W, b = layers[i]` the subscript that reads an array alone."""
    is_array = isinstance(stage, Stage) and stage.form.kind == "unpack" and not stage.form.spec \
        and value.kind.tag != "number" and kind_of_operand(stage.operands[0]).tag in ("tuple", "list")
    return as_subscript(stage, value) if is_array else stage


def _is_free_stage(stage):
    kinds = [kind_of_operand(o) for o in stage.operands]
    if (stage.form.kind in ("binary", "unary")
            and all(k.tag == "number" and k.dtype and k.dtype in INTEGERS for k in kinds)):
        return True
    if stage.form.kind == "alias":
        return True
    if stage.form.kind in ("tuple", "list", "dict"):
        return True
    if stage.form.kind == "call" and stage.form.name in ("@range", "@len", "@reversed"):
        return not any(kind.tag == "stack" for kind in kinds)
    return is_cheap(stage, {}) and stage.form.kind != "compare"


# ---- the forward part, with what it stores

class Residuals:
    """What a loop, branch or call of the forward part stores for the backward part."""

    def __init__(self):
        self.rows = []          # of a branch: (value, in then, in orelse); of a loop: rows
        self.lists = {}         # stored value: (list, whether a copy is stored)
        self.stages = []        # stages at the end of an iteration
        self.cache = None       # of a call: the value that holds its residuals
        self.kept = ()          # of a call: the values in the cache


def saved_values(block, residuals):
    """The values that the branches, loops and calls of a block store for the backward pass."""
    for stage in block:
        extra = residuals.get(stage) if isinstance(stage, BLOCKS) else None
        if extra is not None:
            yield from (extra.cache,) if extra.cache is not None else ()
            yield from (row[-1] if isinstance(row, Row) else row[0] for row in extra.rows)
            yield from (kept for kept, _ in extra.lists.values())


def with_residuals(block, residuals, split, kept=None, nullable=None):
    """A forward block, rebuilt so that its loops, branches and calls store the residuals.

    kept: values that lists hold; each must be defined in every iteration, as None where there is no value.
    split: all residuals must be.
    """
    if kept is None:
        kept = {value for extra in residuals.values() for value in extra.lists}
        kept |= {operand for extra in residuals.values() for row in extra.rows for operand in row
                 if isinstance(operand, Value)}
    rebuilt, nullable = [], set() if nullable is None else nullable       # values that may be None

    def present(target, operand):
        if not isinstance(operand, Unset) or not split and target not in kept:
            return operand
        placeholder = _placeholder(target)
        nullable.update([target] if placeholder == Lit(None) else [])
        return placeholder

    for stage in block:
        if isinstance(stage, Branch):
            extra = residuals.get(stage)
            rebuilt.append(dataclasses.replace(
                stage, then=with_residuals(stage.then, residuals, split, kept, nullable),
                orelse=with_residuals(stage.orelse, residuals, split, kept, nullable),
                results=tuple((row[0], present(row[0], row[1]), present(row[0], row[2]))
                              for row in (*stage.results, *(extra.rows if extra else ())))))
        elif isinstance(stage, Loop):
            extra = residuals.get(stage) or Residuals()
            inner = with_residuals(stage.block, residuals, split, kept, nullable)
            rows = tuple(row._replace(init=present(row.out, row.init)) for row in (*stage.rows, *extra.rows))
            opening = [value for value in (*stage.indices, *(row.inner for row in rows))
                       if value in extra.lists]
            body = [_append(stage, value, extra, nullable) for value in opening]
            lists = {saved_list for loop in stage.block
                     if loop in residuals for saved_list, _ in residuals[loop].lists.values()}
            waiting = []        # a list is kept when it has been filled
            for inner_stage in inner:
                body.append(inner_stage)
                keep = [target for target in inner_stage.targets if target in extra.lists]
                waiting += [target for target in keep if target in lists]
                body += [_append(stage, target, extra, nullable) for target in keep if target not in lists]
                if isinstance(inner_stage, Loop):
                    body += [_append(stage, target, extra, nullable) for target in waiting]
                    waiting = []
            for saved_list, _ in extra.lists.values():
                rebuilt.append(Stage((saved_list,), Form("list"), (), stage.statement, stage.place))
            rebuilt.append(dataclasses.replace(stage, rows=rows, block=(*body, *extra.stages)))
        elif isinstance(stage, Call):
            extra = residuals.get(stage) or Residuals()
            sections = tuple((heading, with_residuals(inner, residuals, True))
                             for heading, inner in stage.sections)
            rebuilt.append(dataclasses.replace(stage, sections=sections, cache=extra.cache,
                                               kept=tuple((v, v) for v in extra.kept)))
        else:
            rebuilt.append(stage)
    return tuple(rebuilt)


def _placeholder(target):
    """What stands for a missing value: a number for numbers, so that all iterations store the same type."""
    if target.kind.tag != "number" or not target.kind.dtype:
        return Lit(None)
    return Lit(False if target.kind.dtype == "?" else 0 if target.kind.dtype in INTEGERS else 0.0)


def _append(loop, value, extra, nullable):
    kept, copy = extra.lists[value]
    how = "" if not copy else "copy or None" if value in nullable else "copy"
    return Stage((), Form("keep", how), (kept, value), loop.statement, loop.place)


def list_of_saved(value, stage=None):
    """The list that stores a value of each iteration; `stage` computes the value."""
    base = stage.operands[0] if isinstance(stage, Stage) and stage.form.kind == "index" else None
    stem = value.name or value.hint or getattr(base, "name", None) or "t"
    name = f"{stem}s" if stem.endswith(("_kept", "_cache")) else f"{stem}_kept"
    return Value(name, None, Kind("list", known=None)._replace(tag="unknown"))
