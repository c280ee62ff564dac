"""Names: every value with a line gets a name, the user's own or `d<name>`, by live ranges.

Two values share a name where one is dead when the other is made, so `x = x - x.max()` stays
as it is written; where both are needed the later one becomes `x_2`.  A name that the user has
already is passed over: gradients and temporaries get trailing underscores until they are free.

>>> x, x2 = Value("x"), Value("x")
>>> dx = Value("dx")
>>> ranges = {x: (0, 3), x2: (1, 2), dx: (3, 9)}
>>> assign(ranges, {x}, {"x", "dx"}, {x, x2})
{x: 'x', x: 'x_2', dx: 'dx_'}
"""
from __future__ import annotations

import builtins
import keyword
import math

from ..ir.nodes import Branch, Loop, Stage, Value

RESERVED = frozenset(keyword.kwlist) | frozenset(dir(builtins))


def named(sections, inside, parameters, roots, assigned):
    """(ranges, gaps, names): `assigned` gives names for ranges and gaps.

    Where one side of a branch leaves a value as it is, and the value after the branch has its name, nothing is
    to be read there; so the other side may give the name a new value.  That is tried first.
    """
    kept = {}
    for block in _branches(sections):
        for target, *ends in block.results:
            kept.update({(target, at): end for at, end in enumerate(ends)
                         if isinstance(end, Value) and end.name is not None and end.name == target.name})
    while True:
        spans, gaps = {}, {}
        ranges = live_ranges(sections, inside, parameters, roots, kept, spans, gaps)
        names = assigned(ranges, gaps)
        wrong = {key for key, end in kept.items() if key in spans and (
            names.get(key[0]) != names.get(end) or any(
                names[value] == names[end] and spans[key][0] < start <= spans[key][1] and value is not key[0]
                for value, (start, _) in ranges.items()))}
        if not wrong:
            return ranges, gaps, names
        kept = {key: end for key, end in kept.items() if key not in wrong}


def _branches(sections):
    for _, lines in sections:
        for line in lines:
            if isinstance(line, (Branch, Loop)):
                yield from (line,) if isinstance(line, Branch) else ()
                yield from _branches([(None, block) for block in line.blocks])


def live_ranges(sections, inside, parameters, roots, kept=(), spans=None, gaps=None):
    """First and last line of each value: (defined at, last used at).

    kept: the ends of branches that are not read there; the lines of their side are noted in `spans`.
    gaps: is given, for each value that the second side of a branch reads last, the lines of the first side that
    come after it is read there: (from, to), one for each branch that it is in.
    """
    ranges = {p: [0, 0] for p in parameters}
    position, unread = [0], []

    def use(operand, at, but=None):
        if not isinstance(operand, Value) or operand is but:
            return
        if operand in inside:
            for inner in inside[operand].operands:
                use(inner, at, but)
        elif operand in ranges:
            ranges[operand][1] = max(ranges[operand][1], at)

    def walk(lines):
        for line in lines:
            if isinstance(line, Branch):
                position[0] += 1
                use(line.condition, position[0])
                ends, start = [], position[0]
                for block, column in ((line.then, 1), (line.orelse, 2)):
                    begin = position[0]
                    walk(block)
                    position[0] += 1
                    for row in line.results:
                        if (row[0], column - 1) in kept and row[column] in ranges and ranges[row[column]][0] <= start:
                            spans[row[0], column - 1] = begin, position[0]
                            use(row[column], start)
                        else:
                            use(row[column], position[0])
                    ends.append(position[0])
                    if column == 1 and gaps is not None:
                        read = [(value, max(last, start)) for value, (first, last) in ranges.items() if first <= start]
                for row in line.results:
                    ranges[row[0]] = [ends[1], ends[1]]
                if gaps is not None:
                    unread.extend((value, last, *ends) for value, last in read if ranges[value][1] > ends[0] > last)
                continue
            if isinstance(line, Loop):
                loop(line)
                continue
            position[0] += 1
            for operand in line.operands:
                use(operand, position[0])
            if isinstance(line, Stage) and line.form.kind == "store":     # may take two lines: a copy, and the store
                for operand in line.operands[1:]:      # the copy of what is stored into is as good as it
                    use(operand, position[0] + 1, line.operands[0])
            for target in line.targets:
                ranges[target] = [position[0], position[0]]
            position[0] += isinstance(line, Stage) and line.form.kind == "store"

    def loop(line):
        """A value from before the loop that a round reads is needed until the last round ends."""
        position[0] += 1
        before = position[0]
        for row in line.rows:
            use(row.init, before)
        position[0] += 1
        for row in line.rows:           # also of one that no round reads the name is its own: a round sets them all at its end
            ranges[row.inner] = [position[0], position[0] + 1]
        position[0] += 1
        use(line.iterable, position[0])         # the text sets the rows before it
        begun = position[0]
        for value in line.indices:
            ranges[value] = [begun, begun]
        if line.test is not None:
            walk(line.test[0])
            position[0] += 1
            use(line.test[1], position[0])
            for row in line.rows:       # the test runs after the last round, too: it leaves alone what the loop leaves
                use(row.inner, position[0])
        walk(line.block)
        position[0] += 1
        for operand in (line.until, *(row.next for row in line.rows)):
            use(operand, position[0])
        for ends in ranges.values():
            if ends[0] <= before and begun < ends[1]:
                ends[1] = position[0]
        for row in line.rows:
            ranges[row.out] = [position[0], position[0]]
        if line.until is not None:
            position[0] += 1
            use(line.until, position[0])

    for _, lines in sections:
        walk(lines)
    position[0] += 1
    for root in roots:
        use(root, position[0])
    for value, last, first_side, second_side in unread:
        if ranges[value][1] <= second_side:
            gaps.setdefault(value, []).append((last, first_side))
    return {value: tuple(ends) for value, ends in ranges.items()}


def loop_rows(sections):
    """{value at the start of a round: value after the loop}, which have one name."""
    found = {}

    def walk(lines):
        for line in lines:
            if isinstance(line, Branch):
                walk(line.then)
                walk(line.orelse)
            elif isinstance(line, Loop):
                found.update((row.inner, row.out) for row in line.rows)
                walk(line.block)
    for _, lines in sections:
        walk(lines)
    return found


def grown(sections):
    """{value: (that of which a store or a sum makes it, whether it is a store)}, which do well with one name."""
    found = {}
    for _, lines in sections:
        for line in lines:
            if isinstance(line, (Branch, Loop)):
                found.update(grown([(None, block) for block in line.blocks]))
            elif isinstance(line, Stage) and (line.form.kind in ("store", "push")
                                              or line.form.kind == "binary" and line.form.name in "+-"):
                found.update((target, (line.operands[0], line.form.kind != "binary")) for target in line.targets)
    return found


def assign(ranges, parameters, taken, users, adjoints=frozenset(), rows=None, outside=frozenset(), grown=None, gaps=None):
    """A name for each value; `taken` are all names of the user's text, `users` the values it named.

    `adjoints` are the names of gradients on what the user named: no temporary gets one.  `rows`: what a
    loop leaves has the name of what its rounds begin with.  `outside`: names with a meaning outside.  `grown`: see there.
    `gaps`: lines of one side of a branch in which a value is not needed, though the other side needs it.
    """
    names, busy, later = {}, {}, {}      # a name to the last line where a value needs it; to lines still to come
    full = {}       # a base to (n, line): all names below the nth are needed until that line
    rows = rows or {}
    after = set(rows.values())

    def is_busy(name, value):
        start, end = ranges[value]
        ends = [(start, end), *([ranges[rows[value]]] if value in rows else [])]
        return busy.get(name, 0) > start or any(first < b and a < last for first, last in ends for a, b in later.get(name, ()))

    for value in sorted(ranges, key=lambda v: (v not in parameters, ranges[v][0])):
        if value in after:
            continue
        base = value.name or _temporary(value)
        while base in outside and value not in parameters:
            base += "_"
        if value not in users or value.name is None:
            while base in taken or base in RESERVED or value.name is None and base in adjoints:
                base += "_"
        old, stored = (grown or {}).get(value, (None, False))
        before = names.get(old, base)
        if before.removeprefix(base).removeprefix("_").isdecimal() and not is_busy(before, value) and (stored or is_busy(base, value)):
            name = before
        else:
            start = ranges[value][0]
            number, until = full.get(base, (1, 0))
            if until <= start:
                number, until = 1, math.inf
            name = base if number == 1 else f"{base}_{number}"
            while is_busy(name, value) or number > 1 and name in taken:
                if name not in taken or number == 1:
                    until = min(until, busy.get(name, 0))
                number += 1
                name = f"{base}_{number}"
            full[base] = number, until
        names[value] = name
        pieces = _pieces(ranges[value], (gaps or {}).get(value, ()))
        busy[name] = max(pieces[0][1], busy.get(name, 0))
        later.setdefault(name, []).extend(pieces[1:])
        if value in rows:
            names[rows[value]] = name
            later.setdefault(name, []).append(ranges[rows[value]])
    return names


def _pieces(ends, gaps):
    """The lines in which a value is needed."""
    (start, end), found = ends, []
    for first, last in sorted(gaps):
        found.append((start, first))
        start = last
    return [*found, (start, end)]


def _temporary(value):
    hint = value.hint or "t"
    return hint if hint.isidentifier() else "t"
