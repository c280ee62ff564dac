"""Compilation: the text of a function becomes a function in the user's own namespace.

The text is compiled as it prints and put in `linecache`, so tracebacks, pdb and
`inspect.getsource` show it; nothing is written to disk and no name is added to the module.

>>> code = compile_text(Listing("def f(x):\\n    return k * x", "f", "m"), ("k",))
>>> bind(code, {}, {"k": 3})(2)
6
"""
from __future__ import annotations

import ast
import inspect
import linecache
import types
import weakref
import zlib

from ..errors import Filled
from ..ir.free_names import all_nodes
from ..syntax import tree_of
from .shape_conditions import once_per_shapes

_listings: weakref.WeakValueDictionary = weakref.WeakValueDictionary()


class Listing:
    """The text of a function under the name that tracebacks show for it.

    lines: {line of the text: the user's place}.  The file name has a digest of both, so equal texts of one
    function share it; `linecache` holds the text as long as any code compiled from it exists.
    """

    def __init__(self, text, name, stem, lines=None):
        self.text, self.name, self.lines = text, name, lines or {}
        self.tree, self.is_compiled = None, False       # a tree that is about to be compiled once more
        digest = f"{zlib.crc32(f'{text}{self.lines}'.encode()):08x}"
        self.filename = f"<revad {stem}.{name} {digest}>"

    def keep(self, code):
        """Keep the text in linecache as long as `code` lives."""
        entry = _listings.get(self.filename)
        if entry is None:
            entry = _listings[self.filename] = _LinecacheEntry(self.lines)
            linecache.cache[self.filename] = (len(self.text), None, self.text.splitlines(keepends=True),
                                              self.filename)
            weakref.finalize(entry, linecache.cache.pop, self.filename, None).atexit = False
        weakref.finalize(code, _keep_alive, entry).atexit = False

    def parsed(self, with_body=True):
        """A syntax tree of the function; without body, its first line."""
        text, tree, self.tree = self.text, self.tree, None
        if tree is not None and with_body:
            return tree
        if not with_body:
            at = text.rindex(f"def {self.name}(")
            text = text[:text.index(":\n", at)] + ": pass"
        return tree_of(text).body[-1]


class _LinecacheEntry:
    """An entry of linecache, removed with the last code object of the text."""

    def __init__(self, lines):
        self.lines = lines


def _keep_alive(entry):
    """A finalizer that keeps `entry` alive until the code object it is registered for is freed."""


def place_of(filename, line):
    """The user's place that a line of generated code belongs to, or None."""
    entry = _listings.get(filename)
    return None if entry is None else entry.lines.get(line)


def asserted_list(place):
    """The place of the list about which the code at a place asserts that it has elements, or None.

    The text of a gradient's gradient asserts what the gradient's text does.
    """
    return marked(place, Filled)


def marked(place, cls):
    """The place of a class that the code at a place belongs to, also by the text of a gradient, or None."""
    while place is not None and not isinstance(place, cls):
        place = place_of(place.file, place.line)
    return place


def compile_text(listing, free, changed=None):
    """The code object of the listing's function, with `free` its names from around it.

    changed: a function from its syntax tree to that which is compiled.
    """
    tree = listing.parsed()
    code = _compile(tree if changed is None else changed(tree), free, listing.filename)
    listing.is_compiled = True
    listing.keep(code)
    return code


def compile_check(conditions, parameters, free):
    """(code, constants) of a predicate of the arguments: whether all conditions hold."""
    tests, constants = _merged(conditions, set(parameters) | set(free))
    function = tree_of(CHECK.format(", ".join(parameters))).body[0]
    if tests:
        function.body[0].body[0].value = _conjunction(tests)
    _put_at(function, 1)
    return _compile(function, (*free, *constants), "<revad conditions>"), constants


def compile_entry(listing, free, conditions, signature, inline, seen=()):
    """(code, constants, names) of the listing's function with the conditions before it.

    All added code has the line of `def`, so that a debugger and tracebacks show the text.  Where a condition
    is false or raises, the arguments are passed on to `other`; an exception of the text itself is passed to
    `told` with the arguments, and `last` is set to `this` before the text runs; `shapes` are those of the
    last call; `trim` drops revad's frames from an exception.  With `inline` false, the text is called as
    `text`, so that it is compiled only once.  seen: attributes of the user's function, such as `__code__`,
    that must still be what they are now (free variable `code`).
    """
    tree = listing.parsed(inline)
    taken = _names(tree) | set(free)
    tests, constants = _merged(conditions, taken)
    names = {}
    for name in ("rest", "error", "told", "other", "last", "this", "shapes", "text", "function", "trim",
                 *(attribute.strip("_") for attribute in seen)):
        names[name] = _unused(name, taken | set(constants) | set(names.values()))
    parameters = _parameters(tree)
    call_arguments = [*parameters[:len(parameters) - len(tree.args.kwonlyargs)],
                      *(f"{a.arg}={a.arg}" for a in tree.args.kwonlyargs)]
    # The arguments as they were passed, where the text assigns to the parameter.
    stored = {node.id for node in all_nodes(tree)
              if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)} if inline else set()
    saved = {}
    for name in (parameter for parameter in parameters if parameter in stored):
        saved[name] = _unused(f"{name}_given",
                              taken | set(constants) | set(names.values()) | set(saved.values()))
    frame = tree_of(ENTRY.format(name=tree.name,
                                   args="".join(f"{saved.get(name, name)}, "
                                                for name in parameters).join("()"),
                                   passed=", ".join(saved.get(name, name) for name in parameters),
                                   given=", ".join(call_arguments),
                                   saved="; ".join(f"{new} = {name}"
                                                   for name, new in saved.items()) or "pass",
                                   same="".join(f" and {names['function']}.{attribute} is "
                                                f"{names[attribute.strip('_')]}" for attribute in seen),
                                   **names)).body[0]
    frame.args = _arguments(parameters, signature, names["rest"])
    condition = frame.body[-1].body[0].body[0]
    if tests:
        first, *same = condition.test.values if seen else [condition.test]
        condition.test = _conjunction([first, *once_per_shapes(tests, names["shapes"], constants), *same])
    # Everything but the text has the line of `def`, which distinguishes a condition that raises from a text
    # that does.
    _put_at(frame, tree.lineno)
    if inline:
        condition.body[1:] = tree.body
        listing.tree = None if listing.is_compiled else tree
    code = _compile(frame, (*free, *constants, *names.values()), listing.filename)
    listing.keep(code)
    return code, constants, names


# A deleted name or a comparison that raises: the text is for other circumstances.
CHECK = """
def fits({}):
    try:
        return True
    except Exception:
        return False
"""

ENTRY = """
def {name}():
    nonlocal {last}, {shapes}
    {saved}
    try:
        try:
            if not {rest}{same}:
                {last} = {this}
                return {text}({given})
        except Exception as {error}:
            if {told}({error}, {args}):
                raise
        return {other}({passed}, *{rest})
    except Exception as {error}:
        {trim}({error})
        raise
"""


def bind(code, namespace, free, defaults=None):
    """A function of the code in a namespace; `free` maps its free names to cells or objects."""
    cells = tuple(cell if isinstance(cell, types.CellType) else types.CellType(cell)
                  for cell in (free[name] for name in code.co_freevars))
    return types.FunctionType(code, namespace, code.co_name, defaults, cells)


def _compile(function, free, filename):
    """The code object of a function's tree, compiled inside a function with the variables `free`."""
    outer = tree_of(f"def outer({', '.join(dict.fromkeys(free))}): pass").body[0]
    outer.body = [function]
    compiled = compile(ast.Module([outer], []), filename, "exec", dont_inherit=True)
    factory = next(c for c in compiled.co_consts if isinstance(c, types.CodeType))
    # Defaults may contain lambdas, which have code objects, too.
    return next(c for c in factory.co_consts if isinstance(c, types.CodeType) and c.co_name == function.name)


def _arguments(names, signature, vararg):
    """The parameters of a text, each of the same kind as in the user's function."""
    arguments = ast.arguments(posonlyargs=[], args=[], vararg=ast.arg(vararg), kwonlyargs=[], kw_defaults=[],
                              kwarg=None, defaults=[])
    sorts = {inspect.Parameter.POSITIONAL_ONLY: arguments.posonlyargs,
             inspect.Parameter.KEYWORD_ONLY: arguments.kwonlyargs}
    for name, parameter in zip(names, signature.parameters.values()):
        sorts.get(parameter.kind, arguments.args).append(ast.arg(name))
    arguments.kw_defaults = [None] * len(arguments.kwonlyargs)
    return arguments


def _parameters(tree):
    return [a.arg for a in (*tree.args.posonlyargs, *tree.args.args, *tree.args.kwonlyargs)]


def _merged(conditions, taken):
    """(expressions, {name: constant}) of several Conditions, renamed where a name is in `taken`."""
    tests, constants = [], {}
    trees = [_expressions(condition.texts) for condition in conditions]
    for condition, expressions in zip(conditions, trees):
        for tree in expressions:
            taken = taken | (_names(tree) - set(condition.constants))
    for condition, expressions in zip(conditions, trees):
        renamed = {}
        for name, value in condition.constants.items():
            new = name
            while new in taken or constants.get(new, value) is not value:
                new += "_"
            constants[new], renamed[name] = value, new
        for tree in expressions:
            for node in all_nodes(tree):
                if isinstance(node, ast.Name):
                    node.id = renamed.get(node.id, node.id)
            tests.append(tree)
    return tests, constants


def _expressions(texts):
    """The syntax trees of several expressions."""
    return [statement.value for statement in tree_of("\n".join(f"({text})" for text in texts)).body]


def _names(tree):
    """Every name in a tree."""
    fields = {ast.Name: "id", ast.arg: "arg"}
    return {getattr(node, fields[type(node)]) for node in all_nodes(tree) if type(node) in fields}


def _unused(name, taken):
    while name in taken:
        name += "_"
    return name


def _put_at(tree, line):
    """Give all of a tree the place of one line."""
    for node in all_nodes(tree):
        if "lineno" in node._attributes:
            node.lineno = node.end_lineno = line
            node.col_offset = node.end_col_offset = 0


def _conjunction(tests):
    return tests[0] if len(tests) == 1 else ast.BoolOp(ast.And(), tests)


def function_of_text(text, name, namespace, cells):
    """The function that a text defines among these globals and cells.

    >>> function_of_text("def f(x):\\n    return x * k", "f", {}, {"k": types.CellType(3)})(2)
    6
    """
    function = bind(compile_text(Listing(text, name, "inside"), tuple(cells)), namespace, cells)
    function.__module__ = namespace.get("__name__", "")
    return function
