"""Pipeline: the whole compiler, as a flat list of passes.

    read_source   function -> text, tree and places           check     tree -> problems
    stage         tree -> Program of single gates             infer_shapes  kinds of all values
    numbered      loads that an operation repeats             by_first  shapes, of what lasts
    recognise     whole patterns (the logistic function)
    backpropagate stages in reverse                           propagate  or, with tangents beside them
    make_plan lines, and what goes inside them
    live_ranges, assign  names                                in_place  where += may write
    Writer        Program -> text

>>> from .request import Request
>>> from .types import kinds, scope
>>> def f(x, y):
...     return x * y
>>> front = read_front(f)
>>> print(differentiate(front, scope.of_function(f), [kinds.FLOAT] * 2, Request("grad", ("x", "y"))).text)
def f_grad(x, y):
    # backprop x * y
    dx = y
    dy = x
    return dx, dy
"""
from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from . import rules  # noqa: F401  (the rules declare the gates)
from .analysis.aliases import unshared
from .analysis.array_versions import by_first
from .analysis.liveness import alive, live
from .analysis.value_numbers import numbered
from .builder.scalars import only_plain_numbers
from .codegen.cache import residuals_of
from .codegen.emission import write_backward, write_forward, write_gradient
from .codegen.tangent_emission import write_tangent
from .codegen.module import Text
from .errors import CallError, NotApart, NotInTurns, NotKept, RevadError, UnsupportedError
from .frontend.lower import lower
from .frontend.source import read_source
from .frontend.syntax_check import check
from .interp.loops.turns import is_followed, note_elements
from .interp.specialize import infer_shapes
from .ir import check as invariants
from .ir.nodes import BLOCKS, Lit, Stage
from .ir.traversal import substituted, values_of, walk
from .request import NUMBER_LISTS, STRATEGIES
from .reverse.auxiliary import aux_owners, without_aux
from .reverse.partial_seed import backpropagate_partial_seed
from .reverse.patterns import recognise
from .reverse.projection import objects_in_gradients
from .reverse.seeds import has_lists, is_given_in_full, of_first, seed_of
from .reverse.sweep import backpropagate
from .tangent.bands import band_of
from .tangent.column_gates import refuse
from .tangent.columns import of_columns
from .tangent.elements import by_elements
from .tangent.sweep import propagate, result_tangent
from .types.lists import is_argument_as_array, is_list_of_numbers
from .types.refusals import Refusal
from .types.requirements import checked_where_unused, stages_with_demands
from .types.shape_rules import as_array, kind_of_operand


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
        invariants.filled([stage for _, block in sections for stage in block])
        invariants.program(after, alive(sections, roots), parameters, roots)


def write(front, scope_of, kinds, request, strategies=STRATEGIES):
    """(the Scope, the Text) of a request by the first strategy that can write it, and that strategy.

    scope_of: a new Scope for a strategy.  Passes of called functions are given up where a residual of one is
    not told apart from another's; dynamic lists where an operation on one is refused; lists that count as
    arrays, and loops over lists of the arguments, where anything is.  Lists of numbers that are arguments
    count as arrays where a loop over them does not take one element in each round.
    """
    refusal, tried, failure = None, set(), None
    for strategy in strategies:
        way = strategy.layers, strategy.dynamic_lists
        if strategy.uniform_lists and not any(map(holds_list, kinds)) or way in tried \
                or refusal is not None and strategy.dynamic_lists:
            continue
        names = scope_of(strategy)
        try:
            text = differentiate(front, names, kinds, request, strategy)
            written = names.reads_places and _by_number_lists(front, scope_of, kinds, request, strategies)
            return written or (names, text, strategy)
        except (NotApart, NotInTurns, RevadError, Refusal) as error:
            failure = error
            if names.reads_places or isinstance(error, NotInTurns):
                written = _by_number_lists(front, scope_of, kinds, request, strategies)
                if written:
                    return written
            if names.has_stored_lists and not isinstance(error, (NotApart, NotInTurns)):
                return write(front, scope_of, kinds, request,
                             [other._replace(stored_lists=False) for other in strategies])
            if strategy.uniform_lists and names.rolled:
                continue
            tried.add(way)      # no loop goes over such a list, so that the plain strategy would do the same
            if isinstance(error, NotApart):
                if strategy is strategies[-1]:
                    raise
                continue
            if isinstance(error, NotKept):
                raise
            if refusal is not None:
                # What a dynamic list lacks is a better message than its unknown length.
                if not isinstance(refusal, UnsupportedError) or not isinstance(error, UnsupportedError):
                    raise
                refusal.doubtful = refusal.doubtful or error.doubtful
                raise refusal from None
            if not names.has_dynamic_lists or isinstance(error, CallError):
                raise
            refusal = error
    raise failure


def _by_number_lists(front, scope_of, kinds, request, strategies):
    """What `write` gives, where lists of numbers that are arguments count as arrays; None if that fails."""
    if not any(map(is_list_of_numbers, kinds)) or request.in_forward_mode:
        return None
    for strategy in NUMBER_LISTS:
        if strategy._replace(number_lists=False) in strategies:
            names = scope_of(strategy)
            try:
                return names, differentiate(front, names, kinds, request, strategy), strategy
            except (NotApart, NotInTurns, RevadError, Refusal):
                continue
    return None


def with_arguments(adjoint):
    """An adjoint that reads the lists of numbers that are arguments, and not those that count as arrays."""
    read = {stage.target: stage.operands[0] for stage in adjoint.forward
            if isinstance(stage, Stage) and is_argument_as_array(stage)}
    if not read:
        return adjoint
    forward = [stage for stage in adjoint.forward if not read.keys() & {*stage.targets}]
    groups = [(heading, substituted(stages, read)) for heading, stages in adjoint.groups]
    gradients = [read.get(gradient, gradient) for gradient in adjoint.gradients]
    return adjoint._replace(forward=list(substituted(forward, read)), groups=groups, gradients=gradients)


def note_lists_read(names, program, builder):
    """Note the lists of arguments that are returned, or that a line reads as a whole."""
    for stage in walk(builder.stages):
        is_of_turns = isinstance(stage, Stage) and (
            stage.form[:2] == ("call", "@len") or stage.form.kind == "alias"
            or stage.form.kind == "index" and is_followed(builder, stage.form, stage.operands))
        for operand in () if is_of_turns else values_of(stage.head):
            note_elements(builder, operand)
    for end in values_of((program.result,)):
        note_elements(builder, end)


def holds_list(kind):
    """Whether an argument of this kind is or holds a list or tuple."""
    return kind.tag in ("list", "tuple") and bool(kind.items) or kind.tag == "dict" and any(
        map(holds_list, kind.items))


def _needed_by_first(builder, program, wrt, borrowed, split, seed, request):
    """What a backward pass for the first result alone reads of the forward pass, such as shapes of zeros."""
    first = of_first(seed, program, request, builder.definitions)
    if first is None:
        return ()
    for part in first.paths:
        builder.note_forward(part)
    start = builder.checkpoint()
    try:
        adjoint = with_arguments(backpropagate(builder, program, wrt, borrowed, split, first))
        return tuple(residuals_of(program.parameters, *adjoint)[0])
    except (NotApart, RevadError):      # it is told where that pass is asked for
        return ()
    finally:
        builder.rollback(start)


def differentiate(front, names, kinds, request, strategy=STRATEGIES[0]) -> Text:
    """The Text of a Request for arguments of these kinds, by one strategy."""
    program, builder = infer_shapes(front.program, kinds, frozenset(request.wrt), names, strategy.layers,
                                    request.has_value)
    aux = None
    if request.has_aux:
        program, aux = without_aux(program, builder)
    result = kind_of_operand(program.result)
    names.result = result if has_lists(result) or program.exact is not None else None
    roots = [operand for operand in (program.result, program.exact, aux) if operand is not None]
    builder.stages[:] = checked_where_unused(builder.stages, live(builder.stages, roots))
    _check("infer_shapes", [(None, builder.stages)], program.parameters, roots)
    builder.stages[:] = numbered(builder.stages)
    _check("numbered", [(None, builder.stages)], program.parameters, roots)
    names.stages_with_demands = stages_with_demands(builder.stages)
    if names.rolled:
        note_lists_read(names, program, builder)
    builder.stages[:] = recognise(builder, program.result)
    _check("recognise", [(None, builder.stages)], program.parameters, roots)
    builder.stages[:] = by_first(builder.stages)
    _check("by_first", [(None, builder.stages)], program.parameters, roots)
    builder.define_all(builder.stages)
    forward = list(builder.stages)
    builder.begin_backward(program.parameters, only_plain_numbers(builder, forward))
    builder.objects_as_dicts = request.in_two_passes
    if request.in_forward_mode:
        return _with_tangents(front, program, builder, request)
    seed = seed_of(program, request, builder.definitions)
    parts = () if isinstance(seed, Lit) else (*seed.paths,)
    for part in parts:
        builder.note_forward(part)      # its memory is the caller's
    if parts and seed.cotangents is parts[0] and parts[0].kind.tag == "array":
        builder.models.insert(0, parts[0])
    is_backward = request.part == "backward"
    borrowed = {*program.parameters, *(parts if is_backward else ()), *aux_owners(aux, builder.definitions)}
    context = (builder, program._replace_block(forward), request.wrt, borrowed, request.in_two_passes)
    names.has_blocks = any(isinstance(stage, BLOCKS) for stage in forward)
    in_part = is_backward and names.has_blocks \
        and not is_given_in_full(request.pattern, program.result, builder.definitions)
    if request.part == "forward":
        seed = seed._replace(needed=_needed_by_first(*context, seed, request))
    if in_part:
        complete = seed_of(program, request._replace(pattern=True), builder.definitions)
        adjoint = backpropagate_partial_seed(*context, seed, complete)
    else:
        adjoint = backpropagate(*context, seed)
    adjoint = with_arguments(adjoint)
    _check("backpropagate", [(None, adjoint.forward), *adjoint.groups], (*program.parameters, *parts),
           [*adjoint.gradients, *roots])
    writer = {"forward": write_forward, "backward": write_backward}.get(request.part, write_gradient)
    text = writer(front, program, builder, adjoint, request, seed if request.in_two_passes else aux)
    return text._replace(objects=objects_in_gradients(builder, program, request.wrt, adjoint.gradients))


def _with_tangents(front, program, builder, request) -> Text:
    """The Text of forward mode: the function's own stages, each with its tangent beside it."""
    if request.part == "jacobian":
        return _with_all_columns(front, program, builder, request)
    sweep, parameters = propagate(builder, program, request.wrt, request.part != "tangents")
    tangent = result_tangent(sweep, program, parameters)
    band = None
    if request.part == "tangents":
        builder.stages[:] = live(builder.stages, [tangent])
        band = band_of(builder, parameters[0], tangent) if len(parameters) == 1 else None
        parameters, tangent = of_columns(builder, parameters, tangent)
    roots = [program.returned, tangent] if request.part == "jvp" else [tangent]
    _check("propagate", [(None, builder.stages)], (*program.parameters, *parameters), roots)
    return write_tangent(front, program, builder, request, parameters, tangent)._replace(band=band)


def _with_all_columns(front, program, builder, request) -> Text:
    """The Text of a Jacobian by one vector: each column by its formula, or all by unit vectors."""
    vector, = (parameter for parameter in program.parameters if parameter.name == request.wrt[0])
    result = as_array(kind_of_operand(program.result), builder.scope)
    if vector.kind.tag != "array" or vector.kind.rank != 1 or result.rank is None \
            or not kind_of_operand(program.result).numeric:
        refuse("a Jacobian of other than an array by a vector")
    jacobian = by_elements(builder, program, vector)
    if jacobian is None:
        sweep, parameters = propagate(builder, program, request.wrt, False)
        tangent = result_tangent(sweep, program, parameters)
        builder.stages[:] = live(builder.stages, [tangent])
        _, columns = of_columns(builder, parameters, tangent, vector)
        symbol = builder.symbol(columns)
        jacobian = columns if not result.rank else symbol.T.operand if result.rank == 1 \
            else np.moveaxis(symbol, 0, -1).operand
    jacobian = unshared(builder, jacobian, {*program.parameters})
    _check("all columns", [(None, builder.stages)], program.parameters, [jacobian])
    return write_tangent(front, program, builder, request, (), jacobian)
