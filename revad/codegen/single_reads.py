"""Single reads: a gradient that only one later line reads, and is short, is written inside that line.

`de = a * dout`, `dtau = (t * e * de).sum()` is `dtau = (t * e * (a * dout)).sum()`; and `dx = a`, `dx += b`
is `dx = a + b`, where that fits into a line.  What a product of matrices or a sum over an axis gives keeps
its line and its name: it is a stage of its own, as long as it is not only given another shape.

>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Form, Lit
>>> from .plan import make_plan
>>> x, d, dx = Value("x", kind=FLOAT), Value("d", kind=FLOAT), Value("dx", kind=FLOAT)
>>> stages = [Stage((d,), Form("binary", "*"), (x, Lit(2))), Stage((dx,), Form("call", "np.exp"), (d,))]
>>> plan = make_plan([(None, stages)], [dx])
>>> write_single_reads_inside(plan, lambda value: value is not x)
>>> plan.sections, plan.inside
([(None, [dx = call 'np.exp' (d)])], {d: d = binary '*' (x, 2)})
"""
from __future__ import annotations

import ast

from ..analysis.liveness import is_heading
from ..ir.nodes import Branch, Lit, Loop, Stage, Value
from ..ir.traversal import mapped, walk
from ..types.shape_rules import kind_of_operand
from .names import temporary
from .syntax import ExpressionWriter
from .unparse import unparse

WIDEST = 72         # columns of a line that another was written into
WIDEST_SUM = 88     # columns of a sum
MOST = 6            # operations of such a line
READERS = frozenset(("binary", "unary", "call", "method", "alias", "store", "index"))
LAYOUTS = frozenset(("reshape", "transpose", "swapaxes", "ravel"))


def write_single_reads_inside(plan, is_backward, only_sums=False):
    """Move the lines of gradients into the lines that read them: `plan` is changed.

    only_sums: only the terms of sums, as what is read beside its own value keeps its line.
    """
    _Pass(plan, is_backward, only_sums).run()


class _Pass(ExpressionWriter):
    def __init__(self, plan, is_backward, only_sums):
        self.plan, self.is_backward, self.only_sums = plan, is_backward, only_sums
        self.names, self.externals = _Names(), _Paths()

        self.rows = {row.inner for line in walk([line for _, lines in plan.sections for line in lines])
                     if isinstance(line, Loop) for row in line.rows}

    def run(self):
        flat = [line for _, lines in self.plan.sections for line in lines]
        rest = iter(self.block(flat, 1))
        for number, (heading, lines) in enumerate(self.plan.sections):
            left = [line for line in (next(rest) for _ in lines) if line is not None]
            self.plan.sections[number] = (heading, left)

    def block(self, lines, depth):
        """The lines, None in the place of one that went into another."""
        lines = [mapped(line, lambda block: tuple(
            inner for inner in self.block(block, depth + 1) if inner is not None))
            if isinstance(line, (Branch, Loop)) else line for line in lines]
        places = {}     # which line computes a value, of the lines so far
        for number, line in enumerate(lines):
            if isinstance(line, Stage):
                # The operand that was computed last goes first: the others may then be next to the line.
                earlier = number
                while (earlier := self.last_read(line, places, earlier)) is not None:
                    if self.goes_into(lines, earlier, number, depth):
                        lines[earlier] = None
                if len(line.targets) == 1:
                    places[line.target] = number
        return lines

    def last_read(self, reader, places, before):
        """The last line above `before` that computes what a line reads."""
        return max((places[value] for value in self.read_by(reader) if places.get(value, before) < before),
                   default=None)

    def goes_into(self, lines, earlier, later, depth):
        """Whether a line has been written inside a later one that reads it."""
        stage, reader = lines[earlier], lines[later]
        if not self.may_move(stage, reader):
            return False
        read = self.read_by(stage)
        if any(not self.may_pass(read, line) for line in lines[earlier + 1:later] if line is not None):
            return False
        is_sum = (reader.form.kind == "binary" and reader.form.name in "+-"
                  and reader.operands[0] is stage.target and self.continues(stage, reader))
        if not is_sum and (self.only_sums or self.is_update(stage) or not self.is_short(stage, reader)):
            return False
        self.plan.inside[stage.target] = stage
        text = self.text_of(reader)
        fits = text is not None and len(text) + 4 * depth <= (WIDEST_SUM if is_sum else WIDEST)
        if not fits or not is_sum and self.operations(reader) > MOST:
            del self.plan.inside[stage.target]
            return False
        return True

    def continues(self, stage, reader):
        """Whether a sum goes on with a gradient that is not itself added to what was there before."""
        return (reader.target.name is not None and reader.target.name == stage.target.name
                and not self.is_update(stage))

    def is_update(self, stage):
        """Whether a stage adds to what was there before, in place."""
        first = stage.operands[0] if stage.operands else None
        return (stage.form.kind == "binary" and stage.form.name in "+-" and isinstance(first, Value) and (
            first in self.rows or first not in self.plan.inside and first.name is not None
            and first.name == stage.target.name))

    def may_move(self, stage, reader):
        if self.plan.uses[stage.target] != 1 or not self.is_backward(stage.target) \
                or reader.form.kind not in READERS \
                or not reader.targets or not self.is_backward(reader.target) \
                or stage.target.kind.tag not in ("array", "number"):
            return False
        if reader.form.kind == "store" and stage.target in (reader.operands[0], *reader.operands[2:]):
            return False        # the base of a store is memory to store into, a key stands in brackets
        if stage.form.kind == "alias":
            return isinstance(stage.operands[0], Value)
        return (stage.form.kind in ("binary", "unary")
                or stage.form.kind in ("call", "method") and stage.gate is not None)

    def may_pass(self, read, line):
        """Whether what is computed of the values that are read may be computed after a line."""
        if is_heading(line):
            return True
        if not isinstance(line, Stage) or not line.targets or line.form.kind in ("push", "keep", "effect"):
            return False
        if any(target.name is not None and target.name == operand.name
               for target in line.targets for operand in read):
            return False        # the operand's name would be taken
        is_update = (line.form.kind in ("store", "augment")
                     or line.form.kind == "binary" and line.form.name in "+-")
        return not (is_update and isinstance(line.operands[0], Value)
                    and line.operands[0] in read)

    def read_by(self, stage):
        """What the line of a stage reads."""
        read = set()
        for operand in stage.operands:
            if operand in self.plan.inside:
                read |= self.read_by(self.plan.inside[operand])
            elif isinstance(operand, Value):
                read.add(operand)
        return read

    def is_short(self, stage, reader):
        if stage.form.kind == "alias":
            return True
        if stage.form.kind != "unary" and self.is_subscripted(reader, stage.target):
            return False
        if _is_layout(reader) and reader.operands[0] is stage.target and not _is_layout(stage):
            return self.operations(stage) <= 2
        most = 2 if kind_of_operand(stage.target).rank == 0 else 1
        return (self.operations(stage) <= most and stage.form.kind in ("binary", "unary")
                and stage.form.name != "@")

    def is_subscripted(self, reader, value):
        """Whether a subscript, or an attribute, is taken of what a line reads."""
        return any(
            operand is value and reader.form.kind in ("index", "attr")
            or operand in self.plan.inside and self.is_subscripted(self.plan.inside[operand], value)
            for operand in reader.operands)

    def operations(self, stage):
        """The operations that a line does; factors that are numbers do not count."""
        own = stage.form.kind in ("binary", "call", "method", "ifexp", "compare") \
            and not any(isinstance(operand, Lit) for operand in stage.operands[:1])
        return own + sum(self.operations(self.plan.inside[operand]) for operand in stage.operands
                         if operand in self.plan.inside)

    def text_of(self, stage):
        """About what the line will be; its names are not known yet."""
        try:
            if stage.form.kind == "store":
                items = self.items(stage.form.spec, stage.operands, bool(stage.form.keywords[0]))
                target = ast.Subscript(ast.Name(self.names[stage.target], ast.Load()), items, ast.Store())
                return unparse(ast.Assign([target], self.expression(stage.operands[1]), lineno=0))
            target = ast.Name(self.names[stage.target], ast.Store())
            return unparse(ast.Assign([target], self.form(stage.form, stage.operands), lineno=0))
        except KeyError:
            return None


def _is_layout(stage):
    return stage.form.kind == "method" and stage.form.name in LAYOUTS


class _Names(dict):
    def __missing__(self, value):
        return value.name or temporary(value)


class _Paths:
    def get(self, path, _):
        return path.removeprefix("@")
