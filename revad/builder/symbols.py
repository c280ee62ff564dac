"""Symbols: stand-ins with which a rule is run once, when compiling, to trace its formula.

A rule is an ordinary function of arrays.  Called with symbols it appends stages instead of
computing, through Python's operators and NumPy's own `__array_ufunc__` and
`__array_function__`, so a rule may branch on ranks and settings and call other functions.

>>> import numpy as np
>>> from .builder import Builder
>>> from ..types.kinds import array, Known
>>> from ..ir.nodes import Value
>>> builder = Builder()
>>> x = builder.symbol(Value("x", kind=array((Known(3, "x.shape[0]", False, True),))))
>>> _ = np.exp(x) * 2
>>> builder.stages
[_ = call '@np.exp' (x), _ = binary '*' (2, _)]
"""
from __future__ import annotations

import numpy as np

from ..errors import RuleError
from ..ir.nodes import Form, Item, Lit
from ..types.kinds import INTEGERS, UNSIGNED, static
from ..types.refusals import RankUnknown
from ..types.registry import home_of, lookup, lookup_method
from ..types.shape_rules import as_array, kind_of_operand
from . import shape_exprs

ATTRIBUTES = {"T", "shape", "size", "dtype", "mT"}


def function_path(function):
    """How the text names a function that a rule calls: '@np.exp', or '@' and its own name."""
    name = function.__name__
    if getattr(np, name, None) is function:
        return f"@np.{name}"
    if getattr(np.linalg, name, None) is function:
        return f"@np.linalg.{name}"
    if isinstance(getattr(function, "__self__", None), np.ufunc):      # np.maximum.accumulate
        return f"@np.{function.__self__.__name__}.{name}"
    return f"@{home_of(function) or name}"


class Symbol:
    """A value of the program under construction, with NumPy's operators and methods.

    data: whether it stands for real numbers although its dtype may be an integer one, so that
    arithmetic on it must be done in float.
    """

    __slots__ = ("builder", "operand", "data")
    __hash__ = None

    def __init__(self, builder, operand, data=False):
        self.builder, self.operand, self.data = builder, operand, data

    @property
    def kind(self):
        return static(self.operand.value) if isinstance(self.operand, Lit) else self.operand.kind

    def _emit(self, form, operands):
        builder = self.builder
        data = any(map(is_data, operands[:1] if form.kind in ("index", "attr", "method") else operands))
        data = (data and form.kind != "compare"
                and (form.kind not in ("call", "method") or _carries(builder, form)))
        if data:
            operands = in_floats(builder, form, operands)
        symbol = Symbol(builder, builder.emit(form, tuple(builder.operand(o) for o in operands)))
        symbol.data = data and (not symbol.kind.numeric or symbol.kind.integral)
        return symbol

    def as_float(self):
        """The same numbers in float, if they are integers.

        What has no axes may be a number of Python, such as the caller's dout.
        """
        if not self.kind.integral:
            return self
        if self.kind.items:     # a range
            return self._call(np.array, (self, float), {})
        return (self.astype(float) if self.kind.tag == "array" and self.kind.rank != 0
                else self._call(float, (self,), {}))

    @property
    def ndim(self):
        rank = as_array(self.kind, self.builder.scope).rank
        if rank is None:
            raise RankUnknown
        return rank

    def static(self):
        """The value of the symbol, where it is a compile-time constant."""
        return self.builder.static(self.operand)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        if name == "shape" and (self.kind.numeric or self.kind.tag in ("list", "tuple", "stack")):
            return shape_exprs.shape_of(self.builder, self.operand)
        if name == "size" and (self.kind.numeric or self.kind.tag in ("list", "tuple")):
            return shape_exprs.size_of(self.builder, self.operand)
        if name in ATTRIBUTES:
            return self._emit(Form("attr", name), (self,))

        def method(*args, **keywords):
            form = Form("method", name, tuple(keywords))
            return self._emit(form, (self, *args, *keywords.values()))
        return method

    def __getitem__(self, key):
        if type(key) is int and self.kind.tag == "tuple":
            known = self.kind.items[key].known
            if known is not None and shape_exprs.expressible(self.builder, known):
                return Symbol(self.builder, shape_exprs.length(self.builder, known))
        items, holes = [], []

        def hole(value):
            holes.append(value)
            return len(holes)

        for item in key if isinstance(key, tuple) else (key,):
            if item is None:
                items.append(Item("new"))
            elif item is Ellipsis:
                items.append(Item("dots"))
            elif isinstance(item, slice):
                ends = (item.start, item.stop, item.step)
                items.append(Item("slice", tuple(None if e is None else hole(e) for e in ends)))
            else:
                items.append(Item("at", (hole(item),)))
        return self._emit(Form("index", spec=tuple(items)), (self, *holes))

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        if method != "__call__":
            raise RuleError(f"a rule uses np.{ufunc.__name__}.{method}, which has no symbol")
        # NumPy has no sign of truth values, which are 0 and 1.
        if ufunc is np.sign and as_array(inputs[0].kind, self.builder.scope).dtype == "?":
            return as_one_array(inputs[0]) if inputs[0].kind.tag in ("list", "tuple") else inputs[0]
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


# ---- integers that stand for real numbers

ARITHMETIC = frozenset(("+", "-", "*", "**", "@", "//", "%"))
# What moves numbers about, or adds them up in a larger dtype, cannot wrap; but a sum of unsigned ones
# has no minus.
MOVES = frozenset("""reshape transpose swapaxes moveaxis expand_dims squeeze broadcast_to ravel flatten
    repeat tile concatenate stack flip fliplr flipud roll rot90 where take take_along_axis diag diagonal
    zeros_like ones_like full_like empty_like full shape array asarray copy astype sum max min float
    float64 int broadcast_arrays sort""".split())


def is_data(operand):
    if isinstance(operand, (list, tuple)):
        return any(map(is_data, operand))
    return isinstance(operand, Symbol) and operand.data


def in_floats(builder, form, operands):
    """The operands of a rule's stage, converted so that data are not computed in integers.

    One float operand makes the result float: a literal is written as one, else the data are
    converted.  np.diff of data is computed as the user's function computes it.
    """
    is_unsigned = isinstance(operands[0], Symbol) and operands[0].kind.dtype in UNSIGNED
    if form.kind == "unary" and form.name == "-" or _own_name(form) == "sum" and is_unsigned:
        return [operands[0].as_float(), *operands[1:]]
    is_arithmetic = form.kind == "binary" and form.name in ARITHMETIC
    if not (is_arithmetic or form.kind in ("call", "method") and _own_name(form) not in (*MOVES, "diff")):
        return operands
    positional = operands[:len(operands) - len(form.keywords)]
    if any(_is_float(builder, operand) for operand in positional):
        return operands
    operands = list(operands)
    numbers = [i for i, operand in enumerate(positional) if type(_literal(operand)) is int]
    if form.kind == "binary" and numbers:
        operands[numbers[0]] = float(_literal(operands[numbers[0]]))
        return operands
    is_elementwise = form.kind == "call" and lookup(builder.externals[form.name]).mode == "elementwise"
    for i, operand in enumerate(positional):
        if isinstance(operand, Symbol) and operand.data and operand.kind.integral:
            operands[i] = operand.as_float()
            if not is_elementwise:
                break
    return operands


def computes(form):
    """Whether a stage does arithmetic, and does not only move numbers about."""
    return (form.kind in ("binary", "unary")
            or form.kind in ("call", "method") and _own_name(form) not in MOVES)


def _own_name(form):
    return form.name.lstrip("@").rpartition(".")[2]


def _carries(builder, form):
    """Whether a function's result is data where its operands are: not so the places of argsort."""
    gate = lookup_method(form.name) if form.kind == "method" else lookup(builder.externals.get(form.name))
    return _own_name(form) in MOVES or gate is not None and gate.mode != "zero"


def _literal(operand):
    operand = getattr(operand, "operand", operand)
    return getattr(operand, "value", operand)


def _is_float(builder, operand):
    if isinstance(operand, (list, tuple)):
        return any(_is_float(builder, part) for part in operand)
    kind = operand.kind if isinstance(operand, Symbol) else kind_of_operand(builder.operand(operand))
    return kind.numeric and kind.dtype not in INTEGERS


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
