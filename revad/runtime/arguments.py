"""Arguments: which parameters a gradient is for, and arguments that cannot have one.

>>> import inspect
>>> def f(x, w, eps=1e-5): pass
>>> selected_parameters("f", inspect.signature(f), None), selected_parameters("f", inspect.signature(f), "w")
((('x', 'w'), False), (('w',), True))
>>> complete("f", inspect.signature(f), (1.0,), {"w": 2.0})
(1.0, 2.0, 1e-05)
"""
from __future__ import annotations

import numpy as np

from ..errors import CallError
from ..spelling import did_you_mean
from ..types.kinds import is_object, is_plain_key, is_record, kind_of
from ..types.snapshot import snapshot

MISSING = type("MISSING", (), {"__repr__": lambda self: "<missing>"})()


# ---- which parameters


def selected_parameters(function, signature, wrt, has_receiver=False):
    """The names of the parameters to differentiate, and whether one gradient is returned bare."""
    names = list(signature.parameters)[has_receiver:]
    if wrt is None:
        selected = [n for n in names if _is_input(signature.parameters[n])]
        # In f(x, *args), args are options that are passed on; in f(*xs), xs are the inputs.
        selected = [n for n in selected
                    if signature.parameters[n].kind is not signature.parameters[n].VAR_POSITIONAL] or selected
        if not selected:
            raise CallError(f"{function} has no positional parameter without a default: "
                            "name the parameters to differentiate with wrt=")
        return tuple(selected), len(selected) == 1
    several = isinstance(wrt, (tuple, list))
    receiver = list(signature.parameters)[:has_receiver]     # by name alone: positions begin after it
    selected = tuple(spec if isinstance(spec, str) and spec in receiver else _name(function, names, spec)
                     for spec in (wrt if several else (wrt,)))
    if not selected:
        raise CallError("wrt is empty: name at least one parameter")
    if len(set(selected)) != len(selected):
        raise CallError(f"wrt names a parameter twice: {', '.join(selected)}")
    return selected, not several


def _is_input(parameter):
    return parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD,
                              parameter.VAR_POSITIONAL) \
        and parameter.default is parameter.empty


def _name(function, names, spec):
    if isinstance(spec, str):
        if spec in names:
            return spec
        raise CallError(_no_parameter(function, spec, names))
    if isinstance(spec, (int, np.integer)) and not isinstance(spec, bool):
        if -len(names) <= spec < len(names):
            return names[spec]
        raise CallError(f"{function} has no parameter at position {spec}: it has "
                        f"{', '.join(names) or 'none'}")
    raise CallError(f"wrt is {spec!r}: give a parameter's name or position, or a tuple of them")


def _no_parameter(function, name, names):
    meant = did_you_mean(name, names, repr)
    return (f"{function} has no parameter {name!r}: it has {', '.join(names) or 'none'}"
            f"{meant and f'. {meant}'}")


# ---- calls


def complete(function, signature, args, keywords, has_receiver=False):
    """One argument for each parameter, in order.  Raises CallError."""
    if not keywords and len(args) == len(signature.parameters) and is_positional(signature):
        return args
    try:
        bound = signature.bind(*args, **keywords)
    except TypeError as error:
        raise CallError(_call_error(function, signature, args, keywords, has_receiver)
                        or f"{function}(): {error}"
                        ) from None
    bound.apply_defaults()
    return tuple(bound.arguments.values())


def _call_error(function, signature, args, keywords, has_receiver):
    """The fault of a call, in one sentence, or None."""
    parameters = list(signature.parameters.values())[has_receiver:]
    positional = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    args = args[has_receiver:]
    if len(args) > len(positional) and not has_variable(signature):
        return (f"{function}() takes {len(positional)} positional arguments ({', '.join(positional)}), "
                f"{len(args)} are given")
    for name in keywords:
        if name not in signature.parameters and not has_variable(signature):
            return _no_parameter(f"{function}()", name, [p.name for p in parameters])
        if name in positional[:len(args)]:
            return f"{function}() is given its argument {name!r} twice"
    missing = [repr(p.name) for p in parameters
               if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
               and p.name not in keywords and p.name not in positional[:len(args)]]
    if missing:
        return f"{function}() misses its argument{'s' * (len(missing) > 1)} {' and '.join(missing)}"
    return None


def is_positional(signature):
    """Whether every parameter may be passed by position."""
    return all(p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) for p in signature.parameters.values())


def has_variable(signature):
    """Whether there is a parameter `*args` or `**keywords`."""
    return any(p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD) for p in signature.parameters.values())


def split_arguments(signature, args):
    """(positional, keywords) from arguments in the order of the parameters, some MISSING, extra ones last."""
    positional, keywords, missing = [], {}, False
    parameters = list(signature.parameters.values())
    for parameter, value in zip(parameters, args):
        if value is MISSING:
            missing = True
        elif parameter.kind is parameter.VAR_POSITIONAL:
            positional += value
        elif parameter.kind is parameter.VAR_KEYWORD:
            keywords.update(value)
        elif parameter.kind is parameter.KEYWORD_ONLY or missing:
            keywords[parameter.name] = value
        else:
            positional.append(value)
    return (*positional, *args[len(parameters):]), keywords


def defaults(signature):
    """The defaults of generated code, for positional and for keyword parameters, MISSING for none."""
    values = {p.name: MISSING if p.default is p.empty else p.default for p in signature.parameters.values()}
    keyword_only = {p.name: values.pop(p.name) for p in signature.parameters.values()
                    if p.kind is p.KEYWORD_ONLY}
    return tuple(values.values()), keyword_only


def lost_defaults(before, now):
    """The defaults that a function has lost; `before`, `now`: pairs (__defaults__, __kwdefaults__)."""
    def values(positional, keyword):
        return (*(positional or ()), *(keyword or {}).values())

    def stays(value):
        return any(value is other or type(value) is type(other) and type(value) in (int, float, bool, str)
                   and value == other for other in values(*now))
    return [value for value in values(*before) if not stays(value)]


# ---- arguments that have no gradient


def kinds_of(names, args, wrt):
    """The kinds of a call's arguments.  Raises CallError for those that have no gradient."""
    kinds = []
    for name, value in zip(names, args):
        refuse(name, value, name in wrt)
        kinds.append(kind_of(snapshot(value), name))
    return kinds


def to_native(value):
    """An argument as the texts take it: memory maps as arrays, other byte orders as that of the machine.

    The value itself if nothing in it needs a conversion.
    """
    if isinstance(value, np.ndarray):
        value = value.view(np.ndarray) if type(value) is np.memmap else value
        return (value.astype(value.dtype.newbyteorder("="))
                if type(value) is np.ndarray and value.dtype.isnative is False else value)
    if type(value) in (list, tuple, dict):
        parts = value.values() if type(value) is dict else value
        new = [to_native(part) for part in parts]
        if any(part is not before for part, before in zip(new, parts)):
            return dict(zip(value, new)) if type(value) is dict else type(value)(new)
    return value


def layouts_of(named):
    """(path, (by rows, by columns, writeable)) of each array in `named`, pairs of a path and a value."""
    for path, value in named:
        if isinstance(value, np.ndarray):
            yield path, (value.flags.c_contiguous, value.flags.f_contiguous, value.flags.writeable)
        elif is_record(value):
            yield from layouts_of((f"{path}.{name}", part) for name, part in zip(value._fields, value))
        elif isinstance(value, (list, tuple, dict)):
            yield from layouts_of((f"{path}[{key!r}]", part) for key, part in
                                  (value.items() if isinstance(value, dict) else enumerate(value)))


def refuse(name, value, differentiated, inside=False):
    """Raise CallError, with a clear sentence, for an argument that cannot be differentiated.

    Inside a container, a value without a gradient is a setting.
    """
    if isinstance(value, (list, tuple)):
        for i, part in enumerate(value):
            refuse(f"{name}[{i}]", part, differentiated, True)
        return
    if isinstance(value, dict):
        for key, part in value.items():
            if differentiated and not is_plain_key(key):
                raise CallError(f"{name} has the key {key!r}: use strings, numbers or tuples of them as keys")
            refuse(f"{name}[{key!r}]", part, differentiated, True)
        return
    is_array = isinstance(value, (np.ndarray, np.generic))
    if isinstance(value, complex) or is_array and value.dtype.kind == "c":
        raise CallError(f"{name} is complex: revad differentiates functions of real numbers; "
                        "pass its real and imaginary parts")
    if not differentiated:
        return
    remedy = "name the parameters to differentiate with wrt=, or give it a default"
    if is_array:
        if type(value) is not np.ndarray and not isinstance(value, np.generic):
            raise CallError(f"{name} is {_described(value)}, whose operations are not those of an array: "
                            "convert it with np.asarray")
        if value.dtype.kind == "O":
            raise CallError(f"{name} is an array of objects: convert it with .astype(float)")
        if value.dtype.kind not in "biuf" and not inside:
            raise CallError(f"{name} is an array of {value.dtype}, which has no gradient: {remedy}")
        return
    if type(value) in (int, float, bool) or is_object(value):
        return
    if isinstance(value, (int, float)):
        raise CallError(f"{name} is {_described(value)}: convert it with float")
    if hasattr(type(value), "__array__"):       # of pandas, torch, JAX
        library = type(value).__module__.partition(".")[0]
        convert = f"{name}.detach().numpy()" if library == "torch" else f"np.asarray({name})"
        raise CallError(f"{name} is {_described(value)} of {library}, and revad differentiates NumPy's "
                        f"arrays: pass {convert}")
    if not inside:
        raise CallError(f"{name} is {_described(value)}, which has no gradient: {remedy}")


def _described(value):
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
