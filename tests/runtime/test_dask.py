"""Sums and means of losses over rows on a cluster of dask: as in one process, also if a worker is killed."""
import os
import pathlib
import signal
import subprocess
import sys

import numpy as np
import pytest

import revad
from revad import CallError, UnsupportedError, value_and_grad

dask = pytest.importorskip("dask", reason="the extra 'dask' is not installed")
distributed = pytest.importorskip("distributed", reason="the extra 'dask' is not installed")
da = pytest.importorskip("dask.array", reason="the extra 'dask' is not installed")

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(23, 4)), RNG.normal(size=23)
P = {"w": RNG.normal(size=4), "b": 0.3, "name": "p"}


def squares(X, y, p, scale=1.0):
    r = X @ p["w"] + p["b"] - y
    return scale * np.sum(r**2)


def mean_of_squares(X, y, p, *, power=2):
    r = X @ p["w"] + p["b"] - y
    return np.mean(r**power) + 0.1 * np.sum(p["w"]**2)


@pytest.fixture(scope="module", name="client")
def cluster():
    with distributed.Client(n_workers=2, threads_per_worker=1, dashboard_address=None) as client:
        yield client


def assert_as_in_one_process(result, loss, *args, rtol=1e-12, **keywords):
    value, gradient = value_and_grad(loss, wrt="p")(*args, **keywords)
    assert np.allclose(result[0], value, rtol=rtol, atol=0) and type(result[0]) is type(value)
    assert list(result[1]) == list(gradient)
    for key in gradient:
        assert type(result[1][key]) is type(gradient[key])
        if gradient[key] is not None and not isinstance(gradient[key], str):
            assert np.allclose(result[1][key], gradient[key], rtol=rtol)
            assert getattr(result[1][key], "dtype", None) == getattr(gradient[key], "dtype", None)


SHARDS = {
    "dask arrays": lambda: (da.from_array(X, chunks=(7, 3)), da.from_array(Y, chunks=7)),
    "other chunks": lambda: (da.from_array(X, chunks=(5, 4)), da.from_array(Y, chunks=9)),
    "a dask array and one of NumPy": lambda: (da.from_array(X, chunks=6), Y),
    "NumPy's": lambda: (X, Y),
    "lists": lambda: ([X[:3], X[3:3], X[3:]], [Y[:3], Y[3:3], Y[3:]]),
    "a list and an array": lambda: ([X[:3], X[3:]], Y),
    "delayed": lambda: ([dask.delayed(X[:9]), dask.delayed(X[9:])], [Y[:9], Y[9:]]),
    "many": lambda: (list(X[:, None]), list(Y[:, None])),
}


@pytest.mark.parametrize("kind", SHARDS)
@pytest.mark.parametrize("loss, reduce", [(squares, "sum"), (mean_of_squares, "mean")])
def test_it_is_the_gradient_of_all_rows(client, kind, loss, reduce):
    sharded = revad.dask.value_and_grad(loss, wrt="p", over=("X", "y"), reduce=reduce, client=client)
    x, y = SHARDS[kind]()
    assert_as_in_one_process(sharded(x, y, P), loss, X, Y, P)
    assert_as_in_one_process(sharded(x, p=P, y=y), loss, X, Y, P)


def test_lengths_that_only_the_workers_know(client):
    sharded = revad.dask.value_and_grad(mean_of_squares, wrt="p", over=("X", "y"), reduce="mean",
                                        client=client)
    x, y = da.from_array(X, chunks=(8, 2)), da.from_array(Y, chunks=8)
    chosen = y > 0
    assert_as_in_one_process(sharded(x[chosen], y[chosen], P, power=4), mean_of_squares, X[Y > 0], Y[Y > 0],
                             P, power=4)
    with pytest.raises(CallError, match="there are no rows in X and y"):
        sharded(x[y > 99], y[y > 99], P)
    with pytest.raises(CallError, match="as many rows in each shard: X has [0-9]+, y has [0-9]+"):
        sharded(x[y > 0], y[y > 0.5], P)


def test_precision_and_default_of_wrt(client):
    def loss(x, w, b):
        return np.mean(x * w + b)
    sharded = revad.dask.value_and_grad(loss, over="x", reduce="mean", client=client)
    assert sharded.wrt == ("w", "b")
    shards = [np.ones(3, np.float32), np.zeros(1, np.float32)]
    value, (dw, db) = sharded(shards, np.float32(2.0), np.float16(1.0))
    assert (value, dw, db) == (2.5, 0.75, 1.0)
    assert (value.dtype, dw.dtype, db.dtype) == (np.float32, np.float32, np.float16)


class Model:
    def __init__(self):
        self.scale = 2.0

    def loss(self, x, w):
        return np.sum(self.scale * x * w)


def test_methods_and_what_stands_outside(client):
    factor = 3.0

    def loss(x, w):
        return factor * np.sum(x * w)
    assert revad.dask.value_and_grad(loss, over="x", client=client)([np.ones(2)] * 3, 2.0) == (36.0, 18.0)
    of_method = revad.dask.value_and_grad(Model().loss, over="x", client=client)
    assert of_method([np.ones(2)] * 3, 2.0) == (24.0, 12.0)


def killed_once(part, marker):
    """Rows that are read by a worker which is killed when it first does."""
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return part


def test_a_worker_is_killed_in_the_middle(client, tmp_path):
    parts = np.array_split(np.arange(23), 6)
    sharded = revad.dask.value_and_grad(squares, wrt="p", over=("X", "y"), client=client)
    expected = sharded([X[rows] for rows in parts], [Y[rows] for rows in parts], P)
    pids = set(client.run(os.getpid).values())
    lazily = [dask.delayed(killed_once)(X[rows], tmp_path / "killed") if number == 3 else X[rows]
              for number, rows in enumerate(parts)]
    value, gradient = sharded(lazily, [Y[rows] for rows in parts], P)
    assert (tmp_path / "killed").exists() and set(client.run(os.getpid).values()) != pids
    # The sums are in the same order; their last bits depend on where the arrays lie in memory.
    for one, other in ((value, expected[0]), *((gradient[key], expected[1][key]) for key in "wb")):
        assert np.allclose(one, other, rtol=1e-14, atol=0)


def test_errors_of_the_workers(client):
    def refused(x, w):
        return np.sum(x * np.i0(w))
    with pytest.raises(UnsupportedError, match="i0"):
        revad.dask.value_and_grad(refused, over="x", client=client)([np.ones(2)], 2.0)
    with pytest.raises(ValueError, match="matmul"):
        revad.dask.value_and_grad(squares, wrt="p", over=("X", "y"), client=client)(
            [X], [Y], {"w": np.ones(3), "b": 0.0})


@pytest.mark.parametrize("settings, args, message", [
    ({"over": "Z"}, None, "squares has no parameter 'Z'"),
    ({"over": "X", "wrt": "X"}, None, "X is in wrt and in over"),
    ({"over": "X", "reduce": "max"}, None, "reduce is 'max': it is 'sum' or 'mean'"),
    ({"over": ("X", "y"), "wrt": "p"}, (X, Y[:3], P), "y has 3 rows, and the other arguments have 23|X has 23"),
    ({"over": ("X", "y"), "wrt": "p"}, ([X], [Y, Y], P), "X has 1, y has 2"),
    ({"over": ("X", "y"), "wrt": "p"}, ([], [], P), "there are no shards in X and y"),
    ({"over": ("X", "y"), "wrt": "p"}, (X, Y), "squares.* misses its argument 'p'"),
    ({"over": ("X", "y"), "wrt": "p"}, (X, 3.0, P), "y is a float: pass a dask array"),
    ({"over": ("X", "y"), "wrt": "p"}, ([dask.delayed(X)], Y, P), "the rows of y cannot be divided"),
])
def test_what_is_refused(client, settings, args, message):
    with pytest.raises(CallError, match=message):
        revad.dask.value_and_grad(squares, client=client, **settings)(*args)


def test_the_example_trains_on_more_than_a_worker_may_hold():
    root = pathlib.Path(revad.__file__).parents[1]
    script = pathlib.Path(__file__).parents[2] / "examples/cluster/logistic_regression.py"
    run = subprocess.run([sys.executable, str(script)], capture_output=True, text=True,
                         env={**os.environ, "PYTHONPATH": str(root)})
    assert run.returncode == 0, run.stderr
    assert "step 4: loss 0." in run.stdout and "def loss_grad(X, y, p):" in run.stdout


SCRIPT = """
import numpy as np
import revad

def loss(x, w):
    return np.sum(x * w)

both = revad.dask.value_and_grad(loss, over="x")
if __name__ == "__main__":
    print([float(part) for part in (*both(np.ones(4), 2.0), *both([np.ones(4)], 3.0))])
"""


def test_a_script_starts_a_cluster_by_itself(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    run = subprocess.run([sys.executable, "script.py"], capture_output=True, text=True, cwd=tmp_path,
                         env={**os.environ, "PYTHONPATH": str(pathlib.Path(revad.__file__).parents[1])})
    assert run.returncode == 0 and run.stdout == "[8.0, 4.0, 12.0, 4.0]\n", run.stderr
