"""The sweep of expressions that are written from NumPy's documentation: forms composed, forks, mixed ranks, lengths and dtypes.

The forms are those of `numpy_forms.py`. Each program is written over two calls with different lengths, and
runs in both of them.
"""
import itertools
import linecache
import random
import re
import sys
import types

from shrinking import smaller

from . import judge
from .arguments import LAYOUTS, argument
from .expression_writer import NAMES, Writer
from .family import Outcome, Wrong
from .steps import is_smooth_inside

SAMPLE = 300
SHAPES = [("n",), ("n",), ("n", "m"), ("n", "m"), ("m",), (), (), ("m", "k"), ("n", 1), (1, "m"),
          ("n", "n"), ("k", "n", "m"), ("n", "m", "k"), ("k", "n", "m", "m"), (1,), ("n", 1, "k")]
LENGTHS = [3, 3, 3, 2, 2, 2, 1, 0]
DTYPES = ["d"] * 12 + ["f", "f", "e", "l", "l", "B", "?", "fd"]
LIMITS = [(-2.0, 2.0), (-2.0, 2.0), (0.3, 2.5)]
PARAMETERS = [["x", "y", "z"], ["x", "w", "b"], ["a", "b", "c"], ["X", "w", "y"], ["u", "v", "t"],
              ["data", "weights", "bias"]]
LOCALS = ["h", "p", "q", "r", "s", "out", "e", "d", "mask", "z1", "scores", "total", "tmp", "res", "loss",
          "g"]
TRIES = 40
KEPT = 40           # modules whose classes can be looked up
_numbers = itertools.count()


_modules = []


def function_of(text, name="f"):
    """A function of a text that is a module of its own, where the source of its classes is there, too."""
    module = types.ModuleType(f"written_{next(_numbers)}")
    module.__file__ = f"<{module.__name__}>"
    linecache.cache[module.__file__] = (len(text), None, text.splitlines(True), module.__file__)
    sys.modules[module.__name__] = module
    _modules.append(module)
    if len(_modules) > KEPT:
        del sys.modules[_modules.pop(0).__name__]
    vars(module).update(NAMES)
    exec(compile(text, module.__file__, "exec"), vars(module))
    return getattr(module, name)


class Parameter:
    """The name of a parameter, its shape in each of the two calls, and what kind of array it is."""

    def __init__(self, name, shapes, dtype, layout, limits, seed):
        self.name, self.shapes, self.dtype, self.layout, self.limits, self.seed = (name, shapes, dtype,
                                                                                   layout, limits, seed)

    def argument(self, again):
        return argument(self.shapes[again], self.dtype, self.layout, self.limits, self.seed + again)

    def in_double(self):
        limits = LIMITS[0] if self.dtype in judge.WHOLE else self.limits
        return Parameter(self.name, self.shapes, "d", self.layout, limits, self.seed)


class Container(Parameter):
    """A parameter that holds such an array under 'w' or in its first place, and a number beside it."""

    def __init__(self, inner, kind):
        super().__init__(inner.name, inner.shapes, inner.dtype, kind, inner.limits, inner.seed)
        self.inner = inner

    def in_double(self):
        return Container(self.inner.in_double(), self.layout)

    def argument(self, again):
        w, b = self.inner.argument(again), argument((), "d", "C", self.limits, self.seed + again + 8)
        if self.layout == "dict":
            return {"w": w, "b": b}
        return (types.SimpleNamespace(w=w, b=b) if self.layout == "namespace" else (w, b)
                if self.layout == "tuple" else [w, b])


class Program:
    """A function over parameters; its arguments are made anew for each call."""

    def __init__(self, text, parameters, wrt, seed):
        self.text, self.places, self.wrt, self.seed = text, parameters, wrt, seed
        self.parameters = [place.name for place in parameters]
        asked = [place.dtype for place in parameters
                 if place.name in (wrt if isinstance(wrt, tuple) else (wrt,))]
        words = re.findall(r"float(?:16|32)", text)
        self.dtype = ("e" if "e" in asked or "float16" in words else "?" if "?" in asked else "B"
                      if "B" in asked else
                      "l" if "l" in asked else "f" if words
                      or "f" in [place.dtype for place in parameters] else "d")

    def arguments(self, again=False):
        return [place.argument(again) for place in self.places]

    @property
    def calls(self):
        return [self.arguments(), self.arguments(True)]

    @property
    def function(self):
        return function_of(self.text)

    @property
    def reference(self):
        """The same in double precision, whatever the types that it names."""
        return function_of(re.sub(r"float(16|32)", "float64", self.text))

    @property
    def squared(self):
        """A number that is not linear in what the function gives."""
        names = ", ".join(self.parameters)
        return function_of(f"{self.text}\n\ndef squared({names}):\n    out = f({names})\n"
                           "    return np.sum(out * out)\n", "squared")

    def __repr__(self):
        shown = []
        for again, args in enumerate(self.calls):
            for place, value in zip(self.places, args):
                shown.append(f"    {'again ' if again else ''}{place.name} = {value!r}    # "
                             f"{place.dtype}, {place.layout}\n")
        return f"{self.text}# seed {self.seed}: wrt={self.wrt!r}\n{''.join(shown)}"


def program(seed):
    """The program of a number."""
    rng = random.Random(f"written {seed}")
    for attempt in range(TRIES):
        found = _written(rng, seed)
        if found is not None:
            return found
    raise ValueError("nothing could be written")


def _written(rng, seed):
    parameters = parameters_of(rng, seed)
    writer = Writer(rng, [{p.name: p.argument(again) for p in parameters} for again in (False, True)])
    lines, free = [], [name for name in LOCALS if name not in writer.scopes[0]]
    rng.shuffle(free)
    for _ in range(rng.randrange(0, 4)):
        text = writer.expression(rng.choice([1, 1, 2]))
        name = free.pop()
        values = writer.values(text)
        lines.append(f"{name} = {text}")
        for scope, value in zip(writer.scopes, values):
            scope[name] = value
    recent = [line.split(" = ")[0] for line in lines]
    text = writer.operand() if not recent else recent[-1]
    for name in [None, *recent][:rng.choice([1, 2, 3])]:
        text = writer.applied(text, rng.choice([None, "binary"]) if name else None) or text
        if name and rng.randrange(2):
            joined = f"{text} + {name}" if rng.randrange(3) else f"{text} * {name}"
            text = joined if writer.holds(joined) else text
    if rng.randrange(12) == 0:
        text = f"{text}, {rng.choice(recent or [parameters[0].name])}"
    body = "".join(f"    {line}\n" for line in [*lines, f"return {text}"])
    used = [p for p in parameters if re.search(rf"\b{p.name}\b", body)]
    asked = [p for p in used if p.name != "idx"]
    if not asked or not writer.holds(text) and "," not in text:
        return None
    wrt = tuple(p.name for p in asked if p is asked[0] or rng.randrange(5))
    return Program(f"def f({', '.join(p.name for p in used)}):\n{body}", used,
                   wrt if len(wrt) > 1 else wrt[0], seed)


def parameters_of(rng, seed):
    """Up to three parameters of some dtype, and at times indices beside them."""
    lengths = [{n: rng.choice(LENGTHS) for n in "nmk"} for _ in range(2)]
    dtype, names = rng.choice(DTYPES), rng.choice(PARAMETERS)
    parameters = []
    for number, name in enumerate(names[:rng.choice([1, 2, 2, 3])]):
        shape = rng.choice(SHAPES)
        shapes = [tuple(n if isinstance(n, int) else length[n] for n in shape) for length in lengths]
        layout = rng.choice(["C", "C", *LAYOUTS])
        parameters.append(Parameter(name, shapes, dtype[number % len(dtype)], layout,
                                    rng.choice(LIMITS) if dtype != "B" else (0, 9), 16 * seed + 2 * number))
    if rng.randrange(4) == 0:
        count = rng.choice([1, 2, 3])
        parameters.append(Parameter("idx", [(count,), (count + 1,)], "l", "C", (0, 1), 16 * seed + 15))
    return parameters


def outcome(program):
    """As the judge has it; no test are a gradient that is off where a step on the way is not smooth, and one
    that is off only at whole numbers, where ties and kinks are, or in half precision, where differences of
    near numbers have no digits."""
    try:
        return judge.outcome(program)
    except Wrong as error:
        infinite = "location mismatch" in str(error) or "nan" in str(error).split("where differences")[0]
        coarse = program.dtype in judge.WHOLE or program.dtype == "e" and not infinite
        if (error.what == "gradient" and not all(
                is_smooth_inside(program.text, judge.reals(program, args), function_of)
                for args in program.calls)
                or error.what == "second order" and infinite
                or error.what in ("gradient", "second order") and coarse and _is_right_in_double(program)):
            return Outcome("nothing")
        raise


def _is_right_in_double(program):
    """Whether the gradient is right where all numbers have double precision, the integers in general
    position."""
    places = [place if place.name == "idx" else place.in_double() for place in program.places]
    text = re.sub(r"float(16|32)", "float64", program.text)
    try:
        return judge.outcome(Program(text, places, program.wrt, program.seed)).kind != "wrong"
    except Wrong:
        return False


def shrunk(program, first):
    """The smallest text that is wrong in the same way, and the fewest parameters."""
    def with_text(text, places):
        asked = program.wrt if isinstance(program.wrt, tuple) else (program.wrt,)
        wrt = tuple(p.name for p in places if p.name in asked)
        return Program(text + "\n", places, wrt if len(wrt) > 1 else wrt[0], program.seed)

    def fails(text, places=program.places):
        try:
            what = outcome(with_text(text, places)).what
        except Exception as error:
            what = getattr(error, "what", type(error).__name__)
        return what == first.what

    text, places = smaller(program.text, fails), program.places
    for place in program.places:
        head = re.search(r"def f\((.*)\):", text)
        names = [name for name in head[1].split(", ") if name != place.name]
        fewer = text[:head.start()] + f"def f({', '.join(names)}):" + text[head.end():]
        left = [p for p in places if p is not place]
        if not re.search(rf"\b{place.name}\b", text[head.end():]) and left and fails(fewer, left):
            text, places = fewer, left
    return with_text(text, places)


__all__ = ["SAMPLE", "outcome", "program", "shrunk"]
