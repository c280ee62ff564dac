"""A second writer: it runs an adjoint program with NumPy, where codegen writes text.

It has no code of codegen's, and a value is never changed: a store copies.  So the two agree only where codegen
is right about memory, names, order and lines.
"""
import ast
import copy
import functools
import operator

import gast
import numpy as np

from revad import pipeline
from revad.analysis.liveness import alive
from revad.ir.nodes import Branch, Call, Lit, Loop

BINARY = {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
          "//": operator.floordiv, "%": operator.mod, "**": operator.pow, "@": operator.matmul,
          "&": operator.and_, "|": operator.or_, "^": operator.xor, "<<": operator.lshift,
          ">>": operator.rshift}
UNARY = {"-": operator.neg, "+": operator.pos, "not": operator.not_, "~": operator.invert}
COMPARE = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq,
           "!=": operator.ne, "is": operator.is_, "is not": operator.is_not, "in": lambda a, b: a in b,
           "not in": lambda a, b: a not in b}
AT = {"at+": np.add.at, "at-": np.subtract.at}


def adjoint_programs(monkeypatch):
    """A list of (what for, builder, sections, results, parameters, paths of the parts of dout that are among
    them), one for each text that is written."""
    programs = []
    for name in ("write_gradient", "write_forward", "write_backward"):
        def note(front, program, builder, adjoint, request, end, write=getattr(pipeline, name)):
            seed = end.paths if request.in_two_passes else ()
            programs.append((request.part, builder, [(None, adjoint.forward), *adjoint.groups],
                             [program.result, *adjoint.gradients], (*program.parameters, *seed),
                             tuple(end.paths.values()) if seed else ()))
            return write(front, program, builder, adjoint, request, end)
        monkeypatch.setattr(pipeline, name, note)
    return programs


def run(builder, sections, results, parameters, arguments):
    """The values of the results of an adjoint program."""
    machine = Machine(builder)
    values = dict(zip(parameters, arguments))
    for _, stages in alive(sections, results):
        machine.block(stages, values)
    return [machine.value(result, values) for result in results]


class Machine:
    """Runs blocks; `values` maps each Value to what it is in this run."""

    def __init__(self, builder):
        self.builder = builder

    def value(self, operand, values):
        return operand.value if isinstance(operand, Lit) else values[operand]

    def function(self, path):
        """The function that a stage calls, or what it reads from outside."""
        externals = self.builder.externals
        if path not in externals and path.startswith("@np."):
            return functools.reduce(getattr, path.split(".")[1:], np)
        return externals[path] if path in externals else self.builder.scope.resolve(path)

    def block(self, stages, values):
        for stage in stages:
            run_stage = {Branch: self.branch, Loop: self.loop, Call: self.call}.get(type(stage), self.stage)
            run_stage(stage, values)

    def branch(self, branch, values):
        region = branch.regions[0 if self.value(branch.condition, values) else 1]
        self.block(region.block, values)
        values.update(zip(branch.targets, [values.get(end, end.value if isinstance(end, Lit) else None)
                                           for end in region.ends]))

    def loop(self, loop, values):
        rows = [self.value(row.init, values) for row in loop.rows]
        items = iter(self.value(loop.iterable, values)) if loop.iterable is not None else iter(int, 1)
        for item in items:
            values.update(zip([row.inner for row in loop.rows], rows))
            values.update(zip(loop.indices, item if len(loop.indices) > 1 else [item]))
            if loop.test is not None:
                self.block(loop.test[0], values)
                if not self.value(loop.test[1], values):
                    break
            self.block(loop.block, values)
            rows = [self.value(row.next, values) for row in loop.rows]
            if loop.until is not None and self.value(loop.until, values):
                break
        values.update(zip(loop.targets, rows))

    def call(self, call, values):
        """A cache is {value of the forward pass: what it was}."""
        inside = {value: self.value(operand, values) for value, operand in call.inputs}
        if call.part == "backward" and call.cache is not None:
            inside.update((loaded, values[call.cache][value]) for loaded, value in call.kept)
        self.block(call.block, inside)
        values.update((target, self.value(end, inside)) for target, end in call.results)
        if call.part == "forward" and call.cache is not None:
            values[call.cache] = {value: inside[value] for value, _ in call.kept}

    def stage(self, stage, values):
        operands = [self.value(operand, values) for operand in stage.operands]
        result = (self.primitive(stage, values) if stage.form.kind == "method" and stage.gate is not None
                  else getattr(self, f"op_{stage.form.kind}")(stage.form, *operands))
        if stage.form.kind == "unpack":
            values.update(zip(stage.targets, result))
        elif stage.targets:
            values[stage.target] = result

    def primitive(self, stage, values):
        """The gate's function, of operands by name: that it is written as a method is codegen's."""
        bound = {name: tuple(self.value(part, values) for part in operand) if isinstance(operand, tuple)
                 else self.value(operand, values) for name, operand in stage.bound.items()}
        variadic = bound.pop(stage.gate.variadic, ())
        positional = [bound.pop(name) for name in stage.gate.required if name in bound]
        function = stage.gate.functions[0] if stage.gate.functions else getattr(np.ndarray, stage.form.name)
        return function(*positional, *variadic, **bound)

    # ---- one method for each kind of operation

    def op_heading(self, form, *operands):
        """Nothing to run: nor has an effect a result."""

    op_effect = op_heading

    def op_binary(self, form, left, right):
        return BINARY[form.name](left, right)

    op_augment = op_binary

    def op_unary(self, form, operand):
        return UNARY[form.name](operand)

    def op_compare(self, form, left, right):
        return COMPARE[form.name](left, right)

    def op_alias(self, form, operand):
        return operand

    op_unpack = op_alias

    def op_read(self, form):
        return self.function(form.name)

    def op_call(self, form, *operands):
        split = len(operands) - len(form.keywords)
        return self.function(form.name)(*operands[:split], **dict(zip(form.keywords, operands[split:])))

    def op_method(self, form, receiver, *operands):
        split = len(operands) - len(form.keywords)
        return getattr(receiver, form.name)(*operands[:split], **dict(zip(form.keywords, operands[split:])))

    def op_attr(self, form, receiver):
        return getattr(receiver, form.name)

    def op_index(self, form, *operands):
        if form.name[:1] == ".":
            return getattr(operands[0], form.name[1:])
        return operands[0][self.place(form, operands)]

    def place(self, form, operands):
        """The subscript: an index, a slice, or a tuple of them."""
        parts = {"new": lambda: None, "dots": lambda: ..., "at": lambda hole: operands[hole],
                 "slice": lambda *ends: slice(*(None if end is None else operands[end] for end in ends))}
        items = tuple(parts[item.kind](*item.holes) for item in form.spec)
        return items[0] if len(items) == 1 and not form.spec[0].inside else items

    def op_store(self, form, base, value, *holes):
        changed, place = copy.copy(base), self.place(form, (base, value, *holes))
        if form.name in AT:
            AT[form.name](changed, place, value)
        else:
            changed[place] = BINARY[form.name](changed[place], value) if form.name else value
        return changed

    def op_tuple(self, form, *elements):
        return form.spec(*elements) if form.spec and form.name != "*" else tuple(elements)

    def op_list(self, form, *elements):
        return list(elements)

    def op_dict(self, form, *elements):
        pairs = dict(zip(form.keywords, elements))
        return self.function(form.name)(**pairs) if form.name else pairs

    def op_push(self, form, elements, value):
        return [*elements, value]

    def op_keep(self, form, stored, value):
        stored.append(value)

    def op_ifexp(self, form, condition, then, orelse):
        return then if condition else orelse

    def op_copied(self, form, *operands):
        node = ast.parse(form.spec, mode="eval") if isinstance(form.spec, str) else ast.Expression(
            gast.gast_to_ast(form.spec))
        code = compile(ast.fix_missing_locations(node), "<copied>", "eval")
        return eval(code, {"np": np}, dict(zip(form.keywords, operands)))
