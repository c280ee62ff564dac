"""Layers: a picture of the packages, drawn from the imports in their own source.

`python -m revad reference --layers` prints the block that `docs/how-it-works.md` holds.

>>> graph = {"a": {"b", "c"}, "b": {"c"}, "c": set()}
>>> reduced(graph)["a"], levels(graph)
({'b'}, {'c': 0, 'b': 1, 'a': 2})
"""
from __future__ import annotations

import ast
import pathlib

ROOT = pathlib.Path(__file__).parent


def package_of(path) -> str:
    """The first part of a module's path below `revad`: its package, or the module itself at the top."""
    return "revad" if path == ROOT / "__init__.py" else path.relative_to(ROOT).with_suffix("").parts[0]


def package_imports() -> dict:
    """{package: the packages that its modules import}, including imports inside functions.

    >>> sorted(package_imports()["frontend"])
    ['errors', 'ir', 'syntax']
    """
    graph = {}
    for path in sorted(ROOT.rglob("*.py")):
        graph.setdefault(package_of(path), set()).update(_imported(path))
    return {package: {other for other in others if other in graph} - {package}
            for package, others in graph.items()}


def _imported(path):
    """The packages of revad that a file imports, as the first parts of paths below `revad`."""
    here = path.relative_to(ROOT).parts[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = (*here[:len(here) - node.level + 1], *(node.module.split(".") if node.module else ()))
            yield from base[:1] or (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "revad":
            yield from node.module.split(".")[1:2] or ["revad"]
        elif isinstance(node, ast.Import):
            yield from ("revad" for alias in node.names if alias.name == "revad")


def levels(graph) -> dict:
    """{package: its row}, lowest first: one above the highest that it imports."""
    rows = {}

    def row(package):
        if package not in rows:
            rows[package] = 1 + max(map(row, sorted(graph[package])), default=-1)
        return rows[package]
    for package in sorted(graph):
        row(package)
    return dict(sorted(rows.items(), key=lambda item: (item[1], item[0])))


def reduced(graph) -> dict:
    """The graph without the imports that a longer path implies: its transitive reduction."""
    def below(package):
        return graph[package].union(*map(below, graph[package]))
    return {package: others - set().union(*map(below, others)) for package, others in graph.items()}


def summary(package) -> str:
    """The first sentence of a package's docstring, on one line."""
    folder = ROOT if package == "revad" else ROOT / package
    path = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    first = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))).split("\n\n")[0]
    return " ".join(first.split())


def layers() -> str:
    """A graph of the packages, in transitive reduction, and a table of them from the top."""
    graph = package_imports()
    arrows = [f"    {package} --> {other}"
              for package, others in sorted(reduced(graph).items()) for other in sorted(others)]
    rows = [f"| {row} | `{package}` | {summary(package)} |"
            for package, row in reversed(levels(graph).items())]
    return "\n".join(["```mermaid", "graph TD", *arrows, "```", "",
                      "| row | in `revad/` | what it is |", "|---|---|---|", *rows, ""])
