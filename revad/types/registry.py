"""Registry: how a derivative is declared, and the table of everything that has one.

A rule is a plain function of the result, the upstream gradient and the function's own
parameters, by NumPy's names and defaults.  The elementwise form returns the local gradient
for each array operand and nothing else: the compiler multiplies by the upstream gradient
and undoes broadcasting, so no rule can forget either.

>>> def cube(x):
...     return x**3
>>> @elementwise(cube)
... def cube_rule(y, x):
...     return 3 * x**2
>>> lookup(cube).name, lookup(cube).arrays
('cube_rule', ('x',))
"""
from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass, field
from typing import Any, Callable

import numpy as np

from .. import support
from ..errors import RuleError
from ..tracebacks import boundary
from .sharing import shares

_EMPTY = inspect.Parameter.empty

# Parameters that choose places, shapes, types or methods: they are discrete, so they carry no derivative.
# Any other parameter that is not among a gate's arrays is a number that the result depends on: it is refused
# where it is active.
STRUCTURAL = frozenset("""
    UPLO assume_a axes axis axis1 axis2 axisa axisb axisc blocksize casting check_finite compute_uv copy
    destination disp dtype edge_order endpoint full_matrices hermitian indexing indices
    indices_or_sections k keepdims kind kth lower method minlength mode n ndmin num obj offset optimize
    order out overwrite_a overwrite_b overwrite_input pad_width rcond reflect_type repeats reps
    requirements return_counts return_index return_inverse return_sign returned retstep type shape shift
    source stable strides subok subscripts trans transposed unit_diagonal upper where window_shape
    writeable""".split())


@dataclass(frozen=True, eq=False)
class Gate:
    """One differentiable (or derivative-free) function.

    mode: 'elementwise', 'adjoint' or 'zero'.  arrays: the parameters that carry
    derivatives.  kind: from the bound operands to the kind of the result.  view: the
    entry of the table in `sharing`: whether the result shares memory with the first of the arrays.  lazy:
    the rule takes an upstream gradient that is one number standing for a whole array.  broadcasts: the
    rule's gradients have the result's shape and are still to be summed to the operands'.  cheap: worth
    recomputing.
    containers: the rule takes lists as lists, not as the arrays that NumPy makes of them.
    structural: parameters that choose places or shapes, besides those of STRUCTURAL.  steps: those that
    change the result in steps only, whatever they are.  settle: the operands by name as the rule has them,
    where a call's own names say otherwise.  tangent: of forward mode: 'linear', 'multilinear', 'reduction' or
    a rule, see `rules.tangents`.
    """

    name: str
    mode: str
    rule: Callable | None
    parameters: tuple
    arrays: tuple
    kind: Callable | None = None
    view: Any = None
    lazy: bool = False
    broadcasts: bool = False
    cheap: bool = False
    hint: str = ""
    variadic: str = ""
    containers: bool = False
    structural: tuple = ()
    steps: tuple = ()
    settle: Callable | None = None
    tangent: Any = None
    functions: tuple = field(default=())

    def __post_init__(self):
        object.__setattr__(self, "defaults", dict(self.parameters))
        object.__setattr__(self, "required", tuple(n for n, d in self.parameters if d is _EMPTY))

    def bind(self, positional, keywords) -> dict:
        """Operands by parameter name; raises TypeError as a call of the function would."""
        bound = {}
        names = tuple(self.defaults)
        if self.variadic and len(positional) > names.index(self.variadic):
            at = names.index(self.variadic)
            bound[self.variadic] = tuple(positional[at:])
            positional = positional[:at]
        if len(positional) > len(names):
            raise TypeError(f"{self.name}() takes {len(names)} arguments, {len(positional)} are given")
        bound.update(zip(names, positional))
        for name, value in keywords:
            name = name if name in names else self._own_name(name)
            if name not in names and self.is_ufunc and (name in _UFUNC_OPTIONS or _is_default(name, value)):
                bound.update({name: value} if name == "dtype" else {})
                continue
            if (name not in names and getattr(value, "value", value) in _IGNORED_VALUES.get(name, ())
                    and self._takes(name)):
                continue
            if name not in names:
                raise TypeError(f"{self.name}() has no parameter {name!r} that revad can differentiate")
            if name in bound:
                raise TypeError(f"{self.name}() got two values for {name!r}")
            bound[name] = value
        if "out" in bound and not _is_default("out", bound["out"]):
            raise TypeError(f"{self.name}() stores into its argument "
                            "out: assign its result to a name instead")
        for name in self.required:
            if name not in bound:
                raise TypeError(f"{self.name}() misses its argument {name!r}")
        return bound if self.settle is None else self.settle(bound)

    def _own_name(self, name):
        """The rule's name of a parameter that the function has under another name at the same position."""
        for function in self.functions:
            try:
                their_names = [p.name for p in inspect.signature(function).parameters.values()
                               if p.kind == p.POSITIONAL_OR_KEYWORD]
            except (TypeError, ValueError):     # it has no signature
                continue
            for our_name, their_name in zip(self.defaults, their_names):
                if their_name == name and our_name not in their_names:
                    return our_name
        return name

    def _takes(self, name):
        """Whether a function of the gate has a parameter that its rule does not need."""
        for function in self.functions:
            try:
                if name in inspect.signature(function).parameters:
                    return True
            except (TypeError, ValueError):
                pass
        return False

    @property
    def is_ufunc(self):
        return any(isinstance(function, np.ufunc) for function in self.functions)

    def default(self, name):
        return self.defaults[name]

    def is_structural(self, name):
        return name in STRUCTURAL or name in self.structural


# Values with which a parameter changes nothing that a derivative depends on.
_IGNORED_VALUES = {"device": (None, "cpu"), "like": (None,), "casting": ("same_kind", "unsafe"),
                   "subok": (True, False)}
_UFUNC_OPTIONS = ("dtype", "casting", "order", "subok")    # what any ufunc takes besides


def _is_default(name, operand):
    value = getattr(operand, "value", operand)
    return name == "out" and value is None or name == "where" and value is True


_GATES: dict[Any, Gate] = {}
_METHODS: dict[str, Gate] = {}
_WAITING: dict[str, Callable] = {}      # functions that declare the rules of modules not imported yet
# Such modules, by their names in generated texts.
OTHERS = {"special": "scipy.special", "linalg": "scipy.linalg"}
OPERATORS: dict[str, Gate] = {}


def _signature(rule):
    """(name, default) of each parameter, in a fifth of the time of inspect.signature."""
    rule = inspect.unwrap(rule)
    code, defaults = rule.__code__, rule.__defaults__ or ()
    count = code.co_argcount + code.co_kwonlyargcount
    names, keyword_only = code.co_varnames[:code.co_argcount], code.co_varnames[code.co_argcount:count]
    starred = code.co_varnames[count:count + 1] if code.co_flags & inspect.CO_VARARGS else ()
    values = [_EMPTY] * (len(names) - len(defaults)) + list(defaults)
    return [*zip(names, values), *((name, _EMPTY) for name in starred),
            *((name, (rule.__kwdefaults__ or {}).get(name, _EMPTY)) for name in keyword_only)]


def _parameters(rule, skip):
    parameters = _signature(rule)
    if len(parameters) <= skip:
        raise RuleError(f"the rule {rule.__name__} needs, after {'y, dy' if skip == 2 else 'y'}, "
                        "the parameters of the function that it is for")
    return tuple(parameters[skip:])


def _register(gate, functions, operator, method):
    for function in functions:
        try:
            _GATES[function] = gate
        except TypeError:
            raise RuleError(f"{function!r} cannot be given a rule: it is not hashable") from None
    if operator:
        OPERATORS[operator] = gate
    for name in (method,) if isinstance(method, str) else method or ():
        _METHODS[name] = gate


def _declare(mode, skip, functions, operator=None, method=None, arrays=None, **options):
    @boundary
    def declare(rule):
        parameters = _parameters(rule, skip)
        carried = arrays or tuple(n for n, d in parameters if d is _EMPTY)
        options.setdefault("view", shares(*functions, *_spelled(method)))
        gate = Gate(rule.__name__.rstrip("_"), mode, rule, parameters, tuple(carried),
                    functions=functions, **options)
        _register(gate, functions, operator, method)
        return rule
    return declare


def _spelled(method):
    """The keys of methods and attributes in the table of `sharing`."""
    return [name if name.startswith(".") else f"{name}()"
            for name in ((method,) if isinstance(method, str) else method or ())]


def elementwise(*functions, **options):
    """Declare the local gradients of an elementwise function: `rule(y, *operands)`.

    The rule gets the result and the operands and returns one local gradient for each
    operand (a tuple if there are several), or None where there is none.  Multiplying by the
    upstream gradient and summing over broadcast axes is the compiler's part.  Raises
    RuleError if the rule's parameters do not fit.

    >>> cubed = np.vectorize(lambda x: x**3)
    >>> @elementwise(cubed)
    ... def cubed_rule(y, x):
    ...     return 3 * x**2
    """
    return _declare("elementwise", 1, functions, **options)


def adjoint(*functions, **options):
    """Declare the whole adjoint of a function: `rule(y, dy, *parameters)`.

    The rule gets the result, its upstream gradient (of the result's shape) and the function's
    parameters, those without a default being the arrays, and returns the gradient for
    each array, of that array's shape (a tuple if there are several), None where there is none.
    `kind=` says what is known of the result: see `revad.types.shape_rules`; `tangent=` is for `jvp`: see
    `revad.rules.tangents`.

    >>> def mean_square(x):
    ...     return float((x * x).mean())
    >>> @adjoint(mean_square)
    ... def mean_square_rule(y, dy, x):
    ...     return 2 * dy * x / x.size
    """
    return _declare("adjoint", 2, functions, **options)


def nondifferentiable(*functions, parameters="x", **options):
    """Declare functions whose results carry no derivative (floor, argmax, shape); returns them, one bare.

    >>> tens = nondifferentiable(np.vectorize(lambda x: x // 10))
    """
    for function in functions:
        names = tuple((n.rstrip("="), None if n.endswith("=") else _EMPTY) for n in parameters.split())
        gate = Gate(getattr(function, "__name__", str(function)), "zero", None, names, (),
                    functions=(function,),
                    view=shares(function, *_spelled(options.get("method"))),
                    **{k: v for k, v in options.items() if k not in ("method", "operator")})
        _register(gate, (function,), options.get("operator"), options.get("method"))
    return functions[0] if len(functions) == 1 else functions


def when_imported(module):
    """Register `declare(module)`, to be called once a module that revad does not import is imported."""
    def wait(declare):
        _WAITING[module] = declare
        return declare
    return wait


def home_of(function):
    """'special.psi' for a function of one of OTHERS, or None."""
    name = getattr(function, "__name__", "")
    if vars(np).get(name) is function:      # SciPy re-exports some of NumPy's
        return None
    return next((f"{short}.{name}" for short, module in OTHERS.items()
                 if module in sys.modules and getattr(sys.modules[module], name, None) is function), None)


def lookup(function) -> Gate | None:
    """The gate of a function object, or None."""
    for module in [name for name in _WAITING if name in sys.modules]:
        _WAITING.pop(module)(sys.modules[module])
    try:
        return _GATES.get(function) or _GATES.get(_helper_of(function))
    except TypeError:
        return None


def _helper_of(function):
    """The helper of generated text that a function is a copy of, as in a pasted text."""
    helper = support.unbroadcast
    if (getattr(function, "__name__", None) != helper.__name__
            or getattr(function, "__doc__", None) != helper.__doc__):
        return None
    codes = [getattr(candidate, "__code__", None) for candidate in (function, helper)]
    return helper if len({code and (code.co_varnames, code.co_names[1:]) for code in codes}) == 1 else None


def lookup_method(name) -> Gate | None:
    """The gate of an array method."""
    return _METHODS.get(name)


def all_gates() -> dict:
    """Every function that has a gate, those of OTHERS aside."""
    return {function: gate for function, gate in _GATES.items() if home_of(function) is None}


def methods() -> dict:
    """Every method and attribute (with its dot) of arrays that has a gate."""
    return dict(_METHODS)
