"""Runs the sweep.

    python -m tests.sweep --minutes 5 [--family gates] [--workers 2]    go on where the last run stopped
    python -m tests.sweep --family gates --seed 117                     one program, shown and run; nothing is noted
    python -m tests.sweep --again                                       those that were wrong: which of them still are
"""
import argparse
import collections
import time

from . import FAMILIES, load, log
from .family import KINDS, SLOW, EndlessError, limited
from .workers import is_lost, judged, outcome_of

BLOCK = 30          # programs that a worker takes at once
SHOWN = 6           # of those that are wrong in one way, in one run
SHRINKING = 120     # seconds for the smallest program


def show(name, seed):
    """Print a program, what came of it, and the smallest that is wrong in the same way."""
    family = load(name)
    program, outcome = outcome_of(family, seed)
    print(f"{name} {seed}: {outcome.kind} {outcome.what}, {outcome.seconds:.2f} s\n{program!r}\n"
          f"{outcome.error or ''} {'; '.join(outcome.reasons)}")
    if outcome.kind == "wrong" and program is not None:
        try:
            with limited(SHRINKING):
                print(f"shrunk:\n{family.shrunk(program, outcome)!r}")
        except (Exception, EndlessError) as error:
            print(f"not shrunk: {type(error).__name__}: {error}")
    print(flush=True)


def sweep(names, minutes, workers):
    """Run blocks of the families in turn until the time is over, and note what came of them."""
    end, start = time.monotonic() + 60 * minutes, {name: log.next_seed(name) for name in names}
    seeds, results = dict(start), collections.defaultdict(dict)

    def blocks():
        while time.monotonic() < end:
            for name in names:
                yield name, range(seeds[name], seeds[name] + BLOCK)
                seeds[name] += BLOCK

    for name, seed, outcome in judged(blocks(), workers):
        results[name][seed] = outcome
    for name in names:
        if results[name]:
            note(name, start[name], [(seed, results[name][seed]) for seed in sorted(results[name])])


def note(name, first, results):
    """Note the outcomes of the programs from the first on: results is [(seed, Outcome)]."""
    counts = collections.Counter(outcome.kind for _, outcome in results)
    refusals, wrong = {}, collections.defaultdict(list)
    for seed, outcome in results:
        for reason in outcome.reasons:
            refusals[reason] = (refusals.get(reason, (0, seed))[0] + 1, refusals.get(reason, (0, seed))[1])
        if outcome.what:
            wrong[outcome.what].append(seed)
    slowest = sorted(((outcome.seconds, seed) for seed, outcome in results), reverse=True)
    log.append(name, first, results[-1][0], {kind: counts[kind] for kind in KINDS}, refusals, slowest[:10],
               [(seed, what, "" if is_lost(what) else _text(name, seed))
                for what, seeds in wrong.items() for seed in seeds])
    for what, seeds in wrong.items():
        for seed in [] if is_lost(what) else seeds[:SHOWN]:
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


def again(workers):
    """Run those that were wrong, and keep in `wrong.csv` what still is."""
    rows = log.read("wrong.csv", log.WRONG)
    blocks = ((row["family"], [int(row["seed"])]) for row in rows)
    still = {(name, str(seed)): outcome.what for name, seed, outcome in judged(blocks, workers)
             if outcome.kind == "wrong"}
    left = [{**row, "what": still[row["family"], row["seed"]]} for row in rows
            if (row["family"], row["seed"]) in still]
    log.write("wrong.csv", log.WRONG, left)
    for row in left:
        if not is_lost(row["what"]):
            show(row["family"], int(row["seed"]))
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
        again(options.workers)
    elif options.seed is not None:
        show(chosen[0], options.seed)
    else:
        sweep(chosen, options.minutes, options.workers)
