"""`python -m tests.hand [--times] [NAME ...]`: the table of all pairs, or the two passes of some beside each other."""
import inspect
import sys
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT)]


def main():
    from .cases import CASES, pair
    from .measure import all_measured, measured, times
    with_times, names = "--times" in sys.argv, [name for name in sys.argv[1:] if not name.startswith("-")]
    for name in names:
        print(inspect.getsource(pair(name)[0]), inspect.getsource(pair(name)[1]), measured(name).text, sep="\n")
    if names:
        return
    ratios = []
    measures = sorted(all_measured(), key=lambda m: (-m.ratio, -m.size))
    print(f"{'':26}{'statements':>12}{'ratio':>7}{'nodes':>11}{'ratio':>7}{'time':>7}  foreign names")
    for m in measures:
        spent = times(m.name) if with_times else None
        print(f"{m.name:26}{'%d / %d' % m.statements:>12}{m.ratio:7.2f}{'%d / %d' % m.nodes:>11}{m.size:7.2f}"
              f"{f'{spent[0] / spent[1]:7.2f}' if spent else '      -'}  {', '.join(m.foreign)}"
              + (f"  ({m.longest} columns)" if m.longest > 100 else "") + ("  helper" if m.helpers else ""))
        ratios += [spent[0] / spent[1]] if spent else []
    if ratios:
        print(f"time of the text: median {np.median(ratios):.2f}, "
              f"90th percentile {np.percentile(ratios, 90):.2f}, largest {max(ratios):.2f}")
    for what in ("ratio", "size"):
        values = [getattr(m, what) for m in measures]
        print(f"{what}: median {np.median(values):.2f}, 90th percentile {np.percentile(values, 90):.2f}, "
              f"largest {max(values):.2f}, of {len(CASES)}")
    print(f"foreign names: {sum(len(m.foreign) for m in measures)}")


main()
