"""Simulation: the lines of a plan run symbolically, to check their names and what they write in place.

Each read of a value must be of a name that holds it, and of memory that nothing has been stored into since
the value was computed; no line writes into memory of the caller's.  A loop runs twice, and a branch on both
sides.

>>> from ..ir.nodes import Form, Lit
>>> from ..types.kinds import FLOAT
>>> from .plan import make_plan
>>> x, y = Value("x", kind=FLOAT), Value("y", kind=FLOAT)
>>> plan = make_plan([(None, [Stage((y,), Form("binary", "*"), (x, Lit(2)))])], [x, y])
>>> _ = simulate(plan, {x: "x", y: "y"}, (), [x], [x, y], {})
>>> simulate(plan, {x: "x", y: "x"}, (), [x], [x, y], {})
Traceback (most recent call last):
revad.ir.check.InvariantError: 'x' no longer holds x where the text reads it, in return (x, y)
"""
from __future__ import annotations

import itertools

from ..analysis.aliases import allocates, is_immutable, is_view, owners, viewed_operands
from ..analysis.array_versions import reads_shape
from ..analysis.liveness import is_heading
from ..ir import check
from ..ir.nodes import Branch, Call, Form, Loop, Stage, Unset, Value
from ..types.shape_rules import kind_of_operand


def simulate(plan, names, updated, parameters, roots, definitions):
    """Run a plan with the names of values and the stores that are in place; returns the state at its end."""
    state = State(plan.inside, names, updated, definitions)
    for parameter in parameters:
        state.assign(parameter, {} if is_immutable(parameter) else state.allocated(state.borrowed))
    for _, lines in plan.sections:
        state.block(lines)
    state.read(roots, Stage((), Form("return"), tuple(roots)))
    return state


class State:
    """What names hold and what is in memory.

    held: {name: values, all the same}; versions: {cell of memory: number of its last store}; memory: {value:
    {cell that it may lie in: number of the store that it includes}}; borrowed: cells of the caller's; lists:
    cells of lists of unknown length, besides those of their elements.
    """

    def __init__(self, inside, names, updated, definitions):
        self.inside, self.names, self.updated, self.definitions = inside, names, updated, definitions
        self.held, self.versions, self.memory = {}, {}, {}
        self.borrowed, self.lists = set(), set()
        self.numbers = itertools.count(1)

    def name(self, value):
        return self.names.get(value, value.name or "_")

    def allocated(self, among=None):
        """{a new cell: its version}."""
        cell = version = next(self.numbers)
        self.versions[cell] = version
        if among is not None:
            among.add(cell)
        return {cell: version}

    # ---- reading

    def read(self, operands, stage):
        """Check that operands are there to be read; the shape of an array is that of all its versions."""
        for position, operand in enumerate(operands):
            if operand in self.inside:
                self.read(self.inside[operand].operands, self.inside[operand])
            elif isinstance(operand, Value):
                if operand not in self.held.get(self.name(operand), ()):
                    raise check.InvariantError(f"{self.name(operand)!r} no longer holds {operand} where the "
                                               f"text reads it, in {stage}")
                if not (position == 0 and reads_shape(stage)) and not self.is_current(operand):
                    raise check.InvariantError(f"{operand} is read after a store into its memory, in {stage}")

    def is_current(self, value):
        return all(self.versions[cell] == version for cell, version in self.memory[value].items())

    def memory_of(self, operand):
        """{cell: version} of an operand."""
        if operand in self.inside:
            return self.memory_of_result(self.inside[operand])
        return self.memory.get(operand, {})

    def memory_of_result(self, stage):
        form = stage.form
        if is_immutable(stage.target):
            return {}
        if form.kind == "read":
            return self.allocated(self.borrowed)
        parts = (viewed_operands(stage) if is_view(stage)
                 else stage.operands[1:] if form.kind == "ifexp" else stage.operands)
        shared = {cell: version for part in parts for cell, version in self.memory_of(part).items()}
        if form.kind == "index" and kind_of_operand(stage.operands[0]).tag == "stack":
            return {cell: version for cell, version in shared.items() if cell not in self.lists}
        if form.kind == "list" and stage.target.kind.tag == "stack":
            return {**shared, **self.allocated(self.lists)}
        if is_view(stage) or form.kind in ("tuple", "list", "dict", "attr") and stage.gate is None:
            return shared
        return self.allocated() if allocates(stage) else {**shared, **self.allocated()}

    # ---- lines

    def assign(self, value, memory):
        self.held[self.name(value)], self.memory[value] = {value}, memory

    def block(self, lines):
        for line in lines:
            if not is_heading(line):
                {Branch: self.branch, Loop: self.loop, Call: self.call}.get(type(line), self.line)(line)

    def line(self, stage):
        kind = stage.form.kind
        if kind == "store":
            return self.store(stage)
        self.read(stage.operands, stage)
        if kind == "keep":
            stack, value = stage.operands
            kept = {} if stage.form.name else self.memory_of(value)
            self.memory[stack] = {**kept, **self.memory[stack]}
        elif kind == "alias":
            self.rename([(stage.target, stage.operands[0])], stage)
        elif kind == "push" and stage.target not in self.updated:
            elements = {cell: version for operand in stage.operands
                        for cell, version in self.memory_of(operand).items() if cell not in self.lists}
            self.assign(stage.target, {**elements, **self.allocated(self.lists)})
        elif stage.targets and stage.target in self.updated:
            self.write(stage)
        elif kind == "unpack":
            for target in stage.targets:
                self.assign(target, {} if is_immutable(target) else self.memory_of(stage.operands[0]))
        elif stage.targets:
            self.assign(stage.target, self.memory_of_result(stage))

    def store(self, stage):
        """In place, or into a copy, which the rest of the line reads in the place of the array."""
        base, *operands = stage.operands
        self.read((base,), stage)
        if stage.target in self.updated:
            self.read(operands, stage)
            return self.write(stage)
        name = self.name(stage.target)
        same = self.held.get(name, set()) if base not in self.inside and name == self.name(base) else set()
        self.assign(stage.target, self.allocated())
        self.held[name] |= same
        self.read(operands, stage)
        self.held[name] = {stage.target}

    def write(self, stage):
        """The memory of the first operand becomes that of the target."""
        base = stage.operands[0]
        if self.name(base) != self.name(stage.target):
            raise check.InvariantError(f"{stage} is in place under another name")
        memory = self.memory_of(base)
        if stage.form.kind == "push":
            elements = self.memory_of(stage.operands[1])
            written = [cell for cell in memory if cell in self.lists]
        else:
            elements, written = {}, memory
        if self.borrowed.intersection(written):
            raise check.InvariantError(f"{stage} writes into memory of the caller's")
        self.versions.update((cell, next(self.numbers)) for cell in written)
        self.assign(stage.target, {**elements, **{
            cell: self.versions[cell] if cell in written else version for cell, version in memory.items()}})

    def rename(self, pairs, stage):
        """Give operands other names, all at once."""
        pairs = [(target, operand) for target, operand in pairs if type(operand) is not Unset]
        self.read([operand for _, operand in pairs], stage)
        memories = [self.memory_of(operand) for _, operand in pairs]
        for (target, operand), memory in zip(pairs, memories):
            name, same = self.name(target), set()
            if isinstance(operand, Value) and operand not in self.inside and self.name(operand) == name:
                same = self.held[name]
            self.assign(target, memory)
            self.held[name] |= same

    def branch(self, branch):
        self.read((branch.condition,), branch)
        before, sides = self.snapshot(), []
        for region in branch.regions:
            self.held, self.versions, self.memory = before
            before = self.snapshot()
            self.block(region.block)
            self.rename(list(zip(branch.targets, region.ends)), branch)
            sides.append(self.snapshot())
        self.join(branch, *sides)

    def snapshot(self):
        return ({name: set(values) for name, values in self.held.items()}, dict(self.versions),
                dict(self.memory))

    def join(self, branch, *sides):
        """What holds whichever side has run: a value that is current after both is current."""
        held, versions, memories = zip(*sides)
        self.held = {name: held[0][name] & held[1][name] for name in held[0].keys() & held[1].keys()}
        for target, *ends in branch.results:        # what has no value on one side is read after the other
            if any(type(end) is Unset for end in ends):
                self.held.setdefault(self.name(target), set()).add(target)
        self.versions = {cell: version if versions[0].get(cell, version) == versions[1].get(cell, version)
                         else next(self.numbers) for cell, version in {**versions[0], **versions[1]}.items()}
        self.memory = {}
        for value in {**memories[0], **memories[1]}:
            cells = {cell for memory in memories for cell in memory.get(value, ())}
            self.memory[value] = {cell: self.versions[cell] if all(
                memory[value][cell] == version[cell] for memory, version in zip(memories, versions)
                if cell in memory.get(value, ())) else 0 for cell in cells}

    def loop(self, loop):
        self.rename([(row.inner, row.init) for row in loop.rows], loop)
        for row in loop.rows:
            self.held.setdefault(self.name(row.inner), {row.inner}).add(row.inner)
            self.memory.setdefault(row.inner, {})
        self.read((loop.iterable,), loop)
        items = {cell: version for cell, version in self.memory_of(loop.iterable).items()
                 if cell not in self.lists}
        for _ in range(2):
            for index in loop.indices:
                self.assign(index, {} if is_immutable(index) else items)
            self.test(loop)
            self.block(loop.block)
            self.rename([(row.inner, row.next) for row in loop.rows], loop)
            self.read((loop.until,), loop)
        self.test(loop)
        self.rename([(row.out, row.inner) for row in loop.rows], loop)

    def test(self, loop):
        if loop.test is not None:
            self.block(loop.test[0])
            self.read((loop.test[1],), loop)

    def call(self, call):
        """The results lie in memory of their own, or of the inputs that they are views of."""
        self.read(call.operands, call)
        ends = {target: (end,) for target, end in call.results}
        if call.part == "forward" and call.cache is not None:
            ends[call.cache] = [value for value, _ in call.kept]
        memories = {target: self.allocated() for target in call.targets}
        for target, values in ends.items():
            memory = {owner for value in values if isinstance(value, Value) and not is_immutable(value)
                      for owner in owners(value, self.definitions)}
            for value, operand in call.inputs:
                memories[target].update(self.memory_of(operand) if value in memory else {})
        for target, memory in memories.items():
            self.assign(target, {} if is_immutable(target) else memory)

    # ---- results

    def unshared(self, gradients):
        """Check that gradients lie in memory of their own."""
        taken = set(self.borrowed)
        for gradient in gradients:
            cells = self.memory_of(gradient).keys()
            if taken & cells:
                raise check.InvariantError(f"the gradient {gradient} shares memory with another one, or with "
                                           "an argument")
            taken |= cells
