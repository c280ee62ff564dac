"""Pipeline: the whole compiler, as a flat list of passes.

    read_source   function -> text, tree and places           check     tree -> problems
    stage         tree -> Program of single gates             infer_shapes  kinds of all values
    recognise     whole patterns (the logistic function)      by_first  shapes, of what lasts
    backpropagate stages in reverse                           make_plan lines, and what goes inside them
    live_ranges, assign  names                                in_place  where += may write
    Writer        Program -> text

>>> from .frontend.source import read_source
>>> def f(x, y):
...     return x * y
>>> front = read_front(f)
>>> print(differentiate(front, scope.of_function(f), [kinds.FLOAT] * 2, ("x", "y"), "grad").text)
def f_grad(x, y):
    # backprop x * y
    dx = y
    dy = x
    return dx, dy
"""
from __future__ import annotations

from typing import Any, NamedTuple

from . import rules  # noqa: F401  (the rules declare the gates)
from .analysis.array_versions import by_first
from .analysis.liveness import alive, live
from .builder.scalars import only_plain_numbers
from .codegen.emission import write_backward, write_forward, write_gradient
from .codegen.module import Text
from .errors import Diagnostic, NotApart, UnsupportedError
from .frontend.lower import lower
from .frontend.source import read_source
from .frontend.syntax_check import check
from .interp.specialize import infer_shapes
from .ir import check as invariants
from .ir.nodes import BLOCKS, Value
from .request import WITH_AUX
from .reverse.auxiliary import aux_owners, without_aux
from .reverse.partial_seed import backpropagate_partial_seed
from .reverse.patterns import recognise
from .reverse.seeds import has_lists, is_given_in_full, seed_of
from .reverse.sweep import backpropagate
from .types import kinds, scope
from .types.requirements import checked_where_unused, stages_with_demands


class Front(NamedTuple):
    """The source and the untyped Program of a function, read once for all calls."""

    source: Any
    program: Any


def read_front(function) -> Front:
    """Source, checks and stages.  Raises SourceError or UnsupportedError."""
    source = read_source(function)
    problems = check(source)
    if problems:
        raise UnsupportedError(problems)
    return Front(source, lower(source))


def _check(after, sections, parameters, roots):
    """Check what the results need: what exists only when compiling has no stage, and needs none."""
    if invariants.ON:
        invariants.program(after, alive(sections, roots), parameters, roots)


def differentiate(front, names, argument_kinds, wrt, want, bare=None, pattern=True, slots=None,
                  layers=True) -> Text:
    """The text for one set of argument kinds; `want`: 'grad', 'value_and_grad', 'forward', 'backward';
    with ' with aux' at its end, the result is a pair of which the first is differentiated.

    pattern, slots: for a backward pass, which parts of `dout` are not None, and what its cache holds.
    layers: whether called functions may have passes of their own.
    """
    requested = want
    program, builder = infer_shapes(front.program, argument_kinds, frozenset(wrt), names, layers)
    aux = None
    if want.endswith(WITH_AUX):
        program, aux = without_aux(program, builder)
    if names.has_dynamic_lists and has_lists(program.result):
        raise UnsupportedError([Diagnostic(program.source.place(program.source.tree.body[-1]), "the result",
                                           "it is a list of unknown length",
                                           "Return an array: np.array(xs).")])
    roots = [program.result] if aux is None else [program.result, aux]
    builder.stages[:] = checked_where_unused(builder.stages, live(builder.stages, roots))
    _check("infer_shapes", [(None, builder.stages)], program.parameters, roots)
    names.stages_with_demands = stages_with_demands(builder.stages)
    builder.stages[:] = recognise(builder, program.result)
    _check("recognise", [(None, builder.stages)], program.parameters, roots)
    builder.stages[:] = by_first(builder.stages)
    _check("by_first", [(None, builder.stages)], program.parameters, roots)
    builder.define_all(builder.stages)
    forward = list(builder.stages)
    builder.begin_backward(program.parameters, only_plain_numbers(builder, forward))
    seed = seed_of(program, want, pattern)
    if isinstance(seed, Value):
        builder.note_forward(seed)      # its memory is the caller's
        if seed.kind.tag == "array":
            builder.models.insert(0, seed)
    borrowed = {*program.parameters, *([seed] if want == "backward" else []),
                *aux_owners(aux, builder.definitions)}
    context = (builder, program._replace_block(forward), wrt, borrowed, want in ("forward", "backward"))
    in_part = want == "backward" and any(isinstance(stage, BLOCKS) for stage in forward) \
        and not is_given_in_full(pattern, program.result, builder.definitions)
    try:
        forward, groups, gradients = (backpropagate_partial_seed(*context, seed, seed_of(program, want))
                                      if in_part
                                      else backpropagate(*context, seed))
    except NotApart:
        return differentiate(front, names, argument_kinds, wrt, requested, bare, pattern, slots, False)
    _check("backpropagate", [(None, forward), *groups], (*program.parameters, seed), [*gradients, *roots])
    bare = len(wrt) == 1 if bare is None else bare
    if want == "backward":
        return write_backward(front, program, builder, forward, groups, gradients, bare, want, seed, slots)
    if want == "forward":
        return write_forward(front, program, builder, forward, groups, gradients, bare, want, seed)
    return write_gradient(front, program, builder, forward, groups, gradients, bare, want, aux)
