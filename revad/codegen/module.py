"""Module: planned stages become the text of a function, and of those functions of its own that it calls.

A function that is called, a layer, has a forward and a backward pass; layers that come out alike share
them, and all stand above the text.

>>> from ..api import grad
>>> def square(x):
...     y = x * x
...     return y + x
>>> square.__module__ = "example"     # functions of revad itself are left alone
>>> layer = grad(lambda x: square(x) * square(2 * x))
>>> out, cache = layer.forward(np.ones(3))
>>> print(layer.forward.source)
def square_forward(x):
    y = x * x
    cache = x
    return y + x, cache
<BLANKLINE>
<BLANKLINE>
def function_forward(x):
    a, square_cache = square_forward(x)
    a_2, square_cache_2 = square_forward(2 * x)
    out = a * a_2
    cache = a, square_cache, a_2, square_cache_2
    return out, cache
"""
from __future__ import annotations

import ast
from typing import Any, NamedTuple

import gast
import numpy as np

from ..analysis.array_versions import by_latest
from ..analysis.liveness import alive, calls_in
from ..ir.nodes import Branch, Loop
from ..types.requirements import untold
from .headers import Paths, bound_names, header_of, module_name, unused, user_names
from .hoist_loads import read_early
from .in_place import in_place
from .names import assign, grown, loop_rows, named
from .plan import make_plan
from .writer import Writer

LOAD, STORE = ast.Load(), ast.Store()


class Text(NamedTuple):
    """A function's text, its name, {line: user's place}, and the names that it takes from around it."""

    text: str
    name: str
    lines: dict
    injected: dict
    slots: Any = None       # of a forward pass: what its cache holds, for a backward pass without all of dout
    functions: tuple = ()   # the Texts of the functions that it calls, each after those that it calls itself


class Functions:
    """The layers of a text: `texts` holds those found so far, `names` what the passes of each are called."""

    def __init__(self, name):
        self.texts, self.names, self.known = [], {}, {}     # names: by layer and pass; known: by the name of a layer
        self.own = {f"{name}_{want}" for want in ("forward", "backward", "grad", "value_and_grad")}

    def add(self, calls, builder, taken):
        """Write the functions of calls that are not there yet.  `taken`: names of the caller's."""
        layers = {}
        for call in calls:
            if (call.layer, call.part) not in self.names:
                layers.setdefault(call.layer, {})[call.part] = call
        for layer, parts in layers.items():
            inside = [one for call in parts.values() for one in calls_in(alive(call.sections, _roots(call)))]
            self.add(inside, builder, user_names(layer.tree))
            made = {part: _layer(call, builder, self) for part, call in parts.items()}
            known = self.known.setdefault(layer.name, [])
            bodies = {part: one.text for part, one in made.items()}
            names = next((names for one, names in known if one == bodies and not taken & set(names.values())), None)
            if names is None:
                names = self._free(layer, len(known), builder.scope, taken)
                known.append((bodies, names))
                self.texts += [one._replace(text=one.text.replace(f"def {part}(", f"def {names[part]}(", 1), name=names[part])
                               for part, one in made.items()]
            self.names.update(((layer, part), name) for part, name in names.items())

    def _free(self, layer, number, scope, taken):
        """Names of both passes that nothing has yet; of a function that is a forward pass itself, in its place."""
        taken = taken | user_names(layer.tree) | self.own | {text.name for text in self.texts}
        end = f"_{number + 1}" if number else ""
        names = {part: f"{layer.name.removesuffix('_forward')}_{part}{end}" for part in ("forward", "backward")}
        while any(name in taken or scope.has(name) for name in names.values()):
            names = {part: name + "_" for part, name in names.items()}
        return names


def _roots(call):
    """The values inside that a call is for."""
    return [end for _, end in call.results] + [value for value, _ in call.kept if call.part == "forward"]


def _layer(call, builder, functions):
    """The Text of one pass of a layer, under the name of that pass."""
    ends = [end for _, end in call.results]
    forward, inputs = call.part == "forward", [value for value, _ in call.inputs]
    kept = [value for value, _ in call.kept]
    parameters = inputs if forward else [*inputs, *kept]
    reserved = ("cache",) if call.cache is not None else ()
    writing = FunctionEmitter(call.layer.tree, call.layer.source, builder, call.sections, _roots(call), parameters, (),
                      reserved, functions, builder.defined(call.block))
    names = [ast.Name(name, LOAD) for name in writing.reserved]
    held = [writing.writer.expression(value) for value in kept]
    held = held[0] if len(held) == 1 else ast.Tuple(held, LOAD)
    closing, opening, returned = [], [], [writing.writer.expression(end) for end in ends]
    signature = [(writing.names[value], None) for value in inputs]
    if forward and names:
        closing = [ast.Assign([ast.Name(writing.reserved[0], STORE)], held, lineno=0)]
        returned += names
    elif names:
        opening = [ast.Assign([held], names[0], lineno=0)]
        signature += [(writing.reserved[0], None)]
    returned = returned[0] if len(returned) == 1 else ast.Tuple(returned, LOAD)
    text, lines = writing.writer.function(call.part, signature, returned, opening, closing)
    return Text(text, call.part, lines, writing.injected)


class FunctionEmitter:
    """Plan, names and writer of one function, with the names of what it calls.

    tree: the user's function, of which it has the names; own: the parameters that have to be called as they are.
    """

    def __init__(self, tree, source, builder, sections, roots, parameters, own, reserved, functions, definitions):
        self.tree, self.builder, self.roots, self.parameters = tree, builder, roots, parameters
        sections, _ = by_latest(alive(sections, roots))
        self.plan = make_plan(read_early(sections, roots), roots)
        users = {t for stage in _all_stages(sections) for t in made_by(stage) if not builder.is_backward(t)}
        users |= {value for value in parameters if not builder.is_backward(value)}
        self.taken = user_names(tree)
        self.bound = bound_names(tree)
        self.alias, self.supplied = module_name(self, np, "np")
        self.injected = {}      # what the text needs and the user's module does not have
        self.functions = functions
        calls = list(calls_in(self.plan.sections))
        self.functions.add(calls, builder, self.taken)
        called = {call: self.functions.names[call.layer, call.part] for call in calls}
        self.reserved = tuple(unused(name, self.taken) for name in reserved)
        blocked = self.taken | set(self.reserved) | {self.alias, "math"} | set(builder.externals) | set(called.values())
        adjoints = {f"d{name}" for name in self.taken}
        rows, pairs = loop_rows(self.plan.sections), grown(self.plan.sections)
        ranges, gaps, self.names = named(self.plan.sections, self.plan.inside, parameters, roots, lambda ranges, gaps: assign(
            ranges, set(parameters) & set(own), blocked, users & set(ranges), adjoints, rows, builder.scope.roots, pairs, gaps))
        written = in_place(self.plan, ranges, definitions, self.names, builder.is_backward, gaps)
        self.writer = Writer(self.plan, self.names, written, Paths(self), source, called)

    @classmethod
    def of_program(cls, front, program, builder, sections, roots, parameters, reserved=()):
        return cls(front.source.tree, front.source, builder, sections, roots, parameters, program.parameters, reserved,
                   Functions(program.name), builder.definitions)

    def signature(self):
        """The user's own parameters, with their markers and defaults."""
        tree = self.tree.args

        def named(nodes):
            return [ast.arg(node.id) for node in nodes]
        return ast.arguments(
            posonlyargs=named(tree.posonlyargs), args=named(tree.args), kwonlyargs=named(tree.kwonlyargs),
            vararg=tree.vararg and ast.arg(tree.vararg.id), kwarg=tree.kwarg and ast.arg(tree.kwarg.id),
            defaults=list(map(gast.gast_to_ast, tree.defaults)),
            kw_defaults=[default and gast.gast_to_ast(default) for default in tree.kw_defaults])

    def gradients(self, gradients, bare):
        parts = [self.writer.expression(g) for g in gradients]
        return parts[0] if bare else ast.Tuple(parts, LOAD)

    def finish(self, name, signature, returned, opening=(), closing=()):
        # A function of the user's that has the name may be called, by the text or by another that it calls.
        name = unused(name, self.builder.scope.roots | {one.name for one in self.functions.texts})
        text, lines = self.writer.function(name, signature, returned, opening, closing)
        functions = tuple(self.functions.texts)
        above = "".join(one.text + "\n\n\n" for one in functions)
        scope = self.builder.scope
        for condition in untold(scope.demanding, self.plan.sections, self.plan.inside, self.roots, self.parameters):
            scope.rely(condition)
        supplied = scope.supplied
        written = {node.id for node in ast.walk(ast.parse(above + text)) if isinstance(node, ast.Name)}
        used = set(written)
        for guard in scope.guards:
            used.update(node.id for node in ast.walk(ast.parse(guard, mode="eval")) if isinstance(node, ast.Name))
        for one in functions:
            self.injected.update(one.injected)
        self.injected.update((name, thing) for name, thing in supplied.items() if name in used)
        above = header_of({name: thing for name, thing in self.injected.items() if name in written}, self.alias) + above
        lines = {line + above.count("\n"): place for line, place in lines.items()}
        return Text(above + text, name, lines, self.injected, functions=functions)


def _all_stages(sections):
    for _, stages in sections:
        for stage in stages:
            yield stage
            if isinstance(stage, Branch):
                yield from _all_stages([(None, stage.then), (None, stage.orelse)])
            elif isinstance(stage, Loop):
                yield from _all_stages([(None, stage.block), (None, stage.test[0] if stage.test else ())])


def made_by(stage):
    """The values that a stage defines, those at the start of a loop's rounds included."""
    if isinstance(stage, Loop):
        return (*stage.indices, *stage.targets, *(row.inner for row in stage.rows))
    return stage.targets
