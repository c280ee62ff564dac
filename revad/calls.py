"""Calls: a function with source is followed into, with its parameters bound; others have rules or are copied.

The stages of the callee stand in the caller's text.  Names that it takes from outside are
spelled so that they mean the same there.

>>> from .kinds import FLOAT
>>> from .pipeline import read_front
>>> from .scope import of_function
>>> from .shapes import infer_shapes
>>> def square(x):
...     return x * x
>>> square.__module__ = "example"     # functions of revad itself are left alone
>>> def f(x):
...     return square(x) + 1
>>> infer_shapes(read_front(f).program, [FLOAT], {"x"}, of_function(f))[0].block
(_ = binary '*' (x, x), _ = binary '+' (_, 1))
"""
from __future__ import annotations

import ast
import builtins
import dataclasses
import functools
import types

import gast
import numpy as np

from . import attributes, iteration, objects, statics
from .check import check
from .draws import kind_of_draw
from .effects import is_harmless, refuse_changes
from .errors import SourceError, UnsupportedError
from .frames import Closure, Frame, Partial, held, holding
from .gates import lookup
from .kinds import UNKNOWN, Kind, Known, is_object, kind_of, static
from .lengths import kind_of_operand
from .program import Form, Lit, Stage, Value, beside
from .refusals import Refusal
from .source import read_source
from .stage import stage as stage_source
from .stage import stage_tree
from .wrapping import innermost

DEEPEST = 60        # calls inside calls


# ---- what is called

def call(walk, stage, operands):
    """A call by a name from outside: `np.exp(x)`, `helper(x)`."""
    path = walk.frame.rename(stage.form.name)
    scope = walk.builder.scope
    held_value = outside_value(walk, stage, path.rpartition(".")[0]) if "." in path else None
    if held_value is not None:
        form = stage.form._replace(kind="method", name=path.rpartition(".")[2],
                                   spec=stage.form.spec and ("", *stage.form.spec))
        return method(walk, dataclasses.replace(stage, form=form), (held_value, *operands))
    function = scope.resolve(path)
    args, keywords = laid_out(walk, stage, operands)
    if is_object(function):
        return _method_of(walk, stage, walk.emit(beside(stage, Value()), Form("read", path), ()), "__call__", args, keywords)
    receiver = None
    if isinstance(function, types.MethodType) and lookup(function) is None:
        receiver = holding(function.__self__) if isinstance(function.__self__, type) else \
            walk.emit(beside(stage, Value()), Form("read", path.rpartition(".")[0]), ())
    return apply(walk, stage, function, path, args, keywords, receiver)


def invoke(walk, stage, operands):
    """A call of a local name or of an expression: a parameter that is a function, a nested function."""
    function, *rest = operands
    args, keywords = laid_out(walk, stage, tuple(rest), 1)
    return apply_operand(walk, stage, function, args, keywords)


def apply_operand(walk, stage, function, args, keywords):
    """A call of what an operand stands for."""
    thing, kind = held(function), kind_of_operand(function)
    if kind.tag == "object" and thing is not None:
        return _method_of(walk, stage, function, "__call__", args, keywords)
    if kind.tag != "function" or thing is None:
        raise Refusal("call", "which function it calls is not known when compiling",
                      "Call a function by its name, or pass it as an argument.")
    if not isinstance(thing, (Closure, Partial)) and not kind.known.exact:
        walk.builder.scope.static(kind.known)
    path = None if isinstance(thing, (Closure, Partial)) else f"@{_external(walk, thing, kind.known.text)}"
    return apply(walk, stage, thing, path, args, keywords)


def _reduced(walk, stage, function, sequence, *start):
    """`functools.reduce`: one call after the other."""
    found = [*start, *iteration.elements(walk, stage, sequence)]
    bare = Stage((Value(),), Form("invoke"), (), stage.statement, stage.place)
    return functools.reduce(lambda total, item: apply_operand(walk, bare, function, (total, item), {}), found)


def method(walk, stage, operands):
    receiver, *rest = operands
    name, kind = stage.form.name, kind_of_operand(receiver)
    args, keywords = laid_out(walk, stage, tuple(rest), 1)
    if kind.tag == "object" and kind.known is not None:
        return _method_of(walk, stage, receiver, name, args, keywords)
    changed = objects.changed(walk, stage, receiver, name, args, keywords)
    if changed is not NotImplemented:
        return changed
    form = Form("method", name, tuple(keywords))
    flat = (receiver, *args, *keywords.values())
    known = statics.evaluate(form, list(map(kind_of_operand, flat)))
    if known is not None:
        return _known(walk, stage, form, flat, known)
    out = keywords.get("out")
    if out is not None:
        return _into(walk, stage, form, (receiver, *args), keywords)
    return walk.emit(stage, form, flat)


def _known(walk, stage, form, operands, known):
    if type(known.value) is list:
        return walk.make(stage, Form("list"), tuple(map(Lit, known.value))) if known.exact else walk.emit(stage, form, operands)
    return Lit(known.value) if known.exact else walk.emit(stage, form, operands, known)


def _method_of(walk, stage, receiver, name, args, keywords):
    """A method of an object, or a function that it holds as an attribute."""
    thing = held(receiver)
    found = getattr(thing, name, None)
    text = receiver.kind.known.text
    scope = walk.builder.scope
    assigned = walk.attributes.get((text, name))
    if isinstance(thing, (np.random.Generator, np.random.RandomState)):
        form, flat = Form("method", name, tuple(keywords)), (receiver, *args, *keywords.values())
        if any(o.varied for o in flat):
            raise Refusal(f"method .{name}", "a derivative cannot be followed through a draw",
                          "Draw standard numbers, and scale and shift them: mu + sigma * rng.normal(size=n).")
        return _typed(walk, stage, form, flat, kind_of_draw(name, args, keywords) or UNKNOWN)
    if assigned is not None and walk.frames[0].find(assigned) is not None or not isinstance(found, types.MethodType):
        if name == "__call__" or found is None:
            raise Refusal(f"method .{name}", "its object does not have it", "Call a method that it has.")
        function = attributes.attribute(walk, dataclasses.replace(stage, form=Form("attr", name)), (receiver,))
        plain = held(function)
        if plain is None:
            raise Refusal(f"method .{name}", "what it calls is not known when compiling", "Call a function by its name.")
        return apply_operand(walk, stage, function, args, keywords)
    if not text.startswith("?"):
        scope.guards.setdefault(f"{text}.{name}.__func__ is {scope._constant(name, found.__func__)}")
    if isinstance(found.__self__, type):
        receiver = holding(found.__self__)
    return apply(walk, stage, found.__func__, None, (receiver, *args), keywords)


def laid_out(walk, stage, operands, before=0):
    """(positional operands, {keyword: operand}), with what `*` and `**` lay out."""
    form = stage.form
    marks = form.spec[before:] if form.spec else ("",) * len(operands)
    split = len(operands) - len(form.keywords)
    args, keywords = [], {}
    for operand, mark in zip(operands[:split], marks):
        args += iteration.elements(walk, stage, operand) if mark else [operand]
    for name, operand in zip(form.keywords, operands[split:]):
        if name is None:
            if kind_of_operand(operand).tag != "dict":
                raise Refusal("'**' in a call", "the names in it are not known when compiling", "Write the arguments out.")
            keywords.update(objects.parts(walk, stage, operand))
        else:
            keywords[name] = operand
    return tuple(args), keywords


# ---- calling it

def apply(walk, stage, function, path, args, keywords, receiver=None):
    """The result of a call, as an operand."""
    if isinstance(function, Closure):
        return _follow(walk, stage, function.program, function.frame, args, keywords, function.defaults, None)
    if isinstance(function, Partial):
        bare = beside(stage, Value(stage.targets[0].name if stage.targets else None))
        bare = dataclasses.replace(bare, form=Form("invoke"), operands=())
        return apply_operand(walk, bare, function.function, (*function.args, *args), {**function.keywords, **keywords})
    if function is functools.partial:
        return holding(Partial(args[0], args[1:], keywords))
    if function is functools.reduce:
        return _reduced(walk, stage, *args)
    if isinstance(function, functools.partial):
        merged = {**{k: constant(walk, stage, v, f"{path}.keywords[{k!r}]") for k, v in function.keywords.items()}, **keywords}
        first = tuple(constant(walk, stage, v, f"{path}.args[{i}]") for i, v in enumerate(function.args))
        inner = function.func
        return apply(walk, stage, inner, f"@{_external(walk, inner, getattr(inner, '__name__', 'f'))}", (*first, *args), merged)
    special = iteration.SPECIAL.get(function) if isinstance(function, (type, types.BuiltinFunctionType)) else None
    if special is not None:
        made = special(walk, stage, args, keywords)
        if made is not NotImplemented:
            return made
    made = attributes.construct(walk, stage, function, args, keywords) if isinstance(function, type) else NotImplemented
    if made is not NotImplemented:
        return made
    form = Form("call", path, tuple(keywords))
    flat = tuple(iteration.as_operand(walk, stage, o) for o in (*args, *keywords.values()))
    known = statics.evaluate(form, list(map(kind_of_operand, flat)), function)
    if known is not None and (function is not builtins.len and function not in (max, min, sum, abs, int) or known.exact and any(
            isinstance(o, Value) or not isinstance(u, Lit) for o, u in zip(flat, stage.operands))):
        return _known(walk, stage, form, flat, known)
    if lookup(function) is not None or path is not None and path.startswith("@np."):
        if "out" in keywords or isinstance(function, np.ufunc) and len(args) > function.nin:
            return _into(walk, stage, form, args, keywords, function)
        return walk.emit(stage, form, flat)
    inner = _followed(function)
    if inner is not None:
        frame_args = (receiver, *args) if receiver is not None else args
        varied = any(o.varied for o in (*frame_args, *keywords.values()))
        if varied or path is None or path.startswith("@") or receiver is not None:
            return enter(walk, stage, inner, frame_args, keywords)
        checkpoint, before = walk.builder.checkpoint(), walk.snapshot()[1]
        found = walk.attempt(lambda: enter(walk, stage, inner, args, keywords))
        if found is None:
            return walk.emit(stage, form, flat)
        if any(kind_of_operand(o).tag in ("function", "object", "iterator") for o in (*flat, found)) \
                or kind_of_operand(found).tag in statics.CONTAINERS or isinstance(found, Lit) \
                or walk.snapshot()[1][:len(before)] != before:
            return found
        walk.builder.rollback(checkpoint)       # the call itself stands in the text
        return _typed(walk, stage, form, flat, kind_of_operand(found)._replace(known=None))
    drawn = _drawn(function, args, keywords) if path is not None else None
    if drawn is not None and not any(o.varied for o in flat):
        return _typed(walk, stage, form, flat, drawn)
    if path is None:
        raise Refusal("call", "its function has no source and no rule", "Call a function that has either.")
    return walk.emit(stage, form, flat)


def _typed(walk, stage, form, operands, kind):
    """A call that is left alone, of which the kind of the result is known."""
    value = Value(stage.targets[0].name if stage.targets else None, None, kind, False)
    walk.builder.append(Stage((value,), form, operands, stage.statement, stage.place), (form, operands))
    return value


def _drawn(function, args, keywords):
    """The kind of a draw by a function of np.random."""
    owner = getattr(function, "__self__", None)
    return kind_of_draw(function.__name__, args, keywords) if isinstance(owner, np.random.RandomState) else None


def _followed(function):
    """The plain Python function that a call runs, or None."""
    if isinstance(function, types.MethodType):
        function = function.__func__
    if isinstance(function, (types.FunctionType, functools._lru_cache_wrapper)) and hasattr(function, "__wrapped__"):
        try:
            function = innermost(function)
        except SourceError:     # a decorator that changes what goes in or comes out is followed itself
            function = types.FunctionType(function.__code__, function.__globals__, function.__name__,
                                          function.__defaults__, function.__closure__)
    if isinstance(function, types.FunctionType) and not (function.__module__ or "").split(".")[0] in ("numpy", "revad"):
        return function
    return None


@functools.lru_cache(maxsize=1024)
def _program_of(code, function_of):
    source = read_source(function_of.function)
    problems = check(source, called=True)
    if problems:
        raise UnsupportedError(problems)
    return stage_source(source)


class _ByCode:
    """A function, equal to any other of the same code."""

    def __init__(self, function):
        self.function = function

    def __eq__(self, other):
        return self.function.__code__ is other.function.__code__

    def __hash__(self):
        return hash(self.function.__code__)


def enter(walk, stage, function, args, keywords):
    """Follow a Python function."""
    try:
        program = _program_of(function.__code__, _ByCode(function))
    except SourceError as error:
        raise Refusal(f"call of {function.__name__}", "its source cannot be had",
                      f"Declare its derivative with @revad.adjoint({function.__name__}). ({error})") from None
    scope = walk.builder.scope
    frame = Frame(None, lambda path: scope.spelled(path, function))
    defaults = tuple(constant(walk, stage, v, f"{function.__name__}.__defaults__") for v in function.__defaults__ or ())
    named = {k: constant(walk, stage, v, k) for k, v in (function.__kwdefaults__ or {}).items()}
    return _follow(walk, stage, program, frame, args, keywords, defaults, named, function)


def _follow(walk, stage, program, around, args, keywords, defaults, named, function=None):
    if walk.depth >= DEEPEST:
        raise Refusal(f"call of {program.name}", f"calls go deeper than {DEEPEST}", "Write it with a loop.")
    frame = Frame(around, around.rename)
    for name, source in (program.imports or {}).items():
        walk.builder.scope.import_name(name, *source)
    _bind(walk, stage, program, frame, args, keywords, defaults, named)
    outer = walk.frame
    walk.frames.append(frame)
    walk.frame, walk.depth = frame, walk.depth + 1
    try:
        return walk.run((*program.block, Stage((), Form("return"), (Lit(None),), stage.statement, stage.place))).value
    finally:
        walk.frame, walk.depth = outer, walk.depth - 1


def _bind(walk, stage, program, frame, args, keywords, defaults, named):
    """Give the parameters their operands, as Python does."""
    tree = program.tree.args
    variables = {v.name: v for v in program.parameters}
    plain = [n.id for n in (*tree.posonlyargs, *tree.args)]
    keyword_only = [n.id for n in tree.kwonlyargs]
    found = dict(zip(plain, args))
    extra = args[len(plain):]
    keywords = dict(keywords)
    if extra and not tree.vararg:
        raise Refusal(f"call of {program.name}", f"it takes {len(plain)} arguments, {len(args)} are given", "Give as many.")
    if tree.vararg:
        found[tree.vararg.id] = walk.make(stage, Form("tuple"), tuple(extra))
    for name in [*plain, *keyword_only]:
        if name in keywords:
            found[name] = keywords.pop(name)
    if tree.kwarg:
        found[tree.kwarg.id] = walk.make(stage, Form("dict", keywords=tuple(keywords)), tuple(keywords.values()))
    elif keywords:
        raise Refusal(f"call of {program.name}", f"it has no parameter {next(iter(keywords))!r}", "Call it as it is defined.")
    if named is None:       # of a nested function: those of the keyword-only parameters come last
        count = len(defaults) - sum(d is not None for d in tree.kw_defaults)
        given = [n for n, d in zip(keyword_only, tree.kw_defaults) if d is not None]
        defaults, named = defaults[:count], dict(zip(given, defaults[count:]))
    for name, operand in [*zip(plain[len(plain) - len(defaults):], defaults), *named.items()]:
        found.setdefault(name, operand)
    for name, variable in variables.items():
        if name not in found:
            raise Refusal(f"call of {program.name}", f"it misses its argument {name!r}", "Call it as it is defined.")
        operand = found[name]
        if isinstance(operand, Value) and operand.name is None and not operand.hint:
            operand.hint = name
        frame.assign(variable, operand)


def constant(walk, stage, value, text):
    """A default, or an argument of a partial, as an operand."""
    if isinstance(value, (int, float, str, bool, type(None))):
        return Lit(value)
    if isinstance(value, (tuple, list)):
        return walk.make(stage, Form(type(value).__name__), tuple(constant(walk, stage, v, text) for v in value))
    if isinstance(value, dict):
        return walk.make(stage, Form("dict", keywords=tuple(value)),
                         tuple(constant(walk, stage, v, text) for v in value.values()))
    if callable(value):
        return holding(value)
    name = walk.builder.scope.supply(text.partition(".")[0].strip("@") + "_default", value)
    return walk.emit(beside(stage, Value()), Form("read", name), ())


def _external(walk, thing, text):
    """A path under which the text can call a function object."""
    module = (getattr(thing, "__module__", None) or "").split(".")[0]
    name = getattr(thing, "__name__", None) or "function"
    if isinstance(thing, np.ufunc) or module == "numpy" and getattr(np, name, None) is thing:
        name = f"np.{name}"
    elif module == "math" or getattr(builtins, name, None) is thing:
        name = f"math.{name}" if module == "math" else name
    walk.builder.externals.setdefault(f"@{name}", thing)
    return name


def _into(walk, stage, form, args, keywords, function=None):
    """`out=`: the result, stored into the array that is given for it."""
    keywords = dict(keywords)
    if isinstance(function, np.ufunc) and len(args) > function.nin:
        out, args = args[function.nin], args[:function.nin]
        if "out" in keywords:
            raise Refusal("out=", "it is given twice", "Give it once.")
    else:
        out = keywords.pop("out")
    flat = (*args, *keywords.values())
    form = form._replace(keywords=tuple(keywords))
    if kind_of_operand(out).tag == "tuple":
        out = iteration.elements(walk, stage, out)[0]
    if isinstance(out, Lit) and out.value is None:
        return walk.emit(stage, form, flat)
    if "where" in keywords:
        raise Refusal("out= with where=", "what stays of the old array cannot be followed", "Use np.where.")
    from . import memory
    made = walk.make(stage, form, flat)
    return memory.filled(walk, stage, out, made)




def nested(stage, tree, around):
    """The Program of a function inside a function."""
    return stage_tree(tree, getattr(tree, "name", "lambda"), stage.statement.source, around)


def outside_value(walk, stage, path):
    """An array, number, container or object that a path from outside leads to, as a value; else None."""
    found = walk.builder.scope.resolve(path)
    if not isinstance(found, (np.ndarray, np.generic, int, float, dict, list, tuple)) and not objects.is_plain(found):
        return None
    return walk.emit(beside(stage, Value()), Form("read", path), ())


# ---- what is copied

def copied(walk, stage, operands):
    """Syntax that is left alone: its value where all in it is settled, else as it stands."""
    form = respelled(walk, stage.form)
    if form.name == "" and type(form.spec).__name__ == "JoinedStr":
        text = _evaluated(form, operands)
        if text is not None:
            return Lit(text)
    if any(kind_of_operand(o).tag in ("function", "object", "iterator") and kind_of_operand(o).known.text.startswith("?")
           for o in operands):
        raise Refusal(form.name or "expression", "it uses a function that is made here", "Write it with simpler statements.")
    return walk.emit(stage, form, operands)


def _evaluated(form, operands):
    """An f-string of settings."""
    known = [statics._known(kind_of_operand(o)) for o in operands]
    if any(k is None or not k.exact for k in known):
        return None
    names = dict(zip(form.keywords, (k.value for k in known)))
    try:
        code = compile(ast.fix_missing_locations(ast.Expression(gast.gast_to_ast(form.spec))), "<f-string>", "eval")
        if set(code.co_names) - set(names):
            return None
        return eval(code, {"__builtins__": {}}, names)
    except Exception:
        return None


def respelled(walk, form):
    """Copied syntax with the names from outside as the text spells them."""
    from .scoping import free_names
    renamed = {}
    for node in free_names(form.spec):
        if node.id not in form.keywords:
            try:
                new = walk.frame.rename(node.id)
            except Exception:
                continue
            if new != node.id:
                renamed[node.id] = new
    if not renamed:
        return form
    tree = gast.gast_to_ast(form.spec)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in renamed and "." not in renamed[node.id]:
            node.id = renamed[node.id]
    return form._replace(spec=gast.ast_to_gast(tree))


def effect(walk, stage, operands):
    """A statement that is copied through."""
    form = respelled(walk, stage.form)
    refuse_changes(walk.builder.scope, form, operands)
    shown = tuple(Lit(None) if kind_of_operand(o).tag in ("iterator",) or kind_of_operand(o).tag == "function"
                  and kind_of_operand(o).known.exact else o for o in operands)
    walk.builder.append(Stage((), form, shown, stage.statement, stage.place))


def act(walk, stage):
    """A call whose result is not used: shown, or followed for what it changes."""
    node = stage.effect.form.spec.value
    if is_harmless(walk.builder.scope, node.func):
        operands = tuple(map(walk.operand, stage.effect.operands))
        effect(walk, stage.effect, operands)
        return None
    *before, last = stage.block
    walk.run(before)
    count = len(walk.builder.stages)
    if not isinstance(last, Stage):
        return walk.run((last,))
    operands = tuple(map(walk.operand, last.operands))
    walk.assign(last.target, None)
    walk.stage(last)
    made = walk.builder.stages[count:]
    if made and isinstance(made[-1], Stage) and made[-1].gate is None and made[-1].form.kind in ("call", "method"):
        if any(kind_of_operand(o).tag not in ("number", "static", "function") for o in operands):
            refuse_changes(walk.builder.scope, stage.effect.form, operands)
        del walk.builder.stages[count:]
        effect(walk, stage.effect, tuple(map(walk.operand, stage.effect.operands)))
    return None
