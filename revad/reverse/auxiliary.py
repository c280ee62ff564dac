"""Auxiliary: of a function that returns (loss, aux) the loss is differentiated, and aux is returned as it is.

>>> from ..builder.builder import Builder
>>> from ..types.kinds import FLOAT, Kind
>>> from ..ir.nodes import Program
>>> builder, loss = Builder(), Value("loss", kind=FLOAT)
>>> pair = Value(kind=Kind("tuple", items=(FLOAT, FLOAT)))
>>> builder.append(Stage((pair,), Form("tuple"), (loss, Lit(3.0))))
>>> program, aux = without_aux(Program("f", (), (), pair), builder)
>>> program.result, aux, builder.stages
(loss, 3.0, [])
"""
from __future__ import annotations

import dataclasses

from ..analysis.aliases import owners
from ..errors import CallError
from ..ir.nodes import Form, Lit, Stage, Value
from ..types.parts import CONTAINERS, kind_of_part, read
from ..types.shape_rules import kind_of_operand


def without_aux(program, builder):
    """(the Program with the loss as its result, aux).  Raises CallError where it returns no pair."""
    if program.exact is not None:
        in_float = dataclasses.replace(program, exact=None)
        as_it_is, aux = without_aux(dataclasses.replace(in_float, result=program.exact), builder)
        return dataclasses.replace(without_aux(in_float, builder)[0], exact=as_it_is.result), aux
    pair = program.result
    kind = kind_of_operand(pair)
    if kind.tag not in ("tuple", "list") or len(kind.items) != 2:
        raise CallError(f"{program.name} returns {_described(kind)}: with has_aux=True it has to return "
                        "a pair, the number to differentiate and whatever else it has to tell: "
                        "return loss, aux")
    stage = None if isinstance(pair, Lit) else builder.definitions.get(pair)
    if isinstance(pair, Lit):
        loss, aux = map(Lit, pair.value)
    elif isinstance(stage, Stage) and stage.form.kind == kind.tag:
        loss, aux = stage.operands
        if builder.stages[-1] is stage:
            builder.stages.pop()
    else:
        loss, aux = (_element(builder, pair, i) for i in range(2))
    return dataclasses.replace(program, result=loss), aux


def _element(builder, pair, number):
    value = Value(None, None, kind_of_part(pair.kind, number), pair.varied)
    builder.append(Stage((value,), read(pair.kind, number), (pair, Lit(number))))
    return value


def aux_owners(operand, definitions) -> set:
    """The owners of the memory of aux, which no gradient may share."""
    if not isinstance(operand, Value):
        return set()
    stage = definitions.get(operand)
    if operand.kind.tag in CONTAINERS and getattr(stage, "form", Form("")).kind in CONTAINERS:
        return set().union(*(aux_owners(part, definitions) for part in stage.operands))
    return owners(operand, definitions)


def _described(kind):
    if kind.tag in CONTAINERS:
        return (f"a {kind.tag} of {len(kind.items)}" if kind.tag != "object"
                else f"a {type(kind.known.value).__name__}")
    if kind.tag == "static" and kind.known is not None and kind.known.value is None:
        return "None"
    return {"number": "one number", "array": "an array"}.get(kind.tag, "what is not known when compiling")
