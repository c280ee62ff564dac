"""Every reason that revad has for refusing a function, read from its own source.

    reasons()            {(module, text of the call): Reason}
    Reason.fits(what, why, instead)

A part of a reason that is put together while compiling (`f"attribute .{name}"`) fits any text in the place
of its holes.
"""
import ast
import importlib
import pathlib
import re
from typing import NamedTuple

import revad

ROOT = pathlib.Path(revad.__file__).parent
# And where `what` stands among the arguments.
CALLS = {"Refusal": 0, "UnsupportedSyntax": 0, "refuse": 0, "Diagnostic": 1}


class Reason(NamedTuple):
    """A call in the source that refuses something; its parts as patterns."""

    module: str
    line: int
    what: str
    why: str
    instead: str

    def fits(self, what, why, instead):
        return all(re.fullmatch(pattern, text, re.DOTALL)
                   for pattern, text in zip(self[2:], (what, why, instead)))

    def __str__(self):
        return f"{self.module}:{self.line} {readable(self.what)}: {readable(self.why)}"


def readable(pattern):
    return re.sub(r"\\(.)", r"\1", pattern.replace("(?:.*)", "..."))


def reasons():
    """All of them, in the order of the modules.

    What only hands on the parts of another (`*error`, `error.why`) is left out, and what the function
    itself raises (`raises`, a fourth argument): there the function's own error is what is told.
    """
    return [reason for path in sorted(ROOT.rglob("*.py")) for reason in _of_module(path)]


def _of_module(path):
    name = ".".join(("revad", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__")
    module = importlib.import_module(name)
    for node in ast.walk(ast.parse(path.read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS):
            continue
        parts = node.args[CALLS[node.func.id]:]
        if (len(parts) != 3 or any(isinstance(part, ast.Starred) for part in parts)
                or all(isinstance(p, (ast.Name, ast.Attribute)) for p in parts)):
            continue
        yield Reason(name, node.lineno, *(_pattern(part, module) for part in parts))


def _pattern(node, module):
    """What a text looks like that an expression makes."""
    if isinstance(node, ast.Constant):
        return re.escape(str(node.value))
    if isinstance(node, ast.JoinedStr):
        return "".join(_pattern(part, module) if isinstance(part, ast.Constant) else "(?:.*)"
                       for part in node.values)
    if isinstance(node, ast.IfExp):
        return f"(?:{_pattern(node.body, module)}|{_pattern(node.orelse, module)})"
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _pattern(node.left, module) + _pattern(node.right, module)
    if isinstance(node, ast.Name) and isinstance(getattr(module, node.id, None), str):
        return re.escape(getattr(module, node.id))
    return "(?:.*)"
