"""read_source turns a function into its source: text, syntax tree and places in the user's file.

The definition is looked up in the whole text of its file by the line where the function
starts, and taken only if it compiles to the function's own code: a file edited since the
import, or another lambda of the same line, is never read by mistake.

>>> square = lambda x: x**2
>>> source = read_source(square)
>>> source.name, source.text
('square', 'lambda x: x**2')
>>> statement = source.tree.body[0]
>>> source.segment(statement), source.place(statement).column
('x**2', 20)
"""
import ast
import functools
import linecache
import os
import types
import warnings
from dataclasses import dataclass, field

import gast

from ..errors import Place, SourceError
from ..syntax import tree_of
from .bytecode import compile_as, same_but_asserts, same_code


@dataclass(frozen=True)
class Source:
    """Where and how a function is written."""

    function: types.FunctionType = field(compare=False)
    name: str            # a lambda has that of the variable it is assigned to
    text: str            # from "def" or "lambda" on, not indented
    tree: gast.AST = field(repr=False, compare=False)    # FunctionDef, also for a lambda
    file: str
    first_line: int      # the line of "def" or "lambda", in the file
    lines: tuple = field(repr=False)    # all lines of the file

    @property
    def freevars(self):
        """The names that the function takes from the functions around it."""
        return self.function.__code__.co_freevars

    @property
    def package(self):
        """The package that its imports with dots begin at, or None."""
        return self.function.__globals__.get("__package__") or None

    @property
    def is_lambda(self):
        return self.function.__code__.co_name == "<lambda>"

    def place(self, node):
        """Where a node of the tree stands in the user's file."""
        first, last = self.lines[node.lineno - 1], self.lines[node.end_lineno - 1]
        return Place(self.file, node.lineno, _characters(first, node.col_offset) + 1,
                     node.end_lineno, _characters(last, node.end_col_offset) + 1, first)

    def segment(self, node):
        """The user's own text of a node."""
        return _segment(self.lines, node)


@dataclass(frozen=True)
class _Definition:
    """A def or lambda of a file, with what is around it that matters."""

    node: ast.AST
    class_name: str | None    # of the innermost class, for private names
    bound_to: str | None      # the name that a lambda is assigned to


@dataclass(frozen=True)
class _File:
    """A parsed file."""

    lines: tuple
    definitions: dict      # (name, line of the def or its first decorator) -> [_Definition]
    imported: frozenset    # the names that the module imports


def read_source(function):
    """The Source of a function, a bound method, or a function behind functools.wraps.

    Raises SourceError, saying why and what to do, if the source cannot be had or is not
    (any more) what the function was made from.
    """
    function = _plain_function(function)
    code = function.__code__
    text = _file_text(function)
    if not text.strip():
        raise SourceError(_no_text(code))
    try:
        file = _parse(text)
    except (SyntaxError, ValueError, RecursionError):
        raise SourceError(f"{_where(code)}: the file that {_called(code)} came from cannot be "
                          "parsed as Python. If it was edited, correct and reload it.") from None
    definition = _find(code, file)
    node = definition.node
    name = getattr(node, "name", None) or definition.bound_to or "function"
    own_text = _segment(file.lines, node)
    if not isinstance(node, ast.Lambda):
        own_text = _dedent(own_text, file.lines[node.lineno - 1])
    return Source(function, name, own_text, _function_tree(node, name, definition.class_name),
                  code.co_filename, node.lineno, file.lines)


def _plain_function(function):
    """The Python function behind methods and wrappers; refuses all that is not one."""
    original, seen = function, set()
    while id(function) not in seen:
        seen.add(id(function))
        if isinstance(function, types.MethodType):
            function = function.__func__
        elif isinstance(function, type):
            break
        else:
            function = getattr(function, "__wrapped__", function)
    if isinstance(function, types.FunctionType):
        return function
    name = getattr(original, "__name__", None) or repr(original)
    if isinstance(function, type):
        raise SourceError(f"{name!r} is a class, not a function. Give revad one of its "
                          "methods, or a function that makes and uses an object of it.")
    if isinstance(function, functools.partial):
        raise SourceError("a functools.partial has no source. Write a function that calls "
                          "the one behind it: def g(x): return f(x, 2).")
    if not callable(function):
        raise SourceError(f"{name!r} is not a function. Give revad a function written in Python.")
    call = getattr(type(function), "__call__", None)
    if isinstance(call, types.FunctionType):
        raise SourceError(f"an object of class {type(function).__name__!r} is not a function. "
                          "Give revad its method instead: the_object.__call__.")
    raise SourceError(f"{name!r} is not written in Python, so it has no source to read. Give "
                      "revad a Python function that calls it, or declare a rule for it.")


def _file_text(function):
    """The text of the file as it is now, or of the cell that Python remembers."""
    code = function.__code__
    remembered = linecache.cache.get(code.co_filename, ())
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, function.__globals__)
    if not lines and len(remembered) == 4 and not os.path.exists(code.co_filename):
        # The file is gone, or never was one: its text is still known, and is checked later.
        linecache.cache[code.co_filename] = remembered
        lines = remembered[2]
    if not lines and hasattr(linecache, "_getlines_from_code"):
        lines = linecache._getlines_from_code(code)    # Python's prompt, from 3.13 on
    return "".join(lines).replace("\r\n", "\n").replace("\r", "\n")


def _find(code, file):
    """The definition in the file that compiles to this code."""
    candidates = file.definitions.get((code.co_name, code.co_firstlineno), ())
    # Python compiles calls of an imported module's functions in their own way, but a
    # prompt or notebook compiles each statement apart and does not see the imports.
    for imported in (file.imported, ()):
        compiled = [(definition, compile_as(definition.node, code, definition.class_name, imported))
                    for definition in candidates]
        matching = [(definition, compiled_code) for definition, compiled_code in compiled
                    if same_code(compiled_code, code)]
        if matching:
            break
    if len(matching) > 1 and hasattr(code, "co_positions"):
        # The same text twice on a line: Python 3.11 and later keep the columns.
        positions = list(code.co_positions())
        same_columns = [(definition, compiled_code) for definition, compiled_code in matching
                        if list(compiled_code.co_positions()) == positions]
        matching = same_columns or matching
    matching = [definition for definition, compiled_code in matching] or [
        definition for definition in candidates
        if same_but_asserts(definition.node, code, definition.class_name, file.imported)]
    if not matching:
        raise SourceError(
            f"{_where(code)}: the text found for {_called(code)} is not what the function was "
            "compiled from. If the file was edited after the import, reload the module or "
            "start Python anew; if the function was made by a tool that rewrites code, write "
            "it without.")
    if len(matching) > 1 and len({ast.dump(definition.node) for definition in matching}) > 1:
        raise SourceError(
            f"{_where(code)}: several functions of this line compile to the same code, and "
            "which of them is meant cannot be told. Put each on a line of its own.")
    return matching[0]


@functools.lru_cache(maxsize=16)    # one file often holds a hundred functions
def _parse(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")    # they were given when the file was imported
        tree = tree_of(text)
    definitions, todo = {}, [(tree, None, None)]
    while todo:
        node, class_name, bound_to = todo.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            name = getattr(node, "name", "<lambda>")
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
            definitions.setdefault((name, first), []).append(_Definition(node, class_name, bound_to))
        for part, child in _children(node):
            inside = isinstance(node, ast.ClassDef) and part == "body"
            todo.append((child, node.name if inside else class_name,
                         _bound_name(node) if part == "value" else None))
    return _File(tuple(text.split("\n")), definitions, _imported_names(tree))


def _imported_names(module):
    names, todo = set(), list(module.body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.expr)):
            todo.extend(ast.iter_child_nodes(node))
    return frozenset(names - {"*"})


def _children(node):
    """(field, node) of what is inside a node, but for operators and contexts, which hold nothing."""
    for part in node._fields:
        value = getattr(node, part, None)
        for child in value if type(value) is list else (value,):
            if isinstance(child, ast.AST) and child._fields:
                yield part, child


def _bound_name(node):
    """The one name that a statement or expression gives to its value."""
    targets = getattr(node, "targets", None) or [getattr(node, "target", None)]
    if isinstance(node, (ast.Assign, ast.AnnAssign, ast.NamedExpr)) and len(targets) == 1:
        return getattr(targets[0], "id", None)
    return None


def _function_tree(node, name, class_name):
    """The definition as a gast.FunctionDef without decorators, private names as Python reads them."""
    tree = gast.ast_to_gast(node)
    for inner in gast.walk(tree) if class_name and class_name.strip("_") else ():
        for part in ("id", "attr", "arg", "name"):      # of names, attributes, keywords and inner functions
            private = getattr(inner, part, None)
            if isinstance(private, str) and private.startswith("__") and not private.endswith("__") \
                    and inner is not tree:
                setattr(inner, part, f"_{class_name.lstrip('_')}{private}")
    if isinstance(node, ast.Lambda):
        result = gast.copy_location(gast.Return(tree.body), tree.body)
        return gast.copy_location(
            gast.FunctionDef(name, tree.args, [result], [], None, None, []), tree)
    tree.decorator_list = []
    return tree


def _characters(line, utf8_bytes):
    """How many characters the first bytes of a line are; syntax trees count bytes."""
    return len(line.encode()[:utf8_bytes].decode(errors="replace"))


def _segment(lines, node):
    lines = list(lines[node.lineno - 1:node.end_lineno])
    lines[-1] = lines[-1][:_characters(lines[-1], node.end_col_offset)]
    lines[0] = lines[0][_characters(lines[0], node.col_offset):]
    return "\n".join(lines)


def _dedent(text, first_line):
    """Take the indentation of the first line from the others, where they have it."""
    indent = first_line[:len(first_line) - len(first_line.lstrip())]
    first, *others = text.split("\n")
    return "\n".join([first, *(line.removeprefix(indent) for line in others)])


def _where(code):
    return f"{code.co_filename}:{code.co_firstlineno}"


def _called(code):
    return "the lambda" if code.co_name == "<lambda>" else repr(code.co_name)


def _no_text(code):
    if code.co_filename == "<stdin>":
        return (f"{_called(code)} was typed at the prompt, which keeps no source before Python "
                "3.13. Use IPython, or write the function in a file.")
    if code.co_filename.startswith("<"):
        return (f"{_called(code)} was made from a string ({code.co_filename}), of which Python "
                "keeps no source. Write the function in a file, or put its text in "
                "linecache.cache under the file name given to compile().")
    return (f"{_where(code)}: the file that {_called(code)} came from cannot be read. Make the "
            "file available, or write the function in one that is.")
