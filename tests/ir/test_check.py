"""The checker of the IR: each pass, made wrong in one small way, is caught on a small program."""
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest
from from_text import function

import revad.rules  # noqa: F401  (mutants name modules, which import each other in this order)
from revad import grad
from revad.analysis import array_versions, liveness, value_numbers
from revad.builder import broadcasting, builder
from revad.codegen import hoist_loads, in_place, names, plan, simulation
from revad.errors import InternalError
from revad.interp import branches as interp_branches
from revad.interp import specialize
from revad.interp.loops import results as interp_results
from revad.ir import check
from revad.ir.nodes import Value
from revad.reverse import branches, calls, loops, partial_seed, patterns, residuals, sweep
from revad.types.kinds import FLOAT

pytestmark = pytest.mark.quick

X, Y, W = np.array([0.5, -1.0, 2.0]), np.array([1.5, 0.5, -0.5]), np.ones((4, 3))


class Mutant(NamedTuple):
    """A pass made wrong: `name` of `owner` is replaced by `wrong(what it was)`."""

    owner: Any
    name: str
    wrong: Any
    program: str
    args: tuple
    message: str        # what the checker says
    dout: Any = None    # of a backward pass: runs .forward and .backward
    globals: str = ""   # a function that the program calls


def forgets_the_first(real):
    return lambda stages, *others: real(stages, *others)[1:]


def swaps_sides(real):
    """The result of each side is that of the other."""
    return lambda self, condition, sides, rows, stage: real(
        self, condition, sides, [(target, b, a) for target, a, b in rows], stage)


def hands_on_the_start(real):
    return lambda self, row, block: row._replace(out=row.inner)


def identity(real):
    return lambda block, *others: block


def nothing(real):
    return lambda *operands: None


def empty(real):
    return lambda *operands: []


def moves_anything(real):
    def wrong(self, value):
        self.stages.append(self.stages.pop(self.stages.index(self.definitions[value])))
    return wrong


def true(real):
    return lambda *operands: True


def without_condition(real):
    def wrong(branch, needed):
        before = set(needed)
        kept = real(branch, needed)
        if branch.condition not in before:
            needed.discard(branch.condition)
        return kept
    return wrong


def reads_the_last_version(real):
    return lambda stages: {first: value for value, first in real(stages).items()}


def appends(real):
    return lambda block, new: (*block, *new)


def forgets_to_recompute_sizes(real):
    return lambda self, operand, latest, recomputed, rewritten: real(self, operand, latest, recomputed, [])


def swaps_blocks(real):
    return lambda branch, *others: real(dataclasses.replace(branch, then=branch.orelse, orelse=branch.then),
                                        *others)


def ends_at_once(real):
    return lambda ends, gaps: [(ends[0], ends[0])]


def without_residuals(real):
    return lambda block, saved, *others: real(block, {}, *others)


def stops_before_loops_end(real):
    """A value that an iteration reads is live until that line, and not until the loop ends."""
    def wrong(sections, inside, parameters, roots, *others):
        ranges = real(sections, inside, parameters, roots, *others)
        return {value: (start, min(end, start + 3)) for value, (start, end) in ranges.items()}
    return wrong


MUTANTS = {
    "the interpreter loses a stage": Mutant(
        specialize, "without_conversions", forgets_the_first,
        "def f(x):\n    y = x * 2\n    return np.sum(y)", (X,), "y is read and nothing before defines it"),
    "a branch hands on the value of the other side": Mutant(
        interp_branches.BranchInterpreter, "branch_stage", swaps_sides,
        "def f(x):\n    if x > 1:\n        y = x * 2\n    else:\n        y = x * 3\n    return y", (0.5,),
        "y is read and nothing before defines it, in Branch"),
    "a loop hands on what its last iteration begins with": Mutant(
        interp_results.LoopResults, "with_own_memory", hands_on_the_start,
        "def f(x):\n    y = x\n    for i in range(2):\n        y = y * x\n    return np.sum(y)", (X,),
        "y is read and nothing before defines it"),
    "a condition counts as dead": Mutant(
        liveness, "_NEEDED",
        lambda real: {**real, liveness.Branch: without_condition(liveness._needed_branch)},
        "def f(x):\n    c = x > 1\n    if c:\n        y = x * 2\n    else:\n        y = x * 3\n"
        "        y = y * y\n    return y", (0.5,), "c is read and nothing before defines it, in Branch"),
    "a pattern has another stage's operand": Mutant(
        patterns._Patterns, "replaced", lambda real: lambda self, stage, target, **bound: real(
            self, stage, target, **dict.fromkeys(bound, Value("z", kind=FLOAT))),
        "def f(x):\n    return np.sum(1 / (1 + np.exp(-x)))", (X,), "z is read and nothing before defines it"),
    "a load that repeats another is lost": Mutant(
        value_numbers, "substituted", identity,
        "def f(x):\n    return x[0] * x[0]", (X,), "is read and nothing before defines it"),
    "a shape is read of a version to come": Mutant(
        array_versions, "versions", reads_the_last_version,
        "def f(x):\n    y = x * 1\n    n = len(y)\n    y[0] = n * x[1]\n    return np.sum(y * y)", (X,),
        "y is read and nothing before defines it"),
    "a gradient stays broadcast": Mutant(
        broadcasting, "_full", lambda real: lambda builder, gradient, value: gradient,
        "def f(x):\n    return np.sum(x)", (X,), "the gradient of x has the shape [] and the value [3]"),
    "a gradient keeps the integers it is made of": Mutant(
        loops, "as_floats", identity,
        "def f(x):\n    y = x * 1\n    for i in range(3):\n        y = y + i\n    return y", (np.arange(3),),
        "dtype", np.arange(3)),
    "two gradients are one array": Mutant(
        sweep, "unshared", lambda real: lambda builder, result, seen: result,
        "def f(x, y):\n    z = (x + y)**2\n    return np.sum(z * z)", (X, Y), "shares memory with another one"),
    "the forward part stores nothing": Mutant(
        sweep, "with_residuals", without_residuals,
        "def f(x):\n    y = x\n    for i in range(3):\n        y = np.sin(y)\n    return y", (0.5,),
        "y_kept is read and nothing before defines it"),
    "what is free is not recomputed": Mutant(
        residuals.Rematerialisation, "recompute", empty,
        "def f(x):\n    s = 0.0\n    for i in range(3):\n        s = s + x[i]**2 * x[i + 1 - 1]\n"
        "    return s",
        (X,), "is read and nothing before defines it"),
    "residuals are loaded too late": Mutant(
        loops, "before_first_use", appends,
        "def f(x):\n    y = x\n    for i in range(3):\n        y = np.sin(y)\n    return y", (0.5,),
        "y is read and nothing before defines it"),
    "a side reads what the other pass has computed": Mutant(
        branches, "substituted", identity,
        "def f(x):\n    if x > 1:\n        t = np.sin(x)\n        y = t * t\n    else:\n        y = x\n"
        "    return y", (1.5,), "t is read and nothing before defines it"),
    "the backward pass of a function reads its forward pass": Mutant(
        calls, "substituted", identity,
        "def f(x, y):\n    return np.sum(g(x) * g(y) * g(x * y))", (X, Y),
        "is read and nothing before defines it",
        globals="def g(x):\n    a = np.sin(x)\n    b = a * a * x\n    return np.exp(b) * a"),
    "a part of dout finds other residuals": Mutant(
        partial_seed, "match", nothing,
        "def f(x):\n    y = x\n    for i in range(3):\n        y = np.sin(y)\n    return y, x * x", (0.5,),
        "y_kept is read and nothing before defines it", (1.0, None)),
    "a size is read and not recomputed": Mutant(
        array_versions._LatestVersions, "latest_size", forgets_to_recompute_sizes,
        "def f(x):\n    y = x * 1\n    n = (len(y) + 1) * 2\n    for i in range(len(y)):\n"
        "        y[i] = x[i] * n\n"
        "    return np.sum(y * y) * n", (X,), "is read and nothing before defines it"),
    "a load that stands for two is lost": Mutant(
        hoist_loads, "substituted", identity,
        "def f(x):\n    y = x * 1\n    return g(y, y[0], y[0])", (X,),
        "is read and nothing before defines it",
        globals="def g(y, u, v):\n    y[0] = 3.0\n    return u * y[1] + v * y[2]"),
    "the sides of a branch change places": Mutant(
        plan, "_branch", swaps_blocks,
        "def f(x):\n    if x > 1:\n        t = np.sin(x)\n        y = t * t * t\n    else:\n        y = x\n"
        "    return y", (1.5,), "is read and nothing before defines it"),
    "a live name is taken": Mutant(
        names, "_live_pieces", ends_at_once,
        "def f(x):\n    x = np.sin(x)\n    x = np.sin(x)\n    return np.sum(x)", (X,), "no longer holds x"),
    "a name is free before the loop ends": Mutant(
        names, "live_ranges", stops_before_loops_end,
        "def f(x, w):\n    y = x\n    for i in range(3):\n        y = np.sin(y) * w\n        w = w * 2\n"
        "    return np.sum(y)", (X, Y), "no longer holds"),
    "a store replaces a version that is read later": Mutant(
        in_place, "_is_unobserved", true,
        "def f(x):\n    y = np.sin(x)\n    z = y[1:]\n    s = np.sum(z * z)\n    y[1] = 2.0\n"
        "    return np.sum(y) * s", (X,), "z is read after a store into its memory"),
    "a store goes into an argument": Mutant(
        in_place, "_is_unobserved", true,
        "def f(x):\n    x[0] = 2.0\n    return np.sum(x * x)", (X,), "writes into memory of the caller's"),
    "a loop moves past what reads the list that it fills": Mutant(
        builder.Builder, "move_to_end", moves_anything,
        "def f(x, ws):\n    h = (x, 1.0)\n    for w in ws:\n        h = np.tanh(h[0] * w), 1.0\n    return h[0]",
        (0.5, [0.3, 0.4]), "is read and filled later"),
}


def compiled(mutant):
    outside = {"g": function(mutant.globals)} if mutant.globals else {}
    gradient = grad(function(mutant.program, **outside))
    if mutant.dout is None:
        return gradient(*mutant.args)
    _, cache = gradient.forward(*mutant.args)
    return gradient.backward(mutant.dout, cache)


@pytest.fixture(params=MUTANTS)
def mutant(request):
    return MUTANTS[request.param]


def test_the_program_passes(mutant):
    assert check.ON
    compiled(mutant)


def test_the_mutant_is_caught(mutant, monkeypatch):
    real = getattr(mutant.owner, mutant.name)
    monkeypatch.setattr(mutant.owner, mutant.name, mutant.wrong(real))
    with pytest.raises(InternalError) as caught:
        compiled(mutant)
    assert isinstance(caught.value.__cause__, check.InvariantError)
    assert mutant.message in str(caught.value)


def test_users_pay_nothing(monkeypatch):
    """Without the switch no pass is checked, and nothing is simulated."""
    monkeypatch.setattr(check, "ON", False)
    for name in ("definitions", "results"):
        monkeypatch.setattr(check, name, None)
    monkeypatch.setattr(simulation, "State", None)
    for mutant in MUTANTS.values():
        compiled(mutant)
