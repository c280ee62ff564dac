"""Print how long `revad.dask.value_and_grad` takes with 1, 2 and 4 workers, and in this process alone.

    python -m benchmarks.workers              one million rows of 50 numbers
    python -m benchmarks.workers --rows 100000 --rounds 3

Each worker is a process with one thread that holds its part of the rows. `speedup` is over one worker,
`overhead` what is left of a call where there is next to no work: 100 rows. It needs the extra:
pip install "revad[dask]".
"""
from __future__ import annotations

import argparse
import os
import statistics
import time

for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

import numpy as np  # noqa: E402

import revad  # noqa: E402

COLUMNS = 50


def loss(X, y, w):
    z = np.tanh(X @ w) - y
    return np.sum(np.exp(-z**2))


def seconds(call, rounds):
    """The median over the rounds, after a call that compiles."""
    call()
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="N")
    options = parser.parse_args()

    import dask.array as da
    import distributed

    def arrays(rows, chunk):
        random = da.random.default_rng(0)
        return random.random((rows, COLUMNS), chunks=(chunk, COLUMNS)), random.random(rows, chunks=chunk)

    w = np.full(COLUMNS, 0.1)
    X, y = (array.compute() for array in arrays(options.rows, -1))
    alone = revad.value_and_grad(loss, wrt="w")
    print(f"{options.rows} rows, {os.cpu_count()} processors\n")
    print(f"{'workers':>10}{'seconds':>10}{'speedup':>10}{'overhead':>10}")
    print(f"{'none':>10}{seconds(lambda: alone(X, y, w), options.rounds):10.3f}", flush=True)
    first = None
    for workers in (1, 2, 4):
        with distributed.Client(n_workers=workers, threads_per_worker=1, dashboard_address=None,
                                memory_limit=0) as client:
            sharded = revad.dask.value_and_grad(loss, wrt="w", over=("X", "y"), client=client)

            def on_cluster(rows):
                persisted = client.persist(arrays(rows, -(-rows // (2 * workers))))
                distributed.wait(persisted)
                return persisted
            data, little = on_cluster(options.rows), on_cluster(min(100, options.rows))
            passed = seconds(lambda: sharded(*data, w), options.rounds)
            overhead = seconds(lambda: sharded(*little, w), options.rounds)
            first = first or passed
            print(f"{workers:10}{passed:10.3f}{first / passed:10.2f}{overhead:10.3f}", flush=True)


if __name__ == "__main__":
    main()
