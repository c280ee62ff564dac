"""Module: planned stages become the text of a function and of the layers that it calls.

A layer is a called function with a forward and a backward pass; layers with the same text share
their passes, and all of them stand above the text.

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
    return y + x, x
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
import functools
from typing import Any, NamedTuple

import gast
import numpy as np

from ..analysis.array_versions import by_latest
from ..analysis.liveness import alive, calls_in
from ..ir import check
from ..ir.nodes import Call, Value
from ..ir.stems import text_name
from ..ir.traversal import read_in, walk
from ..types.requirements import unchecked_conditions
from .cache import Slots
from .headers import Paths, header_of, module_name, names_of, unused, user_names
from .hoist_loads import hoist_loads
from .in_place import in_place
from .names import (
    RESERVED, assign, loop_rows, names_by_live_ranges, previous_versions, temporary,
)
from .plan import make_plan
from .renames import without_renames
from .simulation import simulate
from .single_reads import write_single_reads_inside
from .unparse import WIDEST
from .writer import Writer

LOAD, STORE = ast.Load(), ast.Store()


SCALARS = ("number", "static", "cache")


class Text(NamedTuple):
    """A function's text, its name, {line: user's place}, and {name: object} of what it reads from outside."""

    text: str
    name: str
    lines: dict
    injected: dict
    slots: Any = None       # of a forward pass: what its cache holds, for backward passes with a partial seed
    functions: tuple = ()   # the Texts of the layers that it calls, callees first
    objects: tuple = ()     # of a backward pass: see `objects_in_gradients`
    band: Any = None        # of several tangents: see `tangent.bands`
    paths: tuple = ()       # of a backward pass: the parts of `dout` that are its parameters, see `Seed`


class Functions:
    """The layers of a text: `texts` holds those written so far, `names` maps (layer, pass) to its name."""

    def __init__(self, stem):
        self.texts, self.names, self.bodies_by_layer = [], {}, {}
        self.reserved = {text_name(stem, part) for part in ("forward", "backward", "grad", "value_and_grad")}

    def add(self, calls, builder, taken):
        """Write the layers of calls that are not written yet.  `taken`: names in the caller."""
        layers = {}
        for call in calls:
            if (call.layer, call.part) not in self.names:
                layers.setdefault(call.layer, {})[call.part] = call
        for layer, parts in layers.items():
            inner_calls = [inner for call in parts.values()
                           for inner in calls_in(alive(call.sections, _roots_of_call(call)))]
            self.add(inner_calls, builder, user_names(layer.tree)[0])
            texts = {part: _layer(call, builder, self) for part, call in parts.items()}
            bodies_and_names = self.bodies_by_layer.setdefault(layer.stem, [])
            bodies = {part: text.text for part, text in texts.items()}
            names = next((names for known, names in bodies_and_names
                          if known == bodies and not taken & set(names.values())), None)
            if names is None:
                names = self._unused_names(layer, len(bodies_and_names), builder.scope, taken)
                bodies_and_names.append((bodies, names))
                for part, text in texts.items():
                    body = text.text.replace(f"def {part}(", f"def {names[part]}(", 1)
                    self.texts.append(text._replace(text=body, name=names[part]))
            self.names.update(((layer, part), name) for part, name in names.items())

    def _unused_names(self, layer, number, scope, taken):
        """Unused names for both passes."""
        taken = taken | user_names(layer.tree)[0] | self.reserved | {text.name for text in self.texts}
        end = f"_{number + 1}" if number else ""
        names = {part: f"{text_name(layer.stem, part)}{end}" for part in ("forward", "backward")}
        for part in names:
            while names[part] in taken or scope.has(names[part]):
                names[part] += "_"
        return names


def _roots_of_call(call):
    """The values inside a call that its results and its cache are made of."""
    return [end for _, end in call.results] + [value for value, _ in call.kept if call.part == "forward"]


def _layer(call, builder, functions):
    """The Text of one pass of a layer, under the name of that pass."""
    ends = [end for _, end in call.results]
    forward, inputs = call.part == "forward", [value for value, _ in call.inputs]
    residuals = [value for value, _ in call.kept]
    parameters = inputs if forward else [*inputs, *residuals]
    reserved = reserved_for(residuals) if residuals else ()
    emitter = FunctionEmitter(call.layer.tree, call.layer.source, builder, call.sections,
                              _roots_of_call(call),
                              parameters, (), reserved, functions, builder.defined(call.block))
    closing, opening, returned = [], [], [emitter.writer.expression(end) for end in ends]
    names = []
    if forward and residuals:
        closing, cache = emitter.stored(residuals)
        returned.append(cache)
    elif residuals:
        opening, name = emitter.loaded(Slots((*residuals,)))
        names.append(name)
    signature = [(name, None) for name in (*emitter.parameter_names(inputs, *names), *names)]
    returned = returned[0] if len(returned) == 1 else ast.Tuple(returned, LOAD)
    text, lines = emitter.writer.function(call.part, signature, returned, opening, closing, not forward)
    return Text(text, call.part, lines, emitter.injected)


def reserved_for(residuals):
    """The name that a cache of these residuals needs: one residual has its own."""
    return () if len(residuals) == 1 else ("cache",)


class FunctionEmitter:
    """Plan, names and writer of one function, with the names of the layers that it calls.

    tree: the user's function, whose names are taken; own: the parameters that must keep their names.
    """

    def __init__(self, tree, source, builder, sections, roots, parameters, own, reserved,
                 functions, definitions):
        self.tree, self.builder, self.roots, self.parameters = tree, builder, roots, parameters
        sections = alive(sections, roots)
        check.program("alive", sections, parameters, roots, rules=False)
        sections, _ = by_latest(sections)
        check.program("by_latest", sections, parameters, roots, rules=False)
        hoisted = hoist_loads(sections, roots)
        check.program("hoist_loads", hoisted, parameters, roots, rules=False)
        renamed = {}
        is_circuit = builder.plain_numbers and all(p.kind.tag in SCALARS for p in parameters)
        if not builder.keeps_names:
            seeds = None if is_circuit else {
                value for value in parameters if value not in own and value not in definitions}
            hoisted, renamed = without_renames(hoisted, roots, builder.is_backward, seeds)
        check.program("without_renames", hoisted, parameters, roots, rules=False)
        definitions = {**definitions, **renamed}
        self.plan = make_plan(hoisted, roots)
        # In a circuit of numbers each stage keeps its line, as in the course notes.
        if not is_circuit:
            write_single_reads_inside(self.plan, builder.is_backward, builder.keeps_names)
        check.program("make_plan", self.plan.sections, parameters, roots, self.plan.inside, False)
        user_values = {t for _, block in sections for stage in walk(block, into_calls=False)
                       for t in defined_by(stage) if not builder.is_backward(t)}
        user_values |= {value for value in parameters if not builder.is_backward(value)}
        names_of_users = {value.name for value in user_values}
        for value in user_values:       # a cache may have a name that the user gives to a cache of his own
            if value.kind.tag == "cache" and value.name is None and value.hint not in names_of_users:
                value.name = value.hint
        self.taken, self.bound = user_names(tree)
        self.alias, self.supplied = module_name(self, np, "np")
        self.injected = {}      # {name: object} of what the text needs and the user's module does not have
        self.functions = functions
        calls = list(calls_in(self.plan.sections))
        self.functions.add(calls, builder, self.taken)
        names_of_calls = {call: self.functions.names[call.layer, call.part] for call in calls}
        # Beside a cache of the user's ours has another name.
        names_read = builder.scope.roots | ({value.name for value in user_values} if not own else self.taken)
        self.reserved = tuple(unused("kept", self.taken) if name in names_read else name for name in reserved)
        self.outside = {self.alias, "math", *builder.externals, *names_of_calls.values()}
        blocked = self.taken | set(self.reserved) | self.outside
        adjoints = {f"d{name}" for name in self.taken}
        rows, pairs = loop_rows(self.plan.sections), previous_versions(self.plan.sections)

        def assigned(ranges, gaps):
            return assign(ranges, set(parameters) & set(own), blocked, user_values & set(ranges), adjoints,
                          rows, builder.scope.roots, pairs, gaps)
        ranges, gaps, self.names = names_by_live_ranges(self.plan.sections, self.plan.inside, parameters,
                                                        roots, assigned)
        borrowed = set(parameters)      # what a cache holds is as little this text's as an argument is
        owned = {value: stage for value, stage in definitions.items() if value not in borrowed}
        updated = in_place(self.plan, ranges, owned, self.names, builder.is_backward, gaps)
        self.writer = Writer(self.plan, self.names, updated, Paths(self), source, names_of_calls)
        self.state = simulate(self.plan, self.names, updated, parameters, roots,
                              definitions) if check.ON else None

    @classmethod
    def of_program(cls, front, program, builder, sections, roots, parameters, reserved=()):
        return cls(front.source.tree, front.source, builder, sections, roots, parameters,
                   program.parameters, reserved,
                   Functions(program.stem), builder.definitions)

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

    def stored(self, residuals):
        """(the statement that makes the cache, or none, the cache): one residual is the cache itself."""
        values = [self.writer.expression(value) for value in residuals]
        if len(values) == 1:
            return [], values[0]
        if not values:
            return [], ast.Tuple([], LOAD)
        name, cache = self.reserved[0], ast.Tuple(values, LOAD)
        return [ast.Assign([ast.Name(name, STORE)], cache, lineno=0)], ast.Name(name, LOAD)

    @functools.cached_property
    def read(self):
        """The parameters that the text reads: another may have been given the name of one of these."""
        values = {*self.roots, *read_in(self.plan.inside.values()),
                  *(value for _, stages in self.plan.sections for value in read_in(stages))}
        return values & set(self.parameters)

    def parameter_names(self, values, *taken):
        """Names of parameters that differ from each other, from those of residuals, and from `taken`."""
        taken, names = {*taken, *(self.names[value] for value in self.read)}, []
        for value in values:
            names.append(self.names[value] if value in self.read else unused(self.names[value], taken))
            taken.add(names[-1])
        return names

    def loaded(self, slots):
        """(the statement that unpacks the cache, or none, the parameter for it).

        Residuals of which the text reads nothing have names, too, so that it says what the cache holds.
        """
        blocked = {*self.names.values(), *self.reserved, *self.outside, *self.builder.scope.roots, *RESERVED}

        def target(part):
            if isinstance(part, Slots):
                return ast.Tuple([*map(target, part.parts)], STORE)
            if part in self.read:
                return ast.Name(self.names[part], STORE)
            if not isinstance(part, Value):
                return ast.Name(unused("_", blocked), STORE)
            name = unused(part.name or temporary(part), blocked)
            blocked.add(name)
            return ast.Name(name, STORE)
        cache = unused(slots.name, blocked) if slots.name else self.reserved and self.reserved[0]
        if slots.keys is not None:
            return self.items_of(cache, dict(zip(slots.keys, slots.parts))), cache
        targets = target(slots)
        if slots.is_residual:
            return [], targets.elts[0].id
        if not targets.elts:
            return [], cache
        return [ast.Assign([targets], ast.Name(cache, LOAD), lineno=0)], cache

    def items_of(self, cache, items):
        """The statement that reads the residuals from a dict of the user's, or one each if they are many."""
        read = {self.names[value]: ast.Subscript(ast.Name(cache, LOAD), ast.Constant(key), LOAD)
                for key, value in items.items() if value in self.read}
        if sum(2 * len(name) + len(cache) + 8 for name in read) < WIDEST and len(read) > 1:
            targets = ast.Tuple([ast.Name(name, STORE) for name in read], STORE)
            return [ast.Assign([targets], ast.Tuple([*read.values()], LOAD), lineno=0)]
        return [ast.Assign([ast.Name(name, STORE)], item, lineno=0) for name, item in read.items()]

    def gradients(self, gradients, bare):
        if check.ON:
            self.state.unshared(gradients)
        parts = [self.writer.expression(g) for g in gradients]
        return parts[0] if bare else ast.Tuple(parts, LOAD)

    def finish(self, name, signature, returned, opening=(), closing=(), in_one_line=False):
        # A function of the user's with this name may be called, by the text or by one of its layers.
        name = unused(name, self.builder.scope.roots | {function.name for function in self.functions.texts})
        text, lines = self.writer.function(name, signature, returned, opening, closing, in_one_line)
        functions = tuple(self.functions.texts)
        header = "".join(function.text + "\n\n\n" for function in functions)
        scope = self.builder.scope
        plan = self.plan
        for condition in unchecked_conditions(scope.stages_with_demands, plan.sections, plan.inside,
                                              self.roots, self.parameters):
            scope.rely(condition)
        supplied = scope.supplied
        names_in_text = names_of(header + text)
        names_used = names_in_text | names_of("\n".join(f"({guard})" for guard in scope.guards))
        for function in functions:
            self.injected.update(function.injected)
        self.injected.update((name, target) for name, target in supplied.items() if name in names_used)
        written = {name: target for name, target in self.injected.items() if name in names_in_text}
        header = header_of(written, self.alias) + header
        lines = {line + header.count("\n"): place for line, place in lines.items()}
        return Text(header + text, name, lines, self.injected, functions=functions)


def defined_by(stage):
    """The values that a stage defines, those at the start of an iteration included."""
    if isinstance(stage, Call):
        return stage.targets
    return (*stage.targets, *(value for region in stage.regions for value in region.arguments))
