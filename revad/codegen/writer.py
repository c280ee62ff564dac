"""Writer: a plan becomes the text of a function, and a map from its lines to the user's.

>>> from ..types.kinds import FLOAT
>>> from .plan import make_plan
>>> from ..ir.nodes import Form, Lit, Stage
>>> x, y = Value("x", kind=FLOAT), Value("y", kind=FLOAT)
>>> plan = make_plan([("forward pass", [Stage((y,), Form("binary", "*"), (x, Lit(2)))])], [y])
>>> writer = Writer(plan, {x: "x", y: "y"}, set(), {})
>>> print(writer.function("f", [("x", None)], y)[0])
def f(x):
    # forward pass
    y = x * 2
    return y
"""
from __future__ import annotations

import ast

import gast

from ..analysis.distinct import is_same_place
from ..analysis.liveness import is_heading
from ..ir.nodes import Branch, Call, Lit, Loop, Stage, Unset, Value
from ..ir.traversal import values_of
from ..types.kinds import INTEGERS
from ..types.shape_rules import kind_of_operand
from ..types.subscripts import mask_of_store
from .short import one_expression, number_returned
from .signs import with_signs_in_front
from .syntax import BINARY, LOAD, STORE, ExpressionWriter, copied
from .unparse import Comment, unparse, unparse_with_lines
from .wrap import wrapped_text

LONGEST_COMMENT = 88


class Writer(ExpressionWriter):
    """Turns planned lines into syntax; `names` of values, `externals` of outside functions."""

    def __init__(self, plan, names, in_place, externals, source=None, functions=None):
        self.plan, self.names, self.in_place, self.externals = plan, names, in_place, externals
        self.functions = functions or {}        # {call: the name of its function}
        self.source = source        # the user's source, for quotations
        self.places, self.under = {}, None      # under: the statement whose backward lines are written

    def function(self, name, parameters, result, opening=(), closing=(), in_one_line=False):
        """(the text of a function, {line: user's line}); parameters: (name, default) pairs, or syntax.

        in_one_line: the only statement returns its value itself, without a name.
        """
        body = list(opening)
        for heading, lines in self.plan.sections:
            self.under = None if isinstance(heading, str) else heading
            statements = self.lines(lines)
            if heading and statements:
                body.append(Comment(heading) if isinstance(heading, str) else self.comment(heading))
            body += statements
        body += closing
        if result is not None:
            result = result if isinstance(result, ast.AST) else self.expression(result)
            short = one_expression(body[len(opening):], result) if in_one_line and not closing else None
            if short is not None:
                comments = [line for line in body[len(opening):] if isinstance(line, Comment)]
                last = body[-1]
                body[len(opening):] = [*(comments if len(comments) == 1 else ()), ast.Return(short)]
                self.places[body[-1]] = self.places.get(last)
            elif in_one_line and not closing and (
                    number := number_returned(body[len(opening):], result)):
                last, values = body[-1], [statement.value for statement in body[-number:]]
                body[-number:] = [ast.Return(values[0] if number == 1 else ast.Tuple(values, LOAD))]
                self.places[body[-1]] = self.places.get(last)
            else:
                body.append(ast.Return(result))
        arguments = parameters
        if not isinstance(parameters, ast.arguments):
            defaults = [default for _, default in parameters if default is not None]
            arguments = ast.arguments(posonlyargs=[], args=[ast.arg(p) for p, _ in parameters], vararg=None,
                                      kwonlyargs=[], kw_defaults=[], kwarg=None, defaults=defaults)
        tree = ast.FunctionDef(name=name, args=arguments, body=body, decorator_list=[], returns=None,
                               type_comment=None, type_params=[])
        return wrapped_text(*unparse_with_lines(tree, self.places))

    def quoted(self, statement):
        """A statement of the user's on one line: as it stands if it has one, cut if it is too long."""
        node = statement.node.value if isinstance(statement.node, gast.Return) else statement.node
        if isinstance(node, (gast.If, gast.For, gast.While)):
            return self.heading(node)
        source = statement.source or self.source
        if source is not None and node.lineno == node.end_lineno:
            text = source.segment(node)
        else:
            text = " ".join(unparse(gast.gast_to_ast(node)).split())
        return text if len(text) <= LONGEST_COMMENT else text[:LONGEST_COMMENT - 3].rstrip() + "..."

    # ---- statements ----

    def heading(self, node):
        """The first line of a compound statement."""
        parts = [node.target, node.iter] if isinstance(node, gast.For) else [node.test]
        texts = [" ".join(unparse(gast.gast_to_ast(part)).split()) for part in parts]
        if isinstance(node, gast.For):
            return f"for {' in '.join(texts)}"
        return f"{type(node).__name__.lower()} {texts[0]}"

    def comment(self, statement):
        return Comment(f"backprop {self.quoted(statement)}")

    def lines(self, lines):
        """The statements of a block, each group of them under its heading."""
        outer, statements = self.under, []
        for heading, group in _groups(lines):
            self.under = heading or outer
            group_statements = [statement for line in group for statement in self.placed(line)]
            is_new = heading is not None and heading is not outer
            if is_new and group_statements and not _is_one_statement(heading, group_statements):
                statements.append(self.comment(heading))
            statements += group_statements
        self.under = outer
        return statements

    def placed(self, line):
        method = {Branch: "branch", Loop: "loop", Call: "call"}.get(type(line), "line")
        statements = getattr(self, method)(line)
        # Of a gradient, not the user's.  A float before integers is what makes them floats: it stays.
        if isinstance(line, Stage) and line.statement is None and not self.reads_integers(line):
            statements = [*map(with_signs_in_front, statements)]
        origin = line.statement or self.under or (line if line.place is not None else None)
        if isinstance(line, Stage) and line.form.kind == "keep" and line.operands[1] in self.plan.inside:
            # What is kept is computed in this line: it fails where the user's fails.
            origin = self.plan.inside[line.operands[1]].statement or origin
        if origin is not None:
            self.places.update((statement, origin.place) for statement in statements)
        return statements

    def reads_integers(self, stage):
        """Whether a line reads integers or truth values of NumPy's, or what may be such."""
        indexed = {"index": stage.operands[:1], "store": stage.operands[:2]}      # a subscript is no number
        for operand in values_of(indexed.get(stage.form.kind, stage.operands)):
            kind = operand.kind
            if operand in self.plan.inside and self.reads_integers(self.plan.inside[operand]) \
                    or kind.numeric and not kind.weak and (not kind.dtype or kind.dtype in INTEGERS):
                return True
        return False

    def text(self, stage):
        """The text of a line."""
        return "\n".join(map(unparse, self.line(stage)))

    def line(self, stage):
        form = stage.form
        if form.kind == "effect":
            return [self.copied(form, stage.operands)]
        if form.kind == "store":
            return self.store(stage)
        if form.kind == "keep":
            stack, value = self.each(stage.operands)
            copy = copied(value, kind_of_operand(stage.operands[1]))
            if form.name == "copy or None":
                copy = ast.IfExp(ast.Compare(value, [ast.Is()], [ast.Constant(None)]),
                                 ast.Constant(None), copy)
            value = copy if form.name else value
            return [ast.Expr(ast.Call(ast.Attribute(stack, "append", LOAD), [value], []))]
        if form.kind == "push":
            return self.push(stage)
        if form.kind == "unpack":
            targets = ast.Tuple([self.target(t) for t in stage.targets], STORE)
            return [ast.Assign([targets], self.expression(stage.operands[0]), lineno=0)]
        target = self.target(stage.target)
        if form.kind == "alias" and self.same_name(stage.target, stage.operands[0]):
            return []
        if stage.target in self.in_place:
            return [ast.AugAssign(target, BINARY[form.name](), self.expression(stage.operands[1]))]
        return [ast.Assign([target], self.form(form, stage.operands), lineno=0)]

    def push(self, stage):
        """`append` where nothing reads the list without the element later, else a longer list."""
        base, value = self.each(stage.operands)
        if stage.target in self.in_place:
            return [ast.Expr(ast.Call(ast.Attribute(base, "append", LOAD), [value], []))]
        longer = ast.List([ast.Starred(base, LOAD), value], LOAD)
        return [ast.Assign([self.target(stage.target)], longer, lineno=0)]

    def same_name(self, target, operand):
        return (isinstance(operand, Value) and operand in self.names
                and self.names[operand] == self.names[target])

    def store(self, stage):
        base, value = stage.operands[0], self.expression(stage.operands[1])
        statements = []
        if stage.target not in self.in_place:
            chosen = self.chosen(stage)
            if chosen is not None:
                return [ast.Assign([self.target(stage.target)], chosen, lineno=0)]
            held = self.copy(base)
            statements.append(ast.Assign([self.target(stage.target)], held, lineno=0))
        name = self.names[stage.target]
        as_tuple = bool(stage.form.keywords[0])
        if stage.form.name.startswith("at"):
            items = self.items(stage.form.spec, stage.operands, as_tuple)
            function = "add" if stage.form.name == "at+" else "subtract"
            call = ast.Call(ast.Attribute(self.path(f"@np.{function}"), "at", LOAD),
                            [ast.Name(name, LOAD), self.as_index(items), value], [])
            return [*statements, ast.Expr(call)]
        target = self.subscript(ast.Name(name, LOAD), stage.form, stage.operands, as_tuple, STORE)
        operator, value = self.updated(stage) or (stage.form.name, value)
        if not operator:
            return [*statements, ast.Assign([target], value, lineno=0)]
        return [*statements, ast.AugAssign(target, BINARY[operator](), value)]

    def chosen(self, stage):
        """A copy of an array in which a mask takes one number, or a multiple, as a choice; else None."""
        mask = mask_of_store(stage)
        if mask is None or stage.statement is not None or stage.form.name:
            return None
        base, value = stage.operands[:2]
        filled = self.plan.inside.get(base)
        if filled is not None:
            if (filled.form.name not in ("@np.full", "@np.full_like") or filled.form.keywords
                    or not _is_number(value) or stage.target.kind.dtype != "d"
                    or kind_of_operand(filled.operands[1]).tag != "number"):
                return None
            base = filled.operands[1]
        if not _is_number(value):
            operator, _ = self.updated(stage) or ("", None)
            inner = self.plan.inside.get(value)
            factor = next((o for o in inner.operands if _is_number(o)), None) if operator == "*" else None
            if factor is None:
                return None
            value = ast.BinOp(self.expression(factor), ast.Mult(), self.expression(base))
        else:
            value = self.expression(value)
        return ast.Call(self.path("@np.where"), [self.expression(mask), value, self.expression(base)], [])

    def updated(self, stage):
        """(operator, v) of `x[i] = x[i] * v`, unless the user wrote it so; else None."""
        inner = self.plan.inside.get(stage.operands[1])
        if stage.form.name or inner is None or inner.form.kind != "binary" \
                or kind_of_operand(stage.operands[0]).dtype != inner.target.kind.dtype \
                or stage.statement is not None and not isinstance(stage.statement.node, gast.AugAssign):
            return None
        sides = inner.operands if inner.form.name in "+*" else inner.operands[:1]
        position = next((n for n, side in enumerate(sides)
                         if side in self.plan.inside and is_same_place(stage, self.plan.inside[side])
                         and self.plan.inside[side].operands[0] is stage.operands[0]), None)
        return None if position is None else (inner.form.name, self.expression(inner.operands[1 - position]))

    def branch(self, branch):
        sides = []
        for block, column in ((branch.then, 1), (branch.orelse, 2)):
            body = self.lines(block)
            rows = [(self.target(row[0]), self.expression(row[column])) for row in branch.results
                    if type(row[column]) is not Unset]
            rows = [(name, value) for name, value in rows
                    if not isinstance(value, ast.Name) or value.id != name.id]
            headings = [line.statement for line in block if is_heading(line)]
            if rows and not body and len(headings) == 1 and headings[0] is not self.under:
                body.append(self.comment(headings[0]))
            sides.append(body + _parallel_assignments(rows))
        condition = self.expression(branch.condition)
        if not sides[0]:
            if not sides[1]:
                return []
            return [ast.If(_opposite(condition), sides[1], [])]
        return [ast.If(condition, sides[0], sides[1])]

    def loop(self, loop):
        before = [(self.target(row.inner), self.expression(row.init)) for row in loop.rows
                  if type(row.init) is not Unset and not self.same_name(row.inner, row.init)]
        body = self.lines(loop.block)
        body += _parallel_assignments(
            [(self.target(row.inner), self.expression(row.next)) for row in loop.rows
             if type(row.next) is not Unset
             and not self.same_name(row.inner, row.next)])
        if loop.until is not None:
            body.append(ast.If(self.expression(loop.until), [ast.Break()], []))
        body = body or [ast.Pass()]
        if loop.iterable is not None:
            indices = [self.target(value) for value in loop.indices]
            over = indices[0] if len(indices) == 1 else ast.Tuple(indices, STORE)
            return [*_parallel_assignments(before),
                    ast.For(over, self.expression(loop.iterable), body, [], lineno=0)]
        test, condition = loop.test
        if test:
            leave = ast.If(_opposite(self.expression(condition)), [ast.Break()], [])
            return [*_parallel_assignments(before),
                    ast.While(ast.Constant(True), [*self.lines(test), leave, *body], [])]
        return [*_parallel_assignments(before), ast.While(self.expression(condition), body, [])]

    def call(self, call):
        value = ast.Call(ast.Name(self.functions[call], LOAD), self.each(call.operands), [])
        targets = [self.target(target) for target in call.targets]
        if not targets:
            return [ast.Expr(value)]
        return [ast.Assign([targets[0] if len(targets) == 1 else ast.Tuple(targets, STORE)], value, lineno=0)]

    def target(self, value):
        return ast.Name(self.names.get(value, value.name or "_"), STORE)


def _is_number(operand):
    return isinstance(operand, Lit) and type(operand.value) in (int, float)


def _groups(lines):
    """[(statement, lines)]: the lines of a block by their headings; the first group may have none."""
    groups = [(None, [])]
    for line in lines:
        if is_heading(line):
            groups.append((line.statement, []))
        else:
            groups[-1][1].append(line)
    return groups


def _is_one_statement(heading, statements):
    """Whether a loop or branch is all there is under its heading: its first line says the same."""
    return len(statements) == 1 and isinstance(statements[0], (ast.For, ast.While, ast.If)) \
        and isinstance(heading.node, (gast.For, gast.While, gast.If))


def _opposite(condition):
    """The negation of a condition; that of `==` is `!=`."""
    if isinstance(condition, ast.Compare) and len(condition.ops) == 1:
        for pair in ((ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)):
            for operator, opposite in (pair, pair[::-1]):
                if isinstance(condition.ops[0], operator):
                    return ast.Compare(condition.left, [opposite()], condition.comparators)
    return ast.UnaryOp(ast.Not(), condition)


def _parallel_assignments(rows):
    """Assignments, ordered so that each name is read before it is overwritten, or one of tuples."""
    lines, rows = [], list(rows)
    while rows:
        names_read = [{node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
                      for _, value in rows]
        unread = next((i for i, (target, _) in enumerate(rows)
                       if not any(target.id in names for j, names in enumerate(names_read) if j != i)), None)
        if unread is None:
            targets, values = (
                ast.Tuple(list(part), context) for part, context in zip(zip(*rows), (STORE, LOAD)))
            return [*lines, ast.Assign([targets], values, lineno=0)]
        target, value = rows.pop(unread)
        lines.append(ast.Assign([target], value, lineno=0))
    return lines
