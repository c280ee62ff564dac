"""Random programs with stores, views, loops, branches, early returns, functions and containers, run while they are written.

A compound statement is written with the values that its variables have in its first round, and kept if all
of it runs.

    write_blocks(choose, mode)      a Program; choose(n) is a number below n, 0 the simplest
"""

import ast
import copy
import sys
import textwrap
import types
import warnings

import numpy as np
from differences import leaves
from random_pieces import HELPERS, Pieces, is_numeric, is_ordinary
from random_programs import Program

# How often each kind of statement is written.
SIMPLE = {"assign": 5, "augment": 3, "alias": 2, "store": 2, "container": 1, "unpack": 1}
MODES = {
    "stores": {**SIMPLE, "store": 8, "alias": 6, "whole": 2, "branch": 1, "loop": 1},
    "branches": {**SIMPLE, "branch": 6, "leave": 2, "define": 1},
    "loops": {**SIMPLE, "store": 4, "loop": 5, "branch": 2, "leave": 2},
    "functions": {**SIMPLE, "define": 5, "branch": 1, "loop": 1, "assign": 8, "call": 3},
    "all": {**SIMPLE, "store": 4, "alias": 3, "loop": 3, "branch": 3, "leave": 1, "define": 1, "whole": 1,
            "call": 1, "container": 2},
}
FIXED = ("np", "math", "n")


class Blocks(Program):
    """A Program with functions beside it."""

    def __init__(self, prelude, parameters, lines, calls, wrt=None):
        super().__init__("np", parameters, lines, calls, wrt)
        self.prelude = prelude

    @property
    def text(self):
        return (f"{self.prelude}def f({', '.join(self.parameters)}):\n"
                + textwrap.indent("\n".join(self.lines) + "\n", "    "))


def write_blocks(choose, mode):
    return _Writer(choose, mode).program()


class _Steps:
    """A trace that ends a program which runs on and on."""

    LARGEST = 20000

    def __init__(self):
        self.count = 0

    def __call__(self, frame, event, argument):
        self.count += 1
        if self.count > self.LARGEST:
            raise RuntimeError("it does not come to an end")
        return self


class _Writer(Pieces):
    def __init__(self, choose, mode):
        super().__init__(choose, {})
        self.rng = np.random.default_rng(choose(1 << 16))
        self.kinds = [kind for kind, often in MODES[mode].items() for _ in range(often)]
        self.loops, self.count, self.form = 0, 0, None

    # ---- the program

    def program(self):
        parameters = self.pick([["x"], ["x", "y"], ["x", "s"], ["x", "w", "b"], ["a", "x"]])
        values = [self._argument(name) for name in parameters]
        if self.one_in(3):
            parameters, values = [*parameters, "n"], [*values, self.choose(4)]
        self.start = dict(zip(parameters, values))
        self.env.update(copy.deepcopy(self.start))
        self.prelude = self._prelude() if self.one_in(2) else ""
        lines = []
        for _ in range(3 + self.choose(6)):
            lines += self._kept(self._statement(0))
        lines.append(f"return {self._result()}")
        wrt = [p for p in parameters if p != "n"]
        wrt = None if len(wrt) == len(parameters) else wrt[0] if len(wrt) == 1 else tuple(wrt)
        return Blocks(self.prelude, parameters, lines, [values], wrt)

    def _argument(self, name):
        shape = (() if name == "s"
                 else self.pick([(3,), (2, 3), (3,), (4,), (3, 2), (2, 2), (), (1, 3), (3, 1)]))
        dtype = self.pick(["d"] * 8 + ["f", "l"])
        if dtype == "l":
            values = self.rng.integers(-2, 3, shape)
        else:
            values = np.round(self.rng.uniform(-1.5, 1.5, shape), 3).astype(dtype)
        if shape:
            return values
        return int(values) if dtype == "l" else np.float32(values) if dtype == "f" else float(values)

    def _result(self):
        names = self.variables(lambda v: _is_real(v))
        best = [n for n in names if n not in self.start] or names or ["0.5"]
        name, other = self.pick(best[::-1]), self.pick(names or ["1.0"])
        whole = " + ".join(self._summed(n) for n in dict.fromkeys([name, other, *self.start]) if n != "n")
        options = [whole, self._summed(name), whole, whole, name, f"{name}, {other}",
                   f"{{'a': {name}, 'b': {other}}}", f"[{name}, {self._summed(other)}]",
                   f"{name}, ({other}, {name})"]
        # Early returns have the same structure.
        self.form = self.choose(len(options)) if self.form is None else self.form
        return self.pick(options) if self.one_in(12) else options[self.form]

    def _summed(self, name):
        value = self.env.get(name, 0.5)
        if isinstance(value, (list, tuple, dict)):
            key = next(iter(value), None) if isinstance(value, dict) else len(value) - 1
            part = value[key] if len(value) else None
            return f"np.sum({name}[{key!r}])" if is_numeric(part) else "0.0"
        return (name if np.ndim(value) == 0
                else self.pick([f"np.sum({name})", f"({name} ** 2).sum()", f"np.sum(np.sin({name}))"]))

    # ---- keeping what runs

    def _kept(self, lines):
        """The lines if they run, else none."""
        if not lines:
            return []
        before = self._copied()
        if self._runs(lines):
            return lines
        self.env.clear()
        self.env.update(before)
        return []

    def _copied(self):
        data = {k: v for k, v in self.env.items()
                if not isinstance(v, (types.ModuleType, types.FunctionType))}
        return {**self.env, **copy.deepcopy({k: v for k, v in data.items() if k != "__builtins__"})}

    def _runs(self, lines):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                tree = ast.fix_missing_locations(_Straight().visit(ast.parse("\n".join(lines))))
                sys.settrace(_Steps())
                try:
                    exec(compile(tree, "<block>", "exec"), self.env)
                finally:
                    sys.settrace(None)
            return all(is_ordinary(v) for k, v in self.env.items()
                       if k not in ("__builtins__", *FIXED) and not k.startswith("_"))
        except Exception:
            return False

    def _block(self, depth, count):
        """Lines inside of a compound statement, each of which runs where it stands."""
        lines = []
        for _ in range(count):
            lines += self._kept(self._statement(depth))
        return lines or [f"{self.pick(['u', 'acc'])} = {self.expression(1)}"]

    def _nested(self, depth, count, before=()):
        """As `_block`; what there is afterwards is as before."""
        saved = self._copied()
        for line in before:
            self._runs([line])
        lines = self._block(depth, count)
        self.env.clear()
        self.env.update(saved)
        return _indented(lines)

    # ---- statements

    def _statement(self, depth):
        kind = self.pick(self.kinds)
        if depth > 2 and kind in ("loop", "branch", "define"):
            kind = "assign"
        return getattr(self, "_" + kind)(depth)

    def _assign(self, depth):
        new = ["np.zeros(3)", "np.zeros_like(x)", "np.ones((2, 3))", "0.0", "0", "x * 1.0", "x.copy()"]
        return [f"{self.target()} = {self.pick(new) if self.one_in(4) else self.expression()}"]

    def _augment(self, depth):
        targets = self.variables(lambda v: is_numeric(v) and not type(v) is int)
        if not targets:
            return []
        name = self.pick(targets)
        return [f"{name} {self.pick(['+=', '*=', '-=', '+='])} {self.fitting(np.shape(self.env[name]))}"]

    def _alias(self, depth):
        arrays = self.arrays()
        if not arrays:
            return []
        name = self.pick(arrays)
        return [f"{self.target()} = {self.view(name, self.env[name])}"]

    def _store(self, depth):
        holders = self.arrays()
        if not holders:
            return []
        name = self.pick(holders)
        place = self.stored_place(name, self.env[name])
        part = self.value(f"{name}[{place}]")
        if part is None:
            return []
        return [f"{name}[{place}] {self.pick(['=', '=', '+=', '*=', '-='])} {self.fitting(np.shape(part))}"]

    def _whole(self, depth):
        """Every element at once, or some of them more than once."""
        arrays = self.arrays()
        if not arrays:
            return []
        name = self.pick(arrays)
        shape = self.env[name].shape
        return [self.pick([f"np.add.at({name}, [0, 0, 1], {self.fitting(shape[1:])})",
                           f"{name}.fill({self.expression(1, True)})",
                           f"np.multiply({name}, {self.fitting(shape)}, out={name})",
                           f"{name}[...] = {self.fitting(shape)}",
                           f"np.add({name}, {self.fitting(shape)}, out={name})",
                           f"np.sin({name}, out={name})"])]

    def _unpack(self, depth):
        a, b = self.target(), self.target()
        return [self.pick([f"{a}, {b} = {self.expression(1)}, {self.expression(0)}", f"{a}, {b} = {b}, {a}",
                           f"{a} = {b} = {self.expression(1)}"])] if a != b else []

    def _container(self, depth):
        lists = self.variables(lambda v: isinstance(v, list))
        dicts = self.variables(lambda v: isinstance(v, dict) and "__name__" not in v)
        e = self.expression
        options = [f"items = [{e(1)}, {e(0)}]", "items = []", f"table = {{'a': {e(1)}, 'b': {e(0)}}}",
                   f"items = [{e(1)} for k in range(3)]",
                   "items = [r * 2.0 for r in x]", f"pair = ({e(0)}, {e(1)})",
                   "items = [r for r in x]", "table = {}"]
        for name in lists:
            options += [f"{name}.append({e(1)})", f"{name}.append({e(1)})", f"{name}[0] = {e(1)}",
                        f"{name}[-1] += {e(1, True)}",
                        f"{self.target()} = {name}[-1]", f"{self.target()} = sum({name})",
                        f"{self.target()} = np.stack({name})",
                        f"{name}[0][0] = {e(1, True)}"]
        for name in dicts:
            options += [f"{name}['a'] = {e(1)}", f"{name}['c'] = {e(1)}", f"{name}['a'] += {e(1, True)}",
                        f"{self.target()} = {name}['b']",
                        f"{name}['a'][0] = {e(1, True)}"]
        return [self.pick(options)]

    def _branch(self, depth):
        self.count += 1
        lines = [f"if {self.condition()}:", *self._nested(depth + 1, 1 + self.choose(2))]
        if self.one_in(4):
            lines += [f"elif {self.condition()}:", *self._nested(depth + 1, 1 + self.choose(2))]
        if self.one_in(2):
            lines += ["else:", *self._nested(depth + 1, 1 + self.choose(2))]
        return lines

    def _leave(self, depth):
        """A way out: of the loop, or of the function."""
        leave = ["break", "continue"] if self.loops else ["return"]
        leave = self.pick([*leave, *leave, "return"])
        if leave == "return":
            leave = f"return {self._result()}"
        return [f"if {self.condition()}:", *_indented([*self._nested_assign(), leave])]

    def _nested_assign(self):
        return [f"{self.target()} = {self.expression(1)}"] if self.one_in(3) else []

    def _loop(self, depth):
        if self.one_in(5):
            return self._while(depth)
        index = "ijk"[depth % 3]
        rows = self.pick(self.arrays() or ["np.ones(2)"])
        other = self.pick(self.arrays() or ["np.ones(2)"])
        row = self.pick(["row", "r", "item"])
        header, first = self.pick([
            (f"{index} in range({self.pick(['3', '2', 'len(x)' if np.ndim(self.env.get('x')) else '2', 'n' if 'n' in self.env else '3', '0', '4'])})",
             [f"{index} = 0"]),
            (f"{index} in range({self.pick(['1, 3', '0, 4, 2', '2, -1, -1', '3, 0, -1', '1, 1', 'len(x)' if np.ndim(self.env.get('x')) else '1'])})",
             [f"{index} = 1"]),
            (f"{index} in range({rows}.shape[0])", [f"{index} = 0"]),
            (f"{row} in {rows}", [f"{row} = {rows}[0]"]),
            (f"{index}, {row} in enumerate({rows})", [f"{index} = 0", f"{row} = {rows}[0]"]),
            (f"{row}, {row}2 in zip({rows}, {other})", [f"{row} = {rows}[0]", f"{row}2 = {other}[0]"]),
            (f"{index} in reversed(range({self.pick(['3', '2'])}))", [f"{index} = 2"]),
            (f"{row} in reversed({rows})", [f"{row} = {rows}[-1]"]),
            (f"{row} in [{self.expression(1)}, {self.expression(1)}]", [f"{row} = {self.expression(0)}"]),
            (f"{row} in {rows}.T", [f"{row} = {rows}.T[0]"]),
        ])
        return self._looped(f"for {header}:", first, depth)

    def _while(self, depth):
        self.count += 1
        counter = f"c{self.count}"
        lines = self._looped(f"while {counter} < {self.pick(['3', '2', '0', '4'])}{self.pick(['', '', ' and ' + self.condition()])}:",
                             [f"{counter} = 0"], depth)
        at = 1 if self.one_in(2) or any("continue" in line for line in lines) else next(
            (i for i, line in enumerate(lines) if line == "else:"), len(lines))
        return [f"{counter} = 0", *lines[:at], f"    {counter} += 1", *lines[at:]]

    def _looped(self, header, first, depth):
        self.loops += 1
        lines = [header, *self._nested(depth + 1, 1 + self.choose(3), first)]
        self.loops -= 1
        if self.one_in(6):
            lines += ["else:", *self._nested(depth + 1, 1)]
        return lines

    # ---- functions

    def _prelude(self):
        text = "".join(f"def {name}{self.pick(HELPERS)}\n\n" for name in ["g", "helper"][:1 + self.choose(2)])
        exec(compile(text, "<prelude>", "exec"), self.env)
        return text

    def _define(self, depth):
        name = self.pick(["fun", "act"])
        inner, operand = self.pick(["z", "p"]), self.operand()[0]
        made = self.pick([f"{name} = lambda {inner}: {inner} * {operand} + 1.0",
                          f"{name} = lambda {inner}: np.sin({inner}) + {operand}",
                          f"def {name}({inner}, q=2.0):\n    return {inner} * q - {operand}",
                          f"def {name}({inner}):\n    o = {inner} * {operand}\n    return o ** 2",
                          f"def {name}({inner}):\n    if {self.condition()}:\n"
                          f"        return {inner} * 2.0\n    return {operand} * {inner}"])
        return made.splitlines()

    def _call(self, depth):
        functions = self.functions()
        if not functions:
            return self._define(depth)
        name, function = self.pick(functions)
        given = [self.pick(self.variables(is_numeric) or ["1.0"]), self.expression(1)]
        count = function.__code__.co_argcount
        call = f"{name}({', '.join(given[:count])})"
        return [self.pick([f"{self.target()} = {call}", f"{self.target()} = {call}", call])]


def _indented(lines):
    return ["    " + line for line in lines]


class _Straight(ast.NodeTransformer):
    """Statements as they run on a trial: nothing is returned, and no loop around them is left."""

    def visit_FunctionDef(self, node):
        return node

    def visit_Return(self, node):
        return ast.Assign([ast.Name("_", ast.Store())], node.value)

    def visit_For(self, node):
        return _Inside().visit(node)

    visit_While = visit_For

    def visit_Break(self, node):
        return ast.Pass()

    visit_Continue = visit_Break


class _Inside(_Straight):
    """As above, inside of a loop."""

    visit_For = visit_While = visit_Break = visit_Continue = ast.NodeTransformer.generic_visit


def _is_real(value):
    return all(is_numeric(leaf) for _, leaf in leaves(value)) and any(True for _ in leaves(value))
