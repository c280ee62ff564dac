"""Reverse sweep: the stages in reverse, each multiplying its local gradient by its cotangent.

Gradients add up at forks.  Within a statement the gradients follow its operands from left
to right; a value without a name passes its gradient straight on.

>>> import gast
>>> from ..types.kinds import FLOAT
>>> from ..types.scope import Scope
>>> from ..interp.specialize import infer_shapes
>>> from ..frontend.lower import lower_tree
>>> program = lower_tree(gast.parse("def f(x, y):\\n    z = x * y\\n    return z * x").body[0], "f")
>>> typed, builder = infer_shapes(program, [FLOAT, FLOAT], {"x", "y"}, Scope({}, {}, "f"))
>>> builder.begin_backward(typed.parameters)
>>> _, groups, gradients = backpropagate(builder, typed, ("x", "y"))
>>> [stage for _, stages in groups for stage in stages]
[dz = alias (x), dx = alias (z), _ = binary '*' (y, dz), dx = binary '+' (dx, _), dy = binary '*' (x, dz)]
"""
from __future__ import annotations

from collections import Counter

from ..analysis.aliases import stored_owners, unshared
from ..builder.broadcasting import full, verify_shape
from ..builder.common_factors import with_common_factors
from ..builder.scatter import are_zeros, as_one_subscript, backprop_index, backprop_unpack
from ..builder.spans import stacked
from ..builder.stored_sums import onto_summand, onto_update
from ..builder.symbols import Symbol
from ..errors import RuleError, UnsupportedError, at
from ..ir import check
from ..ir.nodes import Adjoint, Branch, Call, Form, Lit, Loop, Stage, Value
from ..types.kinds import FLOAT, is_stored_list
from ..types.parts import CONTAINERS, keys_of, kind_of_part
from ..types.refusals import RankUnknown, Refusal, diagnostic
from ..types.scope import Unknown
from ..types.shape_rules import kind_of_operand
from .apply_rule import merged, vjp
from .branches import backprop_branch
from .calls import backprop_call
from .dynamic_lists import backprop_list, scatter_waiting
from .loops import backprop_loop
from .projection import project
from .residuals import with_residuals
from .seeds import seed_parts
from .stores import backprop_repeated, backprop_store, refill_cleared
from .uniform_lists import backprop_element, gather_array, is_turn


def backpropagate(builder, program, wrt, borrowed=(), split=False, seed=Lit(1.0), residuals=None):
    """The Adjoint of a Program.

    split: the two parts are functions of their own, so every residual must have a value.  `borrowed` are
    values whose memory no gradient may share: the arguments, the Seed.  residuals: filled with the Residuals.
    """
    backward = Backward(builder, program.block, residuals=residuals)
    start, numbers = builder.checkpoint()
    backward.seed(program.result, seed if isinstance(seed, Lit) else seed.cotangents)
    groups = [(None, builder.stages[start:]), *backward.block(program.block)]
    by_name = {parameter.name: parameter for parameter in program.parameters}
    owned, gradients, last = set(borrowed), [], []
    for parameter in (by_name[name] for name in wrt):
        start = builder.mark = len(builder.stages)
        # The stages move to where the gradient is complete: they read no values from elsewhere.
        builder.numbers = dict(numbers)
        adjoint = project(builder, parameter, backward.adjoints.get(parameter), backward.lists)
        gradients.append(unshared(builder, adjoint, owned))
        check.adjoint(kind_of_operand(gradients[-1]), parameter.kind, parameter)
        checks = [stage for stage in builder.stages[start:]
                  if isinstance(stage, Stage) and stage.form.kind == "effect"]
        _extend(groups, backward.last_statement.get(parameter),
                [stage for stage in builder.stages[start:] if stage not in checks])
        last += checks
    groups.append((None, last))
    groups = [(statement, stages) for statement, stages in groups if stages]
    builder.define_all(forward := with_residuals(program.block, backward.residuals, split))
    return Adjoint(forward, groups, gradients)


def _read_by(stage):
    """The operands of a stage, each once where the contributions to it are added up, see `merged`."""
    has_containers = any(isinstance(o, Value) and o.kind.tag in CONTAINERS for o in stage.operands)
    return stage.operands if has_containers else set(stage.operands)


def _extend(groups, statement, stages):
    """Append the projection of a gradient after its last contribution, or at the end."""
    for position, (heading, earlier) in reversed(list(enumerate(groups))):
        if statement is not None and heading is statement:
            groups[position] = (heading, earlier + stages)
            return
    groups.append((None, stages))


class Backward:
    """The adjoints of one block; `adjoints` maps a value to the sum so far.

    The adjoint of a container is a dict from key or position to adjoint.
    """

    def __init__(self, builder, block, naming=True, residuals=None, stored=None, write_once=()):
        self.builder, self.adjoints, self.naming = builder, {}, naming
        self.residuals = {} if residuals is None else residuals      # {loop, branch or call: Residuals}
        self.pending = {}       # {array: function of its gradient}, of stores whose clearing is postponed
        self.write_once = set(write_once)       # stores that write each element once
        self.stored = stored_owners(block, builder.definitions) if stored is None else stored
        # The statement being differentiated; of each value that of its last contribution.
        self.statement, self.last_statement = None, {}
        self.elements, self.places, self.waiting = {}, {}, {}       # of lists that a loop appends to
        # Of an iteration, the elements that it reads of the lists that its loop goes over; of the function,
        # {path: the gradients of the elements of such a list}.
        self.turn, self.lists = None, {}
        self.uses = Counter(operand for stage in block for operand in _read_by(stage))
        self.definitions = {target: stage for stage in block for target in stage.targets}

    def block(self, stages, with_headings=False):
        """Differentiate the stages in reverse; returns (statement, new stages) for each that added any.

        with_headings: a heading stage comes before the stages of each statement.
        """
        groups = []
        for stage in reversed(stages):
            if not any(target in self.adjoints for target in stage.targets):
                continue
            if with_headings and stage.statement is not None and stage.statement is not self.statement:
                self.builder.append(Stage((), Form("heading"), (), stage.statement))
            start = self.builder.mark = len(self.builder.stages)
            self.statement = stage.statement
            self._run([stage])
            if not groups or groups[-1][0] is not stage.statement:
                groups.append((stage.statement, []))
            groups[-1][1].extend(self.builder.stages[start:])
        return groups

    def _run(self, work):
        """Handle a stack of stages and contributions, the next one last."""
        stage = None
        try:
            while work:
                task = work.pop()
                if isinstance(task, tuple):
                    operand, gradient = task
                    definition = self.push(operand, gradient() if callable(gradient) else gradient)
                    # An element of an array that is stored into, as in `x[i] *= v`, comes after all that
                    # reads it.
                    if definition is not None:
                        work.insert(1 if definition.operands and definition.operands[0] in self.pending
                                    else len(work), definition)
                else:
                    stage = task
                    work.extend(reversed(merged(self._contributions(stage))))
        except (Refusal, RankUnknown, Unknown, RuleError) as error:
            raise UnsupportedError([diagnostic(stage, error)]) from None
        except Exception as error:
            at(getattr(stage, "place", None), error)
            raise

    def seed(self, result, cotangents):
        """Set the cotangent of the output itself, which needs no line."""
        if isinstance(result, Value) and result.varied and result.kind.tag not in CONTAINERS:
            if isinstance(cotangents, Lit) or cotangents.kind.tag != "static":
                self.adjoints[result] = cotangents
        elif not isinstance(cotangents, Lit):
            self.push(result, seed_parts(self.builder, cotangents, kind_of_operand(result)))

    def push(self, operand, gradient):
        """Accumulate a gradient on an operand; returns the operand's stage if this is its only use."""
        if gradient is None or isinstance(operand, Lit) or not operand.varied:
            return None
        self.last_statement[operand] = self.statement
        if operand.kind.tag in CONTAINERS:
            self._push_parts(operand, gradient)
        else:
            self._accumulate(operand, gradient)
        return self._single_use_definition(operand)

    def _single_use_definition(self, operand):
        """The stage of an operand that has no other use, unless it is a loop or a call."""
        definition = (self.definitions.get(operand)
                      if operand.name is None and self.uses[operand] == 1 else None)
        return (definition if definition is not None and len(definition.targets) == 1
                and not isinstance(definition, (Loop, Call)) else None)

    def _push_parts(self, operand, gradient):
        parts = self.adjoints.setdefault(operand, {})
        if isinstance(gradient, dict):
            for key, part in gradient.items():
                self.add_part(operand, key, self._wrap(part))
            return parts
        for position, key in enumerate(keys_of(operand.kind)):
            part = gradient[position] if isinstance(gradient, (list, tuple)) else gradient[key]
            if getattr(part, "kind", FLOAT).tag == "static":       # None is given for it
                continue
            self.add_part(operand, key, part)
        return parts

    def add_part(self, operand, key, gradient):
        """Add to the gradient of one element of a container."""
        item = kind_of_part(operand.kind, key)
        parts = self.adjoints.setdefault(operand, {})
        if item.tag in CONTAINERS:
            stand_in = Value(None, kind=item, varied=True)
            if parts.get(key) is not None:
                self.adjoints[stand_in] = parts[key]
            self._push_parts(stand_in, gradient)
            parts[key] = self.adjoints.pop(stand_in)
            return
        if item.numeric or item.tag in ("unknown", "stack"):
            accumulates = operand.name and parts.get(key) is not None
            parts[key] = self._sum(parts.get(key), gradient,
                                   f"d{operand.name}_{key}" if accumulates else None)

    def _accumulate(self, operand, gradient):
        if self.builder.outer is None:      # a side that these arguments do not take may have another length
            verify_shape(gradient.kind, operand)
        self._flush(operand)
        hint = "d" + (operand.name or operand.hint or "t")
        name = hint if self.naming and (operand.name or self.uses[operand] > 1) else None
        self.adjoints[operand] = self._sum(self.adjoints.get(operand), gradient, name)
        self.builder.suggest(gradient.operand, hint)

    def _sum(self, old, gradient, name):
        builder = self.builder
        if old is not None:
            stored = onto_summand(builder, old, gradient.operand, name) if name is not None else None
            if stored is not None:
                return stored
            start = len(builder.stages)
            new = (with_common_factors(builder, old, gradient.operand)
                   or onto_update(builder, old, gradient.operand)
                   or builder.emit(Form("binary", "+"), (old, gradient.operand)))
            fresh = builder.stages[start:]
            if name is not None and fresh and new in fresh[-1].targets:
                new.name = name
                return new
            return new if name is None else builder.named(new, name)
        operand = gradient.operand
        if name is None or isinstance(operand, Lit):
            return operand
        definition = builder.definitions.get(operand)
        if operand.name == name:
            return operand
        if operand.name is None and builder.is_backward(operand) and \
                definition is not None and (not isinstance(definition, Stage)
                                            or definition.form.kind not in ("copied", "attr", "read")):
            operand.name = name
            builder.move_to_end(operand)
            return operand
        return builder.named(operand, name)

    # ---- one stage ----

    def _contributions(self, stage):
        """(operand, gradient) pairs of one stage, from the left."""
        if not isinstance(stage, Stage):
            return {Branch: backprop_branch, Loop: backprop_loop,
                    Call: backprop_call}[type(stage)](self, stage)
        kind = stage.form.kind
        if kind == "unpack":
            parts = [self.adjoints.pop(target, None) for target in stage.targets]
            return backprop_unpack(self.builder, stage, parts)
        scatter_waiting(self, stage.target)
        cotangent = self.adjoints.pop(stage.target)
        if kind == "attr" and kind_of_operand(stage.operands[0]).tag == "object":
            return self._part(stage, stage.form.name, cotangent)
        if kind == "push" or kind == "list" and stage.target.kind.tag == "stack":
            return backprop_list(self, stage, cotangent)
        if stage.target.kind.tag in CONTAINERS:
            if kind in CONTAINERS:
                keys = stage.form.keywords if kind == "dict" else range(len(stage.operands))
                return [(operand, self._wrap(cotangent[key])) for key, operand in zip(keys, stage.operands)
                        if cotangent.get(key) is not None]
            if kind == "alias":
                return [(stage.operands[0], cotangent)]
            if kind == "index" and stage.operands[0].kind.tag in CONTAINERS:
                return self._element(stage, cotangent)
        if isinstance(cotangent, dict):
            return vjp(self.builder, stage, self._every_part(stage.target, cotangent))
        cotangent = self.builder.symbol(stacked(self.builder, cotangent, are_zeros))
        if kind == "alias" and kind_of_operand(stage.operands[0]).tag == "list":
            return gather_array(self, stage, cotangent)
        if kind == "alias":
            return [(stage.operands[0], cotangent)]
        if kind == "binary" and is_stored_list(stage.target.kind):
            return backprop_repeated(self.builder, stage, cotangent)
        if kind == "store" and stage.gate is None:
            return self._store(stage,
                               backprop_store(self.builder, stage, cotangent, stage in self.write_once))
        if kind == "index" and stage.gate is None:
            if kind_of_operand(stage.operands[0]).tag in CONTAINERS:
                return self._element(stage, cotangent)
            return self._index(stage, cotangent)
        return [] if stage.gate.mode == "zero" else vjp(self.builder, stage, cotangent)

    def _store(self, stage, contributions):
        """The array's gradient stays pending until it is added to, or everything else is done."""
        if len(contributions) < 2:
            return contributions
        value, (base, on_base) = contributions
        if stage.form.name or base in self.adjoints or not base.varied:
            return contributions[::-1] if stage.form.name else contributions
        self.pending[base] = on_base
        return [value, (base, lambda: self.pending.pop(base)() if base in self.pending else None)]

    def _flush(self, operand):
        left = self.pending.pop(operand)() if operand in self.pending else None
        if left is not None:        # a store of all elements leaves nothing of the array before
            self.push(operand, left)

    def _every_part(self, value, parts):
        """The gradients of all elements of a list, zeros where an element has none."""
        container = self.builder.symbol(value)
        return [full(self.builder, self._wrap(parts.get(i, Lit(0.0))), container[i].operand)
                for i in range(len(value.kind.items))]

    def _wrap(self, part):
        return part if isinstance(part, (dict, Symbol)) else self.builder.symbol(part)

    def _element(self, stage, cotangent):
        base = stage.operands[0]
        item = stage.form.spec[0]
        if is_turn(self.builder, stage):
            return backprop_element(self, stage, cotangent)
        if item.kind == "slice":
            ends = [None if h is None else self.builder.static(stage.operands[h]) for h in item.holes]
            positions = range(len(base.kind.items))[slice(*ends)]
            for position, part in cotangent.items():
                self.add_part(base, positions[position], self._wrap(part))
        else:
            key = self.builder.static(stage.operands[item.holes[0]])
            return self._part(stage, key if base.kind.tag == "dict"
                              else range(len(base.kind.items))[key], cotangent)
        return self._passed_on(base)

    def _part(self, stage, key, cotangent):
        """The gradient of an element or attribute is a part of the container's."""
        base = stage.operands[0]
        self.add_part(base, key, self._wrap(cotangent))
        return self._passed_on(base)

    def _passed_on(self, base):
        self.last_statement[base] = self.statement
        return [(base, {})] if base.name is None and self.uses[base] == 1 and base in self.definitions else []

    def _index(self, stage, cotangent):
        view = self._single_use_definition(stage.operands[0])
        if view is not None and stage.operands[0] not in self.adjoints:
            stage = as_one_subscript(view, stage)
        base = stage.operands[0]
        self._flush(base)
        if base in self.places:
            self.waiting.setdefault(base, []).append((stage, cotangent))
            return []
        stored = refill_cleared(self.builder, self.adjoints.get(base), stage, cotangent)
        if stored is None:
            stored, gradient = backprop_index(self.builder, stage, cotangent, self.adjoints.get(base),
                                              "d" + (base.name or base.hint or "x"))
            if stored is None:
                return [(base, gradient)]
        self.adjoints[base], self.last_statement[base] = stored, self.statement
        definition = self._single_use_definition(base)
        return self._contributions(definition) if definition is not None else []
