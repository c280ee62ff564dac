"""Real powers: a fractional power of a negative number, which is complex in Python and nan in NumPy.

Where the function computes with Python's numbers only, a complex one ends in the gradient, which `float`
refuses.  Where there are arrays, the text tests the sign of a base that may be negative before the power,
and raises.

>>> is_complex(ValueError(COMPLEX)), is_complex(ValueError("math domain error"))
(True, False)
"""
from __future__ import annotations

from ..builder.evaluate import number_of
from ..builder.nonnegative import is_nonnegative
from ..builder.scalars import only_plain_numbers
from ..ir.nodes import Form, Lit, Stage, Value
from ..syntax import gast_of
from ..types.kinds import INTEGERS, SIGNED
from ..types.refusals import Refusal
from ..types.shape_rules import kind_of_operand

COMPLEX = "a negative number to a power that is not whole is complex"


def has_arrays(builder, program):
    """Whether an array may hide a complex number: one of the parameters, or a result of NumPy."""
    def is_plain(kind):
        if kind.tag in ("list", "tuple", "dict"):
            return all(map(is_plain, kind.items))
        return kind.tag in ("number", "static", "function") and (kind.weak or not kind.numeric)
    parameters = program.parameters
    return not all(is_plain(p.kind) for p in parameters) or not only_plain_numbers(builder, builder.stages)


def refuse_integers(gate, bound):
    """NumPy raises for integers to negative integer powers, which small integers in float would hide."""
    if gate.name != "power":
        return
    base, exponent = map(kind_of_operand, (bound["x"], bound["y"]))
    known = exponent.known is not None and exponent.known.exact
    if base.dtype in INTEGERS and exponent.dtype in SIGNED and not known:
        raise Refusal("'**'",
                      "an integer to a negative integer power is an error, "
                      "which the gradient of small integers does not show",
                      "Write the base as a float, or pass arrays of float64.", ValueError)


def guard_power(interp, stage, gate, bound, kind):
    """Emit a statement that raises where a power is complex."""
    if gate is None or gate.name != "power" or kind.tag != "number" or not kind.weak:
        return
    builder, (base, exponent) = interp.builder, (bound["x"], bound["y"])
    constant = number_of(builder, exponent)
    if kind_of_operand(exponent).dtype in INTEGERS or constant is not None and constant % 1 == 0 \
            or is_nonnegative(builder, base) or is_setting_nonnegative(builder.scope, base) \
            or any(_is_above(builder, base, condition, side) for condition, side in interp.taken.items()):
        return
    is_negative = number_of(builder, base) is not None      # a constant that is not nonnegative
    tests = [] if is_negative else ["base < 0"]
    tests += [] if constant is not None else ["exponent % 1"]
    if not tests:
        return      # both are constants: the power is complex by its kind
    builder.scope.powers.append(stage.place)
    if not builder.scope.testing:
        return
    operands = {"base": base, "exponent": exponent}
    names = tuple(name for name in operands if any(name in test for test in tests))
    node = gast_of(f"if {' and '.join(tests)}:\n    raise ValueError({COMPLEX!r})").body[0]
    values = tuple(operands[name] for name in names)
    builder.append(Stage((), Form("effect", "", names, node), values, stage.statement, stage.place))


def is_setting_nonnegative(scope, base):
    """Whether a setting is not negative (guarded)."""
    known = kind_of_operand(base).known
    if known is None or type(known.value) not in (int, float, bool) or known.text.startswith("?") \
            or not known.value >= 0:
        return False
    if not known.exact:
        scope.guards.setdefault(f"({known.text}) >= 0")
    return True


def is_complex(error):
    """Whether an exception of a text is about a complex number."""
    return (type(error) is ValueError and str(error) == COMPLEX
            or isinstance(error, TypeError) and "'complex'" in str(error))


def _is_above(builder, base, condition, side):
    """Whether the side of a branch that is being followed implies that a number is not negative."""
    stage = builder.definitions.get(condition)
    if not isinstance(stage, Stage) or stage.form.kind != "compare" or len(stage.operands) != 2:
        return False
    left, right, sign = *stage.operands, stage.form.name
    if right is base:
        left, right, sign = right, left, sign.translate(str.maketrans("<>", "><"))
    limit = number_of(builder, right) if isinstance(right, (Lit, Value)) else None
    return (left is base and limit is not None and limit >= 0
            and (sign in (">", ">=") if side else sign in ("<", "<=")))
