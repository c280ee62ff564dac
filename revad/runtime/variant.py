"""Variant: a generated text with its code, and the conditions on a call that it was generated for.

>>> from ..pipeline import read_front
>>> from ..request import Request
>>> from .cache import root
>>> def f(x, y):
...     return x * y
>>> base = root(f)
>>> variant = Variant(base.entry.front, Request("grad", ("x", "y")), call_of("xy", (2.0, 3.0), "xy"), base)
>>> bound = Bound(variant, base)
>>> bound.accepts(4.0, 5.0), bound.accepts(4.0, 5), bound.function(4.0, 5.0)
(True, False, (5.0, 4.0))
"""
from __future__ import annotations

import ast
import threading
import time
import types
from functools import cached_property
from typing import Any, NamedTuple

from ..errors import CallError
from .. import pipeline
from ..request import INLINE, NUMBER_LISTS, STRATEGIES
from ..syntax import tree_of
from ..tracebacks import trim
from ..types import scope
from ..types.kinds import FLOAT, INT, key_of, kind_of
from ..types.uniform_lists import with_uniform
from . import compilation, log
from .arguments import kinds_of, layouts_of, split_arguments
from .calling import called_with_parts
from .guarded import guarded
from .guards import Conditions

# Attributes of a function that change where its module is reloaded.
SEEN = ("__code__", "__defaults__", "__kwdefaults__")
LONG = 200    # lines; longer texts are not compiled a second time with conditions before them


class Call(NamedTuple):
    """What a text is generated for: the cache key, kinds of the arguments, memory layouts of arrays.

    lenient, empty_lists, singular: see `Scope`.
    """

    key: tuple
    kinds: list
    args: Any = None
    layouts: Any = ()
    lenient: bool = False
    empty_lists: frozenset = frozenset()
    singular: bool = False


def call_of(names, args, wrt) -> Call:
    """The Call for arguments.  Raises CallError for those that have no gradient."""
    return Call(tuple(map(key_of, args)), kinds_of(names, args, wrt), args,
                tuple(layouts_of(zip(names, args))))


def key_with_lists(names, call, uses):
    """The cache key of a call, in which lists with a Use stand for any number of elements."""
    if not uses:
        return call.key
    return tuple(with_uniform(name, value, uses) for name, value in zip(names, call.args))


def annotated_call(signature, wrt) -> Call:
    """The Call for numbers, or the annotated types, with settings as their defaults."""
    key, kinds = [], []
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            none = () if parameter.kind is parameter.VAR_POSITIONAL else {}
            key.append(key_of(none))
            kinds.append(kind_of(none, parameter.name))
        elif parameter.default is not parameter.empty and parameter.name not in wrt:
            key.append(key_of(parameter.default))
            kinds.append(kind_of(parameter.default, parameter.name))
        else:
            key.append(int if parameter.annotation in (int, "int") else float)
            kinds.append(INT if key[-1] is int else FLOAT)
    return Call(("annotated", *key), kinds)


class Variant:
    """A text for one kind of call.

    strategy: that by which it was written.  sample: of a verified forward pass, the bound text and arguments
    with which to verify backward passes.
    """

    def __init__(self, front, request, call, root, strategies=STRATEGIES):
        start, function = time.perf_counter(), root.function
        strategies = INLINE if request.in_forward_mode else strategies
        if call.args is None and strategies is STRATEGIES:
            # A gradient that is followed in another function: guards on all elements have no place there.
            strategies = [strategy for strategy in strategies if not strategy.uniform_lists]

        def scope_of(strategy):
            names = scope.of_function(function)
            names.dynamic_lists, names.lenient = strategy.dynamic_lists, call.lenient
            names.uniform_lists, names.stored_lists = strategy.uniform_lists, strategy.stored_lists
            names.number_lists = strategy.number_lists
            names.layouts, names.empty_lists = dict(call.layouts), call.empty_lists
            names.function_of_text = compilation.function_of_text
            names.singular = call.singular
            return names
        names, generated, self.strategy = pipeline.write(front, scope_of, call.kinds, request, strategies)
        self.asserts_lists = any(map(compilation.asserted_list, generated.lines.values()))
        self.apart, self.draws, self.result = names.apart, names.draws, names.result
        self.takes_no_singular = names.has_determinants and not (names.singular or names.draws)
        self.has_blocks = names.has_blocks
        self.stores_are_shared, self.numbers_are_shared = names.stores_are_shared, names.numbers_are_shared
        self.mixes_precisions, self.stops_gradients = names.mixes_precisions, names.stops_gradients
        self.front, self.request, self.text = front, request, generated.text
        if names.powers:        # a complex number raises where the gradients are returned
            generated.lines.setdefault(generated.text.count("\n") + 1, names.powers[0])
        # The arguments themselves are not kept: they would never be freed.
        self.call = call._replace(args=None)
        self.parameters = tuple(p.name for p in front.program.parameters)
        self.injected, self.slots = generated.injected, generated.slots
        self.paths, self.objects, self.band = generated.paths, generated.objects, generated.band
        self._entry, self.backwards, self.lock = None, {}, threading.Lock()
        self.is_verified, self.sample = False, None
        self.free = tuple(dict.fromkeys([*root.cells, *names.closure, *generated.injected,
                                         *(outlined.name for outlined in generated.functions)]))
        self.listings = [compilation.Listing(outlined.text, outlined.name, function.__module__ or "",
                                             outlined.lines) for outlined in generated.functions]
        self.functions = {listing.name: compilation.compile_text(listing, self.free)
                          for listing in self.listings}
        self.listing = compilation.Listing(generated.text, generated.name, function.__module__ or "",
                                           generated.lines)
        self.is_inline = self.text.count("\n") < LONG     # the code behind the conditions has the text itself
        outside = Conditions(self.parameters, names.guards, {**names.constants, "key_of": key_of})
        self.conditions = (*root.conditions, outside)
        self.lists = names.of_any_length() if call.args is not None else frozenset()
        self.of_kinds = Conditions(self.parameters, lists=self.lists)
        if call.args is not None:
            self.of_kinds.add_kinds(call.args)
        self.seconds = time.perf_counter() - start

    def residuals(self, cache):
        """What the cache of a forward pass holds: one residual is the cache itself."""
        if self.slots.keys is not None:
            return (dict(cache),)       # the caller may change his own
        return (cache,) if self.slots.is_residual else cache

    def relies_on(self, word):
        """Whether a condition contains a word."""
        return any(word in text for conditions in self.conditions for text in conditions.texts)

    @cached_property
    def code(self):
        """The code of the text alone, without conditions before it."""
        return compilation.compile_text(self.listing, self.free)

    @cached_property
    def fits(self):
        return compilation.compile_check(self.conditions, self.parameters, self.free)

    @cached_property
    def accepts(self):
        return compilation.compile_check((self.of_kinds, *self.conditions), self.parameters, self.free)

    @cached_property
    def still_fits(self):
        return compilation.compile_check([_without(conditions, self.parameters)
                                          for conditions in self.conditions],
                                         (), self.free)

    def sharing_message(self, root, args):
        """The message for arguments that share memory with something that the function stores into."""
        for text, message in self.apart.items():
            code, constants = compilation.compile_check((Conditions(self.parameters, (text,),
                                                                    self.conditions[-1].constants),),
                                                        self.parameters, self.free)
            if not Bound(self, root)._bind(code, constants)(*args):
                return message
        return "cannot be differentiated for these arguments: pass copies of them"

    def backward(self, pattern, root, singular=False):
        """The backward pass of this forward pass, for the parts of `dout` that are given."""
        with self.lock, guarded(root.function):
            variant = self.backwards.get((pattern, singular))
            if variant is None:
                request = self.request._replace(part="backward", pattern=pattern, slots=self.slots)
                variant = self.backwards[pattern, singular] = Variant(
                    self.front, request, self.call._replace(singular=singular), root,
                    [strategy._replace(stored_lists=self.strategy.stored_lists)
                     for strategy in (NUMBER_LISTS if self.strategy.number_lists else STRATEGIES)
                     if strategy.dynamic_lists <= self.strategy.dynamic_lists
                     and strategy.uniform_lists == self.strategy.uniform_lists])
                if log.is_on():
                    log.note_compiled(variant, None, root.function)
            return variant

    def entry(self, signature, seen):
        """The code of the text behind its conditions; `signature` is the same in all calls.

        seen: see `compilation.compile_entry`.
        """
        if self._entry is None or self._entry[0] != seen:
            self._entry = seen, compilation.compile_entry(self.listing, self.free,
                                                          (self.of_kinds, *self.conditions),
                                                          signature, self.is_inline, seen)
        return self._entry[1]


def _without(conditions, parameters):
    """The conditions that do not read the parameters."""
    texts = [text for text in conditions.texts if not any(
        isinstance(node, ast.Name) and node.id in parameters
        for node in ast.walk(tree_of(text, "eval")))]
    return Conditions((), texts, conditions.constants)


class Bound:
    """A variant in the namespace of one function object.

    function: the text, compiled.  called: a backward pass as a function of `dout` and the cache.
    fits: whether it is for these arguments, as far as their values and the names from outside go, the kinds
    being right; accepts: whether it is, kinds included; still_fits: whether the names from outside are as
    they were.
    """

    def __init__(self, variant, root):
        self.variant, self.root, self._backwards = variant, root, {}
        self.cells = {**root.cells, **variant.injected}
        for listing in variant.listings:
            self.cells[listing.name] = self._bind(self.code_of(listing))
            self.cells[listing.name].__module__ = root.function.__module__

    def code_of(self, listing):
        """The code of one of the variant's texts."""
        return self.variant.functions.get(listing.name) or self.variant.code

    def bind_check(self, code, constants):
        """A condition of its own as a function of the arguments."""
        return self._bind(code, constants)

    def _bind(self, code, constants=()):
        return compilation.bind(code, self.root.function.__globals__, {**self.cells, **dict(constants)})

    @cached_property
    def function(self):
        function, of_user = self._bind(self.code_of(self.variant.listing)), self.root.function
        function.__module__ = of_user.__module__
        if self.variant.request.part != "backward":
            function.__defaults__, function.__kwdefaults__ = of_user.__defaults__, of_user.__kwdefaults__
        return function

    @cached_property
    def fits(self):
        return self._bind(*self.variant.fits)

    @cached_property
    def accepts(self):
        return self._bind(*self.variant.accepts)

    @cached_property
    def still_fits(self):
        return self._bind(*self.variant.still_fits)

    @cached_property
    def called(self):
        variant, request = self.variant, self.variant.request
        takes_element = request.slots.is_residual or request.slots.keys is not None
        return called_with_parts(self.function, variant.paths, takes_element,
                                 len(request.wrt) == 1 and not request.is_bare, variant.objects)

    def call(self, signature, args):
        """The text with one argument for each parameter."""
        if signature is None:
            return self.function(*args)
        positional, keywords = split_arguments(signature, args)
        return self.function(*positional, **keywords)

    def for_variant(self, variant):
        """Another variant in the same namespace."""
        return Bound(variant, self.root)

    def backward(self, pattern, singular=False):
        bound = self._backwards.get((pattern, singular))
        if bound is None:
            if not self.still_fits():
                raise CallError(f"a name that {self.root.function.__name__} takes from "
                                "outside has changed since .forward was called: call it again")
            bound = self._backwards[pattern, singular] = self.for_variant(
                self.variant.backward(pattern, self.root, singular))
        return bound

    def entry(self, signature, function, **parts):
        """The text behind its conditions as a function, with what `compilation.compile_entry` calls
        `told`, `other` and `last`; `function` is the user's."""
        code, constants, names = self.variant.entry(signature,
                                                    tuple(name for name in SEEN
                                                          if getattr(function, name) is not None))
        seen = {name.strip("_"): getattr(function, name) for name in SEEN}
        parts = {**parts, **seen, "function": function, "this": self, "trim": trim,
                 "text": None if self.variant.is_inline else self.function, "shapes": types.CellType(None)}
        free_values = {names[name]: part for name, part in parts.items() if name in names}
        return self._bind(code, {**constants, **free_values})
