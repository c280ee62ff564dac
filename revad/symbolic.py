"""Symbols: stand-ins with which a rule is run once, when compiling, to write its formula.

A rule is an ordinary function of arrays.  Called with symbols it appends stages instead of
computing, through Python's operators and NumPy's own `__array_ufunc__` and
`__array_function__`, so a rule may branch on ranks and settings and call other functions.

>>> import numpy as np
>>> from .builder import Builder
>>> from .kinds import array, Known
>>> from .program import Value
>>> builder = Builder()
>>> x = builder.symbol(Value("x", kind=array((Known(3, "x.shape[0]", False, True),))))
>>> _ = np.exp(x) * 2
>>> builder.stages
[_ = call '@np.exp' (x), _ = binary '*' (2, _)]
"""
from __future__ import annotations

import numpy as np

from . import sizes
from .errors import RuleError
from .gates import home_of
from .kinds import static
from .lengths import as_array
from .program import Form, Item, Lit
from .refusals import RankUnknown

ATTRIBUTES = {"T", "shape", "size", "dtype", "mT"}


def function_path(function):
    """How the text names a function that a rule calls: '@np.exp', or '@' and its own name."""
    name = function.__name__
    if getattr(np, name, None) is function:
        return f"@np.{name}"
    if getattr(np.linalg, name, None) is function:
        return f"@np.linalg.{name}"
    return f"@{home_of(function) or name}"


class Symbol:
    """A value of the program under construction, with NumPy's operators and methods."""

    __slots__ = ("builder", "operand")
    __hash__ = None

    def __init__(self, builder, operand):
        self.builder, self.operand = builder, operand

    @property
    def kind(self):
        return static(self.operand.value) if isinstance(self.operand, Lit) else self.operand.kind

    def _emit(self, form, operands):
        builder = self.builder
        return Symbol(builder, builder.emit(form, tuple(builder.operand(o) for o in operands)))

    @property
    def ndim(self):
        rank = as_array(self.kind, self.builder.scope).rank
        if rank is None:
            raise RankUnknown
        return rank

    def static(self):
        """The value behind the symbol, where it is settled when compiling."""
        return self.builder.static(self.operand)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "shape" and (self.kind.numeric or self.kind.tag in ("list", "tuple", "stack")):
            return sizes.shape_of(self.builder, self.operand)
        if name == "size" and (self.kind.numeric or self.kind.tag in ("list", "tuple")):
            return sizes.size_of(self.builder, self.operand)
        if name in ATTRIBUTES:
            return self._emit(Form("attr", name), (self,))

        def method(*args, **keywords):
            form = Form("method", name, tuple(keywords))
            return self._emit(form, (self, *args, *keywords.values()))
        return method

    def __getitem__(self, key):
        if type(key) is int and self.kind.tag == "tuple":
            known = self.kind.items[key].known
            if known is not None and sizes.expressible(self.builder, known):
                return Symbol(self.builder, sizes.length(self.builder, known))
        items, holes = [], []

        def hole(value):
            holes.append(value)
            return len(holes)

        for part in key if isinstance(key, tuple) else (key,):
            if part is None:
                items.append(Item("new"))
            elif part is Ellipsis:
                items.append(Item("dots"))
            elif isinstance(part, slice):
                ends = (part.start, part.stop, part.step)
                items.append(Item("slice", tuple(None if e is None else hole(e) for e in ends)))
            else:
                items.append(Item("at", (hole(part),)))
        return self._emit(Form("index", spec=tuple(items)), (self, *holes))

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        if method != "__call__":
            raise RuleError(f"a rule uses np.{ufunc.__name__}.{method}, which has no symbol")
        operator_name = UFUNC_OPERATORS.get(ufunc.__name__)
        if operator_name and not keywords:
            return self._emit(Form("binary", operator_name), inputs)
        return self._call(ufunc, inputs, keywords)

    def __array_function__(self, function, types, args, keywords):
        return self._call(function, args, keywords)

    def _call(self, function, args, keywords):
        path = function_path(function)
        self.builder.externals.setdefault(path, function)
        return self._emit(Form("call", path, tuple(keywords)), (*args, *keywords.values()))

    def __len__(self):
        if self.kind.tag in ("tuple", "list"):
            return len(self.kind.items)
        raise RuleError("a rule asks for the length of an array, which is not known when compiling")

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __bool__(self):
        raise RuleError("a rule branches on a value that is known only when the gradient runs: "
                        "use np.where")

    def __float__(self):
        raise RuleError("a rule uses a function of plain numbers (math.*): use NumPy's")

    __int__ = __index__ = __float__


def as_one_array(symbol):
    """The array that NumPy makes of a list."""
    return symbol._call(np.array, (symbol,), {})


UFUNC_OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**",
                   "matmul": "@"}


def _binary(name):
    def forward(self, other):
        return self._emit(Form("binary", name), (self, other))

    def reflected(self, other):
        return self._emit(Form("binary", name), (other, self))
    return forward, reflected


for _method, _name in {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "**",
                       "matmul": "@", "floordiv": "//", "mod": "%", "and": "&", "or": "|"}.items():
    _forward, _reflected = _binary(_name)
    setattr(Symbol, f"__{_method}__", _forward)
    setattr(Symbol, f"__r{_method}__", _reflected)
for _method, _name in {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}.items():
    setattr(Symbol, f"__{_method}__",
            lambda self, other, name=_name: self._emit(Form("compare", name), (self, other)))
for _method, _name in {"neg": "-", "invert": "~"}.items():
    setattr(Symbol, f"__{_method}__",
            lambda self, name=_name: self._emit(Form("unary", name), (self,)))
Symbol.__abs__ = lambda self: self._call(np.abs, (self,), {})
