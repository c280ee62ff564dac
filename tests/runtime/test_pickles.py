"""Gradients go to other processes with their texts: by pickle, by cloudpickle, from scripts by joblib and dask."""
import importlib.util
import os
import pathlib
import pickle
import subprocess
import sys

import numpy as np
import pytest

import revad
from revad import grad, hessian, value_and_grad

ROOT = pathlib.Path(revad.__file__).parents[1]


@grad
def imported(x):
    return np.sum(x**3)


SCRIPT = '''
import numpy as np
from revad import grad, hessian, value_and_grad

K = 2.0

def helper(x):
    y = x * K
    return y * y

@grad
def loss(x):
    return np.sum(helper(x))

both = value_and_grad(lambda x: np.sum(x**3))
second = hessian(lambda x: np.sum(x**3))

def work(x):
    return loss(x), both(x), second(x)[0, 0], loss.source

EXPECTED = [8.0, 8.0]
'''
CHECK = '''
    for gradient, (value, other), corner, text in results:
        assert (gradient.tolist(), value, other.tolist(), corner) == (EXPECTED, 2.0, [3.0, 3.0], 6.0)
        assert "def loss_grad(x):" in text
    print("right")
'''
WAYS = {
    "joblib": '''
if __name__ == "__main__":
    import joblib
    results = joblib.Parallel(2)(joblib.delayed(work)(np.ones(2)) for _ in range(3))
    direct = joblib.Parallel(2)(joblib.delayed(loss)(np.ones(2)) for _ in range(3))
    assert all(gradient.tolist() == EXPECTED for gradient in direct)
''',
    "distributed": '''
if __name__ == "__main__":
    import distributed
    with distributed.Client(n_workers=1, threads_per_worker=1, dashboard_address=None) as client:
        results = [client.submit(work, np.ones(2)).result()]
        assert client.submit(loss, np.ones(2)).result().tolist() == EXPECTED
''',
    "multiprocessing": '''
if __name__ == "__main__":
    import multiprocessing
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        results = pool.map(work, [np.ones(2)])
        assert pool.map(loss, [np.ones(2)])[0].tolist() == EXPECTED
''',
}


def run(path, *more):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, str(path), *more], capture_output=True, text=True, env=environment,
                          cwd=path.parent, timeout=300)


@pytest.mark.parametrize("library", WAYS)
def test_a_script(library, tmp_path):
    if importlib.util.find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + WAYS[library] + CHECK)
    done = run(script)
    assert done.stdout.strip() == "right", done.stderr


@pytest.mark.parametrize("changed", [False, True], ids=["without its file", "with another text in its file"])
def test_cloudpickle_carries_the_text(changed, tmp_path):
    if importlib.util.find_spec("cloudpickle") is None:
        pytest.skip("cloudpickle is not installed")
    script = tmp_path / "script.py"
    script.write_text(SCRIPT + '''
import pathlib, cloudpickle
pathlib.Path("work.pickle").write_bytes(cloudpickle.dumps((work, loss, both, second)))
''')
    assert run(script).returncode == 0
    if changed:
        script.write_text("x = 1\\n" * 40)
    else:
        script.unlink()
    reader = tmp_path / "reader.py"
    reader.write_text('''
import pathlib, pickle
import numpy as np
work, loss, both, second = pickle.loads(pathlib.Path("work.pickle").read_bytes())
EXPECTED = [8.0, 8.0]
if True:
    results = [work(np.ones(2)), (loss(np.ones(2)), both(np.ones(2)), second(np.ones(2))[0, 0], loss.source)]
''' + CHECK)
    done = run(reader)
    assert done.stdout.strip() == "right", done.stderr


def test_what_a_module_has_is_pickled_by_its_name():
    assert pickle.loads(pickle.dumps(imported)) is imported
    cloudpickle = pytest.importorskip("cloudpickle", reason="cloudpickle is not installed")
    assert cloudpickle.loads(cloudpickle.dumps(imported)) is imported


def test_a_pickle_of_before_is_read():
    from revad.gradient import Gradient, _rebuilt
    copy = _rebuilt(Gradient, imported.primal, "x", False, None, False, None)
    assert copy(np.ones(2)).tolist() == [3.0, 3.0]


def test_local_gradients_in_cloudpickle():
    cloudpickle = pytest.importorskip("cloudpickle", reason="cloudpickle is not installed")
    k = 3.0

    def f(x):
        return np.sum(x) * k
    for make, expected in ((grad, [3.0, 3.0]), (hessian, [[0.0, 0.0], [0.0, 0.0]])):
        assert cloudpickle.loads(cloudpickle.dumps(make(f)))(np.ones(2)).tolist() == expected
    value, gradient = cloudpickle.loads(cloudpickle.dumps(value_and_grad(f)))(np.ones(2))
    assert value == 6.0 and gradient.tolist() == [3.0, 3.0]
