"""Check: what must hold of a Program after each pass, verified in tests (REVAD_CHECK=1), free for users.

>>> from .nodes import Form, Lit, Stage, Value
>>> x, y = Value("x"), Value("y")
>>> stages = [Stage((y,), Form("binary", "*"), (x, Lit(2.0)))]
>>> definitions(stages, [x], [y])
>>> definitions(stages, [], [y])
Traceback (most recent call last):
revad.ir.check.InvariantError: x is read and nothing before defines it, in y = binary '*' (x, 2.0)
"""
from __future__ import annotations

import os

from .nodes import Call, Form, Loop, Stage, Value
from .traversal import values_of, walk

ON = bool(os.environ.get("REVAD_CHECK"))


class InvariantError(AssertionError):
    """A pass has left a Program in which something does not hold that every later pass relies on."""


def program(after, sections, parameters, roots, inside=None, rules=True):
    """All that holds of the sections of a typed or adjoint Program, or of those of codegen.

    after: the pass that is to blame; inside: of a plan, the stages that are written inside of lines;
    rules: whether rules will read the operands of stages under the names of their parameters.
    """
    if not ON:
        return
    stages = [stage for _, block in sections for stage in block]
    try:
        definitions(stages, parameters, roots, inside, rules)
        results(stages)
    except InvariantError as error:
        raise InvariantError(f"after {after}: {error}") from None


def definitions(stages, parameters, roots, inside=None, rules=True):
    """Each value has one definition, and that dominates every use.

    What a region defines is visible in it alone, but for the test of a loop, which runs before each
    iteration; the region of a call sees its arguments and nothing else.  The iterable of a loop is read when
    its rows are set: it reads what the first iteration begins with, and so do the stages that only it reads.
    """
    defined = set(parameters)

    def read(operands, visible, where):
        for operand in values_of(operands):
            if inside and operand in inside:
                read(inside[operand].operands, visible, where)
            elif operand not in visible:
                raise InvariantError(f"{operand} is read and nothing before defines it, in {_named(where)}")

    def define(targets, visible, where):
        for target in targets:
            if target in defined:
                raise InvariantError(f"{target} is defined a second time, in {_named(where)}")
            defined.add(target)
            visible.add(target)

    def block(stages, visible):
        early = {row.inner for stage in stages if isinstance(stage, Loop) for row in stage.rows}
        for stage in stages:
            if isinstance(stage, Loop):
                read(stage.head[:1], visible | early, stage)
                read(stage.head[1:], visible, stage)
            elif early.intersection(stage.head) and inside is None and stage.target.name is None:
                read(stage.head, visible | early, stage)
                early.update(stage.targets)
                define(stage.targets, set(), stage)
                continue
            else:
                read(stage.head, visible, stage)
            within = set(visible)
            for region in stage.regions:
                within = set() if isinstance(stage, Call) else within if isinstance(stage, Loop) \
                    else set(visible)
                define(region.arguments, within, stage)
                block(region.block, within)
                read(region.ends, within, stage)
            define(stage.targets, visible, stage)
        for stage in stages if rules else ():       # the rules run when the block has run
            read((getattr(stage, "bound", None) or {}).values(), visible | early, stage)

    visible = set(parameters)
    block(stages, visible)
    read(roots, visible, Stage((), Form("return"), tuple(roots)))


def filled(stages):
    """A list that the iterations of a loop append to is complete when it is read.

    What is filled too late is needed by nothing, so that this is to be asked before `liveness`.
    """
    lists = {stage.operands[0] for stage in walk(stages) if _appends(stage)}
    blocks = [stages] if lists else []
    while blocks:
        read = set()
        for stage in blocks.pop():
            inner = list(walk((stage,), into_calls=False))
            for late in inner:
                if _appends(late) and late.operands[0] in read:
                    raise InvariantError(f"{late.operands[0]} is read and filled later, in {_named(late)}")
            read.update(operand for other in inner if not _appends(other)
                        for operand in values_of(other.head) if operand in lists)
            blocks += stage.blocks


def _appends(stage):
    return isinstance(stage, Stage) and stage.form.kind == "keep"


def results(stages):
    """What a region hands on is of the kind of what it becomes, as far as both are known."""
    for stage in walk(stages):
        for target, ends in _joined(stage):
            for end in values_of(ends):
                if not _agree(target.kind, end.kind):
                    raise InvariantError(f"{end}, {_in_words(end.kind)}, becomes {target}, "
                                         f"{_in_words(target.kind)}, in {_named(stage)}")


def _joined(stage):
    """(value, the operands that it may be) where control flow or a call gives a value another name.

    What an iteration begins with has the precision of what the loop begins with, and the end of an iteration
    may be of another: of a gradient that begins as a number of Python's and is added to.
    """
    if isinstance(stage, Call):
        return [(inner, (outer,)) for inner, outer in stage.inputs] + [
            (target, (end,)) for target, end in stage.results]
    if isinstance(stage, Loop):
        return [pair for row in stage.rows for pair in (
            (row.inner, (row.init,)), (row.out, (row.inner, row.init, row.next)))]
    return [(target, ends) for target, *ends in getattr(stage, "results", ())]


def _agree(joined, kind):
    """Whether a value of one kind may be what is known as the other.

    Of Python's numbers an integer may count as a float, as the 0 that a sum begins with; an array of unknown
    rank may be a number.  A list that counts as an array agrees with such lists alone.
    """
    if joined is None or kind is None or "unknown" in (joined.tag, kind.tag):
        return True
    if {joined.tag, kind.tag} <= {"static", "text"}:
        return True
    if kind.tag == "number" and kind.weak and joined.tag in ("number", "array"):
        return not joined.shape
    tags = {joined.tag, kind.tag}
    is_marked = joined.tag == "array" and bool(joined.keys)     # a list, which may get floats beside integers
    return ((len(tags) == 1 or tags == {"array", "number"} and (joined.tag == "array" or kind.shape is None))
            and (None in (joined.shape, kind.shape) or len(joined.shape) == len(kind.shape))
            and (not joined.dtype or not kind.dtype or joined.dtype == kind.dtype or is_marked)
            and (joined.tag != "array" or joined.keys == kind.keys)
            and len(joined.items) == len(kind.items))


def _in_words(kind):
    return f"{kind.tag} {kind.dtype!r} of rank {'?' if kind.shape is None else len(kind.shape)}"


def _named(stage):
    targets = ", ".join(map(repr, stage.targets))
    return f"{type(stage).__name__} of {targets}" if stage.regions else repr(stage)


def adjoint(gradient, primal, what, is_float=True):
    """A gradient that has been materialised is of the shape of its primal and, if it is final, of floats.

    gradient, primal: their kinds.
    """
    if not ON or not (gradient.numeric and primal.numeric) or None in (gradient.shape, primal.shape):
        return
    shapes = [[length.value for length in kind.shape] for kind in (gradient, primal)]
    if len(shapes[0]) != len(shapes[1]) or any(
            a != b for a, b in zip(*shapes) if a is not None and b is not None):
        raise InvariantError(f"the gradient of {what} has the shape {shapes[0]} and the value {shapes[1]}")
    if is_float and gradient.dtype and gradient.dtype not in "efdg":
        raise InvariantError(f"the gradient of {what} is of the dtype {gradient.dtype!r}")
