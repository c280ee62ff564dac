"""What is exported runs where revad cannot be imported, says what it is for, and is checked with its function."""
import importlib.util
import pathlib
import pickle
import re
import shutil
import subprocess
import sys
import types

import numpy as np
import pytest
from from_text import function

import losses
import revad
from revad import ExportError, grad
from revad.__main__ import main
from revad.exporting.command import options, text_of
from revad.exporting.file import file_text, refuse_what_lacks
from revad.exporting.kinds import parsed
from revad.gradient import Gradient

HERE = pathlib.Path(__file__).parent
RNG = np.random.default_rng(3)
X, Y, W = RNG.normal(size=(4, 3)), RNG.normal(size=4), RNG.normal(size=3)

# name, kinds, more options, arguments
ROWS = [
    ("logistic", "X: float64[N, D], y: float64[N], w: float64[D], b: float", ["--wrt", "w,b"],
     (X, Y, W, 0.5)),
    ("logistic", "X: float64[N, D], y: float64[N], w: float64[D], b: float, lam: float, mode: 'test'",
     ["--wrt", "w", "--part", "value_and_grad"], (X, Y, W, 0.5, 0.2, "test")),
    ("logistic", "X: float64[N, D], y: float64[N], w: float64[D], b: float64[1]", ["--wrt", "b"],
     (X, Y, W, np.array([0.5]))),
    ("two_layers", "X: float64[N, D], labels: int64[N], p: {'w1': float64[D, H], 'b1': float64[H], "
     "'w2': float64[H, K]}", [], (X, np.array([0, 2, 1, 1]), {
         "w1": RNG.normal(size=(3, 5)), "b1": RNG.normal(size=5), "w2": RNG.normal(size=(5, 3))})),
    ("network", "x: float64[N, D], w1: float64[D, K], w2: float64[K, M]", [],
     (X, RNG.normal(size=(3, 5)), RNG.normal(size=(5, 2)))),
    ("numbers", "x: float, y: int", [], (0.5, 3)),
    ("of_a_list", "xs: [float64[N], float64[M, L]], k: float", [], ([Y, X], 0.5)),
    ("recurrent", "x: float64[T, D], W: float64[D, H], U: float64[H, H]", ["--wrt", "W,U"],
     (X, RNG.normal(size=(3, 2)), RNG.normal(size=(2, 2)))),
    ("stored", "x: float32[N], k: float", ["--wrt", "x"], (Y.astype(np.float32), 2.0)),
]
IDS = [f"{i}-{row[0]}" for i, row in enumerate(ROWS)]
rows = pytest.mark.parametrize("name, kinds, more, args", ROWS, ids=IDS)


def command(name, kinds, more=(), target="losses"):
    return options([f"{target}:{name}", "--kinds", kinds, *more])


def gradient_of(name, more):
    function = getattr(losses, name)
    wrt = more[more.index("--wrt") + 1].split(",") if "--wrt" in more else None
    if isinstance(function, Gradient):
        return function
    make = revad.value_and_grad if "value_and_grad" in more else grad
    return make(function, wrt=wrt[0] if wrt and len(wrt) == 1 else tuple(wrt) if wrt else None)


def without_revad(tmp_path, text, name, args):
    """The result of an exported function in a process that has no revad."""
    (tmp_path / "exported.py").write_text(text, encoding="utf-8")
    (tmp_path / "args.pickle").write_bytes(pickle.dumps(args))
    program = ("import pathlib, pickle, sys\nsys.modules['revad'] = None\nsys.path.insert(0, '.')\n"
               "import exported\nargs = pickle.loads(pathlib.Path('args.pickle').read_bytes())\n"
               f"pathlib.Path('result.pickle').write_bytes(pickle.dumps(exported.{name}(*args)))\n")
    subprocess.run([sys.executable, "-W", "error", "-c", program], cwd=tmp_path, check=True,
                   env={"PATH": "/usr/bin"})
    return pickle.loads((tmp_path / "result.pickle").read_bytes())


def assert_same(one, other, same=np.array_equal):
    assert type(one) is type(other)
    if isinstance(one, (tuple, list)):
        assert len(one) == len(other)
        for a, b in zip(one, other):
            assert_same(a, b, same)
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key], same)
    else:
        assert same(one, other) and np.shape(one) == np.shape(other)


def body_of(text):
    """The lines of the functions of a text after their first lines, trailing comments aside."""
    lines = [re.sub(r"(?<=\S) +#.*", "", line) for line in text.split("\n")]
    return [line for line in lines if line.startswith("    ")]


@rows
def test_it_gives_the_same_bits_and_runs_without_revad(name, kinds, more, args, tmp_path):
    text = text_of(command(name, kinds, more))
    assert "import revad" not in text and "from revad" not in text
    gradient = gradient_of(name, more)
    expected = gradient(*args)
    exported = re.findall(r"^def (\w+)\(", text, re.MULTILINE)[-1]
    namespace = {}
    exec(text, namespace)
    assert_same(namespace[exported](*args), expected)
    # In another process arrays may lie otherwise in memory, and so be summed in another order.
    assert_same(without_revad(tmp_path, text, exported, args), expected, np.allclose)
    source = body_of(gradient.source)
    assert body_of(text)[-len(source):][-3:] == source[-3:]
    assert [line for line in source if line not in body_of(text)] == []


def test_the_passes_of_a_layer(tmp_path):
    kinds = "x: float64[N, D], w: float64[D, K], b: float64[K]"
    text = text_of(command("affine", kinds, ["--part", "passes"]))
    args = X, RNG.normal(size=(3, 2)), RNG.normal(size=2)
    out, cache = losses.affine.forward(*args)
    result = without_revad(tmp_path, text, "affine_forward", args)
    assert_same(result, (out, tuple(cache)), np.allclose)
    assert_same(without_revad(tmp_path, text, "affine_backward", (out, tuple(cache))),
                losses.affine.backward(out, cache), np.allclose)


@rows
def test_tools_that_people_run(name, kinds, more, args, tmp_path):
    path = tmp_path / "exported.py"
    path.write_text(text_of(command(name, kinds, more)), encoding="utf-8")
    ruff = shutil.which("ruff", path=f"{pathlib.Path(sys.executable).parent}")
    if ruff is None:
        pytest.skip("ruff is not installed")
    subprocess.run([ruff, "check", "--isolated", "--quiet", str(path)], check=True)
    assert "noqa: " in path.read_text() and "no-untyped" not in path.read_text()
    # Also without the exemption that a generated file has: no unused or undefined names.
    subprocess.run([ruff, "check", "--isolated", "--quiet", "--ignore-noqa", "--select", "E4,E9,F",
                    "--ignore", "F841", str(path)], check=True)


def test_annotations_pass_strict_mypy(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed")
    for number, (name, kinds, more, _) in enumerate(ROWS):
        (tmp_path / f"exported_{number}.py").write_text(text_of(command(name, kinds, more)), encoding="utf-8")
    (tmp_path / "user.py").write_text("from exported_0 import logistic_grad\n"
                                      "from exported_5 import numbers_grad\n"
                                      "reveal_type(logistic_grad)\nreveal_type(numbers_grad)\n")
    done = subprocess.run([sys.executable, "-m", "mypy", "--strict", "--cache-dir", "cache", "."],
                          cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert '"def (x: float, y: int) -> tuple[float, float]"' in done.stdout
    assert "b: float, lam: float =, mode: str =) -> tuple[numpy.ndarray" in done.stdout


@pytest.mark.parametrize("call, message", [
    ((X, Y, W, 1), "b must be float"),
    ((X, Y, X, 1.0), r"w must be float64\[D\]"),
    ((X, Y[:2], W, 1.0), r"y.shape\[0\] and X.shape\[0\] must be equal"),
    ((X.astype(np.float32), Y, W, 1.0), r"X must be float64\[N, D\]"),
    ((X, Y, W, 1.0, 0.1, "test"), "mode must be 'train'"),
    ((X[:1], Y[:1], W, 1.0), "where N is not 1"),
    ((X.tolist(), Y, W, 1.0), "X must be"),
    ((np.ma.array(X), Y, W, 1.0), "X must be"),
])
def test_other_arguments_are_refused(call, message):
    namespace = {}
    exec(text_of(command(*ROWS[0][:3])), namespace)
    with pytest.raises(ValueError, match=message):
        namespace["logistic_grad"](*call)


def test_a_length_may_be_1_where_the_text_is_the_same():
    namespace = {}
    exec(text_of(command(*ROWS[0][:3])), namespace)
    args = X[:, :1], Y, W[:1], 0.5
    assert_same(namespace["logistic_grad"](*args), gradient_of("logistic", ["--wrt", "w,b"])(*args))


def test_trailing_comments_and_settings_stay():
    text = text_of(command(*ROWS[0][:3]))
    assert "    z = X @ w + b     # scores\n    z = z * 2     # twice\n" in text
    assert "lam: float = 0.1" in text
    assert "EPS = 1e-05\n" in text_of(command(*ROWS[1][:3]))
    assert "def helper(labels: Any) -> Any:\n" in text_of(command(*ROWS[3][:3]))


def test_the_same_bytes_whatever_the_hash_seed():
    words = [sys.executable, "-m", "revad", "export", "losses:two_layers", "--kinds", ROWS[3][1]]
    texts = {subprocess.run(words, cwd=HERE, check=True, capture_output=True,
                            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(HERE.parents[1])}).stdout
             for seed in "12"}
    assert len(texts) == 1


# ---- --check


SOURCE = '''import numpy as np


def loss(X, w):
    return np.sum((X @ w)**{power})
'''


def test_check(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    source = tmp_path / "model_to_check.py"
    source.write_text(SOURCE.format(power=2))
    written = ["export", "model_to_check.py:loss", "--kinds", "X: float64[N, D], w: float64[D]", "--wrt", "w",
               "-o", "loss_grad.py"]
    assert main(written) == 0
    assert capsys.readouterr().out.startswith("loss_grad.py: ")
    assert main(["export", "--check", "loss_grad.py"]) == 0
    assert capsys.readouterr().out == "loss_grad.py: as model_to_check.py:loss is\n"
    source.write_text(SOURCE.format(power=40))
    sys.modules.pop("model_to_check")
    assert main(["export", "--check", "loss_grad.py"]) == 1
    report = capsys.readouterr().err
    assert report.startswith("--- loss_grad.py\n+++ loss_grad.py, as model_to_check.py:loss is now\n")
    assert ("-    dw = X.T @ (2 * (X @ w))\n+    # backprop np.sum((X @ w)**40)\n"
            "+    dw = X.T @ (40 * (X @ w)**39)\n" in report)
    assert "loss_grad.py is not what would be written now: run\n    revad export model_to_check.py" in report
    sys.modules.pop("model_to_check")
    assert main(written) == 0 and main(["export", "--check", "loss_grad.py"]) == 0
    text = (tmp_path / "loss_grad.py").read_text()
    (tmp_path / "loss_grad.py").write_text(text.replace("return dw", "return 2 * dw"))
    assert main(["export", "--check", "loss_grad.py"]) == 1
    (tmp_path / "loss_grad.py").write_text("x = 1\n")
    capsys.readouterr()
    assert main(["export", "--check", "loss_grad.py"]) == 1
    assert "was not written by revad export" in capsys.readouterr().err
    sys.modules.pop("model_to_check")


# ---- revad.export


def test_a_gradient_is_exported_for_its_last_call(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    args = RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3)), RNG.normal(size=(3, 3))
    losses.network(*args)
    revad.export(losses.network, "network_grad.py")
    text = (tmp_path / "network_grad.py").read_text()
    assert "x: float64[N, M], w1: float64[M, K], w2: float64[K, D]" in text.split("\n")[1]
    monkeypatch.syspath_prepend(HERE)
    assert main(["export", "--check", "network_grad.py"]) == 0
    namespace = {}
    exec(text, namespace)
    assert_same(namespace["network_grad"](*args), losses.network(*args))
    losses.affine.forward(X, W.reshape(3, 1), np.ones(1))
    revad.export(losses.affine, tmp_path / "affine_passes.py")
    assert "def affine_backward(" in (tmp_path / "affine_passes.py").read_text()
    assert main(["export", "--check", "affine_passes.py"]) == 0
    with pytest.raises(ExportError, match="has not been called"):
        revad.export(grad(losses.numbers), "numbers.py")


def test_a_gradient_that_no_one_can_import(tmp_path):
    f = function("def f(x):\n    return x * x")
    f.__module__ = "__main__"
    revad.export(grad(f), tmp_path / "f_grad.py", "x: float")
    namespace = {}
    exec((tmp_path / "f_grad.py").read_text(), namespace)
    assert namespace["f_grad"](3.0) == 6.0


# ---- other namespaces


def test_another_namespace():
    dask_array = pytest.importorskip("dask.array", reason="dask is not installed")
    text = text_of(command("affine", "x: float64[N, D], w: float64[D, K], b: float64[K]",
                           ["--part", "passes", "--namespace", "dask.array"]))
    assert "import dask.array as np\n" in text and "import numpy" not in text
    namespace = {}
    exec(text, namespace)
    args = X, RNG.normal(size=(3, 2)), RNG.normal(size=2)
    out, cache = namespace["affine_forward"](*(dask_array.from_array(arg, chunks=2) for arg in args))
    gradients = namespace["affine_backward"](out, cache)
    expected, cache = losses.affine.forward(*args)
    for ours, theirs in zip(gradients, losses.affine.backward(expected, cache)):
        assert np.allclose(ours.compute(), theirs)


def test_a_namespace_that_lacks_a_function():
    module = types.ModuleType("few")
    module.sum = np.sum
    with pytest.raises(ExportError, match=r"^few has no np\.linalg\.inv, np\.tanh, which the text uses$"):
        refuse_what_lacks(module, "few", "def f(x):\n    return np.sum(np.tanh(x)) + np.linalg.inv(x)", "np")
    module.zeros = np.zeros
    with pytest.raises(ExportError, match=r"no stores into arrays, which the text makes \(out\[1:\]\)"):
        refuse_what_lacks(module, "jax.numpy", "def f(x):\n    out = np.zeros(3)\n    out[1:] = x", "np")
    with pytest.raises(ExportError, match="the namespace no_such_thing cannot be imported here"):
        file_text(grad(losses.numbers), parsed("x: float, y: float"), "m:f", "", None, "no_such_thing")


# ---- what cannot be exported says so


@pytest.mark.parametrize("target, kinds, message", [
    ("losses:logistics", "x: float", "losses has no logistics. Did you mean logistic?"),
    ("losses:logistic", "Z: float", "logistic has no parameter 'Z': it has X, y, w, b, lam, mode"),
    ("losses:logistic", "X: float64[N, D]", "y has no kind: write y: float, or y: float64[N]"),
    ("losses:numbers", "x: floaty, y: int", "floaty is no kind"),
    ("losses:numbers", "x: float y", "the kinds cannot be read"),
    ("losses:numbers", "x: float64[-1], y: int", "-1 is no length: write a letter or a number"),
    ("losses:numbers", "x, y: int", "x has no kind"),
    ("losses:reads_an_array", "x: float64[3]", "it reads ROWS from its module, which is a ndarray: make"),
    ("losses:EPS", "x: float", "losses:EPS is a float, not a function"),
    ("nowhere:f", "x: float", "there is no module nowhere here"),
    ("nowhere.py:f", "x: float", "there is no file nowhere.py"),
    ("nowhere", "x: float", "write package.module:function or path/file.py:function"),
])
def test_refusals(target, kinds, message, capsys):
    assert main(["export", target, "--kinds", kinds]) == 1
    shown = capsys.readouterr()
    assert message in shown.err and not shown.out


def test_without_kinds_the_message_shows_how(capsys):
    assert main(["export", "losses:numbers"]) == 1
    assert '--kinds "x: float64[N], y: float64[N]"' in capsys.readouterr().err


def test_methods_are_refused():
    class Model:
        @grad(wrt="x")
        def energy(self, x):
            return x * x
    with pytest.raises(ExportError, match="export takes what grad or value_and_grad gives"):
        revad.export(Model().energy, "energy.py", "x: float")
    with pytest.raises(ExportError, match="is a method"):
        revad.export(grad(Model.energy.primal.__get__(Model())), "energy.py", "x: float")


OUTSIDE = '''import math

import numpy as np
{scipy}
SCALE = {scale}
TABLE = {{"a": 1.5, "b": (2, 3)}}


def helper(x, k):
    y = x * k
    return np.tanh(y) + TABLE["a"]


def deep(x, a):
    return np.sum(helper(x, SCALE) * math.exp(-SCALE) * {special}(a + x**2))


def layers(X, params):
    h = X
    for layer in params:
        h = np.tanh(h @ layer["W"] + layer["b"])
    return np.sum(h**2)


def make(k):
    def inner(x):
        return np.sum(helper(x, k)**2)
    return inner


closed = make(2.0)
'''
LAYERS = "[{'W': float64[D, H], 'b': float64[H]}, {'W': float64[H, K], 'b': float64[K]}]"


def test_what_stands_around_a_function_is_in_its_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    source, has_scipy = tmp_path / "around.py", importlib.util.find_spec("scipy") is not None
    words = {"scipy": "from scipy.special import erf\n" if has_scipy else "",
             "special": "erf" if has_scipy else "np.sin"}
    source.write_text(OUTSIDE.format(scale=0.5, **words))
    calls = {"deep": ("x: float64[N], a: float", (Y, 0.3)), "closed": ("x: float64[N]", (Y,)),
             "layers": (f"X: float64[N, D], params: {LAYERS}", (X, [
                 {"W": RNG.normal(size=(3, 2)), "b": np.zeros(2)}, {"W": np.ones((2, 2)), "b": np.ones(2)}]))}
    for name, (kinds, args) in calls.items():
        file = f"{name}_grad.py"
        assert main(["export", f"around.py:{name}", "--kinds", kinds, "-o", file]) == 0
        gradient = grad(getattr(sys.modules["around"], name))
        namespace = {}
        exec((tmp_path / file).read_text(), namespace)
        exported = re.findall(r"^def (\w+)\(", (tmp_path / file).read_text(), re.MULTILINE)[-1]
        assert_same(namespace[exported](*args), gradient(*args))
    files = [f"{name}_grad.py" for name in calls]
    assert main(["export", "--check", *files]) == 0
    source.write_text(OUTSIDE.format(scale=0.25, **words))
    sys.modules.pop("around")
    capsys.readouterr()
    assert main(["export", "--check", *files]) == 1
    report = capsys.readouterr().err
    assert "-SCALE = 0.5\n+SCALE = 0.25\n" in report and "layers_grad.py: as around.py:layers is\n" in report
    sys.modules.pop("around")
