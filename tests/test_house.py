"""The rules of the house: every module says what it does, shows it, stays short, and knows only what comes before it."""
import ast
import doctest
import io
import pathlib
import re
import sys
import tokenize

import pytest

import revad

pytestmark = pytest.mark.quick

ROOT = pathlib.Path(revad.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MODULES = {".".join(("revad", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
           for path in FILES}
LONGEST, WIDEST = 500, 110
FOREIGN = {"gast", "astunparse", "numpy"}
EXTRAS = {"revad.dask": {"dask", "distributed"}}        # what its extra brings
COMMANDS = {"revad.demo", "revad.__main__", "revad.commands.show"}

# Imports go down: a package knows those of the rows below it, and in its own row itself alone.
LAYERS = [
    {"revad.demo", "revad.__main__"},
    {"revad.commands"},
    {"revad", "revad.reference", "revad.layers", "revad.name_pages"},
    {"revad.exporting", "revad.dask"},
    {"revad.lessons"},
    {"revad.grading"},
    {"revad.api", "revad.gradient", "revad.higher", "revad.testing"},
    {"revad.runtime"},
    {"revad.pipeline"},
    {"revad.tangent"},
    {"revad.interp", "revad.reverse", "revad.codegen"},
    {"revad.rules"},
    {"revad.builder"},
    {"revad.analysis"},
    {"revad.types", "revad.frontend"},
    {"revad.ir", "revad.tracebacks"},
    {"revad.errors", "revad.request", "revad.side_by_side", "revad.spelling", "revad.support", "revad.syntax"},
]
VAGUE = {"found", "made", "one", "thing", "whole", "again"}     # of what is found, say what it is
MOST = 25       # modules in a folder

modules = pytest.mark.parametrize("name", MODULES)


def tree(name):
    return ast.parse(MODULES[name].read_text())


def imports(name, nodes=None):
    """The revad modules that a module imports at its top (or in `nodes`), and the others' first names."""
    package = name if MODULES[name].name == "__init__.py" else name.rpartition(".")[0]
    ours, others = set(), set()
    for node in nodes if nodes is not None else tree(name).body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                (ours if alias.name.split(".")[0] == "revad" else others).add(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = package.split(".")
                base = ".".join([*parts[:len(parts) - node.level + 1],
                                 *([node.module] if node.module else [])])
            if base.split(".")[0] == "revad":
                whole = {f"{base}.{alias.name}" for alias in node.names}
                ours |= {one if one in MODULES else base for one in whole}
            else:
                others.add(base)
    return ours, {other.split(".")[0] for other in others}


@modules
def test_the_first_sentence_stands_on_the_first_lines(name):
    text = ast.get_docstring(tree(name))
    assert text, "no docstring"
    first = text.split("\n\n")[0]
    assert re.match(r"[A-Za-z_`].*\.$", first, re.DOTALL) and len(first.splitlines()) <= 3
    assert (MODULES[name].read_text().startswith('"""' + first.splitlines()[0])
            or MODULES[name].read_text().startswith('r"""'))


@modules
def test_every_module_shows_an_example(name):
    examples = doctest.DocTestParser().get_examples(ast.get_docstring(tree(name)) or "")
    others = [e for node in ast.walk(tree(name)) if isinstance(node, (ast.FunctionDef, ast.ClassDef))
              for e in doctest.DocTestParser().get_examples(ast.get_docstring(node) or "")]
    assert examples or others or name in COMMANDS or MODULES[name].name == "__init__.py"


@modules
def test_no_module_is_long(name):
    text = MODULES[name].read_text()
    assert len(text.splitlines()) <= LONGEST
    assert max(map(len, text.splitlines()), default=0) <= WIDEST


@modules
def test_nothing_is_left_over(name):
    text = MODULES[name].read_text()
    assert not re.search(r"\b(TODO|FIXME|XXX|HACK)\b", text)
    assert "/tmp/" not in text and "/work/" not in text and "/home/" not in text and "/root/" not in text
    comments = [token.string for token in tokenize.generate_tokens(io.StringIO(text).readline)
                if token.type == tokenize.COMMENT]
    assert not any(re.match(r"#\s*(if|for|return|def|import|from \S+ import)\b.*[:)]$", comment)
                   for comment in comments)


@modules
def test_only_commands_print(name):
    calls = [node for node in ast.walk(tree(name))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    assert (name in COMMANDS
            or not any(call.func.id in ("print", "breakpoint", "exec", "eval") for call in calls))


@modules
def test_only_a_few_packages_are_imported(name):
    nodes = [node for node in ast.walk(tree(name)) if isinstance(node, (ast.Import, ast.ImportFrom))]
    _, others = imports(name, nodes)
    assert name in COMMANDS or others <= FOREIGN | EXTRAS.get(name, set()) | set(sys.stdlib_module_names)


@modules
def test_names_say_what_a_thing_is(name):
    words = {getattr(node, field) for node in ast.walk(tree(name)) for field in ("id", "arg", "attr", "name")
             if isinstance(getattr(node, field, None), str)}
    assert not words & VAGUE


def test_no_module_of_odds_and_ends():
    assert not {path.stem for path in FILES} & {"utils", "util", "misc", "common", "helpers_", "tools"}


@pytest.mark.parametrize("where", ["at the top", "anywhere"])
def test_no_cycle_among_the_imports(where):
    """Not even one that is hidden by an import inside a function."""
    graph = {}
    for name in MODULES:
        nodes = [node for node in ast.walk(tree(name)) if isinstance(node, (ast.Import, ast.ImportFrom))]
        graph[name] = imports(name, None if where == "at the top" else nodes)[0] & set(MODULES) - {name}
    found, done = [], set()

    def visit(name, path):
        if name in path:
            found.append(" -> ".join([*path[path.index(name):], name]))
        elif name not in done:
            for other in sorted(graph[name]):
                visit(other, [*path, name])
            done.add(name)
    for name in sorted(graph):
        visit(name, [])
    assert not found


def layer(name):
    """The row of a module's package; the package itself."""
    package = ".".join(name.split(".")[:2])
    return next(row for row, packages in enumerate(LAYERS) if package in packages), package


@modules
def test_imports_go_down(name):
    row, package = layer(name)
    for other in imports(name)[0] & set(MODULES):
        below, target = layer(other)
        assert below > row or target == package or other == "revad.rules" and package == "revad.reference", (
            other)


def test_no_folder_is_full():
    folders = {path.parent for path in FILES}
    assert all(len([path for path in folder.glob("*.py") if path.stem != "__init__"]) <= MOST
               for folder in folders)


def test_no_module_has_the_name_of_a_public_function():
    assert not {path.stem for path in FILES} & set(revad.__all__)


def test_every_name_in_all_is_there():
    for name, path in MODULES.items():
        if name in COMMANDS:
            continue
        module = __import__(name, fromlist=["_"])
        assert all(hasattr(module, one) for one in getattr(module, "__all__", ()))


def test_no_tests_name_is_used_twice():
    for path in pathlib.Path(__file__).parent.glob("test_*.py"):
        names = [node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
        assert len(names) == len(set(names)), path.name
