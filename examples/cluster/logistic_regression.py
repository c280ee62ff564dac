"""Logistic regression on data that is larger than the memory of any worker, by gradient descent on a cluster.

The rows are made block by block where they are needed, as they would be read from files. Each worker may hold
300 MB, and there are 384 MB of rows. It needs the extra: pip install "revad[dask]".
"""
import dask
import dask.array as da
import distributed
import numpy as np

import revad

ROWS, COLUMNS, LIMIT = 1_200_000, 80, 300_000_000


def loss(X, y, p):
    z = X @ p["w"] + p["b"]
    return np.mean(np.logaddexp(0, z) - y * z)


def rows(truth):
    X = da.random.default_rng(0).random((ROWS, COLUMNS), dtype=np.float32, chunks=(50_000, COLUMNS)) - 0.5
    return X, (X @ truth > 0).astype(np.float32)


def main():
    truth = np.linspace(-1, 1, COLUMNS, dtype=np.float32)
    X, y = rows(truth)
    assert X.nbytes > LIMIT
    step = revad.dask.value_and_grad(loss, wrt="p", over=("X", "y"), reduce="mean")
    p = {"w": np.zeros(COLUMNS, np.float32), "b": 0.0}
    for number in range(5):
        value, gradient = step(X, y, p)
        print(f"step {number}: loss {value:.4f}")
        p = {"w": p["w"] - 12 * gradient["w"], "b": p["b"] - 12 * gradient["b"]}
    cosine = p["w"] @ truth / np.linalg.norm(p["w"]) / np.linalg.norm(truth)
    print(f"the weights point to where they should: cosine {cosine:.3f}")
    assert value < 0.5 and cosine > 0.98
    print(revad.grad(loss, wrt="p").compile(np.ones((2, 3)), np.ones(2), {"w": np.ones(3), "b": 0.0}).source)


if __name__ == "__main__":      # the workers import this file
    with dask.config.set({"distributed.worker.memory.terminate": 0.95}), distributed.Client(
            n_workers=2, threads_per_worker=1, memory_limit=LIMIT, dashboard_address=None):
        main()
