"""Runs the sweep.

    python -m tests.sweep --minutes 5 [--family gates] [--workers 2]    go on where the last run stopped
    python -m tests.sweep --family gates --seed 117                     one program, shown and run; nothing is noted
    python -m tests.sweep --again                                       those that were wrong: which of them still are
"""
import argparse
import collections
import linecache
import multiprocessing
import time

from . import FAMILIES, load, log
from .family import KINDS, SLOW, Outcome, guarded_outcome

BLOCK = 30          # programs that a worker takes at once
PATIENCE = 600      # seconds for a block
SHOWN = 6           # of those that are wrong in one way, in one run


def run_block(name, first):
    """What came of the programs first to first + BLOCK - 1: (first, [(seed, kind, reasons, what,
    seconds)])."""
    family, results = load(name), []
    for seed in range(first, first + BLOCK):
        program, outcome = judged(family, seed)
        results.append((seed, outcome.kind, outcome.reasons, outcome.what, outcome.seconds))
        linecache.clearcache()
    return name, first, results


def judged(family, seed):
    try:
        program = family.program(seed)
    except Exception as error:
        return None, Outcome("wrong", what=f"the generator: {type(error).__name__}: {error}"[:120])
    return program, guarded_outcome(family, program)


def show(name, seed):
    """Print a program, what came of it, and the smallest that is wrong in the same way."""
    family = load(name)
    program, outcome = judged(family, seed)
    print(f"{name} {seed}: {outcome.kind} {outcome.what}, {outcome.seconds:.2f} s\n{program!r}\n"
          f"{outcome.error or ''} {'; '.join(outcome.reasons)}")
    if outcome.kind == "wrong" and program is not None:
        try:
            print(f"shrunk:\n{family.shrunk(program, outcome)!r}")
        except Exception as error:
            print(f"not shrunk: {type(error).__name__}: {error}")
    print(flush=True)
    return outcome.kind


def sweep(names, minutes, workers):
    """Run blocks of the families in turn until the time is over, and note what came of them."""
    end, seeds = time.monotonic() + 60 * minutes, {name: log.next_seed(name) for name in names}
    start = dict(seeds)
    results = collections.defaultdict(list)

    def blocks():
        while time.monotonic() < end:
            for name in names:
                yield name, seeds[name]
                seeds[name] += BLOCK

    waiting, source = collections.deque(), blocks()
    with multiprocessing.get_context("fork").Pool(workers, maxtasksperchild=30) as pool:
        while True:
            block = next(source, None) if len(waiting) <= workers else None
            if block is not None:
                waiting.append(pool.apply_async(run_block, block))
            elif waiting:
                try:
                    name, _, found = waiting.popleft().get(timeout=PATIENCE)
                except multiprocessing.TimeoutError:
                    print("a block does not come back: NumPy itself may crash in one of its programs")
                    break
                results[name] += found
            else:
                break
    for name in names:
        if results[name]:
            note(name, start[name], results[name])


def note(name, first, results):
    counts = collections.Counter(kind for _, kind, *_ in results)
    refusals, wrong = {}, collections.defaultdict(list)
    for seed, _, reasons, what, _ in results:
        for reason in reasons:
            refusals[reason] = (refusals.get(reason, (0, seed))[0] + 1, refusals.get(reason, (0, seed))[1])
        if what:
            wrong[what].append(seed)
    slowest = sorted(((seconds, seed) for seed, *_, seconds in results), reverse=True)
    log.append(name, first, results[-1][0], {kind: counts[kind] for kind in KINDS}, refusals, slowest[:10],
               [(seed, what, _text(name, seed)) for what, seeds in wrong.items() for seed in seeds])
    for what, seeds in wrong.items():
        for seed in seeds[:SHOWN]:
            show(name, seed)
        if seeds[SHOWN:]:
            print(f"{name}: {what}, of {', '.join(map(str, seeds[SHOWN:]))} too\n")
    late = [f"{seed} ({seconds:.1f} s)" for seconds, seed in slowest if seconds > SLOW]
    print(f"{name} {first} to {results[-1][0]}: {', '.join(f'{counts[kind]} {kind}' for kind in KINDS)}; "
          f"slower than {SLOW:.0f} s: {', '.join(late) or 'none'}; "
          f"the slowest {slowest[0][0]:.2f} s", flush=True)


def _text(name, seed):
    """A short text of a program: what a seed stands for may change with the table."""
    try:
        return load(name).program(seed).text[:log.TEXT]
    except Exception as error:
        return f"{type(error).__name__}: {error}"[:log.TEXT]


def again():
    """Run those that were wrong, and keep in `wrong.csv` what still is."""
    rows = log.read("wrong.csv", log.WRONG)
    left = [row for row in rows if show(row["family"], int(row["seed"])) == "wrong"]
    log.write("wrong.csv", log.WRONG, left)
    print(f"{len(left)} of {len(rows)} are wrong still")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.sweep", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--family", choices=FAMILIES)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--again", action="store_true")
    options = parser.parse_args()
    chosen = (options.family,) if options.family else FAMILIES
    if options.again:
        again()
    elif options.seed is not None:
        show(chosen[0], options.seed)
    else:
        sweep(chosen, options.minutes, options.workers)
