"""Command: `revad export` writes a file, with `--check` it compares files with what it would write now.

>>> options(["losses.py:loss", "--kinds", "w: float64[D]", "--wrt", "w"]).wrt
'w'
>>> print(command_of("m:loss", {"w": "float64[N]"}, "w", None, "numpy", "loss_grad.py"))
revad export m:loss --kinds "w: float64[N]" --wrt w -o loss_grad.py
"""
from __future__ import annotations

import argparse
import contextlib
import difflib
import importlib
import importlib.util
import os
import pathlib
import shlex
import sys
from collections.abc import Iterator
from typing import Any

from ..api import grad
from ..errors import ExportError
from ..runtime.gradient import Gradient
from ..spelling import did_you_mean
from ..tracebacks import boundary
from .file import file_text
from .kinds import of_call, parsed
from .letters import told_apart
from .texts import PARTS

INDENT = "#     "


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("target", nargs="*", metavar="TARGET",
                        help="package.module:function or path/file.py:function; with --check, files")
    parser.add_argument("--kinds", metavar="KINDS",
                        help="the arguments, as in \"X: float64[N, D], w: float64[D], lr: float\"; "
                             "equal letters are equal lengths")
    parser.add_argument("--wrt", metavar="NAMES", help="the parameters to differentiate, as in w,b")
    parser.add_argument("--part", choices=PARTS, help="what to write (default: what the function is "
                                                      "decorated with, else grad)")
    parser.add_argument("--namespace", default="numpy", metavar="MODULE",
                        help="what takes the place of NumPy: jax.numpy, torch, cupy, dask.array")
    parser.add_argument("-o", "--output", metavar="FILE", help="the file to write (default: the terminal)")
    parser.add_argument("--check", action="store_true",
                        help="compare each file with what would be written now, and fail with the difference")


def options(arguments: list[str]) -> argparse.Namespace:
    """The options from their words."""
    parser = argparse.ArgumentParser(prog="revad export")
    add_options(parser)
    return parser.parse_args(arguments)


def run(given: argparse.Namespace) -> tuple[str, int]:
    """(what to print, the exit status).  Raises ExportError."""
    if given.check:
        return checked(given.target)
    if len(given.target) != 1:
        raise ExportError("name one function: revad export package.module:function --kinds \"...\" "
                          "-o file.py")
    text = text_of(given)
    if given.output is None:
        return text, 0
    written(given.output, text)
    return f"{given.output}: {len(text.splitlines())} lines\n", 0


def checked(files: list[str]) -> tuple[str, int]:
    """Compare files with what would be written now."""
    report, status = [], 0
    if not files:
        raise ExportError("name the files to check: revad export --check loss_grad.py")
    for file in files:
        before = pathlib.Path(file).read_text(encoding="utf-8")
        line = next((line for line in before.split("\n")[:4] if line.startswith(f"{INDENT}revad export ")),
                    None)
        if line is None:
            raise ExportError(f"{file} was not written by revad export from a function in a file: it has no "
                              "line that says how")
        given = options(shlex.split(line.removeprefix(INDENT))[2:])
        now = text_of(given)
        if now != before:
            status = 1
            report += difflib.unified_diff(before.splitlines(True), now.splitlines(True), file,
                                           f"{file}, as {given.target[0]} is now")
            report.append(f"{file} is not what would be written now: run\n    "
                          f"{line.removeprefix(INDENT)}\n")
        else:
            report.append(f"{file}: as {given.target[0]} is\n")
    return "".join(report), status


def text_of(given: argparse.Namespace) -> str:
    """The text of the file that a command asks for."""
    target, = given.target
    gradient = _gradient(resolved(target), given.wrt, target)
    if given.kinds is None:
        names = ", ".join(f"{name}: float64[N]" for name in gradient.signature.parameters)
        raise ExportError(f"say for which arguments it is written, as in --kinds \"{names}\"")
    kinds = parsed(given.kinds)
    command = command_of(target, {name: kind.written for name, kind in kinds.items()}, given.wrt, given.part,
                         given.namespace, given.output)
    return file_text(gradient, kinds, target, command, given.part, given.namespace)


@boundary
def export(gradient: Any, path: str | os.PathLike[str], kinds: str | None = None, *, part: str | None = None,
           namespace: str = "numpy") -> None:
    """Write what a gradient computes to a file that imports NumPy and not revad.

    kinds: for which arguments, as in "X: float64[N, D], w: float64[D]"; left out, for those of its last call.
    part: 'grad', 'value_and_grad', or 'passes' for .forward and .backward; by default what it computes.
    namespace: the module that takes the place of NumPy, such as jax.numpy.
    Raises ExportError where such a file cannot be written.
    """
    if not isinstance(gradient, Gradient) or gradient.part not in PARTS:
        raise ExportError("export takes what grad or value_and_grad gives")
    if kinds is not None:
        chosen = parsed(kinds)
    else:
        last = gradient._last.cell_contents or gradient.forward.last
        if last is None:
            raise ExportError(f"{gradient.__name__} has not been called: call it, or give kinds=\"...\"")
        part = part or ("passes" if gradient._last.cell_contents is None else None)
        chosen = of_call(last.variant.parameters, last.variant.call.kinds)
        chosen = told_apart(gradient, chosen, part or gradient.part)
    target, file = _target(gradient), os.fspath(path)
    shown = os.path.relpath(file) if not os.path.relpath(file).startswith("..") else os.path.basename(file)
    wrt = None if gradient._options[0] is None or _decorates(gradient) else ",".join(gradient.wrt)
    named = None if (part or gradient.part) == ("grad" if not _decorates(gradient) else gradient.part) \
        else part or gradient.part
    command = command_of(target, {name: kind.written for name, kind in chosen.items()}, wrt, named,
                         namespace, shown.replace(os.sep, "/"))
    if target is None:
        command = "revad.export, in the notebook or function that has it"
    written(file, file_text(gradient, chosen, target or gradient.__qualname__, command, part, namespace))


def written(path, text):
    """Write a text to a file, with the same bytes on all systems."""
    pathlib.Path(path).write_bytes(text.encode("utf-8"))


def command_of(target, kinds, wrt, part, namespace, output) -> str:
    """The command that writes a file."""
    sentence = ", ".join(f"{name}: {kind}" for name, kind in kinds.items()).replace("\\", "\\\\")
    words = [f"revad export {target} --kinds \"{sentence.replace(chr(34), chr(92) + chr(34))}\""]
    words += [f"--wrt {wrt}"] if wrt else []
    words += [f"--part {part}"] if part else []
    words += [f"--namespace {namespace}"] if namespace != "numpy" else []
    words += [f"-o {shlex.quote(output)}"] if output else []
    return " ".join(words)


# ---- functions by their names


def resolved(target: str) -> Any:
    """The function that `module:name` or `path/file.py:name` names."""
    place, colon, name = target.rpartition(":")
    if not colon:
        raise ExportError(f"{target}: write package.module:function or path/file.py:function")
    module = _module_of(place)
    reached: Any = module
    for step in name.split("."):
        if not hasattr(reached, step):
            meant = did_you_mean(step, vars(reached))
            raise ExportError(f"{place} has no {name}{meant and f'. {meant}'}")
        reached = getattr(reached, step)
    return reached


def _module_of(place):
    if not place.endswith(".py"):
        with _on_path(os.getcwd()):
            try:
                return importlib.import_module(place)
            except ModuleNotFoundError as error:
                if error.name is None or not f"{place}.".startswith(f"{error.name}."):
                    raise
                raise ExportError(f"there is no module {place} here") from None
    path = pathlib.Path(place)
    if not path.exists():
        raise ExportError(f"there is no file {place}")
    if (path.resolve().parent / "__init__.py").exists():
        return _module_in_package(path.resolve())
    with _on_path(str(path.resolve().parent)):
        known = sys.modules.get(path.stem)
        if known is not None and getattr(known, "__file__", None) == str(path.resolve()):
            return known
        spec = importlib.util.spec_from_file_location(path.stem, path.resolve())
        assert spec is not None and spec.loader is not None
        module = sys.modules[path.stem] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module


def _module_in_package(path):
    """The module of a file in a package, which may import its neighbours."""
    names, folder = [] if path.stem == "__init__" else [path.stem], path.parent
    while (folder / "__init__.py").exists():
        names.insert(0, folder.name)
        folder = folder.parent
    with _on_path(str(folder)):
        return importlib.import_module(".".join(names))


@contextlib.contextmanager
def _on_path(folder: str) -> Iterator[None]:
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        with contextlib.suppress(ValueError):
            sys.path.remove(folder)


def _gradient(function, wrt, target):
    names = tuple(name.strip() for name in wrt.split(",")) if wrt else None
    names = names[0] if names and len(names) == 1 else names
    if isinstance(function, Gradient):
        if function.part not in PARTS:
            raise ExportError(f"{target} is decorated with {function.part}: export what grad or "
                              "value_and_grad gives")
        return function if names is None else type(function).__mro__[1](
            function.primal, names, function.part == "value_and_grad", has_aux=function.has_aux)
    if not callable(function):
        raise ExportError(f"{target} is a {type(function).__name__}, not a function")
    return grad(function, wrt=names)


def _decorates(gradient):
    """Whether the name of the function in its module is the gradient."""
    return getattr(sys.modules.get(gradient.__module__), gradient.__name__, None) is gradient


def _target(gradient):
    """module:name, or for a script its file; None where it cannot be imported."""
    name = gradient.__qualname__
    if "<" in name:
        return None
    if gradient.__module__ != "__main__":
        return f"{gradient.__module__}:{name}"
    file = gradient.function.__code__.co_filename
    return f"{os.path.relpath(file).replace(os.sep, '/')}:{name}" if os.path.exists(file) else None
