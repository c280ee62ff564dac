"""Wrong texts: every small mistake that can be made in a generated text, one at a time.

>>> texts = [text for _, text in mutants("def f_grad(x):\\n    dx = 2 * x\\n    dx += x\\n    return dx")]
>>> "    dx = 2 * x\\n    dx = x" in "\\n".join(texts), "    dx = 3 * x" in "\\n".join(texts)
(True, True)
"""
import ast
import copy

OTHER_OPERATORS = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult,
                   ast.Pow: ast.Mult}
OTHER_TESTS = {ast.Gt: ast.Lt, ast.Lt: ast.Gt, ast.GtE: ast.LtE, ast.LtE: ast.GtE, ast.Eq: ast.NotEq,
               ast.NotEq: ast.Eq}
OTHER_FUNCTIONS = {"sin": "cos", "cos": "sin", "exp": "tanh", "tanh": "exp", "log": "exp", "sqrt": "square",
                   "zeros_like": "ones_like", "ones_like": "zeros_like", "cumsum": "cumprod",
                   "outer": "add"}


def mutants(text):
    """(what is wrong, the text with it) for each mistake; those that change nothing are among them."""
    tree = ast.parse(text)
    for number, node in enumerate(ast.walk(tree)):
        for what, change in _changes(node):
            other = copy.deepcopy(tree)
            target = list(ast.walk(other))[number]
            if change(target) is not False:
                yield (f"{what} in line {getattr(node, 'lineno', 0)}",
                       ast.unparse(ast.fix_missing_locations(other)))


def _changes(node):
    if isinstance(node, ast.BinOp) and type(node.op) in OTHER_OPERATORS:
        yield "another operator", lambda n: setattr(n, "op", OTHER_OPERATORS[type(n.op)]())
        yield "swapped operands", lambda n: n.__dict__.update(left=n.right, right=n.left)
        yield "left operand alone", lambda n: _become(n, n.left)
    if isinstance(node, ast.AugAssign):
        yield "wrong sign", lambda n: setattr(n, "op", OTHER_OPERATORS[type(n.op)]())
        yield "dropped accumulation", lambda n: _become(n, ast.Assign([n.target], n.value))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Invert)):
        yield "dropped sign", lambda n: _become(n, n.operand)
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield "another constant", lambda n: setattr(n, "value", n.value + 1)
    if isinstance(node, ast.Compare) and type(node.ops[0]) in OTHER_TESTS:
        yield "another test", lambda n: setattr(n, "ops", [OTHER_TESTS[type(n.ops[0])]()])
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "no transpose", lambda n: _become(n, n.value)
    if isinstance(node, ast.Attribute) and node.attr in OTHER_FUNCTIONS:
        yield "another function", lambda n: setattr(n, "attr", OTHER_FUNCTIONS[n.attr])
    if (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("sum", "reshape", "copy", "cumsum")
            and not (isinstance(node.func.value, ast.Name) and node.func.value.id == "np")):
        yield "a missing call", lambda n: _become(n, n.func.value)
    if isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        yield "swapped gradients", lambda n: n.value.elts.reverse()
    if isinstance(node, (ast.Assign, ast.AugAssign, ast.Expr)):
        yield "a dropped line", lambda n: _become(n, ast.Pass())


def _become(node, other):
    node.__class__ = other.__class__
    node.__dict__.clear()
    node.__dict__.update(other.__dict__)
