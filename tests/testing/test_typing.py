"""Type checkers know the parameters of a function in its gradient, and its stub names what is public."""
import ast
import importlib.util
import inspect
import json
import pathlib
import re
import subprocess
import sys

import pytest

import revad
from revad import grad, hessian, hvp, jvp, vjp

PROGRAM = pathlib.Path(__file__).with_name("typed_program.py")
ROOT = PROGRAM.parents[2]
LINES = PROGRAM.read_text().splitlines()
WRONG = {number for number, line in enumerate(LINES, 1) if line.endswith("# error")}
STUB = ast.parse(pathlib.Path(revad.__file__).with_suffix(".pyi").read_text())


def checked(*words):
    return subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, cwd=ROOT)


def line_of(text):
    return next(number for number, line in enumerate(LINES, 1) if text in line)


REVEALED = {
    "reveal_type(loss)": ("Gradient[", "scale: ", ", Any]"),
    "reveal_type(both(w, X))": ("tuple[float, Any]",),
    "reveal_type(with_aux(w))": ("tuple[Any, str]",),
    "reveal_type(grad(plain))": ("Gradient[", "x: float, y: float"),
    "reveal_type(jvp(plain)": ("tuple[float, Any]",),
    "reveal_type(vjp(plain)": ("float",),
    "reveal_type(loss.source": ("str",),
    "reveal_type(nondiff": ("int",),
}


def assert_revealed(notes):
    for text, words in REVEALED.items():
        note = notes[line_of(text)]
        assert all(word in note for word in words), (text, note)


def test_mypy(tmp_path):
    if importlib.util.find_spec("mypy") is None:
        pytest.skip("mypy is not installed")
    done = checked("mypy", "--strict", "--follow-imports=silent", "--cache-dir", str(tmp_path), str(PROGRAM))
    lines = [re.match(r".*?:(\d+): (error|note): (.*)", line) for line in done.stdout.splitlines()]
    lines = [(int(m[1]), m[2], m[3]) for m in lines if m]
    assert {line for line, kind, _ in lines if kind == "error"} == WRONG, done.stdout
    assert_revealed({line: text for line, kind, text in lines if kind == "note"})


def test_pyright():
    if importlib.util.find_spec("pyright") is None:
        pytest.skip("pyright is not installed")
    done = checked("pyright", "--outputjson", "--pythonpath", sys.executable, str(PROGRAM))
    found = json.loads(done.stdout)["generalDiagnostics"]
    lines = [(row["range"]["start"]["line"] + 1, row["severity"], row["message"]) for row in found]
    assert {line for line, kind, _ in lines if kind == "error"} == WRONG, found
    assert_revealed({line: text for line, kind, text in lines if kind == "information"})


def test_the_stub_names_what_is_public():
    names = {node.name for node in STUB.body if isinstance(node, ast.FunctionDef)}
    names |= {alias.asname for node in STUB.body if isinstance(node, ast.ImportFrom) for alias in node.names
              if alias.asname}
    names |= {node.target.id for node in STUB.body if isinstance(node, ast.AnnAssign)}
    names -= {"dask"}       # a module, which `from revad import *` must not put in the place of dask itself
    assert names == set(revad.__all__), "revad/__init__.pyi has to name what revad.__all__ names"


@pytest.mark.parametrize("node", [node for node in STUB.body if isinstance(node, ast.FunctionDef)],
                         ids=lambda node: f"{node.name}-{node.lineno}")
def test_the_stub_has_the_parameters_of_the_functions(node):
    arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg,
                 node.args.kwarg)
    names = {argument.arg for argument in arguments if argument} - {"function", "functions"}
    parameters = set(inspect.signature(getattr(revad, node.name)).parameters)
    assert names == parameters - {"function", "functions"}


def test_the_stub_of_revad_dask_is_that_of_the_module():
    stub = ast.parse(pathlib.Path(revad.dask.__file__).with_suffix(".pyi").read_text())
    function, = (node for node in stub.body if isinstance(node, ast.FunctionDef))
    names = [argument.arg for argument in (*function.args.args, *function.args.kwonlyargs)]
    assert names == list(inspect.signature(revad.dask.value_and_grad).parameters)
    attributes = {node.target.id for cls in stub.body if isinstance(cls, ast.ClassDef) for node in cls.body
                  if isinstance(node, ast.AnnAssign)}
    sharded = revad.dask.value_and_grad(loss, over="n", wrt="x")
    assert all(hasattr(sharded, name) for name in attributes)


# ---- while running


def loss(x: float, n: int = 3, *, mode: str = "a") -> float:
    return x * n


def test_signatures():
    assert str(inspect.signature(grad(loss))) == "(x: float, n: int = 3, *, mode: str = 'a')"
    assert "return" not in grad(loss).__annotations__ and grad(loss).__annotations__["x"] is float
    assert loss.__annotations__["return"] is float
    assert str(inspect.signature(jvp(loss))) == "(x: float, n: int = 3, *, mode: str = 'a', tangents)"
    assert str(inspect.signature(hvp(loss))).endswith(", vector)")
    assert str(inspect.signature(hessian(loss))) == str(inspect.signature(grad(loss)))

    class Model:
        @grad(wrt="x")
        def energy(self, x: float) -> float:
            return x * x
    assert str(inspect.signature(Model().energy)) == "(x: float)"
    assert str(inspect.signature(Model.energy)) == "(self, x: float)"
    assert str(inspect.signature(grad(Model.energy.primal.__get__(Model())))) == "(x: float)"


def offered(thing):
    return [name for name in dir(thing) if not name.startswith("_")]


def test_completion_offers_public_names_only():
    df = grad(loss)
    df(2.0)
    whole = ["backward", "compile", "compiled", "forward", "primal", "source", "wrt"]
    assert offered(df) == whole
    assert offered(df.forward) == offered(df.backward) == ["source"]
    assert offered(hessian(loss)) == ["primal", "source", "wrt"]
    assert offered(jvp(loss)) == ["compile", "primal", "source", "wrt"]
    assert offered(df.compile(2.0)) == ["source"]
    assert offered(vjp(loss)(2.0)[1]) == ["source"]
    assert all(hasattr(df, name) for name in dir(df))


def test_representations():
    df = grad(loss)
    assert repr(df) == "<grad of loss wrt x>"
    assert repr(df.forward) == "<forward pass of loss wrt x>"
    assert repr(df.backward) == "<backward pass of loss wrt x>"
    assert repr(df.compile(2.0)) == "<grad of loss wrt x, for x: float, n: int, mode: 'a'>"
    assert repr(hessian(loss)) == "<hessian of loss wrt x>"
