"""File: the texts of a gradient become the text of a file that others import, and that never imports revad.

>>> from ..api import grad
>>> from .kinds import parsed
>>> def scaled(x, k):
...     y = x * k    # weighed
...     return np.sum(y**2)
>>> text = file_text(grad(scaled, wrt="x"), parsed("x: float64[N], k: float"), "m:scaled", "export ...")
>>> print(text[text.index("import"):].rstrip())
import numpy as np
from numpy.typing import NDArray
<BLANKLINE>
<BLANKLINE>
def scaled_grad(x: NDArray[np.float64], k: float) -> NDArray[np.float64]:
    \"\"\"The gradient of scaled on x, for x: float64[N], k: float.\"\"\"
    if type(x) is not np.ndarray or x.dtype != np.float64 or x.ndim != 1:
        raise ValueError("x must be float64[N]")
    if not isinstance(k, float):
        raise ValueError("k must be float")
    # forward pass
    y = x * k    # weighed
    # backprop y = x * k
    dx = 2 * k * y
    return dx
"""
from __future__ import annotations

import ast
import hashlib
import importlib
import io
import sys
import textwrap
import tokenize

import numpy as np

from ..errors import ExportError
from ..frontend.source import read_source
from .conditions import lines as condition_lines
from .outside import MISSING, Outside
from .texts import Texts

WIDEST = 100
# What the lines of the functions are not checked for. One name may hold an integer and then an array, and
# NumPy's annotations say Any for the results of many functions.
UNCHECKED = "arg-type, assignment, call-overload, index, no-any-return, operator, return-value"
# ValueError is what the file promises, and lines of the user's stay as they are.
NO_RULES = "B020, E731, E741, F401, F841, RUF059, RUF100, TRY004, UP031"


def file_text(gradient, kinds, target, command, part=None, namespace="numpy") -> str:
    """The text of the file.

    target: what the header says that it was made from; command: how it is written anew.  part: 'grad',
    'value_and_grad' or 'passes', by default what the gradient computes.  namespace: the module that takes the
    place of NumPy.
    """
    part = part or gradient.part
    texts = Texts(gradient, kinds, part)
    alias, module = texts.alias(), _namespace(namespace)
    outside = Outside(gradient.function.__module__)
    for bound in texts.bounds:
        outside.add_names(bound.variant.text, lambda name, bound=bound: _replaced(texts.resolved(bound, name),
                                                                                 module))
    imports = outside.imports | {_of_namespace(line, namespace) for line in texts.imports}
    is_numpy = module is np
    if not is_numpy:
        refuse_what_lacks(module, namespace, "\n\n".join([*outside.definitions, *texts.functions]), alias)
    functions = [_annotated(function, texts, alias, is_numpy) for function in texts.functions]
    header = _header(gradient, target, command, part)
    definitions = list(map(_with_any, outside.definitions))
    body = "\n\n\n".join(functions) + "\n"
    if is_numpy:
        if "NDArray[" in body:
            imports.add("from numpy.typing import NDArray")
        if f"{alias}." in body:
            imports.add("import numpy" if alias == "numpy" else f"import numpy as {alias}")
    else:
        imports = {line for line in imports if not line.startswith("import numpy")}
        imports.add(f"import {namespace} as {alias}")
    if "Any" in ast.dump(ast.parse("\n".join([*definitions, body]))):
        imports.add("from typing import Any")
    return "\n".join([*header, _sorted(imports)]) + \
        (f"\n\n{_joined(definitions)}" if definitions else "") + f"\n\n\n{body}"


def _joined(definitions):
    """Constants line by line, functions with two empty lines before them."""
    text = ""
    for definition in definitions:
        is_function = definition.startswith(("def ", "@"))
        text += ("\n\n\n" if is_function and text else "\n" if text else "") + definition
    return text


def _header(gradient, target, command, part):
    source = textwrap.dedent(read_source(gradient.function).text)
    digest = hashlib.sha256(source.strip().encode()).hexdigest()
    what = {"grad": "gradient", "value_and_grad": "value and gradient", "passes": "two passes"}[part]
    return [f"# The {what} of {target}, as revad writes it.  Do not edit it; write it anew by",
            f"#     {command}",
            f"# sha256 of the function: {digest}",
            "# fmt: off",
            f"# ruff: noqa: {NO_RULES}",
            f'# mypy: disable-error-code="{UNCHECKED}"']


def _sorted(imports):
    """The lines of imports: those of the standard library, an empty line, the others.

    >>> print(_sorted({"from typing import Any", "import numpy as np", "from math import sin",
    ...                "from math import cos"}))
    from math import cos, sin
    from typing import Any
    <BLANKLINE>
    import numpy as np
    """
    def order(line):
        words = line.split()
        return words[0] != "import", words[1], line
    groups, of_modules = ([], []), {}
    for line in imports:
        head, _, name = line.rpartition(" import ") if line.startswith("from ") else (line, "", "")
        of_modules.setdefault(head, []).append(name)
    lines = [f"{head} import {', '.join(sorted(names))}" if names != [""] else head
             for head, names in of_modules.items()]
    for line in sorted(lines, key=order):
        groups[line.split()[1].partition(".")[0] not in sys.stdlib_module_names].append(line)
    return "\n\n".join("\n".join(group) for group in groups if group)


def _with_any(definition):
    """A function of the user's that is copied, with Any where it has no annotations."""
    if not definition.startswith("def "):
        return definition
    node, lines = ast.parse(definition).body[0], definition.split("\n")
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg,
                 node.args.kwarg]
    ends = [(argument.end_lineno, argument.end_col_offset, ": Any") for argument in arguments
            if argument is not None and argument.annotation is None]
    if node.returns is None:
        ends.append((*_colon(definition), " -> Any"))
    for row, column, text in sorted(ends, reverse=True):
        line = lines[row - 1].encode()
        lines[row - 1] = (line[:column] + text.encode() + line[column:]).decode()
    return "\n".join(lines)


def _colon(definition):
    """The line, and the bytes before it there, of the colon that ends the first line of a function."""
    depth = 0
    for token in tokenize.generate_tokens(io.StringIO(definition).readline):
        depth += (token.string in "([{") - (token.string in ")]}") if token.type == tokenize.OP else 0
        if token.string == ":" and not depth:
            break
    row, column = token.start
    return row, len(token.line[:column].encode())


# ---- one function


def _annotated(function, texts, alias, is_numpy):
    """A function of the text with annotations; the one that is exported gets its docstring and conditions."""
    lines = function.split("\n")
    node = ast.parse(function).body[0]
    end = next(number for number, line in enumerate(lines) if line.endswith("):"))
    names = [bound.variant.listing.name for bound in texts.bounds]
    if node.name not in names:
        types, returned, inside = {}, "Any", []
    else:
        part = texts.bounds[names.index(node.name)].variant.request.part
        types = {name: kind.annotation(alias) if is_numpy or not hasattr(kind, "axes") else "Any"
                 for name, kind in texts.kinds.items()} if part != "backward" else {}
        types = {name: text if is_numpy or "NDArray" not in text else "Any" for name, text in types.items()}
        returned = _returned(texts, part, alias, is_numpy)
        inside = [_docstring(texts, part)]
        if part != "backward":
            inside += condition_lines(texts.kinds, alias, texts.may_be_unit(), texts.guards(), is_numpy)
    signature = _signature(node, types, returned)
    return "\n".join([signature, *(f"    {line}" for line in inside), *lines[end + 1:]])


def _docstring(texts, part):
    gradient = texts.gradient
    given = ", ".join(f"{name}: {kind}" for name, kind in texts.kinds.items() if name not in texts.unnamed)
    what = {"grad": f"The gradient of {gradient.__name__} on {_and(gradient.wrt)}, for {given}.",
            "value_and_grad": f"{gradient.__name__} and its gradient on {_and(gradient.wrt)}, for {given}.",
            "forward": f"(output, cache) of {gradient.__name__}, for {given}.",
            "backward": f"The gradients of {gradient.__name__} on {_and(gradient.wrt)}, from the gradient "
                        "on its output and the cache."}[part]
    what = what.replace("\\", "\\\\")
    quotes = '"""'
    if len(what) + 10 <= WIDEST:
        return f"{quotes}{what}{quotes}"
    first, _, rest = what.rpartition(", for ")
    if not first:
        return f"{quotes}{what}{quotes}"
    folded = textwrap.wrap(f"For {rest}", WIDEST - 4, break_long_words=False, break_on_hyphens=False)
    return "\n    ".join([f"{quotes}{first}.\n", *folded, quotes])


def _and(names):
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _returned(texts, part, alias, is_numpy):
    gradient = texts.gradient
    if part == "forward":
        return "tuple[Any, Any]"
    if not is_numpy or gradient.has_aux:
        return "Any"
    each = [texts.kinds[name].gradient(alias) for name in gradient.wrt]
    gradients = each[0] if gradient.bare else f"tuple[{', '.join(each)}]"
    return f"tuple[float, {gradients}]" if part == "value_and_grad" else gradients


def _signature(node, types, returned):
    """The line of `def`, or one line for each parameter where it is long."""
    arguments, written = node.args, []
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
    for number, (argument, default) in enumerate(zip(positional, defaults)):
        if number and number == len(arguments.posonlyargs):
            written.append("/")
        written.append(_parameter(argument, default, types))
    if arguments.posonlyargs and not arguments.args:
        written.append("/")
    if arguments.kwonlyargs:
        written.append("*")
        written += [_parameter(argument, default, types)
                    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults)]
    line = f"def {node.name}({', '.join(written)}) -> {returned}:"
    if len(line) <= WIDEST:
        return line
    inside = "".join(f"    {parameter},\n" for parameter in written)
    return f"def {node.name}(\n{inside}) -> {returned}:"


def _parameter(argument, default, types):
    text = f"{argument.arg}: {types.get(argument.arg, 'Any')}"
    return text if default is None else f"{text} = {ast.unparse(default)}"


# ---- another namespace


def _namespace(name):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ExportError(f"the namespace {name} cannot be imported here: {error}") from None


def _replaced(value, module):
    return value if value is MISSING or value is not np else module


def _of_namespace(line, namespace):
    return line if namespace == "numpy" else line.replace("import numpy as", f"import {namespace} as")


def refuse_what_lacks(module, namespace, text, alias):
    """Raise ExportError where a text uses what another namespace has not."""
    tree, missing = ast.parse(text), set()
    for node in ast.walk(tree):
        path = ast.unparse(node) if isinstance(node, ast.Attribute) else ""
        if path.startswith(f"{alias}.") and path.replace(".", "").isidentifier() \
                and not _has(module, path.split(".")[1:]):
            missing.add(path)
    missing = {path for path in missing if not any(other.startswith(f"{path}.") for other in missing)}
    if missing:
        raise ExportError(f"{namespace} has no {', '.join(sorted(missing))}, which the text uses")
    if namespace.partition(".")[0] == "jax":
        stores = sorted({ast.unparse(node) for node in ast.walk(tree)
                         if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)})
        if stores:
            raise ExportError(f"{namespace} has no stores into arrays, which the text makes "
                              f"({', '.join(stores)})")


def _has(module, steps):
    for step in steps:
        if not hasattr(module, step):
            return False
        module = getattr(module, step)
    return True
