"""The sweep of gates: every function with a rule, over the values of its parameters, shapes, dtypes, layouts and spellings, in pairs."""
import bisect
import inspect
import itertools
import linecache
import math
import operator
import random
import re
import warnings

import numpy as np

from . import judge
from .arguments import DTYPES, LAYOUTS, argument, longer
from .covering import covering
from .domains import CALLS, Call
from .family import Outcome, Wrong

SAMPLE = 460
NAMES = {"np": np, "math": math, "operator": operator, "bisect": bisect}
REJECTED, TRIES = 5, 20         # one in five of what NumPy rejects stays as it is
SPELLINGS = ("by place", "by name", "optional by name")
_numbers = itertools.count()


class Spelling:
    """One function of the table with its parameters, and the factors of its programs."""

    def __init__(self, name, call):
        self.name, self.call, self.method = name, call, call.as_method
        self.function = resolved(name) if re.fullmatch(r"np\.[\w.]*", name) else None
        self.kinds = parameter_kinds(self.function)
        given = {n: values for n, values in call.parameters.items()
                 if self.kinds is None or self.method or n in self.kinds or "**" in self.kinds}
        self.parameters = given
        self.factors = [call.shapes, DTYPES, LAYOUTS, SPELLINGS, *given.values()]

    def text(self, spelling, values):
        """The expression of values of the parameters."""
        if not self.parameters:
            return self.call.around.format(self.name)
        given, by_name = [], False
        if self.kinds and inspect.Parameter.VAR_POSITIONAL in self.kinds.values():
            spelling = "by place"
        if isinstance(self.function, np.ufunc):
            values = _settled(dict(zip(self.parameters, values)))
        for number, (name, value) in enumerate(zip(self.parameters, values)):
            if value == "":
                by_name = True
                continue
            kind = self.kinds.get(name) if self.kinds and not self.method else None
            alone = (kind in (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.VAR_POSITIONAL)
                     or self.method and not number)
            named = (by_name or kind == inspect.Parameter.KEYWORD_ONLY
                     or self.kinds and "**" in self.kinds and name not in self.kinds)
            # Nothing stands by its place behind a name.
            named = named or any("=" in text.split("(")[0] for text in given)
            named = (named or spelling == "by name"
                     or spelling == "optional by name" and "" in self.parameters[name])
            given.append(value if alone or not named else f"{name}={value}")
        if self.method:
            return self.call.around.format(f"x.{self.method}({', '.join(given[1:])})")
        return self.call.around.format(f"{self.name}({', '.join(given)})")


def _settled(values):
    """Without a mask where no array is given to store into: what it leaves out has no value."""
    if values.get("out") in ("", "None") and values.get("where") in ("x > 0", "False"):
        values["where"] = ""
    return values.values()


def resolved(name):
    """The function of a dotted name, or None."""
    try:
        return eval(name, dict(NAMES))
    except AttributeError:
        return None


def parameter_kinds(function):
    """{name: kind} of a function's parameters, '**' for any others; None where NumPy does not say."""
    if function is None:
        return None
    if isinstance(function, np.ufunc):
        first = ["x1", "x2"][:function.nin] if function.nin > 1 else ["x"]
        keywords = ["out", "where", "casting", "order", "dtype", "subok",
                    "signature"] + (["axes", "axis", "keepdims"] if function.signature else [])
        if function.signature:
            keywords.remove("where")
        return {**dict.fromkeys(first, inspect.Parameter.POSITIONAL_ONLY),
                **dict.fromkeys(keywords, inspect.Parameter.KEYWORD_ONLY)}
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return {"**" if p.kind == p.VAR_KEYWORD else p.name: p.kind for p in parameters}


SPELLED = [Spelling(name, call)
           for call in CALLS for name in (call.names.split() if call.parameters else [call.names])
           if not re.fullmatch(r"np\.[\w.]*", name) or resolved(name) is not None]
_rows = {}


def row_of(spelling, number):
    """The row of a number, of those in which all pairs meet."""
    rows, source = _rows.setdefault(spelling.name + repr(spelling.factors),
                                    ([], covering([len(f) for f in spelling.factors], spelling.name)))
    while len(rows) <= number:
        rows.append(next(source))
    return rows[number]


class Program:
    """An expression over x, y and z; its arguments are made anew for each call."""

    def __init__(self, spelling, row, seed):
        self.seed, self.spelling, self.row = seed, spelling, row
        self.shapes, self.dtype, self.layout, given, *values = (factor[at]
                                                                for factor, at in zip(spelling.factors, row))
        self.expression = spelling.text(given, values)
        if self.shapes == ((),) and re.search(r"cumsum|cumprod", self.expression):
            # NumPy crashes where it cumulates into an array without axes.
            self.expression = self.expression.replace("np.zeros(np.shape(x))", "np.zeros(1)")
        self.limits = spelling.call.limits
        names = "xyz"[:len(self.shapes)]
        self.parameters = [name for name in names if re.search(rf"\b{name}\b(?!=)", self.expression)] or ["x"]
        self.shapes = [self.shapes[names.index(name)] for name in self.parameters]
        self.wrt = tuple(self.parameters) if len(self.parameters) > 1 else self.parameters[0]

    def arguments(self, again=False):
        """Those of the first call, or of another with other lengths."""
        return [argument(longer(shape) if again else shape, self.dtype_of(number), self.layout, self.limits,
                         self.seed * 8 + 2 * number + again)
                for number, shape in enumerate(self.shapes)]

    def is_rejected(self):
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                eval(self.expression, dict(NAMES, **dict(zip(self.parameters, self.arguments()))))
        except Exception:
            return True
        return False

    def dtype_of(self, number):
        return self.dtype if self.dtype != "D" or not number else "d"

    @property
    def calls(self):
        return [self.arguments()]

    def text_of(self, body):
        return f"def f({', '.join(self.parameters)}):\n    {body}\n"

    @property
    def text(self):
        return self.text_of(f"return {self.expression}")

    @property
    def function(self):
        return function_of(self.text)

    @property
    def reference(self):
        """The same in double precision, whatever the types that it names, and reading what is a list to us
        as the list that it is."""
        return function_of(re.sub(r"np\.(float32|float16|longdouble)\b", "np.float64", self.text))

    @property
    def squared(self):
        """A number that is not linear in what the expression gives."""
        return function_of(self.text_of(f"out = {self.expression}\n    return np.sum(out * out)"))

    def __repr__(self):
        shown = [f"    {name} = {value!r}    # {type(value).__name__} "
                 f"{getattr(value, 'dtype', '')}{np.shape(value)}\n"
                 for name, value in zip(self.parameters, self.arguments())]
        return f"{self.text}# seed {self.seed}: {self.layout}, wrt={self.wrt!r}\n{''.join(shown)}"


def function_of(text):
    file = f"<sweep {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    namespace = dict(NAMES)
    exec(compile(text, file, "exec"), namespace)
    return namespace["f"]


def program(seed):
    """The program of a number. Most of those that NumPy itself rejects are changed until it takes them."""
    spelling = SPELLED[seed % len(SPELLED)]
    found = Program(spelling, row_of(spelling, seed // len(SPELLED)), seed)
    rng = random.Random(seed)
    for _ in range(TRIES if rng.randrange(REJECTED) else 0):
        if not found.is_rejected():
            break
        row = list(found.row)
        for at in rng.sample(range(len(row)), min(len(row), 2)):
            factor = spelling.factors[at]
            row[at] = factor.index("") if "" in factor and rng.randrange(2) else rng.randrange(len(factor))
        found = Program(spelling, tuple(row), seed)
    return found


def outcome(program):
    """As the judge has it; that a number on the way is too large for half precision is no test."""
    try:
        return judge.outcome(program)
    except Wrong as error:
        if error.what != "gradient" or program.dtype != "e":
            raise
        row = (program.row[0], DTYPES.index("d"), *program.row[2:])
        judge.outcome(Program(program.spelling, row, program.seed))     # raises what is wrong there, too
        return Outcome("nothing")


def shrunk(program, outcome):
    """The same with each parameter left out, and the plainest argument, where it is still wrong
    in the same way."""
    row = list(program.row)
    for at, factor in enumerate(program.spelling.factors):
        for value in [factor.index("")] if "" in factor else range(min(row[at], 3)):
            other = Program(program.spelling, tuple(row[:at] + [value] + row[at + 1:]), program.seed)
            try:
                same = judge.outcome(other).what == outcome.what
            except Exception as error:
                same = getattr(error, "what", None) == outcome.what
            if same:
                row[at] = value
                break
    return Program(program.spelling, tuple(row), program.seed)


__all__ = ["SAMPLE", "Call", "outcome", "program", "shrunk"]
