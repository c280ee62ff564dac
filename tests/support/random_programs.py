"""Random straight-line programs, written statement by statement and run while they are written.

Every statement is executed as soon as it is written, so the generator knows shapes and values, and keeps
what NumPy accepts, without a warning, with numbers of ordinary size. All choices come from one function, so
a seeded random number generator makes the same programs on every machine.

    write_program(choose, mode)     a Program; choose(n) is a number below n, 0 the simplest
    verdict(program)                'right' or the RevadError that refused it; raises for all else
    shrink(program, fails)          the same with as few lines as still fail
"""

import itertools
import linecache
import math
import os
import textwrap
import traceback
import types
import warnings

import numpy as np
from differences import (
    assert_gradient,
    call,
    is_float,
    is_scalar,
    leaves,
    map_leaves,
    random_dout,
    real_inputs,
    spread,
)

import revad

MODES = ("numbers", "arrays", "mixed")
SHAPES = ["D", "ND", "", "N", "1", "1D", "N1", "NDH", "H", "11H", "N1H", "DH", "11"]
PLAIN_NAMES = list("uvwpqrs") + ["h", "y2", "total", "score"]
# Names that the compiler would like to have for itself, and builtins that it may want to call.
HOSTILE_NAMES = ["dx", "dout", "out", "cache", "e", "a", "mask", "t", "prod", "sum", "dx_", "x_2", "da",
                 "db", "dy", "float", "exp", "f", "f_grad", "y", "x", "abs", "max", "grad", "range",
                 "negative", "dt", "dsum", "d", "dmask", "shape", "np_0", "self", "h_", "len"]
LARGEST = 200.0
_numbers = itertools.count()


class Program:
    """The lines of a function `f`, its parameters and the arguments to try it with."""

    def __init__(self, module, parameters, lines, calls, wrt=None):
        self.module, self.parameters, self.lines, self.calls, self.wrt = module, parameters, lines, calls, wrt
        self._function = None

    @property
    def text(self):
        return (f"def f({', '.join(self.parameters)}):\n"
                + textwrap.indent("\n".join(self.lines) + "\n", "    "))

    @property
    def function(self):
        if self._function is None:
            name = f"<random program {next(_numbers)}>"
            linecache.cache[name] = (len(self.text), None, self.text.splitlines(True), name)
            namespace = {self.module: np, "math": math}
            exec(compile(self.text, name, "exec"), namespace)
            self._function = namespace["f"]
        return self._function

    def __repr__(self):
        return f"{self.text}import numpy as {self.module}, math\nwrt={self.wrt}\n" + "".join(
            f"args {', '.join(map(repr, args))}\n" for args in self.calls)


def write_program(choose, mode):
    return _Writer(choose, mode).program()


class _Writer:
    def __init__(self, choose, mode):
        self.choose, self.mode = choose, mode
        self.rng = np.random.default_rng(choose(1 << 16))
        hostile = choose(3) == 2
        self.module = "numpy" if choose(8) == 7 else "np"
        names = list(PLAIN_NAMES)
        if hostile:
            names = [n for n in HOSTILE_NAMES if choose(3)] + names[:3]
            if self.module == "numpy":
                names.append("np")
        self.names = names
        self.outside = {self.module: np, "math": math}
        self.lines, self.codes = [], []

    # ---- choices

    def pick(self, options):
        return options[self.choose(len(options))]

    def one_in(self, n):
        return self.choose(n) == n - 1

    # ---- the program

    def program(self):
        parameters = self.pick([["x"], ["x", "y"], ["x", "y", "z"], ["x", "w", "b"], ["dx", "x"],
                                ["x", "dout", "cache"]])
        shapes = [self._parameter_shape() for _ in parameters]
        dtypes = [self._dtype() for _ in parameters]
        containers = [self.one_in(10) for _ in parameters]
        sizes = [self._sizes() for _ in range(1 if self.mode == "numbers" else 1 + self.choose(3))]
        calls = [[self._argument(s, t, c, size) for s, t, c in zip(shapes, dtypes, containers)]
                 for size in sizes]
        self.start = dict(zip(parameters, calls[0]))
        self._replay()
        for _ in range(1 + self.choose(5) + self.choose(10)):
            self._statement()
        self._return()
        wrt = None if not self.one_in(4) else tuple(p for p in parameters if self.choose(3)) or parameters[0]
        return Program(self.module, parameters, self.lines, calls, wrt)

    def _parameter_shape(self):
        if self.mode == "numbers" or self.mode == "mixed" and self.one_in(3):
            return None
        return self.pick(SHAPES)

    def _dtype(self):
        return self.pick(["d"] * 6 + ["f", "l"])

    def _sizes(self):
        return {"1": 1, **{axis: self.pick([3, 2, 4, 1, 3, 2, 0]) for axis in "NDH"}}

    def _argument(self, shape, dtype, container, sizes):
        if container:
            return [self._argument(shape, dtype, False, sizes) for _ in range(2)]
        if shape is None:
            value = round(float(self.rng.uniform(-2, 2)), 3)
            return {"d": value, "f": np.float32(value), "l": int(self.rng.integers(-3, 4))}[dtype]
        whole = tuple(sizes[axis] for axis in shape)
        if dtype == "l":
            return self.rng.integers(-3, 4, whole)
        values = np.round(self.rng.uniform(-2, 2, whole), 3)
        return np.where(np.abs(values) < 0.005, 0.25, values).astype(dtype)

    def _replay(self):
        self.locals = {n: map_leaves(lambda v: v.copy() if isinstance(v, np.ndarray) else v, v)
                       for n, v in self.start.items()}
        for code in self.codes:
            self._exec(code)

    def _exec(self, code):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            exec(code, self.outside, self.locals)

    def _try(self, line):
        """Keep a line if it runs and leaves ordinary numbers."""
        try:
            code = compile(line, "<line>", "exec")
        except (SyntaxError, SyntaxWarning):
            return False
        try:
            self._exec(code)
            good = all(_ordinary(v) for v in self.locals.values())
        except Exception:
            good = False
        if not good:
            self._replay()
            return False
        self.lines.append(line)
        self.codes.append(code)
        return True

    def _value(self, text):
        """The value of an expression, or None where it is not an ordinary one."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                value = eval(text, self.outside, dict(self.locals))
        except Exception:
            return None
        return value if _ordinary(value) and value is not None else None

    # ---- statements

    def _statement(self):
        kinds = [self._assign, self._assign, self._assign, self._augment, self._alias, self._conditional,
                 self._unpack, self._container, self._chain, self._other, self._store, self._if]
        self.pick(kinds)()

    def _target(self):
        if self.one_in(3):
            return self.pick(list(self.locals))
        return self.pick(self.names)

    def _assign(self):
        self._try(f"{self._target()} = {self._expression(self.choose(3))}")

    def _augment(self):
        targets = [n for n, v in self.locals.items() if _numeric(v)]
        if targets:
            op = self.pick(["+=", "*=", "-=", "/=", "**="])
            right = self._expression(self.choose(2))
            right = {"/=": f"({right})**2 + 1.0", "**=": "2"}.get(op, right)
            self._try(f"{self.pick(targets)} {op} {right}")

    def _alias(self):
        name, value = self.pick(list(self.locals.items()))
        texts = [name]
        if isinstance(value, np.ndarray):
            texts += [f"{name}.T", f"{name}[:]", f"{name}[1:]", f"{name}.reshape(-1)", f"{name}[None]",
                      f"{name}[...]", f"{name}[::-1]", f"{name}[0]", f"{name}.ravel()",
                      f"{self.module}.asarray({name})", f"{name}.copy()",
                      f"{self.module}.transpose({name})", f"{name}.squeeze()"]
        self._try(f"{self._target()} = {self.pick(texts)}")

    def _condition(self):
        left, value = self._operand()
        if np.ndim(value):
            left = f"{left}.{self.pick(['sum()', 'mean()', 'size', 'shape[0]'])}"
        right = self._literal() if self.choose(2) else self._expression(0, scalar=True)
        return f"{left} {self.pick(['>', '<', '>=', '<='])} {right}"

    def _conditional(self):
        left, value = self._operand()
        right, other = self._operand()
        if np.shape(value) != np.shape(other) and not self.one_in(3):
            right = f"{left} * {self._literal()}"
        self._try(f"{self._target()} = {self._unary(left, value)} if {self._condition()} else {right}")

    def _store(self):
        arrays = [n for n, v in self.locals.items()
                  if isinstance(v, np.ndarray) and v.ndim and v.dtype.kind == "f"]
        if arrays:
            place = self.pick(["0", "1:", "-1", "...", "::2", "[0, -1]", "[0, 0]", ":, 0", "MASK > 0.2",
                               ":-1"])
            name = self.pick(arrays)
            self._try(f"{name}[{place.replace('MASK', name)}] {self.pick(['=', '+=', '-=', '*='])} "
                      f"{self._expression(self.choose(2), scalar=self.one_in(2))}")

    def _if(self):
        a, b = self._target(), self._target()
        then = [f"    {a} = {self._expression(1)}", f"    {b} = {self._expression(0)}"][:1 + self.choose(2)]
        other = [f"    {b} = {self._expression(0)}", f"    {a} = {self._expression(1)}"][:self.choose(3)]
        lines = [f"if {self._condition()}:", *then, *(["else:", *other] if other else [])]
        self._try("\n".join(lines))

    def _unpack(self):
        a, b = self._target(), self._target()
        if a == b:
            return
        lines = [f"{a}, {b} = {self._expression(1)}, {self._expression(0)}", f"{a}, {b} = {b}, {a}",
                 f"({a}, {b}) = [{self._expression(0)}, {self._expression(1)}]"]
        pairs = [n for n, v in self.locals.items()
                 if isinstance(v, (tuple, list)) and len(v) == 2
                 or isinstance(v, np.ndarray) and v.shape[:1] == (2,)]
        lines += [f"{a}, {b} = {n}" for n in pairs]
        lines += [f"{a}, {b} = {self.module}.split({self._operand()[0]}, 2)"]
        self._try(self.pick(lines))

    def _container(self):
        parts = [self._expression(self.choose(2)) for _ in range(2 + self.choose(2))]
        text = self.pick([f"({', '.join(parts)})", f"[{', '.join(parts)}]",
                          "{" + ", ".join(f"{key!r}: {p}" for key, p in zip("abc", parts)) + "}",
                          f"({parts[0]}, [{parts[1]}, {parts[0]}])"])
        name = self._target()
        self._try(f"{name} = {text}")

    def _chain(self):
        a, b = self._target(), self._target()
        self._try(f"{a} = {b} = {self._expression(1)}")

    def _other(self):
        name, value = self._operand()
        self._try(self.pick([f"{self._target()}: float = {self._expression(1)}", f"assert {name} is not None",
                             "pass", f"n = len({name})", f"n, m = {name}.shape", f"m = {name}.size",
                             f"mask = {name} > {self._literal()}", f"i = {self.module}.argmax({name})"]))

    def _return(self):
        names = [n for n, v in self.locals.items() if _real(v)] or ["0.5"]
        last = names[-1]
        options = [self._sum_of(self.pick(names)), self._sum_of(last)]
        options.append(" + ".join(self._sum_of(n)
                                  for n in dict.fromkeys([self.pick(names), last, self.pick(names)])))
        options += [last, f"{last}, {self.pick(names)}", self.pick(names), f"[{last}, {self.pick(names)}]",
                    f"{{'a': {self.pick(names)}, 'b': {last}}}",
                    f"{last}, ({self.pick(names)}, {self.pick(names)})"]
        self.lines.append(f"return {self.pick(options)}")

    def _sum_of(self, name):
        value = self.locals.get(name, 0.5)
        if isinstance(value, dict):
            key = next(iter(value))
            return f"{self.module}.sum({name}[{key!r}])" if _numeric(value[key]) else "0.0"
        if isinstance(value, (list, tuple)):
            numeric = [i for i, v in enumerate(value) if _numeric(v)]
            return f"{self.module}.sum({name}[{numeric[-1]}])" if numeric else "0.0"
        if np.ndim(value) == 0:
            return name
        return self.pick([f"{self.module}.sum({name})", f"{name}.sum()", f"{self.module}.sum({name} ** 2)",
                          f"({name} * {name}).mean()" if value.size else f"{name}.sum()",
                          f"{self.module}.sum({self.module}.sin({name}))"])

    # ---- expressions

    def _literal(self):
        return self.pick(["2", "0.5", "1", "3.0", "-1.5", "0.25", "-2", "1.0"])

    def _operand(self):
        """A name, or an element of a container, that stands for a number or an array."""
        found = []
        for name, value in self.locals.items():
            if _numeric(value):
                found.append((name, value))
            elif isinstance(value, dict):
                found += [(f"{name}[{k!r}]", v) for k, v in value.items() if _numeric(v)]
            elif isinstance(value, (list, tuple)):
                found += [(f"{name}[{i}]", v) for i, v in enumerate(value) if _numeric(v)]
        if not found:
            return "1.5", 1.5
        return self.pick(found[::-1])

    def _expression(self, depth, scalar=False):
        text, value = self._operand()
        for _ in range(depth + self.choose(2)):
            new = self._step(text, value)
            found = self._value(new)
            if _numeric(found):
                text, value = f"({new})", found
        if scalar and np.ndim(value):
            text = f"({text}).sum()"
        return text[1:-1] if text.startswith("(") and _whole(text) else text

    def _step(self, text, value):
        if np.ndim(value) == 0 and (self.mode == "numbers" or self.one_in(3)):
            return self.pick([self._binary, self._unary_number, self._binary_number])(text, value)
        return self.pick([self._binary, self._unary, self._binary, self._reduce, self._shape, self._index,
                          self._join, self._binary_call])(text, value)

    def _binary(self, x, value):
        y, other = self._operand()
        try:
            np.broadcast_shapes(np.shape(value), np.shape(other))
        except ValueError:
            y = self.pick([x, self._literal(), f"{y}.sum()"])
        if self.one_in(4):
            y = self._literal()
        if self.one_in(4):
            x, y = y, x
        return self.pick([f"{x} * {y}", f"{x} + {y}", f"{x} - {y}", f"{x} / ({y} * {y} + 1.0)", f"{x} @ {y}",
                          f"{x} @ {y}.T", f"{x}.T @ {y}", f"(abs({x}) + 0.5) ** {y}", f"{x} ** 2 * {y}",
                          f"{x} % (abs({y}) + 0.7)", f"{x} // (abs({y}) + 0.7)", f"{x} * ({y} > 0.3)",
                          f"2.0 ** {y} + {x}"])

    def _binary_call(self, x, value):
        m, (y, _) = self.module, self._operand()
        return self.pick([f"{m}.maximum({x}, {y})", f"{m}.minimum({x}, {y})",
                          f"{m}.arctan2({x}, abs({y}) + 0.5)", f"{m}.where({x} > 0.1, {x}, {y})",
                          f"{m}.where({y} < {x}, {y} * 2, 0.5)", f"{m}.logaddexp({x}, {y})",
                          f"{m}.hypot({x}, abs({y}) + 0.3)", f"{m}.outer({x}, {y})", f"{m}.dot({x}, {y})",
                          f"{m}.dot({x}, {y}.T)", f"{x}.dot({y})", f"{m}.matmul({x}, {y})",
                          f"{m}.inner({x}, {y})", f"{m}.power(abs({x}) + 0.5, {y})",
                          f"{m}.multiply({x}, {y})", f"{m}.tensordot({x}, {y}, axes=1)",
                          f"{m}.fmax({x}, {y})", f"{m}.vdot({x}, {y})", f"{m}.einsum('ij,ij->i', {x}, {y})",
                          f"{m}.einsum('ij,jk', {x}, {y})"])

    def _unary(self, x, value):
        m = self.module
        return self.pick([f"-{x}", f"{m}.sin({x})", f"{m}.tanh({x})", f"{m}.exp(-{x} * {x})", f"{x} ** 2",
                          f"{m}.maximum({x}, 0)", f"1 / (1 + {m}.exp(-{x}))", f"{m}.log({x} * {x} + 1)",
                          f"{m}.sqrt({m}.abs({x}) + 0.5)", f"{m}.log1p({m}.exp({x}))",
                          f"{m}.clip({x}, -0.55, 0.77)", f"{x} ** 3", f"{m}.square({x})", f"{m}.abs({x})",
                          f"+{x}", f"{m}.cos({x})", f"{m}.arctan({x})", f"{x} * {x}.shape[0]",
                          f"{m}.floor({x}) * {x}", f"{m}.sign({x}) * {x}", f"{m}.exp({x} - {m}.max({x}))",
                          f"{x} / {m}.sqrt({m}.sum({x} ** 2) + 1)", f"{m}.cbrt({x} * {x} + 1)",
                          f"{m}.expm1({x})", f"{m}.sinh({x})", f"{m}.reciprocal({x} * {x} + 1.0)",
                          f"{x} - {x}.mean()", f"({x} ** 2 + 1.0) ** -0.5", f"{m}.zeros_like({x}) + {x}",
                          f"{m}.ones_like({x})", f"{m}.full_like({x}, 2)", f"{x}.astype(float)",
                          f"{m}.negative({x})", f"{m}.where({x} > 0, {x}, 0.01 * {x})", f"{m}.array({x})",
                          f"{m}.arange({x}.shape[0])"])

    def _reduce(self, x, value):
        m, axes = self.module, list(range(np.ndim(value))) or [0]
        axis = self.pick(axes)
        axis = self.pick([axis, axis - np.ndim(value)])
        name = self.pick(["sum", "mean", "max", "min", "prod", "var"])
        both = self.pick(["(0, 1)", "(0, -1)", "None", "tuple(range(1))"])
        return self.pick([f"{m}.{name}({x})", f"{x}.{name}()", f"{x}.{name}(axis={axis})",
                          f"{m}.{name}({x}, axis={axis})", f"{x}.{name}(axis={axis}, keepdims=True)",
                          f"{m}.{name}({x}, {axis}, keepdims=True)", f"{m}.{name}({x}, axis={both})",
                          f"{m}.{name}({x}, axis={both}, keepdims=True)", f"{m}.cumsum({x}, axis={axis})",
                          f"{m}.std({x}, axis={axis})", f"{m}.linalg.norm({x})",
                          f"{m}.linalg.norm({x}, axis={axis}, keepdims=True)", f"{m}.trace({x})",
                          f"{x} - {x}.{name}(axis={axis}, keepdims=True)", f"{m}.cumsum({x})", f"sum({x})"])

    def _shape(self, x, value):
        m, rank = self.module, np.ndim(value)
        shape = np.shape(value)
        axis = self.choose(rank) if rank else 0
        order = ", ".join(map(str, self.rng.permutation(rank)))
        return self.pick([f"{x}.T", f"{x}.reshape(-1)", f"{x}[..., None]", f"{x}[None]", f"{x}.ravel()",
                          f"{x}.reshape({', '.join(map(str, shape[::-1]))}{',' if rank == 1 else ''})",
                          f"{x}.reshape({x}.shape[0], -1)", f"{m}.expand_dims({x}, {axis})",
                          f"{m}.squeeze({x})",
                          f"{m}.transpose({x}, ({order}{',' if rank == 1 else ''}))",
                          f"{m}.swapaxes({x}, 0, {axis})",
                          f"{m}.moveaxis({x}, 0, -1)", f"{m}.broadcast_to({x}, (2,) + {x}.shape)",
                          f"{m}.tile({x}, 2)", f"{m}.repeat({x}, 2, axis={axis})", f"{m}.flip({x})",
                          f"{m}.flip({x}, {axis})",
                          f"{m}.roll({x}, 1)", f"{m}.roll({x}, 1, axis={axis})", f"{m}.pad({x}, 1)",
                          f"{m}.tril({x})",
                          f"{m}.triu({x})", f"{m}.diag({x})", f"{x}.flatten()", f"{x}.copy()",
                          f"{x}.transpose()",
                          f"{m}.reshape({x}, (-1, 1))", f"{x}.swapaxes(0, {axis})", f"{m}.ravel({x})",
                          f"{m}.squeeze({x}, {axis})",
                          f"{m}.broadcast_to({x}, {tuple(max(2, n) if n == 1 else n for n in shape)})"])

    def _index(self, x, value):
        m = self.module
        masks = [n for n, v in self.locals.items() if isinstance(v, np.ndarray) and v.dtype == bool]
        options = [f"{x}[0]", f"{x}[1:]", f"{x}[:-1]", f"{x}[-1]", f"{x}[::2]", f"{x}[::-1]", f"{x}[:, 0]",
                   f"{x}[..., -1]", f"{x}[[0, 0, 1]]", f"{x}[{m}.array([1, 0, 1])]", f"{x}[:, [1, 0, 0]]",
                   f"{x}[{x} > 0.1]", f"{x}[{m}.arange(2), [0, 0]]", f"{x}[:, None]", f"{x}[None, :, 0]",
                   f"{x}[1:2]", f"{x}[5:]", f"{x}[[[0, 1], [1, 1]]]", f"{x}[:, 1:, ...]", f"{x}[0, [0, 0]]",
                   f"{x}[-2:]", f"{x}[:1]", f"{x}[0:0]", f"{x}[1][0]", f"{x}[{x} < 5.0] * 2",
                   f"{x}[:, :, 0]", f"{x}[[0, 0], :, [0, 1]]", f"{x}[..., [0, 0], None]",
                   f"{x}[{m}.argmax({x})]", f"{x}.flat[0]", f"{x}[()]", f"{x}[[0, -1]]", f"{x}[::-2]",
                   f"{x}[-1:0:-1]", f"{m}.take({x}, [0, 0], axis=0)", f"{x}.item()"]
        return self.pick(options + [f"{x}[{n}]" for n in masks])

    def _join(self, x, value):
        m, (y, _) = self.module, self._operand()
        return self.pick([f"{m}.concatenate([{x}, {y}])", f"{m}.stack([{x}, {y}])",
                          f"{m}.hstack([{x}, {y}])", f"{m}.vstack(({x}, {y}))",
                          f"{m}.concatenate(({x}, {y}, {x}), axis=-1)", f"{m}.stack([{x}, {x}], axis=-1)",
                          f"{m}.array([{x}, {y}])", f"{m}.array([{x}, 1.0, {y}])", f"sum([{x}, {y}])",
                          f"{m}.split({x}, 2)[0]", f"({x}, {y})[1]", f"[{x}, {y}][-1]",
                          f"{m}.where(mask, {x}, {y})", f"({x} if {self._condition()} else {y})"])

    def _unary_number(self, x, value):
        return self.pick([f"-{x}", f"math.sin({x})", f"math.exp(-{x} * {x})", f"{x} ** 2", f"max({x}, 0)",
                          f"abs({x})", f"1 / (1 + math.exp(-{x}))", f"math.log({x} * {x} + 1)",
                          f"math.sqrt(abs({x}) + 0.5)", f"math.tanh({x})", f"math.atan({x})", f"{x} ** 3",
                          f"float({x})", f"math.fabs({x})", f"math.cosh({x})", f"({x} ** 2 + 1) ** -1.5",
                          f"math.log1p(math.exp({x}))", f"+{x}", f"round({x}) * {x}", f"int({x}) + {x}",
                          f"pow({x}, 2)", f"math.expm1({x})", f"math.floor({x}) * {x}",
                          f"{self.module}.exp({x})", f"{self.module}.maximum({x}, 0)"])

    def _binary_number(self, x, value):
        y, other = self._operand()
        if np.ndim(other):
            y = self._literal()
        return self.pick([f"max({x}, {y})", f"min({x}, {y})", f"math.atan2({x}, abs({y}) + 0.5)",
                          f"math.hypot({x}, abs({y}) + 0.3)", f"math.pow(abs({x}) + 0.5, {y})",
                          f"sum([{x}, {y}, {x}])", f"max([{x}, {y}, 0.2])", f"min({x}, {y}, 0.3)",
                          f"({x} if {x} > {y} else {y} * {x})", f"sum(({x}, {y}), 1.0)",
                          f"pow(abs({x}) + 0.5, {y})"])


def _whole(text):
    """Whether the first parenthesis is closed by the last."""
    depth = 0
    for at, c in enumerate(text):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def _numeric(value):
    """A number or an array that a derivative can pass through, or that at least may stand in arithmetic."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "iuf"
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _real(value):
    return all(_numeric(leaf) for _, leaf in leaves(value)) and any(True for _ in leaves(value))


def _ordinary(value):
    for _, leaf in leaves(value):
        if isinstance(leaf, (np.ndarray, np.generic)):
            if leaf.dtype.kind == "b":
                continue
            if leaf.dtype.kind not in "iuf" or leaf.size > 100 or leaf.dtype == np.float16:
                return False
            if not np.all(np.isfinite(leaf)) or np.max(np.abs(leaf), initial=0.0) > LARGEST:
                return False
        elif isinstance(leaf, (int, float)):
            if not math.isfinite(leaf) or abs(leaf) > LARGEST:
                return False
        elif leaf is not None and not isinstance(leaf, (str, types.ModuleType)):
            return False
    return True


# --- what revad makes of a program


class Nothing(Exception):
    """The program is no test: it does not run, or it has a kink where it is evaluated."""


def verdict(program):
    """'right', or the error that refused it; raises Nothing, or an error for a wrong gradient or a crash."""
    f = program.function
    refusal = None
    ran = 0
    for args in program.calls:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                value = f(*_copies(args))
                exact = f(*_copies(real_inputs(f, args, program.wrt)))
        except Exception:
            continue
        if not (_ordinary(value) and _ordinary(exact) and _real(value)) or not _same_structure(value, exact):
            continue
        ran += 1
        try:
            assert_gradient(f, args, program.wrt, rtol=1e-5, atol=1e-6)
        except revad.RevadError as error:
            if not isinstance(error, revad.UnsupportedError) or not error.lineno:
                raise
            refusal = error
        except AssertionError:
            if not is_smooth(program, args) or is_close(program, args):
                raise Nothing from None
            raise
        except (IndexError, ValueError, AttributeError, TypeError, UnboundLocalError) as error:
            if not passes_revad(error):
                raise Nothing from None     # the program itself, where a number moved (x[np.argmax(x)])
            raise
    if not ran:
        raise Nothing
    return refusal or "right"


PACKAGE = os.path.dirname(revad.__file__) + os.sep


def passes_revad(error):
    """Whether an error came through revad or a text of revad's,
    wherever the project lies (in a folder revad, too)."""
    files = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(error.__traceback__)]
    return any(file.startswith(("<revad ", PACKAGE)) for file in files)


def is_close(program, args):
    """Whether only the last digits differ, as they do where a second derivative jumps:
    (abs(x) + 1) ** x at 0."""
    try:
        assert_gradient(program.function, args, program.wrt, rtol=2e-4, atol=5e-5)
    except AssertionError:
        return False
    return True


def _copies(args):
    return [map_leaves(lambda v: v.copy() if isinstance(v, np.ndarray) else v, arg) for arg in args]


def _same_structure(value, exact):
    """A program with integers in it may take another course with real numbers."""
    one, two = list(leaves(value)), list(leaves(exact))
    return len(one) == len(two) and all(
        np.shape(a) == np.shape(b) and np.allclose(np.float64(a), np.float64(b), rtol=1e-3, atol=1e-3)
        for (_, a), (_, b) in zip(one, two))


def is_smooth(program, args):
    """Whether the slopes to both sides agree, along random directions, at two scales."""
    f, rng = program.function, np.random.default_rng(1)
    inputs = real_inputs(f, args, None if program.wrt is None else program.wrt)
    dout = random_dout(f, args, program.wrt)
    douts = [1.0, dout] if is_scalar(call(f, inputs)) else [dout]

    def value(direction, h, dout):
        moved = iter(direction)
        shifted = [map_leaves(lambda v: v + h * next(moved) if is_float(v) else v, arg) for arg in inputs]
        output = f(*_copies(shifted))
        return sum(np.sum(np.float64(d) * leaf) for d, (_, leaf) in zip(spread(dout, output), leaves(output))
                   if d is not None)

    floats = [leaf for arg in inputs for _, leaf in leaves(arg) if is_float(leaf)]
    for dout, (_, h) in itertools.product(douts, itertools.product(range(6), (3e-4, 1e-6))):
        direction = [rng.uniform(-1, 1, np.shape(leaf)) for leaf in floats]
        try:
            with np.errstate(all="ignore"):
                middle = value(direction, 0.0, dout)
                above, below = value(direction, h, dout) - middle, middle - value(direction, -h, dout)
        except Exception:
            return False
        if not abs(above - below) / h <= 3e-5 / h * 1e-4 + 2e-2 * max(1.0, abs(above) / h):
            return False
    return True


def shrink(program, fails):
    """A program with fewer lines, calls and parameters to differentiate, for which `fails` holds still."""
    lines, calls, wrt = program.lines, program.calls, program.wrt

    def made(lines, calls, wrt):
        return Program(program.module, program.parameters, lines, calls, wrt)

    def still(*changed):
        try:
            return fails(made(*changed))
        except Exception:
            return False

    for one in calls:
        if still(lines, [one], wrt):
            calls = [one]
            break
    progress = True
    while progress:
        progress = False
        for at in reversed(range(len(lines) - 1)):
            fewer = lines[:at] + lines[at + 1:]
            if still(fewer, calls, wrt):
                lines, progress = fewer, True
    for name in program.parameters:
        if still(lines, calls, name):
            wrt = name
            break
    return made(lines, calls, wrt)
