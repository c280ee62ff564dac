"""Print how the generated passes compare with those by hand, and what compiling costs.

    python -m benchmarks                 all of it
    python -m benchmarks --only network  the workloads whose name holds a word, nothing else
    python -m benchmarks --rounds 100    more rounds, for a busy machine

`text` is the generated function alone, `call` is what a user calls, and `ratio` is that over the
pass by hand: the median over the rounds. `memory` is the most that a call holds, over that of the
pass by hand.
"""
from __future__ import annotations

import argparse
import os

# One thread, so that the ratios do not depend on what else the machine does. BLAS reads this when
# NumPy is imported, which the modules below do.
for variable in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

from . import arrays, compiling, loops, scalars  # noqa: E402
from .timing import compare  # noqa: E402


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", metavar="WORD", help="the workloads whose name holds this word")
    parser.add_argument("--rounds", type=int, default=40, metavar="N")
    options = parser.parse_args()

    print(f"{'value and gradient, us':30}{'plain':>10}{'by hand':>10}{'text':>10}"
          f"{'call':>10}{'ratio':>8}{'goal':>7}{'memory':>9}{'goal':>7}")
    for workload in scalars.WORKLOADS + arrays.WORKLOADS + loops.WORKLOADS:
        if options.only and options.only not in workload.name:
            continue
        times = compare(workload, options.rounds)
        over = times.ratio > workload.goal
        memory = ""
        if times.memory is not None:
            over |= times.memory > workload.memory_goal
            memory = f"{times.memory:9.2f}{workload.memory_goal:7}"
        print(f"{workload.name:30}{times.plain:10.2f}{times.by_hand:10.2f}{times.text:10.2f}"
              f"{times.call:10.2f}{times.ratio:8.2f}{workload.goal:7}{memory}"
              f"{'  over' if over else ''}", flush=True)
    if options.only:
        return

    print(f"\n{'first gradient, ms':30}{'numbers':>10}{'arrays':>10}{'goal':>10}")
    for length, goal in compiling.GOALS.items():
        numbers, arrays_ = compiling.first_gradient(length)
        print(f"{f'{length} statements':30}{numbers:10.1f}{arrays_:10.1f}{goal:>10}", flush=True)

    print(f"\n{'import revad after numpy, ms':30}{compiling.import_time():10.1f}{40:>20}")


if __name__ == "__main__":
    main()
