"""Print what a value with its gradients costs with revad, autograd and JAX, in times of the pass by hand.

    python -m benchmarks.others              those that are installed
    python -m benchmarks.others --rounds 100

Each system gets the same function, with its own module in the place of NumPy and nothing else changed, in
double precision. `error` is a function that it does not take, `wrong` a gradient that is not that of the pass
by hand. Compiling is not counted: every function has run before it is timed. All take turns in one process, on
one thread, and the median of the rounds counts.
"""
from __future__ import annotations

import argparse
import importlib
import os
import statistics
import types

for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np  # noqa: E402

from revad import value_and_grad  # noqa: E402

from . import arrays, loops, scalars  # noqa: E402
from .timing import ROUND, flat, seconds  # noqa: E402


def with_module(function, module):
    """The function, and what it calls of its own module, with another module in the place of NumPy."""
    space = dict(function.__globals__, np=module)
    for name, part in function.__globals__.items():
        if isinstance(part, types.FunctionType) and part.__globals__ is function.__globals__:
            space[name] = types.FunctionType(part.__code__, space, name, part.__defaults__)
    return types.FunctionType(function.__code__, space, function.__name__, function.__defaults__)


def places(workload):
    names = workload.function.__code__.co_varnames
    wrt = (workload.wrt,) if isinstance(workload.wrt, str) else workload.wrt
    return tuple(names.index(name) for name in wrt)


def with_revad(workload):
    return value_and_grad(workload.function, wrt=workload.wrt)


def with_autograd(workload):
    autograd = importlib.import_module("autograd")
    return autograd.value_and_grad(
        with_module(workload.function, importlib.import_module("autograd.numpy")), places(workload))


def with_jax(workload, is_compiled=True):
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    function = with_module(workload.function, importlib.import_module("jax.numpy"))
    both = jax.value_and_grad(function, places(workload))
    if is_compiled:
        # What is no float is a setting: a number of steps, labels.
        settings = tuple(at for at, value in enumerate(workload.arguments) if isinstance(value, int))
        both = jax.jit(both, static_argnums=settings)
    return lambda *args: jax.block_until_ready(both(*args))


SYSTEMS = {"revad": with_revad, "autograd": with_autograd, "JAX, jit": with_jax,
           "JAX, no jit": lambda workload: with_jax(workload, False)}


def prepared(workload, system):
    """The function of a system, or a word that says why there is none."""
    try:
        function = SYSTEMS[system](workload)
        given, right = flat(function(*workload.arguments)), flat(workload.by_hand(*workload.arguments))
    except ImportError:
        return "-"
    except Exception:
        return "error"
    is_right = len(given) == len(right) and all(
        np.shape(a) == np.shape(b) and np.allclose(a, b, rtol=1e-6, atol=1e-8 * np.max(np.abs(b)))
        for a, b in zip(given, right))
    return function if is_right else "wrong"


def ratios(workload, rounds):
    """{system: the median ratio to the pass by hand, or a word}."""
    cells = {system: prepared(workload, system) for system in SYSTEMS}
    running = {"by hand": workload.by_hand, **{name: f for name, f in cells.items() if callable(f)}}
    calls = {name: max(1, round(ROUND / min(seconds(f, workload.arguments, 1) for _ in range(3))))
             for name, f in running.items()}
    columns = {name: [] for name in running}
    names = list(running)
    for number in range(rounds):
        for turn in range(len(names)):
            name = names[(number + turn) % len(names)]
            columns[name].append(seconds(running[name], workload.arguments, calls[name]))
    for name in running:
        if name in cells:
            cells[name] = f"{statistics.median(a / b for a, b in zip(columns[name], columns['by hand'])):.3g}"
    return cells


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.others", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20, metavar="N")
    options = parser.parse_args()
    print(f"| in times of the pass by hand | {' | '.join(SYSTEMS)} |\n|---|{'---|' * len(SYSTEMS)}")
    for workload in scalars.WORKLOADS + arrays.WORKLOADS + loops.WORKLOADS:
        cells = ratios(workload, options.rounds)
        print(f"| {workload.name} | {' | '.join(map(str, cells.values()))} |", flush=True)


if __name__ == "__main__":
    main()
