"""The sweep of programs that are written as people write Python around NumPy: stores, views, jumps, containers, helpers, objects.

The writer runs what it has written up to the place of the next statement, once for each call, and so knows
which names are bound there, to what, and which share memory. A statement stays where the whole runs with
ordinary numbers.
"""
import copy
import random
import re
import types
import warnings

import numpy as np
from differences import map_leaves

from .bindings import BINDINGS
from .class_forms import IMPORTS, KINDS
from .expression_writer import (
    NAMES,
    Writer,
    is_array,
    is_number,
    is_operand,
    is_ordinary,
)
from .idioms import IDIOMS
from .python_forms import FORMS
from .syntax_forms import ASKED, SYNTAX
from .written_expressions import (
    LOCALS,
    Container,
    Program,
    outcome,
    parameters_of,
    shrunk,
)

SAMPLE = 150
WEIGHTS = {"bind": 6, "alias": 4, "store": 8, "container": 5, "object": 2, "defined": 1,
           "idiom": 2, "binding": 2, "asked": 2, "syntax": 4}
PASSAGES = {**FORMS, "idiom": IDIOMS, "binding": BINDINGS, "asked": ASKED, "syntax": SYNTAX}
THEMES = ["", "", "", "map", "map", "seq", "tup", "obj", "obj"]         # of what kind the first name is
TRIES = 5
HEADS = ["", "", "", "", ", n=2", ", lr=0.1", ", flag=True", ", scale=2.0, n=3", ", *, eps=1e-3",
         ", mode='sum'"]
GLOBALS = ["ALPHA = 0.3", "GRID = np.array([0.5, -1.0, 2.0])", "CONFIG = {'rate': 0.1, 'steps': 2}",
           "SIZES = (2, 3)", "TABLE = [0.5, 1.5]"]
HELPERS = ["step", "update", "helper", "apply", "norm", "combine", "inner"]


class _Stop(BaseException):
    """Ends a run where the names are looked at."""


class Author:
    """Writes one function; `calls` give the arguments of its runs, fresh each time."""

    def __init__(self, rng, name, parameters, calls, prelude=(), tail=""):
        self.rng, self.name, self.parameters, self.calls, self.tail = rng, name, parameters, calls, tail
        self.prelude, self.lines, self.scopes, self.deep = list(prelude), [], [], 0
        self.weights = WEIGHTS
        # Names that stay as they are, and such as may have no value.
        self.fixed, self.hidden = set(), set()

    # ---- running what stands there

    def text(self, lines):
        needed = sorted({IMPORTS[word] for word in IMPORTS
                         if any(re.search(rf"\b{word}\b", part) for part in [*self.prelude, *lines])})
        parts = ["\n".join(needed) + "\n"] if needed else []
        parts += ([part + "\n" for part in self.prelude]
                  + [f"def {self.name}({', '.join(self.parameters)}{self.tail}):\n"
                     + "\n".join("    " + line for line in lines) + "\n"])
        return "\n\n".join(parts) if len(parts) > 1 else parts[0]

    def runs(self, lines):
        """What each call comes to: the names at the probe, ('return', value), or None for an error."""
        results = []

        def probe(names, values):
            results.append({**{name: value for name, value in values.items() if name.isupper()}, **names})
            raise _Stop

        try:
            code = compile(self.text(lines), "<written>", "exec")
        except (SyntaxError, ValueError):
            return [None]
        for call in self.calls:
            space = {**NAMES, "_probe": probe, "__name__": "written"}
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                try:
                    exec(code, space)
                    outside = copy.deepcopy({name: value for name, value in space.items() if name.isupper()})
                    try:
                        results.append(("return", space[self.name](*call())))
                    except _Stop:
                        pass
                    if not all(np.array_equal(space[name], value) for name, value in outside.items()):
                        results[-1] = None      # what is outside of the function is as it was in every call
                except Exception:
                    results.append(None)
        return results

    def look(self, indent):
        """The scopes at the end of what is written, for those calls that come there."""
        runs = self.runs([*self.lines, f"{indent}_probe(locals(), globals())"])
        seen = [{name: value for name, value in names.items() if name not in self.hidden}
                for names in runs if isinstance(names, dict)]
        if seen:
            self.scopes = seen
        self.writer = Writer(self.rng,
                             [{name: value for name, value in names.items() if is_operand(value)
                               or isinstance(value, np.ndarray)} for names in self.scopes])

    def add(self, text, indent, prelude=()):
        """Keep the statement if the whole runs with it."""
        new = [indent + line for line in text.split("\n")]
        before, self.prelude = (self.prelude,
                                [*self.prelude, *(part for part in prelude
                                                  if part and part not in self.prelude)])
        results = self.runs([*self.lines, *new, "_probe(locals(), globals())"])
        fine = all(result is not None and (is_ordinary(result[1]) if isinstance(result, tuple)
                                           else _is_sound(result)) for result in results)
        if fine and any(isinstance(result, dict) for result in results):
            self.lines += new
            self.hidden -= _bound(new)
            return True
        self.prelude = before
        return False

    # ---- statements

    def body(self, count, indent=""):
        start = len(self.lines)
        for _ in range(count):
            self.look(indent)
            kind = self.rng.randrange(12)
            if kind < 3 and self.deep < 2 and len(self.lines) < 30:
                self.block(indent)
            elif kind == 3 and self.name == "f":
                self.helper(indent)
            elif kind == 4 and indent:
                self.jump(indent)
            else:
                self.statement(indent)
        return len(self.lines) > start

    def theme(self):
        """A dict, a list, a tuple or an object at the beginning."""
        kind = self.rng.choice(THEMES)
        self.look("")
        if kind == "obj":
            self.instance("")
        elif kind:
            begins = {"map": ("{'w'", "dict("), "seq": ("[",), "tup": ("(",)}[kind]
            text = self.filled(self.rng.choice([form
                                                for form in FORMS["container"] if form.startswith("<new> = ")
                                                and form[8:].startswith(begins)]))
            if text is not None:
                self.add(text, "")
        self.weights = {**WEIGHTS, **({"object": 8} if kind == "obj" else {"container": 12} if kind else {})}

    def statement(self, indent):
        for _ in range(TRIES):
            kind = self.rng.choices(list(self.weights), list(self.weights.values()))[0]
            if kind == "object" and not self.named(_is_object):
                done = self.instance(indent)
            else:
                text = self.filled(self.rng.choice(PASSAGES[kind]))
                done = text is not None and self.add(text, indent)
            if done:
                return

    def instance(self, indent):
        source, *makers = self.rng.choice(KINDS)
        text = self.filled(f"<new> = {self.rng.choice(makers)}")
        return text is not None and self.add(text, indent, [source.strip("\n")])

    def block(self, indent):
        kind = self.rng.randrange(5)
        self.deep += 1
        before = set(self.scopes[0]) if self.scopes else set()
        fixed, start = set(self.fixed), len(self.lines)
        if kind < 2:
            self.choice(indent)
        else:
            header = self.filled(self.rng.choice(FORMS["for" if kind < 4 else "while"]))
            if header is not None:
                self.fixed |= set(re.findall(r"\b(?:i|j|k|n\d*)\b", header.split(" in ")[0]))
                inside = f"{indent}    "
                if self.add(header + "\n    pass", indent):
                    self.lines.pop()
                    if not self.body(self.rng.choice([1, 2, 3]), inside):
                        self.lines.append(inside + "pass")
                    if self.rng.randrange(6) == 0:
                        self.lines.append(f"{indent}else:")
                        if not self.body(1, inside):
                            self.lines.append(inside + "pass")
        self.fixed = fixed
        self.deep -= 1
        self.hide(self.lines[start:], indent, before)
        if any(result is None for result in self.runs([*self.lines, "_probe(locals(), globals())"])):
            del self.lines[start:]

    def hide(self, lines, indent, before):
        """Names that a block may leave without a value are not used behind it, but for a few."""
        parts, loop = [[]], bool(lines) and bool(re.match(r"\s*(for|while)\b", lines[0]))
        for line in lines:
            if re.match(rf"{indent}(elif|else)\b", line):
                parts.append([])
            parts[-1].append(line)
        whole = not loop and any(line == f"{indent}else:" for line in lines)
        kept = set.intersection(*map(_bound, parts)) if whole else set()
        new = set().union(*map(_bound, parts)) - kept - before
        if self.rng.randrange(3 if loop else 10):
            self.hidden |= new

    def choice(self, indent):
        condition, inside = self.condition(), indent + "    "
        if condition is None or not self.add(f"if {condition}:\n    pass", indent):
            return
        self.lines.pop()
        if not self.body(self.rng.choice([1, 1, 2]), inside):
            self.lines.append(inside + "pass")
        kind = self.rng.randrange(4)
        self.look(indent)
        other = self.condition() if kind == 0 else None
        if other is not None:
            self.lines.append(f"{indent}elif {other}:")
            if not self.body(1, inside):
                self.lines.append(inside + "pass")
        if kind < 3:
            self.lines.append(f"{indent}else:")
            if not self.body(self.rng.choice([1, 1, 2]), inside):
                self.lines.append(inside + "pass")

    def jump(self, indent):
        condition = self.condition()
        loop = any(re.match(r"\s*(for|while)\b", line) and len(line) - len(line.lstrip()) < len(indent)
                   for line in self.lines)
        words = ["break", "continue"] if loop else []
        result = self.result() if not words or self.rng.randrange(3) == 0 else None
        word = f"return {result}" if result else self.rng.choice(words or ["pass"])
        if condition is not None:
            self.add(f"if {condition}:\n    {word}", indent)

    def helper(self, indent):
        """A call of a new function of some of the names, which is written in the same way."""
        given = self.writer.names(is_operand)
        free = [name for name in HELPERS if not any(f"def {name}(" in part for part in self.prelude)]
        if not given or not free:
            return
        given = self.rng.sample(given, min(len(given), self.rng.choice([1, 2, 2, 3])))
        names = self.rng.choice([list("abc"), list("uvw"), ["h", "t", "s"], ["x", "y", "z"]])[:len(given)]
        calls = [lambda scope=scope: [copy.deepcopy(scope[name]) for name in given] for scope in self.writer.scopes]
        inner = Author(self.rng, self.rng.choice(free), names, calls, self.prelude,
                       self.rng.choice(["", "", ", k=2", ", scale=0.5"]))
        inner.body(self.rng.choice([1, 2, 3, 4]))
        inner.look("")
        result = inner.result()
        if result is None:
            return
        inner.lines.append(f"return {result}")
        last = inner.text(inner.lines).rstrip("\n")
        last = last[last.rindex(f"def {inner.name}("):]
        passed = [f"{name}={value}" if self.rng.randrange(4) == 0 and number == len(given) - 1 else value
                  for number, (name, value) in enumerate(zip(names, given))]
        targets = ", ".join(self.new() for _ in range(1 + _top_commas(result)))
        self.add(f"{targets} = {inner.name}({', '.join(passed)})", indent, [*inner.prelude, last])

    # ---- names and expressions

    def named(self, fits):
        return [name for name, value in self.scopes[0].items()
                if not name.isupper() and fits(value) and name not in self.fixed and name.isidentifier()]

    def pick(self, names):
        if not names:
            raise LookupError
        return self.rng.choice(names[-3:] if self.rng.randrange(2) else names)

    def new(self):
        used = [name for name in self.named(lambda value: True)
                if name not in self.parameters and not callable(self.scopes[0][name])]
        free = [name for name in LOCALS if name not in self.scopes[0] and name not in self.parameters
                and f"def {name}(" not in "\n".join(self.lines)]
        return (self.rng.choice(used) if used and (not free or self.rng.randrange(4) == 0)
                else self.rng.choice(free))

    def condition(self):
        for _ in range(TRIES):
            names = self.writer.names(is_operand)
            if self.rng.randrange(8) == 0 and "flag" in self.scopes[0]:
                return self.rng.choice(["flag", "not flag"])
            form = self.rng.choice(FORMS["condition"])
            text = form.format(x=self.rng.choice(names), c=self.writer.constant()) if names else "True"
            values = self.writer.values(text)
            if all(isinstance(value, (bool, np.bool_, int)) for value in values):
                return text
        return None

    def filled(self, form):
        """The form with its slots filled, or None where nothing fits."""
        known = {}
        self.target = None

        def slot(match):
            letter = match[1]
            if letter in ("num", "e", "val", "c", "i", "cond"):
                return self.written(letter)
            if letter not in known:
                known[letter] = self.chosen(letter)
            if letter in ("arr", "vec", "mat"):
                self.target = known[letter]
            return known[letter]

        try:
            return re.sub(r"<(\w+)>", slot, form)
        except LookupError:
            return None

    def chosen(self, slot):
        """The name for a slot; the same one wherever it stands in the form."""
        if slot in ("new", "new2"):
            return self.new()
        if slot == "n":
            return f"n{len(self.lines)}"
        if slot in ("fn", "fns"):
            return self.rng.choice(["g", "fn", "inner", "act"]) + ("s" if slot == "fns" else "")
        fits = {"any": _is_row, "any2": _is_row, "arr": _is_store,
                "vec": lambda v: _is_store(v) and v.ndim == 1,
                "mat": lambda v: _is_store(v) and v.ndim == 2, "old": is_operand, "name": _is_float,
                "name2": _is_float, "num1": lambda v: _is_float(v) and np.ndim(v) == 0,
                "seq": lambda v: isinstance(v, list), "map": lambda v: isinstance(v, dict),
                "tup": lambda v: isinstance(v, tuple), "obj": _is_object}[slot]
        names = self.named(fits)
        if slot in ("arr", "any") and not self.rng.randrange(8):
            paths = [f"{name}[{key!r}]" for name in self.named(lambda v: isinstance(v, dict))
                     for key, value in self.scopes[0][name].items() if fits(value)]
            paths += [f"{name}.{key}" for name in self.named(_is_object)
                      for key, value in getattr(self.scopes[0][name], "__dict__", {}).items() if fits(value)]
            names = names + paths
        return self.pick(names)

    def written(self, slot):
        """A new expression for a slot."""
        writer = self.writer
        if slot == "c":
            return writer.constant()
        if slot == "e":
            return writer.expression(self.rng.choice([1, 1, 1, 2]))
        if slot == "cond":
            return self.condition() or "True"
        if slot == "num":
            return self.number()
        if slot == "i":
            return self.index()
        shape = np.shape(self.value_of(self.target))
        names = [name for name in writer.names(is_operand) if _fits(np.shape(writer.scopes[0][name]), shape)]
        kind = self.rng.randrange(6)
        if kind == 0 or not names:
            return self.number()
        if kind == 1:
            form = self.rng.choice(["np.sin({x})", "{x} * {x}", "{x}[::-1]", "np.exp(-{x})", "-{x}",
                                    "{x}.copy()", "{x}.T", "np.tanh({x}) + 1", "{x}.sum()", "{x}"])
            return form.format(x=self.target)
        text = self.rng.choice(names)
        if kind < 4:
            text = writer.applied(text, self.rng.choice(["unary", "unary", "binary"])) or text
        return text

    def value_of(self, text):
        value = self.writer.value(text) if text is not None else None
        return value if value is not None else self._evaluated(text)

    def _evaluated(self, text):
        try:
            return eval(text, {**NAMES, **self.scopes[0]})
        except Exception:
            raise LookupError from None

    def index(self):
        """An index that the target takes; what it gives is the target from here on."""
        for _ in range(2 * TRIES):
            if self.rng.randrange(3):
                text = self.rng.choice(FORMS["index"]).format(t=self.target, c="0.3")
            else:
                text = self.writer.slot_i(self.target, np.shape(self.value_of(self.target)))
            try:
                if (np.size(eval(f"{self.target}[{text}]", {**NAMES, **self.scopes[0]}))
                        or self.rng.randrange(8) == 0):
                    self.target = f"{self.target}[{text}]"
                    return text
            except Exception:
                pass
        raise LookupError

    def number(self):
        """An expression of one number."""
        writer = self.writer
        for _ in range(TRIES):
            names = writer.names(is_operand)
            if not names or not self.rng.randrange(5):
                return writer.constant()
            name = self.rng.choice(names)
            form = self.rng.choice(["{x}", "{x}", "{x} * {c}", "{x} + {c}", "{x} ** 2", "np.sin({x})",
                                    "math.exp(-{x})"]) if np.ndim(writer.value(name)) == 0 else \
                self.rng.choice(["np.sum({x})", "{x}.sum()", "{x}.mean()", "np.sum({x}**2)", "{x}[0]",
                                 "{x}[-1]", "{x}[0, 0]", "{x}.max()", "np.dot({x}, {x})",
                                 "np.linalg.norm({x})", "{x}[0] * {x}[-1]", "{x}[i]", "{x}[i, 0]",
                                 "len({x})", "{x} @ {x}"])
            text = form.format(x=name, c=writer.constant())
            if all(value is not None and np.ndim(value) == 0 and is_ordinary(value)
                   for value in writer.values(text)):
                return text
        return writer.constant()

    def varied(self, names):
        """Those of the names whose values change with the arguments."""
        before, self.calls = (self.calls,
                              [lambda call=self.calls[0]: [map_leaves(lambda v: v * 1.01 if is_operand(v) else v, arg) for arg in call()]])
        moved = self.runs([*self.lines, "_probe(locals(), globals())"])[0]
        self.calls = before
        if not isinstance(moved, dict):
            return []
        return [name for name in names
                if name in moved and not np.array_equal(moved[name], self.scopes[0][name])]

    def result(self):
        """An expression to return: of what was bound or stored into last, most of all."""
        names = [name
                 for name in self.named(lambda value: _is_float(value) or isinstance(value, np.ndarray) and value.dtype.kind == "f")]
        if not names:
            return None
        names = self.varied(names) or names
        chosen = self.rng.sample(names, min(len(names), self.rng.choice([1, 2, 2, 3])))
        if names[-1] not in chosen:
            chosen[0] = names[-1]
        kind = self.rng.randrange(10)
        if kind < 4:
            return " + ".join(self.rng.choice(["np.sum({x}**2)", "np.sum({x})", "np.mean({x} * {x})",
                                               "np.sum(np.sin({x}))"]).format(x=name)
                              if np.ndim(self.scopes[0][name]) else name for name in chosen)
        if kind < 7:
            return chosen[0]
        if kind == 7:
            return ", ".join(chosen)
        text = self.writer.applied(chosen[0]) or chosen[0]
        return text if kind == 8 else f"np.sum({text})" if np.ndim(self.writer.value(text)) else text


def _bound(lines):
    """The names that lines bind, as far as their beginnings show."""
    return {name for line in lines for found in re.findall(r"^\s*(?:for )?([\w, *()\[\]]+?) (?:=|in) ", line)
            for name in re.findall(r"\w+", found)} | \
        {name for line in lines for name in re.findall(r"(\w+) :=", line)} | {name for line in lines for name in re.findall(r"def (\w+)", line)}


def _top_commas(text):
    """How many commas of a tuple that is returned stand outside of brackets."""
    depth = commas = 0
    for letter in text:
        depth += (letter in "([{") - (letter in ")]}")
        commas += letter == "," and not depth
    return commas


def _fits(shape, target):
    return len(shape) <= len(target) and all(a in (1, b) for a, b in zip(shape[::-1], target[::-1]))


def _is_sound(names):
    return all(is_ordinary(value) for value in names.values() if is_number(value) or is_array(value))


def _is_row(value):
    return isinstance(value, np.ndarray) and value.ndim > 0 and value.dtype.kind in "fi"


def _is_store(value):
    return (isinstance(value, np.ndarray) and value.ndim > 0 and value.dtype.kind == "f"
            and value.flags.writeable)


def _is_float(value):
    return (isinstance(value, (float, np.floating))
            or isinstance(value, np.ndarray) and value.dtype.kind == "f")


def _is_object(value):
    return (type(value).__module__ == "written" and hasattr(value, "__dict__")
            or isinstance(value, types.SimpleNamespace) or hasattr(value, "_fields")
            or hasattr(value, "predict"))


def program(seed):
    """The program of a number."""
    rng = random.Random(f"statements {seed}")
    for _ in range(40):
        found = _written(rng, seed)
        if found is not None:
            return found
    raise ValueError("nothing could be written")


def _written(rng, seed):
    parameters = parameters_of(rng, seed)
    if all(p.dtype == "d" for p in parameters if p.name != "idx") and rng.randrange(3) == 0:
        last = [p for p in parameters if p.name != "idx"][-1]
        parameters[parameters.index(last)] = Container(last,
                                                       rng.choice(["dict", "list", "tuple", "namespace"]))
    calls = [lambda again=again: [p.argument(again) for p in parameters] for again in (False, True)]
    prelude = [rng.choice(GLOBALS)] if rng.randrange(5) == 0 else []
    author = Author(rng, "f", [p.name for p in parameters], calls, prelude, rng.choice(HEADS))
    author.theme()
    author.body(rng.choice([2, 3, 4, 5, 6, 8]))
    author.look("")
    result = author.result()
    asked = [p.name for p in parameters if p.name != "idx"]
    if result is None or len(author.lines) < 3:
        return None
    lines = [*author.lines, f"return {result}"]
    values = author.runs(lines)
    if not all(isinstance(value, tuple) and is_ordinary(value[1]) for value in values):
        return None
    wrt = tuple(name for name in asked if name is asked[0] or rng.randrange(5))
    return Program(author.text(lines), parameters, wrt if len(wrt) > 1 else wrt[0], seed)


__all__ = ["SAMPLE", "outcome", "program", "shrunk"]
