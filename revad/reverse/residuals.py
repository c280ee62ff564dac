"""Residuals: what the backward pass needs of values inside a loop or branch of the forward pass.

A value that costs nothing is computed again; of a branch, others are left for later under
their names; of a loop, they are kept in lists, one element for each round.

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
from ..ir.traversal import read_in, substituted
from ..types.kinds import INTEGERS, Kind
from ..types.shape_rules import kind_of_operand


def reached(block, ends):
    """What the values `ends` depend on through derivatives: values of the block, and from outside of it."""
    found = {end for end in ends if isinstance(end, Value)}
    for stage in reversed(block):
        if not any(target in found and target.varied for target in stage.targets):
            continue
        if isinstance(stage, Branch):
            found.update(row[column] for row in stage.results if row[0] in found for column in (1, 2)
                         if isinstance(row[column], Value))
            for inner in (stage.then, stage.orelse):
                found |= reached(inner, found)
        elif isinstance(stage, Loop):
            ends = {row.next for row in stage.rows} | {row.init for row in stage.rows}
            found |= {end for end in ends if isinstance(end, Value)}
            found |= reached(stage.block, found)
        else:
            found.update(operand for operand in stage.operands if operand.varied)
    return found


# Of arrays, as in `(1 - z) * h`.
SMALL = {("binary", "+"), ("binary", "-"), ("binary", "*"), ("unary", "-")}


class Again:
    """Values of a forward block that its backward block has again.

    made: {value: stage} of the forward block; inside: all that the block makes, or that a round
    begins with; new: what each is in the backward block; rounds: whether it is that of a loop, for which
    each value that is not had again is kept once for each round.  changes: whether an array is stored into,
    so that an element of it is had again only if all of it is kept.
    """

    def __init__(self, made, inside, new=(), rounds=False, changes=lambda value: False):
        self.made, self.inside, self.new, self.rounds, self.changes = made, inside, dict(new), rounds, changes

    def can(self, value):
        """Whether a value is had again at no cost."""
        if not isinstance(value, Value) or value in self.new or value not in self.inside:
            return True
        stage = self.made.get(value)
        return isinstance(stage, Stage) and len(stage.targets) == 1 and _costs_nothing(stage) \
            and all(map(self.can, stage.operands)) and not (
                stage.form.kind == "index" and value.kind.tag == "number" and self.changes(stage.operands[0]))

    def could(self, value):
        """Whether a value is had again for the price of an operation on numbers, or of a small part of an expression."""
        stage = self.made.get(value)
        if (self.can(value) or not isinstance(stage, Stage)
                or stage.form.kind not in ("binary", "unary", "compare")):
            return self.can(value)
        numbers = all(kind_of_operand(o).tag == "number" for o in stage.operands)
        small = self.rounds and value.name is None and (stage.form.kind, stage.form.name) in SMALL
        return (numbers or small) and all(map(self.can, stage.operands))

    def is_same_in_all_rounds(self, value):
        """Whether nothing of what a value is made of changes from round to round."""
        if not isinstance(value, Value) or value not in self.inside:
            return True
        stage = self.made.get(value)
        return (isinstance(stage, Stage)
                and (stage.gate is not None or stage.form.kind in ("index", "attr", "alias"))
                and all(map(self.is_same_in_all_rounds, stage.operands)))

    def twins(self, values):
        """{value: one before it that is the same part of the same array}."""
        found, first = {}, {}
        for value in values:
            stage = self.made.get(value)
            if (isinstance(stage, Stage) and stage.form.kind in ("index", "compare")
                    and len(stage.targets) == 1):
                if first.setdefault((stage.form, stage.operands), value) is not value:
                    found[value] = first[stage.form, stage.operands]
        return found

    def make(self, value):
        """The stages that compute a value again; it is among those of `new` from then on."""
        if not isinstance(value, Value) or value in self.new or value not in self.inside:
            return []
        stage = self.made[value]
        before = [made for operand in stage.operands for made in self.make(operand)]
        copy, = substituted((stage,), self.new)
        self.new[value] = Value(value.name, value.hint, value.kind, False)
        return [*before, dataclasses.replace(copy, targets=(self.new[value],))]

    def needed(self, block, others):
        """(values to have again at no cost, values that have to be kept), of those that a block reads."""
        read = [v for v in dict.fromkeys([*read_in(block), *others])
                if v in self.inside and v not in self.new]
        keep = [v for v in read if not self.can(v)]
        # What can be computed from kept values need not be kept.
        trial = Again(self.made, self.inside, {**self.new, **{v: v for v in keep}}, self.rounds, self.changes)
        for value in list(keep):
            del trial.new[value]
            if not trial.could(value) or self.made.get(value) is None:
                trial.new[value] = value
        keep = [v for v in keep if v in trial.new]
        return [v for v in read if v not in keep], keep


def _costs_nothing(stage):
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


# ---- the forward part, with what it keeps

class Additions:
    """What is added to one loop, branch or call of the forward part."""

    def __init__(self):
        self.rows = []          # of a branch: (value, in then, in orelse); of a loop: rows
        self.lists = {}         # kept value: (list, whether a copy is kept)
        self.stages = []        # stages at the end of a round
        self.cache = None       # of a call: what it leaves for the backward pass
        self.kept = ()          # of a call: the values in it


def left_by(block, additions):
    """What the branches and loops of a block leave, besides their results, for the backward pass."""
    for stage in block:
        extra = additions.get(stage) if isinstance(stage, BLOCKS) else None
        if extra is not None:
            yield from (extra.cache,) if extra.cache is not None else ()
            yield from (row[-1] if isinstance(row, Row) else row[0] for row in extra.rows)
            yield from (kept for kept, _ in extra.lists.values())


def with_additions(block, additions, split, kept=None, none=None):
    """A forward block, rebuilt with what the backward pass asks of its loops and branches.

    kept: what lists hold; each has a value in every round, None where it has none.  split: so does all
    that is left for the backward pass.
    """
    if kept is None:
        kept = {value for extra in additions.values() for value in extra.lists}
        kept |= {operand for extra in additions.values() for row in extra.rows for operand in row
                 if isinstance(operand, Value)}
    found, none = [], set() if none is None else none       # none: values that may be None

    def present(target, operand):
        if not isinstance(operand, Unset) or not split and target not in kept:
            return operand
        found = _no_value(target)
        none.update([target] if found == Lit(None) else [])
        return found

    for stage in block:
        if isinstance(stage, Branch):
            extra = additions.get(stage)
            found.append(dataclasses.replace(
                stage, then=with_additions(stage.then, additions, split, kept, none),
                orelse=with_additions(stage.orelse, additions, split, kept, none),
                results=tuple((row[0], present(row[0], row[1]), present(row[0], row[2]))
                              for row in (*stage.results, *(extra.rows if extra else ())))))
        elif isinstance(stage, Loop):
            extra = additions.get(stage) or Additions()
            inner = with_additions(stage.block, additions, split, kept, none)
            rows = tuple(row._replace(init=present(row.out, row.init)) for row in (*stage.rows, *extra.rows))
            opening = [value for value in (*stage.indices, *(row.inner for row in rows))
                       if value in extra.lists]
            body = [_append(stage, value, extra, none) for value in opening]
            lists = {held for loop in stage.block
                     if loop in additions for held, _ in additions[loop].lists.values()}
            waiting = []        # a list is kept when it has been filled
            for one in inner:
                body.append(one)
                keep = [target for target in one.targets if target in extra.lists]
                waiting += [target for target in keep if target in lists]
                body += [_append(stage, target, extra, none) for target in keep if target not in lists]
                if isinstance(one, Loop):
                    body += [_append(stage, target, extra, none) for target in waiting]
                    waiting = []
            for held, _ in extra.lists.values():
                found.append(Stage((held,), Form("list"), (), stage.statement, stage.place))
            found.append(dataclasses.replace(stage, rows=rows, block=(*body, *extra.stages)))
        elif isinstance(stage, Call):
            extra = additions.get(stage) or Additions()
            sections = tuple((heading, with_additions(inner, additions, True))
                             for heading, inner in stage.sections)
            found.append(dataclasses.replace(stage, sections=sections, cache=extra.cache,
                                             kept=tuple((v, v) for v in extra.kept)))
        else:
            found.append(stage)
    return tuple(found)


def _no_value(target):
    """What stands for a value where there is none: a number for numbers, so that those of all rounds are alike."""
    if target.kind.tag != "number" or not target.kind.dtype:
        return Lit(None)
    return Lit(False if target.kind.dtype == "?" else 0 if target.kind.dtype in INTEGERS else 0.0)


def _append(loop, value, extra, none):
    kept, copy = extra.lists[value]
    how = "" if not copy else "copy or None" if value in none else "copy"
    return Stage((), Form("keep", how), (kept, value), loop.statement, loop.place)


def list_for(value, stage=None):
    """The list in which the values of all rounds are kept; `stage` makes them."""
    taken = stage.operands[0] if isinstance(stage, Stage) and stage.form.kind == "index" else None
    stem = value.name or value.hint or getattr(taken, "name", None) or "t"
    name = f"{stem}s" if stem.endswith(("_kept", "_cache")) else f"{stem}_kept"
    return Value(name, None, Kind("list", known=None)._replace(tag="unknown"))
