"""Seeds: the cotangents that a backward pass starts from, and whether the output allows for them.

Each part of a tuple or dict has a parameter of its own, under the name of what the function returns there.

>>> from ..types.kinds import FLOAT
>>> from ..ir.nodes import Program
>>> from ..request import Request
>>> seed_of(Program("f", (), (), Value("y", kind=FLOAT)), Request("grad", ("x",)))
1.0
"""
from __future__ import annotations

from typing import Any, NamedTuple

from ..errors import CallError, Diagnostic, UnsupportedError
from ..ir.nodes import Lit, Stage, Value
from ..types.kinds import INTEGERS, array, static
from ..types.parts import is_record_kind, is_written_object, keys_of, read
from ..types.shape_rules import kind_of_operand


SPREAD = ("tuple", "dict")


class Seed(NamedTuple):
    """The cotangents that a backward pass is given.

    cotangents: a Value, or {key: cotangents} of a tuple or dict; paths: {Value: the way to it in `dout`}, in
    the order of the parameters: (key, whether it is an attribute) from the outside in.  needed: of a forward
    pass, the values that its cache is to hold besides, see `of_first`.
    """

    cotangents: Any
    paths: dict
    needed: tuple = ()


def seed_of(program, request, definitions=()):
    """The gradient on the output: 1 for a number, in a backward pass the Seed of its parameters.

    definitions: {value: stage} of the function, which has the names of the parts of its result.
    """
    kind = kind_of_operand(program.result)
    if request.in_two_passes:
        paths = {}
        if kind.tag in SPREAD:
            cotangents = _spread(program.result, request.pattern, dict(definitions), None, (), paths)
            return Seed(cotangents or {}, paths)
        value = Value("dout", kind=_masked(kind, request.pattern))
        return Seed(value, {value: ()})
    if kind.tag in ("tuple", "list", "dict"):
        raise CallError(f"{program.name} returns a {kind.tag} of {len(kind.items)}: a gradient "
                        "needs one number. Return the loss alone, or use .forward and .backward")
    if kind.rank != 0 if kind.tag == "unknown" else kind.tag == "array" and kind.rank is None:
        why = "whether it is one number is not known when compiling, and a gradient needs one number"
        instead = "Return its sum (np.sum), or use .forward and .backward."
        if program.source is None:
            raise CallError(f"the result of {program.name}: {why}. {instead}")
        raise UnsupportedError([Diagnostic(program.source.place(program.source.tree.body[-1]), "the result",
                                           why, instead, Exception)])
    if kind.rank != 0:
        if kind.tag == "array":
            shape = tuple(n.value if n.value is not None else "?" for n in kind.shape)
            raise _not_a_number(f"{program.name} returns an array of shape ({', '.join(map(str, shape))}"
                                f"{',' if len(shape) == 1 else ''}): a gradient needs one number. "
                                "Reduce it (np.sum, np.mean), or use .forward and .backward")
        raise _not_a_number(f"{program.name} returns {_name(kind)}: a gradient needs one number")
    return Lit(1.0)


def _not_a_number(message):
    """The error for a result that is no number; doubtful, as the function itself may reject the arguments."""
    error = CallError(message)
    error.doubtful = True
    return error


def has_lists(kind):
    """Whether an output has a list whose length only running shows."""
    return kind.tag == "stack" or kind.tag in ("tuple", "list", "dict") and any(map(has_lists, kind.items))


def _masked(kind, pattern):
    """The kind of `dout`, with None where no gradient is given."""
    if pattern is None:
        return static(None)
    if isinstance(pattern, tuple) and kind.tag == "object":
        raise CallError("the output holds an object that was given to the function, and that "
                        "has no gradient of its own: give None for it, or return its parts")
    if kind.tag == "stack":
        if kind.items[0].numeric:
            return array(kind.shape, kind.dtype if kind.dtype not in INTEGERS else "d")
        return kind._replace(items=(_masked(kind.items[0], pattern[0] if isinstance(pattern, tuple)
                                            else pattern),))
    if isinstance(pattern, tuple):
        return kind._replace(items=tuple(map(_masked, kind.items, pattern)))
    return kind if kind.tag in ("tuple", "dict") else kind._replace(known=None)


def is_given_in_full(pattern, operand, definitions):
    """Whether each part of an output that can have a gradient is given one; `definitions`: {value: stage}."""
    kind = kind_of_operand(operand)
    if kind.tag not in ("tuple", "list", "dict"):
        return _is_full(pattern) or not operand.varied or not (kind.numeric or kind.tag == "unknown")
    parts = pattern if isinstance(pattern, tuple) else (pattern,) * len(kind.items)
    stage = definitions.get(operand)
    if isinstance(stage, Stage) and stage.form.kind == kind.tag and not stage.form.name:
        operands = stage.operands
    else:
        operands = [Value(kind=item, varied=operand.varied) for item in kind.items]
    return all(is_given_in_full(part, element, definitions) for part, element in zip(parts, operands))


def of_first(seed, program, request, definitions):
    """The Seed for the first of several results alone, as most calls give it; None where it is all."""
    kind = kind_of_operand(program.result)
    if kind.tag != "tuple" or len(kind.items) < 2:
        return None
    first = seed_of(program, request._replace(pattern=(True, *(None,) * (len(kind.items) - 1))), definitions)
    return first if 0 < len(first.paths) < len(seed.paths) else None


def _spread(operand, pattern, definitions, name, path, paths):
    """The cotangents of one part of an output; None where it has none.  Its parameters join `paths`."""
    kind = kind_of_operand(operand)
    if pattern is None:
        return None
    if kind.tag not in SPREAD:
        masked = _masked(kind, pattern)
        if not operand.varied or not (kind.numeric or kind.tag in ("unknown", "list", "stack")):
            return None
        value = Value(f"d{operand.name or name}" if operand.name or name else "dout", None, masked)
        paths[value] = path
        return value
    parts = pattern if isinstance(pattern, tuple) else (pattern,) * len(kind.items)
    cotangents = {}
    for position, (key, part, element) in enumerate(zip(keys_of(kind), parts,
                                                        _elements(operand, kind, definitions))):
        attribute = is_written_object(kind)
        name = kind.keys[position] if is_record_kind(kind) else key
        if not isinstance(name, str) or not name.isidentifier():
            name = operand.name and f"{operand.name}_{name}"
            name = name if name and name.isidentifier() else None
        cotangents[key] = _spread(element, part, definitions, name, (*path, (key, attribute)), paths)
    return {key: part for key, part in cotangents.items() if part is not None}


def _elements(operand, kind, definitions):
    """The elements of a tuple or dict: those that it is made of, or values that stand for them."""
    stage = definitions.get(operand)
    while isinstance(stage, Stage) and stage.form.kind == "alias":
        stage = definitions.get(stage.operands[0])
    if isinstance(stage, Stage) and stage.form.kind == kind.tag and len(stage.operands) == len(kind.items) \
            and (kind.tag == "dict" or stage.form.name != "*") \
            and (kind.tag != "dict" or stage.form.keywords == kind.keys):
        return stage.operands
    return [Value(kind=item, varied=operand.varied) for item in kind.items]


def _is_full(pattern):
    return all(map(_is_full, pattern)) if isinstance(pattern, tuple) else bool(pattern)


def seed_parts(builder, cotangents, kind):
    """The gradients on the parts of a container output, by key; without those that are None."""
    if isinstance(cotangents, dict):
        parts = {key: seed_parts(builder, cotangents[key], item)
                 for key, item in zip(keys_of(kind), kind.items) if key in cotangents}
    elif cotangents.kind.tag == "static":
        return None
    elif kind.tag not in ("tuple", "list", "dict"):
        return builder.symbol(cotangents) if kind.numeric or kind.tag in ("unknown", "stack") else None
    else:
        parts = {key: seed_parts(builder, builder.emit(read(cotangents.kind, key), (cotangents, Lit(key))),
                                 item)
                 for key, item in zip(keys_of(kind), kind.items)}
    return {key: part for key, part in parts.items() if part is not None}


def _name(kind):
    value = [] if kind.tag == "stack" else getattr(kind.known, "value", None)
    return "None" if value is None else f"a {type(value).__name__}"
