"""Tells whether a definition in a syntax tree is the one that a function was compiled from.

Text that Python finds for a function may be another function's: the file was edited
after the import, or two lambdas share a line.  So the definition is compiled again, in
the surroundings that the function had, and the two code objects are compared:

>>> import ast
>>> code = (lambda x: x * 2).__code__
>>> same_code(compile_as(tree_of("lambda x: x * 2").body[0].value, code), code)
True
>>> same_code(compile_as(tree_of("lambda x: x * 3").body[0].value, code), code)
False
"""
import __future__

import ast
import copy
import dis
import inspect
import sys
import warnings
from types import CodeType
from ..syntax import tree_of

FUTURE_FLAGS = sum({getattr(__future__, name).compiler_flag
                    for name in __future__.all_feature_names})


def compile_as(definition, code, class_name=None, imported=()):
    """The code object of a def or lambda, compiled with what surrounded ``code``.

    The names that are free in ``code`` are made free here too, ``class_name`` gives
    private names (``__x``) and ``__class__`` their meaning, and the ``__future__``
    imports are those of ``code``.  ``imported`` are names that the module imports: calls
    of their attributes are compiled differently.  None where the definition does not
    compile.
    """
    definition = _bare(definition)
    free = [name for name in code.co_freevars if name != "__class__"]
    # What the wrapping binds must not turn a global name into a free one.
    bound = {class_name, getattr(definition, "name", None)} - {None, *free}
    inner = definition if isinstance(definition, ast.stmt) else ast.Expr(definition)
    depth = 2
    if class_name is not None:
        inner, depth = _wrap("class", class_name, [inner]), 3
    outer = _wrap("def", "around", [
        *([ast.Global(sorted(bound))] if bound else []),
        *(ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None)) for name in free),
        inner])
    imported = [ast.alias(name) for name in sorted(_names(code) & set(imported))]
    imports = [ast.Import(imported)] if imported else []
    module = ast.fix_missing_locations(ast.Module([*imports, outer], []))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")    # they were given when the file was imported
            compiled = compile(module, code.co_filename, "exec",
                               flags=code.co_flags & FUTURE_FLAGS, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError):
        return None
    for _ in range(depth):    # each wrapping holds one code object, the next one
        compiled = next(c for c in compiled.co_consts if isinstance(c, CodeType))
    return compiled


def _names(code):
    """The names that the code and the functions inside it use, of all kinds.

    Local names count: Python takes them for the import that they hide.
    """
    inner = (_names(c) for c in code.co_consts if isinstance(c, CodeType))
    return set(code.co_names + code.co_varnames + code.co_cellvars + code.co_freevars).union(*inner)


def _bare(definition):
    """The definition without decorators, defaults and annotations: they are not in its code."""
    definition = copy.copy(definition)
    definition.args = arguments = copy.copy(definition.args)
    arguments.defaults = []
    arguments.kw_defaults = [None] * len(arguments.kwonlyargs)
    if not isinstance(definition, ast.Lambda):
        definition.decorator_list = []
        definition.returns = None
        definition.type_params = []
        for kind in ("posonlyargs", "args", "kwonlyargs"):
            setattr(arguments, kind, [ast.arg(a.arg, None) for a in getattr(arguments, kind)])
        for kind in ("vararg", "kwarg"):
            if getattr(arguments, kind) is not None:
                setattr(arguments, kind, ast.arg(getattr(arguments, kind).arg, None))
    return definition


def _wrap(keyword, name, body):
    """``def name():`` or ``class name:`` around some statements."""
    node = tree_of(f"{keyword} {name}{'()' if keyword == 'def' else ''}: pass").body[0]
    node.body = body
    return node


def same_code(compiled, code):
    """Whether two code objects do the same, wherever they stand.

    File name, line numbers, qualified name and the flag for nested functions are
    left out; constants must have equal types too, as 1 == 1.0 == True.
    """
    if compiled is None or _outline(compiled) != _outline(code):
        return False
    return len(compiled.co_consts) == len(code.co_consts) and all(
        map(_same_constant, compiled.co_consts, code.co_consts))


def _outline(code):
    return (code.co_code, getattr(code, "co_exceptiontable", b""), code.co_name, code.co_names,
            code.co_varnames, code.co_freevars, code.co_cellvars, code.co_argcount,
            code.co_posonlyargcount, code.co_kwonlyargcount,
            code.co_flags & ~inspect.CO_NESTED)


def _same_constant(constant, other):
    if isinstance(constant, CodeType) and isinstance(other, CodeType):
        return same_code(constant, other)
    if type(constant) is not type(other):
        return False
    return _spelled(constant) == _spelled(other)


def _spelled(constant):
    """A text that tells 1 from 1.0 and 0.0 from -0.0, and in which nan equals nan."""
    if isinstance(constant, frozenset):
        return str(sorted(map(repr, constant)))
    if isinstance(constant, str) and sys.version_info < (3, 11):
        # Python 3.10 keeps the qualified names of inner functions among the constants.
        return repr(constant.rpartition(".<locals>.")[1:])
    return repr(constant)


def same_but_asserts(definition, code, class_name=None, imported=()):
    """Whether ``code`` is the definition with its asserts rewritten, as pytest does.

    pytest compiles test modules from a tree in which every assert has become many
    statements on names such as ``@py_assert1``.  The lines of the asserts are then left
    out on both sides.
    """
    if not any(name.startswith("@py") for name in _names(code)):
        return False
    compiled = compile_as(definition, code, class_name, imported)
    if compiled is None or inspect.getargs(compiled) != inspect.getargs(code):
        return False
    skipped = {line for node in ast.walk(definition) if isinstance(node, ast.Assert)
               for line in range(node.lineno, node.end_lineno + 1)}
    return list(_instructions(compiled, skipped)) == list(_instructions(code, skipped))


def _instructions(code, skipped):
    """What the code does outside of some lines: no bookkeeping, jumps or empty instructions."""
    line_at = {offset: line for start, end, line in code.co_lines()
               for offset in range(start, end)}
    for instruction in dis.get_instructions(code):
        if instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs:
            continue
        if instruction.opname in ("NOP", "EXTENDED_ARG") or line_at[instruction.offset] in skipped:
            continue
        value = instruction.argval
        yield instruction.opname, (list(_instructions(value, skipped))
                                   if isinstance(value, CodeType) else _spelled(value))
